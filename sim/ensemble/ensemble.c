/* The scalar side of the ensemble: options, a trajectory's way into a lane and out of it. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/ensemble/lanes.h"

#include <math.h>

/* w of a mode with s = 0: its square vanishes beside any number, and tau = wa/w stays defined. */
static const double nothing = 1e-170;

/* Truncation errors of the steps before add up to a few rtol where nothing amplifies them. */
static const double tail_share = 1000.0;

struct ssldyn_ensemble_point ssldyn_ensemble_mode(const struct ssldyn_parameters *parameters,
                                                  double p, double s, double tau)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double w = s > 0.0 ? sqrt(s) : nothing;
    const double ratio = parameters->tau_held ? parameters->tau : tau;
    return (struct ssldyn_ensemble_point){.alpha_p = rates->alpha_p,
                                          .beta = rates->beta,
                                          .eta_p = rates->eta_p,
                                          .eta_s = rates->eta_s,
                                          .lambda_s = rates->c,
                                          .lambda_d = 1.0,
                                          .tau = parameters->tau_held ? ratio : (double)NAN,
                                          .wp = p,
                                          .w = w,
                                          .wa = ratio * w};
}

/* A predictor that is fixed is one whose rate is nothing: w and wa are carried at this scale. */
static const double fixed_scale = 1e-100;

/* Marks a point that the second pass takes. */
enum { FATE_AGAIN = -1 };

static void write_end(struct ssldyn_lanes_job *job, const struct ssldyn_lanes *lanes, int lane,
                      double tau)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[lane]];
    end->t = lanes->t[lane];
    end->wp = lanes->wp[lane] / lanes->scale_wp[lane];
    end->w = lanes->sign[lane] * lanes->w[lane] / lanes->scale_w[lane];
    end->wa = lanes->sign[lane] * lanes->wa[lane] / lanes->scale_wa[lane];
    end->tau = tau;
    end->steps = (int32_t)lanes->steps[lane];
    end->k_min = job->options->watch ? lanes->k_min[lane] : (double)NAN;
}

static double present_tau(const struct ssldyn_lanes *lanes, int lane)
{
    return lanes->wa[lane] / lanes->w[lane] * lanes->per_ratio[lane];
}

static bool finite_state(const struct ssldyn_lanes *lanes, int lane)
{
    const double limit = 1e150;
    return fabs(lanes->wp[lane]) < limit && fabs(lanes->w[lane]) < limit &&
           fabs(lanes->wa[lane]) < limit;
}

void ssldyn_lanes_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane,
                         enum ssldyn_fate fate)
{
    if (!(lanes->open[lane] > 0.0))
        return;
    lanes->open[lane] = 0.0;
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[lane]];
    end->fate = (int32_t)fate;
    end->since = lanes->t[lane];
}

/* Theory's certificate, which knows more cases than the vector criteria. */
static void fill_certificate(const struct ssldyn_ensemble_point *point,
                             struct ssldyn_certificate *certificate)
{
    const bool held = !isnan(point->tau);
    const struct ssldyn_parameters parameters = {.rates = {.alpha_p = point->alpha_p,
                                                           .beta = point->beta,
                                                           .eta_p = point->eta_p,
                                                           .eta_s = point->eta_s,
                                                           .c = point->lambda_s},
                                                 .lambda_s = point->lambda_s,
                                                 .lambda_d = point->lambda_d,
                                                 .tau = held ? point->tau : (double)NAN,
                                                 .tau_held = held,
                                                 .stop_grad = true,
                                                 .predictor = !point->fixed_predictor};
    ssldyn_certificate_init_lowdim(certificate, &parameters);
}

enum ssldyn_fate ssldyn_lanes_judge(const struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes,
                                    int lane)
{
    if (!(lanes->open[lane] > 0.0) || !finite_state(lanes, lane))
        return SSLDYN_FATE_UNDECIDED;
    if (!(lanes->scalar[lane] > 0.0)) {
        fill_certificate(&job->points[lanes->id[lane]], &lanes->certificate[lane]);
        lanes->scalar[lane] = 1.0;
    }
    return ssldyn_certificate_judge(
        &lanes->certificate[lane], lanes->wp[lane] / lanes->scale_wp[lane],
        lanes->w[lane] / lanes->scale_w[lane], lanes->wa[lane] / lanes->scale_wa[lane]);
}

void ssldyn_lanes_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane)
{
    const double t_end = job->options->t_end;
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[lane]];
    if (!finite_state(lanes, lane)) {
        end->fate = SSLDYN_FATE_DIVERGED;
        end->since = lanes->t[lane];
    } else {
        /* the last step was cut to end at t_end, up to the rounding of the sum */
        if (fabs(lanes->t[lane] - t_end) <= 0x1p-50 * t_end)
            lanes->t[lane] = t_end;
        if (lanes->open[lane] > 0.0 && lanes->t[lane] < t_end &&
            lanes->steps[lane] >= job->refine_after) {
            end->fate = FATE_AGAIN;
            return;
        }
        if (lanes->open[lane] > 0.0) {
            const enum ssldyn_fate fate = ssldyn_lanes_judge(job, lanes, lane);
            if (fate != SSLDYN_FATE_UNDECIDED)
                ssldyn_lanes_decide(job, lanes, lane, fate);
        }
    }
    write_end(job, lanes, lane, present_tau(lanes, lane));
}

void ssldyn_lanes_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane,
                              bool collapsed)
{
    const double T = job->options->t_end - lanes->t[lane];
    double y[3];
    double tau = (double)NAN;
    bool good;
    if (collapsed) {
        good = ssldyn_tail_collapsed(lanes, lane, T, y, &tau);
    } else {
        good = ssldyn_tail_surviving(lanes, lane, T, y);
        tau = y[2] / y[1] * lanes->per_ratio[lane];
    }
    if (good) {
        lanes->wp[lane] = y[0];
        lanes->w[lane] = y[1];
        lanes->wa[lane] = y[2];
        lanes->t[lane] = job->options->t_end;
        lanes->steps[lane] += 1.0;
    }
    write_end(job, lanes, lane, good ? tau : present_tau(lanes, lane));
}

static bool acceptable(const struct ssldyn_ensemble_point *point)
{
    return isfinite(point->alpha_p) && (point->alpha_p > 0.0 || point->fixed_predictor) &&
           isfinite(point->beta) && isfinite(point->eta_p) && isfinite(point->eta_s) &&
           isfinite(point->lambda_s) && isfinite(point->lambda_d) && point->lambda_s > 0.0 &&
           point->lambda_d > 0.0 && isfinite(point->wp) && isfinite(point->w) &&
           (!isnan(point->tau) ? isfinite(point->tau) : isfinite(point->wa));
}

/* Constants of the criteria that all lanes can be asked at once. */
static void prepare_certificates(const struct ssldyn_ensemble_point *point,
                                 struct ssldyn_lanes *lanes, int lane)
{
    const double ratio = lanes->ratio[lane];
    const double eta = point->eta_s;
    const double discriminant = ratio * ratio - 4.0 * eta;
    const bool equal =
        isnan(point->tau) && !point->fixed_predictor && point->eta_p == eta && eta > 0.0;
    lanes->p_minus[lane] = (double)NAN;
    lanes->slope[lane] = 0.0;
    if (equal && discriminant > 0.0) {
        const double root = sqrt(discriminant);
        lanes->p_minus[lane] = 2.0 * eta / (ratio + root);
        lanes->slope[lane] = ratio / (lanes->p_minus[lane] * root);
    }
    lanes->box[lane] = equal ? eta : 0.0;
    lanes->scalar[lane] = equal ? 0.0 : 1.0;
    /* filled only where it is asked at every step: it costs as much as several of them */
    if (!equal)
        fill_certificate(point, &lanes->certificate[lane]);
}

/* Puts a point into a lane; false when there is nothing to integrate, and the end is written. */
static bool enter(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane, int64_t id)
{
    const struct ssldyn_ensemble_point *point = &job->points[id];
    struct ssldyn_ensemble_end *end = &job->ends[id];
    *end = (struct ssldyn_ensemble_end){.wp = point->wp,
                                        .w = point->w,
                                        .wa = point->wa,
                                        .tau = (double)NAN,
                                        .since = (double)NAN,
                                        .k_min = (double)NAN,
                                        .fate = SSLDYN_FATE_UNDECIDED};
    if (!acceptable(point)) {
        end->fate = SSLDYN_FATE_DIVERGED;
        return false;
    }
    const bool held = !isnan(point->tau);
    const double wa = held ? point->tau * point->w : point->wa;
    const double sign = point->w < 0.0 || (point->w == 0.0 && wa < 0.0) ? -1.0 : 1.0;
    lanes->id[lane] = id;
    lanes->sign[lane] = sign; /* (w, wa) -> (-w, -wa) is a symmetry of M5 */
    const double root = point->fixed_predictor ? fixed_scale : sqrt(point->alpha_p);
    const double scale = sqrt(point->lambda_s);
    const double ratio = point->lambda_d / scale;
    lanes->scale_wp[lane] = scale;
    lanes->scale_w[lane] = root * scale;
    lanes->scale_wa[lane] = root * point->lambda_d;
    lanes->ratio[lane] = ratio;
    lanes->per_ratio[lane] = scale / point->lambda_d;
    lanes->wp[lane] = scale * point->wp;
    lanes->w[lane] = sign * lanes->scale_w[lane] * point->w;
    lanes->wa[lane] = sign * lanes->scale_wa[lane] * wa;
    lanes->t[lane] = 0.0;
    lanes->steps[lane] = 0.0;
    lanes->k_min[lane] = (double)INFINITY;
    lanes->beta[lane] = held ? 0.0 : point->beta;
    lanes->drive[lane] = held ? 0.0 : point->beta * ratio;
    lanes->eta_p[lane] = point->fixed_predictor ? 0.0 : point->eta_p;
    lanes->eta_s[lane] = point->eta_s;
    lanes->held[lane] = held ? point->tau * ratio : 0.0;
    lanes->keep[lane] = held ? 0.0 : 1.0;
    lanes->open[lane] = 1.0;
    prepare_certificates(point, lanes, lane);
    ssldyn_tail_prepare(lanes, lane, point->fixed_predictor ? 0.0 : job->tail_tolerance);
    if (job->options->t_end > 0.0)
        return true;
    ssldyn_lanes_finish(job, lanes, lane);
    return false;
}

void ssldyn_lanes_load(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane)
{
    while (job->next < job->count) {
        const int64_t id = job->next++;
        if (job->again && job->ends[id].fate != FATE_AGAIN)
            continue;
        if (enter(job, lanes, lane, id))
            return;
    }
    /* an idle lane stands still at the end of time */
    lanes->id[lane] = -1;
    lanes->wp[lane] = 0.0;
    lanes->w[lane] = 0.0;
    lanes->wa[lane] = 0.0;
    lanes->t[lane] = job->options->t_end;
    lanes->open[lane] = 0.0;
    lanes->near_star[lane] = 0.0;
    lanes->near_zero[lane] = 0.0;
    lanes->scalar[lane] = 0.0;
}

const char *ssldyn_ensemble_instructions(size_t index)
{
    const struct ssldyn_lanes_kernel *kernel = ssldyn_lanes_kernel_choice(index);
    return kernel == NULL ? NULL : kernel->name;
}

static void run_pass(const struct ssldyn_lanes_kernel *kernel, struct ssldyn_lanes_job *job)
{
    if (job->rtol < SSLDYN_LANES_TIGHT)
        kernel->run_tight(job);
    else
        kernel->run(job);
}

enum ssldyn_status ssldyn_ensemble_run_on(size_t index,
                                          const struct ssldyn_ensemble_options *options,
                                          size_t count, const struct ssldyn_ensemble_point points[],
                                          struct ssldyn_ensemble_end ends[],
                                          struct ssldyn_error *err)
{
    const struct ssldyn_lanes_kernel *kernel = ssldyn_lanes_kernel_choice(index);
    if (kernel == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "no instruction set number %zu on this processor",
                           index);
    if (!(options->rtol >= 1e-15 && options->rtol <= 0.1))
        return ssldyn_fail(err, SSLDYN_EINPUT, "rtol = %g: allowed are 1e-15 to 0.1",
                           options->rtol);
    if (!(options->t_end >= 0.0 && isfinite(options->t_end)))
        return ssldyn_fail(err, SSLDYN_EINPUT, "t_end = %g: must be finite and at least 0",
                           options->t_end);
    struct ssldyn_lanes_job job = {
        .options = options,
        .points = points,
        .ends = ends,
        .count = (int64_t)count,
        .refine_after =
            options->refine_after > 0 ? (double)options->refine_after : (double)INFINITY,
        .rtol = options->rtol,
        .max_steps = options->max_steps > 0 ? (double)options->max_steps : 1e5,
        .tail_tolerance = options->tail ? tail_share * options->rtol : 0.0};
    run_pass(kernel, &job);
    if (options->refine_after > 0) {
        job.next = 0;
        job.again = true;
        job.refine_after = (double)INFINITY;
        job.rtol = fmax(options->rtol * options->refine_by, 1e-15);
        run_pass(kernel, &job);
    }
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
