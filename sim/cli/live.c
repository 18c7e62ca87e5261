/* Pictures of runs in progress (live.h). */
// SPDX-License-Identifier: MIT
#include "sim/cli/live.h"

#include "sim/base/clock.h"
#include "sim/base/signal.h"
#include "sim/compare/live_trace.h"
#include "sim/compare/run_set.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/io/work.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const double shortest_wait = 1.0; /* seconds between two pictures */
static const double share = 3.0;         /* times the duration of drawing a picture */

/* A hash that changes when the files of a run change. */
static uint64_t stamp(uint64_t sum, const char *directory, const char *name)
{
    struct stat info;
    char *path = ssldyn_file_path_join(directory, name);

    if (path && stat(path, &info) == 0) {
        const uint64_t parts[] = {(uint64_t)info.st_size, (uint64_t)info.st_mtim.tv_sec,
                                  (uint64_t)info.st_mtim.tv_nsec, (uint64_t)info.st_ino};
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            sum = (sum ^ parts[i]) * UINT64_C(1099511628211);
    }
    free(path);
    return sum;
}

/* The present state of the runs, and whether a process is writing one of them. */
static enum ssldyn_status examine(const struct ssldyn_picture_request *request, uint64_t *sum,
                                  bool *running, struct ssldyn_error *err)
{
    struct ssldyn_run_set set;
    enum ssldyn_status status = ssldyn_run_set_open(request->runs, request->run_count, &set, err);

    if (status != SSLDYN_OK)
        return status;
    *sum = set.count;
    *running = false;
    for (size_t i = 0; status == SSLDYN_OK && i < set.count; i++) {
        const char *run = set.runs[i].path;
        char *work = NULL;
        char *trace = NULL;
        status = ssldyn_work_find(run, &work, err);
        if (status == SSLDYN_OK)
            status = ssldyn_live_trace_find(work, &trace, err);
        *running = *running || ssldyn_output_dir_is_locked(run);
        *sum = stamp(*sum, run, "journal");
        *sum = stamp(*sum, run, "trace.tsv");
        *sum = stamp(*sum, run, "fate.npy");
        *sum = trace ? stamp(*sum, work, strrchr(trace, '/') + 1) : *sum;
        free(trace);
        free(work);
    }
    ssldyn_run_set_clear(&set);
    return status;
}

static void wait_for(double seconds)
{
    const struct timespec slice = {0, 100000000}; /* a tenth of a second */

    for (int past = 0; past < seconds * 10.0 && !ssldyn_signal_pending(); past++)
        (void)nanosleep(&slice, NULL);
}

enum ssldyn_status ssldyn_live_follow(const struct ssldyn_picture_request *request,
                                      const struct ssldyn_page *page, struct ssldyn_error *err)
{
    uint64_t drawn = 0;
    bool shown = false;
    bool running = true;
    enum ssldyn_status status = SSLDYN_OK;

    ssldyn_signal_catch();
    while (running) {
        uint64_t now = 0;
        double took = 0.0;
        status = examine(request, &now, &running, err);
        if (status != SSLDYN_OK)
            return status;
        if (now != drawn || !running) {
            const double began = ssldyn_clock_wall();
            /* a picture between two states of the files may fail; the next one will not */
            status = ssldyn_picture_draw(request, page, err);
            took = ssldyn_clock_wall() - began;
            if (status == SSLDYN_OK && !shown) {
                ssldyn_page_announce(page);
                fflush(stdout);
                shown = true;
            }
            if (status != SSLDYN_OK && status != SSLDYN_EINPUT && status != SSLDYN_EIO)
                return status;
            drawn = status == SSLDYN_OK ? now : drawn;
        }
        if (running)
            wait_for(fmax(shortest_wait, share * took));
        if (ssldyn_signal_pending())
            return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped; %s",
                               shown ? "the picture shows the run as it was" : "nothing was drawn");
    }
    return status;
}
