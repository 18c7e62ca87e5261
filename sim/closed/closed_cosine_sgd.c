/* ssldyn theory for SGD on the cosine loss (THEORY section 10): norms, and the fold in lr eta. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/base/memory.h"
#include "sim/inputs/inputs.h"
#include "sim/run/moments_basis.h"
#include "sim/run/moments_modes.h"

#include <math.h>
#include <stdlib.h>

bool ssldyn_closed_sgd_given(const struct ssldyn_spec *spec)
{
    static const char *const names[] = {"lr", "train-lr", "momentum", "batch", NULL};
    return ssldyn_closed_given(spec, names) != NULL;
}

static enum ssldyn_status check(const struct ssldyn_spec *spec,
                                const struct ssldyn_closed_list *list, struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    double drive = 0.0;
    double noise = 0.0;
    for (size_t j = 0; j < list->count; j++) {
        drive = fmax(drive, list->lambda_d[j]);
        noise = fmax(noise, list->lambda_s[j] - list->lambda_d[j]);
    }
    if (!ssldyn_closed_is_plain(spec)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--lr: the stationary state of SGD is known only for --loss cosine with "
                           "a trained predictor and one layer");
    }
    if (!ssldyn_spec_given(spec, "lr") && !ssldyn_spec_given(spec, "train-lr")) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--%s: needs --lr",
                           ssldyn_spec_given(spec, "batch") ? "batch" : "momentum");
    }
    if (spec->problem.sgd.batch == 0) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--batch inf: without noise the norms do not grow, and nothing balances the decay");
    }
    if (!(parameters->rates.eta_p > 0.0) || !(parameters->rates.eta_s > 0.0)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--eta-p %g and --eta-s %g: both must be positive, since without decay "
                           "a norm grows forever",
                           parameters->rates.eta_p, parameters->rates.eta_s);
    }
    if (!(drive > 0.0) || !(noise > 0.0)) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--lambda-s and --lambda-d: the noise of SGD comes from the augmentation; some "
            "lambda_s must be above its lambda_d, and some lambda_d above 0");
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_closed_list_of_data(const struct ssldyn_spec *spec,
                                              struct ssldyn_closed_list *list,
                                              struct ssldyn_error *err)
{
    struct ssldyn_moments_basis *basis = NULL;
    *list = (struct ssldyn_closed_list){.isotropic = false};
    if (!spec->x_file || spec->init_w || spec->init_wp) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--lr: the stationary state of SGD is known only for the modes of --x and --xprime, "
            "from any start, or for those of --lambda-s and --lambda-d");
    }
    enum ssldyn_status status = ssldyn_inputs_moments(spec, &basis, err);
    if (status == SSLDYN_OK) {
        list->lambda_s = ssldyn_memory_array(2 * basis->n1, sizeof *list->lambda_s);
        list->lambda_d = list->lambda_s ? list->lambda_s + basis->n1 : NULL;
        status = list->lambda_s
                     ? ssldyn_moments_modes(&basis->moments, list->lambda_s, list->lambda_d,
                                            &list->count, err)
                     : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", basis->n1);
    }
    ssldyn_moments_basis_free(basis);
    return status;
}

enum ssldyn_status ssldyn_closed_sgd_find(const struct ssldyn_spec *spec,
                                          const struct ssldyn_closed_list *list,
                                          struct ssldyn_closed_sgd *sgd, struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const struct ssldyn_sgd_options *options = &spec->problem.sgd;
    const enum ssldyn_status status = check(spec, list, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    sgd->settings = (struct ssldyn_cosine_sgd){.n = list->count,
                                               .lambda_s = list->lambda_s,
                                               .lambda_d = list->lambda_d,
                                               .alpha_p = rates->alpha_p,
                                               .eta_p = rates->eta_p,
                                               .eta_s = rates->eta_s,
                                               .lr = options->lr / (1.0 - options->momentum),
                                               .batch = (double)options->batch};
    const size_t n = list->count;
    sgd->block = ssldyn_memory_array(6 * n, sizeof *sgd->block);
    if (!sgd->block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    }
    double *const next = sgd->block + 3 * n;
    sgd->p = sgd->block;
    const bool leading = ssldyn_cosine_sgd_stationary(&sgd->settings, sgd->p, sgd->p + n,
                                                      sgd->p + 2 * n, &sgd->rank);
    const bool settled =
        ssldyn_cosine_sgd_settle(&sgd->settings, next, next + n, next + 2 * n, &sgd->rank_next);
    sgd->next = !leading;
    if (sgd->next) {
        sgd->p = next;
        sgd->rank = sgd->rank_next;
    }
    sgd->w2 = sgd->p + n;
    sgd->fold = sgd->w2 + n;
    if (sgd->next && !settled) {
        return ssldyn_fail(
            err, SSLDYN_EDOMAIN,
            "lr eta_s/batch = %g: SGD leaves fewer than two modes, and no stationary "
            "state is known",
            sgd->settings.lr * rates->eta_s / sgd->settings.batch);
    }
    return SSLDYN_OK;
}

void ssldyn_closed_sgd_put(struct ssldyn_result *result, const struct ssldyn_closed_sgd *sgd)
{
    const struct ssldyn_cosine_sgd *settings = &sgd->settings;
    const double lr_eta = settings->lr * settings->eta_s;
    double norm2_w = 0.0;
    double norm2_wp = 0.0;
    double kappa_w;
    double kappa_p;
    ssldyn_cosine_sgd_gains(settings, sgd->p, sgd->w2, &kappa_w, &kappa_p);
    for (size_t j = 0; j < settings->n; j++) {
        norm2_w += sgd->w2[j];
        norm2_wp += sgd->p[j] * sgd->p[j];
    }
    ssldyn_result_put(result, "lr_effective", settings->lr);
    ssldyn_result_put(result, "batch", settings->batch);
    ssldyn_result_put(result, "lr_eta", lr_eta);
    ssldyn_result_put(result, "memory_steps",
                      ssldyn_cosine_sgd_memory(settings->lr, settings->eta_s));
    ssldyn_result_put(result, "sgd_norm2_w", norm2_w);
    ssldyn_result_put(result, "sgd_norm2_wp", norm2_wp);
    ssldyn_result_put(result, "sgd_kappa_w", kappa_w);
    ssldyn_result_put(result, "sgd_kappa_p", kappa_p);
    for (size_t j = 0; j < settings->n; j++) {
        const double ratio = pow(sgd->fold[j] / settings->eta_s, 2.0); /* fold in lr eta divided
                                                                        * by its value */
        const struct {
            const char *name;
            double value;
        } lines[] = {{"sgd_p", sgd->p[j]},
                     {"sgd_w2", sgd->w2[j]},
                     {"lr_eta_fold", lr_eta * ratio},
                     {"factor_lr_eta", ratio},
                     {"factor_batch", 1.0 / ratio},
                     {"factor_lambda_d", pow(ratio, -0.25)},
                     {"factor_lambda_s", sqrt(ratio)}};
        const size_t known = ratio > 0.0 ? sizeof lines / sizeof lines[0] : 4;
        for (size_t k = 0; k < known; k++) {
            ssldyn_result_put_of(result, lines[k].name, j, settings->n, lines[k].value);
        }
    }
    ssldyn_result_put_word(result, "sgd_order", sgd->next ? "next" : "leading");
    ssldyn_result_put_count(result, "sgd_rank", (int64_t)sgd->rank);
    ssldyn_result_put_count(result, "sgd_rank_next", (int64_t)sgd->rank_next);
}

void ssldyn_closed_sgd_clear(struct ssldyn_closed_sgd *sgd)
{
    free(sgd->block);
    *sgd = (struct ssldyn_closed_sgd){.rank = 0};
}
