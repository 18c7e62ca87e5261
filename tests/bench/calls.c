/* calls: CPU time of a call of the library that computes almost nothing, in microseconds: the
 * answer of ssldyn theory to a prepared spec, and the whole request, from its arguments to one of
 * its values. */
// SPDX-License-Identifier: MIT
#include "sim/answer/theory.h"
#include "sim/base/clock.h"
#include "sim/ssldyn.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLS = 2000, ROUNDS = 7, ARGUMENTS = 4 };

static const struct {
    const char *name;
    const char *arguments[ARGUMENTS][2]; /* name and text; NULL: no more */
} cases[] = {
    {"a mode", {{"eta", "0.04"}, {"sigma2", "0.25"}}},
    {"a time", {{"eta", "0.04"}, {"tau", "1"}, {"p0", "0.1"}, {"p_end", "0.7"}}},
    {"settings", {{"train_lr", "0.05"}, {"train_weight_decay", "5e-4"}, {"train_ema", "0.996"}}},
    {"three networks", {{"eta", "0.1"}, {"lambda_s", "2,1.3,1.1"}, {"lambda_d", "1,0.8,0.3"}}},
    {"three layers", {{"eta", "0.01"}, {"depth", "3"}}},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void expect(enum ssldyn_status status, const struct ssldyn_error *err)
{
    if (status != SSLDYN_OK) {
        fprintf(stderr, "calls: %s\n", err->message);
        exit(1);
    }
}

static double answer(struct ssldyn_spec *spec)
{
    const struct ssldyn_answer_mode mode = {.keep = true};
    struct ssldyn_error err;
    struct ssldyn_result *result = NULL;
    expect(ssldyn_result_create(&result, &err), &err);
    expect(ssldyn_answer_theory(spec, &mode, result, &err), &err);
    const double value = ssldyn_result_value(result, "eta_s");
    ssldyn_result_free(result);
    return value;
}

static double request(size_t index)
{
    struct ssldyn_error err;
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    expect(ssldyn_request_create("theory", &request, &err), &err);
    for (size_t i = 0; i < ARGUMENTS && cases[index].arguments[i][0]; i++) {
        expect(ssldyn_request_text(request, cases[index].arguments[i][0],
                                   cases[index].arguments[i][1], &err),
               &err);
    }
    expect(ssldyn_request_run(request, &result, &err), &err);
    const double value = ssldyn_result_value(result, "eta_s");
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    return value;
}

/* The minimum over all rounds. */
static double time_call(size_t index, struct ssldyn_spec *spec)
{
    double best = 1e9;
    double sum = 0.0;
    for (int round = 0; round < ROUNDS; round++) {
        const double began = ssldyn_clock_cpu();
        for (int i = 0; i < CALLS; i++) {
            sum += spec ? answer(spec) : request(index);
        }
        const double took = (ssldyn_clock_cpu() - began) / CALLS;
        best = took < best ? took : best;
    }
    return sum > 0.0 ? 1e6 * best : 0.0;
}

int main(void)
{
    ssldyn_init();
    printf("%-16s%12s%12s\n", "theory, us", "answer", "request");
    for (size_t index = 0; index < CASES; index++) {
        struct ssldyn_error err;
        struct ssldyn_spec spec;
        expect(ssldyn_spec_init(&spec, SSLDYN_COMMAND_THEORY, &err), &err);
        for (size_t i = 0; i < ARGUMENTS && cases[index].arguments[i][0]; i++) {
            expect(ssldyn_spec_set(&spec, cases[index].arguments[i][0],
                                   cases[index].arguments[i][1], "calls", &err),
                   &err);
        }
        expect(ssldyn_spec_prepare(&spec, &err), &err);
        printf("%-16s%12.1f", cases[index].name, time_call(index, &spec));
        printf("%12.1f\n", time_call(index, NULL));
        ssldyn_spec_clear(&spec);
    }
    return 0;
}
