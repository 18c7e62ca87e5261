/* Modes with a closed-form predictor: one coupled system. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_set.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/run/schedule.h"
#include "theory/modes.h"
#include "theory/predictor.h"

#include <math.h>
#include <stdlib.h>

/* The variables of a mode are (s, tau), or s alone if tau is held. If a target that starts
 * opposite to its network may bring w to 0, where tau has a pole, they are (u, wa) with w =
 * sign(u) |u|^stretch: u is w itself, or |w|^(1 - 2a) if p = s^a with 2a < 1, which makes the
 * equations smooth at w = 0. */
struct ssldyn_mode_set {
    const struct ssldyn_problem *problem;
    size_t count;
    bool moving;   /* tau is a variable */
    bool networks; /* the variables are (u, wa) */
    double power;  /* a of p = s^a; NaN if p is not a power */
    double stretch;
    double floor; /* absolute tolerance of u and wa; 0: the default */
    struct ssldyn_ode *ode;
    double *y;      /* at the last time requested */
    double stopped; /* time at which the solution ends; NaN: it has not ended */
    size_t at_zero; /* the mode whose w is 0 there */
};

static size_t stride_of(const struct ssldyn_mode_set *set)
{
    return set->moving ? 2 : 1;
}

/* w of mode j, if the variables are (u, wa). */
static double w_of(const struct ssldyn_mode_set *set, const double y[], size_t j)
{
    const double u = y[2 * j];
    return set->stretch == 1.0 ? u : copysign(pow(fabs(u), set->stretch), u);
}

static double s_of(const struct ssldyn_mode_set *set, const double y[], size_t j)
{
    const double w = set->networks ? w_of(set, y, j) : 0.0;
    return set->networks ? w * w : y[j * stride_of(set)];
}

/* Largest s of all modes except one; except = count: of all modes. */
static double largest(const struct ssldyn_mode_set *set, const double y[], size_t except)
{
    double s_max = 0.0;
    for (size_t j = 0; j < set->count; j++) {
        s_max = j == except ? s_max : fmax(s_max, s_of(set, y, j));
    }
    return s_max;
}

static double predictor(const struct ssldyn_mode_set *set, double s, double tau, double s_max)
{
    return ssldyn_predictor_mode(&set->problem->parameters, s, s_max, tau);
}

/* Rates of (u, wa) of a mode: SM 105 and 106, the first divided by dw/du. */
static void network_rates(const struct ssldyn_mode_set *set,
                          const struct ssldyn_parameters *parameters, double w, double s_max,
                          const double y[static 2], double dydt[static 2])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double p = predictor(set, w * w, (double)NAN, s_max);
    const double drive = y[1] - rates->c * p * w;
    /* p/|w|^(2a); epsilon only for a single mode, whose s is the largest */
    const double a = set->power;
    const double variance = ssldyn_predictor_variance(parameters, rates->c, 1.0);
    const double factor =
        parameters->normalization == SSLDYN_NORMALIZE_LARGEST
            ? pow(s_max, -a)
            : pow(variance, a) + parameters->epsilon * variance * pow(fabs(w), 2.0 - 2.0 * a);
    dydt[0] = set->stretch == 1.0 ? p * drive - rates->eta_s * y[0]
                                  : (factor * drive - rates->eta_s * y[0]) / set->stretch;
    dydt[1] = rates->beta * (w - y[1]);
}

static void set_rhs(double t, const double y[], double dydt[], void *context)
{
    const struct ssldyn_mode_set *set = context;
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *parameters =
        ssldyn_schedule_parameters_at(set->problem, &set->problem->parameters, t, &scratch);
    const double s_max = largest(set, y, set->count);
    for (size_t j = 0; j < set->count; j++) {
        double point[2] = {y[j * stride_of(set)], parameters->tau};
        double rate[2];
        if (set->moving) {
            point[1] = y[2 * j + 1];
        }
        if (set->networks) {
            network_rates(set, parameters, w_of(set, y, j), s_max, &y[2 * j], &dydt[2 * j]);
            continue;
        }
        const double p = predictor(set, point[0], point[1], s_max);
        ssldyn_modes_rhs_set(&parameters->rates, p, point, rate);
        dydt[j * (set->moving ? 2 : 1)] = rate[0];
        if (set->moving) {
            dydt[2 * j + 1] = rate[1];
        }
    }
}

/* Chooses the variables. */
static void choose(struct ssldyn_mode_set *set)
{
    const struct ssldyn_parameters *parameters = &set->problem->parameters;
    double shift = 0.0;
    set->power = ssldyn_rules_of(parameters)->power(parameters, &shift);
    const bool slow = set->power < 0.5;
    bool against = false;
    for (size_t j = 0; set->moving && j < set->count; j++) {
        against = against || ssldyn_parse_list_entry(&set->problem->tau0, j) < 0.0;
    }
    /* w passes through 0 if p does not vanish there; else p vanishes, slowly or fast enough to
     * keep w from 0 */
    const bool passes = ssldyn_predictor_at_zero(parameters, set->count == 1) > 0.0;
    set->networks = against && (slow || passes);
    set->stretch = slow && !passes ? 1.0 / (1.0 - 2.0 * set->power) : 1.0;
}

static void start(struct ssldyn_mode_set *set, double rtol)
{
    const struct ssldyn_problem *problem = set->problem;
    choose(set);
    for (size_t j = 0; j < set->count; j++) {
        const double s = ssldyn_parse_list_entry(&problem->s0, j);
        const double tau = set->moving ? ssldyn_parse_list_entry(&problem->tau0, j) : 0.0;
        double *y = &set->y[j * stride_of(set)];
        y[0] = set->networks ? pow(s, 0.5 / set->stretch) : s;
        if (set->moving) {
            y[1] = set->networks ? tau * sqrt(s) : tau;
        }
        if (set->networks && set->stretch == 1.0) {
            /* p need not be smooth in w at 0, and relative errors cannot be controlled when w
             * passes through 0 */
            set->floor = fmax(set->floor, 1e-8 * rtol * fmax(fabs(y[0]), fabs(y[1])));
        }
    }
}

enum ssldyn_status ssldyn_mode_set_create(const struct ssldyn_problem *problem, size_t count,
                                          double rtol, struct ssldyn_mode_set **out,
                                          struct ssldyn_error *err)
{
    *out = NULL;
    struct ssldyn_mode_set *set = calloc(1, sizeof *set);
    if (!set) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
    }
    set->problem = problem;
    set->count = count;
    set->moving = !problem->parameters.tau_held;
    set->stopped = (double)NAN;
    const size_t stride = stride_of(set);
    set->y = ssldyn_memory_array(count, stride * sizeof(double));
    if (!set->y) {
        ssldyn_mode_set_free(set);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
    }
    start(set, rtol);
    struct ssldyn_ode_options options = ssldyn_flow_ode_options(problem);
    options.rtol = rtol;
    options.atol = fmax(options.atol, set->floor);
    const struct ssldyn_ode_system system = {.n = count * stride, .rhs = set_rhs, .context = set};
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &set->ode, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(set->ode, 0.0, set->y, problem->t_end, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_mode_set_free(set);
        return status;
    }
    *out = set;
    return SSLDYN_OK;
}

void ssldyn_mode_set_free(struct ssldyn_mode_set *set)
{
    if (set) {
        ssldyn_ode_free(set->ode);
        free(set->y);
        free(set);
    }
}

/* Whether p of mode j vanishes at w = 0 like a power of |w| below 1, so that the solution
 * through w = 0 is not unique (theory/THEORY.md). */
static bool is_ambiguous(const struct ssldyn_mode_set *set, const double y[], size_t j)
{
    const struct ssldyn_parameters *parameters = &set->problem->parameters;
    const double others = largest(set, y, j);
    const bool alone = parameters->normalization == SSLDYN_NORMALIZE_LARGEST && !(others > 0.0);
    return set->power < 0.5 && !alone && predictor(set, 0.0, (double)NAN, others) == 0.0;
}

struct crossing {
    const struct ssldyn_mode_set *set;
    size_t j;
};

static double u_of(double t, const double y[], void *context)
{
    (void)t;
    const struct crossing *crossing = context;
    return y[crossing->j * stride_of(crossing->set)];
}

/* Ends the solution at the first w = 0 of the last step at which the continuation is not unique. */
static enum ssldyn_status check_step(void *context, struct ssldyn_error *err)
{
    (void)err;
    struct ssldyn_mode_set *set = context;
    for (size_t j = 0; set->networks && j < set->count; j++) {
        struct crossing crossing = {set, j};
        double root = 0.0;
        if (!ssldyn_ode_locate(set->ode, u_of, &crossing, set->y, &root) || root >= set->stopped) {
            continue;
        }
        ssldyn_ode_interpolate(set->ode, root, set->y);
        set->y[2 * j] = 0.0;
        /* w follows its target through 0; otherwise a negative w is an error of a w that has
         * vanished */
        if (ssldyn_ode_state(set->ode)[2 * j] <= 0.0 &&
            set->y[2 * j + 1] < -fmax(1e3 * set->floor, 1e-140) && is_ambiguous(set, set->y, j)) {
            set->stopped = root;
            set->at_zero = j;
        }
    }
    return isnan(set->stopped) ? SSLDYN_OK : SSLDYN_EFAILED;
}

enum ssldyn_status ssldyn_mode_set_advance(struct ssldyn_mode_set *set, double t,
                                           struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_flow_advance(set->ode, t, check_step, set, err);
    if (!isnan(set->stopped)) {
        ssldyn_ode_interpolate(set->ode, fmin(t, set->stopped), set->y);
        if (t < set->stopped) {
            return SSLDYN_OK;
        }
        set->y[2 * set->at_zero] = 0.0;
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "mode %zu: w reaches 0 at t = %.10g; from there the solution is not "
                           "unique, since p = s^%g (--set-power below 0.5)",
                           set->at_zero + 1, set->stopped, set->power);
    }
    if (status == SSLDYN_OK) {
        ssldyn_ode_interpolate(set->ode, t, set->y);
    }
    return status;
}

bool ssldyn_mode_set_stopped(const struct ssldyn_mode_set *set, size_t *at_zero, double *t)
{
    *at_zero = set->at_zero;
    *t = set->stopped;
    return !isnan(set->stopped);
}

struct ssldyn_mode_state ssldyn_mode_set_view(const struct ssldyn_mode_set *set, size_t j)
{
    struct ssldyn_mode_state state = {.wp = (double)NAN, .w = (double)NAN, .wa = (double)NAN};
    state.s = s_of(set, set->y, j);
    state.tau = set->moving ? set->y[2 * j + 1] : set->problem->parameters.tau;
    if (set->networks) {
        state.w = w_of(set, set->y, j);
        state.wa = set->y[2 * j + 1];
        state.tau = fabs(state.w) > set->floor ? state.wa / state.w : (double)NAN;
    }
    state.p = predictor(set, state.s, state.tau, largest(set, set->y, set->count));
    return state;
}

const struct ssldyn_ode *ssldyn_mode_set_solver(const struct ssldyn_mode_set *set)
{
    return set->ode;
}
