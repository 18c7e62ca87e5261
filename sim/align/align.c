/* The alignment analysis (align.h): batches of snapshots are read in order, observed side by side,
 * and finished in order, so that rows do not depend on the number of threads. While one batch is
 * observed, the one before is finished and the next is read. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"

#include "sim/align/align_forecast.h"
#include "sim/align/align_rows.h"
#include "sim/align/align_source.h"
#include "sim/align/align_spectra.h"
#include "sim/align/mode_track.h"
#include "sim/align/mode_weights.h"
#include "sim/align/predictor_basis.h"
#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/io/file.h"
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to SMALL x SMALL matrices a batch holds SHARE snapshots a thread; beyond, what is left to do
 * in order is little beside the rest, and memory is dear. */
enum { LOSS_COLUMN = 2, SMALL = 256, SHARE = 4 };

/* How far below 0, beside the largest, eigenvalues of a measured F may lie: those of bfloat16 are
 * off by half a per cent. */
static const double not_positive = 0.01;

/* One snapshot on its way. */
struct lane {
    struct ssldyn_align_slot slot;
    struct ssldyn_observer *observer;
    double *row;                          /* of the observer */
    double *errors;                       /* n2, with features */
    double *turned;                       /* features in the eigenbasis, N x n2 */
    struct ssldyn_predictor_basis *basis; /* NULL: F is exact, or there is no predictor */
    struct ssldyn_predictor_modes modes;  /* of the snapshot, there */
    double *variances, *covariance;      /* n2 and n2 x n2; NULL: F is the covariance, or unknown */
    struct ssldyn_eigen *eigen;          /* for them */
    struct ssldyn_mode_weights *weights; /* NULL: s_j is w_j^2, or W is unknown */
    enum ssldyn_status status;
    struct ssldyn_error err;
};

struct batch {
    struct lane *lanes;
    size_t count; /* lanes that hold a snapshot */
};

struct analysis {
    const struct ssldyn_align_request *request;
    struct ssldyn_align_source *source;
    struct ssldyn_align_sizes sizes;
    size_t threads;
    size_t batch_size, lane_count; /* two batches */
    struct lane *lanes;
    size_t read; /* snapshots so far */
    struct ssldyn_mode_track *track;
    struct ssldyn_align_forecast *forecast; /* NULL: none */
    struct ssldyn_trace *trace;             /* NULL: nothing is written */
    double *wide;                           /* one row of the result */
    double *scratch;                        /* 5 n2 */
    size_t *numbers;                        /* n2 */
    struct ssldyn_history history;
    double alpha_p;
    struct ssldyn_knobs knobs; /* of the last snapshot */
};

static void lane_clear(struct lane *lane)
{
    ssldyn_align_slot_clear(&lane->slot);
    ssldyn_observer_free(lane->observer);
    free(lane->row);
    free(lane->errors);
    free(lane->turned);
    ssldyn_predictor_basis_free(lane->basis);
    free(lane->variances);
    free(lane->covariance);
    ssldyn_eigen_free(lane->eigen);
    ssldyn_mode_weights_free(lane->weights);
}

/* Whether F has no sampling error: it was made from the weights, or by a run of the theory. */
static bool exact_input(const struct analysis *analysis)
{
    return analysis->sizes.features == 0 &&
           (analysis->sizes.n1 > 0 || analysis->sizes.parameters != NULL);
}

/* Whether F = W W^T, so that s_j = w_j^2. */
static bool whitened(const struct ssldyn_align_sizes *sizes)
{
    return sizes->n1 > 0 &&
           (sizes->moments == NULL || sizes->moments->kind == SSLDYN_MOMENTS_ISOTROPIC);
}

static enum ssldyn_status lane_init(const struct analysis *analysis, struct lane *lane,
                                    struct ssldyn_error *err)
{
    const struct ssldyn_align_sizes *sizes = &analysis->sizes;
    enum ssldyn_status status = ssldyn_align_slot_init(analysis->source, &lane->slot, err);
    if (status == SSLDYN_OK)
        status = ssldyn_observer_create(sizes->n1, sizes->n2, sizes->parameters, sizes->moments,
                                        &lane->observer, err);
    if (status != SSLDYN_OK)
        return status;
    lane->row =
        ssldyn_array_alloc(ssldyn_layout_width(&ssldyn_layout_matrix, sizes->n2), sizeof(double));
    lane->errors = ssldyn_array_alloc(sizes->n2, sizeof(double));
    lane->turned = ssldyn_array_alloc(sizes->features, sizes->n2 * sizeof(double));
    if (lane->row == NULL || lane->errors == NULL || lane->turned == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the analysis");
    if (lane->slot.Wp != NULL && sizes->n1 > 0 && !whitened(sizes))
        status = ssldyn_mode_weights_create(sizes->n1, sizes->n2, &lane->weights, err);
    if (status != SSLDYN_OK)
        return status;
    if (lane->slot.Wp != NULL && !exact_input(analysis)) {
        status = ssldyn_predictor_basis_create(sizes->n2, sizes->features, &lane->basis, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (lane->slot.mean == NULL || analysis->request->centered)
        return SSLDYN_OK;
    lane->variances = ssldyn_array_alloc(sizes->n2, sizeof(double));
    lane->covariance = ssldyn_array_alloc(sizes->n2, sizes->n2 * sizeof(double));
    if (lane->variances == NULL || lane->covariance == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the analysis");
    return ssldyn_eigen_create(sizes->n2, &lane->eigen, err);
}

static void analysis_clear(struct analysis *analysis)
{
    for (size_t i = 0; i < analysis->lane_count && analysis->lanes != NULL; i++)
        lane_clear(&analysis->lanes[i]);
    free(analysis->lanes);
    ssldyn_align_source_close(analysis->source);
    ssldyn_mode_track_free(analysis->track);
    ssldyn_align_forecast_abandon(analysis->forecast);
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
    const size_t n = analysis->sizes.n2;
    const size_t snapshots = analysis->sizes.snapshots;
    const size_t threads = request->threads > 0 ? (size_t)request->threads : 1;
    analysis->threads = threads < snapshots ? threads : snapshots;
    const bool small = n <= SMALL && analysis->sizes.features == 0 && analysis->threads > 1;
    analysis->batch_size = small ? SHARE * analysis->threads : analysis->threads;
    analysis->lane_count = 2 * analysis->batch_size;
    analysis->lanes = ssldyn_array_alloc(analysis->lane_count, sizeof *analysis->lanes);
    analysis->wide =
        ssldyn_array_alloc(ssldyn_layout_width(&ssldyn_layout_align, n), sizeof(double));
    analysis->scratch = ssldyn_array_alloc(n, 5 * sizeof(double));
    analysis->numbers = ssldyn_array_alloc(n, sizeof(size_t));
    if (analysis->lanes == NULL || analysis->wide == NULL || analysis->scratch == NULL ||
        analysis->numbers == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the analysis");
    for (size_t i = 0; i < analysis->lane_count && status == SSLDYN_OK; i++)
        status = lane_init(analysis, &analysis->lanes[i], err);
    if (status == SSLDYN_OK)
        status = ssldyn_mode_track_create(n, request->leading, &analysis->track, err);
    if (status == SSLDYN_OK && request->output != NULL)
        status = ssldyn_directory_make(request->output, err);
    if (status == SSLDYN_OK && request->output != NULL)
        status = ssldyn_trace_open(request->output, &ssldyn_layout_align, n, NULL, 0,
                                   &analysis->trace, err);
    if (status == SSLDYN_OK && request->predict > 0)
        status = ssldyn_align_forecast_open(request, &analysis->sizes, &analysis->forecast, err);
    return status;
}

/* alpha_p of the run, where p^2 = alpha_p w^2 is what the theory expects of it: equal decays, a
 * predictor that follows its gradient, and w known. Else NaN. */
static double run_alpha_p(const struct analysis *analysis)
{
    const struct ssldyn_parameters *parameters = analysis->sizes.parameters;
    const struct ssldyn_moments *moments = analysis->sizes.moments;
    if (parameters == NULL && analysis->request->alpha_known)
        parameters = analysis->request->parameters;
    if (parameters == NULL || !parameters->predictor || !parameters->stop_grad ||
        parameters->rule != SSLDYN_PREDICTOR_GRADIENT ||
        parameters->rates.eta_p != parameters->rates.eta_s ||
        (moments != NULL && analysis->sizes.n1 == 0 && moments->kind != SSLDYN_MOMENTS_ISOTROPIC))
        return (double)NAN;
    return parameters->rates.alpha_p;
}

/* Standard error of each eigenvalue from N features: with y_i = u_j . f_i the eigenvalue is the
 * mean of y^2, and to first order its variance is that of y^2 over N. */
static void sampling_errors(const struct analysis *analysis, struct lane *lane)
{
    const size_t count = analysis->sizes.features;
    const size_t n = analysis->sizes.n2;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)count, (int)n, (int)n, 1.0,
                lane->slot.features, (int)n, ssldyn_observer_eigenvectors(lane->observer), (int)n,
                0.0, lane->turned, (int)n);
    for (size_t j = 0; j < n; j++) {
        double square = 0.0;
        for (size_t i = 0; i < count; i++)
            square += lane->turned[i * n + j] * lane->turned[i * n + j];
        square /= (double)count;
        double variance = 0.0;
        for (size_t i = 0; i < count; i++) {
            const double excess = lane->turned[i * n + j] * lane->turned[i * n + j] - square;
            variance += excess * excess;
        }
        lane->errors[j] = sqrt(variance / ((double)count - 1.0) / (double)count);
    }
}

/* Eigenvalues of the covariance: of features, or F - mean mean^T. */
static enum ssldyn_status find_variances(const struct analysis *analysis, struct lane *lane,
                                         struct ssldyn_error *err)
{
    const size_t n = analysis->sizes.n2;
    const double *mean = lane->slot.mean;
    const double *covariance = lane->slot.covariance;
    if (covariance == NULL) {
        const double *F = ssldyn_observer_correlation(lane->observer);
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                lane->covariance[j * n + k] = F[j * n + k] - mean[j] * mean[k];
        covariance = lane->covariance;
    }
    enum ssldyn_status status =
        ssldyn_eigen_symmetric(lane->eigen, covariance, lane->variances, NULL, err);
    const double *s = lane->row + ssldyn_layout_matrix.scalar_count;
    if (status == SSLDYN_OK && lane->variances[n - 1] < -not_positive * s[0])
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--mean: F - mean mean^T has the eigenvalue %g, but a covariance has "
                             "none below 0; is F centered already, or is this the mean of other "
                             "inputs?",
                             lane->variances[n - 1]);
    return status;
}

/* Where no predictor is given, nothing is said of one: the observer takes the identity. */
static void forget_predictor(size_t n, double row[])
{
    const struct ssldyn_layout *layout = &ssldyn_layout_matrix;
    static const char *const scalars[] = {"loss", "norm_wp", "commutator", "asymmetry"};
    for (size_t i = 0; i < layout->scalar_count; i++)
        for (size_t k = 0; k < sizeof scalars / sizeof scalars[0]; k++)
            if (strcmp(layout->scalars[i].name, scalars[k]) == 0)
                row[i] = (double)NAN;
    for (size_t i = 0; i < layout->per_mode_count; i++)
        for (size_t j = 0; j < n && strcmp(layout->per_mode[i].name, "s") != 0; j++)
            row[layout->scalar_count + j * layout->per_mode_count + i] = (double)NAN;
}

/* What a thread does with a lane: nothing but its own memory is touched. */
static void observe(const struct analysis *analysis, struct lane *lane)
{
    lane->status = ssldyn_observer_row(lane->observer, &lane->slot.snapshot, lane->row, &lane->err);
    if (lane->status != SSLDYN_OK)
        return;
    if (!analysis->sizes.loss_known)
        lane->row[LOSS_COLUMN] = (double)NAN;
    if (lane->slot.snapshot.Wp == NULL)
        forget_predictor(analysis->sizes.n2, lane->row);
    if (analysis->sizes.features > 0)
        sampling_errors(analysis, lane);
    if (lane->weights != NULL)
        ssldyn_mode_weights_find(lane->weights, lane->slot.W,
                                 ssldyn_observer_eigenvectors(lane->observer));
    if (lane->basis != NULL)
        lane->status = ssldyn_predictor_basis_find(
            lane->basis, ssldyn_observer_correlation(lane->observer), lane->slot.Wp,
            lane->slot.features, analysis->request->floor, &lane->modes, &lane->err);
    if (lane->status == SSLDYN_OK && lane->variances != NULL)
        lane->status = find_variances(analysis, lane, &lane->err);
}

static double mean_square(const struct analysis *analysis, const struct lane *lane)
{
    const double *mean = lane->slot.mean;
    if (mean != NULL)
        return ssldyn_dot(analysis->sizes.n2, mean, mean);
    return analysis->sizes.mean == SSLDYN_MEAN_ZERO ? 0.0 : (double)NAN;
}

/* The margins of the last snapshot's modes, where the rates are known. */
static enum ssldyn_status find_knobs(struct analysis *analysis, const struct lane *lane,
                                     struct ssldyn_error *err)
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
    };
    const bool rates_known = sizes->parameters != NULL || request->decay_known;
    const bool data_known = sizes->moments == NULL || sizes->loss_known;
    if (!rates_known || !data_known)
        return SSLDYN_OK;
    return ssldyn_knobs_find(&input, &analysis->knobs, err);
}

/* What is left to do in order: identities, sums, the row. */
static enum ssldyn_status finish(struct analysis *analysis, struct lane *lane,
                                 struct ssldyn_error *err)
{
    const size_t n = analysis->sizes.n2;
    struct ssldyn_align_extras extras = {
        .errors = analysis->sizes.features > 0 ? lane->errors : NULL,
        .numbers = analysis->numbers,
        .errors_known = exact_input(analysis),
        .run_alpha_p = run_alpha_p(analysis),
        .whitened = whitened(&analysis->sizes),
        .variances = lane->variances,
        .mean_square = mean_square(analysis, lane),
        .noise = lane->slot.noise,
        .angle = (double)NAN,
    };
    const struct ssldyn_parabola_points points = {.count = lane->modes.count,
                                                  .s = lane->modes.s,
                                                  .p = lane->modes.p,
                                                  .variance = lane->modes.variance,
                                                  .shared = lane->modes.shared,
                                                  .errors_known = lane->modes.variance != NULL};
    if (lane->basis != NULL && ssldyn_predictor_basis_shared(&lane->modes))
        extras.points = &points;
    const double *s = lane->row + ssldyn_layout_matrix.scalar_count;
    const size_t stride = ssldyn_layout_matrix.per_mode_count;
    const double last = s[(n - 1) * stride];
    if (lane->slot.F != NULL && last < 0.0 && !(-last <= not_positive * s[0]))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--f: snapshot %zu has the eigenvalue %g beside %g, but a correlation "
                           "E[f f^T] has none below 0",
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
            s + 1, stride, &weighed);
        extras.weights = ssldyn_mode_weights_squares(lane->weights);
        extras.points = &weighed;
    }
    struct ssldyn_summary summary;
    ssldyn_align_row(analysis->request, n, lane->row, &extras, false, analysis->wide, &summary,
                     &analysis->alpha_p, analysis->scratch);
    status = ssldyn_history_add(&analysis->history, &summary, err);
    if (status == SSLDYN_OK && analysis->trace != NULL)
        status = ssldyn_trace_append(analysis->trace, analysis->wide, err);
    if (status == SSLDYN_OK && analysis->forecast != NULL)
        status = ssldyn_align_forecast_next(analysis->forecast, analysis->history.count - 1,
                                            &lane->slot.snapshot, lane->row, err);
    if (status == SSLDYN_OK && analysis->history.count == analysis->sizes.snapshots)
        status = find_knobs(analysis, lane, err);
    return status;
}

/* Reads the next snapshots into a batch, as many as there are and fit. */
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

/* Finishes what was observed, and empties the batch. */
static enum ssldyn_status finish_batch(struct analysis *analysis, struct batch *batch,
                                       struct ssldyn_error *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct lane *lane = &batch->lanes[i];
        if (lane->status != SSLDYN_OK)
            return ssldyn_fail(err, lane->status, "%s", lane->err.message);
        const enum ssldyn_status status = finish(analysis, lane, err);
        if (status != SSLDYN_OK)
            return status;
    }
    batch->count = 0;
    return SSLDYN_OK;
}

/* Thm 1's constant is that of the first snapshot, in every lane's observer. */
static enum ssldyn_status prime_observers(struct analysis *analysis, struct ssldyn_error *err)
{
    const struct ssldyn_snapshot *first = &analysis->lanes[0].slot.snapshot;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 1; i < analysis->lane_count && status == SSLDYN_OK; i++)
        status =
            ssldyn_observer_row(analysis->lanes[i].observer, first, analysis->lanes[i].row, err);
    return status;
}

/* Observes the snapshots of now; beside it finishes those of other and reads the next into it. */
static enum ssldyn_status turn(struct analysis *analysis, struct batch *now, struct batch *other,
                               struct ssldyn_error *err)
{
    enum ssldyn_status finished = SSLDYN_OK;
    enum ssldyn_status read = SSLDYN_OK;
    struct ssldyn_error trouble = {.status = SSLDYN_OK};
    const int tasks = (int)now->count + 1;
#ifdef _OPENMP
#pragma omp parallel for num_threads((int)analysis->threads)                                       \
    schedule(dynamic, 1) if (analysis->threads > 1)
#endif
    for (int i = 0; i < tasks; i++) {
        if (i > 0) {
            observe(analysis, &now->lanes[i - 1]);
            continue;
        }
        finished = finish_batch(analysis, other, &trouble);
        if (finished == SSLDYN_OK)
            read = read_batch(analysis, other, &trouble);
    }
    /* What is wrong with an earlier snapshot is said first, however many are in a batch. */
    enum ssldyn_status status = finished;
    if (status == SSLDYN_OK && read != SSLDYN_OK) {
        status = finish_batch(analysis, now, err);
        if (status != SSLDYN_OK)
            return status;
        status = read;
    }
    return status != SSLDYN_OK ? ssldyn_fail(err, status, "%s", trouble.message) : SSLDYN_OK;
}

/* All snapshots, or those until the user stops it. */
static enum ssldyn_status observe_all(struct analysis *analysis, struct ssldyn_error *err)
{
    struct batch batches[2] = {{analysis->lanes, 0}, {analysis->lanes + analysis->batch_size, 0}};
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
        status = turn(analysis, now, other, err);
        struct batch *const observed = now;
        now = other;
        other = observed;
        ssldyn_progress_update(&progress, (double)analysis->history.count);
        stopped = ssldyn_signal_pending();
    }
    ssldyn_progress_end(&progress);
    return status == SSLDYN_OK ? finish_batch(analysis, other, err) : status;
}

/* The verdict over what was seen, the files' final names, the report. */
static enum ssldyn_status conclude(struct analysis *analysis, struct ssldyn_align_report *report,
                                   struct ssldyn_error *err)
{
    const struct ssldyn_align_request *request = analysis->request;
    enum ssldyn_status status = SSLDYN_OK;
    report->snapshots = analysis->history.count;
    report->modes = analysis->sizes.n2;
    report->last = analysis->history.items[analysis->history.count - 1];
    report->alpha_p = analysis->alpha_p;
    report->input_asymmetry = ssldyn_align_source_asymmetry(analysis->source);
    report->basis = (struct ssldyn_basis){.modes = analysis->sizes.n2,
                                          .samples = analysis->sizes.features,
                                          .inputs = analysis->sizes.n1,
                                          .mean = analysis->sizes.mean,
                                          .population = analysis->sizes.population,
                                          .floor = request->floor};
    ssldyn_verdict_make(&analysis->history, &report->basis, &report->verdict);
    report->skipped = ssldyn_align_source_skipped(analysis->source, &report->verdict);
    if (analysis->forecast != NULL) {
        status = ssldyn_align_forecast_close(analysis->forecast, &report->forecast, err);
        analysis->forecast = NULL;
    }
    ssldyn_align_forecast_append(&report->forecast, &report->verdict);
    ssldyn_knobs_append(&analysis->knobs, &report->verdict);
    report->knobs = ssldyn_knobs_sum(&analysis->knobs);
    if (status == SSLDYN_OK && analysis->trace != NULL && analysis->knobs.count > 0)
        status = ssldyn_knobs_write(&analysis->knobs, request->output, err);
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
