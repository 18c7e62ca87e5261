/* Checkpoints: everything that a run needs to continue with bit-identical results. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_CHECKPOINT_H
#define EXPERIMENTS_GPU_CHECKPOINT_H

#include "experiments/gpu/byol.h"
#include "experiments/gpu/options.h"

#include <stdint.h>

/* Position of a run, in addition to the device blocks. */
struct checkpoint {
    int64_t steps; /* steps done since the start of the run */
    int64_t rows;  /* rows of results */
};

/* Writes directory/checkpoint: to a temporary file that is then renamed; its last bytes mark it as
 * complete. Waits for the device. */
SSLDYN_MUST_CHECK enum ssldyn_status
checkpoint_write(const char *directory, const struct options *options, const struct ops *ops,
                 struct ops_context *context, struct byol *byol, const struct checkpoint *at,
                 struct ssldyn_error *err);

/* Reads it; *found is false (with OK) if there is none. EINPUT, naming the file, if it is
 * incomplete or belongs to a run with other settings; the run is then unchanged. */
SSLDYN_MUST_CHECK enum ssldyn_status
checkpoint_read(const char *directory, const struct options *options, const struct ops *ops,
                struct ops_context *context, struct byol *byol, struct checkpoint *at, bool *found,
                struct ssldyn_error *err);

/* Whether there is one. */
bool checkpoint_exists(const char *directory);

#endif
