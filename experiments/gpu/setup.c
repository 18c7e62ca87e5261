/* The objects that make up a run. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/setup.h"

#include <stdlib.h>
#include <string.h>

/* The commonly used means and deviations of CIFAR-10's channels. */
static const double cifar_mean[SSLDYN_AUGMENT_CHANNELS] = {0.4914, 0.4822, 0.4465, 0.0};
static const double cifar_deviation[SSLDYN_AUGMENT_CHANNELS] = {0.2023, 0.1994, 0.2010, 1.0};

enum { MIB = 1 << 20 };

static const struct ops *fast_cpu(void)
{
    const struct ops *onednn = ops_cpu_onednn();
    return onednn ? onednn : ops_cpu_float();
}

static enum ssldyn_status choose_backend(const struct options *options, struct setup *setup,
                                         struct ssldyn_error *err)
{
    if (options->device == OPTIONS_CUDA && options->precision == OPTIONS_DOUBLE)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--precision double: --device cuda computes in bf16 or float");
    if (options->device == OPTIONS_CPU && options->precision == OPTIONS_BF16)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--precision bf16: --device cpu computes in float or double");
    if (options->device == OPTIONS_CUDA)
        setup->ops = options->precision == OPTIONS_FLOAT ? ops_cuda_float() : ops_cuda();
    else
        setup->ops = options->precision == OPTIONS_DOUBLE ? ops_cpu() : fast_cpu();
    if (setup->ops == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--device cuda: this program was built without CUDA (nvcc or cuDNN "
                           "was not found); use --device cpu");
    return setup->ops->create(&setup->context, err);
}

static enum ssldyn_status make_recipe(const struct options *options, struct setup *setup,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &setup->data.size;
    double mean[SSLDYN_AUGMENT_CHANNELS] = {0.0};
    double deviation[SSLDYN_AUGMENT_CHANNELS] = {1.0, 1.0, 1.0, 1.0};
    enum ssldyn_status status = SSLDYN_OK;
    if (options->channels == OPTIONS_CHANNELS_MEASURED) {
        status = data_measure(&setup->data, mean, deviation, err);
    } else if (options->channels == OPTIONS_CHANNELS_CIFAR) {
        memcpy(mean, cifar_mean, sizeof mean);
        memcpy(deviation, cifar_deviation, sizeof deviation);
        if (size->channels != 3)
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "--channels cifar: requires color images, but these have %zu "
                                 "channels; use measured or none",
                                 size->channels);
    }
    if (status != SSLDYN_OK)
        return status;
    const bool normalizes = options->channels != OPTIONS_CHANNELS_NONE;
    augment_init(&setup->recipe, &options->augmentation, normalizes ? mean : NULL, deviation,
                 options->config.seed);
    return ssldyn_augment_check(&setup->recipe.augmentation, size, err);
}

/* ---- images of the probe */

/* Path of one of the two sets: the given one, or the one that belongs to --data. */
static enum ssldyn_status find_set(const char *given, const char *data,
                                   enum ssldyn_status (*look)(const char *, char **,
                                                              struct ssldyn_error *),
                                   char **path, struct ssldyn_error *err)
{
    *path = NULL;
    if (given == NULL)
        return look(data, path, err);
    *path = ssldyn_memory_copy(given);
    return *path != NULL ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

static enum ssldyn_status open_set(const struct options *options, const char *path,
                                   const char *labels, const char *option, size_t limit,
                                   const struct setup *setup, struct dataset *set,
                                   struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &setup->data.size;
    enum ssldyn_status status = data_open(path, (enum ssldyn_image_format)options->image_format,
                                          limit, (size_t)options->pool, set, err);
    if (status == SSLDYN_OK && memcmp(&set->size, size, sizeof *size) != 0)
        status = ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: holds images of %zu x %zu x %zu, but --data holds images of %zu x %zu x %zu", path,
            set->size.channels, set->size.height, set->size.width, size->channels, size->height,
            size->width);
    if (status == SSLDYN_OK)
        status = data_label(set, path, labels, option, err);
    return status;
}

static enum ssldyn_status open_sets(const struct options *options, struct setup *setup,
                                    struct ssldyn_error *err)
{
    char *train = NULL;
    char *test = NULL;
    enum ssldyn_status status =
        find_set(options->train, options->data, data_train_set, &train, err);
    if (status == SSLDYN_OK)
        status = find_set(options->test, options->data, data_test_set, &test, err);
    if (status == SSLDYN_OK && test == NULL)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "%s: no test set found next to it: give --test for the linear probe, or "
                        "--probe-every 0 to run none",
                        options->data);
    if (status == SSLDYN_OK)
        status = open_set(options, train != NULL ? train : options->data, options->train_labels,
                          "--train-labels", train != NULL ? 0 : (size_t)options->images, setup,
                          &setup->train, err);
    if (status == SSLDYN_OK)
        status = open_set(options, test, options->test_labels, "--test-labels", 0, setup,
                          &setup->test, err);
    free(train);
    free(test);
    return status;
}

static enum ssldyn_status make_probe(const struct options *options, struct setup *setup,
                                     struct ssldyn_error *err)
{
    const struct probe_settings settings = {
        .epochs = (int)options->probe_epochs,
        .batch = (int)options->probe_batch,
        .lr = options->probe_lr,
        .decay = options->probe_decay,
        .neighbors = (size_t)options->knn,
        .seed = options->config.seed,
        .resident = (size_t)options->resident * MIB,
    };
    return probe_create(setup->ops, setup->context, byol_online(setup->byol),
                        2 * setup->config.batch, &setup->train, &setup->test, &setup->recipe,
                        &settings, &setup->probe, err);
}

/* ---- all objects */

static enum ssldyn_status open_data(const struct options *options, struct setup *setup,
                                    struct ssldyn_error *err)
{
    enum ssldyn_status status =
        data_open(options->data, (enum ssldyn_image_format)options->image_format,
                  (size_t)options->images, (size_t)options->pool, &setup->data, err);
    const int64_t count = (int64_t)setup->data.count;
    if (status == SSLDYN_OK && !options->drop_last && count % options->batch == 1)
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--batch %lld: leaves one of %lld images for the last step, but "
                             "batch statistics require two; choose another size, or --drop-last",
                             (long long)options->batch, (long long)count);
    if (status == SSLDYN_OK && options->probe_every > 0)
        status = open_sets(options, setup, err);
    if (status == SSLDYN_OK)
        status = make_recipe(options, setup, err);
    return status;
}

enum ssldyn_status setup_open(const struct options *options, struct setup *setup,
                              struct ssldyn_error *err)
{
    *setup = (struct setup){0};
    enum ssldyn_status status = choose_backend(options, setup, err);
    if (status == SSLDYN_OK)
        status = open_data(options, setup, err);
    if (status == SSLDYN_OK)
        status =
            feed_open(setup->ops, setup->context, &setup->data, &setup->recipe, (int)options->batch,
                      options->drop_last, (size_t)options->resident * MIB, &setup->feed, err);
    if (status != SSLDYN_OK)
        return status;
    options_configure(options, &setup->data.size, setup->feed.steps, &setup->config);
    status = byol_create(setup->ops, setup->context, &setup->config, &setup->byol, err);
    if (status == SSLDYN_OK)
        status =
            observe_create(setup->ops, setup->context, setup->byol, &setup->config, &setup->data,
                           &setup->recipe, (size_t)options->observe_images, &setup->observe, err);
    if (status == SSLDYN_OK && options->probe_every > 0)
        status = make_probe(options, setup, err);
    return status;
}

void setup_close(struct setup *setup)
{
    probe_free(setup->probe);
    observe_free(setup->observe);
    byol_free(setup->byol);
    feed_close(&setup->feed);
    data_close(&setup->data);
    data_close(&setup->train);
    data_close(&setup->test);
    if (setup->context != NULL)
        setup->ops->destroy(setup->context);
    *setup = (struct setup){0};
}
