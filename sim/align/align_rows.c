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
enum { SAMPLED_SCALARS = SCALARS + SSLDYN_ALIGN_SAMPLED_SCALARS };
enum { SAMPLED_PER_MODE = PER_MODE + SSLDYN_ALIGN_SAMPLED_PER_MODE };

/* p_j is told from 0 where it is this many of its errors away. */
static const double resolved_from = 3.0;
/* A cosine with a larger error tells neither aligned nor not. */
static const double cosine_error_most = 0.3;

/* Kept equal to the matrix layout in its first columns by a test. */
static const struct ssldyn_column scalars[SAMPLED_SCALARS] = {
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
    /* Of outputs: */
    {"effective_predictor_share",
     "of the output's variance that the effective linear predictor explains, corrected for what it "
     "was fitted to"},
    {"effective_predictor_share_error", "its standard error"},
};
static const struct ssldyn_column per_mode[SAMPLED_PER_MODE] = {
    {"s", "eigenvalues of F, descending"},
    {"p", "u_j^T Wp u_j"},
    {"cos", "u_j^T Wp u_j/|Wp u_j|"},
    {"wpe", "eigenvalues of the symmetric part of Wp, descending"},
    {"c", "s_j (w_j^2) - p_j^2/alpha_p with the estimated alpha_p"},
    {"se", "standard error of s_j from the finite number of features"},
    {"mode", "identity: rank at the first row, handed on along the largest overlaps"},
    /* Of outputs: */
    {"se_p", "standard error of p_j"},
    {"se_cos", "standard error of cos_j, whose |Wp u_j| is corrected for sampling here"},
};

const struct ssldyn_layout ssldyn_layout_align = {scalars, SCALARS, per_mode, PER_MODE};
const struct ssldyn_layout ssldyn_layout_align_sampled = {scalars, SAMPLED_SCALARS, per_mode,
                                                          SAMPLED_PER_MODE};

const struct ssldyn_layout *ssldyn_align_layout(const struct ssldyn_align_request *request)
{
    return request->outputs != NULL ? &ssldyn_layout_align_sampled : &ssldyn_layout_align;
}

/* Whether sampling leaves the cosine of a mode open. */
static bool is_lost(const struct ssldyn_effective_measures *effective, size_t j)
{
    return effective != NULL && !(effective->cos_error[j] <= cosine_error_most);
}

/* Cosines of the leading modes alive. Of a predictor from samples those that stand out are the more
 * aligned ones: where they are fewer than half, their mean says nothing. */
static void sum_cosines(size_t n, const double row[], size_t alive,
                        const struct ssldyn_effective_measures *effective,
                        struct ssldyn_summary *summary)
{
    double sum = 0.0;
    double sizes = 0.0;
    size_t lost = 0;
    summary->leading = 0;
    summary->turned = 0;
    for (size_t j = 0; j < COSINES && j < alive && j < n; j++) {
        const double cosine = row[MATRIX_SCALARS + j * MATRIX_PER_MODE + MODE_COS];
        if (is_lost(effective, j)) {
            lost++;
            continue;
        }
        summary->leading++;
        sum += cosine;
        sizes += fabs(cosine);
        summary->turned += cosine < 0.0 ? 1 : 0;
    }
    const bool none = summary->leading == 0 || lost > summary->leading;
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

/* The points of the fit from a row's own s and p; scratch: 2 n. */
static struct ssldyn_parabola_points points_of(const struct ssldyn_align_extras *extras,
                                               size_t count, const double s[], const double p[],
                                               double scratch[],
                                               struct ssldyn_effective_summary *known)
{
    const struct ssldyn_effective_measures *effective = extras->effective;
    struct ssldyn_parabola_points points = {
        .count = count, .s = s, .p = p, .errors_known = extras->errors_known};
    if (effective == NULL)
        return points;
    double *clear = scratch;
    double *variance = scratch + count;
    for (size_t j = 0; j < count; j++) {
        const double error = effective->p_noise[j];
        const bool resolved = fabs(p[j]) > resolved_from * error;
        clear[j] = resolved ? p[j] : (double)NAN;
        variance[j] = resolved ? error / p[j] * (error / p[j]) : 0.0;
        known->unresolved += resolved ? 0 : 1;
    }
    points.p = clear;
    points.p_variance = variance;
    return points;
}

static struct ssldyn_effective_summary
sum_effective(size_t n, const struct ssldyn_effective_measures *effective)
{
    if (effective == NULL)
        return (struct ssldyn_effective_summary){.share = (double)NAN, .share_error = (double)NAN};
    return (struct ssldyn_effective_summary){.share = effective->share,
                                             .share_error = effective->share_error,
                                             .directions = effective->directions,
                                             .modes = n};
}

/* The row: the observer's columns, those of the analysis, and those of outputs. */
static void fill_row(size_t n, const double row[], const struct ssldyn_align_extras *extras,
                     const struct ssldyn_rank_measures *rank, const struct ssldyn_summary *summary,
                     const double p[], double wide[])
{
    const struct ssldyn_effective_measures *effective = extras->effective;
    const struct ssldyn_layout *layout =
        effective != NULL ? &ssldyn_layout_align_sampled : &ssldyn_layout_align;
    for (size_t i = 0; i < MATRIX_SCALARS; i++)
        wide[i] = row[i];
    fill_scalars(rank, &summary->fit, &summary->spread, extras->angle, summary->cosine_signed,
                 wide + MATRIX_SCALARS);
    if (effective != NULL) {
        wide[SCALARS] = effective->share;
        wide[SCALARS + 1] = effective->share_error;
    }
    for (size_t j = 0; j < n; j++) {
        const double *seen = row + MATRIX_SCALARS + j * MATRIX_PER_MODE;
        double *mode = wide + layout->scalar_count + j * layout->per_mode_count;
        for (size_t k = 0; k < MATRIX_PER_MODE; k++)
            mode[k] = seen[k];
        mode[MATRIX_PER_MODE] = (extras->weights != NULL ? extras->weights[j] : seen[MODE_S]) -
                                p[j] * p[j] / summary->fit.alpha_p;
        mode[MATRIX_PER_MODE + 1] = extras->errors != NULL ? extras->errors[j] : (double)NAN;
        mode[MATRIX_PER_MODE + 2] =
            extras->numbers != NULL ? (double)extras->numbers[j] : (double)NAN;
        if (effective != NULL) {
            mode[PER_MODE] = effective->p_error[j];
            mode[PER_MODE + 1] = effective->cos_error[j];
        }
    }
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
    struct ssldyn_effective_summary known = sum_effective(n, extras->effective);
    struct ssldyn_parabola_points points = points_of(extras, fitted, s, p, scratch + 2 * n, &known);
    if (extras->points != NULL) {
        points = *extras->points;
        known.unresolved = 0;
    }
    if (points.count > fitted)
        points.count = fitted;
    ssldyn_parabola_fit_make(&points, scratch + 4 * n, &fit);
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
        .effective = known,
    };
    sum_cosines(n, row, alive, extras->effective, summary);
    fill_row(n, row, extras, &rank, summary, p, wide);
    *alpha_p = fit.alpha_p;
}
