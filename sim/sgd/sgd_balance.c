/* Where decay balances the noise of SGD, and the folds there. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_balance.h"

#include "sim/base/memory.h"
#include "sim/run/moments_modes.h"
#include "sim/run/schedule.h"
#include "sim/sgd/sgd_process_internal.h"
#include "theory/cosine_sgd.h"

#include <math.h>
#include <stdlib.h>

/* An eigenvalue of F below this share of the largest one counts as vanished, as in sweeps. */
static const double negligible = 1e-6;

struct ssldyn_sgd_gains ssldyn_sgd_process_gains(const struct ssldyn_sgd_process *process)
{
    if (process->measure_from < 0 || process->steps <= process->measure_from) {
        return (struct ssldyn_sgd_gains){.steps = 0};
    }
    const struct ssldyn_sgd_norm *const w = &process->norm_w;
    const struct ssldyn_sgd_norm *const wp = &process->norm_wp;
    const double alpha_p = process->parameters.rates.alpha_p;
    const double steps = (double)(process->steps - process->measure_from);
    const double pairs = steps * (process->symmetrize ? 2.0 : 1.0) *
                         (double)ssldyn_sgd_sampler_pairs(process->sampler);
    return (struct ssldyn_sgd_gains){.steps = process->steps - process->measure_from,
                                     .kappa_w = w->products / steps,
                                     .kappa_p = wp->products / (steps * alpha_p * alpha_p),
                                     .norm2_w = w->squares / steps,
                                     .norm2_wp = wp->squares / steps,
                                     .k = process->pair_sums[0] / pairs,
                                     .m = process->pair_sums[1] / pairs};
}

static bool rates_are_constant(const struct ssldyn_problem *problem)
{
    return ssldyn_schedule_lr_is_constant(&problem->sgd) &&
           problem->sgd.schedule_decay == SSLDYN_SCHEDULE_CONSTANT;
}

/* The settings for which a small mode obeys M4 with k and m in place of 1 (THEORY section 10). */
static bool has_folds(const struct ssldyn_problem *problem, const struct ssldyn_moments *moments)
{
    const struct ssldyn_parameters *const parameters = &problem->parameters;
    return parameters->tau_held && parameters->tau > 0.0 && parameters->stop_grad &&
           parameters->rates.eta_p == parameters->rates.eta_s && !moments->pair &&
           !moments->predicts && moments->kind != SSLDYN_MOMENTS_FULL;
}

/* The fold of each mode in lr eta_s, and the number of those above the present value. */
static enum ssldyn_status find_folds(const struct ssldyn_moments *moments, size_t n2,
                                     struct ssldyn_sgd_balance *balance, struct ssldyn_error *err)
{
    const struct ssldyn_sgd_gains *const gains = &balance->gains;
    const size_t n1 = moments->n1;
    double *const lambda_s = ssldyn_memory_array(n1, sizeof *lambda_s);
    double *const lambda_d = ssldyn_memory_array(n1, sizeof *lambda_d);
    balance->fold = ssldyn_memory_array(n1, sizeof *balance->fold);
    enum ssldyn_status status =
        lambda_s && lambda_d && balance->fold
            ? ssldyn_moments_modes(moments, lambda_s, lambda_d, &balance->count, err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n1);
    const double scale = 0.25 * gains->k * gains->k * gains->norm2_w / gains->m;
    for (size_t j = 0; status == SSLDYN_OK && j < balance->count; j++) {
        const double fold = scale * lambda_d[j] * lambda_d[j] / lambda_s[j]; /* of eta_s |W|^2 */
        balance->fold[j] = 2.0 * fold * fold / gains->kappa_w;
        balance->rank += balance->fold[j] > balance->lr_eta;
    }
    balance->rank = balance->rank < n2 ? balance->rank : n2;
    free(lambda_s);
    free(lambda_d);
    return status;
}

enum ssldyn_status ssldyn_sgd_balance_find(const struct ssldyn_problem *problem,
                                           const struct ssldyn_moments *moments,
                                           const struct ssldyn_sgd_gains *gains, int64_t steps,
                                           size_t n2, const double s[], double largest,
                                           struct ssldyn_sgd_balance *balance,
                                           struct ssldyn_error *err)
{
    const struct ssldyn_rates *const rates = &problem->parameters.rates;
    const double lr = problem->sgd.lr / ssldyn_training_complement(problem->sgd.momentum);
    const bool known =
        gains->steps > 0 && rates_are_constant(problem) && rates->eta_p > 0.0 && rates->eta_s > 0.0;
    *balance = (struct ssldyn_sgd_balance){.gains = *gains,
                                           .norm2_w = (double)NAN,
                                           .norm2_wp = (double)NAN,
                                           .lr_eta = lr * rates->eta_s,
                                           .batch = (double)problem->sgd.batch,
                                           .memory_steps = (double)NAN};
    for (size_t j = 0; j < n2; j++) {
        balance->rank_at_end += s[j] > negligible * largest;
    }
    if (!known) {
        return SSLDYN_OK;
    }
    balance->norm2_w = sqrt(lr * gains->kappa_w / (2.0 * rates->eta_s));
    balance->norm2_wp = rates->alpha_p * sqrt(lr * gains->kappa_p / (2.0 * rates->eta_p));
    balance->memory_steps = ssldyn_cosine_sgd_memory(lr, rates->eta_s);
    balance->settled = (double)(steps - gains->steps) >= balance->memory_steps;
    return has_folds(problem, moments) && gains->m > 0.0 && gains->kappa_w > 0.0
               ? find_folds(moments, n2, balance, err)
               : SSLDYN_OK;
}

void ssldyn_sgd_balance_clear(struct ssldyn_sgd_balance *balance)
{
    free(balance->fold);
    *balance = (struct ssldyn_sgd_balance){.count = 0};
}

/* The folds next to lr_eta: the smallest above it, the largest below it. */
static void print_folds(const struct ssldyn_sgd_balance *balance, FILE *stream)
{
    double above = HUGE_VAL;
    double below = 0.0;
    size_t higher = 0;
    for (size_t j = 0; j < balance->count; j++) {
        const bool is_above = balance->fold[j] > balance->lr_eta;
        higher += is_above;
        above = is_above ? fmin(above, balance->fold[j]) : above;
        below = is_above ? below : fmax(below, balance->fold[j]);
    }
    fprintf(stream, "lr eta_s/batch = %.4g is below the folds of %zu of %zu modes",
            balance->lr_eta / balance->batch, higher, balance->count);
    if (higher > 0) {
        fprintf(stream, "; the nearest one above is %.4g", above / balance->batch);
    }
    if (higher < balance->count) {
        fprintf(stream, "%s %.4g", higher > 0 ? ", the nearest one below" : "; the largest one is",
                below / balance->batch);
    }
    fprintf(stream, "\nsurviving modes: at most %zu by these folds, %zu at the end\n",
            balance->rank, balance->rank_at_end);
}

void ssldyn_sgd_balance_print(const struct ssldyn_sgd_balance *balance, FILE *stream)
{
    const struct ssldyn_sgd_gains *const gains = &balance->gains;
    if (gains->steps == 0) {
        return;
    }
    fprintf(stream,
            "growth of the norms over the last %lld steps: kappa_w = |W|^2 |G|^2 = %.4g, kappa_p = "
            "|Wp|^2 |Gp|^2/alpha_p^2 = %.4g\n",
            (long long)gains->steps, gains->kappa_w, gains->kappa_p);
    if (isnan(balance->norm2_w)) {
        return;
    }
    fprintf(stream,
            "the decay balances it at |W|^2 = %.4g and |Wp|^2 = %.4g; the means over these steps "
            "are %.4g and %.4g\n",
            balance->norm2_w, balance->norm2_wp, gains->norm2_w, gains->norm2_wp);
    if (!balance->settled) {
        fprintf(stream,
                "the run is too short for this balance: the start is forgotten in %.4g steps, "
                "and the means begin after fewer\n",
                balance->memory_steps);
    }
    if (balance->count > 0) {
        print_folds(balance, stream);
    }
}
