/* The explicit engine: dense output, whose extra stages are evaluated only on demand. */
// SPDX-License-Identifier: MIT
#include "sim/ode/explicit_engine.h"

#include <math.h>

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

/* The stages that the dense output needs in addition to those of the step, from y_start at
 * t_start. */
static void dense_stages(struct ssldyn_ode *ode, struct ssldyn_explicit *engine, double t_start,
                         const double y_start[], double h)
{
    const struct ssldyn_explicit_table *table = engine->table;
    for (size_t i = table->stages + 1; i < table->total; i++) {
        ssldyn_explicit_combine(ode, engine, y_start, h, table->a[i], i, engine->stage);
        ssldyn_ode_evaluate(ode, t_start + table->c[i] * h, engine->stage,
                            ssldyn_explicit_stage(engine, i));
    }
    engine->dense_ready = true;
}

/* Scaled error of the dense output of the attempt to y_next: its order is lower than the step's, so
 * it may be too inaccurate inside a long step. Its defect u' - f(u) at a quarter of the step, times
 * 0.3 h, is the largest error of an interpolant whose error has the shape theta^4 (1 - theta)^4. */
double ssldyn_explicit_dense_error(struct ssldyn_ode *ode, struct ssldyn_explicit *engine, double h,
                                   const double y_next[])
{
    const struct ssldyn_explicit_table *table = engine->table;
    const double theta = 0.25;
    double w[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    double dw[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    dense_stages(ode, engine, ode->t, ode->y, h);
    dense_weights(table, theta, w, dw);
    ssldyn_explicit_combine(ode, engine, ode->y, h, w, table->total, engine->stage);
    ssldyn_ode_evaluate(ode, ode->t + theta * h, engine->stage, ode->scratch);
    ssldyn_explicit_combine(ode, engine, ode->scratch, -1.0, dw, table->total, ode->scratch);
    return 0.3 * fabs(h) * ssldyn_ode_norm(ode, ode->scratch, ode->y, y_next);
}

void ssldyn_explicit_interpolate(struct ssldyn_ode *ode, void *work, double t, double y[])
{
    struct ssldyn_explicit *engine = work;
    const struct ssldyn_explicit_table *table = engine->table;
    const double h = engine->h_done;
    if (!engine->dense_ready) {
        dense_stages(ode, engine, ode->t_before, ode->y_before, h);
    }
    double all[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    double unused[SSLDYN_EXPLICIT_STAGES_MAXIMUM] = {0.0};
    dense_weights(table, (t - ode->t_before) / h, all, unused);
    ssldyn_explicit_combine(ode, engine, ode->y_before, h, all, table->total, engine->stage);
    for (size_t i = 0; i < ode->system.n; i++) {
        y[i] = engine->stage[i];
    }
}
