/* The observer: one row of a matrix trace from one snapshot. */
// SPDX-License-Identifier: MIT
#include "sim/observe/observer.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/loss/matrix_loss.h"
#include "sim/observe/degenerate.h"
#include "sim/observe/layout_matrix.h"
#include "sim/observe/loss.h"
#include "sim/observe/spectra.h"
#include "theory/invariant.h"
#include "theory/reduced.h"

#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum { TILE = 16 };

struct ssldyn_observer {
    size_t n1, n2;
    const struct ssldyn_parameters *parameters; /* borrowed; may be NULL */
    const struct ssldyn_moments *moments;       /* borrowed; may be NULL */
    struct ssldyn_spectra spectra;
    double *F;       /* n2 x n2 */
    double *balance; /* n2 x n2: C of Thm 1, from the first snapshot */
    const struct ssldyn_matrix_loss *loss;
    void *prepared;   /* by the loss, of the moments */
    double *room;     /* scratch: W X, then of the spectra, of K, of the loss */
    double *own_room; /* NULL where the caller's is in use */
    bool started;
    double t_start;
};

enum ssldyn_status ssldyn_observer_create(size_t n1, size_t n2,
                                          const struct ssldyn_parameters *parameters,
                                          const struct ssldyn_moments *moments,
                                          struct ssldyn_observer **observer,
                                          struct ssldyn_error *err)
{
    return ssldyn_observer_create_in(n1, n2, parameters, moments, NULL, observer, err);
}

enum ssldyn_status ssldyn_observer_create_in(size_t n1, size_t n2,
                                             const struct ssldyn_parameters *parameters,
                                             const struct ssldyn_moments *moments, double room[],
                                             struct ssldyn_observer **observer,
                                             struct ssldyn_error *err)
{
    *observer = NULL;
    if (n1 > INT_MAX / 2 || n2 == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "observer: %zu x %zu weights are not acceptable", n2,
                           n1);
    struct ssldyn_observer *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n1 = n1;
    fresh->n2 = n2;
    fresh->parameters = parameters;
    fresh->moments = moments;
    /* for matrices of unknown origin: the squared distance */
    fresh->loss = parameters != NULL ? ssldyn_matrix_loss_of(parameters) : &ssldyn_matrix_loss_l2;
    enum ssldyn_status status = ssldyn_spectra_init(&fresh->spectra, n2, err);
    if (status == SSLDYN_OK && moments != NULL)
        status = fresh->loss->prepare(moments, n2, 0.0, &fresh->prepared, err);
    if (status != SSLDYN_OK) {
        ssldyn_observer_free(fresh);
        return status;
    }
    const size_t area = n2 * n2;
    fresh->F = ssldyn_memory_array(area, sizeof(double));
    fresh->balance = ssldyn_memory_array(parameters != NULL ? area : 0, sizeof(double));
    fresh->own_room =
        room != NULL ? NULL : ssldyn_memory_array(ssldyn_observer_room(n1, n2), sizeof(double));
    fresh->room = room != NULL ? room : fresh->own_room;
    if (fresh->F == NULL || fresh->balance == NULL || fresh->room == NULL) {
        ssldyn_observer_free(fresh);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for observing %zu x %zu weights", n2,
                           n1);
    }
    *observer = fresh;
    return SSLDYN_OK;
}

void ssldyn_observer_free(struct ssldyn_observer *observer)
{
    if (observer == NULL)
        return;
    ssldyn_spectra_clear(&observer->spectra);
    if (observer->prepared != NULL)
        observer->loss->release(observer->prepared);
    free(observer->F);
    free(observer->balance);
    free(observer->own_room);
    free(observer);
}

size_t ssldyn_observer_room(size_t n1, size_t n2)
{
    const size_t loss = ssldyn_matrix_loss_room(n1, n2);
    const size_t spectra = ssldyn_degenerate_workspace(n2);
    return loss > spectra ? loss : spectra;
}

const double *ssldyn_observer_correlation(const struct ssldyn_observer *observer)
{
    return observer->F;
}

const double *ssldyn_observer_eigenvectors(const struct ssldyn_observer *observer)
{
    return observer->spectra.U;
}

static enum ssldyn_status check_snapshot(const struct ssldyn_observer *observer,
                                         const struct ssldyn_snapshot *snapshot,
                                         struct ssldyn_error *err)
{
    const size_t wide = observer->n2 * observer->n1;
    const size_t square = observer->n2 * observer->n2;
    if (snapshot->W == NULL && snapshot->F == NULL)
        return ssldyn_fail(err, SSLDYN_EFAILED, "t = %g: neither W nor F is given", snapshot->t);
    const char *name = NULL;
    if (snapshot->Wp != NULL && !ssldyn_dense_all_finite(square, snapshot->Wp))
        name = "Wp";
    else if (snapshot->W != NULL && !ssldyn_dense_all_finite(wide, snapshot->W))
        name = "W";
    else if (snapshot->W == NULL && !ssldyn_dense_all_finite(square, snapshot->F))
        name = "F";
    else if (snapshot->Wa != NULL && !ssldyn_dense_all_finite(wide, snapshot->Wa))
        name = "Wa";
    if (name != NULL)
        return ssldyn_fail(err, SSLDYN_EFAILED, "t = %g: %s has an entry that is not finite",
                           snapshot->t, name);
    return SSLDYN_OK;
}

/* In tiles, so that both triangles stay in cache. */
static void symmetrise(size_t n, const double from[], double to[])
{
    for (size_t block = 0; block < n; block += TILE) {
        for (size_t other = 0; other <= block; other += TILE) {
            const size_t i_end = block + TILE < n ? block + TILE : n;
            for (size_t i = block; i < i_end; i++) {
                const size_t j_end = other + TILE < i + 1 ? other + TILE : i + 1;
                for (size_t j = other; j < j_end; j++) {
                    const double mean = 0.5 * from[i * n + j] + 0.5 * from[j * n + i];
                    to[i * n + j] = mean;
                    to[j * n + i] = mean;
                }
            }
        }
    }
}

static bool isotropic(const struct ssldyn_observer *observer)
{
    return observer->moments != NULL && observer->moments->kind == SSLDYN_MOMENTS_ISOTROPIC;
}

/* F = W X W^T into observer->F (X = I where the moments are unknown), or the given F. */
static void form_correlation(struct ssldyn_observer *observer,
                             const struct ssldyn_snapshot *snapshot)
{
    const size_t n2 = observer->n2;
    const size_t n1 = observer->n1;
    if (snapshot->W == NULL) {
        symmetrise(n2, snapshot->F, observer->F);
        return;
    }
    const double *left = snapshot->W;
    if (observer->moments != NULL && !isotropic(observer)) {
        ssldyn_loss_apply_x(observer->moments, n2, snapshot->W, observer->room);
        left = observer->room;
    }
    const int width = n1 > 0 ? (int)n1 : 1;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)n1, 1.0, left,
                width, snapshot->W, width, 0.0, observer->F, (int)n2);
    symmetrise(n2, observer->F, observer->F);
}

/* <A, B>/(|A| |B|), norms not 0. Very large and very small matrices go the slow way, where no
 * product leaves the range. */
static double cosine_between(size_t count, const double A[], double norm_a, const double B[],
                             double norm_b)
{
    const double size = norm_a * norm_b;
    if (size > 1e-250 && size < 1e250)
        return ssldyn_dense_dot(count, A, B) / size;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += A[i] / norm_a * (B[i] / norm_b);
    return sum;
}

/* What a row holds besides spectra; NaN: not defined. */
struct measures {
    double loss, norm_w, tau, corr_wa_w, balance, lambda_min_k;
};

/* |A|_F of weights (n2 x n1), NaN where they are unknown. */
static double norm_of(const struct ssldyn_observer *observer, const double A[])
{
    return A != NULL ? ssldyn_dense_norm(observer->n2 * observer->n1, A) : (double)NAN;
}

/* Norms and the ratio of the two networks. */
static void measure_weights(const struct ssldyn_observer *observer,
                            const struct ssldyn_snapshot *snapshot, struct measures *measured)
{
    const double norm_wa = norm_of(observer, snapshot->Wa);
    double norm_w = norm_of(observer, snapshot->W);
    if (snapshot->W == NULL && isotropic(observer)) { /* F = W W^T there */
        double trace = 0.0;
        for (size_t j = 0; j < observer->n2; j++)
            trace += observer->F[j * observer->n2 + j];
        norm_w = sqrt(fmax(trace, 0.0));
    }
    measured->norm_w = norm_w;
    measured->tau = (double)NAN;
    measured->corr_wa_w = (double)NAN;
    if (!(norm_w > 0.0))
        return;
    if (snapshot->Wa == NULL) {
        measured->tau = snapshot->tau;
        if (snapshot->tau != 0.0 && !isnan(snapshot->tau))
            measured->corr_wa_w = snapshot->tau > 0.0 ? 1.0 : -1.0;
    } else if (snapshot->W != NULL && norm_wa > 0.0) {
        const double cosine =
            cosine_between(observer->n2 * observer->n1, snapshot->Wa, norm_wa, snapshot->W, norm_w);
        measured->tau = cosine * (norm_wa / norm_w);
        measured->corr_wa_w = fmin(fmax(cosine, -1.0), 1.0);
    } else if (snapshot->W != NULL) {
        measured->tau = 0.0;
    }
}

/* p_j/|Wp u_j|, within [-1, 1]. */
static double cosine_with_image(const struct ssldyn_spectra *spectra, size_t j)
{
    const double reach = spectra->reach[j];
    return reach > 0.0 ? fmin(fmax(spectra->p[j] / reach, -1.0), 1.0) : (double)NAN;
}

/* Whether Thm 1 speaks about this run. */
static bool balance_defined(const struct ssldyn_observer *observer,
                            const struct ssldyn_snapshot *snapshot)
{
    const struct ssldyn_parameters *parameters = observer->parameters;
    return parameters != NULL && snapshot->Wp != NULL &&
           (snapshot->W != NULL || isotropic(observer)) &&
           (ssldyn_invariant_laws(parameters) & SSLDYN_LAW_BALANCE) != 0;
}

/* |R(t) - exp(-2 E(t)) C|_F, R = W W^T - Wp^T Wp/alpha_p (Thm 1), C being R at the first snapshot
 * and E the integral of the weight decay since: eta t where it is constant. */
static double measure_balance(struct ssldyn_observer *observer,
                              const struct ssldyn_snapshot *snapshot)
{
    if (!balance_defined(observer, snapshot))
        return (double)NAN;
    const struct ssldyn_rates *rates = &observer->parameters->rates;
    const size_t n = observer->n2;
    double *R = observer->started ? observer->spectra.square : observer->balance;
    if (snapshot->W != NULL)
        ssldyn_invariant_balance(rates->alpha_p, observer->n1, n, snapshot->W, snapshot->Wp, R);
    else
        ssldyn_invariant_balance_from_correlation(rates->alpha_p, n, observer->F, snapshot->Wp, R);
    if (!observer->started) {
        observer->started = true;
        observer->t_start = snapshot->t;
        return 0.0;
    }
    const double decay =
        exp(-2.0 * (rates->eta_s * (snapshot->t - observer->t_start) - snapshot->decay_saved));
    for (size_t i = 0; i < n * n; i++)
        R[i] -= decay * observer->balance[i];
    return ssldyn_dense_norm(n * n, R);
}

/* Smallest eigenvalue of K of Thm 3, from the symmetric part of Wp; NaN where K means nothing. */
static enum ssldyn_status measure_alignment(struct ssldyn_observer *observer,
                                            const struct ssldyn_snapshot *snapshot, double tau,
                                            double *lambda_min, struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = observer->parameters;
    *lambda_min = (double)NAN;
    if (parameters == NULL || !isotropic(observer) || snapshot->Wp == NULL ||
        !ssldyn_rules_trained(parameters) || isnan(tau))
        return SSLDYN_OK;
    struct ssldyn_rates rates = parameters->rates;
    rates.c = observer->moments->c;
    double *symmetric = observer->room;
    double *values = observer->room + observer->n2 * observer->n2;
    double *K = observer->spectra.square;
    symmetrise(observer->n2, snapshot->Wp, symmetric);
    ssldyn_reduced_alignment_matrix(&rates, observer->n2, symmetric, observer->F, tau, K);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(observer->spectra.eigen, K, values, NULL, err);
    if (status == SSLDYN_OK)
        *lambda_min = values[observer->n2 - 1];
    return status;
}

/* The loss; from the spectra alone where only F is known and Wa = tau W (Assumption 1). */
static double measure_loss(struct ssldyn_observer *observer, const struct ssldyn_snapshot *snapshot)
{
    if (observer->moments == NULL)
        return (double)NAN;
    if (snapshot->W != NULL) {
        const struct ssldyn_weights weights = {snapshot->Wp, snapshot->W, snapshot->Wa};
        return observer->loss->value(observer->prepared, observer->moments, observer->n2, &weights,
                                     snapshot->tau, observer->room);
    }
    if (!isotropic(observer))
        return (double)NAN;
    const struct ssldyn_spectra *spectra = &observer->spectra;
    return observer->loss->value_of_modes(observer->moments->c, observer->n2, spectra->s,
                                          spectra->p, spectra->reach, snapshot->tau);
}

static void fill_row(const struct ssldyn_observer *observer, const struct ssldyn_snapshot *snapshot,
                     const struct measures *measured, double row[])
{
    const struct ssldyn_spectra *spectra = &observer->spectra;
#define FILL_SCALAR(NAME, name, meaning, value) row[SSLDYN_MATRIX_##NAME] = value;
    SSLDYN_MATRIX_COLUMNS(FILL_SCALAR)
#undef FILL_SCALAR
    for (size_t j = 0; j < observer->n2; j++) {
        double *mode = row + SSLDYN_MATRIX_SCALARS + j * SSLDYN_MATRIX_PER_MODE;
#define FILL_MODE(NAME, name, meaning, value) mode[SSLDYN_MATRIX_MODE_##NAME] = value;
        SSLDYN_MATRIX_MODE_COLUMNS(FILL_MODE)
#undef FILL_MODE
    }
}

enum ssldyn_status ssldyn_observer_row(struct ssldyn_observer *observer,
                                       const struct ssldyn_snapshot *snapshot, double row[],
                                       struct ssldyn_error *err)
{
    struct measures measured;
    enum ssldyn_status status = check_snapshot(observer, snapshot, err);
    if (status != SSLDYN_OK)
        return status;
    form_correlation(observer, snapshot);
    measure_weights(observer, snapshot, &measured);
    status =
        ssldyn_spectra_analyse(&observer->spectra, observer->F, snapshot->Wp, observer->room, err);
    if (status != SSLDYN_OK)
        return status;
    measured.loss = measure_loss(observer, snapshot);
    measured.balance = measure_balance(observer, snapshot);
    status = measure_alignment(observer, snapshot, measured.tau, &measured.lambda_min_k, err);
    if (status == SSLDYN_OK)
        fill_row(observer, snapshot, &measured, row);
    return status;
}
