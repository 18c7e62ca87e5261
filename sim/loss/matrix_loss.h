/* What M1 is under a loss: its population gradient and its value for matrices, one descriptor for
 * each loss of theory/losses.h, in matrix_loss_NAME.c. Flows, SGD's mean and the observer ask here.
 */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LOSS_MATRIX_LOSS_H
#define SSLDYN_SIM_LOSS_MATRIX_LOSS_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stddef.h>

struct ssldyn_matrix_loss {
    const char *name; /* as in theory/losses.h */

    /* What is computed once of the data (borrowed), for n2 rows: *prepared is handed to the others
     * and released once. accuracy: relative, that is enough (rtol of an integrator); 0: the best
     * there is. EINPUT where the loss means nothing for such sizes. */
    enum ssldyn_status (*prepare)(const struct ssldyn_moments *moments, size_t n2, double accuracy,
                                  void **prepared, struct ssldyn_error *err);
    void (*release)(void *prepared);

    /* Doubles of workspace that rhs and value need. */
    size_t (*rhs_workspace)(size_t n1, size_t n2);
    size_t (*value_workspace)(size_t n1, size_t n2);

    /* Wp' = alpha_p R W^T - eta_p Wp and so on, with the residual R of this loss:
     * ssldyn_population_rhs says the rest. EFAILED where the gradient is not finite. */
    enum ssldyn_status (*rhs)(void *prepared, const struct ssldyn_parameters *parameters,
                              const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_weights *weights,
                              const struct ssldyn_weights_rate *rate, double workspace[],
                              struct ssldyn_error *err);

    /* The population's loss at weights, of which Wp may be NULL (the identity), and Wa where it is
     * tau W. */
    double (*value)(void *prepared, const struct ssldyn_moments *moments, size_t n2,
                    const struct ssldyn_weights *weights, double tau, double workspace[]);

    /* The same of isotropic data with Wa = tau W from the spectra: eigenvalues s_j of F, and of its
     * eigenvectors u_j p_j = u_j^T Wp u_j, reach_j = |Wp u_j|. NULL: these do not determine it. */
    double (*value_of_modes)(double c, size_t n, const double s[], const double p[],
                             const double reach[], double tau);
};

#define SSLDYN_MATRIX_LOSS_DECLARE(E, name, choice)                                                \
    extern const struct ssldyn_matrix_loss ssldyn_matrix_loss_##name;
SSLDYN_LOSSES(SSLDYN_MATRIX_LOSS_DECLARE)

/* Enough workspace for the value of any of them, at n2 x n1 weights or, where modes alone do not
 * determine it, at n2 x n2 weights. */
size_t ssldyn_matrix_loss_workspace(size_t n1, size_t n2);

/* That of parameters->loss. */
const struct ssldyn_matrix_loss *ssldyn_matrix_loss_of(const struct ssldyn_parameters *parameters);

#endif
