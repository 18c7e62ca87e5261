/* The training step, its schedule, and the quantities read from a run. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/byol_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

struct net *byol_online(struct byol *byol)
{
    return byol->online;
}

struct net *byol_target(struct byol *byol)
{
    return byol->target;
}

double *byol_correlation(struct byol *byol)
{
    return byol->correlation;
}

struct ops_tensor byol_input(struct byol *byol)
{
    return net_look(byol->online)->input;
}

double byol_lr(const struct byol_config *config, int64_t step)
{
    const double warm = config->warmup * (double)config->steps;
    const double all = (double)config->epochs * (double)config->steps;
    const double done = (double)step;
    if (done < warm)
        return config->lr * fmin(1.0, (done + 1.0) / warm);
    if (config->schedule == BYOL_CONSTANT)
        return config->lr;
    if (done >= all)
        return 0.0;
    return 0.5 * config->lr * (1.0 + cos(PI * (done - warm) / (all - warm)));
}

void byol_epoch(struct byol *byol, int64_t epoch, int64_t first)
{
    const struct byol_config *config = &byol->config;
    const struct ops *ops = byol->ops;
    const int64_t cursor[2] = {first, epoch};
    for (int64_t i = 0; i < config->steps; i++) {
        const int64_t step = epoch * config->steps + i;
        const size_t row = (size_t)i * OPS_KNOBS;
        ops_put(ops, byol->knobs, row + OPS_KNOB_LR, byol_lr(config, step));
        ops_put(ops, byol->knobs, row + OPS_KNOB_GAMMA, config->gamma_a);
        ops_put(ops, byol->knobs, row + OPS_KNOB_RHO, step == 0 ? 0.0 : config->rho);
    }
    ops->upload(byol->context, byol->clock.table, byol->knobs,
                (size_t)config->steps * OPS_KNOBS * ops->size[OPS_STATE]);
    ops->upload(byol->context, byol->clock.cursor, cursor, sizeof(cursor));
}

/* Element `offset` of a block of STATE. */
static void *state(const struct byol *byol, void *block, size_t offset)
{
    return (char *)block + offset * byol->ops->size[OPS_STATE];
}

/* Weights of layer `number` of the predictor; NULL if there is no such layer. */
static const struct net_parameter *predictor_weight(const struct byol *byol, int number)
{
    const struct net_view *view = net_look(byol->online);
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct net_parameter *parameter = &view->parameters[i];
        if (parameter->offset >= view->predictor_start && parameter->dimensions == 2 &&
            number-- == 0)
            return parameter;
    }
    return NULL;
}

/* Updates the weights from the gradients, then applies the rule of the predictor. */
static void move_weights(struct byol *byol, bool sets)
{
    const struct ops *ops = byol->ops;
    const struct net_view *view = net_look(byol->online);
    for (size_t i = 0; i < byol->segment_count; i++) {
        const struct byol_segment *segment = &byol->segments[i];
        ops->sgd(byol->context, &segment->sgd, &byol->clock, segment->count,
                 state(byol, view->weights, segment->first),
                 state(byol, byol->momentum, segment->first),
                 state(byol, view->gradient, segment->first),
                 (char *)view->low + segment->first * ops->size[OPS_ACTIVATION]);
    }
    const struct net_parameter *first = predictor_weight(byol, 0);
    const struct net_parameter *second = predictor_weight(byol, 1);
    if (byol->config.symmetric)
        ops->symmetrize(byol->context, first->shape[0], first->shape[1],
                        state(byol, view->weights, first->offset),
                        state(byol, view->weights, (second ? second : first)->offset));
    if (sets)
        ops->set_end(byol->context, byol->config.net.output,
                     state(byol, view->weights, first->offset));
}

static void move_target(struct byol *byol)
{
    const struct net_view *online = net_look(byol->online);
    const struct net_view *target = net_look(byol->target);
    byol->ops->ema(byol->context, &byol->clock, target->count, target->weights, online->weights,
                   target->low);
    if (byol->config.ema_running)
        byol->ops->ema(byol->context, &byol->clock, target->running_count, target->running,
                       online->running, NULL);
}

/* All device work of one step. */
static void work(struct byol *byol, int n, byol_fill *fill, void *self, bool sets)
{
    const struct byol_config *config = &byol->config;
    const struct ops *ops = byol->ops;
    struct ops_tensor input = byol_input(byol);
    input.n = 2 * n;
    if (fill)
        fill(self, &byol->clock, n, input);
    net_forward(byol->online, 2 * n, NET_TRAIN);
    /* F needs only the online projection: a device computes it in parallel to the rest of the step */
    const struct net_view *view = net_look(byol->online);
    ops->correlate(byol->context, &byol->clock, view->projection, byol->correlation);
    if (sets)
        ops->set_begin(byol->context, &config->set, config->net.output, byol->correlation);
    if (byol->target)
        net_forward(byol->target, 2 * n, NET_TRAIN);
    const struct ops_tensor z =
        byol->target ? net_look(byol->target)->projection : view->projection;
    struct ops_tensor dz = view->d_projection;
    if (config->stop_grad)
        dz.data = NULL;
    ops->loss(byol->context, config->loss, view->prediction, z, view->d_prediction, dz,
              byol->metrics);
    net_backward(byol->online, 2 * n, !config->stop_grad);
    move_weights(byol, sets);
    if (byol->target)
        move_target(byol);
    ops->advance(byol->context, &byol->clock);
}

enum ssldyn_status byol_step(struct byol *byol, int n, byol_fill *fill, void *self,
                             struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    const bool sets =
        ssldyn_rules[config->rule]->kind != SSLDYN_RULE_TRAINED && byol->steps % config->freq == 0;
    const struct ops_key key = {byol->clock.cursor, 2 * (int64_t)n + (sets ? 1 : 0)};
    enum ssldyn_status status = net_prepare(byol->online, 2 * n, NET_TRAIN, err);
    if (status == SSLDYN_OK && byol->target)
        status = net_prepare(byol->target, 2 * n, NET_TRAIN, err);
    if (status != SSLDYN_OK)
        return status;
    if (!byol->ops->replay(byol->context, key)) {
        byol->ops->begin(byol->context, key);
        work(byol, n, fill, self, sets);
        byol->ops->end(byol->context);
    }
    byol->steps++;
    return SSLDYN_OK;
}

int64_t byol_steps(const struct byol *byol)
{
    return byol->steps;
}

void byol_set_steps(struct byol *byol, int64_t steps)
{
    byol->steps = steps;
}

enum ssldyn_status byol_metrics(struct byol *byol, double metrics[OPS_METRICS],
                                struct ssldyn_error *err)
{
    const size_t bytes = OPS_METRICS * sizeof(double);
    const enum ssldyn_status status =
        byol->ops->download(byol->context, metrics, byol->metrics, bytes, err);
    if (status != SSLDYN_OK)
        return status;
    byol->ops->zero(byol->context, byol->metrics, bytes);
    if (!isfinite(metrics[OPS_METRIC_LOSS]))
        return ssldyn_fail(err, SSLDYN_EDIVERGED, "the loss is not finite (detected at step %lld)",
                           (long long)byol->steps);
    return SSLDYN_OK;
}

bool byol_block(struct byol *byol, size_t i, struct byol_block *block)
{
    const struct net_view *online = net_look(byol->online);
    const struct net_view *target = byol->target ? net_look(byol->target) : NULL;
    const size_t state_size = byol->ops->size[OPS_STATE];
    const size_t output = (size_t)byol->config.net.output;
    const struct byol_block blocks[] = {
        {"online", online->weights, online->count * state_size},
        {"online running", online->running, online->running_count * state_size},
        {"momentum", byol->momentum, online->count * state_size},
        {"correlation", byol->correlation, output * output * sizeof(double)},
        {"metrics", byol->metrics, OPS_METRICS * sizeof(double)},
        {"target", target ? target->weights : NULL, target ? target->count * state_size : 0},
        {"target running", target ? target->running : NULL,
         target ? target->running_count * state_size : 0},
    };
    if (i >= sizeof(blocks) / sizeof(blocks[0]) || !blocks[i].data)
        return false;
    *block = blocks[i];
    return true;
}

void byol_refresh(struct byol *byol)
{
    net_refresh(byol->online);
    if (byol->target)
        net_refresh(byol->target);
}

/* The weights of predictor layer `number` on the host, or NULL and err. */
static double *read_weight(struct byol *byol, int number, struct ssldyn_error *err)
{
    const struct net_parameter *parameter = predictor_weight(byol, number);
    double *values = ssldyn_memory_array(parameter->count, sizeof(double));
    if (!values) {
        (void)ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        return NULL;
    }
    if (ops_download_real(byol->ops, byol->context, values, parameter->count,
                          state(byol, net_look(byol->online)->weights, parameter->offset),
                          err) != SSLDYN_OK) {
        free(values);
        return NULL;
    }
    return values;
}

enum ssldyn_status byol_matrices(struct byol *byol, double Wp[], double F[],
                                 struct ssldyn_error *err)
{
    const size_t output = (size_t)byol->config.net.output;
    const size_t square = output * output;
    const bool two = byol->config.net.predictor == NET_PREDICTOR_TWO_LAYER;
    struct ssldyn_error error = {.status = SSLDYN_OK};
    double *first = NULL;
    double *second = NULL;
    if (byol->config.net.predictor != NET_PREDICTOR_NONE)
        first = read_weight(byol, 0, &error);
    if (two && error.status == SSLDYN_OK)
        second = read_weight(byol, 1, &error);
    if (error.status == SSLDYN_OK) {
        memset(Wp, 0, square * sizeof(double));
        if (second)
            ssldyn_dense_multiply(output, (size_t)byol->config.net.predictor_hidden, output, second,
                                  first, Wp);
        else if (first)
            memcpy(Wp, first, square * sizeof(double));
        for (size_t i = 0; !first && i < output; i++)
            Wp[i * output + i] = 1.0;
        (void)byol->ops->download(byol->context, F, byol->correlation, square * sizeof(double),
                                  &error);
    }
    free(first);
    free(second);
    if (error.status != SSLDYN_OK && err)
        *err = error;
    return error.status;
}
