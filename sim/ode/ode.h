/* Initial value problems y' = f(t, y): adaptive steppers behind one solver, with dense output, root
 * location and stiffness detection. Independent of the models. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_ODE_H
#define SSLDYN_SIM_ODE_ODE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block of the state with a common error scale, atol + rtol * rms(block), so that the error
 * control does not depend on the basis in which a matrix is written. Blocks of size 1 are
 * component-wise control. */
struct ssldyn_ode_block {
    size_t size;
};

/* The most variables for which auto uses an implicit method whose Jacobian is found by
 * differences. */
enum { SSLDYN_ODE_IMPLICIT_LARGEST = 512 };

struct ssldyn_ode_system {
    size_t n;
    /* dydt[n] from y[n]; must be defined for every finite y; the arrays never alias */
    void (*rhs)(double t, const double y[], double dydt[], void *context);
    /* n x n row-major Jacobian; NULL: finite differences */
    void (*jacobian)(double t, const double y[], double jacobian[], void *context);
    /* Optional, where f(t, y) = B(y) e(t, y) + s(t, y) and e is arbitrarily fast: what Newton's iteration
     * takes for f at a stage with state y and derivative k, by a Jacobian at the state `at`. With E of B(y) E =
     * k - s (least squares) it is B(y) E + s + B(at) (e - E), which is f at a solution, k = f. The
     * rapid part then lies in the image of B(at), on which the Jacobian acts as a whole; of f itself
     * it would in part lie outside, where nothing is stiff, and the iteration would diverge unless
     * the steps are as short as the root of the shortest time. The jacobian is called right after split
     * at the same state. */
    void (*split)(double t, const double y[], const double k[], const double at[], double f[],
                  void *context);
    void *context;
    const struct ssldyn_ode_block *blocks; /* sizes sum to n; NULL: n blocks of one */
    size_t block_count;
};

struct ssldyn_ode_options {
    double rtol;
    double atol;
    const char *stepper; /* one of ssldyn_ode_stepper_name */
    double first_step;   /* 0: chosen automatically */
    double max_step;     /* 0: no limit */
    int64_t max_steps;   /* 0: no limit */
};

struct ssldyn_ode_statistics {
    int64_t evaluations;
    int64_t steps;
    int64_t rejected;
    int64_t jacobians;
    int64_t factorizations;
    bool stiff;         /* the step of the explicit method was bounded by stability, not accuracy */
    double stiff_since; /* t at which this was detected */
};

struct ssldyn_ode;

/* Name i = 0, 1, ... of the steppers, "auto" first; NULL past the last. And a one-line description
 * of each. */
const char *ssldyn_ode_stepper_name(size_t i);
const char *ssldyn_ode_stepper_help(const char *name);

/* The same names as one text, "auto|dop853|...". Returns text, of size bytes. */
const char *ssldyn_ode_stepper_choices(char text[], size_t size);

/* Creates a solver for the system; borrows system's context, copies the rest. EINPUT: unknown
 * stepper, rtol outside [1e-14, 0.1], negative atol. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ode_create(const struct ssldyn_ode_system *system,
                                                       const struct ssldyn_ode_options *options,
                                                       struct ssldyn_ode **ode,
                                                       struct ssldyn_error *err);
void ssldyn_ode_free(struct ssldyn_ode *ode);

/* Sets the solver to (t0, y0), integrating towards t_end (in either direction). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ode_start(struct ssldyn_ode *ode, double t0,
                                                      const double y0[], double t_end,
                                                      struct ssldyn_error *err);

/* One accepted step, never past t_end (for steppers without dense output, nor past the next output
 * time set by ssldyn_ode_next_output). EDIVERGED if the solution overflows, EFAILED if the step
 * size underflows or max_steps is reached; the message gives t. The state before the failed step
 * stays readable. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ode_step(struct ssldyn_ode *ode,
                                                     struct ssldyn_error *err);

/* SSLDYN_OK instead of EDIVERGED and EFAILED, for callers to whom the end of a solution is a
 * result. */
enum ssldyn_status ssldyn_ode_accept_end(enum ssldyn_status status);

/* Time and state at the end of the last accepted step, and the time at its beginning. */
double ssldyn_ode_time(const struct ssldyn_ode *ode);
double ssldyn_ode_time_before(const struct ssldyn_ode *ode);
const double *ssldyn_ode_state(const struct ssldyn_ode *ode);
bool ssldyn_ode_done(const struct ssldyn_ode *ode);

/* Dense output: y at a t inside the last step (ends included). */
void ssldyn_ode_interpolate(struct ssldyn_ode *ode, double t, double y[]);

/* A workspace of n doubles that the caller may use between steps, e.g. to interpolate rows; every
 * step overwrites it. */
double *ssldyn_ode_workspace(struct ssldyn_ode *ode);

/* Sets the next output time: a step that passes it must have an accurate interpolant, or ends there
 * if the stepper has none. */
void ssldyn_ode_next_output(struct ssldyn_ode *ode, double t);

/* The first root of g(t, y) = 0 inside the last step by bisection on the dense output, to rounding
 * in t: true, with *root set, if g changes sign over the step. y holds n doubles of workspace. */
bool ssldyn_ode_locate(struct ssldyn_ode *ode,
                       double (*g)(double t, const double y[], void *context), void *context,
                       double y[], double *root);

/* After the caller has changed the variables: restarts from y at the current time; the step size is
 * kept as a first guess. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ode_restart(struct ssldyn_ode *ode, const double y[],
                                                        struct ssldyn_error *err);

void ssldyn_ode_read_statistics(const struct ssldyn_ode *ode,
                                struct ssldyn_ode_statistics *statistics);

#endif
