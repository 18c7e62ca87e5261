/* The explicit Runge-Kutta engine: any pair of explicit_table.h, with first-same-as-last, a PI
 * controller, dense output whose extra stages are evaluated only when asked for, and detection of
 * stiffness (Hairer, Norsett, Wanner I, sections II.4-II.6; Hairer, Wanner II, section IV.2). */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/ode/explicit_table.h"
#include "sim/ode/solver.h"
#include "sim/ode/vector.h"

#include <math.h>
#include <stdlib.h>

enum { STIFF_EVERY = 20, STIFF_CONFIRMED = 15, STIFF_FORGOTTEN = 6 };

struct engine {
    const struct ssldyn_explicit_table *table;
    double *slot[SSLDYN_EXPLICIT_STAGES_MAXIMUM]; /* the vectors; swapped for first same as last */
    double *memory;
    double *stage;       /* state of the stage at hand */
    double *defect;      /* of the dense output */
    double h_done;       /* size of the step that ends at ode->t */
    double error_before; /* of the last accepted step, for the PI controller */
    bool rejected;       /* the last attempt was */
    bool fresh;          /* a step was made and its last derivative not yet moved to stage 0 */
    bool dense_ready;    /* the extra stages of the present step are there */
    int stiff_count, nonstiff_count;
};

static double *stage_vector(const struct engine *engine, size_t i)
{
    return engine->slot[engine->table->slot[i]];
}

/* The terms of a row of weights that are not zero. */
static size_t gather(const struct engine *engine, const double weights[], size_t count,
                     const double *term[], double weight[])
{
    size_t m = 0;
    for (size_t j = 0; j < count; j++) {
        if (weights[j] != 0.0) {
            term[m] = stage_vector(engine, j);
            weight[m] = weights[j];
            m++;
        }
    }
    return m;
}

static void engine_free(void *work)
{
    struct engine *engine = work;
    if (engine) {
        free(engine->memory);
        free(engine);
    }
}

static enum ssldyn_status engine_create(struct ssldyn_ode *ode,
                                        const struct ssldyn_explicit_table *table, void **work,
                                        struct ssldyn_error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the integrator");
    }
    engine->table = table;
    engine->memory = ssldyn_array_alloc(ode->padded, (table->slots + 2) * sizeof(double));
    if (!engine->memory) {
        engine_free(engine);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for %zu stages of %zu variables",
                           table->slots, ode->system.n);
    }
    for (size_t i = 0; i < table->slots; i++) {
        engine->slot[i] = engine->memory + i * ode->padded;
    }
    engine->stage = engine->memory + table->slots * ode->padded;
    engine->defect = engine->stage + ode->padded;
    *work = engine;
    return SSLDYN_OK;
}

static enum ssldyn_status engine_begin(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err)
{
    (void)err;
    struct engine *engine = work;
    engine->fresh = false;
    engine->dense_ready = false;
    engine->rejected = false;
    engine->stiff_count = 0;
    engine->nonstiff_count = 0;
    engine->error_before = 1e-4;
    ssldyn_ode_evaluate(ode, ode->t, ode->y, stage_vector(engine, 0));
    if (ode->h == 0.0) {
        ode->h = ssldyn_ode_first_step(ode, engine->table->order, stage_vector(engine, 0),
                                       stage_vector(engine, 1), engine->stage);
    }
    return SSLDYN_OK;
}

/* Squares of the two error estimates of a part of the state, over h. */
struct estimate {
    double e5, e3;
};

/* The same for one variable, without the machinery for long parts. */
static struct estimate component_estimate(size_t i, size_t m, const double *const term[],
                                          const double weight5[], const double weight3[])
{
    double e5 = 0.0;
    double e3 = 0.0;
    for (size_t j = 0; j < m; j++) {
        e5 += weight5[j] * term[j][i];
        e3 += weight3 ? weight3[j] * term[j][i] : 0.0;
    }
    return (struct estimate){e5 * e5, e3 * e3};
}

/* Adds a part in units of the error it is allowed. A state that is no number any more makes the sum
 * no number, so that the attempt is refused. */
static void add_scaled(const struct ssldyn_ode *ode, size_t begin, size_t size,
                       const double y_next[], const struct estimate *part, struct estimate *sum)
{
    const double y_square = ssldyn_vector_square(size, ode->y + begin);
    const double next_square = ssldyn_vector_square(size, y_next + begin);
    const double scale = ode->options.atol * sqrt((double)size) +
                         ode->options.rtol * sqrt(y_square > next_square ? y_square : next_square);
    if (part->e5 != 0.0 || !isfinite(next_square)) {
        sum->e5 += part->e5 / (scale * scale) + 0.0 * next_square;
    }
    if (part->e3 != 0.0) {
        sum->e3 += part->e3 / (scale * scale);
    }
}

/* err of the attempt from ode->y to y_next: DOP853 mixes its two estimates so that the result is of
 * seventh order where the step is small (Hairer, Norsett, Wanner I, II.10). */
static double attempt_error(const struct ssldyn_ode *ode, const struct engine *engine, double h,
                            const double y_next[])
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight5[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight3[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    const size_t m = gather(engine, table->e5, table->stages + 1, term, weight5);
    if (table->has_e3) { /* both estimates use the same stages */
        gather(engine, table->e3, table->stages + 1, term, weight3);
    }
    struct estimate sum = {0.0, 0.0};
    const size_t count = ode->blocks ? ode->system.block_count : ode->system.n;
    size_t begin = 0;
    for (size_t b = 0; b < count; b++) {
        const size_t size = ode->blocks ? ode->blocks[b].size : 1;
        struct estimate part = {0.0, 0.0};
        if (ode->blocks) {
            ssldyn_vector_combined_squares(begin, size, m, term, weight5,
                                           table->has_e3 ? weight3 : NULL, &part.e5, &part.e3);
        } else {
            part = component_estimate(begin, m, term, weight5, table->has_e3 ? weight3 : NULL);
        }
        add_scaled(ode, begin, size, y_next, &part, &sum);
        begin += size;
    }
    const double sum5 = sum.e5;
    const double sum3 = sum.e3;
    if (!table->has_e3) {
        return fabs(h) * sqrt(sum5 / (double)count);
    }
    const double mixed = sum5 + 0.01 * sum3;
    if (mixed == 0.0) {
        return 0.0;
    }
    return fabs(h) * sum5 / sqrt(mixed * (double)count);
}

/* Whether stability rather than accuracy bounds the step: |h lambda| estimated from the last two
 * stages, which share their time (Hairer, Wanner II, IV.2). */
static void look_for_stiffness(struct ssldyn_ode *ode, struct engine *engine)
{
    const struct ssldyn_explicit_table *table = engine->table;
    const size_t s = table->stages;
    double difference[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    for (size_t j = 0; j < s; j++) {
        difference[j] = table->a[s][j] - table->a[s - 1][j];
    }
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    const size_t m = gather(engine, difference, s, term, weight);
    double state = 0.0;
    double slope = 0.0;
    ssldyn_vector_combined_squares(0, ode->system.n, m, term, weight, NULL, &state, NULL);
    const double *derivative[2] = {stage_vector(engine, s), stage_vector(engine, s - 1)};
    const double minus[2] = {1.0, -1.0};
    ssldyn_vector_combined_squares(0, ode->system.n, 2, derivative, minus, NULL, &slope, NULL);
    /* state carries a factor 1/h^2 and slope none: the quotient is |lambda|^2 h^2 directly */
    const double h_lambda = state > 0.0 ? sqrt(slope / state) : 0.0;
    if (h_lambda > table->stability) {
        engine->nonstiff_count = 0;
        engine->stiff_count++;
        if (engine->stiff_count == STIFF_CONFIRMED) {
            if (!ode->statistics.stiff) {
                ode->statistics.stiff_since = ode->t;
            }
            ode->statistics.stiff = true;
            ode->stiff_now = true;
        }
    } else if (engine->stiff_count > 0) {
        engine->nonstiff_count++;
        if (engine->nonstiff_count == STIFF_FORGOTTEN) {
            engine->stiff_count = 0;
        }
    }
}

/* The stages of one attempt of size h; the new state goes to y_next. */
static void attempt(struct ssldyn_ode *ode, struct engine *engine, double h, double y_next[])
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    for (size_t i = 1; i < table->stages; i++) {
        const size_t m = gather(engine, table->a[i], i, term, weight);
        ssldyn_vector_combine(ode->padded, ode->y, h, m, term, weight, engine->stage);
        ssldyn_ode_evaluate(ode, ode->t + table->c[i] * h, engine->stage, stage_vector(engine, i));
    }
    const size_t m = gather(engine, table->a[table->stages], table->stages, term, weight);
    ssldyn_vector_combine(ode->padded, ode->y, h, m, term, weight, y_next);
}

/* Weights of the stages in y(t_before + theta h) = y_before + h sum_i w_i k_i, and their
 * derivatives by theta. */
static void dense_weights_dop853(const struct ssldyn_explicit_table *table, double theta,
                                 double w[], double dw[])
{
    /* y = y0 + th (F0 + o (F1 + th (F2 + o (F3 + th (F4 + o (F5 + th F6)))))), o = 1 - th, F0 = dy,
     * F1 = h k0 - dy, F2 = 2 dy - h (k0 + k12), F3.. = h D k */
    double factor[7];
    double slope[7];
    factor[0] = theta;
    slope[0] = 1.0;
    for (size_t i = 1; i < 7; i++) {
        const double next = i % 2 == 1 ? 1.0 - theta : theta;
        const double sign = i % 2 == 1 ? -1.0 : 1.0;
        factor[i] = factor[i - 1] * next;
        slope[i] = slope[i - 1] * next + factor[i - 1] * sign;
    }
    for (size_t j = 0; j < table->total; j++) {
        const double b = j < table->stages ? table->a[table->stages][j] : 0.0;
        w[j] = (factor[0] - factor[1] + 2.0 * factor[2]) * b;
        dw[j] = (slope[0] - slope[1] + 2.0 * slope[2]) * b;
        for (size_t i = 0; i < 4; i++) {
            w[j] += factor[3 + i] * table->dense[i][j];
            dw[j] += slope[3 + i] * table->dense[i][j];
        }
    }
    w[0] += factor[1] - factor[2];
    dw[0] += slope[1] - slope[2];
    w[table->stages] -= factor[2];
    dw[table->stages] -= slope[2];
}

static void dense_weights_dopri5(const struct ssldyn_explicit_table *table, double theta,
                                 double w[], double dw[])
{
    for (size_t j = 0; j < table->total; j++) {
        const double *q = table->dense[j];
        w[j] = theta * theta * (q[0] + theta * (q[1] + theta * q[2]));
        dw[j] = theta * (2.0 * q[0] + theta * (3.0 * q[1] + theta * 4.0 * q[2]));
    }
    w[0] += theta;
    dw[0] += 1.0;
}

static void dense_weights(const struct ssldyn_explicit_table *table, double theta, double w[],
                          double dw[])
{
    if (table->order >= 8) {
        dense_weights_dop853(table, theta, w, dw);
    } else {
        dense_weights_dopri5(table, theta, w, dw);
    }
}

/* The stages that the dense output needs beyond those of the step, from y_start at t_start. */
static void dense_stages(struct ssldyn_ode *ode, struct engine *engine, double t_start,
                         const double y_start[], double h)
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    for (size_t i = table->stages + 1; i < table->total; i++) {
        const size_t m = gather(engine, table->a[i], i, term, weight);
        ssldyn_vector_combine(ode->padded, y_start, h, m, term, weight, engine->stage);
        ssldyn_ode_evaluate(ode, t_start + table->c[i] * h, engine->stage, stage_vector(engine, i));
    }
    engine->dense_ready = true;
}

/* Scaled error of the dense output of the attempt to y_next: it is of lower order than the step and
 * may spoil the rows inside a long one. Its defect u' - f(u) at a quarter of the step, times 0.3 h,
 * is the largest error of an interpolant whose error has the shape theta^4 (1 - theta)^4. */
static double dense_error(struct ssldyn_ode *ode, struct engine *engine, double h,
                          const double y_next[])
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double theta = 0.25;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double w[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    double dw[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    dense_stages(ode, engine, ode->t, ode->y, h);
    dense_weights(table, theta, w, dw);
    size_t m = gather(engine, w, table->total, term, weight);
    ssldyn_vector_combine(ode->padded, ode->y, h, m, term, weight, engine->stage);
    ssldyn_ode_evaluate(ode, ode->t + theta * h, engine->stage, engine->defect);
    m = gather(engine, dw, table->total, term, weight);
    ssldyn_vector_combine(ode->padded, engine->defect, -1.0, m, term, weight, engine->defect);
    return 0.3 * fabs(h) * ssldyn_ode_norm(ode, engine->defect, ode->y, y_next);
}

/* PI controller: the factor by which the step may grow after an error err. */
static double growth(const struct engine *engine, double err, bool accepted)
{
    const double safety = 0.9;
    const double largest = engine->table->order >= 8 ? 6.0 : 10.0;
    const double memory = 0.04;
    const double exponent = 1.0 / (double)engine->table->order - 0.75 * memory;
    if (!isfinite(err)) {
        return 0.1;
    }
    if (err == 0.0) {
        return largest;
    }
    double factor = safety * pow(err, -exponent);
    if (accepted) {
        factor *= pow(engine->error_before, memory);
    }
    return factor < 0.2 ? 0.2 : factor > largest ? largest : factor;
}

static enum ssldyn_status engine_step(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err)
{
    struct engine *engine = work;
    const struct ssldyn_explicit_table *table = engine->table;
    if (engine->fresh) {
        const size_t first = table->slot[0];
        const size_t last = table->slot[table->stages];
        double *swap = engine->slot[first];
        engine->slot[first] = engine->slot[last];
        engine->slot[last] = swap;
        engine->fresh = false;
    }
    engine->dense_ready = false;
    for (;;) {
        bool last = false;
        const double h = ssldyn_ode_limit(ode, ode->h, &last);
        if (!(fabs(h) > 4e-16 * fabs(ode->t)) || h == 0.0) {
            return ssldyn_ode_give_up(ode, h, err);
        }
        double *next = ode->y_before;
        attempt(ode, engine, h, next);
        const bool needs_last = table->e5[table->stages] != 0.0;
        const double t_next = last ? ode->t_end : ode->t + h;
        if (needs_last) {
            ssldyn_ode_evaluate(ode, t_next, next, stage_vector(engine, table->stages));
        }
        const double error = attempt_error(ode, engine, h, next);
        if (!(error <= 1.0)) {
            ode->statistics.rejected++;
            engine->rejected = true;
            ode->h = h * fmin(1.0, growth(engine, error, false));
            continue;
        }
        if (!needs_last) {
            ssldyn_ode_evaluate(ode, t_next, next, stage_vector(engine, table->stages));
        }
        const int64_t done = ode->statistics.steps + 1;
        if (done >= ode->stiff_check_after &&
            (done % STIFF_EVERY == 0 || engine->stiff_count > 0)) {
            look_for_stiffness(ode, engine); /* before the dense output overwrites early stages */
        }
        double factor = growth(engine, error, true);
        if (ode->direction * (t_next - ode->t_output) > 0.0) { /* rows lie inside this step */
            const double inside = dense_error(ode, engine, h, next);
            const double shrink = 0.9 * pow(inside, -1.0 / (double)(table->dense_order + 1));
            if (!(inside <= 1.0)) {
                ode->statistics.rejected++;
                engine->rejected = true;
                engine->dense_ready = false;
                ode->h = h * (isfinite(shrink) ? fmax(0.2, fmin(shrink, 0.9)) : 0.1);
                continue;
            }
            factor = fmin(factor, shrink);
        }
        if (engine->rejected && factor > 1.0) {
            factor = 1.0;
        }
        engine->rejected = false;
        engine->error_before = fmax(error, 1e-4);
        engine->h_done = h;
        engine->fresh = true;
        /* a step that was cut to end at t_end must not make a restart timid */
        const double proposal = h * factor;
        ode->h = last && fabs(proposal) < fabs(ode->h) ? ode->h : proposal;
        ssldyn_ode_accept(ode, t_next);
        return SSLDYN_OK;
    }
}

static void engine_interpolate(struct ssldyn_ode *ode, void *work, double t, double y[])
{
    struct engine *engine = work;
    const struct ssldyn_explicit_table *table = engine->table;
    const double h = engine->h_done;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    if (!engine->dense_ready) {
        dense_stages(ode, engine, ode->t_before, ode->y_before, h);
    }
    double all[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    double unused[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    dense_weights(table, (t - ode->t_before) / h, all, unused);
    const size_t m = gather(engine, all, table->total, term, weight);
    ssldyn_vector_combine(ode->padded, ode->y_before, h, m, term, weight, engine->stage);
    for (size_t i = 0; i < ode->system.n; i++) {
        y[i] = engine->stage[i];
    }
}

static enum ssldyn_status create_dop853(struct ssldyn_ode *ode, void **work,
                                        struct ssldyn_error *err)
{
    return engine_create(ode, &ssldyn_table_dop853, work, err);
}

static enum ssldyn_status create_dopri5(struct ssldyn_ode *ode, void **work,
                                        struct ssldyn_error *err)
{
    return engine_create(ode, &ssldyn_table_dopri5, work, err);
}

const struct ssldyn_stepper ssldyn_stepper_dop853 = {
    .name = "dop853",
    .help = "explicit Runge-Kutta, order 8(5,3), dense output of order 7",
    .dense = true,
    .create = create_dop853,
    .free = engine_free,
    .begin = engine_begin,
    .step = engine_step,
    .interpolate = engine_interpolate,
};

const struct ssldyn_stepper ssldyn_stepper_dopri5 = {
    .name = "dopri5",
    .help = "explicit Runge-Kutta, order 5(4), dense output of order 4",
    .dense = true,
    .create = create_dopri5,
    .free = engine_free,
    .begin = engine_begin,
    .step = engine_step,
    .interpolate = engine_interpolate,
};
