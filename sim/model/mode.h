/* One mode as a small system: its variables of integration, its equations in them, and its state in
 * the symbols of the theory. Used by the descriptors of per-mode models (model.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MODEL_MODE_H
#define SSLDYN_SIM_MODEL_MODE_H

#include "sim/problem/problem.h"
#include "theory/depth_flow.h"
#include "theory/fate.h"
#include "theory/modes.h"

#include <stdbool.h>
#include <stddef.h>

/* The mode's state in the symbols of the theory, for any variables of integration. NaN: not defined
 * by the model. */
struct ssldyn_mode_state {
    double p, s, tau;
    double wp, w, wa; /* if they are the variables */
    /* of a deep encoder, whose w is the product of its layers: the smallest and the largest square
     * of a layer, and the sum of all */
    double least, most, squares;
};

enum {
    SSLDYN_MODE_VARIABLES = SSLDYN_DEPTH_VARIABLES
}; /* maximum number of variables of integration */

struct ssldyn_mode_equations;

/* The variables in which a mode is integrated. */
struct ssldyn_mode_variables {
    const struct ssldyn_mode_equations *equations;
    struct ssldyn_parameters
        parameters; /* of M5: lambda_s = c, lambda_d = 1 unless the modes are networks */
    size_t n;       /* number of variables, at most SSLDYN_MODE_VARIABLES */
    enum ssldyn_tau_chart chart; /* M3, M4 */
    /* In the variables of M5, w and wa are those of integration times this scale, whose alpha_p is
     * the problem's times scale^2 [D: alpha_p is a scale of W]. So the ratio tau stays defined if s
     * underflows, and if s = 0 (scale 0). */
    double scale;
    double alpha_p; /* of the problem */
};

struct ssldyn_mode_equations {
    /* dy/dt and its Jacobian, n x n row-major; now: the parameters at that time */
    void (*rhs)(const struct ssldyn_mode_variables *variables, const struct ssldyn_parameters *now,
                const double y[], double dydt[]);
    void (*jacobian)(const struct ssldyn_mode_variables *variables,
                     const struct ssldyn_parameters *now, const double y[], double jacobian[]);
    /* converts variables of integration to symbols */
    struct ssldyn_mode_state (*view)(const struct ssldyn_mode_variables *variables,
                                     const double y[]);
    /* switches to other variables if they are better at the current state: true, with the new
     * variables in y */
    bool (*change)(struct ssldyn_mode_variables *variables, const double now[], double y[]);
};

/* For models with one set of variables: never switches. */
bool ssldyn_mode_stays(struct ssldyn_mode_variables *variables, const double now[], double y[]);

/* Switch to the ratio chart of tau above the first value, and back below the second. */
#define SSLDYN_MODE_TAU_LARGE 4.0
#define SSLDYN_MODE_TAU_SMALL 2.0

/* For models whose last variable is tau or 1/tau: stores tau in y[at] in the suitable chart;
 * switches that chart. */
void ssldyn_mode_start_tau(struct ssldyn_mode_variables *variables, double tau, size_t at,
                           double y[]);
bool ssldyn_mode_change_chart(struct ssldyn_mode_variables *variables, const double now[],
                              double y[]);

/* Starts in the variables (wp, w, wa) of M5; w >= 0; w = 0 is represented by 1 at scale 0. */
void ssldyn_model_lowdim_start(struct ssldyn_mode_variables *variables, double p, double s,
                               double tau, double y[]);
extern const struct ssldyn_mode_equations ssldyn_model_lowdim_networks;

/* The values of a mode in the columns of ssldyn_layout_modes and ssldyn_layout_lowdim. */
void ssldyn_mode_fill(const struct ssldyn_parameters *parameters,
                      const struct ssldyn_mode_state *state, double values[]);
void ssldyn_mode_fill_networks(const struct ssldyn_parameters *parameters,
                               const struct ssldyn_mode_state *state, double values[]);
void ssldyn_mode_fill_deep(const struct ssldyn_parameters *parameters,
                           const struct ssldyn_mode_state *state, double values[]);

/* A quantity conserved along a solution, for the final report. */
struct ssldyn_mode_law {
    const char *name;
    bool (*kept)(const struct ssldyn_parameters *parameters);
    /* The deviation of mode j at t, relative to the size of its terms; below 0: nothing to compare.
     * Called for rows in order from t = 0; memory belongs to the law and that mode, and is zero at
     * first. */
    double (*deviation)(const struct ssldyn_problem *problem,
                        const struct ssldyn_parameters *parameters, size_t j, double t,
                        const struct ssldyn_mode_state *state, double memory[2]);
};
extern const struct ssldyn_mode_law ssldyn_mode_law_balance;     /* Thm 1, for each mode */
extern const struct ssldyn_mode_law ssldyn_mode_law_growth;      /* |w| never grows, Thm 2 */
extern const struct ssldyn_mode_law ssldyn_mode_law_closed_form; /* M4 at held tau */
extern const struct ssldyn_mode_law
    ssldyn_mode_law_layers; /* balance of the layers of a deep encoder, */
extern const struct ssldyn_mode_law ssldyn_mode_law_layers_predictor;

/* For models without proven criteria: no certificate, and NaN for a fold or a level above which a
 * mode has escaped collapse. */
void ssldyn_mode_certify_none(struct ssldyn_certificate *certificate,
                              const struct ssldyn_parameters *parameters);
double ssldyn_mode_unknown(const struct ssldyn_parameters *parameters);

#endif
