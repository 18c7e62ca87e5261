/* What a spec says about images: the request behind ssldyn moments, and behind ssldyn sgd on
 * images. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_REQUEST_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_REQUEST_H

#include "sim/moments/moments.h"
#include "sim/options/spec.h"

/* Settings of the augmentation that were not given are those of the named one; they are written
 * back into the spec, so that spec.conf tells them all. The request borrows the spec's paths. */
void ssldyn_moments_request_make(struct ssldyn_spec *spec, struct ssldyn_moments_request *request);

#endif
