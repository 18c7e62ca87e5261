/* A solution on the edge of a basin ends in a saddle. Its derivatives with respect to the numbers
 * that define it, along the saddle's unstable direction, are the slopes of the edge (THEORY section
 * 6). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_SADDLE_H
#define SSLDYN_SIM_FLOW_SADDLE_H

#include "sim/flow/basin_slopes.h"

/* The positive eigenvalue of a row-major 3 x 3 Jacobian that has exactly one, and its left
 * eigenvector (of any length and sign). */
double ssldyn_saddle_unstable(const double J[9], double left[3]);

/* A saddle, with all variables positive, of a flow of n variables, and that flow's functions of
 * theory/. */
struct ssldyn_saddle {
    const struct ssldyn_parameters *parameters;
    size_t n; /* at most SSLDYN_DEPTH_VARIABLES */
    void (*rhs)(const struct ssldyn_parameters *parameters, const double y[], double dydt[]);
    void (*jacobian)(const struct ssldyn_parameters *parameters, const double y[],
                     double jacobian[]);
    void (*slopes)(const struct ssldyn_parameters *parameters, const double y[], double slopes[]);
    double state[SSLDYN_DEPTH_VARIABLES]; /* zeros: there is no saddle */
    /* there: the saddle, or its mirror image on the side of y */
    void (*image)(const struct ssldyn_saddle *saddle, const double y[], double there[]);
    double rate;                         /* its positive eigenvalue */
    double left[SSLDYN_DEPTH_VARIABLES]; /* the left eigenvector */
    double near_enough; /* a solution that stays farther away (relative distance) is not used */
};

/* The slopes of the start y, n numbers, which lies on the edge. *why: as ssldyn_basin_derivatives,
 * left alone if they are known. ENOMEM, EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_saddle_slopes(const struct ssldyn_saddle *saddle,
                                                          const double start[],
                                                          struct ssldyn_basin_slopes *slopes,
                                                          const char **why,
                                                          struct ssldyn_error *err);

#endif
