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

/* n1 of those data by the heads of their files; of images, with their settings filled in as above.
 * 0: what is wrong shows when they are read. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_data_size(struct ssldyn_spec *spec, size_t *n1,
                                                             struct ssldyn_error *err);

#endif
