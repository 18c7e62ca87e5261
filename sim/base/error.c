/* Failures: the one-line message, and the exit status and description of each status. */
// SPDX-License-Identifier: MIT
#include "sim/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text from outside (file names, option values) must neither control the terminal nor break the
 * line. */
static void tame(char text[])
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f)
            text[i] = '?';
    }
}

/* A message that is too long is cut in the middle, so that a long name does not hide what is
 * wrong. */
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

/* Formats the line of a failure. `line` does not overlap err, so that err's own message may be
 * among the arguments. */
static void write_line(char line[], size_t size, enum ssldyn_status status, const char *format,
                       va_list arguments)
{
    va_list again;

    va_copy(again, arguments);
    const int length = vsnprintf(line, size, format, arguments);
    if (length >= (int)size)
        shorten(line, size, (size_t)length, format, again);
    va_end(again);
    if (length < 0)
        snprintf(line, size, "%s", ssldyn_error_status_text(status));
}

static enum ssldyn_status fail_with(struct ssldyn_error *err, enum ssldyn_status status,
                                    char line[])
{
    tame(line);
    err->status = status;
    memcpy(err->message, line, sizeof err->message);
    return status;
}

enum ssldyn_status ssldyn_fail(struct ssldyn_error *err, enum ssldyn_status status,
                               const char *format, ...)
{
    char line[sizeof err->message];
    va_list arguments;

    if (err == NULL)
        return status;
    va_start(arguments, format);
    write_line(line, sizeof line, status, format, arguments);
    va_end(arguments);
    return fail_with(err, status, line);
}

/* Whether a read failed because of the machine rather than the name it was given. */
static bool is_of_machine(int reason)
{
    return reason == EIO || reason == EINTR || reason == ENOSPC || reason == EMFILE ||
           reason == ENFILE;
}

enum ssldyn_status ssldyn_fail_system(struct ssldyn_error *err, enum ssldyn_status status,
                                      int reason, const char *format, ...)
{
    const enum ssldyn_status found = reason == ENOMEM ? SSLDYN_ENOMEM
                                     : status == SSLDYN_EINPUT && is_of_machine(reason) ? SSLDYN_EIO
                                                                                        : status;
    const char *text = ssldyn_fail_reason(reason);
    char line[sizeof err->message];
    va_list arguments;

    if (err == NULL)
        return found;
    va_start(arguments, format);
    write_line(line, sizeof line - strlen(": ") - strlen(text), status, format, arguments);
    va_end(arguments);
    strcat(strcat(line, ": "), text);
    return fail_with(err, found, line);
}

const char *ssldyn_fail_reason(int reason)
{
    return reason == ENOMEM ? ssldyn_error_status_text(SSLDYN_ENOMEM) : strerror(reason);
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

int ssldyn_error_exit_status(enum ssldyn_status status)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].status == status)
            return outcomes[i].exit_status;
    return 1;
}

const char *ssldyn_error_status_text(enum ssldyn_status status)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].status == status)
            return outcomes[i].text;
    return "unknown status";
}
