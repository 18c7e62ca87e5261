/* What an option needs to have an effect: its command, its model, the switches it belongs to. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include <stdio.h>
#include <string.h>

static bool is_held(const struct ssldyn_spec *spec)
{
    return !spec->ema || ssldyn_spec_given(spec, "tau");
}

static bool target_moves(const struct ssldyn_spec *spec)
{
    return !is_held(spec);
}

bool ssldyn_spec_is_sgd(const struct ssldyn_spec *spec)
{
    return spec->command == SSLDYN_COMMAND_SGD || (spec->command == SSLDYN_COMMAND_SWEEP &&
                                                   spec->problem.model == SSLDYN_MODEL_POPULATION &&
                                                   spec->sweep.process == SSLDYN_PROCESS_SGD);
}

static bool has_predictor(const struct ssldyn_spec *spec)
{
    return spec->problem.parameters.predictor;
}

/* The gradient has a say: always in SGD, where a rule sets the predictor only every so many steps.
 */
static bool is_trained(const struct ssldyn_spec *spec)
{
    return has_predictor(spec) &&
           (spec->problem.parameters.rule == SSLDYN_PREDICTOR_GRADIENT || ssldyn_spec_is_sgd(spec));
}

static bool can_be_asymmetric(const struct ssldyn_spec *spec)
{
    return is_trained(spec) ||
           (has_predictor(spec) && spec->problem.parameters.rule == SSLDYN_PREDICTOR_OPTIMAL);
}

static bool is_set(const struct ssldyn_spec *spec)
{
    return has_predictor(spec) && spec->problem.parameters.rule != SSLDYN_PREDICTOR_GRADIENT;
}

static bool is_directset(const struct ssldyn_spec *spec)
{
    return has_predictor(spec) && spec->problem.parameters.rule == SSLDYN_PREDICTOR_DIRECTSET;
}

static bool is_directpred(const struct ssldyn_spec *spec)
{
    return has_predictor(spec) && spec->problem.parameters.rule == SSLDYN_PREDICTOR_DIRECTPRED;
}

static bool is_direct(const struct ssldyn_spec *spec)
{
    return is_directset(spec) || is_directpred(spec);
}

/* Whether FILE or FILE:NAME is called as files of arrays are; images are in files of other names.
 */
static bool is_array(const char *data)
{
    static const char *const endings[] = {".npy", ".npz", ".safetensors", ".pt", ".pth", ".ckpt"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t length = strlen(endings[i]);
        for (const char *at = strstr(data, endings[i]); at; at = strstr(at + 1, endings[i])) {
            if (at[length] == '\0' || at[length] == ':') {
                return true;
            }
        }
    }
    return false;
}

bool ssldyn_spec_has_images(const struct ssldyn_spec *spec)
{
    if (spec->command == SSLDYN_COMMAND_MOMENTS) {
        return true;
    }
    return spec->problem.sgd.data && spec->problem.sgd.data[0] != '\0' &&
           (ssldyn_spec_given(spec, "augmentation") || !is_array(spec->problem.sgd.data));
}

static bool is_isotropic(const struct ssldyn_spec *spec)
{
    return !spec->x_file && !spec->xprime_file;
}

static bool draws_no_images(const struct ssldyn_spec *spec)
{
    return !spec->problem.sgd.moments && !ssldyn_spec_has_images(spec);
}

static bool starts_from_w(const struct ssldyn_spec *spec)
{
    return spec->problem.model != SSLDYN_MODEL_REDUCED || (!spec->init_f && spec->closure == 0);
}

static bool has_free_correlation(const struct ssldyn_spec *spec)
{
    return spec->closure == 0;
}

static bool lr_changes(const struct ssldyn_spec *spec)
{
    return spec->problem.sgd.schedule_lr != SSLDYN_SCHEDULE_CONSTANT;
}

static bool ema_changes(const struct ssldyn_spec *spec)
{
    return spec->problem.sgd.schedule_ema != SSLDYN_SCHEDULE_CONSTANT && target_moves(spec);
}

static bool decay_changes(const struct ssldyn_spec *spec)
{
    return spec->problem.sgd.schedule_decay != SSLDYN_SCHEDULE_CONSTANT;
}

static bool has_batches(const struct ssldyn_spec *spec)
{
    return spec->problem.sgd.batch && strcmp(spec->problem.sgd.batch, "inf") != 0;
}

/* Images for their moments, or vectors for batches. */
static bool has_use_for_data(const struct ssldyn_spec *spec)
{
    return spec->command == SSLDYN_COMMAND_MOMENTS || has_batches(spec);
}

static bool is_ensemble(const struct ssldyn_spec *spec)
{
    return spec->problem.sgd.ensemble > 0;
}

/* What ssldyn basin looks for: thresholds, also over axes; over axes alone a map; else a curve. */
static bool has_threshold(const struct ssldyn_spec *spec)
{
    return spec->sweep.threshold != NULL;
}

static bool ends_in_time(const struct ssldyn_spec *spec)
{
    return spec->command != SSLDYN_COMMAND_BASIN || (spec->sweep.axes && !has_threshold(spec));
}

static bool has_tolerance(const struct ssldyn_spec *spec)
{
    return spec->command != SSLDYN_COMMAND_BASIN || !has_threshold(spec);
}

static bool has_start(const struct ssldyn_spec *spec)
{
    return spec->command != SSLDYN_COMMAND_BASIN || spec->sweep.axes || has_threshold(spec);
}

static bool draws(const struct ssldyn_spec *spec)
{
    return (starts_from_w(spec) && !spec->init_w) || (is_trained(spec) && !spec->init_wp) ||
           (target_moves(spec) && spec->problem.init_wa == SSLDYN_TARGET_RANDOM);
}

static const struct need {
    const char *option;
    bool (*met)(const struct ssldyn_spec *spec);
    const char *why;
} needs[] = {
    {"beta", target_moves, "moves the target, and --tau or --no-ema holds it fixed"},
    {"train-ema", target_moves, "moves the target, and --tau or --no-ema holds it fixed"},
    {"tau0", target_moves, "starts a target that moves, and --tau or --no-ema holds it fixed"},
    {"wa0", target_moves, "starts a target that moves, and --tau or --no-ema holds it fixed"},
    {"init-wa", target_moves, "starts a target that moves, and --tau or --no-ema holds it fixed"},
    {"predictor", has_predictor, "has no effect with --no-predictor"},
    {"alpha-p", is_trained, "has no effect on a predictor that is not trained"},
    {"eta-p", is_trained, "has no effect on a predictor that is not trained"},
    {"train-predictor-lr", is_trained, "has no effect on a predictor that is not trained"},
    {"train-predictor-weight-decay", is_trained,
     "has no effect on a predictor that is not trained"},
    {"p0", is_trained, "starts a predictor that is trained, and --predictor sets it"},
    {"wp0", is_trained, "starts a predictor, and --no-predictor leaves none"},
    {"init-wp", is_trained, "starts a predictor that is trained"},
    {"symmetric", can_be_asymmetric, "has no effect on a predictor that is symmetric anyway"},
    {"set-power", is_directset, "belongs to --predictor directset"},
    {"epsilon", is_set, "belongs to --predictor directpred, directset or optimal"},
    {"set-shift", is_directpred, "belongs to --predictor directpred"},
    {"correlation", is_direct, "belongs to --predictor directpred or directset"},
    {"normalize", is_direct, "belongs to --predictor directpred or directset"},
    {"sigma2", is_isotropic, "belongs to isotropic data, and --x gives others"},
    {"sigma2", draws_no_images, "belongs to isotropic data, and images are others"},
    {"init-f", has_free_correlation, "starts F, which --closure parabola ties to the predictor"},
    {"init-w", starts_from_w, "starts F, which --init-f or --closure parabola gives"},
    {"n1", starts_from_w, "sizes W, which is not drawn with --init-f or --closure parabola"},
    {"rho", is_set, "belongs to a predictor that is set"},
    {"freq", is_set, "belongs to a predictor that is set"},
    {"end-lr", lr_changes, "belongs to --schedule-lr linear or cosine"},
    {"end-ema", ema_changes, "belongs to --schedule-ema linear or cosine"},
    {"schedule-ema", target_moves,
     "schedules a target that moves, and --tau or --no-ema holds it fixed"},
    {"end-decay", decay_changes, "belongs to --schedule-decay linear or cosine"},
    {"sampler", has_batches, "draws batches, and --batch inf has none"},
    {"data", has_use_for_data,
     "is drawn from, and --batch inf draws nothing: give --x and --xprime"},
    {"symmetrize-loss", has_batches, "has no effect on the population's gradient"},
    {"vary", is_ensemble, "belongs to --ensemble"},
    {"member", is_ensemble, "belongs to --ensemble"},
    {"lo", has_threshold, "belongs to --threshold"},
    {"hi", has_threshold, "belongs to --threshold"},
    {"scan", has_threshold, "belongs to --threshold"},
    {"t-end", ends_in_time, "has no effect: only a map's points are followed to an end"},
    {"train-steps", ends_in_time, "has no effect: only a map's points are followed to an end"},
    {"rtol", has_tolerance, "has no effect: a threshold is found to 1e-12 whatever it is"},
    {"p0", has_start, "has no effect on the separatrix, which is that of every start"},
    {"s0", has_start, "has no effect on the separatrix, which is that of every start"},
    {"wp0", has_start, "has no effect on the separatrix, which is that of every start"},
    {"w0", has_start, "has no effect on the separatrix, which is that of every start"},
    {"init-scale", draws, "sizes entries that are drawn, and files give them all"},
};

/* "--model modes or parabola" */
static void describe_models(unsigned models, char *why, size_t size)
{
    const struct ssldyn_option *model = ssldyn_option_find("model");
    size_t used = (size_t)snprintf(why, size, "belongs to --model");
    const char *word = model->choices;
    for (unsigned rest = models; rest != 0 && used < size; rest >>= 1) {
        const int length = (int)strcspn(word, "|");
        if (rest & 1U) {
            used += (size_t)snprintf(why + used, size - used, " %.*s%s", length, word,
                                     rest > 1U ? " or" : "");
        }
        word += length + (word[length] == '|');
    }
}

bool ssldyn_option_applies(const struct ssldyn_option *option, const struct ssldyn_spec *spec,
                           char *why, size_t size)
{
    if ((option->commands & (unsigned)spec->command) == 0) {
        if (why) {
            snprintf(why, size, "is not an option of ssldyn %s",
                     ssldyn_command_name(spec->command));
        }
        return false;
    }
    const unsigned both = SSLDYN_COMMAND_FLOW | SSLDYN_COMMAND_SGD;
    const bool of_point = (option->commands & both) != 0 && strcmp(option->name, "model") != 0;
    const unsigned process = ssldyn_spec_is_sgd(spec) ? SSLDYN_COMMAND_SGD : SSLDYN_COMMAND_FLOW;
    if (spec->command == SSLDYN_COMMAND_SWEEP && of_point && (option->commands & process) == 0) {
        if (why) {
            snprintf(why, size,
                     process == SSLDYN_COMMAND_SGD ? "has no effect with --process sgd"
                                                   : "belongs to --process sgd");
        }
        return false;
    }
    if (option->models != 0 && (option->models & (1U << spec->problem.model)) == 0) {
        if (why) {
            describe_models(option->models, why, size);
        }
        return false;
    }
    if (option->of_images && !ssldyn_spec_has_images(spec)) {
        if (why) {
            snprintf(why, size, "belongs to --data with images (of a .npy: with --augmentation)");
        }
        return false;
    }
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (strcmp(needs[i].option, option->name) == 0 && !needs[i].met(spec)) {
            if (why) {
                snprintf(why, size, "%s", needs[i].why);
            }
            return false;
        }
    }
    return true;
}
