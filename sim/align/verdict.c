/* The verdict paragraph (verdict.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/verdict.h"

#include "sim/align/verdict_parts.h"
#include "sim/io/file.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double aligned_from = 0.9;
static const double partly_from = 0.7;
static const double symmetric_to = 0.1;
static const double ratio_from = 0.9;

/* Each statement of the theory about one snapshot: 1 holds, 0 does not, -1 unknown. */
static int ratio_holds(const struct ssldyn_summary *summary)
{
    return isnan(summary->corr_wa_w) ? -1 : summary->corr_wa_w >= ratio_from;
}

static int symmetry_holds(const struct ssldyn_summary *summary)
{
    return isnan(summary->asymmetry) ? -1 : summary->asymmetry <= symmetric_to;
}

/* 1 - cos^2 of a random direction: the relative variance of the eigenvalues of Wp. */
static double chance_sine2(const struct ssldyn_summary *summary)
{
    return 1.0 - summary->cosine_chance * summary->cosine_chance;
}

/* Wp is a multiple of the identity within one percent: every basis is one of eigenvectors. */
static bool is_identity(const struct ssldyn_summary *summary)
{
    return chance_sine2(summary) <= 1e-4;
}

/* Whether a random direction would count as partly aligned, and the modes are not clearly
 * better: their 1 - cos^2 is above the required share of the value for a random direction. */
static bool chance_explains(const struct ssldyn_summary *summary)
{
    const double seen = 1.0 - summary->cosine * summary->cosine;
    return summary->cosine_chance >= partly_from && !is_identity(summary) &&
           seen > (1.0 - partly_from * partly_from) * chance_sine2(summary);
}

/* 2 yes, 1 partly, 0 no, -1 unknown. */
static int alignment_of(const struct ssldyn_summary *summary)
{
    if (isnan(summary->cosine) || chance_explains(summary))
        return -1;
    if (2 * summary->turned > summary->leading || summary->cosine < partly_from)
        return 0;
    return summary->cosine >= aligned_from && 8 * summary->turned <= summary->leading ? 2 : 1;
}

static int alignment_holds(const struct ssldyn_summary *summary)
{
    const int aligned = alignment_of(summary);
    return aligned < 0 ? -1 : aligned == 2;
}

/* In the order in which the theory uses them. */
static const struct statement {
    int (*holds)(const struct ssldyn_summary *);
    const char *name;
} statements[] = {
    {ratio_holds, "Assumption 1 (the target is a multiple of the online network)"},
    {symmetry_holds, "Assumption 3 (a symmetric predictor)"},
    {alignment_holds, "the alignment of the predictor with F (Thm 3)"},
    {ssldyn_verdict_parabola_holds, "the invariant parabola (Thm 1: slope 1/2)"},
};
enum { RATIO, PARABOLA = 3, STATEMENTS = sizeof statements / sizeof statements[0] };

void ssldyn_verdict_append(struct ssldyn_verdict *verdict, const char *format, ...)
{
    const size_t used = strlen(verdict->text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(verdict->text + used, sizeof verdict->text - used, format, arguments);
    va_end(arguments);
}

/* Describes the predictor, if it was estimated from outputs or from layers. */
static void say_predictor(const struct ssldyn_summary *last, const struct ssldyn_basis *basis,
                          struct ssldyn_verdict *verdict)
{
    const struct ssldyn_effective_summary *effective = &last->effective;
    if (basis->layers[0] != '\0')
        ssldyn_verdict_append(verdict,
                              " The predictor is the product of %s; nonlinearities between them "
                              "are ignored (to include them give --features and --outputs).",
                              basis->layers);
    if (effective->directions == 0)
        return;
    if (isnan(effective->share))
        ssldyn_verdict_append(verdict, " The predictor's outputs do not vary.");
    else if (effective->share < 2.0 * effective->share_error)
        ssldyn_verdict_append(verdict,
                              " Effective predictor: no significant linear part (it explains %.2g "
                              "%% of the outputs' variance, with a standard error of %.2g %%).",
                              100.0 * effective->share, 100.0 * effective->share_error);
    else
        ssldyn_verdict_append(verdict,
                              " Effective predictor: the linear part explains %.3g %% of the "
                              "outputs' variance (standard error %.2g %%)%s.",
                              100.0 * effective->share, fmax(100.0 * effective->share_error, 1e-4),
                              effective->share < 0.5
                                  ? ", and the following statements are about that part alone"
                                  : "");
    if (effective->directions < effective->modes)
        ssldyn_verdict_append(verdict,
                              " The inputs vary in %zu of %zu directions; the predictor's action "
                              "on the others is unknown.",
                              effective->directions, effective->modes);
}

static void judge_alignment(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    static const char *const words[] = {"Not aligned", "Partly aligned", "Aligned"};
    verdict->aligned = alignment_of(last);
    if (verdict->aligned < 0 && !isnan(last->cosine)) {
        ssldyn_verdict_append(verdict,
                              " Alignment: undecided. The predictor is close to a multiple of the "
                              "identity: the leading eigenvectors of F have a mean |cos| "
                              "of %.4f, and random directions would have %.4f.",
                              last->cosine, last->cosine_chance);
        return;
    }
    if (verdict->aligned < 0) {
        const bool sampled =
            last->effective.directions > 0 && last->alive > 0 && !isnan(last->effective.share);
        ssldyn_verdict_append(verdict, " Alignment: unknown%s.",
                              sampled
                                  ? " (fewer than half of the leading modes of the predictor "
                                    "stand out from its sampling error: more samples are needed)"
                              : isnan(last->asymmetry) && last->effective.directions == 0
                                  ? " (needs the predictor itself: --wp, or --outputs)"
                                  : "");
        return;
    }
    if (last->turned == last->leading && last->cosine >= partly_from) {
        ssldyn_verdict_append(
            verdict,
            " Anti-aligned: the leading eigenvectors of F are eigenvectors of the "
            "predictor, but with their sign reversed (mean cos %.2f).",
            last->cosine_signed);
        return;
    }
    if (last->cosine < partly_from) {
        ssldyn_verdict_append(verdict,
                              " Not aligned: the leading eigenvectors of F are not eigenvectors of "
                              "the predictor (mean |cos| of %.2f; 1 if they were).",
                              last->cosine);
        return;
    }
    ssldyn_verdict_append(verdict,
                          " %s: the leading eigenvectors of F are %seigenvectors of the predictor "
                          "(mean |cos| of %.2f)",
                          words[verdict->aligned],
                          last->cosine < aligned_from ? "approximately " : "", last->cosine);
    if (last->turned > 0)
        ssldyn_verdict_append(verdict, ", but %zu of %zu with their sign reversed (mean cos %.2f)",
                              last->turned, last->leading, last->cosine_signed);
    ssldyn_verdict_append(verdict, ".");
    if (is_identity(last))
        ssldyn_verdict_append(verdict,
                              " The predictor is within %.1g %% of a multiple of the identity, for "
                              "which every direction is an eigenvector.",
                              100.0 * sqrt(fmax(chance_sine2(last), 0.0)));
}

static void judge_symmetry(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    verdict->symmetric = symmetry_holds(last);
    if (verdict->symmetric < 0)
        ssldyn_verdict_append(verdict, " Symmetry: unknown.");
    else if (verdict->symmetric == 1)
        ssldyn_verdict_append(verdict, " The predictor is symmetric (asymmetry %.2g).",
                              last->asymmetry);
    else
        ssldyn_verdict_append(
            verdict,
            " The predictor is not symmetric (asymmetry %.2f), which is normal for real networks.",
            last->asymmetry);
}

/* The first snapshot at which a statement no longer held after it had held, or NULL. */
static const struct ssldyn_summary *broken_since(const struct ssldyn_history *history,
                                                 const struct statement *statement)
{
    size_t since = history->count - 1;
    while (since > 0 && statement->holds(&history->items[since - 1]) == 0)
        since--;
    return since > 0 ? &history->items[since] : NULL;
}

/* Names the first statement that held before and no longer does. One that never held is already
 * described in its own sentence. */
static void sum_up(const struct ssldyn_history *history, const struct ssldyn_basis *basis,
                   struct ssldyn_verdict *verdict)
{
    /* the parabola attracts only under the squared distance */
    const bool cosine = basis->reading == SSLDYN_READING_COSINE;
    const struct ssldyn_summary *last = &history->items[history->count - 1];
    size_t known = 0;
    size_t failed = 0;
    for (size_t k = 0; k < STATEMENTS; k++) {
        const int holds = k == PARABOLA && cosine ? -1 : statements[k].holds(last);
        known += holds >= 0 ? 1 : 0;
        failed += holds == 0 ? 1 : 0;
        const struct ssldyn_summary *since =
            holds == 0 ? broken_since(history, &statements[k]) : NULL;
        if (since != NULL) {
            ssldyn_verdict_append(verdict, " The first assumption that failed is %s, at t = %g%s.",
                                  statements[k].name, since->t,
                                  k == PARABOLA && !last->whitened && !last->weights
                                      ? ", provided that the data are whitened"
                                      : "");
            return;
        }
        if (k == RATIO && holds == 0)
            ssldyn_verdict_append(verdict, " %s does not hold: their correlation is %.2f.",
                                  statements[k].name, last->corr_wa_w);
    }
    if (known == 0)
        ssldyn_verdict_append(verdict, " No assumption of the theory could be checked.");
    else if (failed == 0)
        ssldyn_verdict_append(verdict,
                              !cosine && verdict->collapse == SSLDYN_COLLAPSE_FULL &&
                                      verdict->aligned == 2 && verdict->parabola == 1
                                  ? " The theory's assumptions hold, and the theory predicts "
                                    "this collapse."
                                  : " The theory's assumptions that could be checked hold.");
}

void ssldyn_verdict_make(const struct ssldyn_history *history, const struct ssldyn_basis *basis,
                         struct ssldyn_verdict *verdict)
{
    const struct ssldyn_summary *last = &history->items[history->count - 1];
    memset(verdict, 0, sizeof *verdict);
    verdict->ratio = ratio_holds(last);
    ssldyn_verdict_judge_collapse(history, basis, verdict);
    say_predictor(last, basis, verdict);
    judge_alignment(last, verdict);
    judge_symmetry(last, verdict);
    if (basis->reading == SSLDYN_READING_COSINE)
        ssldyn_verdict_append(
            verdict, " The following statement about the parabola (slope 1/2) applies to the "
                     "squared distance: under the cosine loss the parabola does not attract.");
    ssldyn_verdict_judge_parabola(last, verdict);
    sum_up(history, basis, verdict);
}

enum ssldyn_status ssldyn_verdict_write(const char *directory, const struct ssldyn_verdict *verdict,
                                        struct ssldyn_error *err)
{
    struct ssldyn_file file;
    enum ssldyn_status status = ssldyn_file_open_in(&file, directory, "verdict.txt", err);
    if (status == SSLDYN_OK) {
        fprintf(file.stream, SSLDYN_VERDICT_FILE, verdict->text);
        status = ssldyn_file_commit(&file, err);
    }
    return status;
}
