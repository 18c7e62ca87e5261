/* The method: BYOL and SimSiam with trained, symmetrized and closed-form predictors; optimizer,
 * schedules and target (THEORY sections 7 and 9). Where the authors' program differs from the
 * paper's text, an option chooses. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_BYOL_H
#define EXPERIMENTS_GPU_BYOL_H

#include "experiments/gpu/net.h"

enum byol_schedule {
    BYOL_CONSTANT,
    BYOL_COSINE /* from lr to 0 at the planned end, along half a cosine period */
};

enum byol_target {
    BYOL_TARGET_RANDOM, /* initialized independently, as in the authors' program */
    BYOL_TARGET_COPY,   /* a copy of the initial online network, as in BYOL */
    BYOL_TARGET_ZERO    /* all weights 0 (scales of BN too): Wa(0) = 0 of the paper's theory */
};

struct byol_config {
    struct net_config net;
    int batch; /* images per step; each is seen in two views */
    uint64_t seed;
    int64_t epochs; /* planned epochs: the length of the cosine schedule */
    int64_t steps;  /* steps per epoch */

    double lr;       /* 0.03 */
    double momentum; /* 0.9 */
    double eta_s;    /* weight decay of the online network, as the optimizer takes it: 4e-4 */
    double eta_p;    /* weight decay of the predictor */
    double alpha_p;  /* learning rate of the predictor over that of the online network: 1 */
    bool decay_all;  /* decay on the parameters of BN and on biases too (as the authors do) */
    enum byol_schedule schedule;
    double warmup; /* epochs of linear warm-up: 0 */

    enum ops_loss loss;
    bool ema;         /* false: the target is the online network itself (SimSiam) */
    double gamma_a;   /* 0.996; 1 freezes the target */
    bool stop_grad;   /* false, only without EMA: the gradient passes through the target as well */
    bool ema_running; /* average the running statistics too (the authors do not) */
    enum byol_target target;

    /* After every step Wp = (Wp + Wp^T)/2; two layers: W1 = W2^T = (W1 + W2^T)/2. */
    bool symmetric;

    enum ssldyn_predictor_rule rule; /* trained, or a power; a closed-form rule requires a linear
                                      * predictor */
    struct ops_set set; /* epsilon, normalization, set_power, least; its rule is `rule` */
    double rho;         /* rate of the running correlation: 0.3 */
    int64_t freq;       /* Wp is recomputed after steps 0, freq, 2 freq, ... and trained in
                         * between */
};

/* The settings of the paper's Table 8 for CIFAR-10 with a trained linear predictor, as in the
 * authors' program (epochs 100, steps 391): the defaults of a run. */
void byol_defaults(struct byol_config *config);

struct byol;

/* One block of device memory that a checkpoint has to hold; everything else is recomputed. */
struct byol_block {
    const char *name; /* "online", "momentum", "target", "online running", "correlation", ... */
    void *data;
    size_t bytes;
};

/* Fills a device tensor with n images per view, view 1 first. It is called inside a recorded step,
 * so it may only call operations that are allowed there. */
typedef void byol_fill(void *self, const struct ops_clock *clock, int n, struct ops_tensor input);

/* Creates networks, optimizer and target in their initial state, at step 0. EINPUT names an invalid
 * combination. ops and context are borrowed, the configuration is copied. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_create(const struct ops *ops, struct ops_context *context,
                                                 const struct byol_config *config,
                                                 struct byol **byol, struct ssldyn_error *err);
void byol_free(struct byol *byol);

struct net *byol_online(struct byol *byol);
/* NULL without EMA. */
struct net *byol_target(struct byol *byol);
/* Running correlation of the projections, output x output doubles on the device; kept for every
 * rule. */
double *byol_correlation(struct byol *byol);
/* The input of a step when no fill is given: 2 batch images, view 1 first. */
struct ops_tensor byol_input(struct byol *byol);

/* Learning rate of step `step`, counted from the start of the run. */
double byol_lr(const struct byol_config *config, int64_t step);

/* Uploads the schedule of an epoch and sets the clock to its step `first` (0 except in a resumed
 * run). */
void byol_epoch(struct byol *byol, int64_t epoch, int64_t first);
/* One step on n <= batch images. fill may be NULL if byol_input was written (n images per view, the
 * second view right after the first); fill and self must not change between steps, because their
 * work may be recorded. The call does not wait for the device: EDIVERGED and other errors may be
 * reported later, by byol_metrics. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_step(struct byol *byol, int n, byol_fill *fill,
                                               void *self, struct ssldyn_error *err);
/* Steps done since the start of the run; set when a checkpoint is read. */
int64_t byol_steps(const struct byol *byol);
void byol_set_steps(struct byol *byol, int64_t steps);

/* Waits for the device, copies the sums since the last call and sets them to zero. EDIVERGED if the
 * loss is not finite. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_metrics(struct byol *byol, double metrics[OPS_METRICS],
                                                  struct ssldyn_error *err);

/* Block i of a checkpoint; false beyond the last. Call byol_refresh after writing to blocks. */
bool byol_block(struct byol *byol, size_t i, struct byol_block *block);
void byol_refresh(struct byol *byol);

/* Host copies as doubles, n2 x n2 each: Wp (two layers: the product of the two weights without BN;
 * no predictor: the identity) and the running correlation F. */
SSLDYN_MUST_CHECK enum ssldyn_status byol_matrices(struct byol *byol, double Wp[], double F[],
                                                   struct ssldyn_error *err);

#endif
