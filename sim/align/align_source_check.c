/* Whether the arrays of a source fit one another (align_source_internal.h). */
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
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: matrices of %zu x %zu, but %s is needed here",
                           ssldyn_align_source_options[part], got_rows, got_columns, want);
    }
    return SSLDYN_OK;
}

/* The first number among the files of `of` that those of `in` lack; NaN: none. Numbers rise. */
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

/* Matrices of one snapshot have the same number in their files' names, where both series have
 * numbers; else they are paired by their place. */
static enum ssldyn_status check_pairs(const struct ssldyn_align_source *source, enum part leader,
                                      enum part part, struct ssldyn_error *err)
{
    const struct ssldyn_matrices *one = source->parts[leader];
    const struct ssldyn_matrices *other = source->parts[part];
    if (other == NULL)
        return SSLDYN_OK;
    if (!isnan(ssldyn_matrices_number(one, 0)) && !isnan(ssldyn_matrices_number(other, 0))) {
        const double without = lacking(one, other);
        const double extra = lacking(other, one);
        if (!isnan(without) || !isnan(extra))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s and %s: snapshots are paired by the number in the file's name, "
                               "but number %.15g is in %s alone",
                               ssldyn_align_source_options[leader],
                               ssldyn_align_source_options[part], isnan(without) ? extra : without,
                               ssldyn_align_source_options[isnan(without) ? part : leader]);
    }
    if (ssldyn_matrices_count(other) != source->sizes.snapshots)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %zu matrices, but the series has %zu snapshots",
                           ssldyn_align_source_options[part], ssldyn_matrices_count(other),
                           source->sizes.snapshots);
    for (size_t i = 0; i < source->sizes.snapshots; i++) {
        const double a = ssldyn_matrices_number(one, i);
        const double b = ssldyn_matrices_number(other, i);
        if (!isnan(a) && !isnan(b) && a != b)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s and %s: the files of number %.15g hold different numbers of "
                               "matrices",
                               ssldyn_align_source_options[leader],
                               ssldyn_align_source_options[part], fmin(a, b));
    }
    return SSLDYN_OK;
}

/* Sizes from the matrix that carries F, then everything else against them. */
enum ssldyn_status ssldyn_align_source_check(struct ssldyn_align_source *source,
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
    enum ssldyn_status status = check_shape(source, PART_WP, sizes->n2, sizes->n2, err);
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
    const enum part carrier = f != NULL ? PART_F : w != NULL ? PART_W : PART_FEATURES;
    for (int part = 0; part < PARTS && status == SSLDYN_OK; part++)
        status = check_pairs(source, carrier, (enum part)part, err);
    if (status == SSLDYN_OK && sizes->features == 1)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "--features: at least two samples are required");
    return status;
}
