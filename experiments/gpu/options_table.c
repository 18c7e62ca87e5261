/* The table of options: one row drives parsing, file keys, ranges, help and spec.conf. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/options.h"

#include <math.h>

#define AT(field) .offset = offsetof(struct options, field)
#define FLAG(field) .kind = SSLDYN_OPTION_FLAG, AT(field)
#define NEGATION(field) .kind = SSLDYN_OPTION_NEGATION, AT(field)
#define PATH(field) .argument = "PATH", .kind = SSLDYN_OPTION_STRING, AT(field)
#define CHOICE(field, list) .kind = SSLDYN_OPTION_CHOICE, AT(field), .choices = (list)
#define NUMBER(field, low, high)                                                                   \
    .kind = SSLDYN_OPTION_DOUBLE, AT(field), .minimum = (low), .maximum = (high)
#define WHOLE(field, low, high)                                                                    \
    .kind = SSLDYN_OPTION_INTEGER, AT(field), .minimum = (low), .maximum = (high)

/* ---- what an option needs */

static bool has_predictor(const void *fields)
{
    const struct options *o = fields;
    return o->predictor;
}
static bool is_set(const void *fields)
{
    const struct options *o = fields;
    return o->predictor && ssldyn_rules[o->rule]->kind != SSLDYN_RULE_TRAINED;
}
static bool has_power(const void *fields)
{
    const struct options *o = fields;
    return o->predictor && ssldyn_rules_reads(ssldyn_rules[o->rule], "set-power");
}
static bool is_trained(const void *fields)
{
    const struct options *o = fields;
    return o->predictor && (!is_set(o) || o->freq > 1);
}
static bool has_two_layers(const void *fields)
{
    const struct options *o = fields;
    return o->predictor && o->layers == 2;
}
static bool has_target(const void *fields)
{
    const struct options *o = fields;
    return o->ema;
}
static bool has_no_target(const void *fields)
{
    const struct options *o = fields;
    return !o->ema;
}
static bool has_crop(const void *fields)
{
    const struct options *o = fields;
    return o->views.scale_minimum > 0.0;
}
static bool has_jitter(const void *fields)
{
    const struct options *o = fields;
    return o->views.jitter > 0.0;
}
static bool has_blur(const void *fields)
{
    const struct options *o = fields;
    return o->views.blur > 0.0;
}
static bool has_probe(const void *fields)
{
    const struct options *o = fields;
    return o->probe_every > 0;
}
static bool is_cpu(const void *fields)
{
    const struct options *o = fields;
    return o->device == OPTIONS_CPU;
}

#define NEEDS(condition, reason) .needs = {{condition, reason}}
#define OF_PREDICTOR NEEDS(has_predictor, "has no effect with --no-predictor")
#define OF_TRAINED NEEDS(is_trained, "has no effect on a predictor that is not trained")
#define OF_RULE NEEDS(is_set, "belongs to a predictor that is set")
#define OF_JITTER NEEDS(has_jitter, "belongs to --jitter above 0")
#define OF_BLUR NEEDS(has_blur, "belongs to --blur above 0")
#define OF_PROBE NEEDS(has_probe, "belongs to the probe, and --probe-every 0 leaves it out")

static const struct ssldyn_option table[] = {
    {.name = "data",
     PATH(data),
     .group = "Data",
     .help = "images to learn from: a directory or file of CIFAR-10, CIFAR-100 or STL-10 (binary), "
             "or an .npy of bytes, N x height x width x channels"},
    {.name = "image-format",
     .argument = "FORMAT",
     .group = "Data",
     .default_text = "auto",
     CHOICE(image_format, "auto|cifar10|cifar100|idx|stl10|npy"),
     .help = "how images are stored; auto: told from head or size"},
    {.name = "images",
     .argument = "N",
     .group = "Data",
     .default_text = "0",
     WHOLE(images, 0, 2e9),
     .help = "use the first N images of --data; 0: all"},
    {.name = "train",
     PATH(train),
     .group = "Data",
     .help = "labelled images that the linear probe learns from (default: those of --data)",
     OF_PROBE},
    {.name = "train-labels",
     PATH(train_labels),
     .group = "Data",
     .help = "their classes, an .npy of whole numbers, where the images carry none",
     OF_PROBE},
    {.name = "test",
     PATH(test),
     .group = "Data",
     .help = "labelled images that the probe is tested on (default: the test set that lies beside "
             "--data)",
     OF_PROBE},
    {.name = "test-labels",
     PATH(test_labels),
     .group = "Data",
     .help = "their classes, as --train-labels",
     OF_PROBE},
    {.name = "resident",
     .argument = "MIB",
     .group = "Data",
     .default_text = "0",
     WHOLE(resident, 0, 1e9),
     .help = "keep at most so much of --data on the device and stream the rest; 0: all that fits. "
             "Results do not depend on it",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},

    {.name = "stem",
     .argument = "KIND",
     .group = "Network",
     .default_text = "auto",
     CHOICE(stem, "auto|cifar|large"),
     .help =
         "first layers: cifar, one 3 x 3 convolution; large, 7 x 7 and pooling, the paper's for "
         "96 x 96; auto: large above 48 pixels"},
    {.name = "width",
     .argument = "CHANNELS",
     .group = "Network",
     .default_text = "64",
     WHOLE(width, 1, 1024),
     .help = "channels of the first stage"},
    {.name = "blocks",
     .argument = "LIST",
     .group = "Network",
     .default_text = "2,2,2,2",
     .kind = SSLDYN_OPTION_LIST,
     AT(blocks),
     .minimum = 1,
     .maximum = 64,
     .help = "residual blocks of each of up to four stages; 2,2,2,2 is ResNet-18"},
    {.name = "hidden",
     .argument = "SIZE",
     .group = "Network",
     .default_text = "512",
     WHOLE(hidden, 1, 65536),
     .help = "hidden size of the projector"},
    {.name = "n2",
     .argument = "SIZE",
     .group = "Network",
     .default_text = "128",
     WHOLE(n2, 1, 4096),
     .help = "size n2 of projections: F and Wp are n2 x n2"},
    {.name = "affine",
     .group = "Network",
     FLAG(affine),
     .help = "batch normalisation of projector and predictor has scales and shifts"},
    {.name = "joint-bn",
     .group = "Network",
     FLAG(joint_bn),
     .help = "its statistics are of both views together (the authors: of each alone)"},

    {.name = "no-predictor",
     .group = "Predictor",
     NEGATION(predictor),
     .help = "the predictor is the identity",
     .decides = true},
    {.name = "predictor",
     .argument = "RULE",
     .group = "Predictor",
     .default_text = "gradient",
     CHOICE(rule, SSLDYN_OPTION_CHOICES(SSLDYN_RULES(SSLDYN_RULES_CHOICE))),
     .help = "trained, or set from the running correlation F of its input: directpred, "
             "sqrt of F; directset, F^a",
     OF_PREDICTOR,
     .decides = true},
    {.name = "predictor-layers",
     .argument = "N",
     .group = "Predictor",
     .default_text = "1",
     WHOLE(layers, 1, 2),
     .help = "1: linear; 2: an MLP with batch normalisation",
     OF_PREDICTOR,
     .decides = true},
    {.name = "predictor-hidden",
     .argument = "SIZE",
     .group = "Predictor",
     .default_text = "512",
     WHOLE(predictor_hidden, 1, 65536),
     .help = "its hidden size",
     NEEDS(has_two_layers, "belongs to --predictor-layers 2")},
    {.name = "predictor-bias",
     .group = "Predictor",
     FLAG(predictor_bias),
     .help = "its linear layers have biases",
     OF_PREDICTOR},
    {.name = "symmetric",
     .group = "Predictor",
     FLAG(symmetric),
     .help = "made symmetric after every step: Wp = (Wp + Wp')/2; with two layers one becomes the "
             "other's transpose",
     OF_TRAINED},
    {.name = "rho",
     .argument = "SHARE",
     .group = "Predictor",
     .default_text = "0.3",
     NUMBER(rho, 0.0, 1.0),
     .maximum_open = true,
     .help = "share of itself that the running correlation keeps at each step",
     OF_RULE},
    {.name = "epsilon",
     .argument = "X",
     .group = "Predictor",
     .default_text = "0.1",
     NUMBER(epsilon, 0.0, HUGE_VAL),
     .help = "times the identity (and the largest eigenvalue of F) added when the predictor is set",
     OF_RULE},
    {.name = "normalize",
     .argument = "BY",
     .group = "Predictor",
     .default_text = "largest",
     CHOICE(normalize, "none|largest"),
     .help = "scale the eigenvalues of F first: not (the paper's text), or by the largest (the "
             "authors' program)",
     OF_RULE},
    {.name = "least",
     .argument = "X",
     .group = "Predictor",
     .default_text = "1e-4",
     NUMBER(least, 0.0, HUGE_VAL),
     .help = "raise eigenvalues of a predictor that is set to this (the authors' program); 0: not",
     OF_RULE},
    {.name = "set-power",
     .argument = "A",
     .group = "Predictor",
     .default_text = "1",
     NUMBER(set_power, 0.0, 16.0),
     .minimum_open = true,
     .help = "a of directset; 1 is DirectCopy",
     NEEDS(has_power, "belongs to --predictor directset")},
    {.name = "freq",
     .argument = "STEPS",
     .group = "Predictor",
     .default_text = "1",
     WHOLE(freq, 1, 1e9),
     .help = "set every so many steps, trained in between",
     OF_RULE,
     .decides = true},

    {.name = "no-ema",
     .group = "Target",
     NEGATION(ema),
     .help = "the target is the online network itself (SimSiam)",
     .decides = true},
    {.name = "gamma-a",
     .argument = "SHARE",
     .group = "Target",
     .default_text = "0.996",
     NUMBER(gamma_a, 0.0, 1.0),
     .help = "share of itself that the target keeps at each step",
     NEEDS(has_target, "moves a target, and --no-ema leaves none")},
    {.name = "init-wa",
     .argument = "START",
     .group = "Target",
     .default_text = "random",
     CHOICE(init_wa, "random|copy|zero"),
     .help = "the target's start: drawn apart (the authors' program), the online network's (BYOL), "
             "or zero (the theory)",
     NEEDS(has_target, "starts a target, and --no-ema leaves none")},
    {.name = "ema-running",
     .group = "Target",
     FLAG(ema_running),
     .help = "the target's running statistics are averaged too",
     NEEDS(has_target, "belongs to a target, and --no-ema leaves none")},
    {.name = "no-stop-grad",
     .group = "Target",
     NEGATION(stop_grad),
     .help = "the gradient flows through the target as well; needs --no-ema",
     NEEDS(has_no_target, "needs --no-ema")},
    {.name = "loss",
     .argument = "KIND",
     .group = "Target",
     .default_text = "cosine",
     CHOICE(loss, "cosine|l2"),
     .help = "of normalised vectors, or the plain squared distance; both orders of the views"},

    {.name = "epochs",
     .argument = "N",
     .group = "Optimiser",
     .default_text = "100",
     WHOLE(epochs, 1, 1e6),
     .help = "times through the images"},
    {.name = "batch",
     .argument = "IMAGES",
     .group = "Optimiser",
     .default_text = "128",
     WHOLE(batch, 2, 1 << 20),
     .help = "images a step, each in two views"},
    {.name = "drop-last",
     .group = "Optimiser",
     FLAG(drop_last),
     .help = "leave out an epoch's last batch where it is smaller (the authors keep it)"},
    {.name = "lr",
     .argument = "RATE",
     .group = "Optimiser",
     .default_text = "0.03",
     NUMBER(lr, 0.0, 1e3),
     .help = "learning rate of the online network"},
    {.name = "alpha-p",
     .argument = "RATIO",
     .group = "Optimiser",
     .default_text = "1",
     NUMBER(alpha_p, 0.0, 1e6),
     .help = "predictor's learning rate over it",
     OF_TRAINED},
    {.name = "momentum",
     .argument = "X",
     .group = "Optimiser",
     .default_text = "0.9",
     NUMBER(momentum, 0.0, 1.0),
     .maximum_open = true,
     .help = "of SGD"},
    {.name = "decay",
     .argument = "RATE",
     .group = "Optimiser",
     .default_text = "4e-4",
     NUMBER(decay, 0.0, 1e3),
     .help = "weight decay of both (the theory's eta times the learning rate)",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {.name = "decay-p",
     .argument = "RATE",
     .group = "Optimiser",
     NUMBER(decay_p, 0.0, 1e3),
     .help = "of the predictor alone",
     OF_TRAINED},
    {.name = "decay-s",
     .argument = "RATE",
     .group = "Optimiser",
     NUMBER(decay_s, 0.0, 1e3),
     .help = "of the online network alone"},
    {.name = "no-decay-bn",
     .group = "Optimiser",
     NEGATION(decay_all),
     .help = "no weight decay on biases and batch normalisation (the authors have it)"},
    {.name = "schedule",
     .argument = "KIND",
     .group = "Optimiser",
     .default_text = "constant",
     CHOICE(schedule, "constant|cosine"),
     .help = "of the learning rate; cosine: to 0 at the last step"},
    {.name = "warmup",
     .argument = "EPOCHS",
     .group = "Optimiser",
     .default_text = "0",
     NUMBER(warmup, 0.0, 1e6),
     .help = "of linear growth of the learning rate"},

#include "experiments/gpu/options_views.inc"

    {.name = "observe-every",
     .argument = "EPOCHS",
     .group = "Measurements",
     .default_text = "1",
     WHOLE(observe_every, 1, 1e6),
     .help = "a row of the trace, with F and Wp, every so many"},
    {.name = "observe-images",
     .argument = "N",
     .group = "Measurements",
     .default_text = "4096",
     WHOLE(observe_images, 0, 1e9),
     .help = "F is the correlation over two fixed views of so many images; 0: the running one of "
             "the training"},
    {.name = "probe-every",
     .argument = "EPOCHS",
     .group = "Measurements",
     .default_text = "10",
     WHOLE(probe_every, 0, 1e6),
     .help = "linear probe every so many epochs and at the end; 0: never",
     .decides = true},
    {.name = "probe-epochs",
     .argument = "N",
     .group = "Measurements",
     .default_text = "50",
     WHOLE(probe_epochs, 1, 1e6),
     .help = "its epochs; the accuracy is the best of them, as the authors report",
     OF_PROBE},
    {.name = "probe-batch",
     .argument = "N",
     .group = "Measurements",
     .default_text = "128",
     WHOLE(probe_batch, 1, 1 << 20),
     .help = "its batches",
     OF_PROBE},
    {.name = "probe-lr",
     .argument = "RATE",
     .group = "Measurements",
     .default_text = "3e-4",
     NUMBER(probe_lr, 0.0, 1e3),
     .help = "its learning rate (Adam)",
     OF_PROBE},
    {.name = "probe-decay",
     .argument = "RATE",
     .group = "Measurements",
     .default_text = "1e-3",
     NUMBER(probe_decay, 0.0, 1e3),
     .help = "its weight decay",
     OF_PROBE},

    {.name = "device",
     .argument = "NAME",
     .group = "Run",
     .default_text = "cpu",
     CHOICE(device, "cpu|cuda"),
     .help = "where it is computed",
     .decides = true},
    {.name = "precision",
     .argument = "TYPE",
     .group = "Run",
     .default_text = "float",
     CHOICE(precision, "float|double"),
     .help = "of the cpu",
     NEEDS(is_cpu, "belongs to --device cpu")},
    {.name = "seed",
     .argument = "N",
     .group = "Run",
     .default_text = "1",
     .kind = SSLDYN_OPTION_SEED,
     AT(seed),
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL,
     .help = "of all that is random"},
    {.name = "checkpoint",
     .argument = "EPOCHS",
     .group = "Run",
     .default_text = "10",
     WHOLE(checkpoint, 0, 1e6),
     .help = "save so often, and results so far with it; 0: only when stopped by Ctrl-C",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {.name = "resume",
     .group = "Run",
     FLAG(resume),
     .help = "go on where the run in --output stopped, if there is one",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {.name = "output",
     .argument = "DIR",
     .group = "Run",
     .letter = 'o',
     .kind = SSLDYN_OPTION_STRING,
     AT(output),
     .help = "for the results (default: out/byol)",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {.name = "quiet",
     .group = "Run",
     .letter = 'q',
     FLAG(quiet),
     .help = "say nothing but errors",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
};
const struct ssldyn_schema options_schema = {
    .program = "byol",
    .options = table,
    .count = sizeof table / sizeof table[0],
};
