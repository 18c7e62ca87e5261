/* Failures: the line that tells them, the exit status and the words of each outcome. */
// SPDX-License-Identifier: MIT
#include "sim/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Foreign text (file names, option values) must not steer a terminal, nor break the one line. */
static void tame(char text[])
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f)
            text[i] = '?';
    }
}

/* A text that is too long loses its middle: a name that fills the line would hide what is wrong. */
static void shorten(char line[], size_t size, size_t length, const char *format, va_list arguments)
{
    char *whole = malloc(length + 1);
    if (whole == NULL)
        return;
    vsnprintf(whole, length + 1, format, arguments);
    const size_t half = (size - 4) / 2;
    snprintf(line, size, "%.*s...%s", (int)half, whole, whole + length - half);
    free(whole);
}

/* A system call that ran out of memory is reported as that, however its caller reports failures. */
static enum ssldyn_status find_no_memory(char line[], size_t size, enum ssldyn_status status)
{
    const char *text = strerror(ENOMEM);
    char *at = strstr(line, text);
    char rest[sizeof(((struct ssldyn_error *)NULL)->message)];
    if (at == NULL)
        return status;
    snprintf(rest, sizeof rest, "%s", at + strlen(text));
    snprintf(at, size - (size_t)(at - line), "%s%s", ssldyn_status_text(SSLDYN_ENOMEM), rest);
    return SSLDYN_ENOMEM;
}

enum ssldyn_status ssldyn_fail(struct ssldyn_error *err, enum ssldyn_status status,
                               const char *format, ...)
{
    /* Formatted beside err, so that err's own message may be among the arguments. */
    char line[sizeof(((struct ssldyn_error *)NULL)->message)];
    va_list arguments;
    va_list again;

    if (err == NULL)
        return status;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(line, sizeof line, format, arguments);
    if (length >= (int)sizeof line)
        shorten(line, sizeof line, (size_t)length, format, again);
    va_end(again);
    va_end(arguments);
    if (length < 0)
        snprintf(line, sizeof line, "%s", ssldyn_status_text(status));
    tame(line);
    status = find_no_memory(line, sizeof line, status);
    err->status = status;
    memcpy(err->message, line, sizeof line);
    return status;
}

static const struct {
    enum ssldyn_status status;
    int exit_status;
    const char *text;
} outcomes[] = {
#define STATUS_ROW(name, exit_status, text) {name, exit_status, text},
    SSLDYN_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

enum ssldyn_status ssldyn_fail_first(struct ssldyn_error *err, enum ssldyn_status status,
                                     enum ssldyn_status later, const struct ssldyn_error *second)
{
    if (status != SSLDYN_OK || later == SSLDYN_OK) {
        return status;
    }
    if (err) {
        *err = *second;
    }
    return later;
}

int ssldyn_status_exit(enum ssldyn_status status)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].status == status)
            return outcomes[i].exit_status;
    return 1;
}

const char *ssldyn_status_text(enum ssldyn_status status)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].status == status)
            return outcomes[i].text;
    return "unknown status";
}
