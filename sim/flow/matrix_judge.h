/* The judge of a whole network: from the rows of a matrix run, a flow or SGD, what becomes of the
 * network and of each mode of F, since when that is certain, and the rank now and in the end. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_JUDGE_H
#define SSLDYN_SIM_FLOW_MATRIX_JUDGE_H

#include "sim/flow/flow.h"
#include "sim/observe/observer.h"
#include "sim/run/outcome.h"
#include "sim/run/start.h"

struct ssldyn_matrix_judge {
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    size_t n1, n2;
    size_t follow;    /* most rows over which the fate is followed; 0: it is not asked for */
    bool noisy;       /* set after create: rows of SGD, where what rests on average moves */
    bool closure;     /* F is tied to Wp, and not W W^T */
    bool certified;   /* the certificate is that of an isotropic mode, and there is one */
    double resting;   /* a network of this speed has come to rest */
    double lambda;    /* largest eigenvalue of X; only where the fate is followed */
    double largest_s; /* of any row: what counts as collapsed is small against it */
    struct ssldyn_certificate certificate;
    struct ssldyn_outcome *outcome;
    size_t rows;
    size_t width;            /* of a row */
    double *last, *before;   /* the last two of them */
    double *times, *leading; /* t and p_1 of every row that is followed */
    double *block;           /* all of these; owned */
};

/* Borrows problem and start, whose matrices it does not look at. follow: the most rows that will
 * come of a run whose fate is asked for; 0: only ranks and the fates of modes are, which costs
 * nothing before the end. outcome is filled from the first row on. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_judge_create(const struct ssldyn_problem *problem, const struct ssldyn_start *start,
                           size_t follow, struct ssldyn_outcome *outcome,
                           struct ssldyn_matrix_judge *judge, struct ssldyn_error *err);
void ssldyn_matrix_judge_clear(struct ssldyn_matrix_judge *judge);

/* The next row (ssldyn_layout_matrix), the snapshot it was made from, and the speed |y'|/|y| in flow
 * time (NaN: unknown). Where the fate of the network is asked for, the first that is certain stays.
 * Collapsed: inside the trapping region of theory/trapping.h, a proof. Survives: data are isotropic,
 * some mode of the row is an eigenvector of the predictor (cos_j > 0.999) with its target along the
 * network (cosine above 0.99), and that mode's fate is certain; or, whatever the data, the network
 * is at rest. Returns whether the fate is asked for and open, as the next function. */
bool ssldyn_matrix_judge_row(struct ssldyn_matrix_judge *judge, const double row[],
                             const struct ssldyn_snapshot *snapshot, double speed);
bool ssldyn_matrix_judge_open(const struct ssldyn_matrix_judge *judge);

/* The solution left double precision at t: nothing comes after it, and its rank is unknown. */
void ssldyn_matrix_judge_diverged(struct ssldyn_matrix_judge *judge, double t);

/* After the last row: t_escape, the margin where the data have a fold in closed form, and the rank
 * of the flow from the last row on. A mode survives where it has come to rest: above the floor of
 * the rank, and moving at less than 1e-4 of eta_s between the last two rows. Else the certificate
 * decides, as if the mode stood alone and aligned: M5 with its p_j and the decays lambda_s =
 * v^T (X + X') v, lambda_d = v^T X v along its direction v = W^T u_j/|W^T u_j|. That is a forecast
 * where the network is not aligned; NaN where a mode is open. snapshot and vectors, the eigenvectors
 * of F (n2 x n2, columns), are those of the last row; NULL: they are gone. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_judge_finish(struct ssldyn_matrix_judge *judge,
                           const struct ssldyn_snapshot *snapshot, const double vectors[],
                           struct ssldyn_error *err);

/* Where the flow takes each mode of one row from there on, by certificate: fills the report's modes
 * and what goes with them. Only isotropic data have a certificate, and with predictor and
 * stop-gradient only as if F and Wp shared their eigenvectors; without either it is one of the
 * whole network (Thm 2; a linear system). Else no mode is judged. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_judge_modes(const struct ssldyn_parameters *parameters,
                          const struct ssldyn_moments *moments, size_t n2, const double row[],
                          struct ssldyn_flow_report *report, struct ssldyn_error *err);

#endif
