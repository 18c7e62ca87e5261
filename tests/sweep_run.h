/* For tests: a sweep in the test's directory NAME. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_SWEEP_RUN_H
#define SSLDYN_TESTS_SWEEP_RUN_H

#include "sim/sweep/columns.h"
#include "sim/sweep/sweep.h"
#include "tests/scratch.h"

/* Fails the test if the sweep fails. */
static inline void sweep_run(const struct ssldyn_spec *spec, const char *name,
                             struct ssldyn_sweep_report *report)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_output output;
    char path[SCRATCH_PATH];
    enum ssldyn_status status =
        ssldyn_output_open(scratch_path(path, name), "sweep", ssldyn_columns_owns, &output, &err);
    if (status == SSLDYN_OK)
        status = ssldyn_sweep_run(spec, &output, report, &err);
    ssldyn_output_close(&output);
    ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
}

#endif
