/* The table of options: one row defines parsing, key in files, range, help and spec.conf entry. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/options.h"

#include "sim/options/option_rows.h"

#include <math.h>

#define AT(field) .offset = offsetof(struct options, field)

/* ---- conditions of options */

#define CONDITION(name, expression)                                                                \
    static bool name(const void *fields)                                                           \
    {                                                                                              \
        const struct options *o = fields;                                                          \
        return (expression);                                                                       \
    }
CONDITION(has_predictor, o->predictor)
CONDITION(is_set, o->predictor &&ssldyn_rules[o->rule]->kind != SSLDYN_RULE_TRAINED)
CONDITION(has_power, o->predictor &&ssldyn_rules_reads(ssldyn_rules[o->rule], "set-power"))
CONDITION(is_trained, o->predictor && (!is_set(o) || o->config.freq > 1))
CONDITION(has_two_layers, o->predictor && o->layers == 2)
CONDITION(has_target, o->config.ema)
CONDITION(has_no_target, !o->config.ema)
CONDITION(has_probe, o->probe_every > 0)

#define OF_PREDICTOR NEEDS(has_predictor, "has no effect with --no-predictor")
#define OF_TRAINED NEEDS(is_trained, "has no effect on a predictor that is not trained")
#define OF_RULE NEEDS(is_set, "applies to closed-form predictors only")
#define OF_PROBE NEEDS(has_probe, "has no effect with --probe-every 0 (no probe is run)")

#define VIEW(member) views.member
#define VIEW_USERS .commands = 0
#define VIEWS_DECIDE true

static const char *rule_meaning(int choice)
{
    return ssldyn_rules[choice]->meaning;
}

static const struct ssldyn_option table[] = {
    {SSLDYN_OPTION("data", "PATH", "Data"),
     .help = "images to learn from: a directory or file of CIFAR-10, CIFAR-100 or STL-10 (binary), "
             "or an .npy of bytes, N x height x width x channels",
     TEXT(data)},
    {SSLDYN_OPTION("image-format", "FORMAT", "Data"),
     .help =
         "format of the images; auto recognizes it by the first bytes of the file or by its size",
     .default_text = "auto", CHOICE(image_format, "auto|cifar10|cifar100|idx|stl10|npy")},
    {SSLDYN_OPTION("images", "N", "Data"), .help = "use the first N images of --data; 0: all",
     .default_text = "0", WHOLE(images, 0, 2e9)},
    {SSLDYN_OPTION("pool", "PIXELS", "Data"),
     .help = "first average blocks of PIXELS x PIXELS pixels of every image, including those of "
             "the probe, to get smaller images for small networks; must divide the side",
     .default_text = "1", WHOLE(pool, 1, 2048)},
    {SSLDYN_OPTION("train", "PATH", "Data"),
     .help = "labeled images that the linear probe learns from (default: those of --data)",
     TEXT(train), OF_PROBE},
    {SSLDYN_OPTION("train-labels", "PATH", "Data"),
     .help = "labels of the images of --train, an .npy of whole numbers, if the image files "
             "contain none",
     TEXT(train_labels), OF_PROBE},
    {SSLDYN_OPTION("test", "PATH", "Data"),
     .help = "labeled images that the probe is tested on (default: the test set next to "
             "--data)",
     TEXT(test), OF_PROBE},
    {SSLDYN_OPTION("test-labels", "PATH", "Data"),
     .help = "labels of the images of --test, as in --train-labels", TEXT(test_labels), OF_PROBE},
    {SSLDYN_OPTION("resident", "MIB", "Data"),
     .help = "keep at most MIB mebibytes of --data on the device and stream the rest; 0: all that "
             "fits. "
             "Results do not depend on it",
     .default_text = "0", WHOLE(resident, 0, 1e9), .written = SSLDYN_OPTION_WRITTEN_NEVER},

    {SSLDYN_OPTION("stem", "KIND", "Network"),
     .help = "first layers: cifar is one 3 x 3 convolution; large is a 7 x 7 convolution with "
             "pooling, as in the paper for 96 x 96; auto chooses large above 48 pixels",
     .default_text = "auto", CHOICE(stem, "auto|cifar|large")},
    {SSLDYN_OPTION("width", "CHANNELS", "Network"), .help = "channels of the first stage",
     .default_text = "64", WHOLE(width, 1, 1024)},
    {SSLDYN_OPTION("blocks", "LIST", "Network"),
     .help = "residual blocks of each of up to four stages; 2,2,2,2 is ResNet-18",
     .default_text = "2,2,2,2", LIST(blocks, 1, 64)},
    {SSLDYN_OPTION("hidden", "SIZE", "Network"), .help = "hidden size of the projector",
     .default_text = "512", WHOLE(hidden, 1, 65536)},
    {SSLDYN_OPTION("n2", "SIZE", "Network"), .help = "size n2 of projections: F and Wp are n2 x n2",
     .default_text = "128", WHOLE(n2, 1, 4096)},
    {SSLDYN_OPTION("import", "FILE[:PREFIX]", "Network"),
     .help =
         "start from the network in FILE (.safetensors, .pt): an encoder with the names of "
         "torchvision, which begin with PREFIX, \"encoder.\" or nothing; projector, predictor and "
         "target if the file has them",
     TEXT(import)},
    {SSLDYN_OPTION("affine", NULL, "Network"),
     .help = "train scales and shifts in the batch normalization of projector and predictor",
     FLAG(config.net.affine)},
    {SSLDYN_OPTION("joint-bn", NULL, "Network"),
     .help = "compute batch statistics over both views together (the authors compute them "
             "separately per view)",
     FLAG(config.net.joint_bn)},

    {SSLDYN_OPTION("no-predictor", NULL, "Predictor"), .help = "the predictor is the identity",
     NEGATION(predictor), .decides = true},
    {SSLDYN_OPTION("predictor", "RULE", "Predictor"),
     .help = "how the predictor is obtained: trained, or computed in closed form from the running "
             "correlation F of its input",
     .default_text = "gradient",
     CHOICE(rule, SSLDYN_OPTION_CHOICES(SSLDYN_RULES(SSLDYN_RULES_CHOICE))),
     .meaning = rule_meaning, OF_PREDICTOR, .decides = true},
    {SSLDYN_OPTION("predictor-layers", "N", "Predictor"),
     .help = "number of layers of the predictor; 1: linear; 2: an MLP with batch normalization",
     .default_text = "1", WHOLE(layers, 1, 2), OF_PREDICTOR, .decides = true},
    {SSLDYN_OPTION("predictor-hidden", "SIZE", "Predictor"),
     .help = "hidden size of a predictor with two layers", .default_text = "512",
     WHOLE(predictor_hidden, 1, 65536),
     NEEDS(has_two_layers, "applies to --predictor-layers 2 only")},
    {SSLDYN_OPTION("predictor-bias", NULL, "Predictor"),
     .help = "add biases to the linear layers of the predictor", FLAG(config.net.predictor_bias),
     OF_PREDICTOR},
    {SSLDYN_OPTION("symmetric", NULL, "Predictor"),
     .help = "make the predictor symmetric after every step, Wp = (Wp + Wp^T)/2; with two layers, "
             "make each the transpose of the other",
     FLAG(config.symmetric), OF_TRAINED},
    {SSLDYN_OPTION("rho", "SHARE", "Predictor"),
     .help = "weight of the old value in each update of the running correlation F",
     .default_text = "0.3", NUMBER(config.rho, 0.0, 1.0), .maximum_open = true, OF_RULE},
    {SSLDYN_OPTION("epsilon", "X", "Predictor"),
     .help = "regularization of a closed-form predictor: X times the largest eigenvalue of F is "
             "added to each of its eigenvalues",
     .default_text = "0.1", NUMBER(config.set.parameters.epsilon, 0.0, HUGE_VAL), OF_RULE},
    {SSLDYN_OPTION("normalize", "BY", "Predictor"),
     .help = "scale the eigenvalues of F first: none (the paper's text), or divide by the largest "
             "(the authors' code)",
     .default_text = "largest", CHOICE(normalize, "none|largest"), OF_RULE},
    {SSLDYN_OPTION("least", "X", "Predictor"),
     .help = "raise eigenvalues of a closed-form predictor that are below X to X (as in the "
             "authors' code); 0: leave them",
     .default_text = "1e-4", NUMBER(config.set.least, 0.0, HUGE_VAL), OF_RULE},
    {SSLDYN_OPTION("set-power", "A", "Predictor"),
     .help = "exponent a of --predictor directset, Wp = F^a; 1 is DirectCopy", .default_text = "1",
     NUMBER(config.set.parameters.set_power, 0.0, 16.0), .minimum_open = true,
     NEEDS(has_power, "applies to --predictor directset only")},
    {SSLDYN_OPTION("freq", "STEPS", "Predictor"),
     .help = "recompute the closed-form predictor every STEPS steps; train it in between",
     .default_text = "1", WHOLE(config.freq, 1, 1e9), OF_RULE, .decides = true},

    {SSLDYN_OPTION("no-ema", NULL, "Target"),
     .help = "the target is the online network itself (SimSiam)", NEGATION(config.ema),
     .decides = true},
    {SSLDYN_OPTION("gamma-a", "SHARE", "Target"), .help = "EMA decay of the target per step",
     .default_text = "0.996", NUMBER(config.gamma_a, 0.0, 1.0),
     NEEDS(has_target, "has no effect with --no-ema (there is no target)")},
    {SSLDYN_OPTION("init-wa", "START", "Target"),
     .help = "initial target: drawn independently of the online network (the authors' code), a "
             "copy of it (BYOL), or zero (the theory)",
     .default_text = "random", CHOICE(init_wa, "random|copy|zero"),
     NEEDS(has_target, "has no effect with --no-ema (there is no target)")},
    {SSLDYN_OPTION("ema-running", NULL, "Target"),
     .help = "average the target's running statistics too", FLAG(config.ema_running),
     NEEDS(has_target, "has no effect with --no-ema (there is no target)")},
    {SSLDYN_OPTION("no-stop-grad", NULL, "Target"),
     .help = "let the gradient pass through the target as well; requires --no-ema",
     NEGATION(config.stop_grad), NEEDS(has_no_target, "requires --no-ema")},
    {SSLDYN_OPTION("loss", "KIND", "Target"),
     .help = "negative cosine, or half the squared distance; summed over both orders of the views",
     .default_text = "cosine", CHOICE(loss, "cosine|l2")},

    {SSLDYN_OPTION("epochs", "N", "Optimizer"),
     .help = "passes over the images; 0: measure the initial network only", .default_text = "100",
     WHOLE(config.epochs, 0, 1e6)},
    {SSLDYN_OPTION("batch", "IMAGES", "Optimizer"),
     .help = "images in each step, each in two views", .default_text = "128",
     WHOLE(batch, 2, 1 << 20)},
    {SSLDYN_OPTION("drop-last", NULL, "Optimizer"),
     .help = "leave out the last batch of an epoch if it is smaller (the authors keep it)",
     FLAG(drop_last)},
    {SSLDYN_OPTION("lr", "RATE", "Optimizer"), .help = "learning rate of the online network",
     .default_text = "0.03", NUMBER(config.lr, 0.0, 1e3)},
    {SSLDYN_OPTION("alpha-p", "RATIO", "Optimizer"),
     .help = "learning rate of the predictor over that of the online network", .default_text = "1",
     NUMBER(config.alpha_p, 0.0, 1e6), OF_TRAINED},
    {SSLDYN_OPTION("momentum", "X", "Optimizer"), .help = "momentum of SGD", .default_text = "0.9",
     NUMBER(config.momentum, 0.0, 1.0), .maximum_open = true},
    {SSLDYN_OPTION("decay", "RATE", "Optimizer"),
     .help = "weight decay of predictor and network (the theory's eta times the learning rate)",
     .default_text = "4e-4", NUMBER(decay, 0.0, 1e3), .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("decay-p", "RATE", "Optimizer"), .help = "weight decay of the predictor alone",
     NUMBER(config.eta_p, 0.0, 1e3), OF_TRAINED},
    {SSLDYN_OPTION("decay-s", "RATE", "Optimizer"),
     .help = "weight decay of the online network alone", NUMBER(config.eta_s, 0.0, 1e3)},
    {SSLDYN_OPTION("no-decay-bn", NULL, "Optimizer"),
     .help =
         "leave biases and batch normalization out of the weight decay (the authors include them)",
     NEGATION(config.decay_all)},
    {SSLDYN_OPTION("schedule", "KIND", "Optimizer"),
     .help = "learning rate schedule; cosine: to 0 at the last step", .default_text = "constant",
     CHOICE(schedule, "constant|cosine")},
    {SSLDYN_OPTION("warmup", "EPOCHS", "Optimizer"),
     .help = "epochs of linear warm-up of the learning rate", .default_text = "0",
     NUMBER(config.warmup, 0.0, 1e6)},

#include "sim/options/options_views.inc"

    {SSLDYN_OPTION("channels", "WHAT", "Augmentation"),
     .help =
         "means and standard deviations for normalizing pixels: the usual ones of CIFAR-10, those "
         "measured on the images, or none; auto: cifar with --augmentation cifar, measured with "
         "weak, otherwise none",
     .default_text = "auto", CHOICE(channels, "auto|cifar|measured|none")},

    {SSLDYN_OPTION("observe-every", "EPOCHS", "Measurements"),
     .help = "write a row of the trace, with F and Wp, every EPOCHS epochs", .default_text = "1",
     WHOLE(observe_every, 1, 1e6)},
    {SSLDYN_OPTION("observe-images", "N", "Measurements"),
     .help = "compute F over two fixed views of N images; 0: F is the running correlation of the "
             "training",
     .default_text = "4096", WHOLE(observe_images, 0, 1e9)},
    {SSLDYN_OPTION("probe-every", "EPOCHS", "Measurements"),
     .help = "run a linear probe every EPOCHS epochs and at the end; 0: never",
     .default_text = "10", WHOLE(probe_every, 0, 1e6), .decides = true},
    {SSLDYN_OPTION("probe-epochs", "N", "Measurements"),
     .help = "epochs of the probe; the accuracy is that of the best epoch, as the authors report",
     .default_text = "50", WHOLE(probe_epochs, 1, 1e6), OF_PROBE},
    {SSLDYN_OPTION("knn", "K", "Measurements"),
     .help = "with the probe, also classify by the K training images with the largest cosine, "
             "each with the weight exp(cosine/0.07); 0: do not",
     .default_text = "200", WHOLE(knn, 0, 1e6), OF_PROBE},
    {SSLDYN_OPTION("probe-batch", "N", "Measurements"), .help = "batch size of the probe",
     .default_text = "128", WHOLE(probe_batch, 1, 1 << 20), OF_PROBE},
    {SSLDYN_OPTION("probe-lr", "RATE", "Measurements"), .help = "learning rate of the probe (Adam)",
     .default_text = "3e-4", NUMBER(probe_lr, 0.0, 1e3), OF_PROBE},
    {SSLDYN_OPTION("probe-decay", "RATE", "Measurements"), .help = "weight decay of the probe",
     .default_text = "1e-3", NUMBER(probe_decay, 0.0, 1e3), OF_PROBE},

    {SSLDYN_OPTION("device", "NAME", "Run"), .help = "device that computes the training",
     .default_text = "cpu", CHOICE(device, "cpu|cuda"), .decides = true},
    {SSLDYN_OPTION("precision", "TYPE", "Run"),
     .help =
         "precision of the network: float or double on the CPU, bf16 (products summed in float, "
         "weights kept in float) or float on CUDA; auto: float on the CPU, bf16 on CUDA",
     .default_text = "auto", CHOICE(precision, "auto|float|double|bf16")},
    {SSLDYN_OPTION("seed", "N", "Run"), .help = "random seed; the same seed reproduces the run",
     .default_text = "1", KIND(SEED, config.seed), .minimum = -HUGE_VAL, .maximum = HUGE_VAL},
    {SSLDYN_OPTION("checkpoint", "EPOCHS", "Run"),
     .help = "save the state and the results so far every EPOCHS epochs; 0: only when stopped by "
             "Ctrl-C",
     .default_text = "10", WHOLE(checkpoint, 0, 1e6), .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("resume", NULL, "Run"),
     .help = "continue the run in --output where it stopped, if there is one", FLAG(resume),
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("output", "DIR", "Run"), .help = "output directory (default: out/byol)",
     .letter = 'o', TEXT(output), .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("export", "FILE", "Run"),
     .help = "write the trained network as .safetensors, with the names and the layout of PyTorch",
     TEXT(export), .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("features", "FILE", "Run"),
     .help = "write the encoder's features of the test images after training as .npy, one row per "
             "image",
     TEXT(features), .written = SSLDYN_OPTION_WRITTEN_NEVER, OF_PROBE},
    {SSLDYN_OPTION("quiet", NULL, "Run"), .help = "print errors only", .letter = 'q', FLAG(quiet),
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
};
/* Options of a part of the views that is turned off. */
static bool applies(const void *fields, const struct ssldyn_option *option, char *why, size_t size)
{
    const struct options *o = fields;
    const struct {
        const char *name, *parts;
        double value;
    } switches[] = {
        {"crop-scale", "crop-ratio", o->views.crop_scale},
        {"jitter", "brightness|contrast|saturation|hue", o->views.jitter},
        {"blur", "blur-min|blur-max|blur-kernel", o->views.blur},
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (switches[i].value <= 0.0 && ssldyn_name_in(option->name, switches[i].parts)) {
            snprintf(why, size, "has no effect unless --%s is above 0", switches[i].name);
            return false;
        }
    }
    return true;
}

const struct ssldyn_schema options_schema = {
    .program = "byol",
    .options = table,
    .count = sizeof table / sizeof table[0],
    .applies = applies,
};
