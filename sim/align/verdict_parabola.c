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

static void append_line(const struct ssldyn_line_fit *line, struct ssldyn_verdict *verdict)
{
    ssldyn_verdict_append(verdict, "%.3f (%.3f to %.3f with 95 %% confidence)", line->slope,
                          line->low, line->high);
}

static void append_ratio(const struct ssldyn_parabola_fit *fit, struct ssldyn_verdict *verdict)
{
    ssldyn_verdict_append(verdict, "p^2/s = %.4g (%.4g to %.4g), constant to %.1g %%", fit->alpha_p,
                          fit->alpha_low, fit->alpha_high, 100.0 * fit->ratio_spread);
}

static void append_slope(const struct ssldyn_parabola_fit *fit, struct ssldyn_verdict *verdict)
{
    if (isnan(fit->upper.slope)) {
        ssldyn_verdict_append(verdict, "; log s spreads too little for a slope.");
        return;
    }
    ssldyn_verdict_append(verdict, "; log p rises with log s by ");
    append_line(&fit->upper, verdict);
    ssldyn_verdict_append(verdict, ", 1/2 on the parabola.");
}

/* A broken line comes first: what follows is about its upper part. */
static void append_populations(const struct ssldyn_parabola_fit *fit,
                               struct ssldyn_verdict *verdict)
{
    ssldyn_verdict_append(verdict,
                          " Two populations: a broken line fits better than one (difference of BIC "
                          "%.0f). %zu modes of larger s",
                          fit->delta_bic, fit->upper.count);
    if (isnan(fit->upper.slope)) {
        ssldyn_verdict_append(verdict, " have nearly equal s");
    } else {
        ssldyn_verdict_append(verdict, " rise with a slope of ");
        append_line(&fit->upper, verdict);
    }
    ssldyn_verdict_append(verdict, ", the %zu below", fit->lower.count);
    if (isnan(fit->lower.slope))
        ssldyn_verdict_append(verdict, " have nearly equal s. The upper ones count here.");
    else
        ssldyn_verdict_append(verdict, " with %.2f. The upper ones count here.", fit->lower.slope);
}

static void append_unknown(const struct ssldyn_parabola_fit *fit, struct ssldyn_verdict *verdict)
{
    if (fit->upper.count < 2) {
        ssldyn_verdict_append(verdict, " Parabola: unknown (%zu living mode%s with p > 0).",
                              fit->upper.count, fit->upper.count == 1 ? "" : "s");
    } else if (isnan(fit->upper.slope)) {
        ssldyn_verdict_append(verdict,
                              " Parabola: unknown. s/p^2 varies by %.2g %%, and log s spreads too "
                              "little for a slope.",
                              100.0 * fit->ratio_spread);
    } else {
        ssldyn_verdict_append(verdict, " Parabola: undecided. The slope of log p on log s, ");
        append_line(&fit->upper, verdict);
        ssldyn_verdict_append(verdict, ", does not tell 1/2 from other values.");
    }
}

/* What the numbers rest on. */
static void append_footing(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    if (verdict->parabola != 0 && fit->negative > 0)
        ssldyn_verdict_append(verdict, " Modes with p <= 0 (%zu) are left out of the fit.",
                              fit->negative);
    if (last->sorted)
        ssldyn_verdict_append(verdict, " p_j are sorted eigenvalues of Wp here, and sorting alone "
                                       "makes them rise with s_j.");
    else if (!fit->errors_known && !isnan(fit->upper.slope))
        ssldyn_verdict_append(verdict, " The sampling error of F is unknown; the interval allows "
                                       "it up to half the variance of log s.");
}

void ssldyn_verdict_judge_parabola(const struct ssldyn_summary *last,
                                   struct ssldyn_verdict *verdict)
{
    const struct ssldyn_parabola_fit *fit = &last->fit;
    verdict->parabola = ssldyn_verdict_parabola_holds(last);
    if (fit->broken)
        append_populations(fit, verdict);
    switch (ssldyn_parabola_judge(fit, last->run_alpha_p)) {
    case SSLDYN_PARABOLA_ON:
        ssldyn_verdict_append(verdict, " On the parabola: ");
        append_ratio(fit, verdict);
        append_slope(fit, verdict);
        break;
    case SSLDYN_PARABOLA_RATIO_OFF:
        ssldyn_verdict_append(verdict, " Off the parabola of the run: ");
        append_ratio(fit, verdict);
        ssldyn_verdict_append(verdict, ", but alpha_p = %g.", last->run_alpha_p);
        break;
    case SSLDYN_PARABOLA_SCATTERED:
        ssldyn_verdict_append(verdict, " No clear power law: the slope of log p on log s, ");
        append_line(&fit->upper, verdict);
        ssldyn_verdict_append(verdict, ", is compatible with 1/2, but p scatters by %.0f %%.",
                              100.0 * fit->upper.scatter);
        break;
    case SSLDYN_PARABOLA_SLOPE_OFF:
        if (fit->broken) {
            ssldyn_verdict_append(verdict, " Off the parabola, whose slope is 1/2.");
            break;
        }
        ssldyn_verdict_append(verdict, " Off the parabola: log p rises with log s by ");
        append_line(&fit->upper, verdict);
        ssldyn_verdict_append(verdict, ", 1/2 on the parabola.");
        break;
    case SSLDYN_PARABOLA_NEGATIVE:
        ssldyn_verdict_append(verdict, " Off the parabola: %zu of %zu living modes have p <= 0.",
                              fit->negative, fit->living);
        break;
    case SSLDYN_PARABOLA_UNKNOWN:
        append_unknown(fit, verdict);
        break;
    }
    append_footing(last, verdict);
}
