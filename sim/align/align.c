/* The alignment analysis (align.h): batches of snapshots are read in order, observed in
 * parallel, and finished in order, so rows do not depend on the number of threads. While one
 * batch is observed, the previous one is finished and the next one is read. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"

#include "sim/align/align_cosine.h"
#include "sim/align/align_forecast.h"
#include "sim/align/align_lane.h"
#include "sim/align/align_rows.h"
#include "sim/align/align_source.h"
#include "sim/align/align_spectra.h"
#include "sim/align/align_table.h"
#include "sim/align/mode_track.h"
#include "sim/align/mode_weights.h"
#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/io/file.h"
#include "sim/linalg/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* For matrices up to SMALL x SMALL a batch holds SHARE snapshots per thread; for larger ones the
 * sequential work takes little of the time, and memory is scarce. */
enum { SMALL = 256, SHARE = 4 };

struct batch {
    struct ssldyn_align_lane *lanes;
    size_t count; /* number of lanes that hold a snapshot */
};

struct analysis {
    const struct ssldyn_align_request *request;
    struct ssldyn_align_source *source;
    struct ssldyn_align_sizes sizes;
    size_t threads;
    size_t batch_size, lane_count; /* of two batches */
    struct ssldyn_align_lane *lanes;
    size_t read; /* number of snapshots read so far */
    struct ssldyn_mode_track *track;
    struct ssldyn_align_forecast *forecast; /* NULL: none */
    enum ssldyn_reading reading;
    struct ssldyn_align_cosine *cosine; /* NULL: not wanted */
    struct ssldyn_trace *trace;         /* NULL: nothing is written */
    const struct ssldyn_layout *layout; /* of the trace */
    double *wide;                       /* one row of the result */
    double *scratch;                    /* 8 n2 */
    size_t *numbers;                    /* n2 */
    struct ssldyn_history history;
    double alpha_p;
    struct ssldyn_knobs knobs; /* of the last snapshot */
};

static void analysis_clear(struct analysis *analysis)
{
    for (size_t i = 0; i < analysis->lane_count && analysis->lanes != NULL; i++)
        ssldyn_align_lane_clear(&analysis->lanes[i]);
    free(analysis->lanes);
    ssldyn_align_source_close(analysis->source);
    ssldyn_mode_track_free(analysis->track);
    ssldyn_align_forecast_abandon(analysis->forecast);
    ssldyn_align_cosine_abandon(analysis->cosine);
    ssldyn_trace_abandon(analysis->trace);
    free(analysis->wide);
    free(analysis->scratch);
    free(analysis->numbers);
    ssldyn_history_clear(&analysis->history);
    ssldyn_knobs_clear(&analysis->knobs);
}

static enum ssldyn_status analysis_init(struct analysis *analysis,
                                        const struct ssldyn_align_request *request,
                                        struct ssldyn_error *err)
{
    memset(analysis, 0, sizeof *analysis);
    analysis->request = request;
    enum ssldyn_status status = ssldyn_align_source_open(request, &analysis->source, err);
    if (status != SSLDYN_OK)
        return status;
    analysis->sizes = ssldyn_align_source_sizes(analysis->source);
    const struct ssldyn_layout *layout = ssldyn_align_layout(request, analysis->sizes.parameters);
    analysis->layout = layout;
    const size_t n = analysis->sizes.n2;
    const size_t snapshots = analysis->sizes.snapshots;
    const size_t threads = request->threads > 0 ? (size_t)request->threads : 1;
    analysis->threads = threads < snapshots ? threads : snapshots;
    const bool small = n <= SMALL && analysis->sizes.features == 0 && analysis->threads > 1;
    analysis->batch_size = small ? SHARE * analysis->threads : analysis->threads;
    /* no more lanes than snapshots: each lane has an observer to initialize */
    analysis->lane_count =
        2 * analysis->batch_size < snapshots ? 2 * analysis->batch_size : snapshots;
    analysis->lanes = ssldyn_memory_array(analysis->lane_count, sizeof *analysis->lanes);
    analysis->wide = ssldyn_memory_array(ssldyn_layout_width(layout, n), sizeof(double));
    analysis->scratch = ssldyn_memory_array(n, 8 * sizeof(double));
    analysis->numbers = ssldyn_memory_array(n, sizeof(size_t));
    if (analysis->lanes == NULL || analysis->wide == NULL || analysis->scratch == NULL ||
        analysis->numbers == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the analysis");
    for (size_t i = 0; i < analysis->lane_count && status == SSLDYN_OK; i++)
        status = ssldyn_align_lane_init(analysis->source, request, &analysis->lanes[i], err);
    if (status == SSLDYN_OK)
        status = ssldyn_mode_track_create(n, request->leading, &analysis->track, err);
    if (status == SSLDYN_OK && request->output != NULL)
        status = ssldyn_file_make_directory(request->output, err);
    if (status == SSLDYN_OK && request->output != NULL)
        status = ssldyn_trace_open(request->output, layout, n, NULL, 0, &analysis->trace, err);
    if (status == SSLDYN_OK && request->predict > 0)
        status = ssldyn_align_forecast_open(request, &analysis->sizes, &analysis->forecast, err);
    analysis->reading = ssldyn_align_lane_reading(request, &analysis->sizes);
    if (status == SSLDYN_OK && analysis->reading != SSLDYN_READING_L2)
        status = ssldyn_align_cosine_open(
            request, analysis->sizes.n1, n,
            ssldyn_align_lane_alpha_p(analysis->request, &analysis->sizes), &analysis->cosine, err);
    return status;
}

static double mean_square(const struct analysis *analysis, const struct ssldyn_align_lane *lane)
{
    const double *mean = lane->slot.mean;
    if (mean != NULL)
        return ssldyn_dense_dot(analysis->sizes.n2, mean, mean);
    return analysis->sizes.mean == SSLDYN_MEAN_ZERO ? 0.0 : (double)NAN;
}

/* Evaluates the modes of the last snapshot if the rates or the data are known: their margins,
 * and whether p is proportional to lambda_d/lambda_s. */
static enum ssldyn_status judge_last(struct analysis *analysis,
                                     const struct ssldyn_align_lane *lane, struct ssldyn_error *err)
{
    const struct ssldyn_align_sizes *sizes = &analysis->sizes;
    const struct ssldyn_align_request *request = analysis->request;
    const struct ssldyn_knobs_input input = {
        .n1 = sizes->n1,
        .n2 = sizes->n2,
        .count = request->leading,
        .row = lane->row,
        .eigenvectors = ssldyn_observer_eigenvectors(lane->observer),
        .snapshot = lane->slot.snapshot,
        .parameters = sizes->parameters != NULL ? sizes->parameters : request->parameters,
        .moments = sizes->moments,
        .training = sizes->parameters != NULL ? NULL : request->training,
        .margins = request->margins,
    };
    const bool rates_known = sizes->parameters != NULL || request->decay_known;
    const bool data_known = sizes->moments == NULL || sizes->loss_known;
    enum ssldyn_status status = SSLDYN_OK;
    if (analysis->cosine != NULL && input.snapshot.W != NULL && sizes->moments != NULL &&
        sizes->loss_known)
        status = ssldyn_align_cosine_ratio(analysis->cosine, &input, err);
    if (status != SSLDYN_OK || !rates_known || !data_known)
        return status;
    return ssldyn_knobs_find(&input, &analysis->knobs, err);
}

/* The sequential work on one snapshot: identities, sums, the row. */
static enum ssldyn_status finish(struct analysis *analysis, struct ssldyn_align_lane *lane,
                                 struct ssldyn_error *err)
{
    const size_t n = analysis->sizes.n2;
    struct ssldyn_align_extras extras = {
        .errors = analysis->sizes.features > 0 ? lane->errors : NULL,
        .numbers = analysis->numbers,
        .errors_known = ssldyn_align_lane_exact(&analysis->sizes),
        .run_alpha_p = ssldyn_align_lane_alpha_p(analysis->request, &analysis->sizes),
        .whitened = ssldyn_align_lane_whitened(&analysis->sizes),
        .variances = lane->variances,
        .mean_square = mean_square(analysis, lane),
        .noise = lane->slot.noise,
        .effective = lane->effective != NULL ? &lane->measures : NULL,
        .plateau = analysis->cosine != NULL,
        .angle = (double)NAN,
    };
    const struct ssldyn_parabola_points points = {.count = lane->modes.count,
                                                  .s = lane->modes.s,
                                                  .p = lane->modes.p,
                                                  .variance = lane->modes.variance,
                                                  .shared = lane->modes.shared,
                                                  .errors_known = lane->modes.variance != NULL};
    if (lane->modes.count > 0 && ssldyn_predictor_basis_shared(&lane->modes))
        extras.points = &points;
    const double *s = lane->row + ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0);
    const double *p = lane->row + ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, 0);
    const size_t stride = SSLDYN_MATRIX_PER_MODE;
    const double last = s[(n - 1) * stride];
    if (lane->slot.F != NULL && last < 0.0 && !(-last <= SSLDYN_ALIGN_NOT_POSITIVE * s[0]))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--f: snapshot %zu has the eigenvalue %g (the largest is %g), but a "
                           "correlation E[f f^T] has no negative eigenvalues",
                           analysis->history.count + 1, last, s[0]);
    size_t alive = 0;
    while (alive < n && s[alive * stride] > analysis->request->floor * s[0])
        alive++;
    enum ssldyn_status status =
        ssldyn_mode_track_next(analysis->track, ssldyn_observer_eigenvectors(lane->observer), alive,
                               analysis->numbers, &extras.angle, err);
    if (status != SSLDYN_OK)
        return status;
    struct ssldyn_parabola_points weighed;
    if (lane->weights != NULL) {
        ssldyn_mode_weights_points(
            lane->weights, alive < analysis->request->leading ? alive : analysis->request->leading,
            p, stride, &weighed);
        extras.weights = ssldyn_mode_weights_squares(lane->weights);
        extras.points = &weighed;
    }
    struct ssldyn_summary summary;
    ssldyn_align_row(analysis->request, n, lane->row, &extras, false, analysis->wide, &summary,
                     &analysis->alpha_p, analysis->scratch);
    if (analysis->cosine != NULL)
        ssldyn_align_cosine_next(analysis->cosine, lane->row, &summary.plateau,
                                 &lane->slot.snapshot,
                                 ssldyn_observer_eigenvectors(lane->observer));
    status = ssldyn_history_add(&analysis->history, &summary, err);
    if (status == SSLDYN_OK && analysis->trace != NULL)
        status = ssldyn_trace_append(analysis->trace, analysis->wide, err);
    if (status == SSLDYN_OK)
        status =
            ssldyn_align_table_row(analysis->request, analysis->layout, n, analysis->wide, err);
    if (status == SSLDYN_OK && analysis->forecast != NULL)
        status = ssldyn_align_forecast_next(analysis->forecast, analysis->history.count - 1,
                                            &lane->slot.snapshot, lane->row, err);
    if (status == SSLDYN_OK && analysis->history.count == analysis->sizes.snapshots)
        status = judge_last(analysis, lane, err);
    return status;
}

/* Reads the next snapshots into a batch, as many as are left and fit. */
static enum ssldyn_status read_batch(struct analysis *analysis, struct batch *batch,
                                     struct ssldyn_error *err)
{
    const size_t left = analysis->sizes.snapshots - analysis->read;
    const size_t count = left < analysis->batch_size ? left : analysis->batch_size;
    for (batch->count = 0; batch->count < count; batch->count++) {
        const enum ssldyn_status status =
            ssldyn_align_source_next(analysis->source, &batch->lanes[batch->count].slot, err);
        if (status != SSLDYN_OK)
            return status;
        analysis->read++;
    }
    return SSLDYN_OK;
}

/* Finishes the observed snapshots and empties the batch. */
static enum ssldyn_status finish_batch(struct analysis *analysis, struct batch *batch,
                                       struct ssldyn_error *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct ssldyn_align_lane *lane = &batch->lanes[i];
        if (lane->status != SSLDYN_OK)
            return ssldyn_fail(err, lane->status, "%s", lane->err.message);
        const enum ssldyn_status status = finish(analysis, lane, err);
        if (status != SSLDYN_OK)
            return status;
    }
    batch->count = 0;
    return SSLDYN_OK;
}

/* The constant of Thm 1 is that of the first snapshot, in every lane's observer. */
static enum ssldyn_status prime_observers(struct analysis *analysis, struct ssldyn_error *err)
{
    const struct ssldyn_snapshot *first = &analysis->lanes[0].slot.snapshot;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 1; i < analysis->lane_count && status == SSLDYN_OK; i++)
        status =
            ssldyn_observer_row(analysis->lanes[i].observer, first, analysis->lanes[i].row, err);
    return status;
}

/* Shared by the threads during one turn. */
struct turn {
    struct analysis *analysis;
    struct batch *now;
    struct batch *other;
    enum ssldyn_status finished; /* status of finishing `other` */
    enum ssldyn_status read;     /* status of reading into `other` */
    struct ssldyn_error trouble;
};

static void take_turn(void *context, size_t i, int thread)
{
    (void)thread;
    struct turn *turn = context;
    if (i > 0) {
        ssldyn_align_lane_observe(turn->analysis->request, &turn->analysis->sizes,
                                  &turn->now->lanes[i - 1]);
        return;
    }
    turn->finished = finish_batch(turn->analysis, turn->other, &turn->trouble);
    if (turn->finished == SSLDYN_OK)
        turn->read = read_batch(turn->analysis, turn->other, &turn->trouble);
}

/* Observes the snapshots of `now`; meanwhile finishes those of `other` and reads the next ones
 * into it. */
static enum ssldyn_status take_turns(struct analysis *analysis, struct batch *now,
                                     struct batch *other, struct ssldyn_error *err)
{
    struct turn turn = {.analysis = analysis, .now = now, .other = other};
    ssldyn_parallel_for((int)analysis->threads, now->count + 1, take_turn, &turn);
    /* the error of an earlier snapshot is reported first, for any batch size */
    enum ssldyn_status status = turn.finished;
    if (status == SSLDYN_OK && turn.read != SSLDYN_OK) {
        status = finish_batch(analysis, now, err);
        if (status != SSLDYN_OK)
            return status;
        status = turn.read;
    }
    return status != SSLDYN_OK ? ssldyn_fail(err, status, "%s", turn.trouble.message) : SSLDYN_OK;
}

/* All snapshots, or those up to an interruption by the user. */
static enum ssldyn_status observe_all(struct analysis *analysis, struct ssldyn_error *err)
{
    const size_t second =
        analysis->batch_size < analysis->lane_count ? analysis->batch_size : analysis->lane_count;
    struct batch batches[2] = {{analysis->lanes, 0}, {analysis->lanes + second, 0}};
    struct batch *now = &batches[0];
    struct batch *other = &batches[1];
    enum ssldyn_status status = read_batch(analysis, now, err);
    if (status == SSLDYN_OK)
        status = prime_observers(analysis, err);
    struct ssldyn_progress progress;
    ssldyn_progress_begin(&progress, "align", "snapshots", (double)analysis->sizes.snapshots,
                          analysis->request->quiet);
    bool stopped = false;
    while (status == SSLDYN_OK && now->count > 0 && !stopped) {
        status = take_turns(analysis, now, other, err);
        struct batch *const observed = now;
        now = other;
        other = observed;
        ssldyn_progress_update(&progress, (double)analysis->history.count);
        stopped = ssldyn_signal_pending();
    }
    ssldyn_progress_end(&progress);
    return status == SSLDYN_OK ? finish_batch(analysis, other, err) : status;
}

/* Makes the verdict, gives the files their final names, and fills the report. */
static enum ssldyn_status conclude(struct analysis *analysis, struct ssldyn_align_report *report,
                                   struct ssldyn_error *err)
{
    const struct ssldyn_align_request *request = analysis->request;
    enum ssldyn_status status = SSLDYN_OK;
    report->snapshots = analysis->history.count;
    report->modes = analysis->sizes.n2;
    report->sampled = request->outputs != NULL;
    report->last = analysis->history.items[analysis->history.count - 1];
    report->alpha_p = analysis->alpha_p;
    report->basis = (struct ssldyn_basis){.modes = analysis->sizes.n2,
                                          .samples = analysis->sizes.samples,
                                          .counted = analysis->sizes.features == 0,
                                          .inputs = analysis->sizes.n1,
                                          .mean = analysis->sizes.mean,
                                          .population = analysis->sizes.population,
                                          .floor = request->floor,
                                          .reading = analysis->reading};
    ssldyn_align_source_layers(analysis->source, report->basis.layers, sizeof report->basis.layers);
    ssldyn_verdict_make(&analysis->history, &report->basis, &report->verdict);
    report->skipped = ssldyn_align_source_skipped(analysis->source, &report->verdict);
    if (analysis->forecast != NULL) {
        status = ssldyn_align_forecast_close(analysis->forecast, &report->forecast, err);
        analysis->forecast = NULL;
    }
    ssldyn_align_forecast_append(&report->forecast, &report->verdict);
    ssldyn_knobs_append(&analysis->knobs, &report->verdict);
    report->knobs = ssldyn_knobs_sum(&analysis->knobs);
    if (status == SSLDYN_OK && analysis->cosine != NULL) {
        status = ssldyn_align_cosine_close(analysis->cosine, &report->cosine, err);
        analysis->cosine = NULL;
    }
    ssldyn_align_cosine_append(&report->cosine, &report->verdict);
    if (status == SSLDYN_OK)
        status = ssldyn_align_table_knobs(request, &analysis->knobs, err);
    if (status == SSLDYN_OK && analysis->trace != NULL) {
        status = ssldyn_trace_close(analysis->trace, err);
        analysis->trace = NULL;
        if (status == SSLDYN_OK)
            status = ssldyn_verdict_write(request->output, &report->verdict, err);
    }
    return status;
}

static enum ssldyn_status align_matrices(const struct ssldyn_align_request *request,
                                         struct ssldyn_align_report *report,
                                         struct ssldyn_error *err)
{
    struct analysis analysis;
    enum ssldyn_status status = analysis_init(&analysis, request, err);
    if (status == SSLDYN_OK)
        status = observe_all(&analysis, err);
    if (status == SSLDYN_OK) {
        const bool whole = analysis.history.count == analysis.sizes.snapshots;
        status = conclude(&analysis, report, err);
        if (status == SSLDYN_OK && !whole)
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped after %zu snapshots",
                                 report->snapshots);
    }
    analysis_clear(&analysis);
    return status;
}

enum ssldyn_status ssldyn_align(const struct ssldyn_align_request *request,
                                struct ssldyn_align_report *report, struct ssldyn_error *err)
{
    memset(report, 0, sizeof *report);
    report->forecast.last = report->forecast.largest = (double)NAN;
    if (request->spectra != NULL)
        return ssldyn_align_spectra(request, report, err);
    return align_matrices(request, report, err);
}
