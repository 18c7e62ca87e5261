/* The options of byol: a table for the option parser of ssldyn. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_OPTIONS_H
#define EXPERIMENTS_GPU_OPTIONS_H

#include "experiments/gpu/augment.h"
#include "experiments/gpu/byol.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum options_device { OPTIONS_CPU, OPTIONS_CUDA };
enum options_precision { OPTIONS_PRECISION_AUTO, OPTIONS_FLOAT, OPTIONS_DOUBLE, OPTIONS_BF16 };
enum options_stem { OPTIONS_STEM_AUTO, OPTIONS_STEM_CIFAR, OPTIONS_STEM_LARGE };
enum options_normalize_views {
    OPTIONS_CHANNELS_AUTO, /* as in the named augmentation */
    OPTIONS_CHANNELS_CIFAR,
    OPTIONS_CHANNELS_MEASURED,
    OPTIONS_CHANNELS_NONE
};

struct options {
    struct ssldyn_settings given; /* source of each value */
    struct byol_config config;    /* settings that are plain values; options_configure fills in the
                                   * others */

    /* data */
    char *data, *train, *train_labels, *test, *test_labels;
    int image_format; /* enum ssldyn_image_format */
    int64_t images;   /* 0: all */
    int64_t pool;     /* side of the blocks of pixels that are averaged */
    int64_t resident; /* MiB of images kept on the device, 0: no limit */

    /* exchange */
    char *import, *export, *features;

    /* network */
    int stem; /* enum options_stem */
    int64_t width;
    struct ssldyn_list blocks;
    int64_t hidden, n2;

    /* predictor */
    bool predictor;
    int rule; /* enum ssldyn_predictor_rule */
    int64_t layers, predictor_hidden;
    int normalize; /* enum ssldyn_normalization */

    /* target and loss */
    int init_wa; /* enum byol_target */
    int loss;    /* enum ops_loss */

    /* optimizer */
    int64_t batch;
    double decay; /* of predictor and network */
    bool drop_last;
    int schedule; /* enum byol_schedule */

    /* views */
    struct ssldyn_view_options views;
    struct ssldyn_augmentation augmentation; /* the resulting settings, set by options_check */
    int channels;                            /* enum options_normalize_views */

    /* measurements */
    int64_t observe_every, observe_images;
    int64_t probe_every, probe_epochs, probe_batch, knn;
    double probe_lr, probe_decay;

    /* run */
    int device;         /* enum options_device */
    int precision;      /* enum options_precision */
    int64_t checkpoint; /* epochs */
    bool resume, quiet;
    char *output;
};

/* Of struct options: ssldyn_settings_init(&options.given, &options_schema, ...), _parse, _clear. */
extern const struct ssldyn_schema options_schema;

/* Refuses options that would be ignored or that contradict each other, and fills in the values that
 * follow from others: the named augmentation, the decays. Call once after reading the options. */
SSLDYN_MUST_CHECK enum ssldyn_status options_check(struct options *options,
                                                   struct ssldyn_error *err);

/* The spec.conf of the run: "# ssldyn spec 1", version, command = byol, and every option that
 * affects the results; byol FILE reproduces the run. */
void options_print(const void *options, FILE *stream);

/* Settings of network and method for images of this size and this number of steps per epoch. */
void options_configure(const struct options *options, const struct ssldyn_image_size *size,
                       int64_t steps, struct byol_config *config);

#endif
