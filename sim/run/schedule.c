/* Schedules of a training run, by step and by flow time. */
// SPDX-License-Identifier: MIT
#include "sim/run/schedule.h"

#include "sim/base/memory.h"

#include <gsl/gsl_interp.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_MAXIMUM = 4096 };

double ssldyn_schedule_factor(const struct ssldyn_schedule_shape *shape, double k)
{
    if (k < (double)shape->warmup) {
        return fmin((k + 1.0) / (double)shape->warmup, 1.0);
    }
    const int64_t last = shape->steps - 1;
    const double x = last > shape->warmup
                         ? fmin((k - (double)shape->warmup) / (double)(last - shape->warmup), 1.0)
                         : 1.0;
    switch (shape->kind) {
    case SSLDYN_SCHEDULE_LINEAR:
        return 1.0 + (shape->end - 1.0) * x;
    case SSLDYN_SCHEDULE_COSINE:
        return shape->end + (1.0 - shape->end) * 0.5 * (1.0 + cos(M_PI * x));
    case SSLDYN_SCHEDULE_CONSTANT:
        break;
    }
    return 1.0;
}

struct ssldyn_schedules ssldyn_schedule_read(const struct ssldyn_sgd_options *sgd, int64_t steps)
{
    return (struct ssldyn_schedules){
        .lr = {(enum ssldyn_schedule)sgd->schedule_lr, sgd->warmup, steps, sgd->end_lr},
        .ema = {(enum ssldyn_schedule)sgd->schedule_ema, 0, steps, sgd->end_ema},
        .decay = {(enum ssldyn_schedule)sgd->schedule_decay, 0, steps, sgd->end_decay},
        .ema_by_step = sgd->ema_share > 0.0};
}

/* Whether the factor is 1 at every step. */
static bool is_constant(const struct ssldyn_schedule_shape *shape)
{
    return shape->kind == SSLDYN_SCHEDULE_CONSTANT && shape->warmup == 0;
}

bool ssldyn_schedule_lr_is_constant(const struct ssldyn_sgd_options *sgd)
{
    const struct ssldyn_schedules schedules = ssldyn_schedule_read(sgd, sgd->steps);
    return is_constant(&schedules.lr);
}

/* Flow time is the sum of lr/(1 - momentum) over the steps. */
static void fill_nodes(const struct ssldyn_sgd_options *sgd, int64_t steps,
                       struct ssldyn_timetable *timetable)
{
    const double unit = sgd->lr / ssldyn_training_complement(sgd->momentum);
    const int64_t intervals = (int64_t)timetable->node_count - 1;
    const struct ssldyn_schedule_shape *lr = &timetable->schedules.lr;
    const bool constant = is_constant(lr);
    size_t count = 0;
    double t = 0.0;
    int64_t k = 0;
    for (int64_t i = 0; i <= intervals; i++) {
        const int64_t next = steps * i / intervals; /* at most 2^32 times 2^12 */
        for (; !constant && k < next; k++) {
            t += unit * ssldyn_schedule_factor(lr, (double)k);
        }
        t = constant ? unit * (double)next : t;
        /* t does not increase after the learning rate has reached 0 */
        if (count == 0 || t > timetable->node_t[count - 1]) {
            timetable->node_k[count] = (double)next;
            timetable->node_t[count++] = t;
        }
    }
    timetable->node_count = count;
}

enum ssldyn_status ssldyn_schedule_create_timetable(const struct ssldyn_sgd_options *sgd,
                                                    int64_t steps, size_t row_count,
                                                    const double rows[],
                                                    struct ssldyn_timetable *timetable,
                                                    struct ssldyn_error *err)
{
    *timetable = (struct ssldyn_timetable){.schedules = ssldyn_schedule_read(sgd, steps)};
    const size_t intervals = steps < 1 ? 1 : steps < NODES_MAXIMUM ? (size_t)steps : NODES_MAXIMUM;
    timetable->node_count = intervals + 1;
    timetable->rows = ssldyn_memory_array(row_count, sizeof(double));
    timetable->node_t = ssldyn_memory_array(2 * timetable->node_count, sizeof(double));
    if (!timetable->rows || !timetable->node_t) {
        ssldyn_schedule_clear_timetable(timetable);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    timetable->node_k = timetable->node_t + timetable->node_count;
    timetable->row_count = row_count;
    memcpy(timetable->rows, rows, row_count * sizeof *rows);
    fill_nodes(sgd, steps, timetable);
    const size_t nodes = timetable->node_count;
    if (nodes > 1) {
        timetable->clock =
            gsl_interp_alloc(nodes > 2 ? gsl_interp_steffen : gsl_interp_linear, nodes);
        if (!timetable->clock) {
            ssldyn_schedule_clear_timetable(timetable);
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        }
        (void)gsl_interp_init(timetable->clock, timetable->node_t, timetable->node_k, nodes);
    }
    return SSLDYN_OK;
}

void ssldyn_schedule_clear_timetable(struct ssldyn_timetable *timetable)
{
    free(timetable->rows);
    free(timetable->node_t);
    gsl_interp_free(timetable->clock);
    *timetable = (struct ssldyn_timetable){0};
}

double ssldyn_schedule_row_time(const struct ssldyn_problem *problem, int64_t k)
{
    const double n = (double)problem->samples;
    if (problem->timetable) {
        return problem->timetable->rows[k];
    }
    if (k == problem->samples) {
        return problem->t_end;
    }
    if (k == 0 || !problem->log_time) {
        return problem->t_end * (double)k / n;
    }
    const double decades = 6.0;
    return problem->t_end * pow(10.0, -decades * (n - (double)k) / (n - 1.0));
}

bool ssldyn_schedule_changes_rates(const struct ssldyn_problem *problem)
{
    if (!problem->timetable) {
        return false;
    }
    const struct ssldyn_schedules *schedules = &problem->timetable->schedules;
    return !is_constant(&schedules->ema) || !is_constant(&schedules->decay) ||
           (schedules->ema_by_step && !is_constant(&schedules->lr));
}

const struct ssldyn_parameters *ssldyn_schedule_parameters_at(const struct ssldyn_problem *problem,
                                                              const struct ssldyn_parameters *base,
                                                              double t,
                                                              struct ssldyn_parameters *scratch)
{
    if (!ssldyn_schedule_changes_rates(problem)) {
        return base;
    }
    const struct ssldyn_timetable *timetable = problem->timetable;
    const double last = timetable->node_t[timetable->node_count - 1];
    const double k = timetable->clock
                         ? gsl_interp_eval(timetable->clock, timetable->node_t, timetable->node_k,
                                           fmin(fmax(t, 0.0), last), NULL)
                         : 0.0;
    const double decay = ssldyn_schedule_factor(&timetable->schedules.decay, k);
    *scratch = *base;
    scratch->rates.beta *= ssldyn_schedule_factor(&timetable->schedules.ema, k);
    if (timetable->schedules.ema_by_step) {
        /* Steps below a thousandth of lr take negligible time, and would make beta infinite if lr
         * ends at 0. */
        scratch->rates.beta /= fmax(ssldyn_schedule_factor(&timetable->schedules.lr, k), 1e-3);
    }
    scratch->rates.eta_p *= decay;
    scratch->rates.eta_s *= decay;
    return scratch;
}

double ssldyn_schedule_decay_saved(const struct ssldyn_problem *problem, double t0, double t1)
{
    enum { PIECES = 16 };
    /* the Gauss-Legendre rule of order 6; schedules are smooth except at the end of a warm-up */
    static const double node[3] = {-0.774596669241483377, 0.0, 0.774596669241483377};
    static const double weight[3] = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};
    if (!ssldyn_schedule_changes_rates(problem)) {
        return 0.0;
    }
    const double width = (t1 - t0) / (double)PIECES;
    double integral = 0.0;
    for (int i = 0; i < PIECES; i++) {
        for (int k = 0; k < 3; k++) {
            struct ssldyn_parameters scratch;
            const double t = t0 + width * (i + 0.5 + 0.5 * node[k]);
            const struct ssldyn_parameters *const at =
                ssldyn_schedule_parameters_at(problem, &problem->parameters, t, &scratch);
            integral += width * weight[k] * (problem->parameters.rates.eta_s - at->rates.eta_s);
        }
    }
    return integral;
}
