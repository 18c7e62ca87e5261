/* Checks that combine several options, and the settings of network and method that follow from
 * them. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/options.h"

static bool is_given(const struct options *options, const char *name)
{
    return ssldyn_settings_given(&options->given, name);
}

/* Settings of the views that were not given are taken from the named augmentation. */
static void resolve_views(struct options *options)
{
    enum { WEAK = 1, CIFAR = 2 }; /* values of --augmentation */
    ssldyn_augment_options_resolve(&options->given, &options->views, &options->augmentation);
    options->augmentation.gain = options->augmentation.offset =
        0.0; /* gain and offset of weak apply
                                                                      * to ssldyn only */
    if (options->channels == OPTIONS_CHANNELS_AUTO && options->views.augmentation == WEAK)
        options->channels = OPTIONS_CHANNELS_MEASURED;
    else if (options->channels == OPTIONS_CHANNELS_AUTO)
        options->channels =
            options->views.augmentation == CIFAR ? OPTIONS_CHANNELS_CIFAR : OPTIONS_CHANNELS_NONE;
}

static enum ssldyn_status resolve_decay(struct options *options, struct ssldyn_error *err)
{
    const bool both = is_given(options, "decay");
    const bool p = is_given(options, "decay-p");
    const bool s = is_given(options, "decay-s");
    if (both && p && s &&
        ssldyn_settings_origin(&options->given, "decay")->source ==
            ssldyn_settings_origin(&options->given, "decay-p")->source)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--decay, --decay-p and --decay-s: set the decay twice; give --decay and one "
            "of the others, or those two");
    options->config.eta_p = p ? options->config.eta_p : options->decay;
    options->config.eta_s = s ? options->config.eta_s : options->decay;
    return SSLDYN_OK;
}

static enum ssldyn_status check_kernel(const struct options *options, struct ssldyn_error *err)
{
    enum { WIDEST = 31 };
    if (options->views.blur_kernel <= WIDEST)
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EINPUT, "--blur-kernel = %lld: must be at most %d",
                       (long long)options->views.blur_kernel, WIDEST);
}

static enum ssldyn_status check_blocks(const struct options *options, struct ssldyn_error *err)
{
    if (options->blocks.count > NET_STAGES)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--blocks: has %zu entries; a network has 1 to %d "
                           "stages",
                           options->blocks.count, NET_STAGES);
    for (size_t i = 0; i < options->blocks.count; i++)
        if (options->blocks.values[i] != (double)(int)options->blocks.values[i])
            return ssldyn_fail(err, SSLDYN_EINPUT, "--blocks: %g: must be a whole number",
                               options->blocks.values[i]);
    return SSLDYN_OK;
}

enum ssldyn_status options_check(struct options *options, struct ssldyn_error *err)
{
    if (options->data == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "no images: give --data, a directory or file of CIFAR-10, CIFAR-100, "
                           "STL-10 (binary) or .npy images");
    if (options->predictor && options->layers == 2 &&
        ssldyn_rules[options->rule]->kind != SSLDYN_RULE_TRAINED)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--predictor-layers 2: a closed-form rule requires a linear predictor; leave "
            "--predictor at gradient");
    resolve_views(options);
    enum ssldyn_status status = ssldyn_settings_check_ignored(&options->given, err);
    if (status == SSLDYN_OK)
        status = check_blocks(options, err);
    if (status == SSLDYN_OK)
        status = check_kernel(options, err);
    if (status == SSLDYN_OK)
        status = resolve_decay(options, err);
    return status;
}

void options_print(const void *options, FILE *stream)
{
    ssldyn_settings_print_head(options, stream);
    ssldyn_settings_print(options, stream);
}

/* ---- network and method */

static enum net_stem stem_of(const struct options *options, const struct ssldyn_image_size *size)
{
    const size_t large = 48;
    if (options->stem == OPTIONS_STEM_AUTO)
        return size->height > large ? NET_STEM_LARGE : NET_STEM_CIFAR;
    return options->stem == OPTIONS_STEM_LARGE ? NET_STEM_LARGE : NET_STEM_CIFAR;
}

void options_configure(const struct options *options, const struct ssldyn_image_size *size,
                       int64_t steps, struct byol_config *config)
{
    *config = options->config;
    struct net_config *net = &config->net;
    net->image = (int)size->height;
    net->channels = (int)size->channels;
    net->stem = stem_of(options, size);
    net->width = (int)options->width;
    net->projector_hidden = (int)options->hidden;
    net->output = (int)options->n2;
    net->predictor = !options->predictor    ? NET_PREDICTOR_NONE
                     : options->layers == 2 ? NET_PREDICTOR_TWO_LAYER
                                            : NET_PREDICTOR_LINEAR;
    net->predictor_hidden = (int)options->predictor_hidden;
    for (size_t i = 0; i < options->blocks.count; i++)
        net->blocks[i] = (int)options->blocks.values[i];
    config->batch = (int)options->batch;
    config->steps = steps;
    config->schedule = (enum byol_schedule)options->schedule;
    config->loss = (enum ops_loss)options->loss;
    config->target = (enum byol_target)options->init_wa;
    config->rule =
        options->predictor ? (enum ssldyn_predictor_rule)options->rule : SSLDYN_PREDICTOR_GRADIENT;
    config->set.parameters.normalization = (enum ssldyn_normalization)options->normalize;
}
