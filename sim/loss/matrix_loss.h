/* M1 under each loss: its population gradient and its value for matrices, one descriptor for each
 * loss of theory/losses.h, in matrix_loss_NAME.c. Used by flows, the mean of SGD and the
 * observer. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LOSS_MATRIX_LOSS_H
#define SSLDYN_SIM_LOSS_MATRIX_LOSS_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stddef.h>

struct ssldyn_matrix_loss {
    const char *name; /* as in theory/losses.h */

    /* Precomputes what depends only on the data (borrowed), for n2 rows: *prepared is passed to the
     * others and released once. accuracy: sufficient relative accuracy (rtol of an integrator); 0:
     * the best available. EINPUT if the loss is not defined for such sizes. */
    enum ssldyn_status (*prepare)(const struct ssldyn_moments *moments, size_t n2, double accuracy,
                                  void **prepared, struct ssldyn_error *err);
    void (*release)(void *prepared);

    /* Doubles of workspace that rhs and value need. */
    size_t (*rhs_workspace)(size_t n1, size_t n2);
    size_t (*value_workspace)(size_t n1, size_t n2);

    /* dWp/dt = alpha_p R W^T - eta_p Wp and so on, with the residual R of this loss: see
     * ssldyn_population_rhs. EFAILED if the gradient is not finite. */
    enum ssldyn_status (*rhs)(void *prepared, const struct ssldyn_parameters *parameters,
                              const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_weights *weights,
                              const struct ssldyn_weights_rate *rate, double workspace[],
                              struct ssldyn_error *err);

    /* The residual R of rhs alone (rows x n1), for an implicit method that treats it apart: its rate,
     * which grows as the norms decay, is limited to that at which it is fast to the accuracy of
     * prepare. NULL: its rate is bounded. */
    enum ssldyn_status (*residual)(void *prepared, const struct ssldyn_parameters *parameters,
                                   const struct ssldyn_moments *moments, size_t n2,
                                   const struct ssldyn_weights *weights, double R[],
                                   struct ssldyn_error *err);

    /* The population's loss at weights; Wp NULL: the identity; Wa NULL: tau W. */
    double (*value)(void *prepared, const struct ssldyn_moments *moments, size_t n2,
                    const struct ssldyn_weights *weights, double tau, double workspace[]);

    /* The same for isotropic data with Wa = tau W from the spectra: eigenvalues s_j of F, and for
     * its eigenvectors u_j the numbers p_j = u_j^T Wp u_j and image_j = |Wp u_j|. NULL: these do
     * not determine it. */
    double (*value_of_modes)(double c, size_t n, const double s[], const double p[],
                             const double image[], double tau);
};

#define SSLDYN_MATRIX_LOSS_DECLARE(E, name, choice)                                                \
    extern const struct ssldyn_matrix_loss ssldyn_matrix_loss_##name;
SSLDYN_LOSSES(SSLDYN_MATRIX_LOSS_DECLARE)

/* Enough workspace for the value of any loss, at n2 x n1 weights or, if modes do not determine it,
 * at n2 x n2 weights. */
size_t ssldyn_matrix_loss_workspace(size_t n1, size_t n2);

/* The descriptor of parameters->loss. */
const struct ssldyn_matrix_loss *ssldyn_matrix_loss_of(const struct ssldyn_parameters *parameters);

#endif
