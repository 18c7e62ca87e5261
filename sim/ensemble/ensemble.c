/* The scalar side of the ensemble: options, and how trajectories enter and leave the lanes. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/ensemble/lanes.h"

#include <float.h>
#include <math.h>

/* w of a mode with s = 0: its square is negligible against any number, and tau = wa/w is
 * defined. */
static const double zero_w = 1e-170;

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
    const double w = s > 0.0 ? sqrt(s) : zero_w;
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

/* A fixed predictor has a negligible rate; w and wa are scaled by its square root. */
static const double fixed_rate = 1e-200;

/* Up to this relative size, errors grow as those of the linearized flow. */
static const double widest_error = 1e-3;
static const double rounding = 4e-15; /* of scaling the start, and of a step */

/* Marks a point for the second pass. */
enum { FATE_AGAIN = -1 };

/* wa/w; NaN if w is subnormal, as its digits and those of the ratio are lost. */
static double present_tau(const struct ssldyn_lanes *lanes, int slot)
{
    const double w = lanes->at[LANES_W][slot];
    const bool held = lanes->at[LANES_KEEP][slot] == 0.0;
    const double ratio = held                ? lanes->at[LANES_HELD][slot]
                         : fabs(w) < DBL_MIN ? (double)NAN
                                             : lanes->at[LANES_WA][slot] / w;
    return ratio * lanes->at[LANES_PER_RATIO][slot];
}

static void write_end(struct ssldyn_lanes_job *job, const struct ssldyn_lanes *lanes, int slot,
                      double tau)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[slot]];
    end->t = lanes->at[LANES_T][slot];
    end->wp = lanes->at[LANES_WP][slot] / lanes->at[LANES_SCALE_WP][slot];
    end->w = lanes->at[LANES_W][slot] / lanes->at[LANES_SCALE_W][slot];
    end->wa = lanes->at[LANES_WA][slot] / lanes->at[LANES_SCALE_WA][slot];
    end->tau = tau;
    end->steps = (int64_t)lanes->at[LANES_STEPS][slot];
    end->k_min = job->options->track_alignment ? lanes->at[LANES_K_MIN][slot] : (double)NAN;
}

static bool finite_state(const struct ssldyn_lanes *lanes, int slot)
{
    const double limit = 1e150;
    return fabs(lanes->at[LANES_WP][slot]) < limit && fabs(lanes->at[LANES_W][slot]) < limit &&
           fabs(lanes->at[LANES_WA][slot]) < limit;
}

void ssldyn_ensemble_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot,
                            enum ssldyn_fate fate)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[slot]];
    lanes->at[LANES_OPEN][slot] = 0.0;
    end->fate = (int32_t)fate;
    end->reason = SSLDYN_ENSEMBLE_DECIDED;
    end->since = lanes->at[LANES_T][slot];
}

/* The certificate of theory/, which covers more cases than the vector criteria. */
static void fill_certificate(const struct ssldyn_ensemble_point *point,
                             struct ssldyn_certificate *certificate)
{
    const struct ssldyn_parameters parameters = ssldyn_ensemble_parameters(point);
    ssldyn_certificate_init_lowdim(certificate, &parameters);
    ssldyn_certificate_start(certificate, point->wp, point->w);
}

/* Added to column SCALAR once the certificate is computed, which costs as much as several steps. */
static const double filled = 2.0;

enum ssldyn_fate ssldyn_ensemble_judge(const struct ssldyn_lanes_job *job,
                                       struct ssldyn_lanes *lanes, int slot,
                                       const double off[static 3])
{
    if (!finite_state(lanes, slot))
        return SSLDYN_FATE_UNDECIDED;
    /* the start itself is known exactly */
    const double known = lanes->at[LANES_STEPS][slot] > 0.0 ? 1.0 : 0.0;
    double state[3];
    double radius[3];
    for (int i = 0; i < 3; i++) {
        const double scale = lanes->at[LANES_SCALE_WP + i][slot];
        state[i] = lanes->at[LANES_WP + i][slot] / scale;
        radius[i] = known * off[i] / fabs(scale);
    }
    if (lanes->at[LANES_SCALAR][slot] < filled) {
        fill_certificate(&job->points[lanes->id[slot]], &lanes->certificate[slot]);
        lanes->at[LANES_SCALAR][slot] += filled;
    }
    return ssldyn_fate_judge_box(&lanes->certificate[slot], state, radius);
}

static void release_slot(struct ssldyn_lanes *lanes, int slot)
{
    const int last = --lanes->count;
    if (slot == last)
        return;
    for (int column = 0; column < LANES_COLUMNS; column++)
        lanes->at[column][slot] = lanes->at[column][last];
    lanes->id[slot] = lanes->id[last];
    if (lanes->at[LANES_SCALAR][last] >= filled)
        lanes->certificate[slot] = lanes->certificate[last];
}

bool ssldyn_ensemble_give_up(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[slot]];
    if (!job->again) {
        end->fate = FATE_AGAIN;
        release_slot(lanes, slot);
        return true;
    }
    end->reason = SSLDYN_ENSEMBLE_EDGE;
    lanes->at[LANES_OPEN][slot] = 0.0;
    if (job->options->stop) {
        write_end(job, lanes, slot, present_tau(lanes, slot));
        release_slot(lanes, slot);
    }
    return job->options->stop;
}

void ssldyn_ensemble_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot)
{
    const double t_end = job->options->t_end;
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[slot]];
    double *t = &lanes->at[LANES_T][slot];
    if (!finite_state(lanes, slot)) {
        end->fate = SSLDYN_FATE_UNDECIDED;
        end->reason = SSLDYN_ENSEMBLE_RANGE;
        end->since = (double)NAN;
    } else {
        const bool open = end->fate == SSLDYN_FATE_UNDECIDED;
        /* the last step was shortened to end at t_end, up to rounding of the sum */
        if (fabs(*t - t_end) <= 0x1p-50 * t_end)
            *t = t_end;
        if (*t < t_end && (open || !job->options->stop))
            end->reason = SSLDYN_ENSEMBLE_STEPS;
        else if (open && end->reason != SSLDYN_ENSEMBLE_EDGE)
            end->reason = SSLDYN_ENSEMBLE_TIME;
    }
    write_end(job, lanes, slot, present_tau(lanes, slot));
    release_slot(lanes, slot);
}

/* The state a time T later, by the closed form about the limit, and its tau. */
static bool tail_state(const struct ssldyn_lanes *lanes, int slot, bool collapsed, double T,
                       double y[static 3], double *tau)
{
    if (collapsed)
        return ssldyn_tail_collapsed(lanes, slot, T, y, tau);
    const bool good = ssldyn_tail_surviving(lanes, slot, T, y);
    *tau = y[2] / y[1] * lanes->at[LANES_PER_RATIO][slot];
    return good;
}

/* K_j of Thm 3 at that state. */
static double tail_alignment(const struct ssldyn_lanes *lanes, int slot, bool collapsed, double T)
{
    double y[3];
    double tau = 0.0;
    if (!tail_state(lanes, slot, collapsed, T, y, &tau))
        return (double)INFINITY;
    return 0.5 * y[1] * y[1] + y[0] * y[0] - tau / lanes->at[LANES_PER_RATIO][slot] * y[0] +
           0.5 * lanes->at[LANES_ETA_P][slot] + lanes->at[LANES_ETA_S][slot];
}

/* Whether K_j of a tail may fall below `least`: a few exponentials stay within twice the range of
 * values at geometric times this dense. */
static bool tail_may_undercut(const struct ssldyn_lanes *lanes, int slot, bool collapsed, double T,
                              double least)
{
    enum { TIMES = 8 };
    double low = tail_alignment(lanes, slot, collapsed, 0.0);
    double high = low;
    for (int i = 1; i <= TIMES; i++) {
        const double value = tail_alignment(lanes, slot, collapsed, T * exp2(-2.0 * (TIMES - i)));
        low = fmin(low, value);
        high = fmax(high, value);
    }
    return !(low - 2.0 * (high - low) > least);
}

/* The smallest K_j of a tail: the lowest of many times, refined by golden-section search. */
static double tail_minimum(const struct ssldyn_lanes *lanes, int slot, bool collapsed, double T)
{
    enum { TIMES = 64, SECTIONS = 48 };
    const double golden = 0.38196601125010515;
    double least = (double)INFINITY;
    int at = 0;
    /* geometric times: exponentials of unknown rates */
    for (int i = 0; i <= TIMES; i++) {
        const double here = i == 0 ? 0.0 : T * exp2(-0.25 * (TIMES - i));
        const double there = tail_alignment(lanes, slot, collapsed, here);
        at = there < least ? i : at;
        least = fmin(least, there);
    }
    double lo = at <= 1 ? 0.0 : T * exp2(-0.25 * (TIMES - at + 1));
    double hi = at == TIMES ? T : T * exp2(-0.25 * (TIMES - at - 1));
    for (int i = 0; i < SECTIONS; i++) {
        const double left = lo + golden * (hi - lo);
        const double right = hi - golden * (hi - lo);
        const double k_left = tail_alignment(lanes, slot, collapsed, left);
        const double k_right = tail_alignment(lanes, slot, collapsed, right);
        least = fmin(least, fmin(k_left, k_right));
        lo = k_left < k_right ? lo : left;
        hi = k_left < k_right ? right : hi;
    }
    return least;
}

void ssldyn_ensemble_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot,
                                 bool collapsed)
{
    const double T = job->options->t_end - lanes->at[LANES_T][slot];
    double y[3];
    double tau = (double)NAN;
    if (!tail_state(lanes, slot, collapsed, T, y, &tau)) {
        /* a tail so long that its closed form overflows is integrated instead */
        lanes->at[LANES_NEAR_STAR][slot] = 0.0;
        lanes->at[LANES_NEAR_ZERO][slot] = 0.0;
        return;
    }
    if (job->options->track_alignment) {
        double *k_min = &lanes->at[LANES_K_MIN][slot];
        if (tail_may_undercut(lanes, slot, collapsed, T, *k_min))
            *k_min = fmin(*k_min, tail_minimum(lanes, slot, collapsed, T));
    }
    lanes->at[LANES_WP][slot] = y[0];
    lanes->at[LANES_W][slot] = y[1];
    lanes->at[LANES_WA][slot] = y[2];
    lanes->at[LANES_T][slot] = job->options->t_end;
    lanes->at[LANES_STEPS][slot] += 1.0;
    write_end(job, lanes, slot, tau);
    release_slot(lanes, slot);
}

/* 0 if all numbers are finite, else NaN. */
static double not_finite(const struct ssldyn_ensemble_point *point)
{
    const double tau = point->tau;
    return 0.0 * point->alpha_p + 0.0 * point->beta + 0.0 * point->eta_p + 0.0 * point->eta_s +
           0.0 * point->lambda_s + 0.0 * point->lambda_d + 0.0 * point->wp + 0.0 * point->w +
           0.0 * (isnan(tau) ? point->wa : tau);
}

/* Copies a point's numbers for the kernel to scale; false if they are not a valid point. */
static bool stage(const struct ssldyn_ensemble_point *point, struct ssldyn_lanes *lanes, int slot)
{
    const bool fixed = point->fixed_predictor;
    if (not_finite(point) != 0.0 || !(point->alpha_p > 0.0 || fixed) || !(point->lambda_s > 0.0) ||
        !(point->lambda_d > 0.0))
        return false;
    lanes->at[LANES_WP][slot] = point->wp;
    lanes->at[LANES_W][slot] = point->w;
    lanes->at[LANES_WA][slot] = point->wa;
    lanes->at[LANES_SCALE_WP][slot] = point->lambda_s;
    lanes->at[LANES_SCALE_W][slot] = fixed ? fixed_rate : point->alpha_p;
    lanes->at[LANES_SCALE_WA][slot] = point->lambda_d;
    lanes->at[LANES_ETA_P][slot] = fixed ? 0.0 : point->eta_p;
    lanes->at[LANES_ETA_S][slot] = point->eta_s;
    lanes->at[LANES_BETA][slot] = point->beta;
    lanes->at[LANES_HELD][slot] = point->tau;
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

/* One pass at one tolerance over all points, or over those that the first pass gave up. */
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
        return ssldyn_fail(err, SSLDYN_EINPUT, "rtol = %g: must be from 1e-15 to 0.1",
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
    /* three Cauchy products, ten operations per order for the rest, three Horner sums */
    return 1.5 * order * (order + 1.0) + 10.0 * order + 3.0 * order;
}
