/* Tokens, hosts, origins, methods, lengths. */
// SPDX-License-Identifier: MIT
#define _DEFAULT_SOURCE  /* getentropy; NOLINT(bugprone-reserved-identifier): its name */
#define _DARWIN_C_SOURCE /* NOLINT(bugprone-reserved-identifier): its name */
#include "sim/explore/gate.h"

#include <stdio.h>
#include <string.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif
#include <unistd.h>

bool ssldyn_gate_draw(char token[SSLDYN_GATE_TOKEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[SSLDYN_GATE_TOKEN / 2];
    if (getentropy(random, sizeof random) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof random; i++) {
        token[2 * i] = digits[random[i] >> 4];
        token[2 * i + 1] = digits[random[i] & 15];
    }
    token[SSLDYN_GATE_TOKEN] = '\0';
    return true;
}

bool ssldyn_gate_is_token(const char *token, const char *text)
{
    unsigned char given[SSLDYN_GATE_TOKEN + 1] = {0};
    const size_t length = text ? strnlen(text, SSLDYN_GATE_TOKEN + 1) : 0;
    unsigned differs = length == SSLDYN_GATE_TOKEN ? 0 : 1;
    if (length > 0) {
        memcpy(given, text, length);
    }
    for (size_t i = 0; i < SSLDYN_GATE_TOKEN; i++) {
        differs |= (unsigned)(given[i] ^ (unsigned char)token[i]);
    }
    return differs == 0;
}

const char *ssldyn_gate_asset(const char *path, const char *token)
{
    static const char begin[] = "/page/";
    char given[SSLDYN_GATE_TOKEN + 1];
    if (strncmp(path, begin, sizeof begin - 1) != 0) {
        return NULL;
    }
    path += sizeof begin - 1;
    if (strnlen(path, SSLDYN_GATE_TOKEN + 1) <= SSLDYN_GATE_TOKEN ||
        path[SSLDYN_GATE_TOKEN] != '/') {
        return NULL;
    }
    memcpy(given, path, SSLDYN_GATE_TOKEN);
    given[SSLDYN_GATE_TOKEN] = '\0';
    return ssldyn_gate_is_token(token, given) ? path + SSLDYN_GATE_TOKEN + 1 : NULL;
}

bool ssldyn_gate_opens(const char *path, const char *key)
{
    static const char begin[] = "/open/";
    return strncmp(path, begin, sizeof begin - 1) == 0 &&
           ssldyn_gate_is_token(key, path + sizeof begin - 1);
}

/* "127.0.0.1:PORT" or "localhost:PORT". */
static bool is_host(const char *host, unsigned port)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};
    char name[40];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(name, sizeof name, "%s:%u", names[i], port);
        if (strcmp(host, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_origin(const char *origin, unsigned port)
{
    static const char scheme[] = "http://";
    return strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
           is_host(origin + sizeof scheme - 1, port);
}

/* A name that a shell, a log or a header could misread. */
static bool is_plain(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Lengths and characters. */
static bool is_well_formed(const struct ssldyn_call *call, struct ssldyn_call_answer *answer)
{
    if (call->address > SSLDYN_CALL_ADDRESS) {
        ssldyn_call_refuse(answer, 414, "the address is longer than %d characters",
                           SSLDYN_CALL_ADDRESS);
        return false;
    }
    bool fine = !call->malformed && is_plain(call->path);
    for (size_t i = 0; fine && i < call->count; i++) {
        const char *value = call->pairs[i].value ? call->pairs[i].value : "";
        fine =
            is_plain(call->pairs[i].name) && is_plain(value) && strlen(value) <= SSLDYN_CALL_VALUE;
    }
    if (!fine) {
        ssldyn_call_refuse(answer, 400,
                           "malformed request: control characters, a value of more than %d "
                           "characters, or more than %d parameters",
                           SSLDYN_CALL_VALUE, SSLDYN_CALL_PARAMETERS);
    }
    return fine;
}

bool ssldyn_gate_admits(const struct ssldyn_call *call, unsigned port, const char *token,
                        const char *key, struct ssldyn_call_answer *answer)
{
    if (!call->host || !is_host(call->host, port)) {
        ssldyn_call_refuse(answer, 403, "Host: must be 127.0.0.1:%u or localhost:%u", port, port);
        return false;
    }
    if (call->origin && !is_origin(call->origin, port)) {
        ssldyn_call_refuse(answer, 403, "Origin: requests from other pages are refused");
        return false;
    }
    if (strcmp(call->method, "GET") != 0 && strcmp(call->method, "HEAD") != 0) {
        ssldyn_call_refuse(answer, 405, "method: must be GET or HEAD");
        return false;
    }
    if (call->has_body) {
        ssldyn_call_refuse(answer, 413, "a request must not have a body");
        return false;
    }
    if (!is_well_formed(call, answer)) {
        return false;
    }
    const char *given = call->token ? call->token : ssldyn_call_value(call, "token");
    if (!ssldyn_gate_is_token(token, given) && !ssldyn_gate_asset(call->path, token) &&
        !ssldyn_gate_opens(call->path, key)) {
        ssldyn_call_refuse(answer, 403,
                           "token: missing or wrong; open the address that ssldyn explore printed");
        return false;
    }
    return true;
}
