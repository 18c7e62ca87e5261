/* The problem that a run (a flow or SGD) works on, as plain values and arrays: model, rates, data,
 * start, times, tolerances. Independent of options and files; the command line fills it in from its
 * table, a sweep sets numbers in it. */
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

/* The models, M1 to M5: FIRST and X(NAME, name, "what it describes"), one line each. Everything
 * else is in the descriptor ssldyn_model_name (sim/model/model.h). */
/* clang-format off */
#define SSLDYN_MODEL_LIST(FIRST, X)                                     \
    FIRST(POPULATION, population, "matrices, for any data")             \
    X(REDUCED, reduced, "matrices, for isotropic data")                 \
    X(MODES, modes, "modes (p, s, tau) of isotropic data")              \
    X(PARABOLA, parabola, "modes on the invariant parabola")            \
    X(LOWDIM, lowdim, "one-dimensional networks (wp, w, wa)")
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

/* What ssldyn sgd (M6) needs in addition to a flow. */
enum ssldyn_precision { SSLDYN_PRECISION_DOUBLE, SSLDYN_PRECISION_FLOAT };
enum ssldyn_sampler { SSLDYN_SAMPLER_AUTO, SSLDYN_SAMPLER_DIRECT, SSLDYN_SAMPLER_WISHART };
enum ssldyn_vary { SSLDYN_VARY_BATCHES, SSLDYN_VARY_ALL };
enum ssldyn_schedule { SSLDYN_SCHEDULE_CONSTANT, SSLDYN_SCHEDULE_LINEAR, SSLDYN_SCHEDULE_COSINE };
struct ssldyn_sgd_options {
    double lr;       /* of the online network, > 0 */
    double momentum; /* heavy ball, in [0, 1) */
    int64_t batch;   /* samples per step; 0: infinite, the population gradient */
    int64_t steps;   /* 0: as many as t_end requires */
    int precision;   /* enum ssldyn_precision */
    int sampler;     /* enum ssldyn_sampler */
    bool symmetrize_loss;
    double rho; /* weight of the old correlation in the moving average of closed-form predictors */
    int64_t freq;   /* steps between updates of a closed-form predictor */
    int64_t warmup; /* steps over which lr grows linearly */
    int schedule_lr, schedule_ema, schedule_decay; /* enum ssldyn_schedule */
    double end_lr, end_ema, end_decay;             /* factors at the last step */
    int64_t ensemble;                              /* 0: one run */
    int vary;       /* enum ssldyn_vary: what differs between members */
    int64_t member; /* -1: all of the ensemble, else only this one */
    /* fraction of its distance by which the target moves per step, independent of lr, derived from
     * train-ema; 0: beta lr/(1 - momentum) */
    double ema_share;
};

/* A matrix given by the user, row-major; borrowed. */
struct ssldyn_matrix {
    size_t rows, columns;
    const double *entries; /* NULL: not given */
    const char *name;      /* its name in messages, "--init-w w.npy"; NULL: its letter */
};

struct ssldyn_timetable;
struct ssldyn_moments_basis;
struct ssldyn_dataset;

/* Settings as the user gives them; ssldyn_problem_derive computes rates, data and times from
 * them. */
struct ssldyn_typed {
    double eta;          /* weight decay of both networks, unless one has its own: */
    bool eta_p, eta_s;   /* whether parameters.rates.eta_p, eta_s are given separately */
    double sigma2;       /* X' = sigma2 I */
    bool n1, n2;         /* whether the sizes are given, or known from files */
    bool init_scale;     /* whether problem.init_scale is given */
    bool training_steps; /* whether steps is given */
    int64_t steps;       /* of training */
    struct ssldyn_training training;       /* NaN where not given */
    struct ssldyn_list lambda_s, lambda_d; /* one entry, or one per mode */
};

struct ssldyn_problem {
    enum ssldyn_model_name model;
    struct ssldyn_typed typed;
    struct ssldyn_parameters parameters;

    /* start of modes: one entry per mode, or one for all */
    struct ssldyn_list p0, s0, tau0;
    struct ssldyn_list wp0, w0, wa0; /* lowdim */
    struct ssldyn_list layers0; /* relative sizes of the layers of a deep encoder; empty: equal */

    /* start of matrices */
    int64_t n1, n2;
    enum ssldyn_target_start init_wa;
    double init_scale; /* standard deviation of the random start */
    uint64_t seed;
    bool closure_parabola;               /* reduced: F is kept equal to Wp^T Wp/alpha_p */
    enum ssldyn_aligned_closure closure; /* coupled modes: how their residual is found */
    bool one_sided;                      /* coupled modes: noise only on the target's view */
    struct { /* in the user's coordinates; matrices that are not given are drawn */
        struct ssldyn_matrix Wp; /* n2 x n2 */
        struct ssldyn_matrix W;  /* n2 x n1 */
        struct ssldyn_matrix Wa; /* n2 x n1, where init_wa is SSLDYN_TARGET_FILE */
        struct ssldyn_matrix F;  /* n2 x n2, reduced only: W W^T where not given */
    } start;

    /* X and X' (n1 x n1) in their basis (sim/run/moments_basis.h); borrowed, NULL: X = I and X' =
     * (c - 1) I */
    const struct ssldyn_moments_basis *basis;
    /* the data set that SGD samples (sim/sgd/sgd_sampler.h), in that basis; borrowed, NULL:
     * Gaussian data with these moments */
    const struct ssldyn_dataset *dataset;

    /* time and accuracy */
    double t_end;
    int64_t samples; /* rows in addition to that at 0 */
    bool log_time;
    double rtol;
    double atol;   /* 0: the default of the model */
    char *stepper; /* NULL: auto */
    /* rows and rates of the SGD run that a flow of a ladder follows (sim/run/schedule.h); borrowed;
     * NULL: none */
    const struct ssldyn_timetable *timetable;

    struct ssldyn_sgd_options sgd; /* needed by SGD (M6) only */
};

/* Sets the default values of ssldyn's options, for programs that fill in a problem themselves: they
 * set the lists; changes in typed take effect in ssldyn_problem_derive. A zeroed problem is not
 * valid: it has no stop-gradient, and a training setting that is not given must be NaN. */
void ssldyn_problem_init(struct ssldyn_problem *problem);

/* Computes eta_p and eta_s, the rates, lr, momentum and times from training settings, c, the
 * eigenvalues of lowdim, and the scale of a random start, from problem->typed. Idempotent: call it
 * whenever a number in typed has changed. */
void ssldyn_problem_derive(struct ssldyn_problem *problem);

/* The number of modes of a start: entries of the longest list. */
size_t ssldyn_problem_modes(const struct ssldyn_problem *problem);

#endif
