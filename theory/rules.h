/* The register of predictor rules: how Wp is determined (THEORY section 7). A rule is one file,
 * theory/rule_NAME.c, and one line in the list below. The choices of --predictor and their help,
 * the options of a rule, flows, SGD, fates and the trainer follow from the list. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_RULES_H
#define SSLDYN_THEORY_RULES_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ssldyn_certificate;
struct ssldyn_parameters;

/* X(E, name): the enumerator SSLDYN_PREDICTOR_E, the choice NAME, the descriptor ssldyn_rule_NAME.
 */
#define SSLDYN_RULES(X)                                                                            \
    X(GRADIENT, gradient)                                                                          \
    X(DIRECTPRED, directpred)                                                                      \
    X(DIRECTSET, directset)                                                                        \
    X(OPTIMAL, optimal)

#define SSLDYN_RULES_ENUM(E, name) SSLDYN_PREDICTOR_##E,
enum ssldyn_predictor_rule { SSLDYN_RULES(SSLDYN_RULES_ENUM) SSLDYN_RULES_COUNT };

/* For the choices of an option: "|gradient|directpred|...". */
#define SSLDYN_RULES_CHOICE(E, name) "|" #name

enum ssldyn_rule_kind {
    SSLDYN_RULE_TRAINED,  /* Wp has its own equation */
    SSLDYN_RULE_SPECTRAL, /* Wp = U diag(p(s_j)) U^T, from the spectrum s, U of a correlation of its
                             input: --correlation, --normalize; symmetric */
    SSLDYN_RULE_SOLVED    /* Wp (W (X + X') W^T + epsilon I) = Wa X W^T, at every instant */
};

/* Laws of the exact solution (THEORY section 3), for ssldyn_invariant_laws. */
enum ssldyn_law {
    SSLDYN_LAW_BALANCE = 1, /* W W^T - Wp^T Wp/alpha_p decays as exp(-2 eta t) (Thm 1) */
    SSLDYN_LAW_FROZEN = 2,  /* W W^T itself decays in this way */
    /* for normalized losses, and for iso ones (THEORY section 10): */
    SSLDYN_LAW_NORM_W = 4,    /* |W| decays as exp(-eta_s t) */
    SSLDYN_LAW_NORM_WP = 8,   /* |Wp| as exp(-eta_p t) */
    SSLDYN_LAW_ISO = 16,      /* (Wp + Wp^T)/2 - alpha_p W W^T/2 as exp(-2 eta_s t) */
    SSLDYN_LAW_ISO_TRACE = 32 /* isotropic data: tr F^(a+1) as exp(-2 (a + 1) eta_s t), Wp = F^a */
};

struct ssldyn_rule {
    const char *name;    /* as in the list */
    const char *tag;     /* its section or equation in THEORY */
    const char *meaning; /* for the help of --predictor, a few words */
    const char *reads;   /* its own options, by name, separated by spaces; "": none */
    enum ssldyn_rule_kind kind;

    /* p of a mode; NULL if it is trained. SPECTRAL: of an eigenvalue s >= 0 of the (normalized)
     * correlation, whose largest is s_max; SOLVED: of s = w^2 for X = I, with wa = tau w (s_max
     * is not used). Never negative if tau is not. */
    double (*value)(const struct ssldyn_parameters *parameters, double s, double s_max, double tau);
    /* a if p = max(s - shift, 0)^a + epsilon s_max; NaN if it is not such a power
     * (ssldyn_rules_no_power). The basin of one mode, the behavior at w = 0 and the trainer's
     * kernel follow from it. */
    double (*power)(const struct ssldyn_parameters *parameters, double *shift);
    /* Fills kind, and the fields that it needs, for a mode with eigenvalues lambda_s, lambda_d
     * under the L2 loss with stop-gradient; ssldyn_certificate_none if nothing is proved. */
    void (*certify)(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d);
    /* Whether a whole network must collapse, for ssldyn_trapping_collapse: eta_s > 0, the target
     * follows; pull = tau lambda or lambda, wp = |Wp|, r = max(|W|, |Wa|). ssldyn_rules_no_trap
     * if nothing is proved. */
    bool (*traps)(const struct ssldyn_parameters *parameters, double pull, double wp, double r);
    /* flags of enum ssldyn_law: the laws at constant rates under the L2 loss with stop-gradient */
    unsigned (*laws)(const struct ssldyn_parameters *parameters);
};

#define SSLDYN_RULES_DECLARE(E, name) extern const struct ssldyn_rule ssldyn_rule_##name;
SSLDYN_RULES(SSLDYN_RULES_DECLARE)

/* All of them, by enum ssldyn_predictor_rule. */
extern const struct ssldyn_rule *const ssldyn_rules[SSLDYN_RULES_COUNT];

/* The rule of parameters->rule; it has an effect only if parameters->predictor. */
const struct ssldyn_rule *ssldyn_rules_of(const struct ssldyn_parameters *parameters);

/* There is a predictor, and it has its own equation; or it has none and is a function of the
 * networks. */
bool ssldyn_rules_trained(const struct ssldyn_parameters *parameters);
bool ssldyn_rules_set(const struct ssldyn_parameters *parameters);

/* a if a closed-form predictor is exactly the power F^a: no shift, epsilon or normalization; NaN
 * otherwise. */
double ssldyn_rules_pure_power(const struct ssldyn_parameters *parameters);

/* Whether an option (its name without dashes) is one of the rule's own. */
bool ssldyn_rules_reads(const struct ssldyn_rule *rule, const char *option);

/* Members for rules without such results. */
double ssldyn_rules_no_power(const struct ssldyn_parameters *parameters, double *shift);
bool ssldyn_rules_no_trap(const struct ssldyn_parameters *parameters, double pull, double wp,
                          double r);
unsigned ssldyn_rules_no_laws(const struct ssldyn_parameters *parameters);

#ifdef __cplusplus
}
#endif

#endif
