/* Internals of the solver, shared by the steppers only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_SOLVER_H
#define SSLDYN_SIM_ODE_SOLVER_H

#include "sim/ode/ode.h"

/* A method. step advances ode->t, ode->y by one accepted step of at most ode->t_end - ode->t and
 * stores the previous state in ode->t_before, ode->y_before. */
struct ssldyn_stepper {
    const char *name;
    const char *help;
    bool dense; /* has an interpolant; otherwise steps also end at ode->t_output */
    enum ssldyn_status (*create)(struct ssldyn_ode *ode, void **work, struct ssldyn_error *err);
    void (*free)(void *work);
    /* ode->t, ode->y were set: discard the history; ode->h = 0 requests a first guess */
    enum ssldyn_status (*begin)(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err);
    enum ssldyn_status (*step)(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err);
    void (*interpolate)(struct ssldyn_ode *ode, void *work, double t, double y[]);
};

struct ssldyn_ode {
    struct ssldyn_ode_system system;
    struct ssldyn_ode_block *blocks; /* own copy, NULL: component-wise */
    struct ssldyn_ode_options options;
    size_t padded; /* n rounded up for the vector passes */

    const struct ssldyn_stepper *stepper;
    void *work;
    bool automatic;      /* may switch its stepper */
    void *explicit_work; /* auto keeps both methods once it has detected stiffness */
    void *implicit_work;
    int64_t trial_steps;       /* implicit steps since the switch */
    double trial_from;         /* t at the switch */
    double explicit_step;      /* step size just before the switch */
    int64_t stiff_check_after; /* steps before stiffness is checked again */
    bool stiff_now;            /* the explicit engine has just confirmed stiffness */

    int64_t pace_steps; /* number of steps at the last estimate of the pace */
    double pace_from;   /* t at that step */
    double pace;        /* mean step until then; 0: not yet estimated */
    int hopeless;       /* hopeless estimates in a row */
    double stuck_at;    /* auto: t of the last fallback to the other method; NaN: none */

    double t, t_before, t_end, t_output;
    double direction; /* +1 or -1 */
    double h;         /* size of the next step, signed */
    double *y, *y_before;
    double *scratch; /* a vector that is free between steps */
    struct ssldyn_ode_statistics statistics;
};

/* All steppers, X(symbol) for ssldyn_stepper_symbol, in the order of the help. To add one, define
 * it in a new file and add its name here: --stepper, help, axes and the tests follow. */
#define SSLDYN_STEPPERS(X)                                                                         \
    X(dop853)                                                                                      \
    X(dopri5)                                                                                      \
    X(radau5)                                                                                      \
    X(gsl_rkf45)                                                                                   \
    X(gsl_rkck)                                                                                    \
    X(gsl_rk8pd)                                                                                   \
    X(gsl_msadams)                                                                                 \
    X(gsl_msbdf)

#define SSLDYN_STEPPERS_DECLARE(symbol) extern const struct ssldyn_stepper ssldyn_stepper_##symbol;
SSLDYN_STEPPERS(SSLDYN_STEPPERS_DECLARE)

/* f(t, y), counted. */
void ssldyn_ode_evaluate(struct ssldyn_ode *ode, double t, const double y[], double dydt[]);

/* A first step after Hairer, Norsett, Wanner I, section II.4, for a method of the given order; f0
 * is f(t, y). Uses two vectors of scratch of ode->padded doubles each. */
double ssldyn_ode_first_step(struct ssldyn_ode *ode, int order, const double f0[], double f1[],
                             double y1[]);

/* The scaled norm of a vector e against the scales of states y and z (z may be NULL): root mean
 * square over blocks of rms(e_b)/(atol + rtol max(rms(y_b), rms(z_b))). */
double ssldyn_ode_norm(const struct ssldyn_ode *ode, const double e[], const double y[],
                       const double z[]);

/* Limits the size h of the next step so that it ends at t_end at the latest (or at the next output
 * for steppers without dense output); *last: it ends there. */
double ssldyn_ode_limit(const struct ssldyn_ode *ode, double h, bool *last);

/* Accepts the state at t_next, which the stepper wrote over y_before: the two vectors are
 * swapped. */
void ssldyn_ode_accept(struct ssldyn_ode *ode, double t_next);

/* The error of a failed step: EDIVERGED or EFAILED, depending on the state. */
enum ssldyn_status ssldyn_ode_give_up(const struct ssldyn_ode *ode, double h,
                                      struct ssldyn_error *err);

#endif
