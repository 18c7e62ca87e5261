/* The axes of a sweep as .npy. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/axis_arrays.h"

#include "sim/io/npy.h"

#include <stdio.h>
#include <stdlib.h>

static char *path_of(const struct ssldyn_axis *axis, const char *directory)
{
    char name[64];
    size_t used = 0;
    for (const char *c = axis->option->name; *c && used + 5 < sizeof name; c++) {
        name[used++] = (char)(*c == '-' ? '_' : *c);
    }
    snprintf(name + used, sizeof name - used, ".npy");
    return ssldyn_file_path_join(directory, name);
}

/* One value per point, so that no array of all points is needed. */
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

enum ssldyn_status ssldyn_axis_arrays_write(const struct ssldyn_axes *axes,
                                            struct ssldyn_axes_walk *walk, const char *directory,
                                            struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        if (axis->words) {
            continue;
        }
        char *path = path_of(axis, directory);
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
