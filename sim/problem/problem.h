/* The problem: what a run, flow or SGD alike, is about, as plain values and arrays: model, rates,
 * data, start, times, tolerances. It knows no options and no files; the command line fills it in
 * from its table, a sweep sets numbers in it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_PROBLEM_PROBLEM_H
#define SSLDYN_SIM_PROBLEM_PROBLEM_H

#include "sim/base/parse.h"
#include "theory/aligned.h"
#include "theory/parameters.h"
#include "theory/training.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The models, M1 to M5: FIRST and X(NAME, name, "what it describes"), a line each. The descriptor
 * ssldyn_model_name says everything else (sim/model/model.h). */
/* clang-format off */
#define SSLDYN_MODEL_LIST(FIRST, X)                                     \
    FIRST(POPULATION, population, "matrices of any data")               \
    X(REDUCED, reduced, "matrices of isotropic data")                   \
    X(MODES, modes, "decoupled modes")                                  \
    X(PARABOLA, parabola, "their invariant parabola")                   \
    X(LOWDIM, lowdim, "one-dimensional networks")
/* clang-format on */

#define SSLDYN_MODEL_NAME(NAME, name, meaning) SSLDYN_MODEL_##NAME,
enum ssldyn_model_name { SSLDYN_MODEL_LIST(SSLDYN_MODEL_NAME, SSLDYN_MODEL_NAME) };
#undef SSLDYN_MODEL_NAME

enum ssldyn_target_start {
    SSLDYN_TARGET_ZERO,
    SSLDYN_TARGET_COPY,
    SSLDYN_TARGET_RANDOM,
    SSLDYN_TARGET_FILE
};

/* What ssldyn sgd (M6) adds to a flow. */
enum ssldyn_precision { SSLDYN_PRECISION_DOUBLE, SSLDYN_PRECISION_FLOAT };
enum ssldyn_sampler { SSLDYN_SAMPLER_AUTO, SSLDYN_SAMPLER_DIRECT, SSLDYN_SAMPLER_WISHART };
enum ssldyn_vary { SSLDYN_VARY_BATCHES, SSLDYN_VARY_ALL };
enum ssldyn_schedule { SSLDYN_SCHEDULE_CONSTANT, SSLDYN_SCHEDULE_LINEAR, SSLDYN_SCHEDULE_COSINE };
struct ssldyn_sgd_options {
    double lr;       /* of the online network, > 0 */
    double momentum; /* heavy ball, in [0, 1) */
    int64_t batch;   /* data in a step; 0: infinite, the population gradient */
    int64_t steps;   /* 0: as many as t_end takes */
    int precision;   /* enum ssldyn_precision */
    int sampler;     /* enum ssldyn_sampler */
    bool symmetrize_loss;
    double rho;     /* share of the old correlation in the running one of set predictors */
    int64_t freq;   /* steps between which a set predictor is set */
    int64_t warmup; /* steps of linear growth of lr */
    int schedule_lr, schedule_ema, schedule_decay; /* enum ssldyn_schedule */
    double end_lr, end_ema, end_decay;             /* factors at the last step */
    int64_t ensemble;                              /* 0: one run */
    int vary;       /* enum ssldyn_vary: what differs between members */
    int64_t member; /* -1: all of the ensemble, else this one alone */
    /* share of its distance by which the target moves in a step whatever lr is, derived from
     * train-ema; 0: beta lr/(1 - momentum) */
    double ema_share;
};

/* A matrix that somebody gives, row-major; borrowed. */
struct ssldyn_matrix {
    size_t rows, columns;
    const double *entries; /* NULL: not given */
    const char *name;      /* how a message calls it, "--init-w w.npy"; NULL: by its letter */
};

struct ssldyn_timetable;
struct ssldyn_moments_basis;
struct ssldyn_dataset;

/* What a user says in the user's own terms; ssldyn_problem_derive makes rates, data and times of
 * it.
 */
struct ssldyn_typed {
    double eta;          /* weight decay of both networks, but of one that has its own: */
    bool eta_p, eta_s;   /* whether parameters.rates.eta_p, eta_s are given apart */
    double sigma2;       /* X' = sigma2 I */
    bool n1, n2;         /* whether the sizes are given, or known from files */
    bool init_scale;     /* whether problem.init_scale is given */
    bool training_steps; /* whether the next is given */
    int64_t steps;       /* of training */
    struct ssldyn_training training;       /* NaN where not given */
    struct ssldyn_list lambda_s, lambda_d; /* one entry, or one for each mode */
};

struct ssldyn_problem {
    enum ssldyn_model_name model;
    struct ssldyn_typed typed;
    struct ssldyn_parameters parameters;

    /* start of modes: one entry per mode, or one for all */
    struct ssldyn_list p0, s0, tau0;
    struct ssldyn_list wp0, w0, wa0; /* lowdim */
    struct ssldyn_list
        layers0; /* sizes of the layers of a deep encoder to each other; none: alike */

    /* start of matrices */
    int64_t n1, n2;
    enum ssldyn_target_start init_wa;
    double init_scale; /* standard deviation of what is drawn */
    uint64_t seed;
    bool closure_parabola;               /* reduced: F is held at Wp^T Wp/alpha_p */
    enum ssldyn_aligned_closure closure; /* coupled modes: how their residual is found */
    bool one_sided;                      /* coupled modes: noise on the target's view alone */
    struct {                             /* in the user's coordinates; what is not given is drawn */
        struct ssldyn_matrix Wp;         /* n2 x n2 */
        struct ssldyn_matrix W;          /* n2 x n1 */
        struct ssldyn_matrix Wa;         /* n2 x n1, where init_wa is SSLDYN_TARGET_FILE */
        struct ssldyn_matrix F;          /* n2 x n2, reduced only: W W^T where not given */
    } start;

    /* X and X' (n1 x n1) by their basis (sim/run/moments_basis.h); borrowed, NULL: X = I and X' =
     * (c - 1) I */
    const struct ssldyn_moments_basis *basis;
    /* what SGD draws from (sim/sgd/sgd_sampler.h), in that basis; borrowed, NULL: Gaussian data
     * with these moments */
    const struct ssldyn_dataset *dataset;

    /* time and accuracy */
    double t_end;
    int64_t samples; /* rows after that at 0 */
    bool log_time;
    double rtol;
    double atol;   /* 0: chosen for the model */
    char *stepper; /* NULL: auto */
    /* rows and rates of the SGD run above it in a ladder (sim/run/schedule.h); borrowed; NULL: none
     */
    const struct ssldyn_timetable *timetable;

    struct ssldyn_sgd_options sgd; /* what SGD (M6) adds to a flow */
};

/* The values that ssldyn's options have where nothing is given, for programs that fill in a problem
 * themselves: they set the lists, and changes in typed take effect in ssldyn_problem_derive. A
 * zeroed problem will not do: it has no stop-gradient, and a training setting that is not given is
 * NaN. */
void ssldyn_problem_init(struct ssldyn_problem *problem);

/* Fills in eta_p and eta_s, the rates, lr, momentum and times that training settings make, c, the
 * eigenvalues of lowdim, and the size of a drawn start, from problem->typed. A function of values
 * alone, that gives the same when it is called again: call it whenever a typed number was set. */
void ssldyn_problem_derive(struct ssldyn_problem *problem);

/* The number of modes that a start describes: entries of the longest list. */
size_t ssldyn_problem_modes(const struct ssldyn_problem *problem);

#endif
