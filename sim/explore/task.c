/* Requests that compute. */
// SPDX-License-Identifier: MIT
#include "sim/explore/task.h"

#include "sim/base/clock.h"
#include "sim/base/parse.h"

#include <stdio.h>
#include <string.h>

bool ssldyn_task_open(struct ssldyn_tasks *tasks, size_t limit, double time_limit)
{
    *tasks = (struct ssldyn_tasks){.limit = limit, .time_limit = time_limit};
    return pthread_mutex_init(&tasks->lock, NULL) == 0;
}

void ssldyn_task_close(struct ssldyn_tasks *tasks)
{
    pthread_mutex_lock(&tasks->lock);
    tasks->closed = true;
    for (struct ssldyn_task *task = tasks->running; task; task = task->next) {
        task->end = SSLDYN_TASK_CLOSED;
    }
    pthread_mutex_unlock(&tasks->lock);
}

void ssldyn_task_clear(struct ssldyn_tasks *tasks)
{
    pthread_mutex_destroy(&tasks->lock);
}

/* Reads view and seq; false: they are malformed. */
static bool read_view(const struct ssldyn_call *call, struct ssldyn_task *task)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *view = ssldyn_call_value(call, "view");
    const char *number = ssldyn_call_value(call, "seq");
    if (!view && !number) {
        return true;
    }
    if (!view || !number || view[0] == '\0' || strlen(view) > 32 ||
        view[strspn(view, letters)] != '\0' || !ssldyn_parse_uint64(number, &task->number)) {
        return false;
    }
    (void)snprintf(task->name, sizeof task->name, "%s %.30s", view, call->path);
    return true;
}

/* Takes note of the number of a view; false: a newer one came before. */
static bool is_newest(struct ssldyn_tasks *tasks, const struct ssldyn_task *task)
{
    for (size_t i = 0; i < SSLDYN_TASK_VIEWS; i++) {
        if (strcmp(tasks->views[i].name, task->name) == 0) {
            if (task->number < tasks->views[i].number) {
                return false;
            }
            tasks->views[i].number = task->number;
            return true;
        }
    }
    (void)snprintf(tasks->views[tasks->oldest].name, SSLDYN_TASK_NAME, "%s", task->name);
    tasks->views[tasks->oldest].number = task->number;
    tasks->oldest = (tasks->oldest + 1) % SSLDYN_TASK_VIEWS;
    return true;
}

static void replace_older(struct ssldyn_tasks *tasks, const struct ssldyn_task *task)
{
    for (struct ssldyn_task *other = tasks->running; other; other = other->next) {
        if (strcmp(other->name, task->name) == 0 && other->number < task->number) {
            other->end = SSLDYN_TASK_REPLACED;
        }
    }
}

/* With the lock: the status of HTTP, 0 where the task may run. */
static unsigned admit(struct ssldyn_tasks *tasks, struct ssldyn_task *task)
{
    if (tasks->closed) {
        return 503;
    }
    if (task->name[0] != '\0') {
        if (!is_newest(tasks, task)) {
            return 409;
        }
        replace_older(tasks, task);
    }
    if (tasks->count >= tasks->limit) {
        return 429;
    }
    task->next = tasks->running;
    tasks->running = task;
    tasks->count++;
    return 0;
}

bool ssldyn_task_begin(struct ssldyn_tasks *tasks, const struct ssldyn_call *call,
                       struct ssldyn_task *task, struct ssldyn_call_answer *answer)
{
    *task = (struct ssldyn_task){.all = tasks, .began = ssldyn_clock_wall()};
    task->deadline = task->began + tasks->time_limit;
    if (!read_view(call, task)) {
        ssldyn_call_refuse(answer, 400,
                           "view must be a name of letters and digits, and seq a number");
        return false;
    }
    pthread_mutex_lock(&tasks->lock);
    const unsigned refused = admit(tasks, task);
    pthread_mutex_unlock(&tasks->lock);
    if (refused == 503) {
        ssldyn_call_refuse(answer, refused, "the program is ending");
    } else if (refused == 409) {
        ssldyn_call_refuse(answer, refused, "replaced by a newer request");
    } else if (refused == 429) {
        ssldyn_call_refuse(answer, refused, "more than %zu requests are running; try again",
                           tasks->limit);
    }
    return refused == 0;
}

void ssldyn_task_end(struct ssldyn_tasks *tasks, struct ssldyn_task *task)
{
    pthread_mutex_lock(&tasks->lock);
    for (struct ssldyn_task **at = &tasks->running; *at; at = &(*at)->next) {
        if (*at == task) {
            *at = task->next;
            tasks->count--;
            break;
        }
    }
    pthread_mutex_unlock(&tasks->lock);
}

enum ssldyn_task_end ssldyn_task_state(struct ssldyn_task *task)
{
    pthread_mutex_lock(&task->all->lock);
    if (task->end == SSLDYN_TASK_RUNS && ssldyn_clock_wall() > task->deadline) {
        task->end = SSLDYN_TASK_LATE;
    }
    const enum ssldyn_task_end end = task->end;
    pthread_mutex_unlock(&task->all->lock);
    return end;
}

static int watch(void *context, const char *what, double done, double total)
{
    (void)what;
    (void)done;
    (void)total;
    return ssldyn_task_state(context) != SSLDYN_TASK_RUNS;
}

enum ssldyn_status ssldyn_task_run(struct ssldyn_task *task, struct ssldyn_request *request,
                                   struct ssldyn_result **result, struct ssldyn_error *err)
{
    const double began = ssldyn_clock_wall();
    ssldyn_request_watch(request, watch, task);
    const enum ssldyn_status status = ssldyn_request_run(request, result, err);
    task->seconds += ssldyn_clock_wall() - began;
    return status;
}

void ssldyn_task_refuse(struct ssldyn_task *task, enum ssldyn_status status,
                        const struct ssldyn_error *err, struct ssldyn_call_answer *answer)
{
    enum ssldyn_task_end end = ssldyn_task_state(task);
    if (end == SSLDYN_TASK_RUNS && status == SSLDYN_EINTERRUPTED) {
        end = SSLDYN_TASK_CLOSED; /* a signal: the server is about to close */
    }
    switch (end) {
    case SSLDYN_TASK_REPLACED:
        ssldyn_call_refuse(answer, 409, "replaced by a newer request");
        return;
    case SSLDYN_TASK_LATE:
        ssldyn_call_refuse(answer, 503, "this takes longer than the limit of %g s",
                           task->deadline - task->began);
        return;
    case SSLDYN_TASK_CLOSED:
        ssldyn_call_refuse(answer, 503, "the program is ending");
        return;
    case SSLDYN_TASK_RUNS:
        break;
    }
    const bool asked = status == SSLDYN_EINPUT || status == SSLDYN_EDOMAIN;
    ssldyn_call_refuse(answer,
                       asked                     ? 400
                       : status == SSLDYN_ENOMEM ? 503
                                                 : 500,
                       "%s", err->message);
}
