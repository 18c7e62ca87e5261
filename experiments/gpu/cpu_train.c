/* Training operations of the CPU backend: losses, the correlation of the predictor's input and the
 * closed-form predictors computed from it, optimizers. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cpu.h"

#include <math.h>

/* One pair: returns -2 cos(q, z); dq and dz (NULL: not needed) get its gradients divided by
 * `pairs`. */
static double cosine_pair(size_t c, const REAL *q, const REAL *z, double pairs, REAL *dq, REAL *dz)
{
    double qq = 0.0;
    double zz = 0.0;
    double qz = 0.0;
    for (size_t j = 0; j < c; j++) {
        qq += (double)q[j] * (double)q[j];
        zz += (double)z[j] * (double)z[j];
        qz += (double)q[j] * (double)z[j];
    }
    const double norm_q = fmax(sqrt(qq), 1e-12);
    const double norm_z = fmax(sqrt(zz), 1e-12);
    const double cosine = qz / (norm_q * norm_z);
    /* Where the guard replaces the norm it is a constant. */
    const double turn_q = sqrt(qq) > 1e-12 ? cosine / (norm_q * norm_q) : 0.0;
    const double turn_z = sqrt(zz) > 1e-12 ? cosine / (norm_z * norm_z) : 0.0;
    for (size_t j = 0; j < c; j++) {
        const double across = 1.0 / (norm_q * norm_z);
        dq[j] = (REAL)(-2.0 / pairs * ((double)z[j] * across - (double)q[j] * turn_q));
        if (dz)
            dz[j] = (REAL)(-2.0 / pairs * ((double)q[j] * across - (double)z[j] * turn_z));
    }
    return -2.0 * cosine;
}

/* The same for |q - z|^2/2. */
static double square_pair(size_t c, const REAL *q, const REAL *z, double pairs, REAL *dq, REAL *dz)
{
    double sum = 0.0;
    for (size_t j = 0; j < c; j++) {
        const double off = (double)q[j] - (double)z[j];
        sum += 0.5 * off * off;
        dq[j] = (REAL)(off / pairs);
        if (dz)
            dz[j] = (REAL)(-off / pairs);
    }
    return sum;
}

void NAME(loss)(struct ops_context *context, enum ops_loss kind, struct ops_tensor q,
                struct ops_tensor z, struct ops_tensor dq, struct ops_tensor dz, double *metrics)
{
    const size_t c = (size_t)q.c;
    const size_t pairs = (size_t)q.n / 2;
    double sum = 0.0;
    for (size_t i = 0; i < 2 * pairs; i++) {
        const size_t a = i * c;
        const size_t b = (i + pairs) % (2 * pairs) * c; /* the other view of the same image */
        REAL *dz_row = dz.data ? (REAL *)dz.data + b : NULL;
        sum += (kind == OPS_LOSS_COSINE ? cosine_pair : square_pair)(
            c, (const REAL *)q.data + a, (const REAL *)z.data + b, (double)pairs,
            (REAL *)dq.data + a, dz_row);
    }
    metrics[OPS_METRIC_LOSS] += sum / (double)pairs;
    metrics[OPS_METRIC_STEPS] += 1.0;
    (void)context;
}

static double knob(const struct ops_clock *clock, enum ops_knob number)
{
    const int64_t step = *(const int64_t *)clock->cursor;
    return (double)((const REAL *)clock->table)[step * OPS_KNOBS + number];
}

void NAME(correlate)(struct ops_context *context, const struct ops_clock *clock,
                     struct ops_tensor f, double *F)
{
    const size_t c = (size_t)f.c;
    const double rho = knob(clock, OPS_KNOB_RHO);
    const double share = (1.0 - rho) / (double)f.n;
    for (size_t i = 0; i < c * c; i++)
        F[i] *= rho;
    for (size_t n = 0; n < (size_t)f.n; n++) {
        const REAL *row = (const REAL *)f.data + n * c;
        for (size_t i = 0; i < c; i++) {
            for (size_t j = 0; j <= i; j++)
                F[i * c + j] += share * (double)row[i] * (double)row[j];
        }
    }
    for (size_t i = 0; i < c; i++) {
        for (size_t j = 0; j < i; j++)
            F[j * c + i] = F[i * c + j];
    }
    (void)context;
}

enum ssldyn_status NAME(set_prepare)(struct ops_context *context, int n, struct ssldyn_error *err)
{
    const size_t order = (size_t)n;
    size_t have = 0;
    if (context->set_order >= n)
        return SSLDYN_OK;
    ssldyn_eigen_free(context->eigen);
    context->eigen = NULL;
    context->set_order = 0;
    enum ssldyn_status status = ssldyn_eigen_create(order, &context->eigen, err);
    if (status == SSLDYN_OK)
        status =
            NAME(reserve)(&context->set, &have, 3 * order * order + 2 * order, sizeof(double), err);
    if (status == SSLDYN_OK)
        context->set_order = n;
    return status;
}

void NAME(set_begin)(struct ops_context *context, const struct ops_set *set, int n, const double *F)
{
    const size_t order = (size_t)n;
    double *Wp = context->set; /* first, because set_end reads it there */
    double *vectors = Wp + order * order;
    double *workspace = vectors + order * order;
    double *values = workspace + order * order + order; /* s_j, then p_j */
    struct ssldyn_error error;
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric_small(context->eigen, order, F, values, vectors, &error);
    cpu_keep_error(context, status, &error);
    if (status != SSLDYN_OK)
        return;
    const double s_max = values[0];
    for (size_t j = 0; j < order; j++)
        values[j] =
            fmax(ssldyn_predictor_eigenvalue(&set->parameters, values[j], s_max), set->least);
    ssldyn_predictor_compose(order, values, vectors, Wp, workspace);
}

void NAME(set_end)(struct ops_context *context, int n, void *Wp)
{
    for (size_t i = 0; i < (size_t)n * (size_t)n; i++)
        ((REAL *)Wp)[i] = (REAL)context->set[i];
}

void NAME(symmetrize)(struct ops_context *context, int rows, int columns, void *a, void *b)
{
    REAL *A = a;
    REAL *B = b;
    for (size_t i = 0; i < (size_t)rows; i++) {
        for (size_t j = 0; j < (A == B ? i : (size_t)columns); j++) {
            REAL *one = A + i * (size_t)columns + j;
            REAL *other = B + j * (size_t)rows + i;
            const REAL mean = (*one + *other) / 2;
            *one = mean;
            *other = mean;
        }
    }
    (void)context;
}

void NAME(sgd)(struct ops_context *context, const struct ops_sgd *sgd,
               const struct ops_clock *clock, size_t count, void *w, void *v, const void *g,
               void *low)
{
    const REAL rate = (REAL)(sgd->lr_scale * knob(clock, OPS_KNOB_LR));
    const REAL momentum = (REAL)sgd->momentum;
    const REAL decay = (REAL)sgd->decay;
    REAL *weight = w;
    REAL *velocity = v;
    const REAL *gradient = g;
    for (size_t i = 0; i < count; i++) {
        velocity[i] = momentum * velocity[i] + (gradient[i] + decay * weight[i]);
        weight[i] -= rate * velocity[i];
    }
    (void)low; /* w itself: both types are the same */
    (void)context;
}

void NAME(ema)(struct ops_context *context, const struct ops_clock *clock, size_t count,
               void *target, const void *w, void *low)
{
    const REAL gamma = (REAL)knob(clock, OPS_KNOB_GAMMA);
    REAL *to = target;
    const REAL *from = w;
    for (size_t i = 0; i < count; i++)
        to[i] = gamma * to[i] + (1 - gamma) * from[i];
    (void)low;
    (void)context;
}

void NAME(xent)(struct ops_context *context, struct ops_tensor logits, const void *labels,
                struct ops_tensor dlogits, double *metrics)
{
    const size_t k = (size_t)logits.c;
    for (size_t n = 0; n < (size_t)logits.n; n++) {
        const REAL *row = (const REAL *)logits.data + n * k;
        const size_t label = (size_t)((const int32_t *)labels)[n];
        size_t best = 0;
        double sum = 0.0;
        for (size_t j = 1; j < k; j++)
            best = row[j] > row[best] ? j : best;
        for (size_t j = 0; j < k; j++)
            sum += exp((double)row[j] - (double)row[best]);
        for (size_t j = 0; dlogits.data && j < k; j++) {
            const double share = exp((double)row[j] - (double)row[best]) / sum;
            ((REAL *)dlogits.data)[n * k + j] =
                (REAL)((share - (j == label ? 1.0 : 0.0)) / (double)logits.n);
        }
        metrics[OPS_METRIC_XENT] += log(sum) + (double)row[best] - (double)row[label];
        metrics[OPS_METRIC_CORRECT] += best == label ? 1.0 : 0.0;
        metrics[OPS_METRIC_SAMPLES] += 1.0;
    }
    (void)context;
}

void NAME(adam)(struct ops_context *context, const struct ops_adam *adam, const void *step,
                size_t count, void *w, void *m, void *v, const void *g)
{
    const double t = (double)(*(const int64_t *)step + 1);
    const double size = adam->lr / (1.0 - pow(adam->beta1, t));
    const double root = sqrt(1.0 - pow(adam->beta2, t));
    REAL *weight = w;
    REAL *first = m;
    REAL *second = v;
    for (size_t i = 0; i < count; i++) {
        const double gradient = (double)((const REAL *)g)[i] + adam->decay * (double)weight[i];
        const double one = adam->beta1 * (double)first[i] + (1.0 - adam->beta1) * gradient;
        const double two =
            adam->beta2 * (double)second[i] + (1.0 - adam->beta2) * gradient * gradient;
        first[i] = (REAL)one;
        second[i] = (REAL)two;
        weight[i] = (REAL)((double)weight[i] - size * one / (sqrt(two) / root + adam->epsilon));
    }
    (void)context;
}
