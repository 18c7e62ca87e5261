/* Requests that compute: how many at once, until when, and which of them is still wanted. Any thread
 * may call these functions. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_TASK_H
#define SSLDYN_SIM_EXPLORE_TASK_H

#include "sim/explore/call.h"
#include "sim/ssldyn.h"

#include <pthread.h>
#include <stdint.h>

enum { SSLDYN_TASK_VIEWS = 64, SSLDYN_TASK_NAME = 64 };

enum ssldyn_task_end {
    SSLDYN_TASK_RUNS,
    SSLDYN_TASK_REPLACED, /* a newer request of the same view came */
    SSLDYN_TASK_LATE,     /* the time limit */
    SSLDYN_TASK_CLOSED    /* the server ends */
};

struct ssldyn_tasks;

struct ssldyn_task {
    struct ssldyn_tasks *all;
    char name[SSLDYN_TASK_NAME]; /* "VIEW PATH"; empty: of no view */
    uint64_t number;             /* seq */
    double began, deadline;
    double seconds;           /* that its runs took */
    enum ssldyn_task_end end; /* with the lock */
    struct ssldyn_task *next;
};

struct ssldyn_tasks {
    pthread_mutex_t lock;
    struct ssldyn_task *running; /* borrowed */
    size_t count, limit;
    double time_limit;
    bool closed;
    /* the newest number of each view, in a ring: the oldest is forgotten first */
    struct {
        char name[SSLDYN_TASK_NAME];
        uint64_t number;
    } views[SSLDYN_TASK_VIEWS];
    size_t oldest;
};

bool ssldyn_task_open(struct ssldyn_tasks *tasks, size_t limit, double time_limit);
/* Ends every running task; those that begin later are refused. */
void ssldyn_task_close(struct ssldyn_tasks *tasks);
void ssldyn_task_clear(struct ssldyn_tasks *tasks); /* none may run */

/* Begins a task for a call, whose parameters view and seq say what it replaces: false, and the
 * answer says why, where it is refused. End it in any case where it is true. */
bool ssldyn_task_begin(struct ssldyn_tasks *tasks, const struct ssldyn_call *call,
                       struct ssldyn_task *task, struct ssldyn_call_answer *answer);
void ssldyn_task_end(struct ssldyn_tasks *tasks, struct ssldyn_task *task);

/* Whether it is to stop, and why. */
enum ssldyn_task_end ssldyn_task_state(struct ssldyn_task *task);

/* Runs a request of the library, which stops when the task is to stop; as ssldyn_request_run. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_task_run(struct ssldyn_task *task,
                                                     struct ssldyn_request *request,
                                                     struct ssldyn_result **result,
                                                     struct ssldyn_error *err);

/* Makes the answer that reports a failed run. */
void ssldyn_task_refuse(struct ssldyn_task *task, enum ssldyn_status status,
                        const struct ssldyn_error *err, struct ssldyn_call_answer *answer);

#endif
