/* Axes of a sweep and its columns: options of ssldyn sweep, one per line ("--axis.eta=0:1:3"). */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/sweep/axes.h"
#include "sim/sweep/columns.h"

#include <math.h>
#include <string.h>

enum { POINTS = 1000 };

/* Values lie between the ends of their axis, and each is valid for its option. */
static void check_point(const struct ssldyn_axes *axes, const struct ssldyn_spec *spec,
                        const double values[])
{
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        struct ssldyn_spec point;
        struct ssldyn_error err;
        char text[64];
        FUZZ_CHECK(isfinite(values[i]));
        FUZZ_CHECK(!axes->sobol || (values[i] >= fmin(axis->from, axis->to) &&
                                    values[i] <= fmax(axis->from, axis->to)));
        FUZZ_CHECK(ssldyn_spec_copy(spec, &point, &err) == SSLDYN_OK);
        FUZZ_CHECK(ssldyn_spec_set(&point, axis->option->name,
                                   ssldyn_axes_text(axis, values[i], text, sizeof text), "axis",
                                   &err) == SSLDYN_OK);
        ssldyn_spec_clear(&point);
    }
}

static void walk(const struct ssldyn_axes *axes, const struct ssldyn_spec *spec)
{
    struct ssldyn_axes_walk *walk = NULL;
    struct ssldyn_error err;
    double first[SSLDYN_AXES_MAXIMUM];
    double again[SSLDYN_AXES_MAXIMUM];
    const int64_t last = axes->points - 1;
    FUZZ_CHECK(axes->points >= 0 && axes->points <= 1000000000000000);
    FUZZ_CHECK(ssldyn_axes_walk_create(axes, &walk, &err) == SSLDYN_OK);
    if (axes->points > 0 && !(axes->sobol && last > POINTS)) {
        FUZZ_CHECK(ssldyn_axes_walk_read(walk, 0, first) == axes->count);
        check_point(axes, spec, first);
        (void)ssldyn_axes_walk_read(walk, last, again);
        check_point(axes, spec, again);
        (void)ssldyn_axes_walk_read(walk, 0, again);
        FUZZ_CHECK(memcmp(first, again, axes->count * sizeof *first) == 0);
    }
    ssldyn_axes_walk_free(walk);
}

static void run(int argc, char *argv[])
{
    struct ssldyn_spec spec;
    struct ssldyn_axes axes = {0};
    struct ssldyn_columns columns = {0};
    struct ssldyn_error err;
    FUZZ_CHECK(ssldyn_spec_init(&spec, SSLDYN_COMMAND_SWEEP, &err) == SSLDYN_OK);
    enum ssldyn_status status = ssldyn_settings_parse(&spec.given, argc, argv, &err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&spec, &err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_columns_parse(&columns, &spec, &err);
    }
    if (status == SSLDYN_OK) {
        FUZZ_CHECK(columns.count > 0 && columns.kind[0] == SSLDYN_SWEEP_FATE);
        status = ssldyn_axes_init(&axes, &spec, &err);
    }
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        walk(&axes, &spec);
    }
    ssldyn_axes_clear(&axes);
    ssldyn_columns_clear(&columns);
    ssldyn_spec_clear(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_command command;
    if (fuzz_command_init(&command, data, size)) {
        run(command.count, command.words);
    }
    fuzz_command_clear(&command);
    return 0;
}
