/* One trajectory of M5 by the solvers of sim/ode. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_follow.h"

#include "sim/ode/ode.h"
#include "theory/lowdim.h"
#include "theory/tail.h"

#include <math.h>

/* Tolerance of the solution; it is compared with a solution at a coarser one. */
static const double fine = 1e-12;
static const double coarse = 1e-9;
static const int64_t steps_most = 200000;

/* If they ever differ by more than this, relatively, their difference no longer measures the
 * error: near the edge of a basin both may have left toward the same side, the wrong one. */
static const double widest = 1e-3;

enum { FINE, COARSE, RUNS };

struct follower {
    struct ssldyn_parameters parameters;
    struct ssldyn_certificate certificate;
    const struct ssldyn_ensemble_options *options;
    struct ssldyn_ode *ode[RUNS];
    struct ssldyn_ensemble_end *end;
    bool lost; /* they have differed by more than that */
};

static void follow_rhs(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    ssldyn_lowdim_rhs(context, y, dydt);
}

static void follow_jacobian(double t, const double y[], double jacobian[], void *context)
{
    (void)t;
    ssldyn_lowdim_jacobian(context, y, jacobian);
}

/* (wp, w, wa). */
static void networks(const struct ssldyn_ensemble_point *point, double y[static 3])
{
    y[0] = point->wp;
    y[1] = point->w;
    y[2] = isnan(point->tau) ? point->wa : point->tau * point->w;
}

enum ssldyn_status ssldyn_mode_follow_start(const struct ssldyn_ensemble_point *point,
                                            struct ssldyn_parameters *parameters,
                                            const struct ssldyn_ode_options *options, double t_end,
                                            struct ssldyn_ode **ode, struct ssldyn_error *err)
{
    double y[3];
    const struct ssldyn_ode_system system = {
        .n = 3, .rhs = follow_rhs, .jacobian = follow_jacobian, .context = parameters};
    networks(point, y);
    const enum ssldyn_status status = ssldyn_ode_create(&system, options, ode, err);
    return status == SSLDYN_OK ? ssldyn_ode_start(*ode, 0.0, y, t_end, err) : status;
}

static void follower_init(struct follower *follower, const struct ssldyn_ensemble_point *point)
{
    follower->parameters = ssldyn_ensemble_parameters(point);
    ssldyn_certificate_init_lowdim(&follower->certificate, &follower->parameters);
    ssldyn_certificate_start(&follower->certificate, point->wp, point->w);
}

static enum ssldyn_status begin(struct follower *follower,
                                const struct ssldyn_ensemble_point *point, struct ssldyn_error *err)
{
    const double tolerance[RUNS] = {fine, coarse};
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = 0; status == SSLDYN_OK && i < RUNS; i++) {
        const struct ssldyn_ode_options options = {
            .rtol = tolerance[i], .atol = 1e-290, .stepper = "auto", .max_steps = steps_most};
        status = ssldyn_mode_follow_start(point, &follower->parameters, &options,
                                          follower->options->t_end, &follower->ode[i], err);
    }
    return status;
}

/* Size of (P, X, A), in which the saddle has equal coordinates (theory/THEORY.md, fates). */
static double size_of(const struct follower *follower, const double y[static 3])
{
    const struct ssldyn_rates *rates = &follower->parameters.rates;
    const double ratio = sqrt(rates->eta_s / rates->eta_p);
    const double unit = sqrt(rates->alpha_p) * (ratio > 0.05 && ratio < 20.0 ? ratio : 1.0);
    return fmax(fabs(y[0]), unit * fmax(fabs(y[1]), fabs(y[2])));
}

/* The verdict that holds for all states within the difference of the two solutions at the end of
 * the last step. */
static enum ssldyn_status judge(struct follower *follower, enum ssldyn_fate *fate,
                                struct ssldyn_error *err)
{
    const double t = ssldyn_ode_time(follower->ode[FINE]);
    const double *y = ssldyn_ode_state(follower->ode[FINE]);
    double other[3];
    double radius[3];
    enum ssldyn_status status = SSLDYN_OK;
    *fate = SSLDYN_FATE_UNDECIDED;
    while (status == SSLDYN_OK && ssldyn_ode_time(follower->ode[COARSE]) < t) {
        ssldyn_ode_next_output(follower->ode[COARSE], t);
        status = ssldyn_ode_step(follower->ode[COARSE], err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_ode_interpolate(follower->ode[COARSE], t, other);
    for (int i = 0; i < 3; i++) {
        other[i] = fabs(y[i] - other[i]);
        radius[i] = other[i] + 10.0 * fine * fabs(y[i]);
    }
    if (size_of(follower, other) > widest * size_of(follower, y)) {
        follower->lost = true;
        return SSLDYN_OK;
    }
    *fate = ssldyn_fate_judge_box(&follower->certificate, y, radius);
    return SSLDYN_OK;
}

/* K_j of Thm 3. */
static double alignment(const struct follower *follower, const double y[static 3])
{
    const struct ssldyn_parameters *q = &follower->parameters;
    const double size = 0.5 * q->rates.alpha_p * y[1] * y[1] + y[0] * y[0];
    return q->lambda_s * size - q->lambda_d * y[2] / y[1] * y[0] + 0.5 * q->rates.eta_p +
           q->rates.eta_s;
}

static double alignment_at(struct follower *follower, double t)
{
    double y[3];
    ssldyn_ode_interpolate(follower->ode[FINE], t, y);
    return alignment(follower, y);
}

/* The smallest K_j within the last step: the lowest of 16 samples, refined by golden-section
 * search. */
static double alignment_least(struct follower *follower)
{
    enum { TIMES = 16, SECTIONS = 40 };
    const double golden = 0.38196601125010515;
    const double from = ssldyn_ode_time_before(follower->ode[FINE]);
    const double h = (ssldyn_ode_time(follower->ode[FINE]) - from) / (double)TIMES;
    double least = (double)INFINITY;
    int at = 0;
    for (int i = 0; i <= TIMES; i++) {
        const double there = alignment_at(follower, from + h * i);
        at = there < least ? i : at;
        least = fmin(least, there);
    }
    double lo = from + h * fmax(at - 1, 0);
    double hi = from + h * fmin(at + 1, TIMES);
    for (int i = 0; i < SECTIONS; i++) {
        const double left = lo + golden * (hi - lo);
        const double right = hi - golden * (hi - lo);
        const double k_left = alignment_at(follower, left);
        const double k_right = alignment_at(follower, right);
        least = fmin(least, fmin(k_left, k_right));
        lo = k_left < k_right ? lo : left;
        hi = k_left < k_right ? right : hi;
    }
    return least;
}

static void write_state(struct follower *follower, double t, const double y[static 3], double tau)
{
    struct ssldyn_ensemble_end *end = follower->end;
    end->t = t;
    end->wp = y[0];
    end->w = y[1];
    end->wa = y[2];
    end->tau = tau;
}

/* Finishes a collapsed mode that has become linear in closed form. */
static bool finish_by_tail(struct follower *follower, double t, const double y[static 3])
{
    const struct ssldyn_parameters *q = &follower->parameters;
    const double start[3] = {y[0], y[1] * y[1], y[2] / y[1]};
    const double t_end = follower->options->t_end;
    double state[3];
    double last[3];
    if (!q->predictor || !isfinite(start[2]) ||
        !ssldyn_tail_reached(q, start[0], start[1], start[2])) {
        return false;
    }
    ssldyn_tail_solution(q, start, t_end - t, state);
    last[0] = state[0];
    ssldyn_tail_networks(q, y[1], y[2], t_end - t, &last[1], &last[2]);
    write_state(follower, t_end, last, state[2]);
    return true;
}

/* Takes steps until the fate is certified or t_end is reached. */
static enum ssldyn_status advance(struct follower *follower, struct ssldyn_error *err)
{
    struct ssldyn_ensemble_end *end = follower->end;
    struct ssldyn_ode *ode = follower->ode[FINE];
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && !ssldyn_ode_done(ode)) {
        ssldyn_ode_next_output(ode, follower->options->t_end);
        status = ssldyn_ode_step(ode, err);
        if (status == SSLDYN_OK && end->fate == SSLDYN_FATE_UNDECIDED && !follower->lost) {
            enum ssldyn_fate fate;
            status = judge(follower, &fate, err);
            end->fate = (int32_t)fate;
            end->since = fate == SSLDYN_FATE_UNDECIDED ? (double)NAN : ssldyn_ode_time(ode);
        }
        if (status != SSLDYN_OK) {
            break;
        }
        const double *y = ssldyn_ode_state(ode);
        if (follower->options->track_alignment) {
            end->k_min = fmin(end->k_min, alignment_least(follower));
        }
        write_state(follower, ssldyn_ode_time(ode), y, y[2] / y[1]);
        const bool settled = follower->lost || end->fate != SSLDYN_FATE_UNDECIDED;
        if ((settled && follower->options->stop) ||
            (end->fate == SSLDYN_FATE_COLLAPSED &&
             finish_by_tail(follower, ssldyn_ode_time(ode), y))) {
            break;
        }
    }
    return status;
}

enum ssldyn_status ssldyn_mode_follow(const struct ssldyn_ensemble_point *point,
                                      const struct ssldyn_ensemble_options *options,
                                      struct ssldyn_ensemble_end *end, struct ssldyn_error *err)
{
    struct follower follower = {.options = options, .end = end};
    struct ssldyn_ode_statistics statistics = {0};
    follower_init(&follower, point);
    double y[3];
    networks(point, y);
    *end = (struct ssldyn_ensemble_end){.since = (double)NAN, .k_min = (double)NAN};
    write_state(&follower, 0.0, y, y[2] / y[1]);
    end->fate = (int32_t)ssldyn_fate_judge(&follower.certificate, y[0], y[1], y[2]);
    end->since = end->fate == SSLDYN_FATE_UNDECIDED ? (double)NAN : 0.0;
    if (options->track_alignment) {
        end->k_min = alignment(&follower, y);
    }
    enum ssldyn_status status = SSLDYN_OK;
    if (options->t_end > 0.0 && !(options->stop && end->fate != SSLDYN_FATE_UNDECIDED)) {
        status = begin(&follower, point, err);
        if (status == SSLDYN_OK) {
            status = advance(&follower, err);
            ssldyn_ode_read_statistics(follower.ode[FINE], &statistics);
        }
    }
    end->steps = statistics.steps;
    if (status == SSLDYN_EDIVERGED && end->fate == SSLDYN_FATE_UNDECIDED) {
        end->fate = SSLDYN_FATE_DIVERGED;
        end->since = follower.ode[FINE] ? ssldyn_ode_time(follower.ode[FINE]) : 0.0;
    } else if (end->fate == SSLDYN_FATE_UNDECIDED) {
        end->reason = follower.lost         ? SSLDYN_ENSEMBLE_EDGE
                      : status != SSLDYN_OK ? SSLDYN_ENSEMBLE_STEPS
                                            : SSLDYN_ENSEMBLE_TIME;
    }
    for (int i = 0; i < RUNS; i++) {
        ssldyn_ode_free(follower.ode[i]);
    }
    /* if a solver cannot continue, the trajectory ends at its last state */
    return ssldyn_ode_accept_end(status);
}
