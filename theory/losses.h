/* The register of losses. A loss is one line in the list below, its properties (struct
 * ssldyn_loss) in theory/loss_NAME.c, and its population gradient and value in
 * sim/loss/matrix_loss_NAME.c. The choices of --loss, flows, SGD's mean, laws, fates and folds
 * follow from the list.
 *
 * A loss gives a residual R (n2 x n1), minus the gradient of the loss with respect to M = Wp W:
 *     dWp/dt = alpha_p R W^T - eta_p Wp,   dW/dt = Wp^T R - eta_s W,
 * for the squared distance R = Wa X - M (X + X') (Lemma 1), for the cosine R = G (THEORY section
 * 10). */
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

/* X(E, name, choice): the enumerator SSLDYN_LOSS_E, the descriptor ssldyn_loss_NAME, and the
 * value of --loss. */
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
    const char *name;    /* the choice in the list */
    const char *tag;     /* its section or equation in THEORY */
    const char *meaning; /* for help, a few words */

    /* Its equations are M1 to M6 unchanged, those of the squared distance. Otherwise the options
     * that support it are listed in one table, ssldyn_spec_check_loss. */
    bool linear;
    /* Prediction and target are divided by their norms, pair by pair: R = G, and the gradient of
     * a pair is orthogonal to its prediction. */
    bool normalized;
    /* dW/dt = R - eta_s W: the residual reaches the encoder without Wp^T, so that all modes
     * learn at the same rate. Not a gradient of any function. */
    bool iso;
    /* M6 can take steps with it: the residual of a pair is a - b or, if normalized, that of the
     * cosine. */
    bool steps;
    /* Every mode of M5 has a pair of fixed points, which merge at eta_s = tau^2 lambda_d^2/(4
     * lambda_s) independently of the other modes (section 4). */
    bool folds;
    /* The residual of all modes if the matrices share their singular vectors, R = U diag(R_j)
     * V^T, and the loss; NULL: unknown. workspace: modes_workspace(n) doubles; spacing: of the
     * quadrature (cosine_rule.h), if there is one. False: not finite
     * (ssldyn_cosine_modes_gradient). */
    bool (*modes)(const struct ssldyn_cosine_data *data, const double p[], const double w[],
                  const double wa[], double spacing, double R[], double *loss, double workspace[]);
    size_t (*modes_workspace)(size_t n);
    /* Flags of enum ssldyn_law: the laws that hold under the settings at constant rates. */
    unsigned (*laws)(const struct ssldyn_parameters *parameters);
    /* Fills kind, and the fields that it needs, of a certificate that already holds the rates;
     * if no criterion is proved, kind stays NONE and why gives the reason. */
    void (*certify)(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d);
    /* Whether a whole network with these norms must collapse: ssldyn_trapping_collapse;
     * ssldyn_losses_no_trap if nothing is proved. */
    bool (*traps)(const struct ssldyn_parameters *parameters, double lambda, double wp, double w,
                  double wa);
};

#define SSLDYN_LOSSES_DECLARE(E, name, choice) extern const struct ssldyn_loss ssldyn_loss_##name;
SSLDYN_LOSSES(SSLDYN_LOSSES_DECLARE)

/* All of them, by enum ssldyn_loss_choice. */
extern const struct ssldyn_loss *const ssldyn_losses[SSLDYN_LOSSES_COUNT];

/* The loss of parameters->loss. */
const struct ssldyn_loss *ssldyn_losses_of(const struct ssldyn_parameters *parameters);

/* The law of an IsoLoss with a trained predictor (THEORY section 10), or none. */
unsigned ssldyn_losses_iso_laws(const struct ssldyn_parameters *parameters);

bool ssldyn_losses_no_trap(const struct ssldyn_parameters *parameters, double lambda, double wp,
                           double w, double wa);

#ifdef __cplusplus
}
#endif

#endif
