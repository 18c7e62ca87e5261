/* The data of pictures over time: modes, matrices, alignment analyses, comparisons. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "sim/base/decimal.h"
#include "sim/cli/picture_curves.h"
#include "sim/cli/words.h"
#include "sim/io/file.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NO_SCALARS = 0 };
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum ssldyn_status ssldyn_picture_modes(FILE *program, const char *run, const char *path,
                                        const struct ssldyn_table *table, struct ssldyn_error *err)
{
    static const struct ssldyn_curve curves[] = {{"p", "p_", "", false, false},
                                                 {"s", "s_", "", false, false},
                                                 {"tau", "tau_", "", true, false},
                                                 {"k", "k_", "", true, false}};
    (void)run;
    enum ssldyn_status status =
        ssldyn_picture_curves_write(program, "modes", path, table, 0, curves, COUNT(curves), err);
    if (status == SSLDYN_OK)
        ssldyn_picture_curves_write_scalars(program, table, NULL, NO_SCALARS);
    return status;
}

/* NAME = the number of that name in theory.txt of the run, or NaN. */
static enum ssldyn_status write_theory(FILE *program, const char *run, const char *name,
                                       struct ssldyn_error *err)
{
    char value[SSLDYN_WORDS_VALUE];
    FILE *stream = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(run, "theory.txt", &stream, err);

    fprintf(program, "%s = ", name);
    ssldyn_gnuplot_number(program, '\0',
                          strtod(ssldyn_words_printed(stream, name, strlen(name), value), NULL));
    fputc('\n', program);
    return status;
}

enum ssldyn_status ssldyn_picture_matrix(FILE *program, const char *run, const char *path,
                                         const struct ssldyn_table *table, struct ssldyn_error *err)
{
    static const struct ssldyn_curve curves[] = {{"s", "s_", "", false, true},
                                                 {"p", "p_", "", false, false},
                                                 {"cos_up", "cos_", "", false, false}};
    static const char *const scalars[] = {"asymmetry", "commutator", "balance"};
    enum ssldyn_status status =
        ssldyn_picture_curves_write(program, "modes", path, table, 0, curves, COUNT(curves), err);
    if (status == SSLDYN_OK)
        ssldyn_picture_curves_write_scalars(program, table, scalars, COUNT(scalars));
    if (status == SSLDYN_OK)
        status = write_theory(program, run, "s_plus", err);
    return status == SSLDYN_OK ? write_theory(program, run, "p_plus", err) : status;
}

/* The prediction of `ssldyn align --predict`, over the same times; nothing if there is none. */
static enum ssldyn_status write_prediction(FILE *program, const char *run, struct ssldyn_error *err)
{
    static const struct ssldyn_curve curves[] = {{"sp", "sp_", "", false, true},
                                                 {"pp", "pp_", "", false, false}};
    struct ssldyn_table table = {0};
    enum ssldyn_status status = SSLDYN_OK;
    char *path = ssldyn_file_path_join(run, "prediction.tsv");

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0) {
        status = ssldyn_table_read(path, &table, err);
        if (status == SSLDYN_OK)
            status = ssldyn_picture_curves_write(program, "prediction", path, &table, 0, curves,
                                                 COUNT(curves), err);
    } else {
        fputs("prediction_modes = 0\n", program);
    }
    ssldyn_table_clear(&table);
    free(path);
    return status;
}

/* Plateau and tail of the last snapshot, as numbers cosine_NAME; none if there is no break. */
static enum ssldyn_status write_plateau(FILE *program, const char *run, struct ssldyn_error *err)
{
    static const char *const names[] = {"usable",        "plateau",    "tail",
                                        "slope_plateau", "slope_tail", "height_plateau",
                                        "height_tail",   "break_s",    "break_p"};
    struct ssldyn_table table = {0};
    enum ssldyn_status status = SSLDYN_OK;
    char *path = ssldyn_file_path_join(run, "cosine.tsv");

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0)
        status = ssldyn_table_read(path, &table, err);
    if (status == SSLDYN_OK && table.rows > 0 &&
        ssldyn_picture_curve_cell(&table, table.rows - 1,
                                  ssldyn_table_column(&table, "justified")) == 1.0)
        for (size_t i = 0; i < COUNT(names); i++) {
            const double value = ssldyn_picture_curve_cell(&table, table.rows - 1,
                                                           ssldyn_table_column(&table, names[i]));
            fprintf(program, "cosine_%s = %s\n", names[i],
                    isfinite(value) ? SSLDYN_DECIMAL(value) : "NaN");
        }
    ssldyn_table_clear(&table);
    free(path);
    return status;
}

/* How many modes of the last row can be drawn in a logarithmic plane of s_j and STEM_j. */
static size_t count_positive(const struct ssldyn_table *table, const char *stem)
{
    static const struct ssldyn_curve spectrum = {"", "s_", "", false, true};
    const size_t last = table->rows - 1;
    size_t count = 0;
    char name[64];

    for (size_t k = 0; k < table->columns; k++) {
        const size_t mode = ssldyn_picture_curve_mode(table->names[k], &spectrum);
        if (mode == 0 || !(ssldyn_picture_curve_cell(table, last, k) > 0.0))
            continue;
        snprintf(name, sizeof name, "%s_%zu", stem, mode);
        count += ssldyn_picture_curve_cell(table, last, ssldyn_table_column(table, name)) > 0.0;
    }
    return count;
}

enum ssldyn_status ssldyn_picture_align(FILE *program, const char *run, const char *path,
                                        const struct ssldyn_table *table, struct ssldyn_error *err)
{
    static const struct ssldyn_curve curves[] = {{"s", "s_", "", false, true},
                                                 {"p", "p_", "", true, false},
                                                 {"wpe", "wpe_", "", true, false},
                                                 {"cos_up", "cos_", "", true, false}};
    static const struct ssldyn_curve last[] = {{"last_s", "s_", "", false, false},
                                               {"last_p", "p_", "", true, false},
                                               {"last_wpe", "wpe_", "", true, false}};
    static const char *const scalars[] = {"asymmetry", "slope",   "slope_upper",
                                          "upper",     "alpha_p", "alive"};
    enum ssldyn_status status =
        ssldyn_picture_curves_write(program, "modes", path, table, 0, curves, COUNT(curves), err);
    if (status == SSLDYN_OK)
        status = ssldyn_picture_curves_write(program, "last", path, table, table->rows - 1, last,
                                             COUNT(last), err);
    if (status == SSLDYN_OK)
        status = write_prediction(program, run, err);
    if (status == SSLDYN_OK)
        status = write_plateau(program, run, err);
    if (status == SSLDYN_OK) {
        ssldyn_picture_curves_write_scalars(program, table, scalars, COUNT(scalars));
        fprintf(program, "positive_p = %zu; positive_wpe = %zu\n", count_positive(table, "p"),
                count_positive(table, "wpe"));
    }
    return status;
}

/* The runs that were compared, from the "# of RUN" lines of spec.conf, by the last part of their
 * paths if that distinguishes them. */
static enum ssldyn_status write_subjects(FILE *program, const char *run, struct ssldyn_error *err)
{
    FILE *stream = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(run, "spec.conf", &stream, err);
    char names[2][SSLDYN_SPEC_OPERAND] = {"first run", "second run"};
    const char *shown[2] = {names[0], names[1]};

    for (int i = 0; i < 2 && ssldyn_spec_next_operand(stream, names[i]); i++)
        for (size_t end = strlen(names[i]); end > 1 && names[i][end - 1] == '/'; end--)
            names[i][end - 1] = '\0';
    for (int i = 0; i < 2; i++) {
        const char *slash = strrchr(names[i], '/');
        shown[i] = slash ? slash + 1 : names[i];
    }
    const bool same = strcmp(shown[0], shown[1]) == 0;
    for (int i = 0; i < 2; i++) {
        char label[160];
        ssldyn_gnuplot_escape(label, sizeof label, same ? names[i] : shown[i]);
        ssldyn_gnuplot_string(program, i == 0 ? "RUN_A" : "RUN_B", label);
    }
    if (stream)
        fclose(stream);
    return status;
}

enum ssldyn_status ssldyn_picture_compare(FILE *program, const char *run, const char *path,
                                          const struct ssldyn_table *table,
                                          struct ssldyn_error *err)
{
    static const struct ssldyn_curve curves[] = {
        {"s_a", "s_", "_a", false, false},    {"s_b", "s_", "_b", false, false},
        {"p_a", "p_", "_a", true, false},     {"p_b", "p_", "_b", true, false},
        {"s_low", "s_", "_low", true, false}, {"s_high", "s_", "_high", true, false},
        {"p_low", "p_", "_low", true, false}, {"p_high", "p_", "_high", true, false}};
    static const char *const scalars[] = {"norm_w_a",  "norm_w_b",  "norm_w_low",  "norm_w_high",
                                          "norm_wp_a", "norm_wp_b", "norm_wp_low", "norm_wp_high",
                                          "s_gap",     "p_gap",     "norm_w_gap",  "loss_gap",
                                          "tau_gap"};
    enum ssldyn_status status = write_subjects(program, run, err);
    if (status == SSLDYN_OK)
        status = ssldyn_picture_curves_write(program, "modes", path, table, 0, curves,
                                             COUNT(curves), err);
    if (status == SSLDYN_OK)
        ssldyn_picture_curves_write_scalars(program, table, scalars, COUNT(scalars));
    return status;
}
