/* The data of a spec that come from --data or --moments (inputs.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_INPUTS_INPUTS_DATA_H
#define SSLDYN_SIM_INPUTS_INPUTS_DATA_H

#include "sim/inputs/inputs.h"

/* Fills in basis and dataset. Completed settings of images are written back to the spec. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_data(struct ssldyn_spec *spec,
                                                        struct ssldyn_inputs *inputs,
                                                        struct ssldyn_error *err);

/* n1 of those data from the headers of their files; for images also completes their settings as
 * above. 0 if a file is invalid: the error is reported when it is read. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_data_size(struct ssldyn_spec *spec, size_t *n1,
                                                             struct ssldyn_error *err);

#endif
