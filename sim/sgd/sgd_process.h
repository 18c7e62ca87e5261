/* M6 as a process in time: the weights of one run, advanced step by step with stochastic
 * gradients or, with an infinite batch, with those of the population. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_PROCESS_H
#define SSLDYN_SIM_SGD_SGD_PROCESS_H

#include "sim/base/error.h"
#include "sim/flow/flow.h"
#include "sim/observe/observer.h"
#include "sim/run/start.h"
#include "sim/sgd/sgd_sampler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssldyn_sgd_process;

/* Seconds spent, for benchmarks and reports. */
struct ssldyn_sgd_cost {
    double random;   /* drawing batches */
    double gradient; /* products: moments, gradients, the closed-form predictor */
    double update;
};

/* A process at its start.
 *   start  borrowed, as is the problem's dataset
 *   run    index of the ensemble member, 0 for a single run: keys the random numbers of every step
 *   steps  of the whole run (schedules need it), below 2^32
 * EINPUT if settings exclude each other or the EMA rate of a step exceeds 1. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_process_create(const struct ssldyn_problem *problem,
                                                               const struct ssldyn_start *start,
                                                               uint32_t run, int64_t steps,
                                                               struct ssldyn_sgd_process **process,
                                                               struct ssldyn_error *err);
void ssldyn_sgd_process_free(struct ssldyn_sgd_process *process);

/* One step. EDIVERGED if a weight leaves the range of the precision; the result of view is then
 * not finite. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_process_step(struct ssldyn_sgd_process *process,
                                                             struct ssldyn_error *err);

int64_t ssldyn_sgd_process_steps(const struct ssldyn_sgd_process *process);
/* Flow time: the sum of lr over the steps done, divided by 1 - momentum. */
double ssldyn_sgd_process_time(const struct ssldyn_sgd_process *process);
/* The learning rate that step number k uses. */
double ssldyn_sgd_process_lr(const struct ssldyn_sgd_process *process, int64_t k);
/* NULL for an infinite batch. */
const struct ssldyn_sgd_sampler *
ssldyn_sgd_process_sampler(const struct ssldyn_sgd_process *process);
struct ssldyn_sgd_cost ssldyn_sgd_process_cost(const struct ssldyn_sgd_process *process);

/* The laws that hold exactly at every step for any batch, and the deviation of the steps
 * so far: without momentum under the cosine |W|^2 <- (1 - lr eta_s)^2 |W|^2 + lr^2 |G|^2, and
 * likewise for Wp if it is trained (THEORY section 10); of a deep encoder for each layer, and under
 * any loss for the differences of the layers' |W_l|^2 (section 11). Fills in laws, at most
 * SSLDYN_SGD_LAWS_MAXIMUM, and returns their number. */
enum { SSLDYN_SGD_LAWS_MAXIMUM = 3 };
size_t ssldyn_sgd_process_laws(const struct ssldyn_sgd_process *process,
                               struct ssldyn_drift laws[]);

/* What the noise of the batches does to the weights, under the cosine with a trained predictor and
 * one layer (THEORY section 10): means over the steps of the second half of the run. */
struct ssldyn_sgd_gains {
    int64_t steps;            /* number of steps averaged over; 0: nothing was measured */
    double kappa_w, kappa_p;  /* |W|^2 |G_w|^2 and |Wp|^2 |G_p|^2/alpha_p^2 of a batch's gradient */
    double norm2_w, norm2_wp; /* |W|^2 and |Wp|^2 */
    double k, m;              /* 1/(|a| |b|) and a.b/(|a|^3 |b|) of a pair */
};
struct ssldyn_sgd_gains ssldyn_sgd_process_gains(const struct ssldyn_sgd_process *process);

/* The current weights for the observer, in the data basis and in double precision; valid until
 * the next step. */
void ssldyn_sgd_process_view(struct ssldyn_sgd_process *process, struct ssldyn_snapshot *snapshot);

/* The layers of a deep encoder, laid out as sim/linalg/layers.h says, and what its target averages (NULL:
 * nothing); likewise. NULL where the encoder has one layer. */
const double *ssldyn_sgd_process_layers(struct ssldyn_sgd_process *process, const double **targets);

#endif
