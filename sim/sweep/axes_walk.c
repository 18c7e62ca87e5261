/* The points of a sweep's axes, and the axes as arrays in the format of its columns. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/axes.h"

#include "sim/base/memory.h"
#include "sim/io/npy.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct ssldyn_axes_walk {
    const struct ssldyn_axes *axes;
    gsl_qrng *sequence; /* NULL: a grid */
    int64_t next;       /* number of the next element */
};

enum ssldyn_status ssldyn_axes_walk_create(const struct ssldyn_axes *axes,
                                           struct ssldyn_axes_walk **walk, struct ssldyn_error *err)
{
    *walk = ssldyn_memory_array(1, sizeof **walk);
    if (*walk) {
        (*walk)->axes = axes;
    }
    if (*walk && axes->sobol) {
        (*walk)->sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)axes->count);
    }
    if (!*walk || (axes->sobol && !(*walk)->sequence)) {
        ssldyn_axes_walk_free(*walk);
        *walk = NULL;
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the points of the sweep");
    }
    return SSLDYN_OK;
}

void ssldyn_axes_walk_free(struct ssldyn_axes_walk *walk)
{
    if (walk && walk->sequence) {
        gsl_qrng_free(walk->sequence);
    }
    free(walk);
}

static void read_sobol(struct ssldyn_axes_walk *walk, int64_t index, double values[])
{
    const struct ssldyn_axes *axes = walk->axes;
    double share[SSLDYN_AXES_MAXIMUM];
    if (index < walk->next) {
        gsl_qrng_init(walk->sequence);
        walk->next = 0;
    }
    do {
        gsl_qrng_get(walk->sequence, share);
    } while (walk->next++ < index);
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        values[i] = axis->logarithmic ? axis->from * pow(axis->to / axis->from, share[i])
                                      : axis->from + (axis->to - axis->from) * share[i];
    }
}

size_t ssldyn_axes_walk_read(struct ssldyn_axes_walk *walk, int64_t index, double values[])
{
    const struct ssldyn_axes *axes = walk->axes;
    if (walk->sequence) {
        read_sobol(walk, index, values);
        return axes->count;
    }
    for (size_t i = axes->count; i-- > 0;) {
        const int64_t n = (int64_t)axes->axis[i].values.count;
        values[i] = axes->axis[i].values.values[index % n];
        index /= n;
    }
    return axes->count;
}

/* Writes one value per point, without an array of all points. */
static enum ssldyn_status write_sample(const struct ssldyn_axes *axes, size_t which,
                                       struct ssldyn_axes_walk *walk, const char *path,
                                       struct ssldyn_error *err)
{
    struct ssldyn_npy_writer *writer = NULL;
    enum ssldyn_status status = ssldyn_npy_writer_open(path, 0, NULL, &writer, err);
    for (int64_t i = 0; status == SSLDYN_OK && i < axes->points; i++) {
        double values[SSLDYN_AXES_MAXIMUM];
        ssldyn_axes_walk_read(walk, i, values);
        status = ssldyn_npy_writer_append(writer, &values[which], err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_npy_writer_abandon(writer);
        return status;
    }
    return ssldyn_npy_writer_close(writer, err);
}

enum ssldyn_status ssldyn_axes_walk_write_arrays(const struct ssldyn_axes *axes,
                                                 struct ssldyn_axes_walk *walk,
                                                 const char *directory, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        if (axis->words) {
            continue;
        }
        char name[SSLDYN_AXES_KEY_SIZE];
        char file[sizeof name + 4];
        snprintf(file, sizeof file, "%s.npy", ssldyn_axes_key(axis, name));
        char *path = ssldyn_file_path_join(directory, file);
        if (!path) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        }
        const size_t shape[1] = {axis->values.count};
        status = axes->sobol ? write_sample(axes, i, walk, path, err)
                             : ssldyn_npy_write(path, 1, shape, axis->values.values, err);
        free(path);
    }
    return status;
}
