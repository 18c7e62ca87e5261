/* The trapping region of the matrix flows. */
// SPDX-License-Identifier: MIT
#include "theory/trapping.h"

bool ssldyn_trapping_collapse(const struct ssldyn_parameters *parameters, double lambda, double wp,
                              double w, double wa)
{
    return parameters->depth <= 1 && parameters->target == SSLDYN_DEPTH_JEPA &&
           ssldyn_losses_of(parameters)->traps(parameters, lambda, wp, w, wa);
}
