/* The columns of an alignment analysis (align_rows.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_rows.h"

#include "sim/align/measures.h"

#include <math.h>

enum { MATRIX_SCALARS = 11, MATRIX_PER_MODE = 4, COSINES = 8 };
enum { SCALAR_NORM_WP = 4, SCALAR_TAU = 5, SCALAR_CORR_WA_W = 6, SCALAR_ASYMMETRY = 9 };
enum { MODE_S, MODE_P, MODE_COS, MODE_WPE };
enum { SCALARS = MATRIX_SCALARS + SSLDYN_ALIGN_SCALARS };
enum { PER_MODE = MATRIX_PER_MODE + SSLDYN_ALIGN_PER_MODE };

/* Kept equal to the matrix layout in its first columns by a test. */
static const struct ssldyn_column scalars[SCALARS] = {
    {"t", "time of the snapshot: flow time, the number in its file's name, or its place"},
    {"step", "step of SGD"},
    {"loss", "population loss 1/2 E|Wp W x1 - Wa x2|^2"},
    {"norm_w", "|W|_F"},
    {"norm_wp", "|Wp|_F"},
    {"tau", "<Wa, W>/|W|^2"},
    {"corr_wa_w", "<Wa, W>/(|Wa| |W|)"},
    {"balance", "|W W^T - Wp^T Wp/alpha_p - exp(-2 eta t) C|_F (Thm 1)"},
    {"commutator", "|[F, Wp]|_F"},
    {"asymmetry", "|Wp - Wp^T|_F/|Wp|_F"},
    {"lambda_min_k", "smallest eigenvalue of K (Thm 3)"},
    {"effective_rank",
     "exp of the entropy of s/sum(s), s of the covariance; of F where the mean is "
     "unknown"},
    {"participation", "sum(s)^2/sum(s^2) of the same"},
    {"rankme", "exp of the entropy of sqrt(s)/sum(sqrt(s)) + 1e-7 of the same"},
    {"alive", "directions: eigenvalues of the covariance above the floor and above rounding"},
    {"slope",
     "of log p on log s (log w^2 where X is not the identity, w_j^2 = u_j^T W W^T u_j) through the "
     "leading modes alive; 1/2 on the parabola"},
    {"slope_low", "lower end of its 95 % confidence interval"},
    {"slope_high", "upper end"},
    {"residual", "standard deviation of log p about that line"},
    {"alpha_p", "geometric mean of p^2/s (p^2/w^2) over the upper modes"},
    {"turn", "largest principal angle (radians) between leading subspaces, to the row before"},
    {"negative", "modes among those fitted with p <= 0: left out of the fit"},
    {"upper", "modes of larger s before the line breaks; all that are fitted where it does not"},
    {"slope_upper", "slope through them"},
    {"delta_bic", "BIC of one line minus that of the best two"},
    {"cosine", "mean cos_j of the leading eight modes alive"},
    {"variance", "trace of the covariance; of F where the mean is unknown"},
    {"mean_share", "|mean|^2/(|mean|^2 + variance)"},
};
static const struct ssldyn_column per_mode[PER_MODE] = {
    {"s", "eigenvalues of F, descending"},
    {"p", "u_j^T Wp u_j"},
    {"cos", "u_j^T Wp u_j/|Wp u_j|"},
    {"wpe", "eigenvalues of the symmetric part of Wp, descending"},
    {"c", "s_j (w_j^2) - p_j^2/alpha_p with the estimated alpha_p"},
    {"se", "standard error of s_j from the finite number of features"},
    {"mode", "identity: rank at the first row, handed on along the largest overlaps"},
};

const struct ssldyn_layout ssldyn_layout_align = {scalars, SCALARS, per_mode, PER_MODE};

/* Cosines of the leading modes alive. */
static void sum_cosines(size_t n, const double row[], size_t alive, struct ssldyn_summary *summary)
{
    double sum = 0.0;
    double sizes = 0.0;
    summary->leading = alive < COSINES ? alive : COSINES;
    summary->turned = 0;
    for (size_t j = 0; j < summary->leading && j < n; j++) {
        const double cosine = row[MATRIX_SCALARS + j * MATRIX_PER_MODE + MODE_COS];
        sum += cosine;
        sizes += fabs(cosine);
        summary->turned += cosine < 0.0 ? 1 : 0;
    }
    const bool none = summary->leading == 0;
    summary->cosine = none ? (double)NAN : sizes / (double)summary->leading;
    summary->cosine_signed = none ? (double)NAN : sum / (double)summary->leading;
}

/* Root mean square of u^T Wp u/|Wp|_F over random directions u, but for terms of order 1/n. */
static double chance_cosine(size_t n, const double row[])
{
    double trace = 0.0;
    for (size_t j = 0; j < n; j++)
        trace += row[MATRIX_SCALARS + j * MATRIX_PER_MODE + MODE_WPE];
    return fabs(trace) / (sqrt((double)n) * row[SCALAR_NORM_WP]);
}

double ssldyn_align_mean_share(const struct ssldyn_spread *spread)
{
    return spread->mean_square / (spread->mean_square + spread->total);
}

static void fill_scalars(const struct ssldyn_rank_measures *rank,
                         const struct ssldyn_parabola_fit *fit, const struct ssldyn_spread *spread,
                         double angle, double cosine, double extra[])
{
    extra[0] = rank->effective_rank;
    extra[1] = rank->participation;
    extra[2] = rank->rankme;
    extra[3] = (double)spread->all.living;
    extra[4] = fit->line.slope;
    extra[5] = fit->line.low;
    extra[6] = fit->line.high;
    extra[7] = fit->line.residual;
    extra[8] = fit->alpha_p;
    extra[9] = angle;
    extra[10] = (double)fit->negative;
    extra[11] = (double)fit->upper.count;
    extra[12] = fit->upper.slope;
    extra[13] = fit->delta_bic;
    extra[14] = cosine;
    extra[15] = spread->total;
    extra[16] = ssldyn_align_mean_share(spread);
}

void ssldyn_align_row(const struct ssldyn_align_request *request, size_t n, const double row[],
                      const struct ssldyn_align_extras *extras, bool p_is_wpe, double wide[],
                      struct ssldyn_summary *summary, double *alpha_p, double scratch[])
{
    double *s = scratch;
    double *p = scratch + n;
    for (size_t j = 0; j < n; j++) {
        const double *mode = row + MATRIX_SCALARS + j * MATRIX_PER_MODE;
        s[j] = mode[MODE_S];
        p[j] = p_is_wpe ? mode[MODE_WPE] : mode[MODE_P];
    }
    struct ssldyn_rank_measures rank;
    struct ssldyn_spread spread;
    const double *variances = extras->variances != NULL ? extras->variances : s;
    ssldyn_spread_measure(n, variances, request->floor, extras->noise, extras->mean_square,
                          &spread);
    if (extras->errors != NULL && n > 0 && s[0] > 0.0)
        spread.error = extras->errors[0] / s[0];
    struct ssldyn_parabola_fit fit;
    ssldyn_measure_rank(n, s, request->floor, &rank);
    const size_t alive = rank.alive; /* of F: for the fit and the cosines */
    ssldyn_measure_rank(n, variances, request->floor, &rank);
    const size_t fitted = alive < request->leading ? alive : request->leading;
    struct ssldyn_parabola_points points = {
        .count = fitted, .s = s, .p = p, .errors_known = extras->errors_known};
    if (extras->points != NULL)
        points = *extras->points;
    if (points.count > fitted)
        points.count = fitted;
    ssldyn_parabola_fit_make(&points, scratch + 2 * n, &fit);
    *summary = (struct ssldyn_summary){
        .t = row[0],
        .largest = n > 0 ? s[0] : 0.0,
        .effective_rank = rank.effective_rank,
        .alive = alive,
        .asymmetry = row[SCALAR_ASYMMETRY],
        .corr_wa_w = row[SCALAR_CORR_WA_W],
        .fit = fit,
        .run_alpha_p = extras->run_alpha_p,
        .cosine_chance = chance_cosine(n, row),
        .whitened = extras->whitened,
        .weights = extras->weights != NULL,
        .sorted = p_is_wpe,
        .spread = spread,
    };
    sum_cosines(n, row, alive, summary);
    for (size_t i = 0; i < MATRIX_SCALARS; i++)
        wide[i] = row[i];
    fill_scalars(&rank, &fit, &spread, extras->angle, summary->cosine_signed,
                 wide + MATRIX_SCALARS);
    for (size_t j = 0; j < n; j++) {
        double *mode = wide + SCALARS + j * PER_MODE;
        for (size_t k = 0; k < MATRIX_PER_MODE; k++)
            mode[k] = row[MATRIX_SCALARS + j * MATRIX_PER_MODE + k];
        mode[MATRIX_PER_MODE] =
            (extras->weights != NULL ? extras->weights[j] : s[j]) - p[j] * p[j] / fit.alpha_p;
        mode[MATRIX_PER_MODE + 1] = extras->errors != NULL ? extras->errors[j] : (double)NAN;
        mode[MATRIX_PER_MODE + 2] =
            extras->numbers != NULL ? (double)extras->numbers[j] : (double)NAN;
    }
    *alpha_p = fit.alpha_p;
}
