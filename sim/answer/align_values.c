/* The values of an analysis (align_values.h). */
// SPDX-License-Identifier: MIT
#include "sim/answer/align_values.h"

#include "sim/align/align_rows.h"

#include <math.h>

static void put_fit(const struct ssldyn_parabola_fit *fit, struct ssldyn_result *result)
{
    ssldyn_result_put_count(result, "negative", (int64_t)fit->negative);
    ssldyn_result_put_known(result, "slope", fit->line.slope);
    ssldyn_result_put_known(result, "slope_low", fit->line.low);
    ssldyn_result_put_known(result, "slope_high", fit->line.high);
    ssldyn_result_put_known(result, "residual", fit->line.residual);
    ssldyn_result_put_known(result, "delta_bic", fit->delta_bic);
    if (fit->broken) {
        ssldyn_result_put_count(result, "upper", (int64_t)fit->upper.count);
        ssldyn_result_put_known(result, "slope_upper", fit->upper.slope);
        ssldyn_result_put_known(result, "slope_upper_low", fit->upper.low);
        ssldyn_result_put_known(result, "slope_upper_high", fit->upper.high);
        ssldyn_result_put_known(result, "slope_lower", fit->lower.slope);
    }
    ssldyn_result_put_known(result, "ratio", fit->ratio);
    ssldyn_result_put_known(result, "ratio_spread", fit->ratio_spread);
    ssldyn_result_put_known(result, "alpha_p", fit->alpha_p);
    ssldyn_result_put_known(result, "alpha_p_low", fit->alpha_low);
    ssldyn_result_put_known(result, "alpha_p_high", fit->alpha_high);
}

static void put_plateau_line(const char *part, const struct ssldyn_plateau_line *line,
                             struct ssldyn_result *result)
{
    const double values[] = {line->fit.slope, line->fit.low, line->fit.high};
    static const char *const ends[] = {"", "_low", "_high"};
    for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        char name[32];
        (void)snprintf(name, sizeof name, "slope_%s%s", part, ends[k]);
        ssldyn_result_put_known(result, name, values[k]);
    }
}

/* In terms of the cosine loss; the names are those of cosine.tsv. */
static void put_cosine(const struct ssldyn_cosine_report *cosine, struct ssldyn_result *result)
{
    if (!cosine->asked)
        return;
    const struct ssldyn_plateau *plateau = &cosine->plateau;
    const size_t above = ssldyn_plateau_count(plateau);
    ssldyn_result_put_count(result, "usable", (int64_t)plateau->usable);
    ssldyn_result_put_count(result, "plateau", (int64_t)above);
    ssldyn_result_put_count(result, "tail", (int64_t)(plateau->usable - above));
    put_plateau_line("one", &plateau->one, result);
    if (plateau->broken) {
        put_plateau_line("plateau", &plateau->plateau, result);
        put_plateau_line("tail", &plateau->tail, result);
        ssldyn_result_put_known(result, "break_s", plateau->s);
        ssldyn_result_put_known(result, "break_p", plateau->p);
    }
    ssldyn_result_put_known(result, "squares_one", plateau->squares[0]);
    ssldyn_result_put_known(result, "squares_two", plateau->squares[1]);
    ssldyn_result_put_known(result, "plateau_bic", plateau->bic);
    ssldyn_result_put_known(result, "p_spread", plateau->spread);
    ssldyn_result_put_known(result, "p_ratio_spread", cosine->ratio_spread);
    ssldyn_result_put_known(result, "c_size", cosine->size);
    ssldyn_result_put_known(result, "c_moved", cosine->moved);
    if (!isnan(cosine->size))
        ssldyn_result_put_count(result, "waterfill_rank", (int64_t)cosine->survivors);
    ssldyn_result_put_known(result, "waterfill_level", cosine->level);
}

static void put_forecast(const struct ssldyn_forecast_report *forecast,
                         struct ssldyn_result *result)
{
    if (forecast->from == 0)
        return;
    ssldyn_result_put_count(result, "forecast_from", (int64_t)forecast->from);
    ssldyn_result_put_known(result, "forecast_t", forecast->t);
    ssldyn_result_put_known(result, "residual_last", forecast->last);
    ssldyn_result_put_known(result, "residual_largest", forecast->largest);
    ssldyn_result_put_known(result, "residual_largest_t", forecast->t_largest);
    ssldyn_result_put_known(result, "residual_unchanged", forecast->unchanged);
}

/* Adds the fold, too, as the weight decay of a training script, if its settings were given. */
static void put_knobs(const struct ssldyn_spec *spec, const struct ssldyn_knobs_summary *knobs,
                      struct ssldyn_result *result)
{
    double fold = knobs->fold;
    if (knobs->surviving + knobs->beyond + knobs->trapped == 0)
        return;
    ssldyn_result_put_count(result, "surviving", (int64_t)knobs->surviving);
    ssldyn_result_put_count(result, "beyond_fold", (int64_t)knobs->beyond);
    ssldyn_result_put_count(result, "in_basin", (int64_t)knobs->trapped);
    if (knobs->surviving > 0)
        ssldyn_result_put_count(result, "nearest_to_fold", (int64_t)knobs->nearest);
    ssldyn_result_put_known(result, "eta_fold", fold);
    const char *setting = ssldyn_spec_as_setting(spec, "eta", &fold);
    if (setting != NULL) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s_fold", setting);
        ssldyn_result_put(result, name, fold);
    }
}

static void put_effective(const struct ssldyn_align_report *report, struct ssldyn_result *result)
{
    if (!report->sampled)
        return;
    ssldyn_result_put_known(result, "effective_predictor_share", report->last.effective.share);
    ssldyn_result_put_known(result, "effective_predictor_share_error",
                            report->last.effective.share_error);
    ssldyn_result_put_count(result, "effective_predictor_directions",
                            (int64_t)report->last.effective.directions);
}

void ssldyn_answer_align_put(const struct ssldyn_spec *spec,
                             const struct ssldyn_align_report *report, struct ssldyn_result *result)
{
    static const char *const collapse[] = {"none", "partial", "full", "collapsing", "unknown"};
    const struct ssldyn_spread *spread = &report->last.spread;
    const struct ssldyn_course *course = &report->verdict.course;
    static const char *const aligned[] = {"unknown", "no", "partly", "yes"};
    static const char *const answer[] = {"unknown", "no", "yes"};
    ssldyn_result_put_count(result, "snapshots", (int64_t)report->snapshots);
    ssldyn_result_put_count(result, "modes", (int64_t)report->modes);
    if (report->skipped > 0)
        ssldyn_result_put_count(result, "skipped", (int64_t)report->skipped);
    ssldyn_result_put_known(result, "t", report->last.t);
    ssldyn_result_put_word(result, "collapse", collapse[report->verdict.collapse]);
    ssldyn_result_put_count(result, "alive", (int64_t)report->verdict.living);
    ssldyn_result_put_known(result, "effective_rank", report->last.effective_rank);
    ssldyn_result_put_count(result, "rank_limit", (int64_t)(ssldyn_spread_limit(&report->basis)));
    if (report->basis.mean == SSLDYN_MEAN_KNOWN)
        ssldyn_result_put_known(result, "mean_share", ssldyn_align_mean_share(spread));
    if (report->snapshots > 1)
        ssldyn_result_put_known(result, "variance_left", course->left);
    ssldyn_result_put_known(result, "decay_rate", course->rate);
    ssldyn_result_put_known(result, "decay_rate_error", course->error);
    put_effective(report, result);
    ssldyn_result_put_word(result, "aligned", aligned[report->verdict.aligned + 1]);
    ssldyn_result_put_known(result, "cosine", report->last.cosine);
    ssldyn_result_put_known(result, "cosine_signed", report->last.cosine_signed);
    ssldyn_result_put_word(result, "symmetric", answer[report->verdict.symmetric + 1]);
    ssldyn_result_put_known(result, "asymmetry", report->last.asymmetry);
    ssldyn_result_put_word(result, "parabola", answer[report->verdict.parabola + 1]);
    put_fit(&report->last.fit, result);
    put_forecast(&report->forecast, result);
    put_knobs(spec, &report->knobs, result);
    put_cosine(&report->cosine, result);
}
