/* Derives the numbers of a problem from the settings of the user. */
// SPDX-License-Identifier: MIT
#include "sim/problem/problem.h"

#include <math.h>

/* Settings of the process M6 itself, and its length. */
static void derive_steps(struct ssldyn_problem *problem)
{
    const struct ssldyn_typed *typed = &problem->typed;
    const double step = ssldyn_training_step(&typed->training);
    problem->sgd.ema_share = isnan(typed->training.ema) ? 0.0 : 1.0 - typed->training.ema;
    if (!isnan(typed->training.lr)) {
        problem->sgd.lr = ssldyn_training_lr(&typed->training);
        problem->sgd.momentum = typed->training.momentum;
    }
    if (typed->training_steps && !isnan(step)) { /* lr may come from an axis */
        problem->t_end = step * (double)typed->steps;
        problem->sgd.steps = typed->steps;
    }
}

void ssldyn_problem_derive(struct ssldyn_problem *problem)
{
    const struct ssldyn_typed *typed = &problem->typed;
    struct ssldyn_parameters *parameters = &problem->parameters;
    struct ssldyn_rates *rates = &parameters->rates;
    rates->eta_p = typed->eta_p ? rates->eta_p : typed->eta;
    rates->eta_s = typed->eta_s ? rates->eta_s : typed->eta;
    ssldyn_training_rates(&typed->training, rates);
    derive_steps(problem);
    rates->c = 1.0 + typed->sigma2;
    if (typed->lambda_s.count > 0) {
        parameters->lambda_s = typed->lambda_s.values[0];
    }
    if (typed->lambda_d.count > 0) {
        parameters->lambda_d = typed->lambda_d.values[0];
    }
    if (!typed->init_scale) {
        problem->init_scale = 1.0 / sqrt((double)problem->n1);
    }
}

void ssldyn_problem_init(struct ssldyn_problem *problem)
{
    *problem = (struct ssldyn_problem){
        .typed = {.eta = 0.04, .sigma2 = 0.25, .training = ssldyn_training_none()},
        .parameters = {.rates = {.alpha_p = 1.0, .beta = 0.4},
                       .lambda_s = 1.25,
                       .lambda_d = 1.0,
                       .stop_grad = true,
                       .predictor = true,
                       .set_power = 0.5,
                       .depth = 1},
        .n1 = 16,
        .n2 = 16,
        .seed = 1,
        .t_end = 100.0,
        .samples = 200,
        .rtol = 1e-9,
        .sgd = {.lr = 0.01, .batch = 128, .freq = 1, .member = -1}};
    ssldyn_problem_derive(problem);
}

size_t ssldyn_problem_modes(const struct ssldyn_problem *problem)
{
    const struct ssldyn_list *const lists[] = {
        &problem->p0, &problem->s0,  &problem->tau0,           &problem->wp0,
        &problem->w0, &problem->wa0, &problem->typed.lambda_s, &problem->typed.lambda_d};
    size_t modes = 1;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        modes = lists[i]->count > modes ? lists[i]->count : modes;
    }
    return modes;
}
