/* Snapshots from files (align_source.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_source.h"

#include "sim/align/align_source_internal.h"
#include "sim/align/verdict_parts.h"
#include "sim/base/memory.h"
#include "sim/io/output_dir.h"
#include "sim/linalg/linalg.h"
#include "theory/depth_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Largest |F - F^T|/|F| that rounding and half precision can explain. */
static const double asymmetry_tolerance = 1e-2;

/* The inputs of a network simulated by ssldyn, and those of weights without data, have zero
 * mean. */
static enum ssldyn_mean find_mean(const struct ssldyn_align_source *source,
                                  const struct ssldyn_align_request *request)
{
    if (source->parts[PART_FEATURES] != NULL || source->parts[PART_MEAN] != NULL)
        return SSLDYN_MEAN_KNOWN;
    if (source->run.known || (request->run == NULL && request->w != NULL && request->x == NULL))
        return SSLDYN_MEAN_ZERO;
    return request->centered ? SSLDYN_MEAN_REMOVED : SSLDYN_MEAN_UNKNOWN;
}

static bool has_part(const struct ssldyn_align_source *source, enum part part)
{
    return part == PART_WP ? source->predictor != NULL : source->parts[part] != NULL;
}

static void close_parts(struct ssldyn_align_source *source)
{
    ssldyn_predictor_layers_close(source->predictor);
    source->predictor = NULL;
    for (int part = 0; part < PARTS; part++) {
        ssldyn_matrices_close(source->parts[part]);
        source->parts[part] = NULL;
    }
}

/* Reads the next array of one part; finite: as in ssldyn_matrices_next. */
static enum ssldyn_status read_part(struct ssldyn_align_source *source, enum part part,
                                    double matrix[], bool *finite, struct ssldyn_error *err)
{
    if (part == PART_WP)
        return ssldyn_predictor_layers_next(source->predictor, matrix, finite, err);
    return ssldyn_matrices_next(source->parts[part], matrix, finite, err);
}

/* Marks the frames of one part that have a non-finite entry. */
static enum ssldyn_status scan_part(struct ssldyn_align_source *source, enum part part,
                                    struct ssldyn_error *err)
{
    const struct ssldyn_matrices *matrices = source->parts[part];
    const size_t entries = part == PART_WP
                               ? source->sizes.n2 * source->sizes.n2
                               : ssldyn_matrices_rows(matrices) * ssldyn_matrices_columns(matrices);
    double *matrix = ssldyn_memory_array(entries, sizeof(double));
    enum ssldyn_status status =
        matrix == NULL ? ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory") : SSLDYN_OK;
    for (size_t i = 0; i < source->frames && status == SSLDYN_OK; i++) {
        bool finite = true;
        status = read_part(source, part, matrix, &finite, err);
        source->bad[i] = source->bad[i] || !finite;
    }
    free(matrix);
    return status;
}

/* Reads all files once to find the bad frames, and reopens them. */
static enum ssldyn_status find_bad(struct ssldyn_align_source *source,
                                   const struct ssldyn_align_request *request,
                                   struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    source->bad = ssldyn_memory_array(source->frames, sizeof *source->bad);
    if (source->bad == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < source->frames; i++)
        source->bad[i] = false;
    for (int part = 0; part < PARTS && status == SSLDYN_OK; part++) {
        if (has_part(source, (enum part)part))
            status = scan_part(source, (enum part)part, err);
    }
    close_parts(source);
    for (size_t i = 0; i < source->frames; i++)
        source->sizes.snapshots -= source->bad[i] ? 1 : 0;
    if (status == SSLDYN_OK && source->sizes.snapshots == 0)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT, "--skip-bad: all %zu snapshots have non-finite entries",
                        source->frames);
    return status == SSLDYN_OK ? ssldyn_align_source_parts(source, request, err) : status;
}

/* The number of samples behind the last snapshot; 0: unknown, or population moments. */
static size_t count_samples(const struct ssldyn_align_source *source,
                            const struct ssldyn_align_request *request)
{
    size_t last = source->frames - 1;
    while (last > 0 && source->bad != NULL && source->bad[last])
        last--;
    if (source->sizes.features > 0)
        return source->sizes.features;
    if (source->run.count.data != NULL && !source->sizes.population)
        return (size_t)source->run.count.data[last];
    return request->count;
}

enum ssldyn_status ssldyn_align_source_open(const struct ssldyn_align_request *request,
                                            struct ssldyn_align_source **source,
                                            struct ssldyn_error *err)
{
    *source = NULL;
    struct ssldyn_align_source *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->centered = request->centered;
    enum ssldyn_status status =
        request->run != NULL ? ssldyn_output_dir_check_readable(request->run, err) : SSLDYN_OK;
    if (status == SSLDYN_OK)
        status = ssldyn_align_source_parts(fresh, request, err);
    if (status == SSLDYN_OK)
        status = ssldyn_align_source_check(fresh, request, err);
    if (status == SSLDYN_OK && request->run == NULL)
        status = ssldyn_align_source_data(fresh, request, err);
    if (status == SSLDYN_OK && request->run != NULL) {
        status = ssldyn_align_run_read(request->run, fresh->sizes.snapshots, fresh->sizes.n1,
                                       &fresh->run, err);
        const struct ssldyn_parameters *parameters = &fresh->run.spec.problem.parameters;
        fresh->sizes.layered = fresh->run.known && ssldyn_depth_is_deep(parameters);
        fresh->sizes.parameters = fresh->run.known && !fresh->sizes.layered ? parameters : NULL;
        fresh->sizes.moments = fresh->run.known ? &fresh->run.moments : NULL;
        fresh->sizes.loss_known = fresh->run.known;
    }
    if (status != SSLDYN_OK) {
        ssldyn_align_source_close(fresh);
        return status;
    }
    fresh->frames = fresh->sizes.snapshots;
    if (request->skip_bad)
        status = find_bad(fresh, request, err);
    if (status != SSLDYN_OK) {
        ssldyn_align_source_close(fresh);
        return status;
    }
    fresh->sizes.mean = find_mean(fresh, request);
    fresh->sizes.population = fresh->sizes.mean == SSLDYN_MEAN_ZERO;
    fresh->sizes.samples = count_samples(fresh, request);
    *source = fresh;
    return SSLDYN_OK;
}

void ssldyn_align_source_close(struct ssldyn_align_source *source)
{
    if (source == NULL)
        return;
    close_parts(source);
    ssldyn_align_run_clear(&source->run);
    free(source->bad);
    free(source);
}

struct ssldyn_align_sizes ssldyn_align_source_sizes(const struct ssldyn_align_source *source)
{
    return source->sizes;
}

void ssldyn_align_source_layers(const struct ssldyn_align_source *source, char text[], size_t size)
{
    text[0] = '\0';
    if (source->predictor != NULL)
        ssldyn_predictor_layers_describe(source->predictor, text, size);
}

enum ssldyn_status ssldyn_align_source_slot(const struct ssldyn_align_source *source,
                                            struct ssldyn_align_slot *slot,
                                            struct ssldyn_error *err)
{
    const size_t n1 = source->sizes.n1;
    const size_t n2 = source->sizes.n2;
    memset(slot, 0, sizeof *slot);
    const size_t features = source->sizes.features;
    const size_t counts[PARTS] = {n2 * n2,       n2 * n2,       n2 * n1, n2 * n1,
                                  features * n2, features * n2, n2};
    double **const places[PARTS] = {&slot->Wp,       &slot->F,       &slot->W,   &slot->Wa,
                                    &slot->features, &slot->outputs, &slot->mean};
    bool complete = true;
    for (int part = 0; part < PARTS; part++) {
        /* F and the mean are computed from features, the predictor from their outputs */
        const bool made = (features > 0 && (part == PART_F || part == PART_MEAN)) ||
                          (source->parts[PART_OUTPUTS] != NULL && part == PART_WP);
        if (!has_part(source, (enum part)part) && !made)
            continue;
        *places[part] = ssldyn_memory_array(counts[part], sizeof(double));
        complete = complete && *places[part] != NULL;
    }
    if (features > 0 && !source->centered) {
        slot->covariance = ssldyn_memory_array(n2 * n2, sizeof(double));
        complete = complete && slot->covariance != NULL;
    }
    if (!complete) {
        ssldyn_align_slot_clear(slot);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a snapshot");
    }
    return SSLDYN_OK;
}

/* By Weyl's inequality no eigenvalue of a rounded matrix F has an error above |E|_F <= u |F|_F. */
static double rounding_of(const struct ssldyn_align_source *source,
                          const struct ssldyn_align_slot *slot)
{
    const size_t n = source->sizes.n2;
    double noise = 0.0;
    if (source->parts[PART_F] != NULL)
        noise = ssldyn_matrices_roundoff(source->parts[PART_F]) * ssldyn_dense_norm(n * n, slot->F);
    if (source->parts[PART_MEAN] != NULL)
        noise += 2.0 * ssldyn_matrices_roundoff(source->parts[PART_MEAN]) *
                 ssldyn_dense_dot(n, slot->mean, slot->mean);
    return noise;
}

static double time_of(const struct ssldyn_align_source *source, size_t frame)
{
    if (source->run.t.data != NULL)
        return source->run.t.data[frame];
    for (int part = 0; part < PARTS; part++) {
        const struct ssldyn_matrices *series =
            part == PART_WP && source->predictor != NULL
                ? ssldyn_predictor_layers_series(source->predictor, 0)
                : source->parts[part];
        const double label = series != NULL ? ssldyn_matrices_label(series, frame) : (double)NAN;
        if (!isnan(label))
            return label;
    }
    return (double)frame;
}

size_t ssldyn_align_source_skipped(const struct ssldyn_align_source *source,
                                   struct ssldyn_verdict *verdict)
{
    enum { NAMED = 8 };
    const size_t skipped = source->frames - source->sizes.snapshots;
    size_t named = 0;
    if (skipped == 0)
        return 0;
    ssldyn_verdict_append(verdict,
                          " Skipped: %zu of %zu snapshots with non-finite entries, at t =", skipped,
                          source->frames);
    for (size_t i = 0; i < source->frames && named < NAMED; i++)
        if (source->bad[i])
            ssldyn_verdict_append(verdict, "%s %g", named++ > 0 ? "," : "", time_of(source, i));
    ssldyn_verdict_append(verdict, "%s.", skipped > NAMED ? ", ..." : "");
    return skipped;
}

static enum ssldyn_status read_frame(struct ssldyn_align_source *source,
                                     struct ssldyn_align_slot *slot, struct ssldyn_error *err)
{
    double *const places[PARTS] = {slot->Wp,       slot->F,       slot->W,   slot->Wa,
                                   slot->features, slot->outputs, slot->mean};
    bool finite = true;
    for (int part = 0; part < PARTS; part++) {
        if (!has_part(source, (enum part)part))
            continue;
        const bool bad = source->bad != NULL && source->bad[source->done];
        const enum ssldyn_status status =
            read_part(source, (enum part)part, places[part], bad ? &finite : NULL, err);
        if (status != SSLDYN_OK)
            return status;
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_align_source_next(struct ssldyn_align_source *source,
                                            struct ssldyn_align_slot *slot,
                                            struct ssldyn_error *err)
{
    for (bool again = true; again;) {
        const enum ssldyn_status status = read_frame(source, slot, err);
        if (status != SSLDYN_OK)
            return status;
        again = source->bad != NULL && source->bad[source->done];
        source->done += again ? 1 : 0;
    }
    /* If F is given and X is unknown, W alone would imply another F. */
    const bool by_correlation =
        slot->F != NULL && (slot->W == NULL || source->sizes.moments == NULL);
    slot->noise = rounding_of(source, slot);
    if (slot->features != NULL) {
        ssldyn_align_slot_form(slot, source->sizes.features, source->sizes.n2, source->centered,
                               ssldyn_matrices_roundoff(source->parts[PART_FEATURES]));
    } else if (by_correlation) {
        const double asymmetry = ssldyn_dense_asymmetry(source->sizes.n2, slot->F);
        if (asymmetry > asymmetry_tolerance)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--f: matrix %zu is not symmetric (|F - F^T|/|F| = %.2g), so it is "
                               "not a correlation matrix; were --f and --wp swapped?",
                               source->done + 1, asymmetry);
    }
    const size_t frame = source->done++;
    slot->snapshot = (struct ssldyn_snapshot){
        .t = time_of(source, frame),
        .step = source->run.step != NULL ? source->run.step[frame] : (double)NAN,
        .Wp = slot->Wp,
        .W = by_correlation ? NULL : slot->W,
        .Wa = slot->Wa,
        .F = slot->F,
        .tau = source->run.tau != NULL ? source->run.tau[frame] : (double)NAN,
        .decay_saved = source->run.spec.problem.sgd.schedule_decay != SSLDYN_SCHEDULE_CONSTANT
                           ? (double)NAN
                           : 0.0,
    };
    return SSLDYN_OK;
}
