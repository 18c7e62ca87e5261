/* The rows and the report of the cosine loss (align_cosine.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_cosine.h"

#include "sim/align/align_table.h"
#include "sim/align/verdict_parts.h"
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/layout_matrix.h"
#include "theory/waterfill.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_align_cosine {
    size_t n1, n2;
    double alpha_p;                  /* NaN: C is unknown */
    struct ssldyn_align_table table; /* cosine.tsv */
    double *C, *first;               /* n2 x n2: C/|W|^2 of the last snapshot and of the first */
    double *work;                    /* n2 x n2 */
    double *modal;                   /* n2: c_j/|W|^2; at the end the eigenvalues of C */
    double *block;                   /* holds all of these; NULL: C is unknown */
    bool begun;                      /* first is set */
    double predictor;                /* |Wp|^2/|W|^2 of the last snapshot */
    struct ssldyn_cosine_report report;
};

static void write_head(FILE *stream, size_t modes)
{
    fputs("# ssldyn cosine 1\n"
          "# t: time of the snapshot; usable: modes with p above --p-floor, alive or not\n"
          "# plateau, tail: numbers of modes with larger and with smaller s, as split by the best "
          "two lines through log p on log s; justified: 1 if two lines are justified, 0 if one is "
          "enough\n"
          "# slope_...: slope and the ends of its 95 % confidence interval; height_...: log p "
          "where log s = 0\n"
          "# break_s, break_p: between plateau and tail\n"
          "# squares_one, squares_two: sums of squared residuals about one line and about the best "
          "two; plateau_bic: BIC of one line minus BIC of two; two are justified above 10, or "
          "above 30 if the p_j are sorted eigenvalues\n"
          "# p_spread: standard deviation of log p over the plateau, or over all usable modes if "
          "it is not justified\n"
          "# c_size: |C|_F/|W|_F^2, C = W W^T - Wp^T Wp/alpha_p; c_moved: distance of C/|W|_F^2 "
          "from that of the first snapshot\n"
          "# share_j: s_j/sum s; c_j: u_j^T C u_j/|W|^2\n"
          "t\tusable\tjustified\tplateau\ttail\tslope_one\tslope_one_low\tslope_one_high\theight_"
          "one\t"
          "slope_plateau\tslope_plateau_low\tslope_plateau_high\theight_plateau\tslope_tail\t"
          "slope_tail_low\tslope_tail_high\theight_tail\tbreak_s\tbreak_p\tsquares_one\t"
          "squares_two\tplateau_bic\tp_spread\tc_size\tc_moved",
          stream);
    for (size_t j = 1; j <= modes; j++)
        fprintf(stream, "\tshare_%zu\tc_%zu", j, j);
    fputc('\n', stream);
}

enum ssldyn_status ssldyn_align_cosine_open(const struct ssldyn_align_request *request, size_t n1,
                                            size_t n2, double alpha_p,
                                            struct ssldyn_align_cosine **cosine,
                                            struct ssldyn_error *err)
{
    *cosine = NULL;
    struct ssldyn_align_cosine *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n1 = n1;
    fresh->n2 = n2;
    fresh->alpha_p = n1 > 0 && n2 > 0 ? alpha_p : (double)NAN;
    fresh->report.asked = true;
    fresh->report.floor = request->p_floor;
    fresh->report.ratio_spread = fresh->report.size = fresh->report.moved = fresh->report.level =
        (double)NAN;
    for (const char *at = request->wp; at != NULL && (at = strchr(at, '\n')) != NULL; at++)
        fresh->report.layers++;
    fresh->report.layers += fresh->report.layers > 0 ? 1 : 0;
    enum ssldyn_status status = SSLDYN_OK;
    if (!isnan(fresh->alpha_p)) {
        const struct ssldyn_memory_part parts[] = {{&fresh->C, n2 * n2},
                                                   {&fresh->first, n2 * n2},
                                                   {&fresh->work, n2 * n2},
                                                   {&fresh->modal, n2}};
        fresh->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
        if (fresh->block == NULL)
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    if (status == SSLDYN_OK)
        status = ssldyn_align_table_open(request, "cosine.tsv", &fresh->table, err);
    if (status != SSLDYN_OK) {
        ssldyn_align_cosine_abandon(fresh);
        return status;
    }
    if (fresh->table.stream != NULL)
        write_head(fresh->table.stream, n2);
    *cosine = fresh;
    return SSLDYN_OK;
}

void ssldyn_align_cosine_abandon(struct ssldyn_align_cosine *cosine)
{
    if (cosine == NULL)
        return;
    ssldyn_align_table_abandon(&cosine->table);
    free(cosine->block);
    free(cosine);
}

/* C/|W|^2 = (W W^T - Wp^T Wp/alpha_p)/|W|^2, its distance from that of the first snapshot, and
 * its diagonal in the basis of the modes. */
static void find_balance(struct ssldyn_align_cosine *cosine, const struct ssldyn_snapshot *snapshot,
                         const double eigenvectors[])
{
    const int n1 = (int)cosine->n1;
    const int n2 = (int)cosine->n2;
    const size_t entries = cosine->n2 * cosine->n2;
    const double w2 = ssldyn_dense_dot(cosine->n2 * cosine->n1, snapshot->W, snapshot->W);
    if (!(w2 > 0.0))
        return;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1, 1.0 / w2, snapshot->W, n1,
                snapshot->W, n1, 0.0, cosine->C, n2);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n2, n2, n2, -1.0 / (cosine->alpha_p * w2),
                snapshot->Wp, n2, snapshot->Wp, n2, 1.0, cosine->C, n2);
    cosine->predictor = ssldyn_dense_dot(entries, snapshot->Wp, snapshot->Wp) / w2;
    if (!cosine->begun)
        memcpy(cosine->first, cosine->C, entries * sizeof(double));
    cosine->begun = true;
    double moved = 0.0;
    for (size_t i = 0; i < entries; i++)
        moved += (cosine->C[i] - cosine->first[i]) * (cosine->C[i] - cosine->first[i]);
    cosine->report.moved = sqrt(moved);
    cosine->report.size = sqrt(ssldyn_dense_dot(entries, cosine->C, cosine->C));
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n2, n2, n2, 1.0, cosine->C, n2,
                eigenvectors, n2, 0.0, cosine->work, n2);
    for (size_t j = 0; j < cosine->n2; j++)
        cosine->modal[j] = cblas_ddot(n2, eigenvectors + j, n2, cosine->work + j, n2);
}

static void print(FILE *stream, double value)
{
    fputc('\t', stream);
    ssldyn_decimal_write(value, stream);
}

static void print_line(FILE *stream, const struct ssldyn_plateau_line *line)
{
    print(stream, line->fit.slope);
    print(stream, line->fit.low);
    print(stream, line->fit.high);
    print(stream, line->height);
}

static void write_row(const struct ssldyn_align_cosine *cosine, const double row[])
{
    FILE *stream = cosine->table.stream;
    const struct ssldyn_plateau *plateau = &cosine->report.plateau;
    const bool known = !isnan(cosine->report.size);
    double total = 0.0;
    for (size_t j = 0; j < cosine->n2; j++)
        total += row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    ssldyn_decimal_write(row[SSLDYN_MATRIX_T], stream);
    const size_t above = plateau->best > 0 ? plateau->best : plateau->usable;
    fprintf(stream, "\t%zu\t%d\t%zu\t%zu", plateau->usable, plateau->broken ? 1 : 0, above,
            plateau->usable - above);
    print_line(stream, &plateau->one);
    print_line(stream, &plateau->plateau);
    print_line(stream, &plateau->tail);
    print(stream, plateau->s);
    print(stream, plateau->p);
    print(stream, plateau->squares[0]);
    print(stream, plateau->squares[1]);
    print(stream, plateau->bic);
    print(stream, plateau->spread);
    print(stream, cosine->report.size);
    print(stream, cosine->report.moved);
    for (size_t j = 0; j < cosine->n2; j++) {
        print(stream, row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)] / total);
        print(stream, known ? cosine->modal[j] : (double)NAN);
    }
    fputc('\n', stream);
}

void ssldyn_align_cosine_next(struct ssldyn_align_cosine *cosine, const double row[],
                              const struct ssldyn_plateau *plateau,
                              const struct ssldyn_snapshot *snapshot, const double eigenvectors[])
{
    struct ssldyn_cosine_report *report = &cosine->report;
    report->plateau = *plateau;
    report->snapshots++;
    report->size = report->moved = (double)NAN;
    if (cosine->C != NULL && snapshot != NULL && snapshot->W != NULL && snapshot->Wp != NULL)
        find_balance(cosine, snapshot, eigenvectors);
    if (cosine->table.stream != NULL)
        write_row(cosine, row);
}

enum ssldyn_status ssldyn_align_cosine_ratio(struct ssldyn_align_cosine *cosine,
                                             const struct ssldyn_knobs_input *input,
                                             struct ssldyn_error *err)
{
    struct ssldyn_cosine_report *report = &cosine->report;
    const size_t wanted = ssldyn_plateau_count(&report->plateau);
    double *work = ssldyn_memory_array(2, input->n1 * sizeof(double));
    if (work == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    double mean = 0.0;
    double square = 0.0;
    size_t count = 0;
    for (size_t j = 0; j < input->n2 && count < wanted; j++) {
        const double p = input->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, j)];
        double lambda_d = (double)NAN;
        double lambda_s = (double)NAN;
        if (!(p > report->floor))
            continue;
        (void)ssldyn_knobs_weight(input, j, work, &lambda_d, &lambda_s);
        const double ratio = log(p * lambda_s / lambda_d);
        const double off = ratio - mean;
        mean += off / (double)++count;
        square += off * (ratio - mean);
    }
    if (count > 1)
        report->ratio_spread = sqrt(square / ((double)count - 1.0));
    free(work);
    return SSLDYN_OK;
}

/* Where the flow without noise would end, starting from the last snapshot (THEORY section 10). */
static enum ssldyn_status fill(struct ssldyn_align_cosine *cosine, struct ssldyn_error *err)
{
    struct ssldyn_cosine_report *report = &cosine->report;
    if (isnan(report->size))
        return SSLDYN_OK;
    double *c = cosine->modal;
    double *w2_end = cosine->first;
    const enum ssldyn_status status = ssldyn_eigen_once(cosine->n2, cosine->C, c, NULL, err);
    if (status != SSLDYN_OK)
        return status;
    report->survivors =
        ssldyn_waterfill_spectrum(cosine->n2, cosine->alpha_p, cosine->predictor, c, w2_end,
                                  &report->level, &report->exact, cosine->work);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_align_cosine_close(struct ssldyn_align_cosine *cosine,
                                             struct ssldyn_cosine_report *report,
                                             struct ssldyn_error *err)
{
    enum ssldyn_status status = fill(cosine, err);
    *report = cosine->report;
    if (status == SSLDYN_OK)
        status = ssldyn_align_table_close(&cosine->table, err);
    ssldyn_align_cosine_abandon(cosine);
    return status;
}

static void append_line(const char *what, const struct ssldyn_plateau_line *line,
                        struct ssldyn_verdict *verdict)
{
    if (isnan(line->fit.slope))
        ssldyn_verdict_append(verdict, "%s nearly equal s", what);
    else
        ssldyn_verdict_append(verdict, "%s a slope of %.3f (%.3f to %.3f with 95 %% confidence)",
                              what, line->fit.slope, line->fit.low, line->fit.high);
}

static void append_balance(const struct ssldyn_cosine_report *report,
                           struct ssldyn_verdict *verdict)
{
    static const double kept = 1e-3; /* relative to |W|^2: conserved by a flow, up to rounding of
                                      * stored numbers */
    if (isnan(report->size)) {
        ssldyn_verdict_append(verdict,
                              " (computed if W, Wp and alpha_p are given: --w, --wp, --alpha-p).");
        return;
    }
    ssldyn_verdict_append(verdict, ": |C|/|W|^2 = %.3g", report->size);
    if (report->snapshots < 2)
        ssldyn_verdict_append(verdict, ".");
    else if (report->moved <= kept)
        ssldyn_verdict_append(verdict,
                              ", and C/|W|^2 has moved by %.2g since the first snapshot: it is "
                              "conserved, as expected of the flow.",
                              report->moved);
    else
        ssldyn_verdict_append(
            verdict,
            ", but C/|W|^2 has moved by %.2g since the first snapshot: SGD forgets the start at "
            "the rate 2 eta, and other losses do not conserve C/|W|^2.",
            report->moved);
    if (isnan(report->level))
        return;
    ssldyn_verdict_append(verdict,
                          " If the data have no noise, the flow from here on leaves %zu mode%s "
                          "alive, with p = %.3g |W|%s.",
                          report->survivors, report->survivors == 1 ? "" : "s", report->level,
                          report->exact ? "" : " (an estimate, since modes collapse)");
}

static void append_plateau(const struct ssldyn_cosine_report *report,
                           struct ssldyn_verdict *verdict)
{
    const struct ssldyn_plateau *plateau = &report->plateau;
    const size_t above = ssldyn_plateau_count(plateau);
    if (plateau->usable < 2 * (size_t)SSLDYN_PLATEAU_LEAST) {
        ssldyn_verdict_append(
            verdict,
            " Plateau and tail: unknown (%zu mode%s with p above %g; a broken line needs %d).",
            plateau->usable, plateau->usable == 1 ? "" : "s", report->floor,
            2 * SSLDYN_PLATEAU_LEAST);
        return;
    }
    if (!plateau->broken) {
        ssldyn_verdict_append(
            verdict,
            " A tail cannot be distinguished from a plateau: the %zu modes with p above %g",
            plateau->usable, report->floor);
        append_line(" have", &plateau->one, verdict);
        if (isnan(plateau->bic))
            ssldyn_verdict_append(verdict, " and lie within 5 %% of one line.");
        else
            ssldyn_verdict_append(
                verdict, "; two lines lower the BIC by only %.1f, and are justified above %g.",
                plateau->bic, plateau->needed);
        return;
    }
    ssldyn_verdict_append(
        verdict,
        " Plateau and tail: a broken line fits log p on log s of the %zu modes with p above %g (it "
        "lowers the BIC by %.0f, and is justified above %g; the sum of squares is %.3g for one "
        "line and %.2g for two). Plateau: %zu modes",
        plateau->usable, report->floor, plateau->bic, plateau->needed, plateau->squares[0],
        plateau->squares[1], above);
    append_line(" with", &plateau->plateau, verdict);
    if (!isnan(report->ratio_spread))
        ssldyn_verdict_append(verdict, ", p lambda_s/lambda_d constant to within %.2g %%",
                              100.0 * report->ratio_spread);
    ssldyn_verdict_append(verdict,
                          "; the flow ends with p proportional to lambda_d/lambda_s (slope 0 if "
                          "all modes have the same ratio), and the noise of SGD tilts the plateau "
                          "to a slope below 1/2. Tail: %zu modes below s = %.2g",
                          plateau->usable - above, plateau->s);
    append_line(" with", &plateau->tail, verdict);
    if (report->layers > 0)
        ssldyn_verdict_append(verdict,
                              "; modes that decay freely are expected to have a slope of %g (the "
                              "predictor has %zu layers).",
                              0.5 * (double)report->layers, report->layers);
    else
        ssldyn_verdict_append(verdict, "; modes that decay freely are expected to have a slope of "
                                       "K/2 for a predictor with K linear layers.");
}

void ssldyn_align_cosine_append(const struct ssldyn_cosine_report *report,
                                struct ssldyn_verdict *verdict)
{
    if (!report->asked)
        return;
    ssldyn_verdict_append(verdict,
                          "\n"
                          "Under the cosine loss there is no fold in eta, and with equal decays "
                          "the flow conserves C/|W|^2, C = W W^T - Wp^T Wp/alpha_p");
    append_balance(report, verdict);
    append_plateau(report, verdict);
}
