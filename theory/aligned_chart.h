/* Variables of aligned modes in which their conservation laws hold by construction.
 *
 * Under the cosine loss the rates of aligned.h grow as exp(2 eta t), and an implicit method multiplies
 * rounding errors along a conserved quantity by the same factor. For a mode with the members V_l, its
 * layers, and P, two kinds of quantities are conserved (THEORY section 10 [D]): the sum over modes of
 * the square of each member; and within a mode the differences of the squares X^2 of its scaled
 * members, sqrt(alpha_p) V_l and P. So a mode has one variable, its smallest scaled member, from
 * which the others follow as side sqrt(X^2 + gap); and of one mode, the dependent one, that member
 * follows from those of the other modes.
 *
 * With decays that differ (one layer) the scaled members are sqrt(alpha_p) exp(min(r, 0) t/2) W and
 * exp(-max(r, 0) t/2) P for r = 2 (decay_p - decay_s), and b = (of W)^2 - (of P)^2 changes at the rate |r|
 * (of W)^2 or |r| (of P)^2, whichever has the factor: b of every mode is then a variable as well. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_CHART_H
#define SSLDYN_THEORY_ALIGNED_CHART_H

#include "theory/aligned.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SSLDYN_ALIGNED_MEMBERS = SSLDYN_DEPTH_MOST + 1 };

struct ssldyn_aligned_chart {
    const struct ssldyn_aligned *aligned; /* borrowed */
    size_t members;                       /* of a mode: its layers, then P if it is trained */
    bool moving;                          /* b is a variable */
    double *gap;  /* members of each mode: X^2 minus that of the smallest; borrowed */
    double *side; /* the signs of the members */
    double norm[SSLDYN_ALIGNED_MEMBERS]; /* of each member: the sum of its squares over modes */
    size_t dependent;                    /* the mode whose variable follows from the others */
    double sign;                         /* of its smallest member */
};

/* Whether the laws hold under the settings and decays of aligned, so that a chart can be used. */
bool ssldyn_aligned_chart_holds(const struct ssldyn_aligned *aligned);

/* Number of variables: the smallest member of every mode but the dependent one, b of every mode if
 * it moves, and those of the target. Doubles of memory of a chart. */
size_t ssldyn_aligned_chart_variables(const struct ssldyn_aligned *aligned);
size_t ssldyn_aligned_chart_memory(const struct ssldyn_aligned *aligned);

/* The chart at time 0 and the variables y of aligned.h; memory must outlive it. False if there is
 * none: the smallest members of all modes are 0. */
bool ssldyn_aligned_chart_create(struct ssldyn_aligned_chart *chart,
                                 const struct ssldyn_aligned *aligned, const double y[],
                                 double memory[]);

/* Its variables z of y at time t, where what is conserved is not read from y; and y of z: false if z
 * is outside of the chart. */
void ssldyn_aligned_chart_enter(const struct ssldyn_aligned_chart *chart, double t,
                                const double y[], double z[]);
bool ssldyn_aligned_chart_leave(const struct ssldyn_aligned_chart *chart, double t,
                                const double z[], double y[]);

/* Changes the chart if at z its accuracy suffers: if the share of the dependent member in its norm
 * is a quarter of the largest, or if another member of a mode has become the smallest by far. True
 * if it has changed; then z holds the new variables. y: workspace for the variables of aligned.h. */
bool ssldyn_aligned_chart_renew(struct ssldyn_aligned_chart *chart, double t, double z[],
                                double y[]);

/* Doubles of workspace for the following two; the Jacobian is known where that of aligned is. */
size_t ssldyn_aligned_chart_workspace(const struct ssldyn_aligned *aligned);

/* dz/dt, and its Jacobian (square, row-major), as ssldyn_aligned_rhs and ssldyn_aligned_jacobian;
 * NaN outside of the chart. dzdt must not alias z. */
bool ssldyn_aligned_chart_rhs(const struct ssldyn_aligned_chart *chart,
                              const struct ssldyn_parameters *now, double t, const double z[],
                              double dzdt[], double workspace[]);
void ssldyn_aligned_chart_jacobian(const struct ssldyn_aligned_chart *chart,
                                   const struct ssldyn_parameters *now, double t, const double z[],
                                   double jacobian[], double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
