/* The explicit engine: combinations of stages, and the error of an attempt. */
// SPDX-License-Identifier: MIT
#include "sim/ode/explicit_engine.h"
#include "sim/ode/vector.h"

#include <math.h>

double *ssldyn_explicit_stage(const struct ssldyn_explicit *engine, size_t i)
{
    return engine->slot[engine->table->slot[i]];
}

/* Collects the stages with nonzero weights in a row, and those weights; returns how many. */
static size_t gather(const struct ssldyn_explicit *engine, const double weights[], size_t count,
                     const double *term[], double weight[])
{
    size_t m = 0;
    for (size_t j = 0; j < count; j++) {
        if (weights[j] != 0.0) {
            term[m] = ssldyn_explicit_stage(engine, j);
            weight[m] = weights[j];
            m++;
        }
    }
    return m;
}

void ssldyn_explicit_combine(const struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                             const double y[], double h, const double weights[], size_t count,
                             double out[])
{
    enum { SMALL = SSLDYN_VECTOR_PAD };
    if (ode->padded == SMALL) { /* a single vector of lanes: nothing to prepare */
        double sum[SMALL] = {0.0};
        for (size_t j = 0; j < count; j++) {
            const double w = weights[j];
            if (w != 0.0) {
                const double *k = ssldyn_explicit_stage(engine, j);
                for (size_t l = 0; l < SMALL; l++) {
                    sum[l] += w * k[l];
                }
            }
        }
        for (size_t l = 0; l < SMALL; l++) {
            out[l] = y[l] + h * sum[l];
        }
        return;
    }
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    const size_t m = gather(engine, weights, count, term, weight);
    ssldyn_vector_combine(ode->padded, y, h, m, term, weight, out);
}

/* Sums over the blocks of the state of the squares of the two error estimates, divided by h and in
 * units of the error allowed in each block. */
struct estimate {
    double e5, e3;
};

/* Adds a block with those squares and sizes. A state with NaN makes the sum NaN, so that the
 * attempt is rejected. */
static void add_scaled(const struct ssldyn_ode *ode, double size, double y_square,
                       double next_square, double e5, double e3, struct estimate *sum)
{
    const double scale = ode->options.atol * sqrt(size) +
                         ode->options.rtol * sqrt(y_square > next_square ? y_square : next_square);
    if (e5 != 0.0 || !isfinite(next_square)) {
        sum->e5 += e5 / (scale * scale) + 0.0 * next_square;
    }
    if (e3 != 0.0) {
        sum->e3 += e3 / (scale * scale);
    }
}

/* Every variable is its own block. */
static void estimate_components(const struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                                const double y_next[], struct estimate *sum)
{
    enum { LANES = SSLDYN_VECTOR_PAD };
    const struct ssldyn_explicit_table *table = engine->table;
    for (size_t begin = 0; begin < ode->system.n; begin += LANES) {
        double e5[LANES] = {0.0};
        double e3[LANES] = {0.0};
        for (size_t j = 0; j <= table->stages; j++) {
            if (table->e5[j] != 0.0) {
                const double *k = ssldyn_explicit_stage(engine, j) + begin;
                for (size_t l = 0; l < LANES; l++) {
                    e5[l] += table->e5[j] * k[l];
                    e3[l] += table->e3[j] * k[l];
                }
            }
        }
        for (size_t l = 0; l < LANES && begin + l < ode->system.n; l++) {
            const double y = ode->y[begin + l];
            const double next = y_next[begin + l];
            add_scaled(ode, 1.0, y * y, next * next, e5[l] * e5[l], e3[l] * e3[l], sum);
        }
    }
}

/* Blocks of many variables: one pass each. */
static void estimate_blocks(const struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                            const double y_next[], struct estimate *sum)
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    const size_t m = gather(engine, table->e5, table->stages + 1, term, weight);
    size_t begin = 0;
    for (size_t b = 0; b < ode->system.block_count; b++) {
        const size_t size = ode->blocks[b].size;
        const double e5 = ssldyn_vector_combined_square(begin, size, m, term, weight);
        add_scaled(ode, (double)size, ssldyn_vector_square(size, ode->y + begin),
                   ssldyn_vector_square(size, y_next + begin), e5, 0.0, sum);
        begin += size;
    }
}

/* The same if the estimate does not use f at the new point, which is then computed in the same
 * pass. */
static void finish_blocks(const struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                          double h, double y_next[], struct estimate *sum)
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double *term[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double weight[3][SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    size_t m = 0;
    for (size_t j = 0; j < table->stages; j++) {
        const double w[3] = {table->a[table->stages][j], table->e5[j], table->e3[j]};
        if (w[0] != 0.0 || w[1] != 0.0 || w[2] != 0.0) {
            term[m] = ssldyn_explicit_stage(engine, j);
            for (size_t k = 0; k < 3; k++) {
                weight[k][m] = w[k];
            }
            m++;
        }
    }
    size_t begin = 0;
    for (size_t b = 0; b < ode->system.block_count; b++) {
        const size_t size = ode->blocks[b].size;
        struct ssldyn_vector_squares squares;
        ssldyn_vector_finish(begin, size, ode->y, h, m, term, weight[0], weight[1], weight[2],
                             y_next, &squares);
        add_scaled(ode, (double)size, squares.y, squares.next, squares.a, squares.b, sum);
        begin += size;
    }
}

/* DOP853 combines its two estimates so that the result is of seventh order for small steps (Hairer,
 * Norsett, Wanner I, II.10). */
double ssldyn_explicit_finish(struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                              double t_next, double h, double y_next[])
{
    const struct ssldyn_explicit_table *table = engine->table;
    const size_t s = table->stages;
    const size_t count = ode->blocks ? ode->system.block_count : ode->system.n;
    struct estimate sum = {0.0, 0.0};
    if (ode->blocks && !table->needs_last) {
        finish_blocks(ode, engine, h, y_next, &sum);
    } else {
        ssldyn_explicit_combine(ode, engine, ode->y, h, table->a[s], s, y_next);
        if (table->needs_last) {
            ssldyn_ode_evaluate(ode, t_next, y_next, ssldyn_explicit_stage(engine, s));
        }
        if (ode->blocks) {
            estimate_blocks(ode, engine, y_next, &sum);
        } else {
            estimate_components(ode, engine, y_next, &sum);
        }
    }
    if (table->needs_last) {
        return fabs(h) * sqrt(sum.e5 / (double)count);
    }
    const double mixed = sum.e5 + 0.01 * sum.e3;
    if (mixed == 0.0) {
        return 0.0;
    }
    return fabs(h) * sum.e5 / sqrt(mixed * (double)count);
}
