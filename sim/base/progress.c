/* One line of progress, redrawn in place. The rate is averaged over the last seconds, so that the
 * ETA adapts when the work becomes slower or faster. */
// SPDX-License-Identifier: MIT
#include "sim/base/progress.h"

#include "sim/base/clock.h"
#include "sim/base/watch.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static const double redraw_interval = 0.1; /* seconds: at most ten lines a second */
static const double rate_memory = 3.0;     /* seconds after which an old rate has weight 1/e */

void ssldyn_progress_begin(struct ssldyn_progress *progress, const char *label, const char *unit,
                           double total, bool quiet)
{
    double now = ssldyn_clock_wall();

    *progress = (struct ssldyn_progress){
        .label = label,
        .unit = unit,
        .total = total,
        .shown = !quiet && isatty(STDERR_FILENO) != 0,
        .watch = ssldyn_watch_current(),
        .started = now,
        .last_drawn = now,
    };
    if (progress->watch && !ssldyn_watch_task_begin(progress->watch, label, total))
        progress->watch = NULL;
}

/* 1234 -> "1.2 k"; one decimal below 10, none above. */
static void write_amount(char text[], size_t size, double amount)
{
    static const char *const prefixes[] = {"", " k", " M", " G", " T"};
    size_t i = 0;

    while (amount >= 1000.0 && i + 1 < sizeof prefixes / sizeof prefixes[0]) {
        amount /= 1000.0;
        i++;
    }
    snprintf(text, size, "%.*f%s", amount < 10.0 ? 1 : 0, amount, prefixes[i]);
}

static void write_duration(char text[], size_t size, double seconds)
{
    if (!(seconds >= 0.0 && seconds < 360000.0)) {
        snprintf(text, size, "-");
    } else if (seconds < 60.0) {
        snprintf(text, size, "%.0f s", seconds);
    } else if (seconds < 3600.0) {
        int whole = (int)seconds;
        snprintf(text, size, "%d m %02d s", whole / 60, whole % 60);
    } else {
        int minutes = (int)(seconds / 60.0);
        snprintf(text, size, "%d h %02d m", minutes / 60, minutes % 60);
    }
}

static void draw(struct ssldyn_progress *progress, double done)
{
    char line[160];
    char rate[32];
    char remaining[32];
    double share =
        progress->total > 0.0 ? fmin(fmax(100.0 * done / progress->total, 0.0), 100.0) : 0.0;

    write_amount(rate, sizeof rate, progress->rate);
    write_duration(remaining, sizeof remaining, fmax(progress->total - done, 0.0) / progress->rate);
    const int length =
        snprintf(line, sizeof line, "%.20s  %.10g/%.10g %.12s  %.0f %%  %s/s  ETA %s",
                 progress->label, done, progress->total, progress->unit, share, rate, remaining);
    /* Blanks erase the rest of a longer line: not all terminals know escape codes. */
    fprintf(stderr, "\r%-*s", progress->width, line);
    progress->width = length;
    fflush(stderr);
}

void ssldyn_progress_update(struct ssldyn_progress *progress, double done)
{
    ssldyn_progress_update_at(progress, done, progress->shown ? ssldyn_clock_wall() : 0.0);
}

void ssldyn_progress_update_at(struct ssldyn_progress *progress, double done, double now)
{
    if (progress->watch)
        ssldyn_watch_task_update(progress->watch, done);
    if (!progress->shown)
        return;
    double elapsed = now - progress->last_drawn;
    if (elapsed < redraw_interval)
        return;
    double recent = (done - progress->last_done) / elapsed;
    double weight = progress->drawn ? -expm1(-elapsed / rate_memory) : 1.0;
    progress->rate += weight * (recent - progress->rate);
    progress->last_drawn = now;
    progress->last_done = done;
    progress->drawn = true;
    draw(progress, done);
}

void ssldyn_progress_end(struct ssldyn_progress *progress)
{
    if (progress->watch)
        ssldyn_watch_task_end(progress->watch);
    progress->watch = NULL;
    if (progress->drawn)
        fprintf(stderr, "\r%*s\r", progress->width, "");
    progress->drawn = false;
    progress->shown = false;
}
