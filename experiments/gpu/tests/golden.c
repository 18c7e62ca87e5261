/* Ten steps with every rule compared with PyTorch's in double (golden.tsv, written by golden.py).
 * The two differ only by rounding, about 1e-13 after ten steps; 1e-10 is allowed: relative to a
 * norm, and for a dot product to the product of the norms. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/tests/small.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

static const double ALLOWED = 1e-10;

struct golden {
    char name[32];
    int step;
    char quantity[32];
    double value;
    bool used;
};
enum { MOST = 1000 };

struct session {
    struct golden golden[MOST];
    int count;
    const struct ops *ops;
    struct ops_context *context;
    const char *name; /* of the case */
    double worst;     /* error over the allowed error, of the case */
    int compared;
};

static void read_golden(struct session *session, const char *path)
{
    char line[200];
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("Bail out! %s cannot be read\n", path);
        exit(1);
    }
    while (fgets(line, sizeof(line), file) && session->count < MOST) {
        struct golden *g = &session->golden[session->count];
        if (line[0] != '#' && sscanf(line, "%31[^\t]\t%d\t%31[^\t]\t%lf", g->name, &g->step,
                                     g->quantity, &g->value) == 4)
            session->count++;
    }
    fclose(file);
}

/* `scale` is the value that the error is relative to. */
static void compare(struct session *session, int step, const char *quantity, double got,
                    double scale)
{
    for (int i = 0; i < session->count; i++) {
        struct golden *g = &session->golden[i];
        if (g->step != step || strcmp(g->name, session->name) != 0 ||
            strcmp(g->quantity, quantity) != 0)
            continue;
        const double error = fabs(got - g->value) / (ALLOWED * scale);
        if (!(error <= 1.0))
            printf("# %s, step %d, %s: %.17g, PyTorch %.17g\n", session->name, step, quantity, got,
                   g->value);
        session->worst = error <= session->worst ? session->worst : error;
        session->compared++;
        g->used = true;
        return;
    }
    printf("# %s, step %d, %s: missing in golden.tsv\n", session->name, step, quantity);
    session->worst = (double)INFINITY;
}

static uint64_t tag_of(const char *name)
{
    uint64_t tag = 17;
    for (; *name; name++)
        tag = (tag * 31 + (uint64_t)(unsigned char)*name) & 0xffffffffU;
    return tag;
}

/* Sums over one range of a block, with the formula's vector of that name. */
struct sums {
    double square, product, count;
};
static void add_piece(struct sums *sums, const char *name, size_t count, const double values[])
{
    const uint64_t tag = tag_of(name);
    for (size_t i = 0; i < count; i++) {
        sums->square += values[i] * values[i];
        sums->product += values[i] * tap_number(tag, i);
    }
    sums->count += (double)count;
}
static void compare_sums(struct session *session, const char *block, const struct sums *sums)
{
    char quantity[64];
    const double norm = sqrt(sums->square);
    snprintf(quantity, sizeof(quantity), "%s norm", block);
    compare(session, 10, quantity, norm, norm);
    snprintf(quantity, sizeof(quantity), "%s dot", block);
    compare(session, 10, quantity, sums->product, norm * sqrt(sums->count / 3.0));
}
static void compare_parameters(struct session *session, const char *block,
                               const struct net_view *view, const double values[])
{
    struct sums sums = {0};
    for (size_t i = 0; i < view->parameter_count; i++)
        add_piece(&sums, view->parameters[i].name, view->parameters[i].count,
                  values + view->parameters[i].offset);
    compare_sums(session, block, &sums);
}
static void compare_plain(struct session *session, const char *block, const char *name,
                          size_t count, const double values[])
{
    struct sums sums = {0};
    add_piece(&sums, name, count, values);
    compare_sums(session, block, &sums);
}

/* The initial values of the formula. */
static void start(const struct net_view *view, uint64_t offset)
{
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct net_parameter *p = &view->parameters[i];
        const bool scale = strcmp(p->name + strlen(p->name) - 6, "weight") == 0;
        double *w = (double *)view->weights + p->offset;
        tap_fill(tag_of(p->name) + offset, p->count, w);
        for (size_t j = 0; j < p->count; j++) {
            if (p->dimensions == 4)
                w[j] *= sqrt(6.0 / (p->shape[0] * p->shape[1] * p->shape[2]));
            else if (p->dimensions == 2)
                w[j] /= sqrt((double)p->shape[1]);
            else
                w[j] = scale ? 1.0 + 0.3 * w[j] : 0.1 * w[j];
        }
    }
}

static void start_both(struct byol *byol, enum byol_target target)
{
    const struct net_view *online = net_look(byol_online(byol));
    start(online, 0);
    if (byol_target(byol)) {
        const struct net_view *view = net_look(byol_target(byol));
        start(view, 99);
        if (target == BYOL_TARGET_COPY)
            memcpy(view->weights, online->weights, view->count * sizeof(double));
        if (target == BYOL_TARGET_ZERO)
            memset(view->weights, 0, view->count * sizeof(double));
    }
    byol_refresh(byol);
}

static const double *block_named(struct byol *byol, const char *name)
{
    struct byol_block block;
    for (size_t i = 0; byol_block(byol, i, &block); i++) {
        if (strcmp(block.name, name) == 0)
            return block.data;
    }
    return NULL;
}

static void compare_end(struct session *session, struct byol *byol,
                        const struct byol_config *config)
{
    const struct net_view *online = net_look(byol_online(byol));
    const size_t output = (size_t)config->net.output;
    compare_parameters(session, "online", online, online->weights);
    compare_parameters(session, "momentum", online, block_named(byol, "momentum"));
    compare_plain(session, "online running", "running", online->running_count, online->running);
    compare_plain(session, "correlation", "F", output * output, byol_correlation(byol));
    if (byol_target(byol)) {
        const struct net_view *target = net_look(byol_target(byol));
        compare_parameters(session, "target", target, target->weights);
        compare_plain(session, "target running", "running", target->running_count, target->running);
    }
    struct ssldyn_error err;
    const int n = 2 * config->batch;
    const struct ops_tensor input = byol_input(byol);
    tap_fill(9999, (size_t)(n * input.h * input.w * input.c), input.data);
    tap_need(net_prepare(byol_online(byol), n, NET_EVAL, &err), &err);
    net_encode(byol_online(byol), n, NET_EVAL);
    compare_plain(session, "features", "features", (size_t)n * online->feature_width,
                  online->features.data);
}

static void check_case(struct tap *tap, struct session *session, const char *name,
                       const struct byol_config *config, int last)
{
    struct byol *byol;
    struct ssldyn_error err;
    session->name = name;
    session->worst = 0.0;
    session->compared = 0;
    tap_need(byol_create(session->ops, session->context, config, &byol, &err), &err);
    start_both(byol, config->target);
    for (int64_t epoch = 0; epoch < config->epochs; epoch++) {
        byol_epoch(byol, epoch, 0);
        for (int64_t i = 0; i < config->steps; i++) {
            const int n = i == config->steps - 1 ? last : config->batch;
            const int64_t step = byol_steps(byol);
            const struct ops_tensor input = byol_input(byol);
            double metrics[OPS_METRICS];
            tap_fill(5000 + (uint64_t)step, (size_t)(2 * n * input.h * input.w * input.c),
                     input.data);
            tap_need(byol_step(byol, n, NULL, NULL, &err), &err);
            tap_need(byol_metrics(byol, metrics, &err), &err);
            compare(session, (int)step + 1, "loss", metrics[OPS_METRIC_LOSS], 1.0);
        }
    }
    compare_end(session, byol, config);
    tap_ok(tap, session->worst <= 1.0 && session->compared > 0,
           "%s: %d numbers, worst error %.2g, allowed %.2g", name, session->compared,
           ALLOWED * session->worst, ALLOWED);
    byol_free(byol);
}

static struct byol_config base(void)
{
    struct byol_config config = small_config();
    config.steps = 5;
    config.eta_s = 4e-3;
    config.eta_p = 4e-3;
    config.net.predictor_hidden = 10;
    return config;
}

static void check_rules(struct tap *tap, struct session *session)
{
    struct byol_config config = base();
    check_case(tap, session, "gradient", &config, 6);
    config.symmetric = true;
    check_case(tap, session, "symmetric", &config, 6);

    config = base();
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    config.set.parameters.epsilon = 0.01;
    check_case(tap, session, "directpred", &config, 6);
    config.set.parameters.epsilon = 0.1;
    config.freq = 5;
    check_case(tap, session, "directpred5", &config, 6);
    config.freq = 1;
    config.set.parameters.normalization = SSLDYN_NORMALIZE_NONE;
    config.set.least = 0.0;
    check_case(tap, session, "directpred_paper", &config, 6);
    config.rule = SSLDYN_PREDICTOR_DIRECTSET;
    config.set.parameters.set_power = 0.8;
    config.freq = 2;
    config.rho = 0.6;
    check_case(tap, session, "directset", &config, 6);

    config = base();
    config.net.predictor = NET_PREDICTOR_TWO_LAYER;
    config.net.predictor_bias = true;
    check_case(tap, session, "two_layer", &config, 6);
    config.net.predictor_bias = false;
    config.net.affine = true;
    config.symmetric = true;
    check_case(tap, session, "two_layer_symmetric", &config, 6);
}

static void check_methods(struct tap *tap, struct session *session)
{
    struct byol_config config = base();
    config.ema = false;
    check_case(tap, session, "simsiam", &config, 6);
    config.stop_grad = false;
    config.net.predictor_bias = true;
    check_case(tap, session, "no_stop_grad", &config, 6);

    config = base();
    config.net.predictor = NET_PREDICTOR_NONE;
    config.target = BYOL_TARGET_COPY;
    check_case(tap, session, "no_predictor", &config, 6);

    config = base();
    config.loss = OPS_LOSS_L2;
    config.lr = 0.01;
    check_case(tap, session, "l2", &config, 6);

    config = base();
    config.schedule = BYOL_COSINE;
    config.warmup = 0.6;
    config.alpha_p = 4.0;
    config.eta_p = 2e-2;
    config.eta_s = 1e-3;
    config.decay_all = false;
    check_case(tap, session, "schedules", &config, 6);

    config = base();
    config.net.joint_bn = true;
    config.net.predictor = NET_PREDICTOR_TWO_LAYER;
    check_case(tap, session, "joint_bn", &config, 6);

    config = base();
    config.target = BYOL_TARGET_ZERO;
    config.ema_running = true;
    check_case(tap, session, "target_zero", &config, 6);

    config = base();
    config.net.image = 16;
    config.net.width = 3;
    memcpy(config.net.blocks, (int[NET_STAGES]){2, 2, 2, 2}, sizeof(config.net.blocks));
    config.batch = 4;
    config.lr = 0.02;
    check_case(tap, session, "resnet18", &config, 4);

    config = base();
    config.net.stem = NET_STEM_LARGE;
    config.net.image = 20;
    config.net.blocks[1] = 2;
    config.batch = 4;
    check_case(tap, session, "large", &config, 3);
}

int main(void)
{
    static struct session session;
    struct tap tap = {0, 0};
    struct ssldyn_error err;
    int unused = 0;
    read_golden(&session, "tests/golden.tsv");
    session.ops = ops_cpu();
    tap_need(session.ops->create(&session.context, &err), &err);
    check_rules(&tap, &session);
    check_methods(&tap, &session);
    for (int i = 0; i < session.count; i++)
        unused += !session.golden[i].used;
    tap_ok(&tap, unused == 0, "every number of golden.tsv was compared (%d were not)", unused);
    session.ops->destroy(session.context);
    return tap_done(&tap);
}
