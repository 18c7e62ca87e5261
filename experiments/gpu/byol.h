/* The method: BYOL and SimSiam with predictors trained, symmetrised or set; optimiser, schedules
 * and target (THEORY sections 7 and 9). Every habit of the authors' program is a choice here. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_BYOL_H
#define EXPERIMENTS_GPU_BYOL_H

#include "experiments/gpu/net.h"

enum byol_schedule {
    BYOL_CONSTANT,
    BYOL_COSINE /* from lr to 0 at the planned end, half a wave */
};

enum byol_target {
    BYOL_TARGET_RANDOM, /* a network drawn apart: what the authors' program does */
    BYOL_TARGET_COPY,   /* the online network's start: what BYOL says */
    BYOL_TARGET_ZERO    /* all weights 0 (BN scales too): Wa(0) = 0 of the paper's theory */
};

struct byol_config {
    struct net_config net;
    int batch; /* images a step; each is seen in two views */
    uint64_t seed;
    int64_t epochs; /* planned: what the cosine runs over */
    int64_t steps;  /* an epoch */

    double lr;       /* 0.03 */
    double momentum; /* 0.9 */
    double eta_s;    /* weight decay of the online network, in the optimiser's unit: 4e-4 */
    double eta_p;    /* of the predictor */
    double alpha_p;  /* predictor's learning rate over the online network's: 1 */
    bool decay_all;  /* decay on BN's parameters and biases too (the authors: yes) */
    enum byol_schedule schedule;
    double warmup; /* epochs of linear warm-up: 0 */

    enum ops_loss loss;
    bool ema;         /* false: the target is the online network itself (SimSiam) */
    double gamma_a;   /* 0.996; 1 freezes the target */
    bool stop_grad;   /* false, only without EMA: the gradient flows through the target as well */
    bool ema_running; /* average the running statistics too (the authors: no) */
    enum byol_target target;

    /* After every step Wp = (Wp + Wp^T)/2; two layers: W1 = W2^T = (W1 + W2^T)/2. */
    bool symmetric;

    enum ssldyn_predictor_rule rule; /* trained, or a power; set: linear predictor */
    struct ops_set set; /* epsilon, normalization, set_power, least; its rule is `rule` */
    double rho;         /* of the running correlation: 0.3 */
    int64_t freq;       /* Wp is set after steps 0, freq, 2 freq, ...; trained in between */
};

/* The settings of the paper's Table 8 for CIFAR-10, trained linear predictor, as the authors'
 * program has them (epochs 100, steps 391); everything a run does not mention. */
void byol_defaults(struct byol_config *config);

struct byol;

/* One piece of device memory that a checkpoint has to hold; everything else is made again. */
struct byol_block {
    const char *name; /* "online", "momentum", "target", "online running", "correlation", ... */
    void *data;
    size_t bytes;
};

/* Fills a device tensor with n images a view, view 1 first; called inside a recorded step, so it
 * may only call operations that are allowed there. */
typedef void byol_fill(void *self, const struct ops_clock *clock, int n, struct ops_tensor input);

/* Networks, optimiser, target at their start; step 0. EINPUT names an impossible combination. ops
 * and context are borrowed, the configuration is copied. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_create(const struct ops *ops, struct ops_context *context,
                                                 const struct byol_config *config,
                                                 struct byol **byol, struct ssldyn_error *err);
void byol_free(struct byol *byol);

struct net *byol_online(struct byol *byol);
/* NULL without EMA. */
struct net *byol_target(struct byol *byol);
/* Running correlation of the projections, output x output doubles on the device; it is kept
 * whatever the rule. */
double *byol_correlation(struct byol *byol);
/* Where the input of a step goes when no fill is given: 2 batch images, view 1 first. */
struct ops_tensor byol_input(struct byol *byol);

/* Learning rate of step number `step` counted from the run's start. */
double byol_lr(const struct byol_config *config, int64_t step);

/* Uploads the epoch's schedule and sets the clock to its step `first` (0 but for a resumed run). */
void byol_epoch(struct byol *byol, int64_t epoch, int64_t first);
/* One step on n <= batch images; fill may be NULL (then byol_input was written; n images a view,
 * the second view right after the first), and stays the same, self too, from step to step: what it
 * does may be recorded. Nothing waits for the device. EDIVERGED and others may be told late, by
 * byol_metrics. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_step(struct byol *byol, int n, byol_fill *fill,
                                               void *self, struct ssldyn_error *err);
/* Steps done since the run's start; set by a checkpoint's reader. */
int64_t byol_steps(const struct byol *byol);
void byol_set_steps(struct byol *byol, int64_t steps);

/* Waits for the device; copies the sums since the last call and sets them to zero. EDIVERGED where
 * the loss is not finite. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_metrics(struct byol *byol, double metrics[OPS_METRICS],
                                                  struct ssldyn_error *err);

/* Block number i of what a checkpoint holds; false beyond the last. After writing blocks from
 * outside call byol_refresh. */
bool byol_block(struct byol *byol, size_t i, struct byol_block *block);
void byol_refresh(struct byol *byol);

/* Host copies as doubles, n2 x n2 each: Wp (two-layer: the product of the two weights, BN left out;
 * no predictor: the identity) and the running correlation F. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_matrices(struct byol *byol, double Wp[], double F[],
                                                   struct ssldyn_error *err);

#endif
