/* Who may ask: each condition alone refuses. */
// SPDX-License-Identifier: MIT
#include "sim/explore/gate.h"

#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

static const char token[] = "0123456789abcdef0123456789abcdef";
static const char key[] = "fedcba9876543210fedcba9876543210";
enum { PORT = 8123 };

/* A call that is admitted. */
static struct ssldyn_call good_call(void)
{
    return (struct ssldyn_call){.method = "GET",
                                .path = "/api/state",
                                .host = "127.0.0.1:8123",
                                .token = token,
                                .address = 100};
}

/* The status with which it is refused, 0: it is admitted. */
static unsigned refused(const struct ssldyn_call *call)
{
    struct ssldyn_call_answer answer = {0};
    const bool admitted = ssldyn_gate_admits(call, PORT, token, key, &answer);
    ck_assert_int_eq(admitted, answer.status == 0);
    if (!admitted) {
        ck_assert_mem_eq(answer.body.data, "{\"error\":\"", 10);
    }
    ssldyn_bytes_clear(&answer.body);
    return answer.status;
}

START_TEST(hosts)
{
    static const char *const good[] = {"127.0.0.1:8123", "localhost:8123"};
    static const char *const bad[] = {
        "127.0.0.1",    "127.0.0.1:8124", "evil.example:8123",   "localhost", "127.0.0.1:8123.evil",
        "0.0.0.0:8123", "127.0.0.2:8123", "127.0.0.1:8123@evil", "",          NULL};
    struct ssldyn_call call = good_call();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        call.host = good[i];
        ck_assert_uint_eq(refused(&call), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        call.host = bad[i];
        ck_assert_uint_eq(refused(&call), 403);
    }
}
END_TEST

START_TEST(origins)
{
    static const char *const bad[] = {"null",
                                      "",
                                      "https://127.0.0.1:8123",
                                      "http://evil.example",
                                      "http://127.0.0.1:8123/",
                                      "http://127.0.0.1:8124"};
    struct ssldyn_call call = good_call();
    call.origin = "http://127.0.0.1:8123";
    ck_assert_uint_eq(refused(&call), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        call.origin = bad[i];
        ck_assert_uint_eq(refused(&call), 403);
    }
}
END_TEST

START_TEST(tokens)
{
    struct ssldyn_call call = good_call();
    char other[sizeof token];
    for (size_t i = 0; i < sizeof token - 1; i++) { /* one wrong letter anywhere */
        memcpy(other, token, sizeof token);
        other[i] = other[i] == '0' ? '1' : '0';
        call.token = other;
        ck_assert_uint_eq(refused(&call), 403);
    }
    memcpy(other, token, sizeof token);
    other[sizeof token - 2] = '\0'; /* a part of it */
    ck_assert_uint_eq(refused(&call), 403);
    call.token = NULL;
    ck_assert_uint_eq(refused(&call), 403);
    call.pairs[call.count++] = (struct ssldyn_call_pair){"token", token};
    ck_assert_uint_eq(refused(&call), 0);
    call.pairs[0].value = "";
    ck_assert_uint_eq(refused(&call), 403);
    call.pairs[0].value = NULL;
    ck_assert_uint_eq(refused(&call), 403);
}
END_TEST

/* The token is in the path of an asset, and /open/KEY needs none. */
START_TEST(paths)
{
    struct ssldyn_call call = good_call();
    char path[100];
    call.token = NULL;
    call.path = path;
    (void)snprintf(path, sizeof path, "/page/%s/main.js", token);
    ck_assert_uint_eq(refused(&call), 0);
    ck_assert_str_eq(ssldyn_gate_asset(path, token), "main.js");
    (void)snprintf(path, sizeof path, "/page/%s/main.js", key);
    ck_assert_uint_eq(refused(&call), 403);
    ck_assert_ptr_null(ssldyn_gate_asset(path, token));
    (void)snprintf(path, sizeof path, "/page/%s", token);
    ck_assert_ptr_null(ssldyn_gate_asset(path, token));
    (void)snprintf(path, sizeof path, "/open/%s", key);
    ck_assert_uint_eq(refused(&call), 0);
    (void)snprintf(path, sizeof path, "/open/%s", token);
    ck_assert_uint_eq(refused(&call), 403);
    (void)snprintf(path, sizeof path, "/open/%sx", key);
    ck_assert_uint_eq(refused(&call), 403);
}
END_TEST

START_TEST(methods_and_bodies)
{
    static const char *const bad[] = {"POST",  "PUT", "DELETE", "OPTIONS",
                                      "TRACE", "get", "",       "GETX"};
    struct ssldyn_call call = good_call();
    call.method = "HEAD";
    ck_assert_uint_eq(refused(&call), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        call.method = bad[i];
        ck_assert_uint_eq(refused(&call), 405);
    }
    call = good_call();
    call.has_body = true;
    ck_assert_uint_eq(refused(&call), 413);
}
END_TEST

START_TEST(lengths_and_characters)
{
    char *value = malloc(SSLDYN_CALL_VALUE + 2);
    struct ssldyn_call call = good_call();
    ck_assert_ptr_nonnull(value);
    call.address = SSLDYN_CALL_ADDRESS;
    ck_assert_uint_eq(refused(&call), 0);
    call.address++;
    ck_assert_uint_eq(refused(&call), 414);
    call.address = 1;
    memset(value, 'a', SSLDYN_CALL_VALUE + 1);
    value[SSLDYN_CALL_VALUE] = '\0';
    call.pairs[call.count++] = (struct ssldyn_call_pair){"a", value};
    ck_assert_uint_eq(refused(&call), 0);
    value[SSLDYN_CALL_VALUE] = 'a';
    value[SSLDYN_CALL_VALUE + 1] = '\0';
    ck_assert_uint_eq(refused(&call), 400);
    call.pairs[0] = (struct ssldyn_call_pair){"a\n", "1"};
    ck_assert_uint_eq(refused(&call), 400);
    call.pairs[0] = (struct ssldyn_call_pair){"a", "1\x1b[2J"};
    ck_assert_uint_eq(refused(&call), 400);
    call.pairs[0] = (struct ssldyn_call_pair){"a", "1"};
    call.malformed = true;
    ck_assert_uint_eq(refused(&call), 400);
    free(value);
}
END_TEST

/* A token is new each time, and 32 hexadecimal digits. */
START_TEST(draws)
{
    char first[SSLDYN_GATE_TOKEN + 1];
    char second[SSLDYN_GATE_TOKEN + 1];
    ck_assert(ssldyn_gate_draw(first) && ssldyn_gate_draw(second));
    ck_assert_uint_eq(strspn(first, "0123456789abcdef"), SSLDYN_GATE_TOKEN);
    ck_assert_uint_eq(strlen(first), SSLDYN_GATE_TOKEN);
    ck_assert_str_ne(first, second);
    ck_assert(ssldyn_gate_is_token(first, first) && !ssldyn_gate_is_token(first, second));
    ck_assert(!ssldyn_gate_is_token(first, NULL) && !ssldyn_gate_is_token(first, ""));
}
END_TEST

TEST_SUITE(explore_gate)
{
    tcase_add_test(tests, hosts);
    tcase_add_test(tests, origins);
    tcase_add_test(tests, tokens);
    tcase_add_test(tests, paths);
    tcase_add_test(tests, methods_and_bodies);
    tcase_add_test(tests, lengths_and_characters);
    tcase_add_test(tests, draws);
}
