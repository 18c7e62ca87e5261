/* The columns of an alignment analysis (align_rows.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_rows.h"

#include "sim/align/measures.h"

#include <math.h>

enum { MATRIX_SCALARS = 11, MATRIX_PER_MODE = 4, COSINES = 8 };
enum { SCALAR_TAU = 5, SCALAR_CORR_WA_W = 6, SCALAR_ASYMMETRY = 9 };
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
    {"effective_rank", "exp of the entropy of s/sum(s)"},
    {"participation", "sum(s)^2/sum(s^2)"},
    {"rankme", "exp of the entropy of sqrt(s)/sum(sqrt(s)) + 1e-7"},
    {"alive", "modes above the floor (a share of s_1)"},
    {"slope", "of log p on log s through the leading modes alive; 1/2 on the parabola"},
    {"slope_low", "lower end of its 95 % confidence interval"},
    {"slope_high", "upper end"},
    {"residual", "standard deviation of log p about that line"},
    {"alpha_p", "geometric mean of p^2/s over the same modes"},
    {"turn", "largest principal angle (radians) between leading subspaces, to the row before"},
};
static const struct ssldyn_column per_mode[PER_MODE] = {
    {"s", "eigenvalues of F, descending"},
    {"p", "u_j^T Wp u_j"},
    {"cos", "u_j^T Wp u_j/|Wp u_j|"},
    {"wpe", "eigenvalues of the symmetric part of Wp, descending"},
    {"c", "s_j - p_j^2/alpha_p with the estimated alpha_p"},
    {"se", "standard error of s_j from the finite number of features"},
    {"mode", "identity: rank at the first row, handed on along the largest overlaps"},
};

const struct ssldyn_layout ssldyn_layout_align = {scalars, SCALARS, per_mode, PER_MODE};

/* Mean |cos| of the leading modes alive. */
static double mean_cosine(size_t n, const double row[], size_t alive)
{
    const size_t count = alive < COSINES ? alive : COSINES;
    double sum = 0.0;
    for (size_t j = 0; j < count && j < n; j++)
        sum += fabs(row[MATRIX_SCALARS + j * MATRIX_PER_MODE + MODE_COS]);
    return count > 0 ? sum / (double)count : (double)NAN;
}

static void fill_scalars(const struct ssldyn_rank_measures *rank,
                         const struct ssldyn_power_law *law, double angle, double extra[])
{
    extra[0] = rank->effective_rank;
    extra[1] = rank->participation;
    extra[2] = rank->rankme;
    extra[3] = (double)rank->alive;
    extra[4] = law->slope;
    extra[5] = law->low;
    extra[6] = law->high;
    extra[7] = law->residual;
    extra[8] = law->alpha_p;
    extra[9] = angle;
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
    struct ssldyn_power_law law;
    ssldyn_measure_rank(n, s, request->floor, &rank);
    const size_t fitted = rank.alive < request->leading ? rank.alive : request->leading;
    ssldyn_measure_power_law(fitted, s, p, &law);
    for (size_t i = 0; i < MATRIX_SCALARS; i++)
        wide[i] = row[i];
    fill_scalars(&rank, &law, extras->angle, wide + MATRIX_SCALARS);
    for (size_t j = 0; j < n; j++) {
        double *mode = wide + SCALARS + j * PER_MODE;
        for (size_t k = 0; k < MATRIX_PER_MODE; k++)
            mode[k] = row[MATRIX_SCALARS + j * MATRIX_PER_MODE + k];
        mode[MATRIX_PER_MODE] = s[j] - p[j] * p[j] / law.alpha_p;
        mode[MATRIX_PER_MODE + 1] = extras->errors != NULL ? extras->errors[j] : (double)NAN;
        mode[MATRIX_PER_MODE + 2] =
            extras->numbers != NULL ? (double)extras->numbers[j] : (double)NAN;
    }
    *alpha_p = law.alpha_p;
    *summary = (struct ssldyn_summary){
        .t = row[0],
        .largest = n > 0 ? s[0] : 0.0,
        .effective_rank = rank.effective_rank,
        .alive = rank.alive,
        .cosine = mean_cosine(n, row, rank.alive),
        .asymmetry = row[SCALAR_ASYMMETRY],
        .corr_wa_w = row[SCALAR_CORR_WA_W],
        .slope = law.slope,
        .slope_low = law.low,
        .slope_high = law.high,
        .residual = law.residual,
    };
}
