/* One training step, and what a run of steps needs. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/byol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameters that one call of the optimiser moves. */
struct segment {
    size_t first, count;
    struct ops_sgd sgd;
};

struct byol {
    const struct ops *ops;
    struct ops_context *context;
    struct byol_config config;
    struct net *online;
    struct net *target;  /* NULL: the online network is its own target */
    void *momentum;      /* STATE, as the online weights */
    double *correlation; /* output x output */
    double *metrics;     /* OPS_METRICS */
    struct ops_clock clock;
    void *knobs; /* host, STATE: the clock's table */
    struct segment *segments;
    size_t segment_count;
    int64_t steps;
};

static const double PI = 3.14159265358979323846;

void byol_defaults(struct byol_config *config)
{
    *config = (struct byol_config){
        .net = {.image = 32,
                .channels = 3,
                .stem = NET_STEM_CIFAR,
                .width = 64,
                .blocks = {2, 2, 2, 2},
                .projector_hidden = 512,
                .output = 128,
                .predictor = NET_PREDICTOR_LINEAR,
                .predictor_hidden = 512},
        .batch = 128,
        .seed = 1,
        .epochs = 100,
        .steps = 391,
        .lr = 0.03,
        .momentum = 0.9,
        .eta_s = 4e-4,
        .eta_p = 4e-4,
        .alpha_p = 1.0,
        .decay_all = true,
        .schedule = BYOL_CONSTANT,
        .loss = OPS_LOSS_COSINE,
        .ema = true,
        .gamma_a = 0.996,
        .stop_grad = true,
        .target = BYOL_TARGET_RANDOM,
        .rule = SSLDYN_PREDICTOR_GRADIENT,
        .set = {.parameters = {.set_power = 0.5,
                               .epsilon = 0.1,
                               .normalization = SSLDYN_NORMALIZE_LARGEST},
                .least = 1e-4},
        .rho = 0.3,
        .freq = 1,
    };
}

static bool within(double value, double low, double high)
{
    return value >= low && value <= high;
}

/* The first combination that has no meaning. */
static enum ssldyn_status check(const struct byol_config *config, struct ssldyn_error *err)
{
    const enum net_predictor predictor = config->net.predictor;
    const bool set = config->rule != SSLDYN_PREDICTOR_GRADIENT;
    if (config->batch < 2 || config->batch > 1 << 20 || config->epochs < 1 || config->steps < 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "batch %d, %lld epochs of %lld steps: a batch has 2 to 1048576 images, "
                           "the rest is positive",
                           config->batch, (long long)config->epochs, (long long)config->steps);
    if (!within(config->lr, 0.0, 1e6) || !within(config->momentum, 0.0, 1.0) ||
        !within(config->eta_s, 0.0, 1e6) || !within(config->eta_p, 0.0, 1e6) ||
        !within(config->alpha_p, 0.0, 1e6) || !within(config->warmup, 0.0, 1e6))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "learning rate, weight decays, alpha_p and warm-up must be at least 0, "
                           "momentum within 0 to 1");
    if (!within(config->gamma_a, 0.0, 1.0) || !within(config->rho, 0.0, 1.0) || config->freq < 1)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "gamma_a = %g, rho = %g, freq = %lld: allowed are 0 to 1, 0 to 1, and at "
            "least 1",
            config->gamma_a, config->rho, (long long)config->freq);
    if (config->rule == SSLDYN_PREDICTOR_OPTIMAL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "the optimal predictor is not for this program: gradient, directpred or "
                           "directset");
    if (set && predictor != NET_PREDICTOR_LINEAR)
        return ssldyn_fail(err, SSLDYN_EINPUT, "only a linear predictor can be set");
    if (config->symmetric && predictor == NET_PREDICTOR_NONE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "there is no predictor to be made symmetric");
    if (!config->stop_grad && config->ema)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "without stop-gradient the target is the online network: not with EMA");
    return SSLDYN_OK;
}

/* Runs of parameters with one learning rate and one decay. */
static enum ssldyn_status cut_segments(struct byol *byol, struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    const struct net_view *view = net_look(byol->online);
    byol->segments = calloc(view->parameter_count, sizeof(*byol->segments));
    if (!byol->segments)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct net_parameter *parameter = &view->parameters[i];
        const bool predictor = parameter->offset >= view->predictor_start;
        const bool decays = config->decay_all || parameter->dimensions > 1;
        const size_t end =
            i + 1 < view->parameter_count ? view->parameters[i + 1].offset : view->count;
        const struct segment now = {.first = parameter->offset,
                                    .count = end - parameter->offset,
                                    .sgd = {.lr_scale = predictor ? config->alpha_p : 1.0,
                                            .momentum = config->momentum,
                                            .decay = !decays     ? 0.0
                                                     : predictor ? config->eta_p
                                                                 : config->eta_s}};
        struct segment *last = byol->segments + byol->segment_count - (byol->segment_count > 0);
        if (byol->segment_count > 0 && last->sgd.lr_scale == now.sgd.lr_scale &&
            last->sgd.decay == now.sgd.decay)
            last->count += now.count;
        else
            byol->segments[byol->segment_count++] = now;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status start_target(struct byol *byol, struct ssldyn_error *err)
{
    const struct ops *ops = byol->ops;
    const struct net_view *online = net_look(byol->online);
    const struct net_view *target = net_look(byol->target);
    const size_t bytes = target->count * ops->size[OPS_STATE];
    const enum ssldyn_status status =
        net_reset(byol->target, byol->config.seed, SSLDYN_PURPOSE_INIT_WA, err);
    if (byol->config.target == BYOL_TARGET_COPY)
        ops->copy(byol->context, target->weights, online->weights, bytes);
    else if (byol->config.target == BYOL_TARGET_ZERO)
        ops->zero(byol->context, target->weights, bytes);
    net_refresh(byol->target);
    net_share_input(byol->target, byol->online);
    return status;
}

static enum ssldyn_status allocate(struct byol *byol, struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    const struct ops *ops = byol->ops;
    struct ops_context *context = byol->context;
    const size_t state = ops->size[OPS_STATE];
    const size_t knobs = (size_t)config->steps * OPS_KNOBS;
    const size_t output = (size_t)config->net.output;
    byol->momentum = ops->alloc(context, net_look(byol->online)->count * state);
    byol->correlation = ops->alloc(context, output * output * sizeof(double));
    byol->metrics = ops->alloc(context, OPS_METRICS * sizeof(double));
    byol->clock.cursor = ops->alloc(context, 2 * sizeof(int64_t));
    byol->clock.table = ops->alloc(context, knobs * state);
    byol->knobs = ssldyn_array_alloc(knobs, state);
    if (!byol->momentum || !byol->correlation || !byol->metrics || !byol->clock.cursor ||
        !byol->clock.table || !byol->knobs)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the optimiser");
    return config->rule == SSLDYN_PREDICTOR_GRADIENT
               ? SSLDYN_OK
               : ops->set_prepare(context, config->net.output, err);
}

static enum ssldyn_status build(struct byol *byol, struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    enum ssldyn_status status = check(config, err);
    if (status == SSLDYN_OK)
        status = net_create(byol->ops, byol->context, &config->net, 2 * config->batch, true,
                            &byol->online, err);
    if (status == SSLDYN_OK)
        status = net_reset(byol->online, config->seed, SSLDYN_PURPOSE_INIT_W, err);
    if (status == SSLDYN_OK && config->ema)
        status = net_create(byol->ops, byol->context, &config->net, 2 * config->batch, false,
                            &byol->target, err);
    if (status == SSLDYN_OK && config->ema)
        status = start_target(byol, err);
    if (status == SSLDYN_OK)
        status = allocate(byol, err);
    if (status == SSLDYN_OK)
        status = cut_segments(byol, err);
    return status;
}

enum ssldyn_status byol_create(const struct ops *ops, struct ops_context *context,
                               const struct byol_config *config, struct byol **out,
                               struct ssldyn_error *err)
{
    struct byol *byol = calloc(1, sizeof(*byol));
    *out = NULL;
    if (!byol)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    byol->ops = ops;
    byol->context = context;
    byol->config = *config;
    byol->config.set.parameters.rule = config->rule;
    const enum ssldyn_status status = build(byol, err);
    if (status != SSLDYN_OK) {
        byol_free(byol);
        return status;
    }
    *out = byol;
    byol_epoch(byol, 0, 0);
    return SSLDYN_OK;
}

void byol_free(struct byol *byol)
{
    if (!byol)
        return;
    net_free(byol->online);
    net_free(byol->target);
    free(byol->segments);
    free(byol->knobs);
    free(byol);
}

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

/* Weights of the predictor's layer `number`; NULL where there is no such layer. */
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

/* Weights from gradients, then what the rule makes of the predictor. */
static void move_weights(struct byol *byol, bool sets)
{
    const struct ops *ops = byol->ops;
    const struct net_view *view = net_look(byol->online);
    for (size_t i = 0; i < byol->segment_count; i++) {
        const struct segment *segment = &byol->segments[i];
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

/* Everything that a step does on the device. */
static void work(struct byol *byol, int n, byol_fill *fill, void *self, bool sets)
{
    const struct byol_config *config = &byol->config;
    const struct ops *ops = byol->ops;
    struct ops_tensor input = byol_input(byol);
    input.n = 2 * n;
    if (fill)
        fill(self, &byol->clock, n, input);
    net_forward(byol->online, 2 * n, NET_TRAIN);
    if (byol->target)
        net_forward(byol->target, 2 * n, NET_TRAIN);
    const struct net_view *view = net_look(byol->online);
    const struct ops_tensor z =
        byol->target ? net_look(byol->target)->projection : view->projection;
    struct ops_tensor dz = view->d_projection;
    if (config->stop_grad)
        dz.data = NULL;
    ops->loss(byol->context, config->loss, view->prediction, z, view->d_prediction, dz,
              byol->metrics);
    ops->correlate(byol->context, &byol->clock, view->projection, byol->correlation);
    if (sets)
        ops->set_begin(byol->context, &config->set, config->net.output, byol->correlation);
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
    const bool sets = config->rule != SSLDYN_PREDICTOR_GRADIENT && byol->steps % config->freq == 0;
    const int64_t key = 2 * (int64_t)n + (sets ? 1 : 0);
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
        return ssldyn_fail(err, SSLDYN_EDIVERGED, "the loss is not finite by step %lld",
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

/* The predictor's weights number `number` on the host, or NULL and err. */
static double *read_weight(struct byol *byol, int number, struct ssldyn_error *err)
{
    const struct net_parameter *parameter = predictor_weight(byol, number);
    double *values = ssldyn_array_alloc(parameter->count, sizeof(double));
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
            ssldyn_multiply(output, (size_t)byol->config.net.predictor_hidden, output, second,
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
