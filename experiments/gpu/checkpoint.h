/* Checkpoints: everything a run needs to go on as if it had never stopped, to the last bit. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_CHECKPOINT_H
#define EXPERIMENTS_GPU_CHECKPOINT_H

#include "experiments/gpu/byol.h"
#include "experiments/gpu/options.h"

#include <stdint.h>

/* Where a run stands, besides what is on the device. */
struct checkpoint {
    int64_t steps; /* done since the run's start */
    int64_t rows;  /* of results */
};

/* Writes directory/checkpoint: beside first, then renamed, its last bytes a mark that it is
 * complete. Waits for the device. */
SSLDYN_MUST_CHECK enum ssldyn_status
checkpoint_write(const char *directory, const struct options *options, const struct ops *ops,
                 struct ops_context *context, struct byol *byol, const struct checkpoint *at,
                 struct ssldyn_error *err);

/* Reads it; *found false (and OK) where there is none. EINPUT, naming the file, where it is not
 * whole, or of a run with other settings; then the run is as it was. */
SSLDYN_MUST_CHECK enum ssldyn_status
checkpoint_read(const char *directory, const struct options *options, const struct ops *ops,
                struct ops_context *context, struct byol *byol, struct checkpoint *at, bool *found,
                struct ssldyn_error *err);

/* Whether there is one. */
bool checkpoint_exists(const char *directory);

#endif
