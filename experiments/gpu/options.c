/* Options as a value: defaults, what belongs together, spec.conf, and what they make of network and
 * method. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/options.h"

#include <stdlib.h>
#include <string.h>

enum status_of_row { DEFAULT, IN_FILE, ON_COMMAND_LINE };

static size_t row_of(const char *name)
{
    size_t i = 0;
    while (strcmp(options_table[i].name, name) != 0)
        i++;
    return i;
}

static bool is_given(const struct options *options, const char *name)
{
    return options->given[row_of(name)] != DEFAULT;
}

enum ssldyn_status options_init(struct options *options, struct ssldyn_error *err)
{
    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < options_count; i++) {
        const enum ssldyn_status status = ssldyn_option_reset(options, &options_table[i], err);
        if (status != SSLDYN_OK) {
            options_clear(options);
            return status;
        }
    }
    return SSLDYN_OK;
}

void options_clear(struct options *options)
{
    for (size_t i = 0; i < options_count; i++)
        ssldyn_option_clear(options, &options_table[i]);
    free(options->file);
    memset(options, 0, sizeof *options);
}

/* ---- what an option needs */

static bool has_predictor(const struct options *o)
{
    return o->predictor;
}
static bool is_set(const struct options *o)
{
    return o->predictor && o->rule != SSLDYN_PREDICTOR_GRADIENT;
}
static bool is_directset(const struct options *o)
{
    return o->predictor && o->rule == SSLDYN_PREDICTOR_DIRECTSET;
}
static bool is_trained(const struct options *o)
{
    return o->predictor && (o->rule == SSLDYN_PREDICTOR_GRADIENT || o->freq > 1);
}
static bool has_two_layers(const struct options *o)
{
    return o->predictor && o->layers == 2;
}
static bool has_target(const struct options *o)
{
    return o->ema;
}
static bool has_no_target(const struct options *o)
{
    return !o->ema;
}
static bool has_crop(const struct options *o)
{
    return o->views.scale_minimum > 0.0;
}
static bool has_jitter(const struct options *o)
{
    return o->views.jitter > 0.0;
}
static bool has_blur(const struct options *o)
{
    return o->views.blur > 0.0;
}
static bool has_probe(const struct options *o)
{
    return o->probe_every > 0;
}
static bool is_cpu(const struct options *o)
{
    return o->device == OPTIONS_CPU;
}

static const struct need {
    const char *option;
    bool (*met)(const struct options *options);
    const char *why;
} needs[] = {
    {"predictor", has_predictor, "has no effect with --no-predictor"},
    {"predictor-layers", has_predictor, "has no effect with --no-predictor"},
    {"predictor-bias", has_predictor, "has no effect with --no-predictor"},
    {"symmetric", is_trained, "has no effect on a predictor that is not trained"},
    {"predictor-hidden", has_two_layers, "belongs to --predictor-layers 2"},
    {"rho", is_set, "belongs to --predictor directpred or directset"},
    {"epsilon", is_set, "belongs to --predictor directpred or directset"},
    {"normalize", is_set, "belongs to --predictor directpred or directset"},
    {"least", is_set, "belongs to --predictor directpred or directset"},
    {"freq", is_set, "belongs to --predictor directpred or directset"},
    {"set-power", is_directset, "belongs to --predictor directset"},
    {"alpha-p", is_trained, "has no effect on a predictor that is not trained"},
    {"decay-p", is_trained, "has no effect on a predictor that is not trained"},
    {"gamma-a", has_target, "moves a target, and --no-ema leaves none"},
    {"init-wa", has_target, "starts a target, and --no-ema leaves none"},
    {"ema-running", has_target, "belongs to a target, and --no-ema leaves none"},
    {"no-stop-grad", has_no_target, "needs --no-ema"},
    {"crop-ratio", has_crop, "belongs to --crop-scale above 0"},
    {"brightness", has_jitter, "belongs to --jitter above 0"},
    {"contrast", has_jitter, "belongs to --jitter above 0"},
    {"saturation", has_jitter, "belongs to --jitter above 0"},
    {"hue", has_jitter, "belongs to --jitter above 0"},
    {"blur-min", has_blur, "belongs to --blur above 0"},
    {"blur-max", has_blur, "belongs to --blur above 0"},
    {"blur-kernel", has_blur, "belongs to --blur above 0"},
    {"train", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"train-labels", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"test", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"test-labels", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"probe-epochs", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"probe-batch", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"probe-lr", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"probe-decay", has_probe, "belongs to the probe, and --probe-every 0 leaves it out"},
    {"precision", is_cpu, "belongs to --device cpu"},
};

bool options_applies(const struct options *options, const char *name, const char **why)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (strcmp(needs[i].option, name) == 0 && !needs[i].met(options)) {
            *why = needs[i].why;
            return false;
        }
    }
    return true;
}

/* ---- checks */

/* The name under which a message speaks of an option that was given. */
static void where(const struct options *options, size_t row, char text[300])
{
    if (options->given[row] == IN_FILE)
        snprintf(text, 300, "%.200s:%d: %s", options->file, options->lines[row],
                 options_table[row].name);
    else
        snprintf(text, 300, "--%s", options_table[row].name);
}

static bool is_off(const struct options *options, const struct ssldyn_option *row)
{
    char text[16];
    const bool flag = row->kind == SSLDYN_OPTION_FLAG || row->kind == SSLDYN_OPTION_NEGATION;
    return flag && strcmp(ssldyn_option_text(options, row, text, sizeof text), "false") == 0;
}

/* What would be ignored is refused; but what a file says gives way to the command line. */
static enum ssldyn_status check_ignored(struct options *options, struct ssldyn_error *err)
{
    static const char *const switches[] = {"no-predictor", "predictor",  "predictor-layers", "freq",
                                           "no-ema",       "crop-scale", "jitter",           "blur",
                                           "probe-every",  "device",     "augmentation"};
    bool overruled = false;
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        overruled = overruled || options->given[row_of(switches[i])] == ON_COMMAND_LINE;
    for (size_t i = 0; i < options_count; i++) {
        const char *why = NULL;
        char name[300];
        if (options->given[i] == DEFAULT || is_off(options, &options_table[i]) ||
            options_applies(options, options_table[i].name, &why))
            continue;
        if (options->given[i] == ON_COMMAND_LINE || !overruled) {
            where(options, i, name);
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s", name, why);
        }
        options->given[i] = DEFAULT;
        const enum ssldyn_status status = ssldyn_option_reset(options, &options_table[i], err);
        if (status != SSLDYN_OK)
            return status;
    }
    return SSLDYN_OK;
}

/* Settings of the views that were not given are those of the named augmentation. */
static void resolve_views(struct options *options)
{
    static const char *const names[] = {"none", "weak", "cifar", "stl"};
    const struct ssldyn_augmentation *named =
        ssldyn_augmentation_named(names[options->augmentation]);
    const size_t first = offsetof(struct options, views);
    struct ssldyn_augmentation typed = options->views;
    options->views = *named;
    for (size_t i = 0; i < options_count; i++) {
        const size_t offset = options_table[i].offset;
        if (options->given[i] != DEFAULT && offset >= first && offset < first + sizeof typed)
            memcpy((char *)&options->views + (offset - first), (char *)&typed + (offset - first),
                   sizeof(double));
    }
    if (options->views.ratio < 1.0)
        options->views.ratio = 1.0;
    options->crop_pad =
        is_given(options, "crop-pad") ? options->crop_pad : (int64_t)options->views.pad;
    options->blur_kernel = is_given(options, "blur-kernel") ? options->blur_kernel
                                                            : (int64_t)options->views.blur_kernel;
    options->views.pad = (size_t)options->crop_pad;
    options->views.blur_kernel = (size_t)options->blur_kernel;
    options->views.gain = options->views.offset = 0.0; /* weak's are of another program */
    if (options->channels == OPTIONS_CHANNELS_AUTO && options->augmentation == 1)
        options->channels = OPTIONS_CHANNELS_MEASURED;
    else if (options->channels == OPTIONS_CHANNELS_AUTO)
        options->channels =
            options->augmentation == 2 ? OPTIONS_CHANNELS_CIFAR : OPTIONS_CHANNELS_NONE;
}

static enum ssldyn_status resolve_decay(struct options *options, struct ssldyn_error *err)
{
    const bool both = is_given(options, "decay");
    const bool p = is_given(options, "decay-p");
    const bool s = is_given(options, "decay-s");
    if (both && p && s && options->given[row_of("decay")] == options->given[row_of("decay-p")])
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--decay, --decay-p and --decay-s: say the decay twice; --decay with one "
            "of the others sets the other");
    options->decay_p = p ? options->decay_p : options->decay;
    options->decay_s = s ? options->decay_s : options->decay;
    return SSLDYN_OK;
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
    if (is_set(options) && options->layers == 2)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predictor-layers 2: only a linear predictor can be set; leave "
                           "--predictor at gradient");
    resolve_views(options);
    enum ssldyn_status status = check_ignored(options, err);
    if (status == SSLDYN_OK)
        status = check_blocks(options, err);
    if (status == SSLDYN_OK)
        status = resolve_decay(options, err);
    return status;
}

/* ---- spec.conf */

/* What does not change results, and what others tell. */
static const char *const left_out[] = {"resident", "checkpoint", "resume",
                                       "output",   "quiet",      "decay"};

static bool is_written(const struct options *options, const struct ssldyn_option *row)
{
    const char *why;
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (strcmp(row->name, left_out[i]) == 0)
            return false;
    if (!options_applies(options, row->name, &why) || is_off(options, row))
        return false;
    return row->kind != SSLDYN_OPTION_STRING || *ssldyn_option_string(options, row) != NULL;
}

void options_write(const struct options *options, FILE *stream)
{
    fprintf(stream, "# ssldyn spec 1\nversion = %s\ncommand = byol\n", ssldyn_version());
    for (size_t i = 0; i < options_count; i++)
        if (is_written(options, &options_table[i]))
            ssldyn_option_write(options, &options_table[i], stream);
}

/* ---- network and method */

static enum net_stem stem_of(const struct options *options, const struct ssldyn_image_size *size)
{
    const size_t large = 48;
    if (options->stem == OPTIONS_STEM_AUTO)
        return size->height > large ? NET_STEM_LARGE : NET_STEM_CIFAR;
    return options->stem == OPTIONS_STEM_LARGE ? NET_STEM_LARGE : NET_STEM_CIFAR;
}

static void configure_net(const struct options *options, const struct ssldyn_image_size *size,
                          struct net_config *net)
{
    *net = (struct net_config){
        .image = (int)size->height,
        .channels = (int)size->channels,
        .stem = stem_of(options, size),
        .width = (int)options->width,
        .projector_hidden = (int)options->hidden,
        .output = (int)options->n2,
        .predictor = !options->predictor    ? NET_PREDICTOR_NONE
                     : options->layers == 2 ? NET_PREDICTOR_TWO_LAYER
                                            : NET_PREDICTOR_LINEAR,
        .predictor_bias = options->predictor_bias,
        .affine = options->affine,
        .joint_bn = options->joint_bn,
        .predictor_hidden = (int)options->predictor_hidden,
    };
    for (size_t i = 0; i < options->blocks.count; i++)
        net->blocks[i] = (int)options->blocks.values[i];
}

void options_configure(const struct options *options, const struct ssldyn_image_size *size,
                       int64_t steps, struct byol_config *config)
{
    byol_defaults(config);
    configure_net(options, size, &config->net);
    config->batch = (int)options->batch;
    config->seed = options->seed;
    config->epochs = options->epochs;
    config->steps = steps;
    config->lr = options->lr;
    config->momentum = options->momentum;
    config->eta_s = options->decay_s;
    config->eta_p = options->decay_p;
    config->alpha_p = options->alpha_p;
    config->decay_all = options->decay_all;
    config->schedule = (enum byol_schedule)options->schedule;
    config->warmup = options->warmup;
    config->loss = (enum ops_loss)options->loss;
    config->ema = options->ema;
    config->gamma_a = options->gamma_a;
    config->stop_grad = options->stop_grad;
    config->ema_running = options->ema_running;
    config->target = (enum byol_target)options->init_wa;
    config->symmetric = options->symmetric;
    config->rule =
        options->predictor ? (enum ssldyn_predictor_rule)options->rule : SSLDYN_PREDICTOR_GRADIENT;
    config->set.parameters.epsilon = options->epsilon;
    config->set.parameters.normalization = (enum ssldyn_normalization)options->normalize;
    config->set.parameters.set_power = options->set_power;
    config->set.least = options->least;
    config->rho = options->rho;
    config->freq = options->freq;
}
