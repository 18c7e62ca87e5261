/* One plan for each convolution: chosen among cuDNN's candidates, timed on the device where the
 * choice can be kept, and found again afterwards.
 *
 * A plan fixes the order of its sums, and so the last bits of a result. A choice made by the clock
 * may differ from run to run; it is therefore made only with a file to keep it in, and whoever has
 * that file gets the same plans. Without one cuDNN's order decides. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_PLANS_H
#define EXPERIMENTS_GPU_PLANS_H

#include "experiments/gpu/candidates.h"

struct plans; /* those chosen so far */

struct plans_options {
    struct candidates_device device;
    const char *device_name; /* stands in the file: a choice holds for one kind of device */
    const char *file;        /* where choices are kept, NULL: nowhere */
    size_t workspace;        /* most bytes a plan may ask for */
};

/* Opens an empty set; a file that is there is read, one that is not is made with the first choice.
 * The strings must outlive the set. SSLDYN_EINPUT for a file that is no list of plans. */
enum ssldyn_status plans_open(const struct plans_options *options, struct plans **plans,
                              struct ssldyn_error *err) SSLDYN_MUST_CHECK;
void plans_free(struct plans *plans);

/* The plan for a shape: the one found before, or a new choice. On a device and with a file that is
 * a matter of milliseconds of trial runs, which allocate and wait: not while a CUDA graph is
 * captured. What plan points to lives as long as the set.
 * In float only exact plans count (no TF32), so that results can be compared with the CPU's. */
enum ssldyn_status plans_find(struct plans *plans, const struct candidates_shape *shape,
                              const struct candidate **plan,
                              struct ssldyn_error *err) SSLDYN_MUST_CHECK;

/* Whether the set's rules allow a candidate for a shape. */
bool plans_allow(const struct plans_options *options, const struct candidates_shape *shape,
                 const struct candidate *candidate);

/* The place in a list of the candidate to take unless the clock says otherwise: the first allowed
 * one on the matrix units (cuDNN sometimes names another before), else the first allowed; count if
 * there is none. */
size_t plans_first(const struct plans_options *options, const struct candidates_shape *shape,
                   const struct candidate list[], size_t count);

#endif
