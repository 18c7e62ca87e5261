/* The explicit Runge-Kutta engine: any pair of explicit_table.h, with first-same-as-last, a PI
 * controller and detection of stiffness (Hairer, Norsett, Wanner I, sections II.4-II.6; Hairer,
 * Wanner II, section IV.2). */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/ode/explicit_engine.h"
#include "sim/ode/vector.h"

#include <math.h>
#include <stdlib.h>

enum { RADIUS_EVERY = 4, STIFF_CONFIRMED = 15, STIFF_FORGOTTEN = 6 };

/* Fractions of the stability limit: steps stay below stable_share, where the fastest modes still
 * decay by a factor of five per step; above stiff_share, stability is taken to bound the steps. */
static const double stable_share = 0.9;
static const double stiff_share = 0.75;

static void engine_free(void *work)
{
    struct ssldyn_explicit *engine = work;
    if (engine) {
        free(engine->memory);
        free(engine);
    }
}

static enum ssldyn_status engine_create(struct ssldyn_ode *ode,
                                        const struct ssldyn_explicit_table *table, void **work,
                                        struct ssldyn_error *err)
{
    struct ssldyn_explicit *engine = calloc(1, sizeof *engine);
    if (!engine) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the integrator");
    }
    engine->table = table;
    /* A pass reads up to a dozen vectors. For matrices these are whole pages apart and would map to
     * the same lines of the first-level cache, so they are staggered. */
    const size_t stride = ode->padded + (ode->padded < 512 ? 0 : 5 * SSLDYN_VECTOR_PAD);
    engine->memory = ssldyn_memory_array(stride, (table->slots + 1) * sizeof(double));
    if (!engine->memory) {
        engine_free(engine);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu stages of %zu variables",
                           table->slots, ode->system.n);
    }
    for (size_t i = 0; i < table->slots; i++) {
        engine->slot[i] = engine->memory + i * stride;
    }
    engine->stage = engine->memory + table->slots * stride;
    *work = engine;
    return SSLDYN_OK;
}

static enum ssldyn_status engine_begin(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err)
{
    (void)err;
    struct ssldyn_explicit *engine = work;
    engine->fresh = false;
    engine->dense_ready = false;
    engine->rejected = false;
    engine->stiff_count = 0;
    engine->nonstiff_count = 0;
    engine->error_before = 1e-4;
    engine->radius = 0.0;
    ssldyn_ode_evaluate(ode, ode->t, ode->y, ssldyn_explicit_stage(engine, 0));
    if (ode->h == 0.0) {
        ode->h = ssldyn_ode_first_step(ode, engine->table->order, ssldyn_explicit_stage(engine, 0),
                                       ssldyn_explicit_stage(engine, 1), engine->stage);
    }
    return SSLDYN_OK;
}

/* The scaled norm of a - b, in the scales of the current step. */
static double distance(const struct ssldyn_ode *ode, const double a[], const double b[],
                       const double y_next[])
{
    const double one = 1.0;
    ssldyn_vector_combine(ode->padded, a, -1.0, 1, &b, &one, ode->scratch);
    return ssldyn_ode_norm(ode, ode->scratch, ode->y, y_next);
}

/* |lambda| from the last two stages, which are at the same time (Hairer, Wanner II, IV.2).
 * Differences of the size of rounding errors are ignored. */
static void measure_radius(const struct ssldyn_ode *ode, struct ssldyn_explicit *engine,
                           const double y_next[])
{
    const size_t s = engine->table->stages;
    const double state = distance(ode, y_next, engine->stage, y_next);
    const double slope = distance(ode, ssldyn_explicit_stage(engine, s),
                                  ssldyn_explicit_stage(engine, s - 1), y_next);
    const bool visible = state * ode->options.rtol > 1e-12;
    engine->radius = visible && isfinite(slope) ? slope / state : 0.0;
}

/* Detects whether stability rather than accuracy bounds the step. */
static void check_stiffness(struct ssldyn_ode *ode, struct ssldyn_explicit *engine, double h)
{
    if (fabs(h) * engine->radius > stiff_share * engine->table->stability) {
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

/* The states of stage i and of the `ahead` after it, summed over the stages before i: the first
 * goes to engine->stage, the others to where their derivatives will be. */
static void begin_stages(const struct ssldyn_ode *ode, struct ssldyn_explicit *engine, double h,
                         size_t i, size_t ahead)
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_VECTOR_OUTPUTS][SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    const double *weights[SSLDYN_VECTOR_OUTPUTS];
    double *out[SSLDYN_VECTOR_OUTPUTS];
    size_t m = 0;
    for (size_t j = 0; j < i; j++) {
        bool used = false;
        for (size_t k = 0; k <= ahead; k++) {
            weight[k][m] = table->a[i + k][j];
            used = used || weight[k][m] != 0.0;
        }
        term[m] = ssldyn_explicit_stage(engine, j);
        m += used ? 1 : 0;
    }
    for (size_t k = 0; k <= ahead; k++) {
        weights[k] = weight[k];
        out[k] = k == 0 ? engine->stage : ssldyn_explicit_stage(engine, i + k);
    }
    ssldyn_vector_combine_several(ode->padded, ode->y, h, m, term, ahead + 1, weights, out);
}

/* The stages of one attempt of size h. */
static void attempt(struct ssldyn_ode *ode, struct ssldyn_explicit *engine, double h)
{
    const struct ssldyn_explicit_table *table = engine->table;
    const bool grouped = ode->blocks != NULL; /* small systems fit into the caches anyway */
    size_t begun = 0; /* stages before this one have been begun, by stage `by` */
    size_t by = 0;
    for (size_t i = 1; i < table->stages; i++) {
        if (i < begun) {
            double weights[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
            for (size_t j = by; j < i; j++) {
                weights[j] = table->a[i][j];
            }
            ssldyn_explicit_combine(ode, engine, ssldyn_explicit_stage(engine, i), h, weights, i,
                                    engine->stage);
        } else if (grouped && table->ahead[i] > 0) {
            begin_stages(ode, engine, h, i, table->ahead[i]);
            by = i;
            begun = i + table->ahead[i] + 1;
        } else {
            ssldyn_explicit_combine(ode, engine, ode->y, h, table->a[i], i, engine->stage);
        }
        ssldyn_ode_evaluate(ode, ode->t + table->c[i] * h, engine->stage,
                            ssldyn_explicit_stage(engine, i));
    }
}

/* PI controller: the factor by which the step may grow after an error err. */
static double growth(const struct ssldyn_explicit *engine, double err, bool accepted)
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

/* The longest step that damps the fastest motion seen. */
static double stable_step(const struct ssldyn_explicit *engine)
{
    return engine->radius > 0.0 ? stable_share * engine->table->stability / engine->radius
                                : (double)INFINITY;
}

static enum ssldyn_status engine_step(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err)
{
    struct ssldyn_explicit *engine = work;
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
        attempt(ode, engine, h);
        const double t_next = last ? ode->t_end : ode->t + h;
        const double error = ssldyn_explicit_finish(ode, engine, t_next, h, next);
        if (!(error <= 1.0)) {
            ode->statistics.rejected++;
            engine->rejected = true;
            ode->h = h * fmin(1.0, growth(engine, error, false));
            continue;
        }
        if (!table->needs_last) {
            ssldyn_ode_evaluate(ode, t_next, next, ssldyn_explicit_stage(engine, table->stages));
        }
        const int64_t done = ode->statistics.steps + 1;
        if (done % RADIUS_EVERY == 0) {
            measure_radius(ode, engine, next); /* before the dense output overwrites the stages */
        }
        if (done >= ode->stiff_check_after) {
            check_stiffness(ode, engine, h);
        }
        double factor = growth(engine, error, true);
        if (ode->direction * (t_next - ode->t_output) >
            0.0) { /* output times lie inside this step */
            const double inside = ssldyn_explicit_dense_error(ode, engine, h, next);
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
        /* the last step was shortened to end at t_end; a restart must not begin with that size */
        const double proposal = ode->direction * fmin(fabs(h) * factor, stable_step(engine));
        ode->h = last && fabs(proposal) < fabs(ode->h) ? ode->h : proposal;
        ssldyn_ode_accept(ode, t_next);
        return SSLDYN_OK;
    }
}

#define EXPLICIT_STEPPER(pair, text)                                                               \
    static enum ssldyn_status create_##pair(struct ssldyn_ode *ode, void **work,                   \
                                            struct ssldyn_error *err)                              \
    {                                                                                              \
        return engine_create(ode, &ssldyn_explicit_table_##pair, work, err);                       \
    }                                                                                              \
    const struct ssldyn_stepper ssldyn_stepper_##pair = {                                          \
        .name = #pair,                                                                             \
        .help = (text),                                                                            \
        .dense = true,                                                                             \
        .create = create_##pair,                                                                   \
        .free = engine_free,                                                                       \
        .begin = engine_begin,                                                                     \
        .step = engine_step,                                                                       \
        .interpolate = ssldyn_explicit_interpolate,                                                \
    }

EXPLICIT_STEPPER(dop853, "explicit Runge-Kutta, order 8(5,3), dense output of order 7");
EXPLICIT_STEPPER(dopri5, "explicit Runge-Kutta, order 5(4), dense output of order 4");
