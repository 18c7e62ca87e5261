/* The parameters of a request: what is a setting, what may be an axis, where the limits are. */
// SPDX-License-Identifier: MIT
#include "sim/explore/query.h"

#include "sim/options/spec.h"
#include "tests/suite.h"

#include <string.h>

static struct ssldyn_call call_with(size_t count, const struct ssldyn_call_pair pairs[])
{
    struct ssldyn_call call = {.count = count};
    memcpy(call.pairs, pairs, count * sizeof *pairs);
    return call;
}

/* No option that names a file, writes, prints or takes threads is a setting. */
START_TEST(no_files)
{
    static const char *const never[] = {
        "x",     "xprime",  "init-w", "init-wp", "init-f", "init-wa", "output", "threads",
        "quiet", "verbose", "data",   "moments", "wp",     "spectra", "ladder", "columns",
        "lines", "axis",    "port",   "no-open", "seed",   "n1",      "stepper"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        ck_assert_msg(ssldyn_query_option(never[i]) == NULL, "%s is a setting", never[i]);
    }
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        if (option->array || option->kind == SSLDYN_OPTION_STRING ||
            option->kind == SSLDYN_OPTION_CHOICE_OR_FILE) {
            ck_assert_msg(!ssldyn_query_option(option->name), "%s is a setting", option->name);
        }
    }
    ck_assert_ptr_nonnull(ssldyn_query_option("alpha-p"));
    ck_assert_ptr_eq(ssldyn_query_option("alpha_p"), ssldyn_query_option("alpha-p"));
}
END_TEST

static enum ssldyn_status check_pair(const char *name, const char *value, struct ssldyn_error *err)
{
    const struct ssldyn_call call = call_with(1, &(struct ssldyn_call_pair){name, value});
    return ssldyn_query_check(&call, "x|nx", err);
}

START_TEST(checks)
{
    static const struct ssldyn_call_pair bad[] = {
        {"output", "/tmp/x"},  {"nonsense", "1"},   {"model", "population"}, {"model", ""},
        {"p0", "0:1:1000000"}, {"p0", "log:1:2:9"}, {"samples", "20001"},    {"t_end", "1e12"},
        {"y", "eta"},          {"n", "1"}};
    struct ssldyn_error err;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(check_pair(bad[i].name, bad[i].value, &err) == SSLDYN_EINPUT, "%s=%s",
                      bad[i].name, bad[i].value);
    }
    ck_assert_int_eq(check_pair("x", "eta", &err), SSLDYN_OK);
    ck_assert_int_eq(check_pair("samples", "20000", &err), SSLDYN_OK);
    ck_assert_int_eq(check_pair("token", "abc", &err), SSLDYN_OK);
    const struct ssldyn_call_pair twice[] = {{"alpha-p", "1"}, {"alpha_p", "2"}};
    const struct ssldyn_call call = call_with(2, twice);
    ck_assert_int_eq(ssldyn_query_check(&call, "", &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "alpha_p: is given twice"));
}
END_TEST

/* At most as many modes as the page shows. */
START_TEST(lists)
{
    char text[4 * SSLDYN_CALL_MODES + 4] = "0.1";
    struct ssldyn_error err;
    for (int i = 1; i < SSLDYN_CALL_MODES; i++) {
        strcat(text, ",.2");
    }
    ck_assert_int_eq(check_pair("p0", text, &err), SSLDYN_OK);
    strcat(text, ",1");
    ck_assert_int_eq(check_pair("p0", text, &err), SSLDYN_EINPUT);
}
END_TEST

/* Samples of one mode may be more than those of many. */
START_TEST(rows)
{
    struct ssldyn_call_pair pairs[] = {{"samples", "20000"}, {"s0", "1,2,3,4,5,6,7,8,9,10"}};
    char many[3 * SSLDYN_CALL_MODES] = "1";
    struct ssldyn_error err;
    struct ssldyn_call call = call_with(2, pairs);
    ck_assert_int_eq(ssldyn_query_check(&call, "", &err), SSLDYN_OK);
    for (int i = 1; i < SSLDYN_CALL_MODES; i++) {
        strcat(many, ",1");
    }
    call.pairs[1].value = many;
    ck_assert_int_eq(ssldyn_query_check(&call, "", &err), SSLDYN_EINPUT);
    call.pairs[0].value = "7812"; /* 500000/64 */
    ck_assert_int_eq(ssldyn_query_check(&call, "", &err), SSLDYN_OK);
    call.pairs[0].value = "7813";
    ck_assert_int_eq(ssldyn_query_check(&call, "", &err), SSLDYN_EINPUT);
}
END_TEST

START_TEST(axes)
{
    const struct ssldyn_call_pair good[] = {
        {"x", "eta_s"}, {"x_from", "0.01"}, {"x_to", "1"}, {"x_scale", "log"}, {"nx", "1024"}};
    static const struct {
        size_t which;
        const char *value;
    } bad[] = {{0, "model"}, {0, "output"}, {0, "samples"}, {0, ""},    {1, "0"},
               {1, "nan"},   {1, "1e999"},  {2, "-1"},      {2, "x"},   {3, "cube"},
               {4, "0"},     {4, "1025"},   {4, "-1"},      {4, "1.5"}, {4, ""}};
    struct ssldyn_query_axis axis;
    struct ssldyn_error err;
    char text[100];
    struct ssldyn_call call = call_with(5, good);
    ck_assert_int_eq(ssldyn_query_axis(&call, "x", &axis, &err), SSLDYN_OK);
    ssldyn_query_axis_text(&axis, text, sizeof text);
    ck_assert_str_eq(text, "log:0.01:1:1024");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        call = call_with(5, good);
        call.pairs[bad[i].which].value = bad[i].value;
        ck_assert_msg(ssldyn_query_axis(&call, "x", &axis, &err) == SSLDYN_EINPUT, "%s=%s",
                      call.pairs[bad[i].which].name, bad[i].value);
    }
    for (size_t i = 0; i < 5; i++) { /* all but the scale are needed */
        call = call_with(5, good);
        call.pairs[i].name = "other";
        ck_assert_int_eq(ssldyn_query_axis(&call, "x", &axis, &err),
                         i == 3 ? SSLDYN_OK : SSLDYN_EINPUT);
    }
}
END_TEST

/* Settings that a command does not take are left out, the others reach the library. */
START_TEST(requests)
{
    const struct ssldyn_call_pair pairs[] = {
        {"eta", "0.1"}, {"p0", "0.3"}, {"samples", "7"}, {"token", "t"}};
    const struct ssldyn_call call = call_with(4, pairs);
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_query_request(&call, "flow", NULL, &request, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_OK);
    const char *spec = ssldyn_result_text(result, "spec");
    ck_assert_ptr_nonnull(strstr(spec, "model = modes\n"));
    ck_assert_ptr_nonnull(strstr(spec, "eta_s = 0.1\n"));
    ck_assert_ptr_nonnull(strstr(spec, "samples = 7\n"));
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    ck_assert_int_eq(ssldyn_query_request(&call, "theory", "p0", &request, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_OK);
    ck_assert(ssldyn_result_value(result, "eta_s") == 0.1);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

TEST_SUITE(explore_query)
{
    tcase_add_test(tests, no_files);
    tcase_add_test(tests, checks);
    tcase_add_test(tests, lists);
    tcase_add_test(tests, rows);
    tcase_add_test(tests, axes);
    tcase_add_test(tests, requests);
}
