/* Batches of pairs of views for SGD: one pair per datum, or fewer pairs with the same law of
 * second moments (THEORY M6), from Gaussian data, from a file of vectors, or from images. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_SAMPLER_H
#define SSLDYN_SIM_SGD_SGD_SAMPLER_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/random/stream.h"
#include "sim/sgd/sgd_images.h"
#include "sim/sgd/sgd_step.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>

/* The composition of a batch. */
struct ssldyn_sampler_request {
    size_t batch;
    enum ssldyn_sampler kind;
    enum ssldyn_precision precision;
    bool both; /* E[x2 x2^T] of the batch is needed, too: symmetrized loss, no stop-gradient */
    bool each; /* the loss depends on each pair, so all pairs must be drawn */
    /* n1 x n1, NULL: none: x2 is given as rotation x2, in the user's coordinates (MAE of two views) */
    const double *rotation;
};

/* The data to draw from: vectors in the data basis with noise, or images with views; borrowed. */
struct ssldyn_dataset {
    size_t count;
    const struct ssldyn_sgd_images *images; /* NULL: vectors */
    const double *vectors;                  /* count x n1 */
    const double *covariance; /* X' of the added noise: n1 x n1, NULL: variance times I */
    double variance;
};

struct ssldyn_sgd_sampler;

/* Gaussian data with the given second moments (dataset NULL; if they predict data y of a pair, x2 is
 * y, of size moments->predicted), or a data set (moments then gives n1 only; wishart is refused, as it is if each pair is needed). EINPUT also if X - X (X +
 * X')^-1 X has an eigenvalue that is negative beyond rounding: then X and X + X' cannot be the
 * moments of two views. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_sampler_create(const struct ssldyn_moments *moments,
                          const struct ssldyn_dataset *dataset,
                          const struct ssldyn_sampler_request *request,
                          struct ssldyn_sgd_sampler **sampler, struct ssldyn_error *err);
void ssldyn_sgd_sampler_free(struct ssldyn_sgd_sampler *sampler);

/* The sampler in use, the number of pairs and of pieces in a batch, and the maximum number of
 * pairs in a piece. */
enum ssldyn_sampler ssldyn_sgd_sampler_kind(const struct ssldyn_sgd_sampler *sampler);
size_t ssldyn_sgd_sampler_pairs(const struct ssldyn_sgd_sampler *sampler);
size_t ssldyn_sgd_sampler_pieces(const struct ssldyn_sgd_sampler *sampler);
size_t ssldyn_sgd_sampler_largest(const struct ssldyn_sgd_sampler *sampler);

/* Draws piece number piece (in order) of a batch. Y1 and Y2 belong to the sampler and are valid
 * until the next draw. Advances the stream; allocates nothing. */
void ssldyn_sgd_sampler_draw_double(struct ssldyn_sgd_sampler *sampler,
                                    struct ssldyn_stream *stream, size_t piece,
                                    struct ssldyn_pairs_double *pairs);
void ssldyn_sgd_sampler_draw_float(struct ssldyn_sgd_sampler *sampler, struct ssldyn_stream *stream,
                                   size_t piece, struct ssldyn_pairs_float *pairs);

#endif
