/* Convolutions of the CPU backend in float by oneDNN (libdnnl), where it was found at build time
 * (BYOL_ONEDNN). Chunks of images are processed in parallel, one thread each, and the gradient's
 * sums over chunks have a fixed order: results do not depend on the number of threads. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_ONEDNN_H
#define EXPERIMENTS_GPU_ONEDNN_H

#include "experiments/gpu/ops.h"

struct onednn;      /* an engine, its stream and all plans made with it */
struct onednn_plan; /* one convolution of one batch size */

/* "2.6.3"; NULL if the program was built without oneDNN: then create fails, and nothing else may be
 * called but free(NULL). */
enum { ONEDNN_VERSION = 32 };
const char *onednn_version(char text[ONEDNN_VERSION]);

/* For at most that many threads. EFAILED, ENOMEM; free in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status onednn_create(struct onednn **onednn, int threads,
                                                   struct ssldyn_error *err);
void onednn_free(struct onednn *onednn);

/* The plan is owned by onednn. EFAILED, ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status onednn_plan(struct onednn *onednn, const struct ops_conv *conv,
                                                 bool forward_only, struct onednn_plan **plan,
                                                 struct ssldyn_error *err);

/* As the operations conv_fwd, conv_dx and conv_dw of ops.h, on at most that many threads. EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status onednn_forward(struct onednn *onednn,
                                                    const struct onednn_plan *plan, int threads,
                                                    const float *x, const float *w, float *y,
                                                    struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status onednn_dx(struct onednn *onednn,
                                               const struct onednn_plan *plan, int threads,
                                               const float *dy, const float *w, float *dx,
                                               struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status onednn_dw(struct onednn *onednn,
                                               const struct onednn_plan *plan, int threads,
                                               const float *x, const float *dy, float *dw,
                                               struct ssldyn_error *err);

#endif
