/* F and Wp of a network during training. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/observe.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

struct observe {
    const struct ops *ops;
    struct ops_context *context;
    struct byol *byol;
    struct dataset data; /* the first images; shares its files with the whole set */
    struct feed feed;
    struct ops_clock clock;
    double *F;     /* device, n2 x n2 */
    void *running; /* device: saved running statistics */
    double *rows;  /* inputs of the predictor for a batch, for their mean */
    size_t n2;
    bool looks; /* false: F is the running correlation of the training */
};

/* An epoch number for the views that training never uses. */
static const int64_t fixed_epoch = UINT32_MAX;

/* rho of step t is t/(t + 1): F becomes the plain mean over the steps. */
static enum ssldyn_status make_table(struct observe *observe, struct ssldyn_error *err)
{
    const struct ops *ops = observe->ops;
    const size_t count = (size_t)observe->feed.steps * OPS_KNOBS;
    double *knobs = ssldyn_memory_array(count, sizeof *knobs);
    if (knobs == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (int64_t t = 0; t < observe->feed.steps; t++)
        knobs[t * OPS_KNOBS + OPS_KNOB_RHO] = (double)t / ((double)t + 1.0);
    const enum ssldyn_status status =
        ops_upload_real(ops, observe->context, observe->clock.table, count, knobs, err);
    free(knobs);
    return status;
}

static enum ssldyn_status prepare(struct observe *observe, const struct byol_config *config,
                                  const struct augment_recipe *recipe, struct ssldyn_error *err)
{
    const struct ops *ops = observe->ops;
    const struct net_view *net = net_look(byol_online(observe->byol));
    const size_t state = ops->size[OPS_STATE];
    const int batch =
        observe->data.count < (size_t)config->batch ? (int)observe->data.count : config->batch;
    enum ssldyn_status status = feed_open(ops, observe->context, &observe->data, recipe, batch,
                                          true, 0, &observe->feed, err);
    if (status != SSLDYN_OK)
        return status;
    observe->clock.cursor = ops->alloc(observe->context, 2 * sizeof(int64_t));
    observe->clock.table =
        ops->alloc(observe->context, (size_t)observe->feed.steps * OPS_KNOBS * state);
    observe->F = ops->alloc(observe->context, observe->n2 * observe->n2 * sizeof(double));
    observe->running = ops->alloc(observe->context, net->running_count * state);
    if (observe->clock.cursor == NULL || observe->clock.table == NULL || observe->F == NULL ||
        observe->running == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory on the device for F");
    observe->rows = ssldyn_memory_array(2 * (size_t)batch * observe->n2, sizeof(double));
    if (observe->rows == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    status = make_table(observe, err);
    if (status == SSLDYN_OK)
        status = feed_epoch(&observe->feed, 0, fixed_epoch, false, err);
    return status;
}

enum ssldyn_status observe_create(const struct ops *ops, struct ops_context *context,
                                  struct byol *byol, const struct byol_config *config,
                                  const struct dataset *data, const struct augment_recipe *recipe,
                                  size_t images, struct observe **out, struct ssldyn_error *err)
{
    struct observe *observe = calloc(1, sizeof *observe);
    *out = NULL;
    if (observe == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    observe->ops = ops;
    observe->context = context;
    observe->byol = byol;
    observe->n2 = (size_t)config->net.output;
    observe->data = *data;
    observe->data.labels = NULL;
    observe->data.count = images < data->count ? images : data->count;
    observe->looks = images > 0;
    enum ssldyn_status status = SSLDYN_OK;
    if (observe->looks)
        status = prepare(observe, config, recipe, err);
    if (status != SSLDYN_OK) {
        observe_free(observe);
        return status;
    }
    *out = observe;
    return SSLDYN_OK;
}

void observe_free(struct observe *observe)
{
    if (observe == NULL)
        return;
    feed_close(&observe->feed);
    free(observe->rows);
    free(observe);
}

size_t observe_count(const struct observe *observe)
{
    return observe->looks ? (size_t)observe->feed.steps * (size_t)observe->feed.batch : 0;
}

/* Adds the predictor's inputs of a batch to the sums of mean and common, in double and on the host:
 * F has only the second moment of both views together, and this is a small part of the pass. The
 * first half of the rows is view 1. */
static enum ssldyn_status add_rows(struct observe *observe, struct ops_tensor projection,
                                   const struct observe_moments *moments, struct ssldyn_error *err)
{
    const int n2 = (int)observe->n2;
    const int n = projection.n / 2;
    const size_t count = (size_t)projection.n * observe->n2;
    const enum ssldyn_status status = ops_download_real(observe->ops, observe->context,
                                                        observe->rows, count, projection.data, err);
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++)
        moments->mean[i % observe->n2] += observe->rows[i];
    if (status == SSLDYN_OK)
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n2, n2, n, 1.0, observe->rows, n2,
                    observe->rows + (size_t)n * observe->n2, n2, 1.0, moments->common, n2);
    return status;
}

static enum ssldyn_status look(struct observe *observe, const struct observe_moments *moments,
                               struct ssldyn_error *err)
{
    const struct ops *ops = observe->ops;
    struct net *net = byol_online(observe->byol);
    const int n = observe->feed.batch;
    const int64_t cursor[2] = {0, fixed_epoch};
    struct ops_tensor input = byol_input(observe->byol);
    input.n = 2 * n;
    enum ssldyn_status status = net_prepare(net, 2 * n, NET_TRAIN, err);
    ops->upload(observe->context, observe->clock.cursor, cursor, sizeof cursor);
    memset(moments->mean, 0, observe->n2 * sizeof(double));
    memset(moments->common, 0, observe->n2 * observe->n2 * sizeof(double));
    for (int64_t t = 0; status == SSLDYN_OK && t < observe->feed.steps; t++) {
        status = feed_step(&observe->feed, t, err);
        if (status != SSLDYN_OK)
            break;
        feed_fill(&observe->feed, &observe->clock, n, input);
        net_forward(net, 2 * n, NET_TRAIN);
        ops->correlate(observe->context, &observe->clock, net_look(net)->projection, observe->F);
        ops->advance(observe->context, &observe->clock);
        status = add_rows(observe, net_look(net)->projection, moments, err);
    }
    for (size_t i = 0; i < observe->n2; i++)
        moments->mean[i] /= 2.0 * (double)observe_count(observe);
    for (size_t i = 0; i < observe->n2 * observe->n2; i++)
        moments->common[i] /= (double)observe_count(observe);
    return status;
}

enum ssldyn_status observe_matrices(struct observe *observe, double Wp[],
                                    const struct observe_moments *moments, struct ssldyn_error *err)
{
    const struct ops *ops = observe->ops;
    enum ssldyn_status status = byol_matrices(observe->byol, Wp, moments->F, err);
    if (status != SSLDYN_OK || !observe->looks)
        return status;
    const struct net_view *net = net_look(byol_online(observe->byol));
    const size_t bytes = net->running_count * ops->size[OPS_STATE];
    ops->copy(observe->context, observe->running, net->running, bytes);
    status = look(observe, moments, err);
    ops->copy(observe->context, net->running, observe->running, bytes);
    if (status == SSLDYN_OK)
        status = ops->download(observe->context, moments->F, observe->F,
                               observe->n2 * observe->n2 * sizeof(double), err);
    return status;
}
