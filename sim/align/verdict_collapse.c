/* The verdict on collapse. The predictor's inputs collapse in one of three ways:
 *   to a point    their variance about the mean is negligible compared with |mean|^2, or has shrunk
 *                 to almost nothing over the series and is still shrinking;
 *   to few        the number of living directions is small compared with the number of existing
 *                 ones and of those that the samples can show;
 *   in progress   ("collapsing") the variance decreases exponentially, and at its present rate will
 *                 vanish within the time it has been decreasing so far.
 * If the mean is unknown and one direction carries most of F, it may be the mean: the spectrum is
 * judged with it and without it, and a verdict is given only if both agree. */
// SPDX-License-Identifier: MIT
#include "sim/align/verdict_parts.h"

#include <math.h>
#include <stdbool.h>

/* A factor of a thousand in size counts as vanished if it is still decreasing; a variance that
 * single precision (unit roundoff 2^-24) cannot resolve relative to the largest has vanished in
 * any case. */
static const double vanished_to = 1e-6;
static const double gone_to = 0x1p-48;
static const double tiny_to =
    0x1p-16; /* variance per direction, for inputs whose variance should be about 1 */
static const double dominant_from = 0.5; /* a share of F */

struct judgement {
    const struct ssldyn_history *history;
    const struct ssldyn_basis *basis;
    const struct ssldyn_spread *last;
    size_t limit;       /* number of directions that can be seen */
    bool dominated;     /* one direction may be the mean, and carries most of F */
    bool of_rest;       /* the course is that of the other directions */
    bool vanished;      /* over the series */
    bool scale_unknown; /* no mean and no course: nothing to compare the variance with */
    bool samples_lacking, noise_hides;
};

/* From k living directions among `most` that could be seen. In a space of one or two dimensions
 * there is no partial collapse. */
static enum ssldyn_collapse judge_count(size_t k, bool gap, size_t most)
{
    if (k == 0 || (most > 2 && (k == 1 || 16 * k <= most)))
        return SSLDYN_COLLAPSE_FULL;
    const size_t dead = most > k ? most - k : 0;
    if (2 * k <= most || (gap && 8 * dead >= most))
        return SSLDYN_COLLAPSE_PARTIAL;
    return SSLDYN_COLLAPSE_NONE;
}

static enum ssldyn_collapse judge_directions(struct judgement *judgement,
                                             const struct ssldyn_directions *found, size_t most)
{
    const enum ssldyn_collapse least = judge_count(found->living, found->gap, most);
    if (found->unresolved == 0 ||
        judge_count(found->living + found->unresolved, false, most) == least)
        return least;
    judgement->noise_hides = true;
    return SSLDYN_COLLAPSE_UNKNOWN;
}

static void find_course(struct judgement *judgement, struct ssldyn_course *course)
{
    const struct ssldyn_spread *last = judgement->last;
    ssldyn_course_fit(judgement->history, false, course);
    /* If F as a whole does not decrease, the part without its leading direction may. */
    judgement->of_rest = judgement->dominated && !(course->falls && !course->settled);
    if (judgement->of_rest)
        ssldyn_course_fit(judgement->history, true, course);
    const bool fitted = course->points > 0; /* it is known whether it decreases */
    judgement->vanished =
        judgement->history->count > 1 &&
        (course->left <= gone_to || (course->left <= vanished_to && (!fitted || course->falls)));
    const bool tiny = last->total <= tiny_to * (double)judgement->basis->modes;
    const bool small = judgement->history->count > 1 ? course->left <= vanished_to : tiny;
    judgement->scale_unknown =
        small && !judgement->dominated && !ssldyn_spread_mean_shows(judgement->basis, last);
}

static bool is_collapsing(const struct ssldyn_course *course)
{
    return course->falls && !course->settled && !course->recovered && course->left > 0.0 &&
           log(course->left / vanished_to) <= -course->rate * course->span;
}

static enum ssldyn_collapse judge(struct judgement *judgement, const struct ssldyn_course *course)
{
    const struct ssldyn_spread *last = judgement->last;
    const size_t n = judgement->basis->modes;
    enum ssldyn_collapse collapse = judge_directions(judgement, &last->all, judgement->limit);
    if (last->point || judgement->vanished || last->total <= 0.0)
        return SSLDYN_COLLAPSE_FULL;
    if (is_collapsing(course) && collapse != SSLDYN_COLLAPSE_FULL)
        return SSLDYN_COLLAPSE_COLLAPSING;
    if (judgement->dominated) {
        const enum ssldyn_collapse other =
            last->rest <= tiny_to * last->largest
                ? SSLDYN_COLLAPSE_FULL
                : judge_directions(judgement, &last->but_first, judgement->limit - 1);
        if (other != collapse)
            return is_collapsing(course) ? SSLDYN_COLLAPSE_COLLAPSING : SSLDYN_COLLAPSE_UNKNOWN;
    }
    /* If all directions that N samples can show are in use, the others are unknown. */
    judgement->samples_lacking = judgement->basis->samples > 0 && judgement->limit < n &&
                                 16 * judgement->limit <= n &&
                                 2 * last->all.living > judgement->limit;
    if (judgement->samples_lacking ||
        (judgement->scale_unknown && collapse == SSLDYN_COLLAPSE_NONE))
        return SSLDYN_COLLAPSE_UNKNOWN;
    return collapse;
}

static const char *quantity(const struct judgement *judgement)
{
    if (judgement->of_rest)
        return "F without its leading direction";
    return judgement->basis->mean == SSLDYN_MEAN_KNOWN ? "the variance about the mean" : "F";
}

static void say_head(const struct judgement *judgement, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_spread *last = judgement->last;
    static const char *const words[] = {"Not collapsed", "Partly collapsed", "Collapsed",
                                        "Collapsing", "Collapse cannot be judged"};
    const bool falls = verdict->course.falls && !verdict->course.settled;
    ssldyn_verdict_append(verdict, "%s%s: ", words[verdict->collapse],
                          verdict->collapse == SSLDYN_COLLAPSE_NONE && falls ? " so far" : "");
    if (last->total <= 0.0) {
        ssldyn_verdict_append(verdict, "all inputs of the predictor are %s.",
                              last->mean_square > 0.0 ? "equal" : "zero");
        return;
    }
    if (last->point) {
        ssldyn_verdict_append(verdict,
                              "the inputs of the predictor have collapsed to one point with %s: "
                              "their variance about the mean is %.2g of |mean|^2.",
                              ssldyn_spread_isotropic(judgement->basis, last->participation)
                                  ? "isotropic noise"
                                  : "residual noise",
                              last->total / last->mean_square);
        return;
    }
    if (judgement->vanished) {
        ssldyn_verdict_append(verdict, "%s has vanished (%.2g of its maximum).",
                              quantity(judgement), verdict->course.left);
        return;
    }
    ssldyn_verdict_append(
        verdict, "%zu of %zu directions are alive (above %g of the largest), effective rank %.1f",
        last->all.living, judgement->basis->modes, judgement->basis->floor, last->effective_rank);
    if (judgement->history->count > 1)
        ssldyn_verdict_append(verdict, ", %.1f at the start",
                              judgement->history->items[0].spread.effective_rank);
    ssldyn_verdict_append(verdict, ".");
}

/* rest: 1 - share, passed separately since it may be tiny */
static void say_share(struct ssldyn_verdict *verdict, const char *what, double share, double rest)
{
    if (rest < 1e-3)
        ssldyn_verdict_append(verdict, " %s carries all but %.2g of F", what, rest);
    else
        ssldyn_verdict_append(verdict, " %s carries %.3g %% of F", what, 100.0 * share);
}

static void say_mean(const struct judgement *judgement, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_spread *last = judgement->last;
    const struct ssldyn_directions *left = judgement->dominated ? &last->but_first : &last->all;
    if (last->total <= 0.0 || last->point || judgement->vanished)
        return;
    if (judgement->dominated) {
        say_share(verdict, "One direction", last->largest / last->total, last->rest / last->total);
        ssldyn_verdict_append(verdict, "; if the inputs were not centered it may be their mean "
                                       "(give --mean or --features)");
    } else if (judgement->basis->mean == SSLDYN_MEAN_KNOWN) {
        if (!ssldyn_spread_mean_shows(judgement->basis, last)) {
            ssldyn_verdict_append(verdict, " The mean is zero within its sampling error.");
            return;
        }
        const double sum = last->mean_square + last->total;
        say_share(verdict, "The mean", last->mean_square / sum, last->total / sum);
    } else {
        return;
    }
    ssldyn_verdict_append(verdict, "; without it %zu direction%s.", left->living,
                          left->living == 1 ? " is alive" : "s are alive");
}

static void say_limits(const struct judgement *judgement, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_basis *basis = judgement->basis;
    const struct ssldyn_spread *last = judgement->last;
    if (judgement->limit < basis->modes && basis->samples == 0)
        ssldyn_verdict_append(verdict,
                              " W has %zu columns, so at most %zu directions can be alive.",
                              basis->inputs, judgement->limit);
    else if (judgement->limit < basis->modes && last->total > 0.0) {
        ssldyn_verdict_append(verdict,
                              " %zu samples of %zu numbers can show at most %zu directions; "
                              "corrected for that, the variance spreads over about %.0f.",
                              basis->samples, basis->modes, judgement->limit,
                              ssldyn_spread_participation(basis, last->participation));
        if (judgement->samples_lacking)
            ssldyn_verdict_append(verdict, " More samples are needed.");
    }
    if (judgement->noise_hides)
        ssldyn_verdict_append(verdict,
                              " The other eigenvalues are below the rounding error of the stored "
                              "numbers: store F in higher precision, or give --features.");
    if (judgement->scale_unknown && verdict->collapse == SSLDYN_COLLAPSE_UNKNOWN)
        ssldyn_verdict_append(verdict,
                              " The variance per direction is %.2g%s, and there is nothing to "
                              "compare it with: a constant output with noise looks the same. Give "
                              "the mean (--mean, or --features not centered) or earlier snapshots.",
                              last->total / (double)basis->modes,
                              ssldyn_spread_isotropic(basis, last->participation)
                                  ? ", isotropic within its "
                                    "sampling error"
                                  : "");
}

static void say_course(const struct judgement *judgement, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_history *history = judgement->history;
    const struct ssldyn_course *course = &verdict->course;
    const struct ssldyn_spread *first = &history->items[0].spread;
    const struct ssldyn_spread *last = judgement->last;
    const char *unit = course->by_place ? "snapshot" : "unit of t";
    if (history->count == 1) {
        ssldyn_verdict_append(verdict, " One snapshot cannot show whether F shrinks.");
        return;
    }
    if (course->left < 0.5 && !judgement->vanished) {
        ssldyn_verdict_append(verdict, " Over the series %s has shrunk to %.2g of its maximum",
                              quantity(judgement), course->left);
        if (course->points == 0)
            ssldyn_verdict_append(
                verdict, "; there are too few snapshots to tell whether it is still falling.");
        else if (course->falls && !course->settled)
            ssldyn_verdict_append(verdict,
                                  "%s and is still falling, by a factor of %.3g per %s (rate %.3g, "
                                  "standard error %.1g).",
                                  course->recovered ? " (it was as low once before and rose again)"
                                                    : "",
                                  exp(course->rate), unit, course->rate, course->error);
        else
            ssldyn_verdict_append(
                verdict, " and %s (rate %.2g per %s, standard error %.1g).",
                course->rises && course->rate > 2.0 * course->error ? "rises again"
                : course->settled && !course->rises                 ? "has settled"
                                                    : "is not falling significantly any more",
                course->rate, unit, course->error);
    }
    if (last->largest > 2.0 * first->largest && last->rest < 0.5 * first->rest)
        ssldyn_verdict_append(verdict,
                              " The leading direction grew by a factor of %.3g while the others "
                              "fell by a factor of %.2g.",
                              last->largest / first->largest, last->rest / first->rest);
    size_t most = 0;
    for (size_t i = 1; i < history->count; i++)
        if (history->items[i].spread.all.living > history->items[most].spread.all.living)
            most = i;
    const size_t living = history->items[most].spread.all.living;
    if (8 * (living - last->all.living) >= living && living > last->all.living)
        ssldyn_verdict_append(verdict, " %zu directions were alive at t = %g.", living,
                              history->items[most].t);
}

static void say_basis(const struct judgement *judgement, struct ssldyn_verdict *verdict)
{
    static const char *const means[] = {"whether the mean was removed is unknown",
                                        "the mean was removed and its size is unknown",
                                        "the mean is known", "the mean is zero by construction"};
    const struct ssldyn_basis *basis = judgement->basis;
    ssldyn_verdict_append(verdict, " Basis: ");
    if (basis->population)
        ssldyn_verdict_append(verdict, "moments of the population, without sampling error");
    else if (basis->samples == 0)
        ssldyn_verdict_append(verdict,
                              "an unknown number of samples, so the sampling error is unknown");
    else
        ssldyn_verdict_append(verdict, "%zu samples per snapshot", basis->samples);
    if (basis->samples > 0 && basis->counted)
        ssldyn_verdict_append(
            verdict, "; the samples themselves are not given, so the sampling error is unknown");
    if (isfinite(judgement->last->error))
        ssldyn_verdict_append(verdict, " (standard error of s_1 %.2g %%)",
                              100.0 * judgement->last->error);
    const double ratio = (double)basis->modes / (double)basis->samples;
    if (basis->samples > basis->modes && ratio > 0.1)
        ssldyn_verdict_append(
            verdict, ", so few that the smallest eigenvalues come out at %.2g of their value",
            (1.0 - sqrt(ratio)) * (1.0 - sqrt(ratio)));
    ssldyn_verdict_append(verdict, "; %s.", means[basis->mean]);
}

void ssldyn_verdict_judge_collapse(const struct ssldyn_history *history,
                                   const struct ssldyn_basis *basis, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_spread *last = &history->items[history->count - 1].spread;
    struct judgement judgement = {
        .history = history,
        .basis = basis,
        .last = last,
        .limit = ssldyn_spread_limit(basis),
        .dominated = basis->mean == SSLDYN_MEAN_UNKNOWN && basis->modes > 2 &&
                     last->largest >= dominant_from * last->total && last->total > 0.0,
    };
    find_course(&judgement, &verdict->course);
    verdict->collapse = judge(&judgement, &verdict->course);
    verdict->living = judgement.vanished ? 0 : last->all.living;
    say_head(&judgement, verdict);
    say_mean(&judgement, verdict);
    say_limits(&judgement, verdict);
    say_course(&judgement, verdict);
    say_basis(&judgement, verdict);
}
