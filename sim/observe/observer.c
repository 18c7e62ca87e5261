/* The observer: computes one row of a matrix trace from a snapshot. */
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

struct ssldyn_observer {
    size_t n1, n2;
    const struct ssldyn_parameters *parameters; /* borrowed; may be NULL */
    const struct ssldyn_moments *moments;       /* borrowed; may be NULL */
    bool isotropic;                             /* whether the moments are isotropic */
    bool predicts;                              /* MAE: Wp is rows x n2 */
    size_t rows;
    bool balanced; /* whether Thm 1 applies */
    bool aligning; /* whether K of Thm 3 applies */
    struct ssldyn_spectra spectra;
    double *F;       /* n2 x n2 */
    double *balance; /* n2 x n2: C of Thm 1, from the first snapshot */
    const struct ssldyn_matrix_loss *loss;
    void *prepared;        /* precomputed by the loss from the moments */
    void *prepared_root;   /* the same in n2 dimensions; NULL until needed */
    double *workspace;     /* scratch: W X, then for the spectra, K, and the loss */
    double *own_workspace; /* NULL if the caller's is used */
    bool started;
    double t_start;
};

enum ssldyn_status ssldyn_observer_create(size_t n1, size_t n2,
                                          const struct ssldyn_parameters *parameters,
                                          const struct ssldyn_moments *moments, double workspace[],
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
    fresh->isotropic = moments != NULL && moments->kind == SSLDYN_MOMENTS_ISOTROPIC;
    fresh->predicts = moments != NULL && moments->predicts != NULL;
    fresh->rows = fresh->predicts ? moments->predicted : n2;
    fresh->balanced = parameters != NULL && !fresh->predicts &&
                      (ssldyn_invariant_laws(parameters) & SSLDYN_LAW_BALANCE) != 0;
    fresh->aligning = parameters != NULL && parameters->depth <= 1 && fresh->isotropic &&
                      !fresh->predicts && ssldyn_rules_trained(parameters) &&
                      ssldyn_losses_of(parameters)->linear;
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
    fresh->own_workspace =
        workspace != NULL ? NULL
                          : ssldyn_memory_array(ssldyn_observer_workspace(n1, n2), sizeof(double));
    fresh->workspace = workspace != NULL ? workspace : fresh->own_workspace;
    if (fresh->F == NULL || fresh->balance == NULL || fresh->workspace == NULL) {
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
    if (observer->prepared_root != NULL)
        observer->loss->release(observer->prepared_root);
    free(observer->F);
    free(observer->balance);
    free(observer->own_workspace);
    free(observer);
}

size_t ssldyn_observer_workspace(size_t n1, size_t n2)
{
    const size_t loss = ssldyn_matrix_loss_workspace(n1, n2);
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

/* The values of a row other than spectra; NaN: not defined. */
struct measures {
    double loss, norm_w, tau, corr_wa_w, balance, lambda_min_k;
};

/* The matrices of a snapshot. */
enum { AT_WP, AT_W, AT_WA, AT_F, MATRICES };

/* Their norms, NaN if not given, and <Wa, W>. */
struct sizes {
    double norms[MATRICES];
    double product;
};

static enum ssldyn_status measure_sizes(const struct ssldyn_observer *observer,
                                        const struct ssldyn_snapshot *snapshot, struct sizes *sizes,
                                        struct ssldyn_error *err)
{
    const size_t wide = observer->n2 * observer->n1;
    const size_t square = observer->n2 * observer->n2;
    const struct {
        const char *name;
        const double *entries;
        size_t count;
    } all[MATRICES] = {[AT_WP] = {"Wp", snapshot->Wp, observer->rows * observer->n2},
                       [AT_W] = {"W", snapshot->W, wide},
                       [AT_WA] = {"Wa", snapshot->Wa, wide},
                       [AT_F] = {"F", snapshot->W != NULL ? NULL : snapshot->F, square}};
    if (snapshot->W == NULL && snapshot->F == NULL)
        return ssldyn_fail(err, SSLDYN_EFAILED, "t = %g: neither W nor F is given", snapshot->t);
    for (size_t i = 0; i < MATRICES; i++) {
        const double *entries = all[i].entries;
        sizes->norms[i] = entries != NULL ? ssldyn_dense_norm(all[i].count, entries) : (double)NAN;
        if (entries != NULL && !isfinite(sizes->norms[i]) &&
            !ssldyn_dense_all_finite(all[i].count, entries))
            return ssldyn_fail(err, SSLDYN_EFAILED, "t = %g: %s has an entry that is not finite",
                               snapshot->t, all[i].name);
    }
    if (snapshot->W != NULL && snapshot->Wa != NULL)
        sizes->product = ssldyn_dense_dot(wide, snapshot->Wa, snapshot->W);
    return SSLDYN_OK;
}

/* <Wa, W>/(|Wa| |W|) for nonzero norms. Very large and very small matrices take a slower path, in
 * which no product overflows or underflows. */
static double cosine_of_target(const struct ssldyn_observer *observer,
                               const struct ssldyn_snapshot *snapshot, const struct sizes *sizes)
{
    const double norm_wa = sizes->norms[AT_WA];
    const double norm_w = sizes->norms[AT_W];
    const double size = norm_wa * norm_w;
    if (size > 1e-250 && size < 1e250)
        return sizes->product / size;
    double sum = 0.0;
    for (size_t i = 0; i < observer->n2 * observer->n1; i++)
        sum += snapshot->Wa[i] / norm_wa * (snapshot->W[i] / norm_w);
    return sum;
}

/* F = W X W^T into observer->F (X = I if the moments are unknown), or the given F. */
static void form_correlation(struct ssldyn_observer *observer,
                             const struct ssldyn_snapshot *snapshot)
{
    const size_t n2 = observer->n2;
    const size_t n1 = observer->n1;
    const double *F = snapshot->F;
    if (snapshot->W != NULL) {
        const double *left = snapshot->W;
        if (observer->predicts) { /* there is one view: the covariance of the representation */
            ssldyn_loss_apply_sum(observer->moments, n2, snapshot->W, observer->workspace);
            left = observer->workspace;
        } else if (observer->moments != NULL && !observer->isotropic) {
            ssldyn_loss_apply_x(observer->moments, n2, snapshot->W, observer->workspace);
            left = observer->workspace;
        }
        const int width = n1 > 0 ? (int)n1 : 1;
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)n1, 1.0, left,
                    width, snapshot->W, width, 0.0, observer->F, (int)n2);
        F = observer->F;
    }
    ssldyn_dense_symmetrize(n2, F, observer->F);
}

/* Norm of the weights and the ratio of the two networks. */
static void measure_weights(const struct ssldyn_observer *observer,
                            const struct ssldyn_snapshot *snapshot, const struct sizes *sizes,
                            struct measures *measured)
{
    const double norm_wa = sizes->norms[AT_WA];
    double norm_w = sizes->norms[AT_W];
    if (snapshot->W == NULL && observer->isotropic) { /* then F = W W^T */
        double trace = 0.0;
        for (size_t j = 0; j < observer->n2; j++)
            trace += snapshot->F[j * observer->n2 + j];
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
        const double cosine = cosine_of_target(observer, snapshot, sizes);
        measured->tau = cosine * (norm_wa / norm_w);
        measured->corr_wa_w = fmin(fmax(cosine, -1.0), 1.0);
    } else if (snapshot->W != NULL) {
        measured->tau = 0.0;
    }
}

/* p_j/|Wp u_j|, limited to [-1, 1]. */
static double cosine_with_image(const struct ssldyn_spectra *spectra, size_t j)
{
    const double image = spectra->image[j];
    return image > 0.0 ? fmin(fmax(spectra->p[j] / image, -1.0), 1.0) : (double)NAN;
}

/* |R(t) - exp(-2 E(t)) C|_F with R = W W^T - Wp^T Wp/alpha_p (Thm 1), where C is R at the first
 * snapshot and E is the integral of the weight decay since then: eta t if it is constant. */
static double measure_balance(struct ssldyn_observer *observer,
                              const struct ssldyn_snapshot *snapshot)
{
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

/* The balance, and the smallest eigenvalue of K of Thm 3 from the symmetric part of Wp, if they
 * apply. */
static enum ssldyn_status measure_laws(struct ssldyn_observer *observer,
                                       const struct ssldyn_snapshot *snapshot,
                                       struct measures *measured, struct ssldyn_error *err)
{
    double *symmetric = observer->workspace;
    double *values = observer->workspace + observer->n2 * observer->n2;
    double *K = observer->spectra.square;
    measured->balance = measured->lambda_min_k = (double)NAN;
    if (snapshot->Wp != NULL && observer->balanced && (snapshot->W != NULL || observer->isotropic))
        measured->balance = measure_balance(observer, snapshot);
    if (snapshot->Wp == NULL || !observer->aligning || isnan(measured->tau))
        return SSLDYN_OK;
    struct ssldyn_rates rates = observer->parameters->rates;
    rates.c = observer->moments->c;
    ssldyn_dense_symmetrize(observer->n2, snapshot->Wp, symmetric);
    ssldyn_reduced_alignment_matrix(&rates, observer->n2, symmetric, observer->F, measured->tau, K);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(observer->spectra.eigen, K, values, NULL, err);
    if (status == SSLDYN_OK)
        measured->lambda_min_k = values[observer->n2 - 1];
    return status;
}

/* The loss of W = F^(1/2) and Wa = tau W on isotropic data, in the frame of F. It is the same for
 * any W with W W^T = F, as such data are invariant under rotations. */
static enum ssldyn_status measure_root_loss(struct ssldyn_observer *observer,
                                            const struct ssldyn_snapshot *snapshot, double *loss,
                                            struct ssldyn_error *err)
{
    const size_t n = observer->n2;
    const struct ssldyn_spectra *spectra = &observer->spectra;
    struct ssldyn_moments moments = *observer->moments;
    double *root = spectra->square;
    moments.n1 = n;
    if (observer->prepared_root == NULL) {
        const enum ssldyn_status status =
            observer->loss->prepare(&moments, n, 0.0, &observer->prepared_root, err);
        if (status != SSLDYN_OK)
            return status;
    }
    for (size_t i = 0; i < n * n; i++)
        root[i] = 0.0;
    for (size_t j = 0; j < n; j++)
        root[j * n + j] = sqrt(fmax(spectra->s[j], 0.0));
    const struct ssldyn_weights weights = {.Wp = snapshot->Wp != NULL ? spectra->M : NULL,
                                           .W = root};
    *loss = observer->loss->value(observer->prepared_root, &moments, n, &weights, snapshot->tau,
                                  observer->workspace);
    return SSLDYN_OK;
}

/* The loss; if only F is known, Wa = tau W (Assumption 1), and the spectra may suffice. */
static enum ssldyn_status measure_loss(struct ssldyn_observer *observer,
                                       const struct ssldyn_snapshot *snapshot, double *loss,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_spectra *spectra = &observer->spectra;
    *loss = (double)NAN;
    if (observer->moments == NULL)
        return SSLDYN_OK;
    if (snapshot->W != NULL) {
        const struct ssldyn_weights weights = {
            .Wp = snapshot->Wp, .W = snapshot->W, .Wa = snapshot->Wa};
        *loss = observer->loss->value(observer->prepared, observer->moments, observer->n2, &weights,
                                      snapshot->tau, observer->workspace);
        return SSLDYN_OK;
    }
    if (!observer->isotropic || isnan(snapshot->tau))
        return SSLDYN_OK;
    if (observer->loss->value_of_modes == NULL)
        return measure_root_loss(observer, snapshot, loss, err);
    *loss = observer->loss->value_of_modes(observer->moments->c, observer->n2, spectra->s,
                                           spectra->p, spectra->image, snapshot->tau);
    return SSLDYN_OK;
}

/* What a predictor of data does not have: eigenvalues, and alignment with its input. */
static void forget_predictor(struct ssldyn_spectra *spectra, double norm_wp)
{
    spectra->norm_wp = norm_wp;
    spectra->commutator = spectra->asymmetry = (double)NAN;
    for (size_t j = 0; j < spectra->n; j++)
        spectra->p[j] = spectra->image[j] = spectra->wpe[j] = (double)NAN;
}

enum ssldyn_status ssldyn_observer_row(struct ssldyn_observer *observer,
                                       const struct ssldyn_snapshot *snapshot, double row[],
                                       struct ssldyn_error *err)
{
    const struct ssldyn_spectra *const spectra = &observer->spectra;
    struct measures all;
    const struct measures *const measured = &all;
    struct sizes sizes = {.product = (double)NAN};
    enum ssldyn_status status = measure_sizes(observer, snapshot, &sizes, err);
    if (status != SSLDYN_OK)
        return status;
    measure_weights(observer, snapshot, &sizes, &all);
    form_correlation(observer, snapshot);
    status = ssldyn_spectra_analyze(&observer->spectra, observer->F,
                                    observer->predicts ? NULL : snapshot->Wp, sizes.norms[AT_WP],
                                    observer->workspace, err);
    if (observer->predicts)
        forget_predictor(&observer->spectra, sizes.norms[AT_WP]);
    if (status != SSLDYN_OK)
        return status;
    status = measure_loss(observer, snapshot, &all.loss, err);
    if (status == SSLDYN_OK)
        status = measure_laws(observer, snapshot, &all, err);
    if (status != SSLDYN_OK)
        return status;
#define FILL_SCALAR(NAME, name, meaning, value) row[SSLDYN_MATRIX_##NAME] = value;
    SSLDYN_MATRIX_COLUMNS(FILL_SCALAR)
#undef FILL_SCALAR
    for (size_t j = 0; j < observer->n2; j++) {
        double *mode = row + SSLDYN_MATRIX_SCALARS + j * SSLDYN_MATRIX_PER_MODE;
#define FILL_MODE(NAME, name, meaning, value) mode[SSLDYN_MATRIX_MODE_##NAME] = value;
        SSLDYN_MATRIX_MODE_COLUMNS(FILL_MODE)
#undef FILL_MODE
    }
    return SSLDYN_OK;
}
