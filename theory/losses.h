/* The register of losses: what is minimised. A loss is one line in the list below, what is known of
 * it (struct ssldyn_loss) in theory/loss_NAME.c, and its population gradient and value in
 * sim/loss/matrix_loss_NAME.c. The choices of --loss, flows, SGD's mean, laws, fates and folds
 * follow from the list.
 *
 * A loss gives a residual R (n2 x n1), minus the gradient of the loss by M = Wp W:
 *     Wp' = alpha_p R W^T - eta_p Wp,   W' = Wp^T R - eta_s W,
 * the squared distance R = Wa X - M (X + X') (Lemma 1), the cosine R = G (THEORY section 10). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_LOSSES_H
#define SSLDYN_THEORY_LOSSES_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ssldyn_certificate;
struct ssldyn_cosine_data;
struct ssldyn_parameters;

/* X(E, name, choice): the enumerator SSLDYN_LOSS_E, the descriptor ssldyn_loss_NAME, and what is
 * typed after --loss. */
#define SSLDYN_LOSSES(X)                                                                           \
    X(L2, l2, "l2")                                                                                \
    X(COSINE, cosine, "cosine")                                                                    \
    X(ISO_L2, iso_l2, "iso-l2")                                                                    \
    X(ISO_COSINE, iso_cosine, "iso-cosine")

#define SSLDYN_LOSSES_ENUM(E, name, choice) SSLDYN_LOSS_##E,
enum ssldyn_loss_choice { SSLDYN_LOSSES(SSLDYN_LOSSES_ENUM) SSLDYN_LOSSES_COUNT };

/* For the choices of an option: "|l2|...". */
#define SSLDYN_LOSSES_CHOICE(E, name, choice) "|" choice

struct ssldyn_loss {
    const char *name;    /* as typed, the choice of the list */
    const char *tag;     /* where THEORY has it */
    const char *meaning; /* for help, a few words */

    /* M1 to M6 are its equations as they stand, that is, those of the squared distance. Else what
     * knows it is said in one table, ssldyn_spec_check_loss. */
    bool linear;
    /* Prediction and target are divided by their norms, pair by pair: R = G, and a pair has no
     * gradient along its prediction. */
    bool normalized;
    /* W' = R - eta_s W: the residual reaches the encoder without Wp^T, so that all modes learn at
     * the same rate. Not a gradient of anything. */
    bool iso;
    /* M6 takes its steps: the residual of a pair is a - b, or, normalized, the cosine's. */
    bool steps;
    /* Every mode of M5 has a pair of fixed points, which meet at eta_s = tau^2 lambda_d^2/(4
     * lambda_s) whatever the others do (section 4). */
    bool folds;
    /* The residual of all modes at once where the matrices share their singular vectors, R = U
     * diag(R_j) V^T, and the loss; NULL: not known. workspace: modes_workspace(n) doubles; spacing:
     * of a quadrature (cosine_rule.h), where there is one. False: not finite
     * (ssldyn_cosine_modes_gradient). */
    bool (*modes)(const struct ssldyn_cosine_data *data, const double p[], const double w[],
                  const double wa[], double spacing, double R[], double *loss, double workspace[]);
    size_t (*modes_workspace)(size_t n);
    /* enum ssldyn_law: those that the settings keep at constant rates. */
    unsigned (*laws)(const struct ssldyn_parameters *parameters);
    /* Fills kind, and what it needs, of a certificate that holds the rates already; kind stays NONE
     * and why says it where no criterion is proved. */
    void (*certify)(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d);
    /* Whether a whole network of these norms is bound to collapse: ssldyn_trapping_collapse;
     * ssldyn_losses_no_trap where nothing is proved. */
    bool (*traps)(const struct ssldyn_parameters *parameters, double lambda, double wp, double w,
                  double wa);
};

#define SSLDYN_LOSSES_DECLARE(E, name, choice) extern const struct ssldyn_loss ssldyn_loss_##name;
SSLDYN_LOSSES(SSLDYN_LOSSES_DECLARE)

/* All of them, by enum ssldyn_loss_choice. */
extern const struct ssldyn_loss *const ssldyn_losses[SSLDYN_LOSSES_COUNT];

/* That of parameters->loss. */
const struct ssldyn_loss *ssldyn_losses_of(const struct ssldyn_parameters *parameters);

/* The law of an IsoLoss with a predictor that is trained (THEORY section 10), or none. */
unsigned ssldyn_losses_iso_laws(const struct ssldyn_parameters *parameters);

bool ssldyn_losses_no_trap(const struct ssldyn_parameters *parameters, double lambda, double wp,
                           double w, double wa);

#ifdef __cplusplus
}
#endif

#endif
