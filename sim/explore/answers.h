/* The answers under /api/: one function for each path. They fill in the body, or refuse. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_ANSWERS_H
#define SSLDYN_SIM_EXPLORE_ANSWERS_H

#include "sim/explore/explore.h"

/* What a function gets: the task it runs requests in, the state, the call. */
struct ssldyn_asked {
    struct ssldyn_explore *explore;
    const struct ssldyn_call *call;
    struct ssldyn_task *task;
    struct ssldyn_call_answer *answer;
};

/* Those that answer without computing. */
void ssldyn_explore_options(const struct ssldyn_asked *asked);
void ssldyn_explore_state(const struct ssldyn_asked *asked);
void ssldyn_explore_export(const struct ssldyn_asked *asked);
void ssldyn_explore_run(const struct ssldyn_asked *asked);
void ssldyn_explore_run_data(const struct ssldyn_asked *asked);

/* Those that compute. */
void ssldyn_explore_map(const struct ssldyn_asked *asked);
void ssldyn_explore_lines(const struct ssldyn_asked *asked);
void ssldyn_explore_table(const struct ssldyn_asked *asked);
void ssldyn_explore_point(const struct ssldyn_asked *asked);
void ssldyn_explore_flow(const struct ssldyn_asked *asked);
void ssldyn_explore_plane(const struct ssldyn_asked *asked);
void ssldyn_explore_theory(const struct ssldyn_asked *asked);
void ssldyn_explore_run_fates(const struct ssldyn_asked *asked);

/* Runs a request whose settings are complete, and frees it: NULL, and the answer says why, if
 * that fails. part (may be NULL): a result that was stopped by the time limit is taken as well, and
 * *part says so. */
struct ssldyn_result *ssldyn_explore_result(const struct ssldyn_asked *asked,
                                            struct ssldyn_request *request, bool *part);

/* The same for a request that was made with that status, where a failure does not refuse the call:
 * NULL, and *err says why. */
struct ssldyn_result *ssldyn_explore_try(const struct ssldyn_asked *asked, enum ssldyn_status made,
                                         struct ssldyn_request *request, struct ssldyn_error *err);

/* Names of fates, by their number in results; not a fate: "undecided". */
const char *ssldyn_explore_fate(double fate);

/* Refuses with 400 and the message. */
void ssldyn_explore_refuse(const struct ssldyn_asked *asked, const struct ssldyn_error *err);

/* Where a path of the run's data begins; NULL: there is no run, and the answer says so. */
const struct ssldyn_result *ssldyn_explore_loaded(const struct ssldyn_asked *asked);

#endif
