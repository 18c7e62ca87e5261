/* ssldyn theory for the cosine loss (THEORY section 10): no fold; the rank and the spectrum
 * after training follow from the start. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/model/model.h"
#include "theory/cosine_rates.h"
#include "theory/waterfill.h"

#include <math.h>
#include <stdlib.h>

/* Where a start ends. */
struct end {
    size_t n, rank;
    size_t left; /* number of survivors along which X does not vanish; dimension of Lambda */
    bool noisy;
    double level;
    double *p, *w2;                 /* at the end, n each */
    double *rest;                   /* lambda_s^2 - lambda_d^2 */
    double *product;                /* of the layers' squares in the end, n; w2: the smallest's */
    double *s, *m, *Lambda, *rates; /* of the survivors: variances of their outputs, n; m and
                                     * Lambda of ssldyn_cosine_rates; eigenvalues of Lambda */
    double *workspace;
    double *block; /* holds all of these */
};

static enum ssldyn_status end_create(const struct ssldyn_closed_list *list, struct end *end,
                                     struct ssldyn_error *err)
{
    const size_t n = list->count;
    *end = (struct end){.n = n};
    const struct ssldyn_memory_part parts[] = {
        {&end->p, n},
        {&end->w2, n},
        {&end->rest, n},
        {&end->product, n},
        {&end->s, n},
        {&end->m, n},
        {&end->Lambda, n * n},
        {&end->rates, n},
        {&end->workspace, ssldyn_waterfill_noise_workspace(n)}};
    end->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (!end->block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    }
    for (size_t j = 0; j < n; j++) {
        const double noise = list->lambda_s[j] - list->lambda_d[j];
        end->rest[j] = noise * (list->lambda_s[j] + list->lambda_d[j]);
        end->noisy = end->noisy || noise > 0.0;
    }
    return SSLDYN_OK;
}

/* ---- what is known */

static bool is_iso(const struct ssldyn_spec *spec)
{
    return ssldyn_losses_of(&spec->problem.parameters)->iso;
}

bool ssldyn_closed_is_plain(const struct ssldyn_spec *spec)
{
    return !is_iso(spec) && spec->problem.parameters.depth == 1 &&
           ssldyn_rules_trained(&spec->problem.parameters);
}

/* Refuses settings for which the end of the flow from a start is unknown. */
static enum ssldyn_status check_end(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const double ratio = is_iso(spec) ? 2.0 : 1.0;
    double shift = 0.0;
    if (!parameters->tau_held && rates->beta <= rates->eta_s) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--beta %g: must be above eta_s = %g; otherwise the target's direction "
                           "freezes, and the final state depends on the path",
                           rates->beta, rates->eta_s);
    }
    if (!ssldyn_rules_trained(parameters)) {
        if (isnan(ssldyn_rules_of(parameters)->power(parameters, &shift)) ||
            parameters->epsilon > 0.0) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--predictor %s%s: the final state is known only for powers of F "
                               "(directpred and directset without --epsilon)",
                               ssldyn_rules_of(parameters)->name,
                               parameters->epsilon > 0.0 ? " with --epsilon" : "");
        }
        return SSLDYN_OK;
    }
    if (rates->eta_p != ratio * rates->eta_s) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--eta-p %g and --eta-s %g: the final state is known only if c_j is "
                           "conserved, which needs %s",
                           rates->eta_p, rates->eta_s,
                           is_iso(spec) ? "eta_p = 2 eta_s" : "equal decays");
    }
    return SSLDYN_OK;
}

static enum ssldyn_status check_noise(const struct ssldyn_spec *spec, bool noisy,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    return noisy && !ssldyn_closed_is_plain(spec)
               ? ssldyn_fail(err, SSLDYN_EINPUT,
                             "--loss %s%s: the final state is known only without noise; give "
                             "--sigma2 0, or --lambda-s equal to --lambda-d",
                             ssldyn_losses_of(parameters)->name,
                             parameters->depth > 1               ? " with --depth"
                             : !ssldyn_rules_trained(parameters) ? " with --predictor"
                                                                 : "")
               : SSLDYN_OK;
}

static enum ssldyn_status check(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const others[] = {"p-end", "t-end",  "train-steps", "tau0",
                                         "wa0",   "ema-of", NULL};
    static const char *const predictor[] = {"no-predictor", NULL};
    const enum ssldyn_status status = ssldyn_closed_refuse(
        spec, others, "has no effect: under the cosine loss only the final state has a closed form",
        err);
    return status == SSLDYN_OK
               ? ssldyn_closed_refuse(
                     spec, predictor,
                     "the final state under the cosine loss is not known without a predictor", err)
               : status;
}

/* Refuses a single mode, and noise below 0. */
static enum ssldyn_status check_list(const struct ssldyn_spec *spec,
                                     const struct ssldyn_closed_list *list, bool of_data,
                                     struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    if (list->count < 2) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--loss %s: with one mode the cosine is 1 or -1, and its gradient is 0 "
                           "for every pair of views; give two modes or more (%s)",
                           ssldyn_losses_of(parameters)->name,
                           of_data                            ? "--x"
                           : !list->isotropic                 ? "--lambda-s a,b,..."
                           : ssldyn_rules_trained(parameters) ? "--p0 a,b,..."
                                                              : "--s0 a,b,...");
    }
    for (size_t j = 0; j < list->count; j++) {
        if (list->lambda_d[j] > list->lambda_s[j]) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--lambda-s %g, --lambda-d %g: the noise is their difference, which "
                               "must not be negative",
                               list->lambda_s[j], list->lambda_d[j]);
        }
    }
    return SSLDYN_OK;
}

/* ---- the end of modes */

static enum ssldyn_status fill(const struct ssldyn_spec *spec,
                               const struct ssldyn_closed_list *list, struct end *end,
                               struct ssldyn_error *err)
{
    const double alpha_p = spec->problem.parameters.rates.alpha_p;
    const struct ssldyn_cosine_data data = {list->count, list->lambda_s, list->lambda_s,
                                            list->lambda_d, end->rest};
    if (!end->noisy) {
        end->rank = (is_iso(spec) ? ssldyn_waterfill_iso : ssldyn_waterfill)(
            list->count, alpha_p, list->p, list->w, end->p, end->w2, &end->level);
    } else if (!ssldyn_waterfill_noise(&data, alpha_p, list->p, list->w, end->p, end->w2,
                                       &end->level, &end->rank, end->workspace)) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "no final state with noise was found for this start: there is no "
                           "point near it at which the gradient vanishes");
    }
    if (end->rank == 0) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "every p_j and every c_j = w_j^2 - p_j^2/alpha_p is negative: the final "
                           "state of such a start is not known");
    }
    return SSLDYN_OK;
}

/* The survivors' variances, and the eigenvalues of the matrix that equalizes their p. */
static enum ssldyn_status find_rates(const struct ssldyn_closed_list *list, struct end *end,
                                     struct ssldyn_error *err)
{
    struct ssldyn_eigen *eigen = NULL;
    for (size_t j = 0; j < end->n; j++) {
        if (end->w2[j] > 0.0 && list->lambda_d[j] > 0.0) {
            end->s[end->left++] = end->product[j] * list->lambda_d[j];
        }
    }
    if (end->left == 0) {
        return SSLDYN_OK;
    }
    ssldyn_cosine_rates(end->left, end->s, end->m, end->Lambda);
    enum ssldyn_status status = ssldyn_eigen_create(end->left, &eigen, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_eigen_symmetric(eigen, end->Lambda, end->rates, NULL, err);
    }
    ssldyn_eigen_free(eigen);
    return status;
}

/* How perturbations of the survivors' p decay, the slowest first, and how the small w of a
 * collapsed mode grows. */
static void put_rates(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                      const struct ssldyn_closed_list *list, const struct end *end)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const double squared = end->level * end->level;
    for (size_t k = 1; k < end->left; k++) { /* the last one, 0, is that of the norm */
        ssldyn_result_put_of(result, "rate", k - 1, end->left,
                             -parameters->rates.alpha_p / squared * end->rates[end->left - 1 - k]);
    }
    for (size_t j = 0; end->left > 0 && parameters->depth == 1 && j < end->n; j++) {
        const double share = end->p[j] / end->level;
        if (!(end->w2[j] > 0.0)) {
            ssldyn_result_put_of(result, "growth", j, end->n,
                                 list->lambda_d[j] * (is_iso(spec) ? 1.0 / end->level : share) *
                                     (1.0 - share) *
                                     ssldyn_cosine_rates_inverse(end->left, end->s));
        }
    }
}

static double w2_start(const struct ssldyn_closed_list *list, size_t j)
{
    return list->w[j] * list->w[j];
}

static void put_end(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                    const struct ssldyn_closed_list *list, const struct end *end)
{
    const double alpha_p = spec->problem.parameters.rates.alpha_p;
    const unsigned depth = (unsigned)spec->problem.parameters.depth;
    for (size_t j = 0; j < end->n; j++) {
        ssldyn_result_put_of(result, is_iso(spec) ? "k" : "c", j, end->n,
                             is_iso(spec) ? list->p[j] - 0.5 * alpha_p * w2_start(list, j)
                                          : w2_start(list, j) - list->p[j] * list->p[j] / alpha_p);
    }
    ssldyn_result_put(result, "level", end->level);
    ssldyn_result_put_count(result, "rank", (int64_t)end->rank);
    for (size_t j = 0; j < end->n; j++) {
        ssldyn_result_put_of(result, "p_end", j, end->n, end->p[j]);
        ssldyn_result_put_of(result, "w2_end", j, end->n, end->w2[j]);
        if (depth > 1) {
            ssldyn_result_put_of(result, "w2_product_end", j, end->n, end->product[j]);
        }
        if (!end->noisy && !is_iso(spec)) {
            ssldyn_result_put_of(
                result, "margin", j, end->n,
                ssldyn_waterfill_margin(alpha_p, list->p[j], list->w[j], end->level));
        }
    }
    if (!end->noisy && !is_iso(spec) && end->rank > 0) { /* d margin/d|Wp(0)|^2 at constant c */
        ssldyn_result_put(result, "margin_per_norm2_wp", 1.0 / (alpha_p * (double)end->rank));
    }
}

static void find_set(const struct ssldyn_spec *spec, const struct ssldyn_closed_list *list,
                     struct end *end)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    double shift = 0.0;
    const double a = ssldyn_rules_of(parameters)->power(parameters, &shift);
    for (size_t j = 0; j < end->n; j++) {
        end->w2[j] = w2_start(list, j);
        end->rank += end->w2[j] > 0.0 ? 1 : 0;
    }
    end->level =
        ssldyn_waterfill_set(end->n, list->lambda_d, end->w2, is_iso(spec) ? a + 1.0 : 1.0);
    for (size_t j = 0; j < end->n; j++) {
        end->w2[j] = end->w2[j] > 0.0 ? end->level / list->lambda_d[j] : 0.0;
    }
}

static enum ssldyn_status find_end(const struct ssldyn_spec *spec,
                                   const struct ssldyn_closed_list *list, struct end *end,
                                   struct ssldyn_error *err)
{
    enum ssldyn_status status = check_end(spec, err);
    if (status == SSLDYN_OK) {
        status = end_create(list, end, err);
    }
    if (status == SSLDYN_OK) {
        status = check_noise(spec, end->noisy, err);
    }
    if (status == SSLDYN_OK && !ssldyn_rules_trained(&spec->problem.parameters)) {
        find_set(spec, list, end);
        return SSLDYN_OK;
    }
    if (status == SSLDYN_OK) {
        status = fill(spec, list, end, err);
    }
    if (status == SSLDYN_OK) {
        for (size_t j = 0; j < end->n; j++) {
            end->product[j] = ssldyn_closed_layers_product(spec, list, j, end->w2[j]);
        }
    }
    return status == SSLDYN_OK && !end->noisy ? find_rates(list, end, err) : status;
}

static void put_settings(struct ssldyn_result *result, const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    double shift = 0.0;
    ssldyn_result_put_word(result, "loss", ssldyn_losses_of(parameters)->name);
    ssldyn_closed_put_rates(result, spec);
    if (!parameters->tau_held) {
        ssldyn_result_put(result, "beta", parameters->rates.beta);
    }
    if (parameters->depth > 1) {
        ssldyn_result_put_count(result, "depth", parameters->depth);
    }
    if (!ssldyn_rules_trained(parameters)) {
        ssldyn_result_put(result, "set_power",
                          ssldyn_rules_of(parameters)->power(parameters, &shift));
    }
    ssldyn_result_put(result, "eta_fold", (double)NAN);
}

static enum ssldyn_status put_modes(const struct ssldyn_spec *spec,
                                    const struct ssldyn_closed_list *list, bool wants_end,
                                    bool wants_sgd, struct ssldyn_result *result,
                                    struct ssldyn_error *err)
{
    struct end end = {.n = 0};
    struct ssldyn_closed_sgd sgd = {.rank = 0};
    enum ssldyn_status status = wants_end ? find_end(spec, list, &end, err) : SSLDYN_OK;
    if (status == SSLDYN_OK && wants_sgd) {
        status = ssldyn_closed_sgd_find(spec, list, &sgd, err);
    }
    if (status == SSLDYN_OK) {
        put_settings(result, spec);
    }
    if (status == SSLDYN_OK && wants_end && !ssldyn_rules_trained(&spec->problem.parameters)) {
        ssldyn_result_put_count(result, "rank", (int64_t)end.rank);
        ssldyn_result_put(result, "s_end", end.level); /* of F */
        for (size_t j = 0; !list->isotropic && j < end.n; j++) {
            ssldyn_result_put_of(result, "w2_end", j, end.n, end.w2[j]);
        }
    } else if (status == SSLDYN_OK && wants_end) {
        put_end(result, spec, list, &end);
        put_rates(result, spec, list, &end);
    }
    if (status == SSLDYN_OK && wants_sgd) {
        ssldyn_closed_sgd_put(result, &sgd);
    }
    free(end.block);
    ssldyn_closed_sgd_clear(&sgd);
    return status;
}

enum ssldyn_status ssldyn_closed_cosine(struct ssldyn_spec *spec, struct ssldyn_result *result,
                                        struct ssldyn_error *err)
{
    static const char *const starts[] = {"p0", "s0", "wp0", "w0", NULL};
    const bool wants_sgd = ssldyn_closed_sgd_given(spec);
    const bool wants_end = !wants_sgd || ssldyn_closed_given(spec, starts);
    struct ssldyn_closed_list list;
    enum ssldyn_status status = check(spec, err);
    const bool of_data = !ssldyn_model_of(spec->problem.model)->modes;
    if (status == SSLDYN_OK && of_data && !wants_sgd) {
        status = check_end(spec, err);
        return status == SSLDYN_OK ? ssldyn_closed_cosine_matrices(spec, result, err) : status;
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    status = of_data ? ssldyn_closed_list_of_data(spec, &list, err)
                     : ssldyn_closed_list_create(spec, &list, err);
    if (status == SSLDYN_OK) {
        status = check_list(spec, &list, of_data, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_closed_layers_check(spec, err);
    }
    if (status == SSLDYN_OK && spec->problem.parameters.depth > 1) {
        ssldyn_closed_layers_take_smallest(spec, &list);
    }
    if (status == SSLDYN_OK) {
        status = put_modes(spec, &list, wants_end, wants_sgd, result, err);
    }
    ssldyn_closed_list_clear(&list);
    return status;
}
