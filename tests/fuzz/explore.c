/* Requests to the page's server: the method, the path and the headers Host, Origin and X-Ssldyn-Token, one
 * per line, then parameters, name=value, one per line. "@" stands for the token. The answer to any
 * request is valid HTTP, and a refusal is one line of JSON. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/explore/explore.h"
#include "sim/options/name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PORT = 8080, HEADS = 5 };

/* A line of the text, ended by a zero; NULL: there is none, or it is empty and so not sent. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (!line) {
        return NULL;
    }
    char *end = strchr(line, '\n');
    *rest = end ? end + 1 : NULL;
    if (end) {
        *end = '\0';
    }
    return line[0] != '\0' ? line : NULL;
}

static const char *with_token(const char *text, const struct ssldyn_explore *explore)
{
    return text && strcmp(text, "@") == 0 ? explore->token : text;
}

/* A number beyond ten in a value, a list or a range. */
static bool has_large_number(const char *text)
{
    while (!(fabs(strtod(text, NULL)) > 10.0)) {
        text = strpbrk(text, ",:");
        if (!text) {
            return false;
        }
        text++;
    }
    return true;
}

/* Settings that make a run long are not tested here. */
static bool takes_long(const struct ssldyn_call *call)
{
    size_t cells = 1;
    for (size_t i = 0; i < call->count; i++) {
        const char *name = call->pairs[i].name;
        const char *value = call->pairs[i].value ? call->pairs[i].value : "";
        if (ssldyn_name_in(name, "loss|depth|t-end|rtol|samples")) {
            return true;
        }
        if (strcmp(name, "nx") == 0 || strcmp(name, "ny") == 0) {
            cells *= (size_t)strtoul(value, NULL, 10) % 100000 + 1;
        } else if (has_large_number(value)) {
            /* a start or a rate far from those of trained networks: hundreds of thousands of steps */
            return true;
        }
    }
    return cells > 100;
}

static void check_answer(const struct ssldyn_call_answer *answer)
{
    static const char error[] = "{\"error\":\"";
    FUZZ_CHECK(answer->status >= 200 && answer->status < 600);
    FUZZ_CHECK(answer->type != NULL);
    FUZZ_CHECK(!answer->body.lost);
    if (answer->status >= 400) {
        FUZZ_CHECK(answer->body.size > sizeof error);
        FUZZ_CHECK(memcmp(answer->body.data, error, sizeof error - 1) == 0);
        FUZZ_CHECK(memchr(answer->body.data, '\n', answer->body.size) == NULL);
    }
}

static void ask(struct ssldyn_explore *explore, char *text, size_t size)
{
    struct ssldyn_call call = {.address = size};
    struct ssldyn_call_answer answer = {0};
    const char *heads[HEADS];
    for (size_t i = 0; i < HEADS; i++) {
        heads[i] = next_line(&text);
    }
    call.method = heads[0] ? heads[0] : "";
    call.path = heads[1] ? heads[1] : "/";
    call.host = heads[2];
    call.origin = heads[3];
    call.token = with_token(heads[4], explore);
    while (text && call.count < SSLDYN_CALL_PARAMETERS) {
        char *name = next_line(&text);
        char *equals = name ? strchr(name, '=') : NULL;
        if (equals) {
            *equals = '\0';
        }
        if (name) {
            call.pairs[call.count++] =
                (struct ssldyn_call_pair){name, with_token(equals ? equals + 1 : NULL, explore)};
        }
    }
    if (!takes_long(&call)) {
        ssldyn_explore_answer(explore, &call, &answer);
        check_answer(&answer);
        ssldyn_bytes_clear(&answer.body);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ssldyn_explore_start start = {
        .x = {"eta", 0.0, 0.3, false}, .y = {"beta", 0.01, 10.0, true}, .title = "", .threads = 1};
    struct ssldyn_explore explore;
    struct ssldyn_error err;
    char *text = malloc(size + 1);
    if (!text) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    FUZZ_CHECK(ssldyn_explore_open(&start, &explore, &err) == SSLDYN_OK);
    explore.port = PORT;
    ask(&explore, text, size);
    ssldyn_explore_clear(&explore);
    free(text);
    return 0;
}
