/* Checks that the arrays of a source fit each other (align_source_internal.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_source_internal.h"

#include <math.h>
#include <stdio.h>

static enum ssldyn_status check_shape(const struct ssldyn_align_source *source, enum part part,
                                      size_t rows, size_t columns, struct ssldyn_error *err)
{
    const struct ssldyn_matrices *matrices = source->parts[part];
    if (matrices == NULL)
        return SSLDYN_OK;
    const size_t got_rows = ssldyn_matrices_rows(matrices);
    const size_t got_columns = ssldyn_matrices_columns(matrices);
    if ((rows != 0 && got_rows != rows) || (columns != 0 && got_columns != columns)) {
        char want[64];
        (void)snprintf(want, sizeof want, rows != 0 ? "%zu x %zu" : "N x %zu",
                       rows != 0 ? rows : columns, columns);
        return ssldyn_fail(
            err, SSLDYN_EINPUT, "%s: is %zu x %zu, but %s is needed here%s",
            ssldyn_align_source_options[part], got_rows, got_columns, want,
            got_rows == columns && got_columns == rows ? " (it is transposed: save x.T)"
            : part == PART_OUTPUTS ? ": row i must be the output for row i of --features"
                                   : "");
    }
    return SSLDYN_OK;
}

/* Detects features with samples in columns, or with a dimension too many, for a predictor with m
 * inputs. */
static enum ssldyn_status check_features(const struct ssldyn_align_source *source, const char *file,
                                         size_t m, struct ssldyn_error *err)
{
    const struct ssldyn_matrices *features = source->parts[PART_FEATURES];
    if (features == NULL)
        return SSLDYN_OK;
    const size_t rows = ssldyn_matrices_rows(features);
    const size_t columns = ssldyn_matrices_columns(features);
    if (columns != m && rows == m)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--features %s: is %zu x %zu, but the predictor has %zu inputs and each "
                           "row must be a sample: %s",
                           file, rows, columns, m,
                           columns == 1 ? "drop the last dimension (squeeze)"
                                        : "save the transpose (features.T)");
    return SSLDYN_OK;
}

/* The product of the predictor's layers is n2 x n2. */
static enum ssldyn_status check_predictor(const struct ssldyn_align_source *source,
                                          const struct ssldyn_align_request *request,
                                          struct ssldyn_error *err)
{
    const size_t n = source->sizes.n2;
    if (source->predictor == NULL)
        return SSLDYN_OK;
    const size_t rows = ssldyn_predictor_layers_rows(source->predictor);
    const size_t columns = ssldyn_predictor_layers_columns(source->predictor);
    char layers[256];
    if (rows == n && columns == n)
        return SSLDYN_OK;
    if (source->sizes.features > 0 && rows == columns) {
        const enum ssldyn_status status = check_features(source, request->features, columns, err);
        if (status != SSLDYN_OK)
            return status;
    }
    ssldyn_predictor_layers_describe(source->predictor, layers, sizeof layers);
    if (layers[0] != '\0')
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--wp: the product of %s is %zu x %zu, but %zu x %zu is needed here; "
                           "give the layers in the order in which they are applied",
                           layers, rows, columns, n, n);
    return ssldyn_fail(err, SSLDYN_EINPUT, "--wp: is %zu x %zu, but %zu x %zu is needed here%s",
                       rows, columns, n, n,
                       rows == n || columns == n ? "; give all layers of the predictor, one --wp "
                                                   "each, in the order in which they are applied"
                                                 : "");
}

/* The first number among the files of `of` that is missing in those of `in`; NaN: none. Numbers
 * are ascending. */
static double lacking(const struct ssldyn_matrices *of, const struct ssldyn_matrices *in)
{
    size_t k = 0;
    for (size_t i = 0; i < ssldyn_matrices_count(of); i++) {
        const double number = ssldyn_matrices_number(of, i);
        while (k < ssldyn_matrices_count(in) && ssldyn_matrices_number(in, k) < number)
            k++;
        if (k >= ssldyn_matrices_count(in) || ssldyn_matrices_number(in, k) != number)
            return number;
    }
    return (double)NAN;
}

/* Matrices of one snapshot must have the same number in their file names if both series have
 * numbers; otherwise they are paired by position. */
static enum ssldyn_status check_series(const struct ssldyn_align_source *source, enum part leader,
                                       enum part part, const struct ssldyn_matrices *other,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_matrices *one = source->parts[leader];
    if (!isnan(ssldyn_matrices_number(one, 0)) && !isnan(ssldyn_matrices_number(other, 0))) {
        const double without = lacking(one, other);
        const double extra = lacking(other, one);
        if (!isnan(without) || !isnan(extra))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s and %s: snapshots are paired by the number in the file's name, "
                               "but number %.15g occurs only in %s",
                               ssldyn_align_source_options[leader],
                               ssldyn_align_source_options[part], isnan(without) ? extra : without,
                               ssldyn_align_source_options[isnan(without) ? part : leader]);
    }
    const size_t count = ssldyn_matrices_count(other);
    if (count == 1 && leader == PART_FEATURES && source->sizes.snapshots > 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--features: %zu snapshots of %zu samples, but %s has one; if one "
                           "snapshot consists of batches, save features.reshape(-1, %zu)",
                           source->sizes.snapshots, source->sizes.features,
                           ssldyn_align_source_options[part], source->sizes.n2);
    if (count != source->sizes.snapshots)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s and %s: %zu and %zu snapshots; every snapshot needs a matrix of each",
            ssldyn_align_source_options[part], ssldyn_align_source_options[leader], count,
            source->sizes.snapshots);
    for (size_t i = 0; i < source->sizes.snapshots; i++) {
        const double a = ssldyn_matrices_number(one, i);
        const double b = ssldyn_matrices_number(other, i);
        if (!isnan(a) && !isnan(b) && a != b)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s and %s: the files numbered %.15g do not contain equally "
                               "many matrices",
                               ssldyn_align_source_options[leader],
                               ssldyn_align_source_options[part], fmin(a, b));
    }
    return SSLDYN_OK;
}

static enum ssldyn_status check_pairs(const struct ssldyn_align_source *source, enum part leader,
                                      enum part part, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (part != PART_WP && source->parts[part] != NULL)
        return check_series(source, leader, part, source->parts[part], err);
    for (size_t i = 0; part == PART_WP && source->predictor != NULL && status == SSLDYN_OK; i++) {
        const struct ssldyn_matrices *series = ssldyn_predictor_layers_series(source->predictor, i);
        if (series == NULL)
            break;
        status = check_series(source, leader, part, series, err);
    }
    return status;
}

/* Determines the sizes from the matrix that defines F, then checks everything else against them. */
enum ssldyn_status ssldyn_align_source_check(struct ssldyn_align_source *source,
                                             const struct ssldyn_align_request *request,
                                             struct ssldyn_error *err)
{
    struct ssldyn_align_sizes *sizes = &source->sizes;
    const struct ssldyn_matrices *f = source->parts[PART_F];
    const struct ssldyn_matrices *w = source->parts[PART_W];
    const struct ssldyn_matrices *features = source->parts[PART_FEATURES];
    const struct ssldyn_matrices *leader = f != NULL ? f : w != NULL ? w : features;
    sizes->n2 = features != NULL && leader == features ? ssldyn_matrices_columns(features)
                                                       : ssldyn_matrices_rows(leader);
    sizes->n1 = w != NULL ? ssldyn_matrices_columns(w) : 0;
    sizes->features = leader == features ? ssldyn_matrices_rows(features) : 0;
    sizes->snapshots = ssldyn_matrices_count(leader);
    enum ssldyn_status status = check_predictor(source, request, err);
    if (status == SSLDYN_OK)
        status = check_shape(source, PART_F, sizes->n2, sizes->n2, err);
    if (status == SSLDYN_OK)
        status = check_shape(source, PART_W, sizes->n2, sizes->n1, err);
    if (status == SSLDYN_OK)
        status = check_shape(source, PART_WA, sizes->n2, sizes->n1, err);
    if (status == SSLDYN_OK)
        status = check_shape(source, PART_MEAN, 1, sizes->n2, err);
    if (status == SSLDYN_OK)
        status = check_shape(source, PART_OUTPUTS, sizes->features, sizes->n2, err);
    if (status == SSLDYN_OK && source->parts[PART_OUTPUTS] != NULL &&
        4 * sizes->features < sizes->n2)
        status = ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--features %s: %zu samples of %zu numbers cannot determine a predictor; each row must "
            "be a sample: if columns are samples, save the transposes of features and outputs",
            request->features, sizes->features, sizes->n2);
    const enum part carrier = f != NULL ? PART_F : w != NULL ? PART_W : PART_FEATURES;
    for (int part = 0; part < PARTS && status == SSLDYN_OK; part++)
        status = check_pairs(source, carrier, (enum part)part, err);
    if (status == SSLDYN_OK && sizes->features == 1)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "--features: at least two samples are required");
    return status;
}
