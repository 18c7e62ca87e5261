/* The program's options: a table for ssldyn's reader of them. */
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
    OPTIONS_CHANNELS_AUTO, /* as the named augmentation has it */
    OPTIONS_CHANNELS_CIFAR,
    OPTIONS_CHANNELS_MEASURED,
    OPTIONS_CHANNELS_NONE
};

struct options {
    struct ssldyn_settings given; /* where each value came from */
    struct byol_config config;    /* what needs no more than its number; options_configure fills in
                                   * the rest */

    /* data */
    char *data, *train, *train_labels, *test, *test_labels;
    int image_format; /* enum ssldyn_image_format */
    int64_t images;   /* 0: all */
    int64_t resident; /* MiB of images kept on the device, 0: no limit */

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

    /* optimiser */
    int64_t batch;
    double decay; /* of both */
    bool drop_last;
    int schedule; /* enum byol_schedule */

    /* views */
    struct ssldyn_view_options views;
    struct ssldyn_augmentation augmentation; /* that they make; by options_check */
    int channels;                            /* enum options_normalize_views */

    /* what is measured */
    int64_t observe_every, observe_images;
    int64_t probe_every, probe_epochs, probe_batch;
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

/* Refuses what would be ignored or contradicts, and fills in what follows from others: the named
 * augmentation, the decays. Once after reading them. */
SSLDYN_MUST_CHECK enum ssldyn_status options_check(struct options *options,
                                                   struct ssldyn_error *err);

/* The run's spec.conf: "# ssldyn spec 1", version, command = byol, and every option that has an
 * effect on results; it repeats the run. */
void options_print(const void *options, FILE *stream);

/* What the network and the method are for images of that size and so many steps an epoch. */
void options_configure(const struct options *options, const struct ssldyn_image_size *size,
                       int64_t steps, struct byol_config *config);

#endif
