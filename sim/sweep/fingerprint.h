/* The identity of a sweep. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_FINGERPRINT_H
#define SSLDYN_SIM_SWEEP_FINGERPRINT_H

#include "sim/base/error.h"
#include "sim/options/spec.h"

#include <stdint.h>

/* A hash of everything that determines a sweep's bytes: the version, every option of its
 * spec.conf, and the contents of the files that options name. EIO, EINPUT: such a file cannot be
 * read. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_fingerprint(const struct ssldyn_spec *spec, uint64_t *fingerprint, struct ssldyn_error *err);

#endif
