/* Where the rows of a run (flow or SGD) go: into the directory of its results, into memory, or
 * both; and how a run in memory is saved as the same files. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_RUN_H
#define SSLDYN_SIM_ANSWER_ANSWER_RUN_H

#include "sim/answer/answer_output.h"
#include "sim/flow/flow.h"
#include "sim/run/run_directory.h"
#include "sim/run/run_memory.h"

struct ssldyn_answer_run {
    struct ssldyn_sink *sink; /* pass this to the run; NULL: its rows are not wanted */
    struct ssldyn_run_directory directory;
    struct ssldyn_run_memory memory;
    struct { /* events, and the data that it drew: into the result */
        struct ssldyn_sink sink;
        struct ssldyn_result *result;
        FILE *stream;
    } notes;
};

/* spec, output and result are borrowed until the run is kept. */
void ssldyn_answer_run_init(struct ssldyn_answer_run *run, const struct ssldyn_spec *spec,
                            const struct ssldyn_answer_mode *mode,
                            const struct ssldyn_output *output, struct ssldyn_result *result);

/* After the run: moves its rows, snapshots and events, and the facts about its modes, into the
 * result, with a writer for them. Frees the memory of the run; adds nothing if the mode does not
 * keep them. fates: of the flow, or for SGD of the flow from its end on; NULL: unknown. */
void ssldyn_answer_run_keep(struct ssldyn_answer_run *run, const struct ssldyn_spec *spec,
                            const struct ssldyn_flow_report *fates, struct ssldyn_result *result);

#endif
