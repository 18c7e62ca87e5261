/* One plan for each convolution: chosen among cuDNN's candidates, timed on the device if the choice
 * can be stored, and reused afterwards.
 *
 * A plan fixes the order of its sums, and so the last bits of a result. A choice made by timing may
 * differ from run to run; it is therefore made only if there is a file to store it in, and every
 * run with that file gets the same plans. Without a file cuDNN's order decides. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_PLANS_H
#define EXPERIMENTS_GPU_PLANS_H

#include "experiments/gpu/candidates.h"

struct plans; /* plans chosen so far */

struct plans_options {
    struct candidates_device device;
    const char *device_name; /* written to the file: a choice is valid for one kind of device */
    const char *file;        /* stores the choices; NULL: they are not stored */
    size_t workspace;        /* largest workspace of a plan, bytes */
};

/* Opens an empty set. An existing file is read; a missing one is created with the first choice. The
 * strings must outlive the set. SSLDYN_EINPUT if the file is not a list of plans. */
enum ssldyn_status plans_open(const struct plans_options *options, struct plans **plans,
                              struct ssldyn_error *err) SSLDYN_MUST_CHECK;
void plans_free(struct plans *plans);

/* The plan for a shape: the one found before, or a new choice. With a device and a file a new
 * choice takes some milliseconds of trial runs, which allocate memory and wait: do not call it
 * while a CUDA graph is captured. *plan is valid as long as the set. In float only exact plans are
 * allowed (no TF32), so that results can be compared with the CPU's. */
enum ssldyn_status plans_find(struct plans *plans, const struct candidates_shape *shape,
                              const struct candidate **plan,
                              struct ssldyn_error *err) SSLDYN_MUST_CHECK;

/* Whether the rules of the set allow a candidate for a shape. */
bool plans_allow(const struct plans_options *options, const struct candidates_shape *shape,
                 const struct candidate *candidate);

/* Index of the candidate to take unless timing decides: the first allowed one on the matrix units
 * (cuDNN sometimes lists another before it), otherwise the first allowed one; count if there is
 * none. */
size_t plans_first(const struct plans_options *options, const struct candidates_shape *shape,
                   const struct candidate list[], size_t count);

#endif
