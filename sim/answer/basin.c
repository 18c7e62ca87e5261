/* ssldyn basin: the separatrix, and the margins of a start. */
// SPDX-License-Identifier: MIT
#include "sim/answer/basin.h"

#include "sim/answer/answer_file.h"
#include "sim/answer/answer_output.h"
#include "sim/base/decimal.h"
#include "sim/flow/basin.h"
#include "sim/flow/margins.h"
#include "theory/fate.h"

#include <math.h>

static void print_separatrix(const struct ssldyn_separatrix *separatrix, double tau, FILE *stream)
{
    fprintf(stream,
            "# ssldyn basin 1\n# the saddle's stable manifold in the plane (p, s) at tau = %s\n"
            "p\ts\tln_s\n",
            SSLDYN_DECIMAL(tau));
    for (size_t i = 0; i < separatrix->count; i++) {
        const double row[] = {separatrix->p[i], separatrix->s[i], separatrix->ln_s[i]};
        ssldyn_decimal_write_row(3, row, stream);
    }
}

static void put_curve(struct ssldyn_result *result, const struct ssldyn_separatrix *separatrix)
{
    ssldyn_result_put_columns(result, 3, (const char *const[]){"p", "s", "ln_s"});
    for (size_t i = 0; i < separatrix->count; i++) {
        ssldyn_result_put_row(
            result, (const double[]){separatrix->p[i], separatrix->s[i], separatrix->ln_s[i]});
    }
}

static void put_values(struct ssldyn_result *result, const struct ssldyn_separatrix *separatrix)
{
    ssldyn_result_put(result, "p_saddle", separatrix->p_saddle);
    ssldyn_result_put(result, "s_saddle", separatrix->s_saddle);
    ssldyn_result_put(result, "eigenvalue_along", separatrix->stable);
    ssldyn_result_put_count(result, "points", (int64_t)separatrix->count);
}

static enum ssldyn_status answer_separatrix(const struct ssldyn_spec *spec,
                                            const struct ssldyn_answer_mode *mode,
                                            const struct ssldyn_mode_point *point,
                                            const char *directory, struct ssldyn_result *result,
                                            struct ssldyn_error *err)
{
    struct ssldyn_separatrix separatrix;
    struct ssldyn_answer_file file;
    enum ssldyn_status status =
        ssldyn_basin_separatrix(point, spec->problem.rtol, &separatrix, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_answer_file_open(&file, spec, mode, directory, "separatrix.tsv", result, err);
    if (status == SSLDYN_OK) {
        print_separatrix(&separatrix, point->tau, file.stream);
        put_values(result, &separatrix);
        if (mode->keep) {
            put_curve(result, &separatrix);
        }
        status = ssldyn_answer_file_close(&file, err);
    }
    ssldyn_basin_separatrix_clear(&separatrix);
    return status;
}

/* Margins of the start in each knob. */
static void put_margins(struct ssldyn_result *result, const struct ssldyn_margins *margins)
{
    static const char *const kinds[] = {"none", "fold", "basin edge"};
    char name[64];
    ssldyn_result_put_word(result, "fate", ssldyn_fate_word(margins->fates[0]));
    for (size_t k = 0; k < margins->knob_count; k++) {
        const struct ssldyn_margins_crossing *crossing = &margins->crossings[k];
        (void)snprintf(name, sizeof name, "x_%s", margins->knobs[k].name);
        ssldyn_result_put(result, name, crossing->factor);
        if (!isnan(crossing->value)) {
            (void)snprintf(name, sizeof name, "there_%s", margins->knobs[k].name);
            ssldyn_result_put(result, name, crossing->there);
        }
        (void)snprintf(name, sizeof name, "mechanism_%s", margins->knobs[k].name);
        ssldyn_result_put_word(result, name, kinds[crossing->kind]);
    }
}

static void put_rows(struct ssldyn_result *result, const struct ssldyn_margins *margins)
{
    char own[SSLDYN_MARGINS_COLUMNS][SSLDYN_MARGINS_COLUMN];
    const char *names[SSLDYN_MARGINS_COLUMNS];
    double row[SSLDYN_MARGINS_COLUMNS];
    const size_t columns = ssldyn_margins_columns(margins);
    for (size_t i = 0; i < columns; i++) {
        names[i] = ssldyn_margins_column(margins, i, own[i]);
    }
    ssldyn_result_put_columns(result, columns, names);
    for (size_t j = 0; j < margins->count; j++) {
        ssldyn_margins_row(margins, j, row);
        ssldyn_result_put_row(result, row);
    }
}

static enum ssldyn_status answer_margins(const struct ssldyn_spec *spec,
                                         const struct ssldyn_answer_mode *mode,
                                         const char *directory, struct ssldyn_result *result,
                                         struct ssldyn_error *err)
{
    struct ssldyn_margins margins;
    struct ssldyn_answer_file file;
    enum ssldyn_status status = ssldyn_margins_of_problem(&spec->problem, &margins, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_file_open(&file, spec, mode, directory, "margins.tsv", result, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_margins_print_table(&margins, file.stream);
        put_margins(result, &margins);
        if (mode->keep) {
            put_rows(result, &margins);
        }
        status = ssldyn_answer_file_close(&file, err);
    }
    ssldyn_margins_clear(&margins);
    return status;
}

static enum ssldyn_status answer_into(const struct ssldyn_spec *spec,
                                      const struct ssldyn_answer_mode *mode,
                                      const struct ssldyn_mode_point *point, const char *directory,
                                      struct ssldyn_result *result, struct ssldyn_error *err)
{
    return spec->sweep.threshold
               ? ssldyn_answer_basin_threshold(spec, mode, point, directory, result, err)
           : spec->margins ? answer_margins(spec, mode, directory, result, err)
                           : answer_separatrix(spec, mode, point, directory, result, err);
}

enum ssldyn_status ssldyn_answer_basin(struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_mode_point point;
    struct ssldyn_output output;
    enum ssldyn_status status = ssldyn_mode_point_init(&point, &spec->problem, err);
    if (status == SSLDYN_OK && spec->sweep.axes && !spec->sweep.threshold) {
        status = ssldyn_answer_basin_map(spec, mode, result, err);
        return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
    }
    if (status == SSLDYN_OK && spec->sweep.threshold && !spec->sweep.axes) {
        return mode->directory && spec->output
                   ? ssldyn_fail(err, SSLDYN_EINPUT,
                                 "--output %.100s: thresholds at one point are only printed; add "
                                 "axes for a table",
                                 spec->output)
                   : answer_into(spec, mode, &point, NULL, result, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_output_open(spec, mode, NULL, &output, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_answer_output_note_replaced(spec, mode, &output);
    ssldyn_answer_begin(mode);
    status = answer_into(spec, mode, &point, output.work, result, err);
    status = ssldyn_answer_output_finish(
        &output, status == SSLDYN_OK || status == SSLDYN_EINTERRUPTED, result, status, err);
    ssldyn_output_close(&output);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}
