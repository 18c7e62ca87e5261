/* The verdict paragraph (verdict.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/verdict.h"

#include "sim/align/verdict_parts.h"
#include "sim/io/file.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double aligned_from = 0.9;
static const double partly_from = 0.7;
static const double symmetric_to = 0.1;
static const double slope_tolerance = 0.1;
static const double ratio_from = 0.9;
static const double line_to = 0.2; /* scatter of log p: 20 % about a line is still a line */

/* Each of the theory's statements about one snapshot: 1 holds, 0 does not, -1 unknown. */
static int ratio_holds(const struct ssldyn_summary *summary)
{
    return isnan(summary->corr_wa_w) ? -1 : summary->corr_wa_w >= ratio_from;
}

static int symmetry_holds(const struct ssldyn_summary *summary)
{
    return isnan(summary->asymmetry) ? -1 : summary->asymmetry <= symmetric_to;
}

static int alignment_holds(const struct ssldyn_summary *summary)
{
    return isnan(summary->cosine) ? -1 : summary->cosine >= aligned_from;
}

static int parabola_holds(const struct ssldyn_summary *summary)
{
    return isnan(summary->slope) ? -1 : fabs(summary->slope - 0.5) <= slope_tolerance;
}

/* In the order in which the theory uses them. */
static const struct statement {
    int (*holds)(const struct ssldyn_summary *);
    const char *name;
} statements[] = {
    {ratio_holds, "Assumption 1 (the target is a multiple of the online network)"},
    {symmetry_holds, "Assumption 3 (a symmetric predictor)"},
    {alignment_holds, "the alignment of predictor and input (Thm 3)"},
    {parabola_holds, "the invariant parabola (Thm 1: slope 1/2)"},
};
enum { STATEMENTS = sizeof statements / sizeof statements[0] };

void ssldyn_verdict_append(struct ssldyn_verdict *verdict, const char *format, ...)
{
    const size_t used = strlen(verdict->text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(verdict->text + used, sizeof verdict->text - used, format, arguments);
    va_end(arguments);
}

static void judge_alignment(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    verdict->aligned = -1;
    if (isnan(last->cosine)) {
        ssldyn_verdict_append(verdict, " Alignment: unknown.");
        return;
    }
    verdict->aligned = last->cosine >= aligned_from ? 2 : last->cosine >= partly_from ? 1 : 0;
    static const char *const words[] = {"Not aligned", "Partly aligned", "Aligned"};
    ssldyn_verdict_append(
        verdict,
        " %s: the predictor keeps the leading eigenvectors of its input with a mean "
        "|cos| of %.2f.",
        words[verdict->aligned], last->cosine);
}

static void judge_symmetry(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    verdict->symmetric = symmetry_holds(last);
    if (verdict->symmetric < 0)
        ssldyn_verdict_append(verdict, " Symmetry: unknown.");
    else
        ssldyn_verdict_append(verdict, " %s: |Wp - Wp^T|/|Wp| = %.2g.",
                              verdict->symmetric == 1 ? "Symmetric" : "Not symmetric",
                              last->asymmetry);
}

static void judge_parabola(const struct ssldyn_summary *last, struct ssldyn_verdict *verdict)
{
    verdict->parabola = parabola_holds(last);
    if (verdict->parabola < 0) {
        ssldyn_verdict_append(
            verdict, " Parabola: unknown (fewer than three modes with p > 0, or equal s).");
        return;
    }
    ssldyn_verdict_append(
        verdict,
        " %s: log p rises with log s by %.3f (%.3f to %.3f with 95 %% confidence; 1/2 on the "
        "parabola), scatter %.2f.",
        verdict->parabola == 0      ? "Off the parabola"
        : last->residual <= line_to ? "On the parabola"
                                    : "Near the parabola's slope, though on no line",
        last->slope, last->slope_low, last->slope_high, last->residual);
}

/* The first statement that does not hold at the end, and since when without a break. */
static void name_first_failure(const struct ssldyn_history *history, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_summary *last = &history->items[history->count - 1];
    size_t known = 0;
    for (size_t k = 0; k < STATEMENTS; k++) {
        const int holds = statements[k].holds(last);
        known += holds >= 0 ? 1 : 0;
        if (holds != 0)
            continue;
        size_t since = history->count - 1;
        while (since > 0 && statements[k].holds(&history->items[since - 1]) == 0)
            since--;
        ssldyn_verdict_append(verdict, " Of the theory's assumptions the first to fail is %s, ",
                              statements[k].name);
        if (since == 0)
            ssldyn_verdict_append(verdict, "from the start.");
        else
            ssldyn_verdict_append(verdict, "since t = %g.", history->items[since].t);
        return;
    }
    ssldyn_verdict_append(verdict,
                          known > 0 ? " Every assumption of the theory that could be checked holds."
                                    : " No assumption of the theory could be checked.");
}

void ssldyn_verdict_make(const struct ssldyn_history *history, size_t modes, double floor,
                         struct ssldyn_verdict *verdict)
{
    const struct ssldyn_summary *last = &history->items[history->count - 1];
    memset(verdict, 0, sizeof *verdict);
    verdict->ratio = ratio_holds(last);
    ssldyn_verdict_judge_collapse(history, modes, floor, verdict);
    judge_alignment(last, verdict);
    judge_symmetry(last, verdict);
    judge_parabola(last, verdict);
    name_first_failure(history, verdict);
}

enum ssldyn_status ssldyn_verdict_write(const char *directory, const struct ssldyn_verdict *verdict,
                                        struct ssldyn_error *err)
{
    char *path = ssldyn_path_join(directory, "verdict.txt");
    if (path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    struct ssldyn_file file;
    enum ssldyn_status status = ssldyn_file_open(&file, path, err);
    if (status == SSLDYN_OK) {
        fprintf(file.stream, "# ssldyn verdict 1\n%s\n", verdict->text);
        status = ssldyn_file_commit(&file, err);
    }
    free(path);
    return status;
}
