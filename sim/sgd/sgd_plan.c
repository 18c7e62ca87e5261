/* What all members of an SGD run share: settings, data, and the steps at which rows are written. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/flow/flow.h"
#include "sim/io/array_file.h"
#include "sim/io/file.h"
#include "sim/sgd/sgd_internal.h"

#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of step k start at k 2^32 of a stream, so k has 32 bits. */
static const double most_steps = 4294967295.0;

static enum ssldyn_status check_member(const struct ssldyn_sgd_options *sgd,
                                       struct ssldyn_error *err)
{
    if (sgd->member >= 0 && sgd->member >= sgd->ensemble) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--member %lld: must be below --ensemble, which is %lld",
                           (long long)sgd->member, (long long)sgd->ensemble);
    }
    return SSLDYN_OK;
}

/* How many steps, and the flow time they take. */
static enum ssldyn_status count_steps(struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    const struct ssldyn_sgd_options *sgd = &plan->spec.problem.sgd;
    const bool constant = sgd->schedule_lr == SSLDYN_SCHEDULE_CONSTANT && sgd->warmup == 0;
    double steps = (double)sgd->steps;
    if (sgd->steps == 0) {
        if (!constant) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--schedule-lr, --warmup: a changing lr needs --steps");
        }
        /* the last step may end a rounding error early */
        steps = ceil(plan->spec.problem.t_end * ssldyn_training_complement(sgd->momentum) /
                     sgd->lr * (1.0 - 1e-12));
    }
    if (!(steps <= most_steps)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--t-end %g: takes %g steps of --lr %g, at most %.0f are allowed",
                           plan->spec.problem.t_end, steps, sgd->lr, most_steps);
    }
    if ((double)sgd->warmup > steps) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--warmup %lld: is longer than the run of %.0f steps",
                           (long long)sgd->warmup, steps);
    }
    plan->steps = (int64_t)steps;
    if (constant && sgd->steps > 0) {
        plan->spec.problem.t_end = sgd->lr * steps / ssldyn_training_complement(sgd->momentum);
    }
    return SSLDYN_OK;
}

/* The steps nearest to the rows that a flow would write; those that fall together become one. */
static enum ssldyn_status place_rows(struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    const int64_t samples =
        plan->spec.problem.samples < plan->steps ? plan->spec.problem.samples : plan->steps;
    struct ssldyn_spec grid = plan->spec;
    grid.problem.samples = samples > 0 ? samples : 1;
    grid.problem.t_end = 1.0;
    plan->row_steps = ssldyn_array_alloc((size_t)samples + 1, sizeof *plan->row_steps);
    if (!plan->row_steps) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %lld rows",
                           (long long)samples + 1);
    }
    plan->row_count = 1;
    for (int64_t i = 1; i <= samples; i++) {
        const int64_t step = (int64_t)llround((double)plan->steps * ssldyn_flow_row_time(&grid, i));
        if (step > plan->row_steps[plan->row_count - 1]) {
            plan->row_steps[plan->row_count++] = step;
        }
    }
    return SSLDYN_OK;
}

/* X = D^T D / N of the vectors, X' from its file or sigma2 I, and their basis. */
static enum ssldyn_status data_basis(struct ssldyn_sgd_plan *plan, const struct ssldyn_array *data,
                                     double X[], double Xprime[], struct ssldyn_error *err)
{
    const size_t n1 = data->shape[1];
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n1, (int)n1, (int)data->shape[0],
                1.0 / (double)data->shape[0], data->data, (int)n1, data->data, (int)n1, 0.0, X,
                (int)n1);
    if (plan->spec.xprime_file) {
        struct ssldyn_array noise = {0};
        const enum ssldyn_status status = ssldyn_array_file_read_matrix(
            plan->spec.xprime_file, "--xprime", "Xprime", n1, n1, &noise, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        memcpy(Xprime, noise.data, n1 * n1 * sizeof(double));
        ssldyn_array_clear(&noise);
    } else {
        for (size_t i = 0; i < n1; i++) {
            Xprime[i * (n1 + 1)] = plan->spec.problem.typed.sigma2;
        }
    }
    return ssldyn_data_basis_create(n1, X, Xprime, "--data", "--xprime", &plan->basis, err);
}

/* The vectors and X' in that basis: D Q and Q^T X' Q. */
static void rotate_data(struct ssldyn_sgd_plan *plan, const struct ssldyn_array *data,
                        const double Xprime[], double scratch[])
{
    const int n1 = (int)data->shape[1];
    const double *Q = plan->basis->Q;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)data->shape[0], n1, n1, 1.0,
                data->data, n1, Q, n1, 0.0, plan->vectors, n1);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n1, n1, n1, 1.0, Xprime, n1, Q, n1, 0.0,
                scratch, n1);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n1, n1, n1, 1.0, Q, n1, scratch, n1, 0.0,
                plan->covariance, n1);
}

static enum ssldyn_status load_vectors(struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    struct ssldyn_array data = {0};
    const char *path = plan->spec.problem.sgd.data;
    const struct ssldyn_need need = {.option = "--data", .role = "data", .least = 1, .most = 8};
    enum ssldyn_status status = ssldyn_array_file_read(path, &need, &data, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (data.dimensions != 2 || data.shape[0] == 0 || data.shape[1] == 0 ||
        data.shape[0] > INT_MAX || data.shape[1] > INT_MAX) {
        char shape[200];
        ssldyn_shape_text(&data, shape, sizeof shape);
        ssldyn_array_clear(&data);
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--data %.200s: has the shape %s; must hold N x n1 numbers, a vector in "
                           "each row; for images name the --augmentation",
                           path, shape);
    }
    const size_t n1 = data.shape[1];
    double *X = ssldyn_array_alloc(n1 * n1, sizeof *X);
    double *Xprime = ssldyn_array_alloc(n1 * n1, sizeof *Xprime);
    plan->vectors = ssldyn_array_alloc(data.count, sizeof(double));
    plan->covariance = ssldyn_array_alloc(n1 * n1, sizeof(double));
    if (!X || !Xprime || !plan->vectors || !plan->covariance) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the data of %.200s", path);
    } else {
        status = data_basis(plan, &data, X, Xprime, err);
    }
    if (status == SSLDYN_OK) {
        rotate_data(plan, &data, Xprime, X);
        plan->dataset =
            (struct ssldyn_dataset){.count = data.shape[0],
                                    .vectors = plan->vectors,
                                    .covariance = plan->spec.xprime_file ? plan->covariance : NULL,
                                    .variance = plan->spec.problem.typed.sigma2};
    }
    free(X);
    free(Xprime);
    ssldyn_array_clear(&data);
    return status;
}

/* X and X' of a directory of ssldyn moments: all that an infinite batch needs. */
static enum ssldyn_status read_moments(const char *directory, struct ssldyn_data_basis **basis,
                                       struct ssldyn_error *err)
{
    char *X = ssldyn_path_join(directory, "x.npy");
    char *Xprime = ssldyn_path_join(directory, "xprime.npy");
    const enum ssldyn_status status =
        X && Xprime ? ssldyn_data_basis_read(X, Xprime, basis, err)
                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    free(X);
    free(Xprime);
    return status;
}

/* The data, where they are not isotropic, and their sizes. */
static enum ssldyn_status load_data(struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    struct ssldyn_spec *const spec = &plan->spec;
    const char *option = spec->problem.sgd.moments ? "moments"
                         : spec->problem.sgd.data  ? "data"
                                                   : "x";
    enum ssldyn_status status = SSLDYN_OK;
    if (spec->problem.sgd.moments && plan->batch == 0) {
        status = read_moments(spec->problem.sgd.moments, &plan->basis, err);
    } else if (spec->problem.sgd.moments ||
               (spec->problem.sgd.data && ssldyn_spec_has_images(spec))) {
        status = ssldyn_sgd_images_load(spec, &plan->images, &plan->basis, err);
        plan->dataset =
            (struct ssldyn_dataset){.count = plan->images.store.count, .images = &plan->images};
    } else if (spec->problem.sgd.data) {
        status = load_vectors(plan, err);
    } else if (spec->x_file) {
        status = ssldyn_data_basis_read(spec->x_file, spec->xprime_file, &plan->basis, err);
    }
    if (status != SSLDYN_OK || !plan->basis) {
        return status;
    }
    const int64_t n1 = (int64_t)plan->basis->n1;
    if (ssldyn_spec_given(spec, "n1") && spec->problem.n1 != n1) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--n1 %lld: does not fit --%s, n1 = %lld",
                           (long long)spec->problem.n1, option, (long long)n1);
    }
    spec->problem.n1 = n1;
    if (!ssldyn_spec_given(spec, "n2")) {
        spec->problem.n2 = n1;
    }
    if (!ssldyn_spec_given(spec, "init-scale")) {
        spec->problem.init_scale = 1.0 / sqrt((double)n1);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_sgd_plan_create(const struct ssldyn_spec *spec,
                                          struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    memset(plan, 0, sizeof *plan);
    enum ssldyn_status status = ssldyn_spec_copy(spec, &plan->spec, err);
    if (status == SSLDYN_OK) {
        plan->spec.problem.model = SSLDYN_MODEL_POPULATION;
        status = check_member(&plan->spec.problem.sgd, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_batch(&plan->spec, &plan->batch, err);
    }
    if (status == SSLDYN_OK) {
        status = count_steps(plan, err);
    }
    if (status == SSLDYN_OK) {
        status = place_rows(plan, err);
    }
    if (status == SSLDYN_OK) {
        status = load_data(plan, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_sgd_plan_clear(plan);
    }
    return status;
}

double ssldyn_sgd_plan_scale(const struct ssldyn_sgd_plan *plan)
{
    return plan->dataset.images ? plan->images.scale : 1.0;
}

enum ssldyn_status ssldyn_sgd_plan_write_moments(const struct ssldyn_sgd_plan *plan,
                                                 struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    if (plan->dataset.count == 0) {
        return SSLDYN_OK;
    }
    const size_t n1 = plan->basis->n1;
    double *X = ssldyn_array_alloc(3 * n1 * n1, sizeof *X);
    if (!X) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n1, n1);
    }
    double *const Xprime = X + n1 * n1;
    ssldyn_data_basis_restore(plan->basis, X, Xprime, Xprime + n1 * n1);
    const enum ssldyn_status status =
        ssldyn_sink_moments(sink, n1, X, Xprime, ssldyn_sgd_plan_scale(plan), err);
    free(X);
    return status;
}

void ssldyn_sgd_plan_clear(struct ssldyn_sgd_plan *plan)
{
    ssldyn_spec_clear(&plan->spec);
    ssldyn_data_basis_free(plan->basis);
    free(plan->row_steps);
    free(plan->vectors);
    free(plan->covariance);
    ssldyn_sgd_images_clear(&plan->images);
    memset(plan, 0, sizeof *plan);
}
