/* Matrices from a file in any container: shared by the .npz, .safetensors and .pt targets. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_FUZZ_MATRICES_H
#define SSLDYN_TESTS_FUZZ_MATRICES_H

#include "tests/fuzz/fuzz.h"

#include "sim/io/matrices.h"

#include <math.h>
#include <stdlib.h>

/* Upper bound on the bytes that one deflated byte expands to. */
enum { EXPANSION = 1100 };

static inline void read_matrices(struct ssldyn_matrices *matrices, size_t size)
{
    struct ssldyn_error err;
    const size_t count = ssldyn_matrices_count(matrices);
    const size_t numbers = ssldyn_matrices_rows(matrices) * ssldyn_matrices_columns(matrices);
    FUZZ_CHECK(count > 0 && numbers > 0);
    FUZZ_CHECK(count <= EXPANSION * size && numbers <= EXPANSION * size / count);
    FUZZ_CHECK(ssldyn_matrices_roundoff(matrices) <= 0.00390625); /* bfloat16's, 2^-8 */
    double *matrix = malloc(numbers * sizeof *matrix);
    FUZZ_CHECK(matrix != NULL);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t frame = 0; status == SSLDYN_OK && frame <= count; frame++) {
        status = ssldyn_matrices_next(matrices, matrix, NULL, &err);
        fuzz_status(status, &err);
        FUZZ_CHECK(status != SSLDYN_OK || frame < count); /* none after the last */
        for (size_t i = 0; status == SSLDYN_OK && i < numbers; i++) {
            FUZZ_CHECK(isfinite(matrix[i]));
        }
    }
    free(matrix);
}

/* As matrices: the array with the name of its role; and, if it is not a matrix, as vectors, by its
 * name. */
static inline void fuzz_matrices(const char *file, const char *named, const uint8_t *data,
                                 size_t size)
{
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err;
    enum ssldyn_status status =
        ssldyn_matrices_open(fuzz_file(file, data, size), "--wp", "Wp", &matrices, &err);
    fuzz_status(status, &err);
    if (status != SSLDYN_OK) {
        status = ssldyn_matrices_open_vectors(named, "--mean", NULL, &matrices, &err);
        fuzz_status(status, &err);
    }
    FUZZ_CHECK((status == SSLDYN_OK) == (matrices != NULL));
    if (matrices) {
        read_matrices(matrices, size);
        ssldyn_matrices_close(matrices);
    }
}

#endif
