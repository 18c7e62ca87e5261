/* One line of progress on a terminal: share done, rate, ETA; hidden unless stderr is a terminal.
 * Progress callbacks (watch.h) are called in either case. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_PROGRESS_H
#define SSLDYN_SIM_BASE_PROGRESS_H

#include <stdbool.h>

struct ssldyn_watch;

struct ssldyn_progress {
    const char *label;          /* the current work, e.g. "flow" */
    const char *unit;           /* of the work counted, e.g. "steps" */
    double total;               /* work in all, in that unit */
    bool shown;                 /* false: quiet, or stderr is not a terminal */
    struct ssldyn_watch *watch; /* progress callback to update as well (watch.h); NULL: none */
    double started, last_drawn, last_done;
    double rate; /* averaged over the last seconds */
    bool drawn;
    int width; /* of the line on the screen */
};

/* Starts a line; quiet suppresses it. label and unit are borrowed. */
void ssldyn_progress_begin(struct ssldyn_progress *progress, const char *label, const char *unit,
                           double total, bool quiet);

/* Updates how much work is done; draws at most ten times a second, however often it is called. */
void ssldyn_progress_update(struct ssldyn_progress *progress, double done);

/* The same at a given time of ssldyn_clock_wall (seconds). */
void ssldyn_progress_update_at(struct ssldyn_progress *progress, double done, double now);

/* Erases the line. */
void ssldyn_progress_end(struct ssldyn_progress *progress);

#endif
