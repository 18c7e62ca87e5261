/* Which options belong together: what contradicts what, by the source of each value. An option that would
 * be ignored is refused. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/model/model.h"

#include "sim/base/memory.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum ssldyn_status check_target(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char first[SSLDYN_SPEC_WHERE];
    char second[SSLDYN_SPEC_WHERE];
    struct ssldyn_parameters *parameters = &spec->problem.parameters;
    if (!spec->ema && ssldyn_spec_given(spec, "tau")) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s and %s: give only one; --no-ema means --tau 1",
                           ssldyn_spec_where(spec, "no-ema", first),
                           ssldyn_spec_where(spec, "tau", second));
    }
    parameters->tau_held = !spec->ema || ssldyn_spec_given(spec, "tau");
    if (!spec->ema) {
        parameters->tau = 1.0;
    }
    return SSLDYN_OK;
}

/* F has one closure, the residual of the cosine others. */
static enum ssldyn_status check_closure(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char name[SSLDYN_SPEC_WHERE];
    const bool of_modes = ssldyn_model_is_coupled(&spec->problem);
    const bool parabola = spec->closure == SSLDYN_CLOSURE_PARABOLA;
    if (spec->closure != SSLDYN_CLOSURE_NONE && parabola == of_modes) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: --model %s takes %s",
                           ssldyn_spec_where(spec, "closure", name),
                           ssldyn_model_of(spec->problem.model)->name,
                           of_modes ? "none, leading or next" : "none or parabola");
    }
    return SSLDYN_OK;
}

/* One source says it twice; a later one overrides, whole or in part. */
static enum ssldyn_status check_decay(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char first[SSLDYN_SPEC_WHERE];
    char second[SSLDYN_SPEC_WHERE];
    const enum ssldyn_source eta = ssldyn_spec_source(spec, "eta");
    if (eta != SSLDYN_SOURCE_DEFAULT && ssldyn_spec_source(spec, "eta-p") == eta &&
        ssldyn_spec_source(spec, "eta-s") == eta) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s and %s: set the same decay; with --eta give only one of --eta-p and --eta-s",
            ssldyn_spec_where(spec, "eta", first), ssldyn_spec_where(spec, "eta-s", second));
    }
    return SSLDYN_OK;
}

/* Steps end a run of SGD; a spec.conf has the time as well, and the other source is overridden. */
static enum ssldyn_status check_end(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char first[SSLDYN_SPEC_WHERE];
    char second[SSLDYN_SPEC_WHERE];
    const enum ssldyn_source steps = ssldyn_spec_source(spec, "steps");
    const bool repeats = steps == SSLDYN_SOURCE_FILE && spec->given.complete;
    if (ssldyn_spec_is_sgd(spec) && spec->problem.sgd.steps > 0 && steps != SSLDYN_SOURCE_DEFAULT &&
        ssldyn_spec_source(spec, "t-end") == steps && !repeats) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT, "%s and %s: both determine the end of a run; give only one of them",
            ssldyn_spec_where(spec, "steps", first), ssldyn_spec_where(spec, "t-end", second));
    }
    return SSLDYN_OK;
}

/* Images bring X and X', vectors X alone. */
static enum ssldyn_status check_drawn_data(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char name[SSLDYN_SPEC_WHERE];
    const char *source = spec->moments_directory ? "moments" : "data";
    const bool images = spec->moments_directory || ssldyn_spec_has_images(spec);
    if (spec->data && spec->moments_directory) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: has its own images; leave out --data",
                           ssldyn_spec_where(spec, "moments", name));
    }
    if (spec->x_file) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: X is computed from --%s; give only one of them",
                           ssldyn_spec_where(spec, "x", name), source);
    }
    if (spec->xprime_file && images) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: X' is computed from --%s; give only one of them",
                           ssldyn_spec_where(spec, "xprime", name), source);
    }
    return SSLDYN_OK;
}

/* X and X' go together. */
static enum ssldyn_status check_data(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char name[SSLDYN_SPEC_WHERE];
    if (spec->given.command == SSLDYN_COMMAND_ALIGN) { /* X alone makes F; the analysis reads it */
        return SSLDYN_OK;
    }
    if (spec->sxx_file || spec->syx_file) {
        return ssldyn_spec_check_pair(spec, err);
    }
    if (spec->data || spec->moments_directory) {
        return check_drawn_data(spec, err);
    }
    if (!spec->x_file != !spec->xprime_file) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs %s as well",
                           ssldyn_spec_where(spec, spec->x_file ? "x" : "xprime", name),
                           spec->x_file ? "--xprime" : "--x");
    }
    return SSLDYN_OK;
}

/* Lists of the model's modes: each has one entry for all modes, or one per mode. */
static enum ssldyn_status check_modes(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct {
        const char *name;
        struct ssldyn_list *list;
    } const lists[] = {{"p0", &spec->problem.p0},
                       {"s0", &spec->problem.s0},
                       {"tau0", &spec->problem.tau0},
                       {"wp0", &spec->problem.wp0},
                       {"w0", &spec->problem.w0},
                       {"wa0", &spec->problem.wa0},
                       {"lambda-s", &spec->problem.typed.lambda_s},
                       {"lambda-d", &spec->problem.typed.lambda_d}};
    enum { LISTS = sizeof lists / sizeof lists[0], STARTS = LISTS - 2 };
    const char *longest = "";
    size_t modes = 1;
    for (int i = 0; i < LISTS; i++) {
        const struct ssldyn_option *option = ssldyn_option_find(lists[i].name);
        const size_t count = lists[i].list->count;
        char name[SSLDYN_SPEC_WHERE];
        if (!ssldyn_settings_applies(&spec->given, option, NULL, 0) || count <= 1) {
            continue;
        }
        if (modes > 1 && count != modes) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: has %zu entries and --%s has %zu; give one entry for each "
                               "mode, or one for all",
                               ssldyn_spec_where(spec, lists[i].name, name), count, longest, modes);
        }
        modes = count;
        longest = lists[i].name;
    }
    if (ssldyn_model_has(spec->problem.model, SSLDYN_HAS_CORRELATION) && modes > 1) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--tau0: --model %s has one tau for all modes",
                           ssldyn_model_of(spec->problem.model)->name);
    }
    for (int i = 0; i < STARTS; i++) {
        struct ssldyn_list *list = lists[i].list;
        if (list->count != 1 || modes == 1) {
            continue;
        }
        double *values = ssldyn_memory_array(modes, sizeof *values);
        if (!values) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", modes);
        }
        for (size_t j = 0; j < modes; j++) {
            values[j] = list->values[0];
        }
        free(list->values);
        *list = (struct ssldyn_list){modes, values};
    }
    return SSLDYN_OK;
}

static enum ssldyn_status check_batch(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    int64_t batch = 0;
    if (strcmp(spec->batch, "inf") != 0 &&
        (!ssldyn_parse_int64(spec->batch, &batch) || batch < 1 || batch > INT_MAX)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--batch %s: must be a whole number from 1 to %d, or inf", spec->batch,
                           INT_MAX);
    }
    spec->problem.sgd.batch = batch;
    return SSLDYN_OK;
}

/* The model of theory, and of the page of explore, follows from the other options unless it is given. */
static void infer_model(struct ssldyn_spec *spec)
{
    static const char *const lowdim[] = {"lambda-s", "lambda-d", "wp0",
                                         "w0",       "wa0",      "no-predictor"};
    const unsigned inferring = SSLDYN_COMMAND_THEORY | SSLDYN_COMMAND_EXPLORE;
    if ((spec->given.command & inferring) == 0 || ssldyn_spec_given(spec, "model")) {
        return;
    }
    spec->problem.model = spec->x_file || spec->xprime_file || spec->sxx_file || spec->syx_file ||
                                  spec->init_w || spec->init_wp
                              ? SSLDYN_MODEL_POPULATION
                              : SSLDYN_MODEL_MODES;
    for (size_t i = 0; i < sizeof lowdim / sizeof lowdim[0]; i++) {
        if (ssldyn_spec_given(spec, lowdim[i])) {
            spec->problem.model = SSLDYN_MODEL_LOWDIM;
        }
    }
}

/* Records which options are given, for code that sees only the values. */
static void note_given(struct ssldyn_spec *spec)
{
    struct ssldyn_typed *typed = &spec->problem.typed;
    struct ssldyn_training *training = &typed->training;
    const struct {
        const char *name;
        bool *said;    /* or: */
        double *value; /* NaN where not said */
    } notes[] = {{"eta-p", &typed->eta_p, NULL},
                 {"eta-s", &typed->eta_s, NULL},
                 {"n1", &typed->n1, NULL},
                 {"n2", &typed->n2, NULL},
                 {"init-scale", &typed->init_scale, NULL},
                 {"train-steps", &typed->training_steps, NULL},
                 {"train-lr", NULL, &training->lr},
                 {"train-weight-decay", NULL, &training->weight_decay},
                 {"train-ema", NULL, &training->ema},
                 {"train-predictor-lr", NULL, &training->predictor_lr},
                 {"train-predictor-weight-decay", NULL, &training->predictor_weight_decay}};
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        const bool said = ssldyn_spec_given(spec, notes[i].name);
        if (notes[i].said) {
            *notes[i].said = said;
        } else if (!said) {
            *notes[i].value = (double)NAN;
        }
    }
    spec->problem.closure_parabola = spec->closure == SSLDYN_CLOSURE_PARABOLA;
    spec->problem.closure = spec->closure == SSLDYN_CLOSURE_LEADING ? SSLDYN_ALIGNED_LEADING
                            : spec->closure == SSLDYN_CLOSURE_NEXT  ? SSLDYN_ALIGNED_NEXT
                                                                    : SSLDYN_ALIGNED_EXACT;
}

enum ssldyn_status ssldyn_spec_check(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    infer_model(spec);
    enum ssldyn_status status = ssldyn_settings_check_ignored(&spec->given, err);
    if (status == SSLDYN_OK) {
        status = check_target(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_check_loss(spec, err);
    }
    if (status == SSLDYN_OK && ssldyn_spec_given(spec, "closure")) {
        status = check_closure(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_check_training(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = check_decay(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = check_end(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = check_data(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = check_batch(spec, err);
    }
    if (status == SSLDYN_OK && spec->given.command != SSLDYN_COMMAND_THEORY) {
        status = check_modes(spec, err);
    }
    if (status == SSLDYN_OK) {
        note_given(spec);
    }
    return status;
}

/* Whether the matrices of files bring the sizes. */
static bool has_sizes(const struct ssldyn_spec *spec)
{
    return spec->given.command != SSLDYN_COMMAND_ALIGN &&
           (spec->given.command != SSLDYN_COMMAND_THEORY || spec->init_w || spec->init_wp);
}

enum ssldyn_status ssldyn_spec_prepare(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_spec_check(spec, err);
    if (status == SSLDYN_OK && has_sizes(spec)) {
        status = ssldyn_spec_infer_sizes(spec, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_problem_derive(&spec->problem);
        status = ssldyn_spec_check_numbers(spec, err);
    }
    return status;
}
