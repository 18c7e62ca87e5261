/* Closed-form predictors of SGD, from running correlations (THEORY section 7). */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/observe/loss.h"
#include "sim/sgd/sgd_process_internal.h"
#include "theory/predictor.h"

#include <cblas.h>
#include <string.h>

#define REAL double
#define NAME(stem) stem##_double
#define GEMM cblas_dgemm
#include "sim/sgd/sgd_predictor.inc"

#define REAL float
#define NAME(stem) stem##_float
#define GEMM cblas_sgemm
#include "sim/sgd/sgd_predictor.inc"

/* The correlations of the population, which batch_correlation estimates. */
static void population_correlation(struct ssldyn_sgd_process *process)
{
    const struct state_double *state = &process->of_double;
    const struct ssldyn_moments *moments = &process->start->moments;
    const int n1 = (int)process->n1;
    const int n2 = (int)process->n2;
    double *const product = process->scratch;
    const bool solved = process->solved;
    if (!solved && process->parameters.correlation == SSLDYN_CORRELATION_SAME_VIEW) {
        ssldyn_loss_apply_sum(moments, process->n2, state->W, product);
    } else {
        ssldyn_loss_apply_x(moments, process->n2, solved ? target_double(process) : state->W,
                            product);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1,
                solved ? process->loss.target_scale : 1.0, product, n1, state->W, n1, 0.0,
                solved ? process->batch_right : process->batch_left, n2);
    if (solved) {
        ssldyn_loss_apply_sum(moments, process->n2, state->W, product);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1, 1.0, product, n1, state->W,
                    n1, 0.0, process->batch_left, n2);
    }
}

static void follow(size_t count, double rho, const double now[], double running[])
{
    for (size_t i = 0; i < count; i++) {
        running[i] = rho * running[i] + (1.0 - rho) * now[i];
    }
}

/* Wp from the running correlations (THEORY section 7). */
static enum ssldyn_status set_predictor(struct ssldyn_sgd_process *process,
                                        struct ssldyn_error *err)
{
    const size_t n2 = process->n2;
    enum ssldyn_status status = SSLDYN_OK;
    if (process->solved) {
        /* both sides are overwritten by the solve */
        memcpy(process->batch_left, process->left, n2 * n2 * sizeof(double));
        memcpy(process->batch_right, process->right, n2 * n2 * sizeof(double));
        for (size_t i = 0; i < n2; i++) {
            process->batch_left[i * (n2 + 1)] += process->parameters.epsilon;
        }
        if (process->parameters.symmetric) {
            ssldyn_dense_symmetrize(n2, process->batch_right, process->batch_right);
        }
        status =
            ssldyn_spd_divide(n2, process->batch_left, process->batch_right, process->set_Wp, err);
    } else {
        status = ssldyn_eigen_symmetric(process->eigen, process->left, process->values,
                                        process->vectors, err);
        if (status == SSLDYN_OK) {
            ssldyn_predictor_set(&process->parameters, n2, process->values, process->vectors,
                                 process->set_Wp, process->scratch);
        }
    }
    if (status == SSLDYN_OK) {
        if (process->is_float) {
            set_Wp_float(process);
        } else {
            set_Wp_double(process);
        }
    }
    return status;
}

/* Updates the running correlations from this step's batch and recomputes Wp every freq steps. */
enum ssldyn_status ssldyn_sgd_process_correlate(struct ssldyn_sgd_process *process,
                                                struct ssldyn_error *err)
{
    const double before = ssldyn_clock_wall();
    const uint64_t position = process->stream.position;
    const size_t square = process->n2 * process->n2;
    if (!process->sampler) {
        population_correlation(process);
    } else if (process->is_float) {
        batch_correlation_float(process);
    } else {
        batch_correlation_double(process);
    }
    /* the gradient uses the very same batch */
    ssldyn_stream_seek(&process->stream, position);
    ssldyn_dense_symmetrize(process->n2, process->batch_left, process->batch_left);
    const double rho = process->steps == 0 ? 0.0 : process->rho;
    follow(square, rho, process->batch_left, process->left);
    follow(square, rho, process->batch_right, process->right);
    const enum ssldyn_status status =
        process->steps % process->freq == 0 ? set_predictor(process, err) : SSLDYN_OK;
    process->cost.gradient += ssldyn_clock_wall() - before;
    return status;
}
