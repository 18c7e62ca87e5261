/* Training operations of the CUDA backend: losses, the correlation of the predictor's input,
 * closed-form predictors, optimizers, views of images. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment.h"
#include "experiments/gpu/cuda.h"

#include <cuda_runtime.h>

static struct kernels_knob knob(const struct ops_clock *clock, enum ops_knob number)
{
    return (struct kernels_knob){clock->cursor, (const float *)clock->table + number, OPS_KNOBS};
}

void cuda_loss(struct ops_context *context, enum ops_loss kind, struct ops_tensor q,
               struct ops_tensor z, struct ops_tensor dq, struct ops_tensor dz, double *metrics)
{
    kernels_loss(context->stream, kind == OPS_LOSS_COSINE, q.n / 2, q.c, q.data, z.data, dq.data,
                 dz.data, metrics + OPS_METRIC_LOSS, metrics + OPS_METRIC_STEPS);
    cuda_launched(context, "loss");
}

void cuda_xent(struct ops_context *context, struct ops_tensor logits, const void *labels,
               struct ops_tensor dlogits, double *metrics)
{
    kernels_xent(context->stream, logits.n, logits.c, logits.data, labels, dlogits.data,
                 metrics + OPS_METRIC_XENT, metrics + OPS_METRIC_CORRECT,
                 metrics + OPS_METRIC_SAMPLES);
    cuda_launched(context, "xent");
}

void cuda_correlate(struct ops_context *context, const struct ops_clock *clock, struct ops_tensor f,
                    double *F)
{
    kernels_correlate(context->stream, knob(clock, OPS_KNOB_RHO), f.n, f.c, f.data, F);
    cuda_launched(context, "correlate");
}

enum { SET_ORDER_MOST = 256 };

enum ssldyn_status cuda_set_prepare(struct ops_context *context, int n, struct ssldyn_error *err)
{
    if (context->set_order >= n) {
        return SSLDYN_OK;
    }
    if (n > SET_ORDER_MOST) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--n2 %d: a closed-form predictor takes at most %d on --device cuda, "
                           "where one block computes its spectrum in every step",
                           n, SET_ORDER_MOST);
    }
    context->set_scratch = cuda_alloc(context, kernels_set_scratch(n) * sizeof(double));
    context->set_result = cuda_alloc(context, (size_t)n * (size_t)n * sizeof(float));
    if (!context->set_scratch || !context->set_result) {
        context->set_order = 0;
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory on %s for a predictor of order %d",
                           context->device_name, n);
    }
    context->set_order = n;
    return SSLDYN_OK;
}

/* Runs on the side stream, after everything that was put on the stream so far. */
void cuda_set_begin(struct ops_context *context, const struct ops_set *set, int n, const double *F)
{
    const struct ssldyn_parameters *parameters = &set->parameters;
    double shift = 0.0;
    const double power = ssldyn_rules_of(parameters)->power(parameters, &shift);
    const struct kernels_set of = {
        .power = power,
        .shift = shift,
        .epsilon = parameters->epsilon,
        .least = set->least,
        .normalize = parameters->normalization == SSLDYN_NORMALIZE_LARGEST,
    };
    cudaEventRecord(context->fork, context->stream);
    cudaStreamWaitEvent(context->side, context->fork, 0);
    kernels_set(context->side, &of, n, F, context->set_scratch, context->set_result);
    cudaEventRecord(context->join, context->side);
    cuda_launched(context, "set_begin");
}

void cuda_set_end(struct ops_context *context, int n, void *Wp)
{
    cudaStreamWaitEvent(context->stream, context->join, 0);
    cudaMemcpyAsync(Wp, context->set_result, (size_t)n * (size_t)n * sizeof(float),
                    cudaMemcpyDeviceToDevice, context->stream);
    cuda_launched(context, "set_end");
}

void cuda_symmetrize(struct ops_context *context, int rows, int columns, void *a, void *b)
{
    kernels_symmetrize(context->stream, rows, columns, a, b);
    cuda_launched(context, "symmetrize");
}

/* The bf16 copy to refresh, or NULL. */
static void *copy_of(const struct ops_context *context, const void *w, void *low)
{
    return context->exact || low == w ? NULL : low;
}

void cuda_sgd(struct ops_context *context, const struct ops_sgd *sgd, const struct ops_clock *clock,
              size_t count, void *w, void *v, const void *g, void *low)
{
    kernels_sgd(context->stream, knob(clock, OPS_KNOB_LR), (float)sgd->lr_scale,
                (float)sgd->momentum, (float)sgd->decay, count, w, v, g, copy_of(context, w, low));
    cuda_launched(context, "sgd");
}

void cuda_ema(struct ops_context *context, const struct ops_clock *clock, size_t count,
              void *target, const void *w, void *low)
{
    kernels_ema(context->stream, knob(clock, OPS_KNOB_GAMMA), count, target, w,
                copy_of(context, target, low));
    cuda_launched(context, "ema");
}

void cuda_advance(struct ops_context *context, const struct ops_clock *clock)
{
    kernels_advance(context->stream, clock->cursor);
    cuda_launched(context, "advance");
}

void cuda_adam(struct ops_context *context, const struct ops_adam *adam, const void *step,
               size_t count, void *w, void *m, void *v, const void *g)
{
    kernels_adam(context->stream, adam->lr, adam->beta1, adam->beta2, adam->epsilon, adam->decay,
                 step, count, w, m, v, g);
    cuda_launched(context, "adam");
}

void cuda_augment(struct ops_context *context, const struct augment_recipe *recipe,
                  const struct ops_source *source, const struct ops_clock *clock, int batch,
                  int view, struct ops_tensor out)
{
    const struct kernels_augment of = {.settings = recipe->augmentation,
                                       .seed = recipe->seed,
                                       .channels = source->channels,
                                       .height = source->height,
                                       .width = source->width,
                                       .out_channels = out.c};
    if (!kernels_augment(context->stream, &of, cuda_type(context, out.type), source->images,
                         source->order, source->slots, clock->cursor, batch, view, out.n,
                         out.data)) {
        cuda_fault(context, "augment",
                   "the images are too large for this card, or blur_kernel exceeds 65");
    }
    cuda_launched(context, "augment");
}
