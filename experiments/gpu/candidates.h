/* cuDNN's plans for one convolution: operation graphs of its graph API, the engines that its
 * heuristics suggest for them, and the properties of each. Works with a device, or without one from
 * the description of a device. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_CANDIDATES_H
#define EXPERIMENTS_GPU_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cudnn.h>

#include "sim/internal.h"

/* y = x * w; dx from (dy, w); dw from (x, dy) */
enum candidates_op { CANDIDATES_FORWARD, CANDIDATES_DATA, CANDIDATES_FILTER };
enum candidates_type { CANDIDATES_BF16, CANDIDATES_FLOAT };

/* A square convolution, in terms of the forward pass. x: n x h x w x c; filter: k x kernel x kernel
 * x c; y: n x h_out x w_out x k; all contiguous (NHWC) and of one type; sums are in float. */
struct candidates_shape {
    enum candidates_op op;
    enum candidates_type type;
    int64_t n, h, w, c;
    int64_t k;
    int64_t kernel, stride, pad;
};

/* h_out for h, or w_out for w. */
int64_t candidates_extent(const struct candidates_shape *shape, int64_t extent);

/* Where a plan will run: a device (handle is set), or the description of one (properties is set: a
 * finalized CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR). */
struct candidates_device {
    cudnnHandle_t handle;
    cudnnBackendDescriptor_t properties;
};

/* Device properties from cuDNN's JSON. The caller destroys them with
 * cudnnBackendDestroyDescriptor. */
enum ssldyn_status candidates_describe(const char *json, cudnnBackendDescriptor_t *properties,
                                       struct ssldyn_error *err) SSLDYN_MUST_CHECK;

struct candidate {
    cudnnBackendDescriptor_t config;
    cudnnBackendDescriptor_t plan;
    size_t workspace;    /* of workspace, bytes */
    bool tensor_core;    /* uses matrix units; in float that means TF32 */
    bool exact;          /* uses neither TF32, Winograd, FFT nor a reduced sum */
    bool deterministic;  /* gives the same bits on every run */
    bool compiled_later; /* needs run-time compilation */
    char name[160];      /* engine and knobs, "e62 k2=5 k14=3"; equal for equal choices */
};

/* The plans that cuDNN's heuristics name for a shape and that can be made, best first; how many of
 * those named could not be made is refused. At most capacity are kept. Free each with candidate_free.
 * SSLDYN_EFAILED when cuDNN reports an error or none is left. */
enum ssldyn_status candidates_list(const struct candidates_device *device,
                                   const struct candidates_shape *shape, size_t capacity,
                                   struct candidate *list, size_t *count, size_t *refused,
                                   struct ssldyn_error *err) SSLDYN_MUST_CHECK;
void candidate_free(struct candidate *candidate);

/* Runs a plan on the handle's stream. x, w, y: x, filter and y of the shape (or their gradients),
 * aligned to 16 bytes; the output of the operation is overwritten. */
enum ssldyn_status candidate_run(const struct candidate *candidate, cudnnHandle_t handle,
                                 const void *x, const void *w, const void *y, void *workspace,
                                 struct ssldyn_error *err) SSLDYN_MUST_CHECK;

#endif
