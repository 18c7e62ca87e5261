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

/* A predictor that is fixed is one whose rate is nothing: w and wa are carried at its root. */
static const double fixed_rate = 1e-200;

/* A verdict must hold for all states this near, relatively, to the one reached. */
static const double widest_margin = 1e-3;

/* Marks a point that the second pass takes. */
enum { FATE_AGAIN = -1 };

static double present_tau(const struct ssldyn_lanes *lanes, int place)
{
    return lanes->at[LANES_WA][place] / lanes->at[LANES_W][place] *
           lanes->at[LANES_PER_RATIO][place];
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
    end->steps = (int32_t)lanes->at[LANES_STEPS][place];
    end->k_min = job->options->watch ? lanes->at[LANES_K_MIN][place] : (double)NAN;
}

static bool finite_state(const struct ssldyn_lanes *lanes, int place)
{
    const double limit = 1e150;
    return fabs(lanes->at[LANES_WP][place]) < limit && fabs(lanes->at[LANES_W][place]) < limit &&
           fabs(lanes->at[LANES_WA][place]) < limit;
}

void ssldyn_lanes_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place,
                         enum ssldyn_fate fate)
{
    struct ssldyn_ensemble_end *end = &job->ends[lanes->id[place]];
    lanes->at[LANES_OPEN][place] = 0.0;
    end->fate = (int32_t)fate;
    end->since = lanes->at[LANES_T][place];
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
    ssldyn_certificate_start(certificate, point->wp, point->w);
}

/* Set in column SCALAR once the certificate is filled, which costs as much as several steps. */
static const double filled = 2.0;

enum ssldyn_fate ssldyn_lanes_judge(const struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes,
                                    int place)
{
    if (!finite_state(lanes, place))
        return SSLDYN_FATE_UNDECIDED;
    if (lanes->at[LANES_SCALAR][place] != filled) {
        fill_certificate(&job->points[lanes->id[place]], &lanes->certificate[place]);
        lanes->at[LANES_SCALAR][place] = filled;
    }
    return ssldyn_certificate_judge(&lanes->certificate[place],
                                    lanes->at[LANES_WP][place] / lanes->at[LANES_SCALE_WP][place],
                                    lanes->at[LANES_W][place] / lanes->at[LANES_SCALE_W][place],
                                    lanes->at[LANES_WA][place] / lanes->at[LANES_SCALE_WA][place]);
}

void ssldyn_lanes_remove(struct ssldyn_lanes *lanes, int place)
{
    const int last = --lanes->count;
    if (place == last)
        return;
    for (int column = 0; column < LANES_COLUMNS; column++)
        lanes->at[column][place] = lanes->at[column][last];
    lanes->id[place] = lanes->id[last];
    if (lanes->at[LANES_SCALAR][last] == filled)
        lanes->certificate[place] = lanes->certificate[last];
}

void ssldyn_lanes_give_up(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place)
{
    job->ends[lanes->id[place]].fate = FATE_AGAIN;
    ssldyn_lanes_remove(lanes, place);
}

void ssldyn_lanes_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place)
{
    const double t_end = job->options->t_end;
    double *t = &lanes->at[LANES_T][place];
    if (!finite_state(lanes, place)) {
        struct ssldyn_ensemble_end *end = &job->ends[lanes->id[place]];
        end->fate = SSLDYN_FATE_DIVERGED;
        end->since = *t;
    } else {
        /* the last step was cut to end at t_end, up to the rounding of the sum */
        if (fabs(*t - t_end) <= 0x1p-50 * t_end)
            *t = t_end;
        if (lanes->at[LANES_OPEN][place] > 0.0) {
            const enum ssldyn_fate fate = ssldyn_lanes_judge(job, lanes, place);
            if (fate != SSLDYN_FATE_UNDECIDED)
                ssldyn_lanes_decide(job, lanes, place, fate);
        }
    }
    write_end(job, lanes, place, present_tau(lanes, place));
    ssldyn_lanes_remove(lanes, place);
}

void ssldyn_lanes_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place,
                              bool collapsed)
{
    const double T = job->options->t_end - lanes->at[LANES_T][place];
    double y[3];
    double tau = (double)NAN;
    bool good;
    if (collapsed) {
        good = ssldyn_tail_collapsed(lanes, place, T, y, &tau);
    } else {
        good = ssldyn_tail_surviving(lanes, place, T, y);
        tau = y[2] / y[1] * lanes->at[LANES_PER_RATIO][place];
    }
    if (!good) {
        /* a tail so long that its closed form leaves double precision is stepped through */
        lanes->at[LANES_NEAR_STAR][place] = 0.0;
        lanes->at[LANES_NEAR_ZERO][place] = 0.0;
        return;
    }
    lanes->at[LANES_WP][place] = y[0];
    lanes->at[LANES_W][place] = y[1];
    lanes->at[LANES_WA][place] = y[2];
    lanes->at[LANES_T][place] = job->options->t_end;
    lanes->at[LANES_STEPS][place] += 1.0;
    write_end(job, lanes, place, tau);
    ssldyn_lanes_remove(lanes, place);
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

int ssldyn_lanes_stage(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes)
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
            end->fate = SSLDYN_FATE_DIVERGED;
    }
    return first;
}

const char *ssldyn_ensemble_instructions(size_t index)
{
    const struct ssldyn_lanes_kernel *kernel = ssldyn_lanes_kernel_choice(index);
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
    const double margin = fmin(widest_margin, 1e6 * careful);
    const double allowed = options->refine_growth > 0.0 ? options->refine_growth
                                                        : fmax(log(margin / (32.0 * careful)), 0.0);
    struct ssldyn_lanes_job job = {
        .options = options,
        .points = points,
        .ends = ends,
        .count = (int64_t)count,
        .max_steps = options->max_steps > 0 ? (double)options->max_steps : 1e5,
        .growth = again || options->refine_after <= 0 ? (double)INFINITY : allowed,
        .rtol = rtol,
        .careful = log2(careful / rtol),
        .margin = margin,
        .again = again,
        .tail_tolerance = options->tail ? tail_share * options->rtol : 0.0};
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
    run_pass(kernel, options, count, points, ends, false);
    if (options->refine_after > 0)
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
