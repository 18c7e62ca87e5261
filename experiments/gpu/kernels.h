/* Launchers of the CUDA kernels, one for each operation of ops.h that is not a library call; ops.h
 * documents the operation, and cpu*.c has the reference implementation. A launcher only puts work
 * on a stream; cudaGetLastError returns its error. All sums have a fixed order, so that equal input
 * gives equal bits. Shapes: x[n][h][w][c] packed; rows = n h w. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_KERNELS_H
#define EXPERIMENTS_GPU_KERNELS_H

#include "sim/moments/augment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Storage type of an activation. */
enum kernels_type { KERNELS_FLOAT, KERNELS_BF16 };

/* update.cu: elementwise over blocks of parameters. low: a bf16 copy to refresh, or NULL; knob: one
 * float on the device, at table[cursor[0] * stride]. */
struct kernels_knob {
    const int64_t *cursor;
    const float *table; /* points to the column of the knob */
    int stride;
};
void kernels_narrow(cudaStream_t stream, size_t count, const float *from, void *to_bf16);
void kernels_widen(cudaStream_t stream, size_t count, const void *from_bf16, float *to);
void kernels_sgd(cudaStream_t stream, struct kernels_knob lr, float lr_scale, float momentum,
                 float decay, size_t count, float *w, float *v, const float *g, void *low);
void kernels_ema(cudaStream_t stream, struct kernels_knob gamma, size_t count, float *target,
                 const float *w, void *low);
void kernels_adam(cudaStream_t stream, double lr, double beta1, double beta2, double epsilon,
                  double decay, const int64_t *step, size_t count, float *w, float *m, float *v,
                  const float *g);
/* to += from */
void kernels_add(cudaStream_t stream, size_t count, float *to, const float *from);
void kernels_advance(cudaStream_t stream, int64_t *cursor);
/* a[rows][columns], b[columns][rows]; the same memory if square */
void kernels_symmetrize(cudaStream_t stream, int rows, int columns, float *a, float *b);

/* bn_forward.cu, bn_backward.cu: batch normalization. sums: KERNELS_BN_SUMS floats of scratch. */
enum { KERNELS_BN_SUMS = 1 << 22 };
struct kernels_bn {
    enum kernels_type type; /* storage of x, y, residual and their gradients */
    int groups;
    int64_t rows; /* rows of one group */
    int c;
    float epsilon, momentum;
    const float *gamma, *beta;         /* c numbers each, or NULL */
    float *mean, *inverse_std;         /* groups x c */
    float *running_mean, *running_var; /* c */
    float *sums;
};
void kernels_bn_forward(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                        const void *residual, int relu, void *y);
void kernels_bn_infer(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                      const void *residual, int relu, void *y);
void kernels_bn_backward(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                         const void *y, int relu, const void *dy, const void *more, void *dx,
                         void *dresidual, float *dgamma, float *dbeta);

/* pool.cu: 3 x 3 maxima with stride 2 and padding 1; means over whole images (to and from
 * floats). */
struct kernels_image {
    int n, h, w, c;
};
void kernels_maxpool(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                     const void *in, void *out);
void kernels_maxpool_backward(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                              const void *in, const void *out, const void *dy, const void *more,
                              void *dx);
void kernels_avgpool(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                     const void *in, float *out);
void kernels_avgpool_backward(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                              const float *dy, void *dx);

/* head.cu: the layers after the encoder, in float; results are added to metrics, which are
 * doubles. */
void kernels_bias(cudaStream_t stream, int rows, int columns, const float *b, float *y);
void kernels_bias_backward(cudaStream_t stream, int rows, int columns, const float *dy, float *db);
/* q, z: 2 pairs x c. cosine: 0 for half the squared distance. dz may be NULL. */
void kernels_loss(cudaStream_t stream, int cosine, int pairs, int c, const float *q, const float *z,
                  float *dq, float *dz, double *loss, double *steps);
void kernels_xent(cudaStream_t stream, int n, int k, const float *logits, const int32_t *labels,
                  float *dlogits, double *xent, double *correct, double *samples);
void kernels_correlate(cudaStream_t stream, struct kernels_knob rho, int n, int c, const float *f,
                       double *F);

/* set.cu: Wp from the spectrum of F, by the rules of theory/predictor.h. columns: scratch of
 * kernels_set_scratch(n) doubles. */
struct kernels_set {
    double power, shift, epsilon, least; /* p = max(s - shift, 0)^power + epsilon s_max >= least */
    int normalize;                       /* divide by the largest eigenvalue first */
};
size_t kernels_set_scratch(int n);
void kernels_set(cudaStream_t stream, const struct kernels_set *set, int n, const double *F,
                 double *columns, float *Wp);

/* augment.cu: views of images, drawn by counter as documented in augment.h. */
struct kernels_augment {
    struct ssldyn_augmentation settings; /* without noise */
    uint64_t seed;
    int channels, height, width; /* of the images, bytes in planes */
    int out_channels;            /* padded with zeros */
};
/* Images order[cursor[0] * batch + i], i < n, of epoch cursor[1], stored at slots[...] (NULL: at
 * their own indices). view < 0: only standardized. A block keeps its image in shared memory (96 x 96
 * pixels with blur take 148 KiB), or in its part of out if the device has too little; false if its
 * pixels are too large for that, or blur_kernel exceeds 65. */
bool kernels_augment(cudaStream_t stream, const struct kernels_augment *augment,
                     enum kernels_type type, const uint8_t *images, const int32_t *order,
                     const int32_t *slots, const int64_t *cursor, int batch, int view, int n,
                     void *out);

#ifdef __cplusplus
}
#endif

#endif
