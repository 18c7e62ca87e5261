/* The register of losses: what is minimised. A loss is one line in the list below, what is known of
 * it in theory/loss_NAME.c, and its population gradient in sim/loss/matrix_NAME.c. The choices of
 * --loss, flows, SGD's mean, laws, fates and folds follow from the list. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_LOSSES_H
#define SSLDYN_THEORY_LOSSES_H

#include <stdbool.h>

struct ssldyn_certificate;
struct ssldyn_parameters;

/* X(E, name): the enumerator SSLDYN_LOSS_E, the choice NAME, the descriptor ssldyn_loss_NAME. */
#define SSLDYN_LOSSES(X) X(L2, l2)

#define SSLDYN_LOSSES_ENUM(E, name) SSLDYN_LOSS_##E,
enum ssldyn_loss_choice { SSLDYN_LOSSES(SSLDYN_LOSSES_ENUM) SSLDYN_LOSSES_COUNT };

/* For the choices of an option: "|l2|...". */
#define SSLDYN_LOSSES_CHOICE(E, name) "|" #name

struct ssldyn_loss {
    const char *name;    /* as in the list */
    const char *tag;     /* where THEORY has it */
    const char *meaning; /* for help, a few words */

    /* The gradient of a batch is Lemma 1's, of its second moments alone: M2 to M5 are its reductions
     * and M6 its steps. Else flows of M1 know it. */
    bool linear;
    /* Every mode of M5 has a pair of fixed points, which meet at eta_s = tau^2 lambda_d^2/(4
     * lambda_s) whatever the others do (section 4). */
    bool folds;
    /* enum ssldyn_law: those that the settings keep at constant rates. */
    unsigned (*laws)(const struct ssldyn_parameters *parameters);
    /* Fills kind, and what it needs, of a certificate that holds the rates already; kind stays NONE
     * and why says it where no criterion is proved. */
    void (*certify)(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d);
    /* Whether a whole network of these norms is bound to collapse: ssldyn_trapping_collapse. */
    bool (*traps)(const struct ssldyn_parameters *parameters, double lambda, double wp, double w,
                  double wa);
};

#define SSLDYN_LOSSES_DECLARE(E, name) extern const struct ssldyn_loss ssldyn_loss_##name;
SSLDYN_LOSSES(SSLDYN_LOSSES_DECLARE)

/* All of them, by enum ssldyn_loss_choice. */
extern const struct ssldyn_loss *const ssldyn_losses[SSLDYN_LOSSES_COUNT];

/* That of parameters->loss. */
const struct ssldyn_loss *ssldyn_losses_of(const struct ssldyn_parameters *parameters);

#endif
