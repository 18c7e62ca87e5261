/* The columns of an alignment analysis (align_rows.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_rows.h"

#include "sim/align/measures.h"
#include "sim/observe/layout_matrix.h"

#include <math.h>

enum { COSINES = 8 };

/* p_j is significantly different from 0 if it is at least this many of its errors away. */
static const double resolved_from = 3.0;
/* A cosine with a larger error shows neither alignment nor its absence. */
static const double cosine_error_most = 0.3;

/* Added after the scalars of a matrix trace: X(NAME, name, meaning, value), the value from the
 * variables of fill_row. */
#define ALIGN_COLUMNS(X)                                                                           \
    X(EFFECTIVE_RANK, "effective_rank",                                                            \
      "exp of the entropy of s/sum(s), s: eigenvalues of the covariance, or of F if the mean is "  \
      "unknown",                                                                                   \
      rank->effective_rank)                                                                        \
    X(PARTICIPATION, "participation", "sum(s)^2/sum(s^2) of the same eigenvalues",                 \
      rank->participation)                                                                         \
    X(RANKME, "rankme",                                                                            \
      "exp of the entropy of sqrt(s)/sum(sqrt(s)) + 1e-7 of the same eigenvalues", rank->rankme)   \
    X(ALIVE, "alive",                                                                              \
      "number of eigenvalues of the covariance above the floor and above rounding errors",         \
      (double)spread->all.living)                                                                  \
    X(SLOPE, "slope",                                                                              \
      "slope of log p on log s (on log w^2, w_j^2 = u_j^T W W^T u_j, if X is not the identity) "   \
      "over the leading living modes; 1/2 on the parabola",                                        \
      fit->line.slope)                                                                             \
    X(SLOPE_LOW, "slope_low", "lower end of its 95 % confidence interval", fit->line.low)          \
    X(SLOPE_HIGH, "slope_high", "upper end of its 95 % confidence interval", fit->line.high)       \
    X(RESIDUAL, "residual", "standard deviation of log p about that line", fit->line.residual)     \
    X(ALPHA_P, "alpha_p", "geometric mean of p^2/s (or p^2/w^2) over the upper modes",             \
      fit->alpha_p)                                                                                \
    X(TURN, "turn",                                                                                \
      "largest principal angle (radians) between the leading subspaces of this row and the "       \
      "previous one",                                                                              \
      extras->angle)                                                                               \
    X(NEGATIVE, "negative",                                                                        \
      "number of leading living modes with p <= 0, which are left out of the fit",                 \
      (double)fit->negative)                                                                       \
    X(UPPER, "upper",                                                                              \
      "number of modes above the break of the line (all fitted modes if there is no break): the "  \
      "upper modes",                                                                               \
      (double)fit->upper.count)                                                                    \
    X(SLOPE_UPPER, "slope_upper", "slope over the upper modes", fit->upper.slope)                  \
    X(DELTA_BIC, "delta_bic", "BIC of one line minus BIC of the best two", fit->delta_bic)         \
    X(COSINE, "cosine", "mean cos_j of the eight leading living modes", summary->cosine_signed)    \
    X(VARIANCE, "variance", "trace of the covariance, or of F if the mean is unknown",             \
      spread->total)                                                                               \
    X(MEAN_SHARE, "mean_share", "|mean|^2/(|mean|^2 + variance)", ssldyn_align_mean_share(spread))

/* Added after those if the predictor was estimated from outputs. */
#define SAMPLED_COLUMNS(X)                                                                         \
    X(SHARE, "effective_predictor_share",                                                          \
      "share of the outputs' variance that the effective linear predictor explains, corrected "    \
      "for overfitting",                                                                           \
      effective->share)                                                                            \
    X(SHARE_ERROR, "effective_predictor_share_error", "standard error of that share",              \
      effective->share_error)

/* The same for mode j. */
#define ALIGN_MODE_COLUMNS(X)                                                                      \
    X(C, "c", "s_j (or w_j^2) - p_j^2/alpha_p, with the estimated alpha_p",                        \
      balance_of(row, j, extras, p[j] * p[j] / fit->alpha_p))                                      \
    X(SE, "se", "standard error of s_j from the finite number of features",                        \
      extras->errors != NULL ? extras->errors[j] : (double)NAN)                                    \
    X(MODE, "mode",                                                                                \
      "number of the mode: its rank in the first row, tracked by the largest overlaps",            \
      extras->numbers != NULL ? (double)extras->numbers[j] : (double)NAN)
#define SAMPLED_MODE_COLUMNS(X)                                                                    \
    X(SE_P, "se_p", "standard error of p_j", effective->p_error[j])                                \
    X(SE_COS, "se_cos", "standard error of cos_j, with |Wp u_j| corrected for sampling errors",    \
      effective->cos_error[j])

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAMED SSLDYN_LAYOUT_COLUMN

static const struct ssldyn_column scalars[] = {SSLDYN_MATRIX_COLUMNS(NAMED) ALIGN_COLUMNS(NAMED)};
static const struct ssldyn_column sampled_scalars[] = {
    SSLDYN_MATRIX_COLUMNS(NAMED) ALIGN_COLUMNS(NAMED) SAMPLED_COLUMNS(NAMED)};
static const struct ssldyn_column per_mode[] = {SSLDYN_MATRIX_MODE_COLUMNS(NAMED)
                                                    ALIGN_MODE_COLUMNS(NAMED)};
static const struct ssldyn_column sampled_per_mode[] = {
    SSLDYN_MATRIX_MODE_COLUMNS(NAMED) ALIGN_MODE_COLUMNS(NAMED) SAMPLED_MODE_COLUMNS(NAMED)};

/* Meanings of the columns of a matrix trace, if the matrices were given. */
#define SCALAR_WORDS(loss)                                                                         \
    {                                                                                              \
        [SSLDYN_MATRIX_T] =                                                                        \
            "time of the snapshot: flow time, the number in its file's name, or its position",     \
        [SSLDYN_MATRIX_STEP] = "step of SGD", [SSLDYN_MATRIX_LOSS] = (loss),                       \
        [SSLDYN_MATRIX_NORM_W] = "|W|_F", [SSLDYN_MATRIX_NORM_WP] = "|Wp|_F",                      \
        [SSLDYN_MATRIX_TAU] = "<Wa, W>/|W|^2", [SSLDYN_MATRIX_CORR_WA_W] = "<Wa, W>/(|Wa| |W|)",   \
        [SSLDYN_MATRIX_BALANCE] = "|W W^T - Wp^T Wp/alpha_p - exp(-2 eta t) C|_F (Thm 1)",         \
        [SSLDYN_MATRIX_COMMUTATOR] = "|[F, Wp]|_F",                                                \
        [SSLDYN_MATRIX_ASYMMETRY] = "|Wp - Wp^T|_F/|Wp|_F",                                        \
    }
static const char *const scalar_words[COUNT(sampled_scalars)] =
    SCALAR_WORDS("population loss 1/2 E|Wp W x1 - Wa x2|^2");
static const char *const cosine_words[COUNT(sampled_scalars)] =
    SCALAR_WORDS("population loss -E cos(Wp W x1, Wa x2)");
static const char *const per_mode_words[COUNT(sampled_per_mode)] = {
    [SSLDYN_MATRIX_MODE_S] = "eigenvalues of F, descending",
    [SSLDYN_MATRIX_MODE_P] = "u_j^T Wp u_j",
    [SSLDYN_MATRIX_MODE_COS] = "u_j^T Wp u_j/|Wp u_j|",
    [SSLDYN_MATRIX_MODE_WPE] = "eigenvalues of the symmetric part of Wp, descending",
};

const struct ssldyn_layout ssldyn_layout_align = {scalars,         COUNT(scalars), per_mode,
                                                  COUNT(per_mode), scalar_words,   per_mode_words};
const struct ssldyn_layout ssldyn_layout_align_cosine = {
    scalars, COUNT(scalars), per_mode, COUNT(per_mode), cosine_words, per_mode_words};
const struct ssldyn_layout ssldyn_layout_align_sampled = {sampled_scalars,  COUNT(sampled_scalars),
                                                          sampled_per_mode, COUNT(sampled_per_mode),
                                                          scalar_words,     per_mode_words};

const struct ssldyn_layout *ssldyn_align_layout(const struct ssldyn_align_request *request,
                                                const struct ssldyn_parameters *parameters)
{
    if (request->outputs != NULL)
        return &ssldyn_layout_align_sampled;
    return parameters != NULL && ssldyn_losses_of(parameters)->normalized
               ? &ssldyn_layout_align_cosine
               : &ssldyn_layout_align;
}

/* Whether the sampling error of a mode's cosine is too large. */
static bool is_lost(const struct ssldyn_effective_measures *effective, size_t j)
{
    return effective != NULL && !(effective->cos_error[j] <= cosine_error_most);
}

/* Cosines of the leading modes alive. If the predictor was estimated from samples, the
 * significant modes tend to be the more aligned ones: if they are fewer than half, their mean is
 * not used. */
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
        const double cosine = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_COS, j)];
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

/* Root mean square of u^T Wp u/|Wp|_F over random directions u, up to terms of order 1/n. */
static double chance_cosine(size_t n, const double row[])
{
    double trace = 0.0;
    for (size_t j = 0; j < n; j++)
        trace += row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_WPE, j)];
    return fabs(trace) / (sqrt((double)n) * row[SSLDYN_MATRIX_NORM_WP]);
}

double ssldyn_align_mean_share(const struct ssldyn_spread *spread)
{
    return spread->mean_square / (spread->mean_square + spread->total);
}

/* The points of the fit from s and p of a row; scratch: 2 n. */
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

/* c_j, from w_j^2 if it is known, else from s_j. */
static double balance_of(const double row[], size_t j, const struct ssldyn_align_extras *extras,
                         double on_parabola)
{
    const double own = extras->weights != NULL
                           ? extras->weights[j]
                           : row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    return own - on_parabola;
}

/* The row: the observer's columns, those of the analysis, and those of outputs. */
static void fill_row(size_t n, const double row[], const struct ssldyn_align_extras *extras,
                     const struct ssldyn_rank_measures *rank, const struct ssldyn_summary *summary,
                     const double p[], double wide[])
{
    const struct ssldyn_effective_measures *effective = extras->effective;
    const struct ssldyn_parabola_fit *fit = &summary->fit;
    const struct ssldyn_spread *spread = &summary->spread;
    double *cell = wide;
#define FILL(NAME, name, meaning, value) *cell++ = value;
    for (size_t i = 0; i < SSLDYN_MATRIX_SCALARS; i++)
        *cell++ = row[i];
    ALIGN_COLUMNS(FILL)
    if (effective != NULL) {
        SAMPLED_COLUMNS(FILL)
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t k = 0; k < SSLDYN_MATRIX_PER_MODE; k++)
            *cell++ = row[ssldyn_layout_matrix_at((enum ssldyn_matrix_mode)k, j)];
        ALIGN_MODE_COLUMNS(FILL)
        if (effective != NULL) {
            SAMPLED_MODE_COLUMNS(FILL)
        }
    }
#undef FILL
}

void ssldyn_align_row(const struct ssldyn_align_request *request, size_t n, const double row[],
                      const struct ssldyn_align_extras *extras, bool p_is_wpe, double wide[],
                      struct ssldyn_summary *summary, double *alpha_p, double scratch[])
{
    double *s = scratch;
    double *p = scratch + n;
    for (size_t j = 0; j < n; j++) {
        s[j] = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
        p[j] = row[ssldyn_layout_matrix_at(p_is_wpe ? SSLDYN_MATRIX_MODE_WPE : SSLDYN_MATRIX_MODE_P,
                                           j)];
    }
    struct ssldyn_rank_measures rank;
    struct ssldyn_spread spread;
    const double *variances = extras->variances != NULL ? extras->variances : s;
    ssldyn_spread_measure(n, variances, request->floor, extras->noise, extras->mean_square,
                          &spread);
    if (extras->errors != NULL && n > 0 && s[0] > 0.0)
        spread.error = extras->errors[0] / s[0];
    struct ssldyn_parabola_fit fit;
    ssldyn_measures_rank(n, s, request->floor, &rank);
    const size_t alive = rank.alive; /* of F: for the fit and the cosines */
    ssldyn_measures_rank(n, variances, request->floor, &rank);
    const size_t fitted = alive < request->leading ? alive : request->leading;
    struct ssldyn_effective_summary known = sum_effective(n, extras->effective);
    struct ssldyn_parabola_points points = points_of(extras, fitted, s, p, scratch + 2 * n, &known);
    if (extras->points != NULL) {
        points = *extras->points;
        known.unresolved = 0;
    }
    if (points.count > fitted)
        points.count = fitted;
    points.sorted = p_is_wpe;
    ssldyn_parabola_fit_make(&points, scratch + 4 * n, &fit);
    *summary = (struct ssldyn_summary){
        .t = row[SSLDYN_MATRIX_T],
        .largest = n > 0 ? s[0] : 0.0,
        .effective_rank = rank.effective_rank,
        .alive = alive,
        .asymmetry = row[SSLDYN_MATRIX_ASYMMETRY],
        .corr_wa_w = row[SSLDYN_MATRIX_CORR_WA_W],
        .fit = fit,
        .run_alpha_p = extras->run_alpha_p,
        .cosine_chance = chance_cosine(n, row),
        .whitened = extras->whitened,
        .weights = extras->weights != NULL,
        .sorted = p_is_wpe,
        .spread = spread,
        .effective = known,
    };
    if (extras->plateau) {
        /* p_j within three errors of 0 is not known well enough */
        double *clear = scratch + 2 * n;
        for (size_t j = 0; j < n; j++)
            clear[j] = extras->effective == NULL ||
                               fabs(p[j]) > resolved_from * extras->effective->p_noise[j]
                           ? p[j]
                           : (double)NAN;
        ssldyn_plateau_find(n, s, clear, p_is_wpe, request->p_floor, scratch + 4 * n,
                            &summary->plateau);
    }
    sum_cosines(n, row, alive, extras->effective, summary);
    fill_row(n, row, extras, &rank, summary, p, wide);
    *alpha_p = fit.alpha_p;
}
