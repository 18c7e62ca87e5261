/* The data of a spec that come from --data or --moments (inputs.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_INPUTS_INPUTS_DATA_H
#define SSLDYN_SIM_INPUTS_INPUTS_DATA_H

#include "sim/inputs/inputs.h"

/* Fills in basis and dataset. Settings of images that were filled in are written back to the spec.
 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_data(struct ssldyn_spec *spec,
                                                        struct ssldyn_inputs *inputs,
                                                        struct ssldyn_error *err);

#endif
