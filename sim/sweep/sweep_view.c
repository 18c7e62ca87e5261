/* The results of a sweep (sweep_view.h). */
// SPDX-License-Identifier: MIT
#include "sim/sweep/sweep_view.h"

#include "sim/io/file.h"
#include "sim/io/npy_stream.h"
#include "sim/io/output_dir.h"
#include "sim/sweep/fingerprint.h"
#include "sim/sweep/shares.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PART = 4096 };

void ssldyn_sweep_view_clear(struct ssldyn_sweep_view *view)
{
    ssldyn_table_clear(&view->shares);
    ssldyn_axes_clear(&view->axes);
    ssldyn_columns_clear(&view->columns);
    ssldyn_spec_clear(&view->spec);
    free(view->journal.done);
}

static enum ssldyn_status read_shares(struct ssldyn_sweep_view *view, struct ssldyn_error *err)
{
    static const char *const names[] = {"probability", "low", "high"};
    int64_t rows = 1;
    char *path = ssldyn_file_path_join(view->run, "collapse.tsv");

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < view->shown; i++)
        rows *= (int64_t)view->axes.axis[i].values.count;
    enum ssldyn_status status = ssldyn_table_read(path, &view->shares, err);
    if (status == SSLDYN_OK && (int64_t)view->shares.rows != rows)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has %zu rows instead of %" PRId64, path,
                             view->shares.rows, rows);
    for (int i = 0; i < 3 && status == SSLDYN_OK; i++)
        if (ssldyn_table_column(&view->shares, names[i]) == SIZE_MAX)
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has no column %s", path, names[i]);
    free(path);
    return status;
}

/* The spec of an unfinished sweep. If it replaces an older sweep its settings are unknown until
 * it is finished: spec.conf still belongs to the older one. */
static enum ssldyn_status load_unfinished(struct ssldyn_sweep_view *view, struct ssldyn_error *err)
{
    uint64_t fingerprint = 0;
    char *path = ssldyn_file_path_join(view->run, "spec.conf");
    enum ssldyn_status status = path ? ssldyn_spec_init(&view->spec, SSLDYN_COMMAND_SWEEP, err)
                                     : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");

    if (status == SSLDYN_OK)
        status = ssldyn_settings_read(&view->spec.given, path, err);
    if (status == SSLDYN_OK)
        status = ssldyn_spec_prepare(&view->spec, err);
    if (status == SSLDYN_OK)
        status = ssldyn_fingerprint(&view->spec, &fingerprint, err);
    free(path);
    if (status == SSLDYN_OK && fingerprint != view->journal.fingerprint)
        return ssldyn_output_dir_check_readable(view->run, err) != SSLDYN_OK
                   ? SSLDYN_EINPUT
                   : ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: was replaced while it was being read",
                                 view->run);
    return status;
}

enum ssldyn_status ssldyn_sweep_view_open(struct ssldyn_sweep_view *view, const char *run,
                                          struct ssldyn_error *err)
{
    struct ssldyn_shares shares = {0};

    *view = (struct ssldyn_sweep_view){.run = run};
    view->unfinished = ssldyn_journal_read(run, &view->journal);
    enum ssldyn_status status =
        view->unfinished ? load_unfinished(view, err) : ssldyn_spec_load(&view->spec, run, err);
    if (status == SSLDYN_OK && view->spec.given.command != SSLDYN_COMMAND_SWEEP &&
        view->spec.given.command != SSLDYN_COMMAND_BASIN) /* a basin, whose map is a sweep of
                                                           * starts */
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: its spec.conf does not describe a sweep",
                           run);
    if (status == SSLDYN_OK)
        status = ssldyn_axes_init(&view->axes, &view->spec, err);
    if (status == SSLDYN_OK)
        status = ssldyn_columns_parse(&view->columns, &view->spec, err);
    if (status == SSLDYN_OK) {
        ssldyn_columns_yield(&view->columns, &view->axes);
        status = ssldyn_shares_init(&shares, &view->spec, &view->axes, err);
    }
    if (status == SSLDYN_OK && view->unfinished && view->axes.points != view->journal.points)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: its journal does not match its spec.conf",
                             run);
    if (status != SSLDYN_OK)
        return status;
    /* averages are written last: for an unfinished sweep the points are shown */
    view->averaged = shares.axes != NULL && !view->unfinished;
    view->shown = view->averaged ? shares.outer : view->axes.count;
    return view->averaged ? read_shares(view, err) : SSLDYN_OK;
}

static bool is_same_axis(const struct ssldyn_axis *a, const struct ssldyn_axis *b)
{
    bool same = a->option == b->option && a->values.count == b->values.count &&
                (a->words == NULL) == (b->words == NULL) && a->from == b->from && a->to == b->to;
    for (size_t i = 0; same && i < a->values.count; i++)
        same = a->words ? strcmp(a->words[i], b->words[i]) == 0
                        : a->values.values[i] == b->values.values[i];
    return same;
}

bool ssldyn_sweep_view_is_alike(const struct ssldyn_sweep_view *a,
                                const struct ssldyn_sweep_view *b)
{
    bool same =
        a->shown == b->shown && a->averaged == b->averaged && !a->axes.sobol && !b->axes.sobol;

    for (size_t k = 0; same && k < a->shown; k++)
        same = is_same_axis(&a->axes.axis[k], &b->axes.axis[k]);
    return same;
}

static char *path_of(const struct ssldyn_sweep_view *view, const char *column)
{
    char name[80];

    snprintf(name, sizeof name, "%.60s.npy%s", column, view->unfinished ? ".tmp" : "");
    return ssldyn_file_path_join(view->run, name);
}

bool ssldyn_sweep_view_has(const struct ssldyn_sweep_view *view, const char *column)
{
    char *path = path_of(view, column);
    bool known = false;

    for (size_t i = 0; i < view->columns.count; i++)
        known = known || strcmp(column, view->columns.names[i]) == 0;
    known = known && path && access(path, F_OK) == 0;
    free(path);
    return known;
}

void ssldyn_sweep_view_columns(const struct ssldyn_sweep_view *view, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < view->columns.count; i++) {
        const char *name = view->columns.names[i];
        if (ssldyn_sweep_view_has(view, name) && used + 1 < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", name);
    }
}

/* Opens NAME.npy of the sweep, one number per point. */
static enum ssldyn_status open_column(const struct ssldyn_sweep_view *view, const char *name,
                                      struct ssldyn_npy_stream **stream, struct ssldyn_error *err)
{
    size_t count = 0;
    char *path = path_of(view, name);

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = ssldyn_npy_stream_open(path, stream, &count, err);
    if (status == SSLDYN_OK && (int64_t)count != view->axes.points)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has %zu numbers for %" PRId64 " points",
                             path, count, view->axes.points);
    free(path);
    return status;
}

static bool is_there(const struct ssldyn_sweep_view *view, int64_t point)
{
    return !view->unfinished || view->journal.done[point / view->journal.block];
}

enum ssldyn_status ssldyn_sweep_view_each(const struct ssldyn_sweep_view *view, const char *a,
                                          const char *b, int64_t most,
                                          ssldyn_sweep_view_point *take, void *context,
                                          struct ssldyn_error *err)
{
    struct ssldyn_npy_stream *streams[] = {NULL, NULL};
    double values[2][PART];
    enum ssldyn_status status = open_column(view, a, &streams[0], err);

    if (status == SSLDYN_OK && b)
        status = open_column(view, b, &streams[1], err);
    for (int64_t at = 0; status == SSLDYN_OK && at < view->axes.points && most > 0;) {
        const int64_t left = view->axes.points - at;
        const int64_t some = left < PART ? left : PART;
        status = ssldyn_npy_stream_read(streams[0], (size_t)some, values[0], err);
        if (status == SSLDYN_OK && streams[1])
            status = ssldyn_npy_stream_read(streams[1], (size_t)some, values[1], err);
        for (int64_t i = 0; status == SSLDYN_OK && i < some && most > 0; i++) {
            if (is_there(view, at + i)) {
                take(context, at + i, values[0][i], streams[1] ? values[1][i] : (double)NAN);
                most--;
            }
        }
        at += some;
    }
    ssldyn_npy_stream_close(streams[0]);
    ssldyn_npy_stream_close(streams[1]);
    return status;
}
