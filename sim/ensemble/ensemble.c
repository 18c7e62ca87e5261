/* The scalar side of the ensemble: options, a trajectory's way into a lane and out of it. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/ensemble/lanes.h"

#include <float.h>
#include <math.h>

/* w of a mode with s = 0: its square vanishes beside any number, and tau = wa/w stays defined. */
static const double nothing = 1e-170;

struct ssldyn_ensemble_point ssldyn_ensemble_network(const struct ssldyn_parameters *parameters,
                                                     double wp, double w, double wa)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    return (struct ssldyn_ensemble_point){.alpha_p = rates->alpha_p,
                                          .beta = rates->beta,
                                          .eta_p = rates->eta_p,
                                          .eta_s = rates->eta_s,
                                          .lambda_s = parameters->lambda_s,
                                          .lambda_d = parameters->lambda_d,
                                          .tau =
                                              parameters->tau_held ? parameters->tau : (double)NAN,
                                          .wp = wp,
                                          .w = w,
                                          .wa = wa,
                                          .fixed_predictor = !parameters->predictor};
}

struct ssldyn_ensemble_point ssldyn_ensemble_mode(const struct ssldyn_parameters *parameters,
                                                  double p, double s, double tau)
{
    struct ssldyn_parameters mode = ssldyn_parameters_isotropic(parameters);
    mode.predictor = true;
    const double w = s > 0.0 ? sqrt(s) : nothing;
    const double ratio = parameters->tau_held ? parameters->tau : tau;
    return ssldyn_ensemble_network(&mode, p, w, ratio * w);
}

struct ssldyn_parameters ssldyn_ensemble_parameters(const struct ssldyn_ensemble_point *point)
{
    const bool held = !isnan(point->tau);
    return (struct ssldyn_parameters){.rates = {.alpha_p = point->alpha_p,
                                                .beta = point->beta,
                                                .eta_p = point->eta_p,
                                                .eta_s = point->eta_s,
                                                .c = point->lambda_s},
                                      .lambda_s = point->lambda_s,
                                      .lambda_d = point->lambda_d,
                                      .tau = held ? point->tau : 1.0,
                                      .tau_held = held,
                                      .stop_grad = true,
                                      .predictor = !point->fixed_predictor};
}

/* A predictor that is fixed is one whose rate is nothing: w and wa are carried at its root. */
static const double fixed_rate = 1e-200;

/* Errors grow as those of the linearized flow while they are this small, relatively. */
static const double widest_error = 1e-3;
static const double rounding = 4e-15; /* of the start's scaling, and of a step */

/* Marks a point that the second pass takes. */
enum { FATE_AGAIN = -1 };

/* wa/w. A subnormal w has lost its digits, and a ratio with it: then it is not known. */
static double present_tau(const struct ssldyn_lanes *lanes, int place)
{
    const double w = lanes->at[LANES_W][place];
    const bool held = lanes->at[LANES_KEEP][place] == 0.0;
    const double ratio = held                ? lanes->at[LANES_HELD][place]
                         : fabs(w) < DBL_MIN ? (double)NAN
                                             : lanes->at[LANES_WA][place] / w;
    return ratio * lanes->at[LANES_PER_RATIO][place];
}

static void write_end(struct ssldyn_lanes_job *job, const struct ssldyn_lanes *lanes, int place,
                      double tau)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[place]];
    end->t = lanes->at[LANES_T][place];
    end->wp = lanes->at[LANES_WP][place] / lanes->at[LANES_SCALE_WP][place];
    end->w = lanes->at[LANES_W][place] / lanes->at[LANES_SCALE_W][place];
    end->wa = lanes->at[LANES_WA][place] / lanes->at[LANES_SCALE_WA][place];
    end->tau = tau;
    end->steps = (int64_t)lanes->at[LANES_STEPS][place];
    end->k_min = job->options->watch ? lanes->at[LANES_K_MIN][place] : (double)NAN;
}

static bool finite_state(const struct ssldyn_lanes *lanes, int place)
{
    const double limit = 1e150;
    return fabs(lanes->at[LANES_WP][place]) < limit && fabs(lanes->at[LANES_W][place]) < limit &&
           fabs(lanes->at[LANES_WA][place]) < limit;
}

void ssldyn_ensemble_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place,
                            enum ssldyn_fate fate)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[place]];
    lanes->at[LANES_OPEN][place] = 0.0;
    end->fate = (int32_t)fate;
    end->reason = SSLDYN_ENSEMBLE_DECIDED;
    end->since = lanes->at[LANES_T][place];
}

/* Theory's certificate, which knows more cases than the vector criteria. */
static void fill_certificate(const struct ssldyn_ensemble_point *point,
                             struct ssldyn_certificate *certificate)
{
    const struct ssldyn_parameters parameters = ssldyn_ensemble_parameters(point);
    ssldyn_certificate_init_lowdim(certificate, &parameters);
    ssldyn_certificate_start(certificate, point->wp, point->w);
}

/* Added to column SCALAR once the certificate is filled, which costs as much as several steps. */
static const double filled = 2.0;

enum ssldyn_fate ssldyn_ensemble_judge(const struct ssldyn_lanes_job *job,
                                       struct ssldyn_lanes *lanes, int place,
                                       const double off[static 3])
{
    if (!finite_state(lanes, place))
        return SSLDYN_FATE_UNDECIDED;
    /* the start itself is known exactly */
    const double known = lanes->at[LANES_STEPS][place] > 0.0 ? 1.0 : 0.0;
    double state[3];
    double radius[3];
    for (int i = 0; i < 3; i++) {
        const double scale = lanes->at[LANES_SCALE_WP + i][place];
        state[i] = lanes->at[LANES_WP + i][place] / scale;
        radius[i] = known * off[i] / fabs(scale);
    }
    if (lanes->at[LANES_SCALAR][place] < filled) {
        fill_certificate(&job->points[lanes->id[place]], &lanes->certificate[place]);
        lanes->at[LANES_SCALAR][place] += filled;
    }
    return ssldyn_fate_judge_box(&lanes->certificate[place], state, radius);
}

static void give_place(struct ssldyn_lanes *lanes, int place)
{
    const int last = --lanes->count;
    if (place == last)
        return;
    for (int column = 0; column < LANES_COLUMNS; column++)
        lanes->at[column][place] = lanes->at[column][last];
    lanes->id[place] = lanes->id[last];
    if (lanes->at[LANES_SCALAR][last] >= filled)
        lanes->certificate[place] = lanes->certificate[last];
}

bool ssldyn_ensemble_give_up(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[place]];
    if (!job->again) {
        end->fate = FATE_AGAIN;
        give_place(lanes, place);
        return true;
    }
    end->reason = SSLDYN_ENSEMBLE_EDGE;
    lanes->at[LANES_OPEN][place] = 0.0;
    if (job->options->stop) {
        write_end(job, lanes, place, present_tau(lanes, place));
        give_place(lanes, place);
    }
    return job->options->stop;
}

void ssldyn_ensemble_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place)
{
    const double t_end = job->options->t_end;
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[place]];
    double *t = &lanes->at[LANES_T][place];
    if (!finite_state(lanes, place)) {
        end->fate = SSLDYN_FATE_UNDECIDED;
        end->reason = SSLDYN_ENSEMBLE_RANGE;
        end->since = (double)NAN;
    } else {
        const bool open = end->fate == SSLDYN_FATE_UNDECIDED;
        /* the last step was cut to end at t_end, up to the rounding of the sum */
        if (fabs(*t - t_end) <= 0x1p-50 * t_end)
            *t = t_end;
        if (*t < t_end && (open || !job->options->stop))
            end->reason = SSLDYN_ENSEMBLE_STEPS;
        else if (open && end->reason != SSLDYN_ENSEMBLE_EDGE)
            end->reason = SSLDYN_ENSEMBLE_TIME;
    }
    write_end(job, lanes, place, present_tau(lanes, place));
    give_place(lanes, place);
}

/* The state a time T after the present one by the closed form about the limit, and tau there. */
static bool tail_state(const struct ssldyn_lanes *lanes, int place, bool collapsed, double T,
                       double y[static 3], double *tau)
{
    if (collapsed)
        return ssldyn_tail_collapsed(lanes, place, T, y, tau);
    const bool good = ssldyn_tail_surviving(lanes, place, T, y);
    *tau = y[2] / y[1] * lanes->at[LANES_PER_RATIO][place];
    return good;
}

/* K_j of Thm 3 there. */
static double tail_alignment(const struct ssldyn_lanes *lanes, int place, bool collapsed, double T)
{
    double y[3];
    double tau = 0.0;
    if (!tail_state(lanes, place, collapsed, T, y, &tau))
        return (double)INFINITY;
    return 0.5 * y[1] * y[1] + y[0] * y[0] - tau / lanes->at[LANES_PER_RATIO][place] * y[0] +
           0.5 * lanes->at[LANES_ETA_P][place] + lanes->at[LANES_ETA_S][place];
}

/* Whether K_j of a tail may come below `least`: a few exponentials stay within twice the range of
 * values this dense in geometric time. */
static bool tail_may_undercut(const struct ssldyn_lanes *lanes, int place, bool collapsed, double T,
                              double least)
{
    enum { TIMES = 8 };
    double low = tail_alignment(lanes, place, collapsed, 0.0);
    double high = low;
    for (int i = 1; i <= TIMES; i++) {
        const double value = tail_alignment(lanes, place, collapsed, T * exp2(-2.0 * (TIMES - i)));
        low = fmin(low, value);
        high = fmax(high, value);
    }
    return !(low - 2.0 * (high - low) > least);
}

/* The smallest K_j of a tail: the lowest of many times, narrowed down by golden sections. */
static double tail_least(const struct ssldyn_lanes *lanes, int place, bool collapsed, double T)
{
    enum { TIMES = 64, SECTIONS = 48 };
    const double golden = 0.38196601125010515;
    double least = (double)INFINITY;
    int at = 0;
    /* geometric times: exponentials of unknown rates */
    for (int i = 0; i <= TIMES; i++) {
        const double here = i == 0 ? 0.0 : T * exp2(-0.25 * (TIMES - i));
        const double there = tail_alignment(lanes, place, collapsed, here);
        at = there < least ? i : at;
        least = fmin(least, there);
    }
    double lo = at <= 1 ? 0.0 : T * exp2(-0.25 * (TIMES - at + 1));
    double hi = at == TIMES ? T : T * exp2(-0.25 * (TIMES - at - 1));
    for (int i = 0; i < SECTIONS; i++) {
        const double left = lo + golden * (hi - lo);
        const double right = hi - golden * (hi - lo);
        const double k_left = tail_alignment(lanes, place, collapsed, left);
        const double k_right = tail_alignment(lanes, place, collapsed, right);
        least = fmin(least, fmin(k_left, k_right));
        lo = k_left < k_right ? lo : left;
        hi = k_left < k_right ? right : hi;
    }
    return least;
}

void ssldyn_ensemble_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes,
                                 int place, bool collapsed)
{
    const double T = job->options->t_end - lanes->at[LANES_T][place];
    double y[3];
    double tau = (double)NAN;
    if (!tail_state(lanes, place, collapsed, T, y, &tau)) {
        /* a tail so long that its closed form leaves double precision is stepped through */
        lanes->at[LANES_NEAR_STAR][place] = 0.0;
        lanes->at[LANES_NEAR_ZERO][place] = 0.0;
        return;
    }
    if (job->options->watch) {
        double *k_min = &lanes->at[LANES_K_MIN][place];
        if (tail_may_undercut(lanes, place, collapsed, T, *k_min))
            *k_min = fmin(*k_min, tail_least(lanes, place, collapsed, T));
    }
    lanes->at[LANES_WP][place] = y[0];
    lanes->at[LANES_W][place] = y[1];
    lanes->at[LANES_WA][place] = y[2];
    lanes->at[LANES_T][place] = job->options->t_end;
    lanes->at[LANES_STEPS][place] += 1.0;
    write_end(job, lanes, place, tau);
    give_place(lanes, place);
}

/* 0 where all numbers are finite, else NaN. */
static double blemish(const struct ssldyn_ensemble_point *point)
{
    const double tau = point->tau;
    return 0.0 * point->alpha_p + 0.0 * point->beta + 0.0 * point->eta_p + 0.0 * point->eta_s +
           0.0 * point->lambda_s + 0.0 * point->lambda_d + 0.0 * point->wp + 0.0 * point->w +
           0.0 * (isnan(tau) ? point->wa : tau);
}

/* A point's numbers as they are, for the kernel to scale; false where they are none. */
static bool stage(const struct ssldyn_ensemble_point *point, struct ssldyn_lanes *lanes, int place)
{
    const bool fixed = point->fixed_predictor;
    if (blemish(point) != 0.0 || !(point->alpha_p > 0.0 || fixed) || !(point->lambda_s > 0.0) ||
        !(point->lambda_d > 0.0))
        return false;
    lanes->at[LANES_WP][place] = point->wp;
    lanes->at[LANES_W][place] = point->w;
    lanes->at[LANES_WA][place] = point->wa;
    lanes->at[LANES_SCALE_WP][place] = point->lambda_s;
    lanes->at[LANES_SCALE_W][place] = fixed ? fixed_rate : point->alpha_p;
    lanes->at[LANES_SCALE_WA][place] = point->lambda_d;
    lanes->at[LANES_ETA_P][place] = fixed ? 0.0 : point->eta_p;
    lanes->at[LANES_ETA_S][place] = point->eta_s;
    lanes->at[LANES_BETA][place] = point->beta;
    lanes->at[LANES_HELD][place] = point->tau;
    return true;
}

int ssldyn_ensemble_stage(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes)
{
    const int first = lanes->count;
    while (job->next < job->count && lanes->count < SSLDYN_LANES_POOL) {
        const int64_t id = job->next++;
        struct ssldyn_ensemble_end *end = &job->ends[id];
        if (job->again && end->fate != FATE_AGAIN)
            continue;
        *end = (struct ssldyn_ensemble_end){.wp = job->points[id].wp,
                                            .w = job->points[id].w,
                                            .wa = job->points[id].wa,
                                            .tau = (double)NAN,
                                            .since = (double)NAN,
                                            .k_min = (double)NAN,
                                            .fate = SSLDYN_FATE_UNDECIDED};
        lanes->id[lanes->count] = id;
        if (stage(&job->points[id], lanes, lanes->count))
            lanes->count++;
        else
            end->reason = SSLDYN_ENSEMBLE_INPUT;
    }
    return first;
}

const char *ssldyn_ensemble_instructions(size_t index)
{
    const struct ssldyn_lanes_kernel *kernel = ssldyn_kernel_choice(index);
    return kernel == NULL ? NULL : kernel->name;
}

/* One pass at a tolerance over all points, or over those that the first gave up. */
static void run_pass(const struct ssldyn_lanes_kernel *kernel,
                     const struct ssldyn_ensemble_options *options, size_t count,
                     const struct ssldyn_ensemble_point points[], struct ssldyn_ensemble_end ends[],
                     bool again)
{
    const double rtol = again ? fmax(options->rtol * options->refine_by, 1e-15) : options->rtol;
    const double careful =
        again || !(options->open_rtol > 0.0) ? rtol : fmin(options->open_rtol, rtol);
    const bool bounded = options->bounded;
    struct ssldyn_lanes_job job = {.options = options,
                                   .points = points,
                                   .ends = ends,
                                   .count = (int64_t)count,
                                   .max_steps =
                                       options->max_steps > 0 ? (double)options->max_steps : 1e5,
                                   .rtol = rtol,
                                   .careful = log2(careful / rtol),
                                   .start_noise = bounded ? rounding : 0.0,
                                   .noise = bounded ? careful + rounding : 0.0,
                                   .widest = bounded ? widest_error : (double)INFINITY,
                                   .again = again,
                                   .tail_tolerance = options->tail ? options->rtol : 0.0};
    if (rtol < SSLDYN_LANES_TIGHT)
        kernel->run_tight(&job);
    else
        kernel->run(&job);
}

enum ssldyn_status ssldyn_ensemble_run_on(size_t index,
                                          const struct ssldyn_ensemble_options *options,
                                          size_t count, const struct ssldyn_ensemble_point points[],
                                          struct ssldyn_ensemble_end ends[],
                                          struct ssldyn_error *err)
{
    const struct ssldyn_lanes_kernel *kernel = ssldyn_kernel_choice(index);
    if (kernel == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "no instruction set number %zu on this processor",
                           index);
    if (!(options->rtol >= 1e-15 && options->rtol <= 0.1))
        return ssldyn_fail(err, SSLDYN_EINPUT, "rtol = %g: allowed are 1e-15 to 0.1",
                           options->rtol);
    if (!(options->t_end >= 0.0 && isfinite(options->t_end)))
        return ssldyn_fail(err, SSLDYN_EINPUT, "t_end = %g: must be finite and at least 0",
                           options->t_end);
    run_pass(kernel, options, count, points, ends, false);
    if (options->bounded)
        run_pass(kernel, options, count, points, ends, true);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_ensemble_run(const struct ssldyn_ensemble_options *options, size_t count,
                                       const struct ssldyn_ensemble_point points[],
                                       struct ssldyn_ensemble_end ends[], struct ssldyn_error *err)
{
    return ssldyn_ensemble_run_on(0, options, count, points, ends, err);
}

double ssldyn_ensemble_step_cost(double rtol)
{
    const double order = rtol < SSLDYN_LANES_TIGHT ? SSLDYN_LANES_ORDER_TIGHT : SSLDYN_LANES_ORDER;
    /* three Cauchy products, ten operations an order for the rest, three Horner sums */
    return 1.5 * order * (order + 1.0) + 10.0 * order + 3.0 * order;
}
