/* The linear probe. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/probe.h"

#include "experiments/gpu/knn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One of the two sets: its images, its features on host and device. */
struct half {
    struct dataset *data;
    struct feed feed;
    void *host;     /* STATE, count x width: scaled features */
    void *features; /* device, likewise */
    void *labels;   /* device, int32_t */
    float *unit;    /* features of length 1, for their neighbors; NULL: not requested */
};

struct probe {
    const struct ops *ops;
    struct ops_context *context;
    struct net *net;
    struct probe_settings settings;
    size_t width;
    int classes;
    struct half train, test;
    struct ops_clock clock; /* of a pass over the images */
    struct ops_clock steps; /* of the Adam steps */
    size_t parameters;      /* classes x width weights, then biases */
    void *w, *m, *v, *g;    /* device, STATE */
    void *logits, *slope;   /* device, STATE, batch x classes */
    double *metrics;        /* device */
    double *mean, *deviation;
    double *values; /* host: features, or initial values */
    void *shuffled; /* host, STATE: the training set in the order of an epoch */
    int32_t *order, *shuffled_labels;
};

static size_t state_bytes(const struct probe *probe, size_t count)
{
    return count * probe->ops->size[OPS_STATE];
}

static void *at(const struct probe *probe, void *block, size_t element)
{
    return (char *)block + state_bytes(probe, element);
}

/* ---- memory */

static enum ssldyn_status open_half(struct probe *probe, struct dataset *data, int capacity,
                                    const struct augment_recipe *recipe, struct half *half,
                                    struct ssldyn_error *err)
{
    const struct ops *ops = probe->ops;
    const size_t numbers = data->count * probe->width;
    half->data = data;
    enum ssldyn_status status = feed_open(ops, probe->context, data, recipe, capacity, false,
                                          probe->settings.resident, &half->feed, err);
    if (status != SSLDYN_OK)
        return status;
    half->host = ssldyn_memory_array(numbers, ops->size[OPS_STATE]);
    half->features = ops->alloc(probe->context, state_bytes(probe, numbers));
    half->labels = ops->alloc(probe->context, data->count * sizeof(int32_t));
    if (probe->settings.neighbors > 0)
        half->unit = ssldyn_memory_array(numbers, sizeof *half->unit);
    if (half->host == NULL || half->features == NULL || half->labels == NULL ||
        (probe->settings.neighbors > 0 && half->unit == NULL))
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the features of %zu images",
                           data->count);
    ops->upload(probe->context, half->labels, data->labels, data->count * sizeof(int32_t));
    return feed_epoch(&half->feed, 0, 0, false, err);
}

static enum ssldyn_status allocate(struct probe *probe, struct ssldyn_error *err)
{
    const struct ops *ops = probe->ops;
    const size_t train = probe->train.data->count;
    const size_t most = train > probe->test.data->count ? train : probe->test.data->count;
    const size_t bytes = state_bytes(probe, probe->parameters);
    /* The test set is evaluated in one batch. */
    const size_t rows = (size_t)probe->settings.batch > probe->test.data->count
                            ? (size_t)probe->settings.batch
                            : probe->test.data->count;
    void **const blocks[] = {&probe->w, &probe->m, &probe->v, &probe->g};
    bool fine = true;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        *blocks[i] = ops->alloc(probe->context, bytes);
        fine = fine && *blocks[i] != NULL;
    }
    probe->logits = ops->alloc(probe->context, state_bytes(probe, rows * (size_t)probe->classes));
    probe->slope = ops->alloc(probe->context, state_bytes(probe, rows * (size_t)probe->classes));
    probe->metrics = ops->alloc(probe->context, OPS_METRICS * sizeof(double));
    probe->clock.cursor = ops->alloc(probe->context, 2 * sizeof(int64_t));
    probe->steps.cursor = ops->alloc(probe->context, 2 * sizeof(int64_t));
    probe->mean = ssldyn_memory_array(probe->width, sizeof(double));
    probe->deviation = ssldyn_memory_array(probe->width, sizeof(double));
    probe->values = ssldyn_memory_array(most * probe->width + probe->parameters, sizeof(double));
    probe->shuffled = ssldyn_memory_array(train * probe->width, ops->size[OPS_STATE]);
    probe->order = ssldyn_memory_array(train, sizeof(int32_t));
    probe->shuffled_labels = ssldyn_memory_array(train, sizeof(int32_t));
    fine = fine && probe->logits != NULL && probe->slope != NULL && probe->metrics != NULL &&
           probe->clock.cursor != NULL && probe->steps.cursor != NULL && probe->mean != NULL &&
           probe->deviation != NULL && probe->values != NULL && probe->shuffled != NULL &&
           probe->order != NULL && probe->shuffled_labels != NULL;
    return fine ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the linear probe");
}

enum ssldyn_status probe_create(const struct ops *ops, struct ops_context *context, struct net *net,
                                int capacity, struct dataset *train, struct dataset *test,
                                const struct augment_recipe *recipe,
                                const struct probe_settings *settings, struct probe **out,
                                struct ssldyn_error *err)
{
    struct probe *probe = calloc(1, sizeof *probe);
    *out = NULL;
    if (probe == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    probe->ops = ops;
    probe->context = context;
    probe->net = net;
    probe->settings = *settings;
    probe->width = net_look(net)->feature_width;
    probe->classes = train->classes > test->classes ? train->classes : test->classes;
    probe->parameters = (size_t)probe->classes * (probe->width + 1);
    enum ssldyn_status status = open_half(probe, train, capacity, recipe, &probe->train, err);
    if (status == SSLDYN_OK)
        status = open_half(probe, test, capacity, recipe, &probe->test, err);
    if (status == SSLDYN_OK)
        status = allocate(probe, err);
    if (status != SSLDYN_OK) {
        probe_free(probe);
        return status;
    }
    *out = probe;
    return SSLDYN_OK;
}

void probe_free(struct probe *probe)
{
    if (probe == NULL)
        return;
    feed_close(&probe->train.feed);
    feed_close(&probe->test.feed);
    free(probe->train.unit);
    free(probe->test.unit);
    free(probe->train.host);
    free(probe->test.host);
    free(probe->mean);
    free(probe->deviation);
    free(probe->values);
    free(probe->shuffled);
    free(probe->order);
    free(probe->shuffled_labels);
    free(probe);
}

/* ---- features */

/* Computes features of the images, on the device. */
static enum ssldyn_status encode(struct probe *probe, struct half *half, struct ssldyn_error *err)
{
    const struct ops *ops = probe->ops;
    const int64_t cursor[2] = {0, 0};
    struct ops_tensor input = net_look(probe->net)->input;
    enum ssldyn_status status = SSLDYN_OK;
    ops->upload(probe->context, probe->clock.cursor, cursor, sizeof cursor);
    for (int64_t t = 0; status == SSLDYN_OK && t < half->feed.steps; t++) {
        const int n = feed_size(&half->feed, t);
        const size_t row = (size_t)(t * half->feed.batch);
        status = net_prepare(probe->net, n, NET_EVAL, err);
        if (status == SSLDYN_OK)
            status = feed_step(&half->feed, t, err);
        if (status != SSLDYN_OK)
            break;
        feed_fill_plain(&half->feed, &probe->clock, n, input);
        net_encode(probe->net, n, NET_EVAL);
        ops->copy(probe->context, at(probe, half->features, row * probe->width),
                  net_look(probe->net)->features.data,
                  state_bytes(probe, (size_t)n * probe->width));
        ops->advance(probe->context, &probe->clock);
        if (ssldyn_signal_pending())
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped during the linear probe");
    }
    return status;
}

/* Mean and deviation of each feature; a constant feature is left unchanged. */
static void measure(struct probe *probe, size_t count)
{
    const size_t width = probe->width;
    memset(probe->mean, 0, width * sizeof(double));
    memset(probe->deviation, 0, width * sizeof(double));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < width; j++)
            probe->mean[j] += probe->values[i * width + j] / (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < width; j++) {
            const double away = probe->values[i * width + j] - probe->mean[j];
            probe->deviation[j] += away * away / (double)count;
        }
    for (size_t j = 0; j < width; j++) {
        const double spread = sqrt(probe->deviation[j]);
        probe->deviation[j] = spread > 10.0 * 2.3e-16 * fabs(probe->mean[j]) ? spread : 1.0;
    }
}

/* The unscaled features of each image, divided by their norm; a zero vector stays zero. */
static void normalize(const struct probe *probe, struct half *half)
{
    for (size_t i = 0; half->unit != NULL && i < half->data->count; i++) {
        const double *row = probe->values + i * probe->width;
        const double length = ssldyn_dense_norm(probe->width, row);
        for (size_t j = 0; j < probe->width; j++)
            half->unit[i * probe->width + j] = (float)(length > 0.0 ? row[j] / length : 0.0);
    }
}

/* Computes the features, scaled by mean and deviation of the training set; measures these if `fits`
 * is set. */
static enum ssldyn_status scale(struct probe *probe, struct half *half, bool fits,
                                struct ssldyn_error *err)
{
    const size_t numbers = half->data->count * probe->width;
    const enum ssldyn_status status =
        ops_download_real(probe->ops, probe->context, probe->values, numbers, half->features, err);
    if (status != SSLDYN_OK)
        return status;
    normalize(probe, half);
    if (fits)
        measure(probe, half->data->count);
    for (size_t i = 0; i < half->data->count; i++)
        for (size_t j = 0; j < probe->width; j++) {
            const size_t place = i * probe->width + j;
            ops_put(probe->ops, half->host, place,
                    (probe->values[place] - probe->mean[j]) / probe->deviation[j]);
        }
    probe->ops->upload(probe->context, half->features, half->host, state_bytes(probe, numbers));
    return SSLDYN_OK;
}

/* ---- regression */

/* Weights and biases uniform within 1/sqrt(width), moments of Adam zero. */
static enum ssldyn_status start(struct probe *probe, struct ssldyn_error *err)
{
    const double reach = 1.0 / sqrt((double)probe->width);
    const size_t bytes = state_bytes(probe, probe->parameters);
    const int64_t cursor[2] = {0, 0};
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, probe->settings.seed, UINT32_MAX, SSLDYN_PURPOSE_INIT_W);
    ssldyn_stream_uniform(&stream, probe->parameters, probe->values);
    for (size_t i = 0; i < probe->parameters; i++)
        probe->values[i] = reach * (2.0 * probe->values[i] - 1.0);
    probe->ops->zero(probe->context, probe->m, bytes);
    probe->ops->zero(probe->context, probe->v, bytes);
    probe->ops->upload(probe->context, probe->steps.cursor, cursor, sizeof cursor);
    return ops_upload_real(probe->ops, probe->context, probe->w, probe->parameters, probe->values,
                           err);
}

/* Uploads the training set in the order of an epoch. */
static void shuffle(struct probe *probe, int epoch)
{
    struct half *train = &probe->train;
    const size_t row = state_bytes(probe, probe->width);
    feed_permutation(probe->settings.seed, UINT32_C(1) << 31 | (uint32_t)epoch, train->data->count,
                     probe->values, probe->order);
    for (size_t i = 0; i < train->data->count; i++) {
        const size_t from = (size_t)probe->order[i];
        memcpy((char *)probe->shuffled + i * row, (char *)train->host + from * row, row);
        probe->shuffled_labels[i] = train->data->labels[from];
    }
    probe->ops->upload(probe->context, train->features, probe->shuffled, train->data->count * row);
    probe->ops->upload(probe->context, train->labels, probe->shuffled_labels,
                       train->data->count * sizeof(int32_t));
}

static struct ops_tensor matrix(void *data, size_t rows, size_t columns)
{
    return (struct ops_tensor){data, OPS_STATE, (int)rows, 1, 1, (int)columns};
}

static void train_epoch(struct probe *probe)
{
    const struct ops *ops = probe->ops;
    const struct ops_adam adam = {probe->settings.lr, 0.9, 0.999, 1e-8, probe->settings.decay};
    const size_t weights = (size_t)probe->classes * probe->width;
    const size_t batch = (size_t)probe->settings.batch;
    const struct ops_tensor none = {0};
    for (size_t first = 0; first < probe->train.data->count; first += batch) {
        const size_t left = probe->train.data->count - first;
        const size_t n = left < batch ? left : batch;
        const struct ops_tensor x =
            matrix(at(probe, probe->train.features, first * probe->width), n, probe->width);
        const struct ops_tensor y = matrix(probe->logits, n, (size_t)probe->classes);
        const struct ops_tensor dy = matrix(probe->slope, n, (size_t)probe->classes);
        ops->linear_fwd(probe->context, x, probe->w, at(probe, probe->w, weights), y);
        ops->xent(probe->context, y, (int32_t *)probe->train.labels + first, dy, probe->metrics);
        ops->linear_bwd(probe->context, x, probe->w, dy, none, probe->g,
                        at(probe, probe->g, weights));
        ops->adam(probe->context, &adam, probe->steps.cursor, probe->parameters, probe->w, probe->m,
                  probe->v, probe->g);
        ops->advance(probe->context, &probe->steps);
    }
}

static void test_all(struct probe *probe)
{
    const size_t count = probe->test.data->count;
    const size_t weights = (size_t)probe->classes * probe->width;
    const struct ops_tensor none = {0};
    const struct ops_tensor y = matrix(probe->logits, count, (size_t)probe->classes);
    probe->ops->linear_fwd(probe->context, matrix(probe->test.features, count, probe->width),
                           probe->w, at(probe, probe->w, weights), y);
    probe->ops->xent(probe->context, y, probe->test.labels, none, probe->metrics);
}

/* Percentage of correct answers since the metrics were last set to zero; sets them to zero. */
static enum ssldyn_status read_accuracy(struct probe *probe, double *percent,
                                        struct ssldyn_error *err)
{
    double metrics[OPS_METRICS];
    const enum ssldyn_status status =
        probe->ops->download(probe->context, metrics, probe->metrics, sizeof metrics, err);
    probe->ops->zero(probe->context, probe->metrics, sizeof metrics);
    *percent = 100.0 * metrics[OPS_METRIC_CORRECT] / metrics[OPS_METRIC_SAMPLES];
    return status;
}

static enum ssldyn_status regress(struct probe *probe, struct probe_result *result,
                                  struct ssldyn_error *err)
{
    enum ssldyn_status status = start(probe, err);
    for (int epoch = 0; status == SSLDYN_OK && epoch < probe->settings.epochs; epoch++) {
        shuffle(probe, epoch);
        train_epoch(probe);
        status = read_accuracy(probe, &result->train, err);
        if (status != SSLDYN_OK)
            break;
        test_all(probe);
        status = read_accuracy(probe, &result->last, err);
        if (status == SSLDYN_OK && (epoch == 0 || result->last > result->best)) {
            result->best = result->last;
            result->best_epoch = epoch + 1;
        }
        if (status == SSLDYN_OK && ssldyn_signal_pending())
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped during the linear probe");
    }
    return status;
}

static enum ssldyn_status vote(const struct probe *probe, double *percent, struct ssldyn_error *err)
{
    const struct half *halves[2] = {&probe->train, &probe->test};
    struct knn_set sets[2];
    for (int i = 0; i < 2; i++)
        sets[i] =
            (struct knn_set){halves[i]->unit, halves[i]->data->labels, halves[i]->data->count};
    return knn_accuracy(&sets[0], &sets[1], probe->width, (size_t)probe->classes,
                        probe->settings.neighbors, percent, err);
}

enum ssldyn_status probe_features(struct probe *probe, const char *path, struct ssldyn_error *err)
{
    const size_t shape[2] = {probe->test.data->count, probe->width};
    enum ssldyn_status status = encode(probe, &probe->test, err);
    if (status == SSLDYN_OK)
        status = ops_download_real(probe->ops, probe->context, probe->values, shape[0] * shape[1],
                                   probe->test.features, err);
    return status == SSLDYN_OK ? ssldyn_npy_write(path, 2, shape, probe->values, err) : status;
}

enum ssldyn_status probe_run(struct probe *probe, struct probe_result *result,
                             struct ssldyn_error *err)
{
    *result = (struct probe_result){.knn = (double)NAN};
    probe->ops->zero(probe->context, probe->metrics, OPS_METRICS * sizeof(double));
    enum ssldyn_status status = encode(probe, &probe->train, err);
    if (status == SSLDYN_OK)
        status = encode(probe, &probe->test, err);
    if (status == SSLDYN_OK)
        status = scale(probe, &probe->train, true, err);
    if (status == SSLDYN_OK)
        status = scale(probe, &probe->test, false, err);
    if (status == SSLDYN_OK && probe->settings.neighbors > 0)
        status = vote(probe, &result->knn, err);
    if (status == SSLDYN_OK)
        status = regress(probe, result, err);
    return status;
}
