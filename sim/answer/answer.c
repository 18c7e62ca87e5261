/* Shared by the answers to commands. */
// SPDX-License-Identifier: MIT
#include "sim/answer/answer.h"

#include "sim/base/parallel.h"
#include "sim/base/signal.h"
#include "sim/flow/flow.h"

#include <stdarg.h>

void ssldyn_answer_remark(const struct ssldyn_answer_mode *mode, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    if (!mode->remark) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    mode->remark(mode->context, line);
}

void ssldyn_answer_begin(const struct ssldyn_answer_mode *mode)
{
    if (mode->signals) {
        ssldyn_signal_catch();
    }
}

void ssldyn_answer_limit_threads(struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode)
{
    enum {
        THREADED = SSLDYN_COMMAND_SWEEP | SSLDYN_COMMAND_SGD | SSLDYN_COMMAND_COMPARE |
                   SSLDYN_COMMAND_ALIGN | SSLDYN_COMMAND_MOMENTS
    };
    if (((unsigned)spec->given.command & THREADED) == 0) {
        return;
    }
    const int wanted = ssldyn_parallel_threads((int)spec->threads);
    spec->threads = ssldyn_parallel_available(wanted);
    if (spec->threads < wanted) {
        ssldyn_answer_remark(mode,
                             "warning: the system cannot start %d threads (limits on processes or "
                             "memory); using %d",
                             wanted, (int)spec->threads);
    }
}

enum ssldyn_status ssldyn_answer_strict(const struct ssldyn_spec *spec,
                                        const struct ssldyn_drift *broken,
                                        const struct ssldyn_result *result,
                                        struct ssldyn_error *err)
{
    if (!spec->strict || !broken) {
        return SSLDYN_OK;
    }
    const char *directory = ssldyn_result_text(result, "directory");
    return ssldyn_fail(
        err, SSLDYN_EFAILED,
        "--strict: %s drifted by %.2e at t = %.6g, which exceeds the allowed %.2e%s%.200s",
        broken->name, broken->largest, broken->at, broken->allowed,
        directory ? "; the results are kept in " : "", directory ? directory : "");
}
