/* The right-hand sides of M1 and M2 on the state vector of matrix_system.h, and the system that
 * both share. Private to these two modules. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_EQUATIONS_H
#define SSLDYN_SIM_FLOW_MATRIX_EQUATIONS_H

#include "sim/flow/matrix_layers.h"
#include "sim/flow/matrix_system.h"
#include "sim/linalg/linalg.h"
#include "sim/loss/matrix_loss.h"

#include <stdbool.h>

enum { SSLDYN_MATRIX_ABSENT = -1, SSLDYN_MATRIX_BLOCKS = 3 };

struct ssldyn_matrix_split;

struct ssldyn_matrix_system {
    const struct ssldyn_problem *problem;
    const struct ssldyn_parameters *parameters; /* of problem: the rates, before any schedule */
    const struct ssldyn_start *start;
    size_t n1, n2, rows;                 /* rows: of Wp */
    struct ssldyn_matrix_layers *layers; /* M1 with a deep encoder, instead of W; or NULL */
    bool population;
    bool closure;                               /* M2 with F = Wp^T Wp/alpha_p (Fig. 8) */
    bool set;                                   /* Wp is a function of the state */
    bool solved;                                /* by a linear system; otherwise by the spectrum */
    ptrdiff_t at_Wp, at_W, at_Wa, at_F, at_tau; /* offsets in the state, or SSLDYN_MATRIX_ABSENT */
    size_t size;
    struct ssldyn_ode_block blocks[SSLDYN_MATRIX_BLOCKS];
    size_t block_count;
    double tau_start;
    double *workspace; /* workspace of the right-hand sides in theory/ */

    const struct ssldyn_matrix_loss *loss;
    struct ssldyn_moments moments; /* as the loss sees them: M2 has as many directions as F */
    void *prepared;    /* prepared from the moments by the loss; NULL: the loss needs nothing */
    bool through_root; /* M2 with a loss other than the squared distance: by W = F^(1/2) */
    struct ssldyn_eigen *eigen;
    double *F, *values, *vectors, *Wp; /* n2-sized scratch; Wp: the identity or the closed-form
                                        * predictor */
    double *scratch;                   /* 3 n2 max(n1, n2) */
    double *law; /* n2 x n2 at the start, for a law of the loss or the rule, then scratch; or
                  * NULL */
    double *differences;               /* three states, for the Jacobian; or NULL */
    struct ssldyn_matrix_split *split; /* matrix_split.h; or NULL */
    enum ssldyn_status status;
    struct ssldyn_error error;
};

/* A part of a state or rate; NULL if the system does not have it. */
static inline double *ssldyn_matrix_equations_part(double y[], ptrdiff_t at)
{
    return at == SSLDYN_MATRIX_ABSENT ? NULL : y + at;
}

static inline const double *ssldyn_matrix_equations_part_const(const double y[], ptrdiff_t at)
{
    return at == SSLDYN_MATRIX_ABSENT ? NULL : y + at;
}

static inline double ssldyn_matrix_equations_tau(const struct ssldyn_matrix_system *system,
                                                 const double y[])
{
    return system->at_tau == SSLDYN_MATRIX_ABSENT ? system->parameters->tau : y[system->at_tau];
}

/* The right-hand side of the model; the context is the system. */
typedef void ssldyn_matrix_equations(double t, const double y[], double dydt[], void *context);
ssldyn_matrix_equations *ssldyn_matrix_equations_of(const struct ssldyn_matrix_system *system);

/* The derivatives of `count` values with respect to the state, count x size, by central differences
 * with a step for each block's size. As the norms decay the rates grow without bound, but not along
 * the fixed points, which form a manifold: there the error of one-sided differences, 1e-8 of the
 * largest rate, would soon be more than the rates themselves, and Newton's iteration would not
 * converge. workspace: size + 2 count doubles. */
void ssldyn_matrix_equations_differences(struct ssldyn_matrix_system *system,
                                         ssldyn_matrix_equations *values, size_t count, double t,
                                         const double y[], double entries[], double workspace[]);

/* Computes Wp of a closed-form rule at the state y into system->Wp. EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_equations_predictor(struct ssldyn_matrix_system *system, const double y[],
                                  struct ssldyn_error *err);

#endif
