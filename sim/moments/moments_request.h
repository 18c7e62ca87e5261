/* The request for moments that a spec defines: for ssldyn moments and for ssldyn sgd on images. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_REQUEST_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_REQUEST_H

#include "sim/moments/moments.h"
#include "sim/options/spec.h"

/* Settings of the augmentation that were not given take the values of the named one and are
 * written back into the spec, so that spec.conf lists them all. The request borrows the paths of
 * the spec. */
void ssldyn_moments_request_make(struct ssldyn_spec *spec, struct ssldyn_moments_request *request);

#endif
