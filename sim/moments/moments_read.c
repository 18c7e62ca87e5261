/* Reads an estimate of moments back from its directory. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"
#include "sim/moments/moments.h"

#include <stdlib.h>
#include <string.h>

/* One array of the directory; rows 0: any number of rows. */
static enum ssldyn_status read_array(const char *directory, const char *name, size_t dimensions,
                                     size_t rows, size_t columns, struct ssldyn_array *array,
                                     struct ssldyn_error *err)
{
    char *path = ssldyn_file_path_join(directory, name);

    if (path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = ssldyn_npy_read(path, false, array, err);
    if (status == SSLDYN_OK &&
        (array->dimensions != dimensions || array->count == 0 ||
         (rows > 0 && array->shape[0] != rows) || (dimensions == 2 && array->shape[1] != columns)))
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%.300s: does not match the other files in its directory", path);
    free(path);
    return status;
}

/* Transfers ownership of the numbers. */
static double *take(struct ssldyn_array *array)
{
    double *data = array->data;

    *array = (struct ssldyn_array){0};
    return data;
}

double ssldyn_moments_scale_beside(const char *x_file)
{
    struct ssldyn_array array = {0};
    const char *slash = strrchr(x_file, '/');
    const char *name = slash != NULL ? slash + 1 : x_file;
    const bool of_run = strcmp(name, "data_x.npy") == 0; /* written by SGD on images */
    double scale = 1.0;

    if (!of_run && strcmp(name, "x.npy") != 0)
        return 1.0;
    char *directory = ssldyn_memory_copy(slash != NULL ? x_file : ".");
    if (directory != NULL && slash != NULL)
        directory[slash == x_file ? 1 : slash - x_file] = '\0';
    if (directory != NULL &&
        read_array(directory, of_run ? "data_scale.npy" : "scale.npy", 1, 1, 1, &array, NULL) ==
            SSLDYN_OK &&
        array.data[0] > 0.0)
        scale = array.data[0];
    ssldyn_npy_array_clear(&array);
    free(directory);
    return scale;
}

enum ssldyn_status ssldyn_moments_read(const char *directory, bool pca,
                                       struct ssldyn_moments_estimate *estimate,
                                       struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};

    *estimate = (struct ssldyn_moments_estimate){0};
    enum ssldyn_status status = read_array(directory, "mean.npy", 1, 0, 1, &array, err);
    if (status == SSLDYN_OK) {
        estimate->n1 = array.count;
        estimate->features = array.count;
        estimate->mean = take(&array);
        status = read_array(directory, "x.npy", 2, estimate->n1, estimate->n1, &array, err);
    }
    if (status == SSLDYN_OK) {
        estimate->X = take(&array);
        status = read_array(directory, "xprime.npy", 2, estimate->n1, estimate->n1, &array, err);
    }
    if (status == SSLDYN_OK) {
        estimate->Xprime = take(&array);
        status = read_array(directory, "scale.npy", 1, 1, 1, &array, err);
    }
    if (status == SSLDYN_OK) {
        estimate->scale = array.data[0];
        ssldyn_npy_array_clear(&array);
        if (!(estimate->scale > 0.0))
            status =
                ssldyn_fail(err, SSLDYN_EINPUT, "%.300s/scale.npy: must be positive", directory);
    }
    if (status == SSLDYN_OK && pca) {
        status = read_array(directory, "basis.npy", 2, 0, estimate->n1, &array, err);
        if (status == SSLDYN_OK) {
            estimate->features = array.shape[0];
            estimate->basis = take(&array);
        }
    }
    ssldyn_npy_array_clear(&array);
    return status;
}
