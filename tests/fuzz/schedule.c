/* Schedules over the values of their options: factors stay between 0, 1 and their final value, and
 * flow time and steps increase together. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/run/schedule.h"

#include <math.h>

enum { STEPS = 300 };

/* A number in [0, 1]: in half of the cases near one of its ends. */
static double take_share(struct fuzz_bytes *bytes)
{
    const double share = (double)fuzz_take(bytes, 2) / 65535.0;
    switch (fuzz_take(bytes, 1) % 4) {
    case 0:
        return pow(share, 60.0);
    case 1:
        return 1.0 - pow(share, 60.0);
    default:
        return share;
    }
}

static void check_shape(const struct ssldyn_schedule_shape *shape)
{
    const double high = fmax(1.0, shape->end) * (1.0 + 1e-12); /* a few roundings */
    for (int i = 0; i <= 8; i++) {
        const double k = (double)(shape->steps - 1) * i / 8.0;
        const double factor = ssldyn_schedule_factor(shape, k);
        const double low = k < (double)shape->warmup ? 0.0 : fmin(1.0, shape->end);
        FUZZ_CHECK(factor >= low - 1e-12 && factor <= high);
    }
}

static void check_rates(const struct ssldyn_problem *problem, double t)
{
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *at =
        ssldyn_schedule_parameters_at(problem, &problem->parameters, t, &scratch);
    FUZZ_CHECK(at->rates.beta >= -1e-12 && isfinite(at->rates.beta));
    FUZZ_CHECK(at->rates.eta_s >= -1e-12 && at->rates.eta_s == at->rates.eta_p);
    FUZZ_CHECK(isfinite(ssldyn_schedule_decay_saved(problem, 0.0, t)));
}

static void check_timetable(const struct ssldyn_sgd_options *sgd, int64_t steps)
{
    const double rows[2] = {0.0, 1.0};
    struct ssldyn_timetable table;
    struct ssldyn_error err;
    struct ssldyn_problem problem = {.timetable = &table};
    problem.parameters.rates = (struct ssldyn_rates){.beta = 0.4, .eta_p = 0.04, .eta_s = 0.04};
    FUZZ_CHECK(ssldyn_schedule_create_timetable(sgd, steps, 2, rows, &table, &err) == SSLDYN_OK);
    FUZZ_CHECK(table.node_count >= 1 && table.node_t[0] == 0.0);
    for (size_t i = 1; i < table.node_count; i++) {
        FUZZ_CHECK(table.node_t[i] > table.node_t[i - 1] && isfinite(table.node_t[i]));
        FUZZ_CHECK(table.node_k[i] > table.node_k[i - 1] && table.node_k[i] <= (double)steps);
    }
    const double end = table.node_t[table.node_count - 1];
    check_rates(&problem, 0.0);
    check_rates(&problem, 0.37 * end);
    check_rates(&problem, end);
    check_rates(&problem, 2.0 * end + 1.0);
    ssldyn_schedule_clear_timetable(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes bytes = {data, size};
    const int64_t steps = 1 + (int64_t)fuzz_take(&bytes, 2) % STEPS;
    struct ssldyn_sgd_options sgd = {.lr = 1e-12 + take_share(&bytes)};
    sgd.momentum = 0.999999 * take_share(&bytes);
    sgd.warmup = (int64_t)fuzz_take(&bytes, 2) % (2 * STEPS);
    sgd.schedule_lr = (int)(fuzz_take(&bytes, 1) % 3);
    sgd.schedule_ema = (int)(fuzz_take(&bytes, 1) % 3);
    sgd.schedule_decay = (int)(fuzz_take(&bytes, 1) % 3);
    sgd.end_lr = take_share(&bytes);
    sgd.end_ema = take_share(&bytes);
    sgd.end_decay = 10.0 * take_share(&bytes);
    const struct ssldyn_schedules schedules = ssldyn_schedule_read(&sgd, steps);
    check_shape(&schedules.lr);
    check_shape(&schedules.ema);
    check_shape(&schedules.decay);
    check_timetable(&sgd, steps);
    return 0;
}
