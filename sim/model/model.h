/* The register of models: one descriptor each. To add a model, write its file here and its line in
 * SSLDYN_MODEL_LIST (sim/problem/problem.h); --model, help, options, traces, reports, sweeps and
 * plots follow. Other code never compares a model's enumerator: it asks whether the model has a
 * part. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MODEL_MODEL_H
#define SSLDYN_SIM_MODEL_MODEL_H

#include "sim/io/layout.h"
#include "sim/model/mode.h"
#include "sim/problem/problem.h"

#include <stdbool.h>
#include <stddef.h>

/* The parts of a model. Options and methods apply to the models with a given part. */
enum ssldyn_model_part {
    SSLDYN_HAS_MATRICES = 1 << 0,    /* matrices of a network, of sizes n1 and n2; else modes */
    SSLDYN_HAS_WEIGHTS = 1 << 1,     /* W and Wa, for data X and X' */
    SSLDYN_HAS_CORRELATION = 1 << 2, /* F instead of W, and one tau */
    SSLDYN_HAS_SWITCHES = 1 << 3,    /* --no-predictor, --no-stop-grad */
    SSLDYN_HAS_RULES = 1 << 4,       /* closed-form predictors */
    SSLDYN_HAS_NOISE = 1 << 5,       /* c = 1 + sigma2 */
    SSLDYN_HAS_P0 = 1 << 6,          /* starts, one entry per mode */
    SSLDYN_HAS_S0 = 1 << 7,
    SSLDYN_HAS_TAU0 = 1 << 8,
    SSLDYN_HAS_NETWORKS = 1 << 9, /* modes are networks (wp, w, wa) with lambda_s and lambda_d */
    SSLDYN_HAS_TIED_S = 1 << 10,  /* s = p^2/alpha_p, which requires equal decays */
    SSLDYN_HAS_KERNEL = 1 << 11   /* modes that sim/ensemble integrates (mode_point.h) */
};

/* Default tolerances: modes may start from, or shrink to, any size and still matter later, so their
 * error control is relative; the error of a matrix is measured against its norm, and limited by
 * rounding. */
#define SSLDYN_MODEL_ATOL_MODES 1e-150
#define SSLDYN_MODEL_ATOL_MATRICES 1e-14

/* A model of modes. */
struct ssldyn_model_modes {
    /* Mode j (0-based) at t = 0: chooses its variables (parameters, alpha_p and scale 1 are set)
     * and their number. */
    void (*start)(const struct ssldyn_problem *problem, size_t j,
                  struct ssldyn_mode_variables *variables, double y[]);
    /* the values of a mode in the per-mode columns of the layout */
    void (*fill)(const struct ssldyn_parameters *parameters, const struct ssldyn_mode_state *state,
                 double values[]);
    /* fates: the certificate, eta_s at the fold, and p above which a mode has escaped collapse */
    void (*certify)(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters);
    double (*fold)(const struct ssldyn_parameters *parameters);
    double (*level)(const struct ssldyn_parameters *parameters);
    const struct ssldyn_mode_law *const *laws; /* that may apply; ends with NULL */
    /* the trace if the loss couples the modes (theory/aligned.h), with the loss as second column;
     * NULL: the model supports the squared distance only */
    const struct ssldyn_layout *coupled_layout;
    unsigned coupled_parts; /* additional parts (enum ssldyn_model_part) in that case */
};

struct ssldyn_model {
    const char *name;                   /* as typed after --model */
    const char *tag;                    /* in theory/THEORY.md: "M3" */
    const char *title;                  /* of the final report: "modes (M3)" */
    const char *subject;                /* in a sentence: "decoupled modes (M3)" */
    unsigned parts;                     /* enum ssldyn_model_part */
    const struct ssldyn_layout *layout; /* of its trace */
    double atol;                        /* default of --atol */
    const char *no_theory;              /* why ssldyn theory has no results for it; NULL: it has */
    const struct ssldyn_model_modes *modes; /* NULL: matrices (sim/flow/matrix_system.h) */
};

#define SSLDYN_MODEL_DECLARE(NAME, name, meaning)                                                  \
    extern const struct ssldyn_model ssldyn_model_##name;
SSLDYN_MODEL_LIST(SSLDYN_MODEL_DECLARE, SSLDYN_MODEL_DECLARE)
#undef SSLDYN_MODEL_DECLARE

/* The descriptor of a problem's model. */
const struct ssldyn_model *ssldyn_model_of(enum ssldyn_model_name name);

/* Model i (0, 1, ...) of the list; NULL: past the last. */
const struct ssldyn_model *ssldyn_model_at(size_t i);

bool ssldyn_model_has(enum ssldyn_model_name name, enum ssldyn_model_part part);

/* The names of the models that have any of the parts: "modes, parabola". Returns text, of size
 * bytes. */
const char *ssldyn_model_names(unsigned parts, const char *separator, char text[], size_t size);

/* The columns of a problem's trace, and the number of modes. */
const struct ssldyn_layout *ssldyn_model_layout(const struct ssldyn_problem *problem,
                                                size_t *modes);

/* The modes of a problem: those of its model, or those of a deep encoder instead. */
const struct ssldyn_model_modes *ssldyn_model_modes_of(const struct ssldyn_problem *problem);
extern const struct ssldyn_model_modes ssldyn_model_deep;

/* Whether the loss of a problem couples its modes. */
bool ssldyn_model_is_coupled(const struct ssldyn_problem *problem);

/* Whether lists give the modes different data; and the parameters of mode j (0-based) as those of
 * M5. */
bool ssldyn_model_data_differ(const struct ssldyn_problem *problem);
struct ssldyn_parameters ssldyn_model_parameters_of(const struct ssldyn_problem *problem, size_t j);

/* The parameters of a problem as those of M5: isotropic data are lambda_s = c, lambda_d = 1. */
struct ssldyn_parameters ssldyn_model_parameters(const struct ssldyn_problem *problem);

#endif
