/* The unstable direction of a saddle in three variables. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_SADDLE_H
#define SSLDYN_SIM_FLOW_SADDLE_H

/* The positive eigenvalue of a row-major 3 x 3 Jacobian that has exactly one, and its left
 * eigenvector (of any length and sign). */
double ssldyn_saddle_unstable(const double J[9], double left[3]);

#endif
