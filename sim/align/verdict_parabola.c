/* The verdict's sentences about the invariant parabola (verdict_parts.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/verdict_parts.h"

#include <math.h>

int ssldyn_verdict_parabola_holds(const struct ssldyn_summary *summary)
{
    switch (ssldyn_parabola_judge(&summary->fit, summary->run_alpha_p)) {
    case SSLDYN_PARABOLA_ON:
        return 1;
    case SSLDYN_PARABOLA_UNKNOWN:
        return -1;
    case SSLDYN_PARABOLA_RATIO_OFF:
    case SSLDYN_PARABOLA_SCATTERED:
    case SSLDYN_PARABOLA_SLOPE_OFF:
    case SSLDYN_PARABOLA_NEGATIVE:
        break;
    }
    return 0;
}

/* Removes the sign of a negative zero. */
static double rounded(double value)
{
    return fabs(value) < 0.0005 ? 0.0 : value;
}

static void append_line(const struct ssldyn_line_fit *line, struct ssldyn_verdict *verdict)
{
    ssldyn_verdict_append(verdict, "%.3f (%.3f to %.3f with 95 %% confidence)",
                          rounded(line->slope), rounded(line->low), rounded(line->high));
}

/* The name of the modes' sizes: s_j of F, or w_j^2. */
static const char *size_name(const struct ssldyn_summary *last)
{
    return last->weights ? "w^2" : "s";
}

static void append_ratio(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    if (ssldyn_parabola_fit_but_few(fit)) {
        ssldyn_verdict_append(verdict, "p^2/%s is within 5 %% of %.4g in %zu of %zu living modes",
                              size_name(last), 1.0 / fit->ratio, fit->agreeing, fit->living);
        return;
    }
    ssldyn_verdict_append(verdict, "p^2/%s = %.4g (%.4g to %.4g), constant to %.1g %%",
                          size_name(last), fit->alpha_p, fit->alpha_low, fit->alpha_high,
                          100.0 * fit->ratio_spread);
}

static void append_slope(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const char *of = size_name(last);
    if (ssldyn_parabola_fit_but_few(&last->fit)) {
        ssldyn_verdict_append(verdict, "; the others have not reached it or are leaving it.");
        return;
    }
    if (isnan(last->fit.upper.slope)) {
        ssldyn_verdict_append(verdict, "; log %s varies too little to fit a slope.", of);
        return;
    }
    ssldyn_verdict_append(verdict, "; the slope of log p on log %s is ", of);
    append_line(&last->fit.upper, verdict);
    ssldyn_verdict_append(verdict, "; on the parabola it is 1/2.");
}

/* A broken line is reported first: the following sentences are about its upper part. */
static void append_populations(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    const char *of = size_name(last);
    ssldyn_verdict_append(verdict,
                          " Two populations: a broken line fits better than a straight one (it "
                          "lowers the BIC by %.0f). The %zu modes with the largest %s",
                          fit->delta_bic, fit->upper.count, of);
    if (isnan(fit->upper.slope)) {
        ssldyn_verdict_append(verdict, " have nearly equal %s", of);
    } else {
        ssldyn_verdict_append(verdict, " have a slope of ");
        append_line(&fit->upper, verdict);
    }
    ssldyn_verdict_append(verdict, ", and the %zu others", fit->lower.count);
    if (isnan(fit->lower.slope))
        ssldyn_verdict_append(verdict, " have nearly equal %s. The following is about the former.",
                              of);
    else
        ssldyn_verdict_append(verdict, " a slope of %.2f. The following is about the former.",
                              fit->lower.slope);
}

static void append_unknown(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    const char *of = size_name(last);
    if (fit->living == 0) {
        ssldyn_verdict_append(verdict, " Parabola: unknown.");
    } else if (fit->upper.count < 2) {
        ssldyn_verdict_append(verdict, " Parabola: unknown (%zu living mode%s with p > 0).",
                              fit->upper.count, fit->upper.count == 1 ? "" : "s");
    } else if (isnan(fit->upper.slope)) {
        ssldyn_verdict_append(verdict,
                              " Parabola: unknown. %s/p^2 varies by %.2g %% beyond a sampling "
                              "error of %.2g %%, and log %s varies too little to fit a slope.",
                              of, 100.0 * fit->ratio_spread, 100.0 * fit->ratio_error, of);
    } else {
        ssldyn_verdict_append(verdict, " Parabola: undecided. The slope of log p on log %s, ", of);
        append_line(&fit->upper, verdict);
        ssldyn_verdict_append(verdict, ", cannot tell 1/2 from other values.");
    }
}

/* Appends the data behind the numbers. */
static void append_footing(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    if (verdict->parabola != 0 && fit->negative > 0)
        ssldyn_verdict_append(verdict, " Modes with p <= 0 (%zu) are left out of the fit.",
                              fit->negative);
    if (last->effective.unresolved > 0)
        ssldyn_verdict_append(verdict,
                              " Modes with p within three standard errors of 0 (%zu) are left out "
                              "of the fit.",
                              last->effective.unresolved);
    if (last->sorted)
        ssldyn_verdict_append(verdict, " p_j are sorted eigenvalues of Wp here, and sorting alone "
                                       "makes them rise with s_j.");
    else if (!fit->errors_known && !isnan(fit->upper.slope))
        ssldyn_verdict_append(verdict, " The sampling error of s_j is unknown; the interval allows "
                                       "for errors of up to half the variance of log s.");
    if (last->weights)
        ssldyn_verdict_append(verdict, " Here w_j^2 = u_j^T W W^T u_j, since Thm 1 relates Wp to W "
                                       "W^T, and to F only if X = I.");
    else if (!last->whitened && verdict->parabola == 0)
        ssldyn_verdict_append(verdict, " Thm 1 relates Wp to F only if the data are whitened (X = "
                                       "I); for other data give --w and --x.");
}

static void append_off(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    if (fit->broken) {
        ssldyn_verdict_append(verdict, " Off the parabola, whose slope is 1/2.");
        return;
    }
    ssldyn_verdict_append(verdict, " Off the parabola: the slope of log p on log %s is ",
                          size_name(last));
    append_line(&fit->upper, verdict);
    ssldyn_verdict_append(verdict, "; on the parabola it is 1/2.");
}

void ssldyn_verdict_judge_parabola(const struct ssldyn_summary *last,
                                   struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    const enum ssldyn_parabola_answer answer = ssldyn_parabola_judge(fit, last->run_alpha_p);
    verdict->parabola = ssldyn_verdict_parabola_holds(last);
    if (answer == SSLDYN_PARABOLA_NEGATIVE) {
        ssldyn_verdict_append(verdict, " Off the parabola: %zu of %zu living modes have p <= 0.",
                              fit->negative, fit->living);
        return;
    }
    if (fit->broken)
        append_populations(last, verdict);
    switch (answer) {
    case SSLDYN_PARABOLA_ON:
        ssldyn_verdict_append(verdict, " On the parabola: ");
        append_ratio(last, verdict);
        append_slope(last, verdict);
        break;
    case SSLDYN_PARABOLA_RATIO_OFF:
        ssldyn_verdict_append(verdict, " Off the run's parabola: ");
        append_ratio(last, verdict);
        ssldyn_verdict_append(verdict, ", but alpha_p = %g.", last->run_alpha_p);
        break;
    case SSLDYN_PARABOLA_SCATTERED:
        ssldyn_verdict_append(verdict, " No clear power law: the slope of log p on log %s, ",
                              size_name(last));
        append_line(&fit->upper, verdict);
        ssldyn_verdict_append(verdict, ", is compatible with 1/2, but p scatters by %.0f %%.",
                              100.0 * fit->upper.scatter);
        break;
    case SSLDYN_PARABOLA_SLOPE_OFF:
        append_off(last, verdict);
        break;
    case SSLDYN_PARABOLA_UNKNOWN:
        append_unknown(last, verdict);
        break;
    case SSLDYN_PARABOLA_NEGATIVE:
        break;
    }
    if (fit->upper.count > 1)
        append_footing(last, verdict);
}
