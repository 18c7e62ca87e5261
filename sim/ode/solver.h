/* Inside of the solver, shared by the steppers alone. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_SOLVER_H
#define SSLDYN_SIM_ODE_SOLVER_H

#include "sim/ode/ode.h"

/* A method. step advances ode->t, ode->y by one accepted step of at most ode->t_end - ode->t and
 * keeps the state before it in ode->t_before, ode->y_before. */
struct ssldyn_stepper {
    const char *name;
    const char *help;
    bool dense; /* interpolates by itself; otherwise steps end at ode->t_output too */
    enum ssldyn_status (*create)(struct ssldyn_ode *ode, void **work, struct ssldyn_error *err);
    void (*free)(void *work);
    /* ode->t, ode->y were set anew: forget the past; ode->h = 0 asks for a first guess */
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
    bool automatic;      /* may change its stepper */
    void *explicit_work; /* auto keeps both once it has met stiffness */
    void *implicit_work;
    int64_t trial_steps;       /* implicit steps since the change */
    double trial_from;         /* t at the change */
    double explicit_step;      /* step size just before the change */
    int64_t stiff_check_after; /* steps before stiffness is looked for again */
    bool stiff_now;            /* the explicit engine has just confirmed stiffness */

    int64_t pace_steps; /* steps made when the pace was looked at last */
    double pace_from;   /* t at that moment */
    double pace;        /* mean step until then; 0: not looked at yet */
    int slow_looks;     /* in a row that saw no end */
    double stuck_at;    /* auto: t at which one method gave over to the other; NaN: never */

    double t, t_before, t_end, t_output;
    double direction; /* +1 or -1 */
    double h;         /* size of the next step, signed */
    double *y, *y_before;
    double *scratch; /* a vector that is free between steps */
    struct ssldyn_ode_statistics statistics;
};

/* All steppers, X(symbol) for ssldyn_stepper_symbol, in the order of the help. Adding one is a file
 * that defines it and its name here: --stepper, help, axes and the tests follow. */
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

/* A first step after Hairer, Norsett, Wanner I, section II.4, for a method of that order; f0 is
 * f(t, y). Uses two vectors of scratch of ode->padded doubles each. */
double ssldyn_ode_first_step(struct ssldyn_ode *ode, int order, const double f0[], double f1[],
                             double y1[]);

/* The scaled norm of a vector e against the scales of states y and z (z may be NULL): root mean
 * square over blocks of rms(e_b)/(atol + rtol max(rms(y_b), rms(z_b))). */
double ssldyn_ode_norm(const struct ssldyn_ode *ode, const double e[], const double y[],
                       const double z[]);

/* What is left to t_end (or the next output for steppers without dense output), and the size of the
 * coming step cut to it; *last tells that it ends there. */
double ssldyn_ode_limit(const struct ssldyn_ode *ode, double h, bool *last);

/* Accepts the state that the stepper wrote over y_before as that at t_next: the two change places.
 */
void ssldyn_ode_accept(struct ssldyn_ode *ode, double t_next);

/* Failure of the step at hand: told by the state whether it diverged or got stuck. */
enum ssldyn_status ssldyn_ode_give_up(const struct ssldyn_ode *ode, double h,
                                      struct ssldyn_error *err);

#endif
