/* The columns of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/columns.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/flow/flow.h"
#include "sim/model/model.h"
#include "sim/options/name.h"

#include <stdlib.h>
#include <string.h>

#define ROW(NAME, name, meaning, of, unasked, value)                                               \
    {name, meaning, SSLDYN_SWEEP_##of, SSLDYN_SWEEP_##unasked},
static const struct {
    const char *name;
    const char *meaning;
    enum ssldyn_sweep_scope of, unasked;
} table[] = {SSLDYN_SWEEP_OUTCOMES(ROW)};
#undef ROW

static bool is_of_matrices(const struct ssldyn_spec *spec)
{
    return ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES);
}

static bool lies_in(const struct ssldyn_spec *spec, enum ssldyn_sweep_scope scope)
{
    switch (scope) {
    case SSLDYN_SWEEP_NONE:
        return false;
    case SSLDYN_SWEEP_MATRICES:
        return is_of_matrices(spec);
    case SSLDYN_SWEEP_TRAINING:
        return ssldyn_spec_given(spec, "train-lr") || ssldyn_spec_varies(spec, "train-lr");
    case SSLDYN_SWEEP_ANY:
        break;
    }
    return true;
}

static bool exists(const struct ssldyn_spec *spec, int i)
{
    return lies_in(spec, table[i].of);
}

/* The named outcomes of such a run, joined by a separator. */
static void list_names(const struct ssldyn_spec *spec, const char *separator, char text[],
                       size_t size)
{
    text[0] = '\0';
    for (int i = 0; i < SSLDYN_SWEEP_REDUCTION; i++) {
        const size_t used = strlen(text);
        if (exists(spec, i)) {
            snprintf(text + used, size - used, "%s%s", used > 0 ? separator : "", table[i].name);
        }
    }
}

static enum ssldyn_status refuse(const struct ssldyn_spec *spec, const char *text, size_t length,
                                 struct ssldyn_error *err)
{
    char names[1000];
    char choices[1000];
    char typed[41];
    char hint[64];
    list_names(spec, ", ", names, sizeof names);
    list_names(spec, "|", choices, sizeof choices);
    snprintf(typed, sizeof typed, "%.*s", length < 40 ? (int)length : 40, text);
    return ssldyn_fail(err, SSLDYN_EINPUT, "--columns: unknown column \"%s\"; must be one of %s%s",
                       typed, names, ssldyn_name_hint(typed, choices, hint, sizeof hint));
}

/* Adds one named outcome, or one column of the run's trace with a reduction. */
static enum ssldyn_status want(struct ssldyn_columns *columns, const struct ssldyn_spec *spec,
                               const char *text, size_t length, struct ssldyn_error *err)
{
    for (int i = 0; i < SSLDYN_SWEEP_REDUCTION; i++) {
        if (strlen(table[i].name) == length && strncmp(table[i].name, text, length) == 0 &&
            exists(spec, i)) {
            columns->wanted[i] = true;
            return SSLDYN_OK;
        }
    }
    struct ssldyn_reduction *reduction = &columns->reductions[columns->count];
    if (!ssldyn_reduction_parse(text, length, reduction)) {
        return refuse(spec, text, length, err);
    }
    size_t modes = 0;
    const struct ssldyn_layout *layout = ssldyn_model_layout(&spec->problem, &modes);
    if (ssldyn_layout_find(layout, ssldyn_spec_varies(spec, "n2") ? SIZE_MAX : modes,
                           reduction->column) == SIZE_MAX) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--columns: %s: the trace of such a run has no column %s",
                           reduction->name, reduction->column);
    }
    for (size_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->reductions[i].name, reduction->name) == 0) {
            return SSLDYN_OK;
        }
    }
    columns->count++;
    return SSLDYN_OK;
}

/* Sorts the columns; before that, named outcomes are only marked as wanted. */
static void put_in_order(struct ssldyn_columns *columns)
{
    const size_t reductions = columns->count - columns->named;
    columns->named = 0;
    for (int i = 0; i < SSLDYN_SWEEP_REDUCTION; i++) {
        if (columns->wanted[i]) {
            columns->names[columns->named] = table[i].name;
            columns->kind[columns->named++] = (enum ssldyn_sweep_column)i;
        }
    }
    columns->count = columns->named + reductions;
    for (size_t i = columns->named; i < columns->count; i++) {
        columns->names[i] = columns->reductions[i - columns->named].name;
        columns->kind[i] = SSLDYN_SWEEP_REDUCTION;
    }
}

static void want_unasked(struct ssldyn_columns *columns, const struct ssldyn_spec *spec)
{
    const bool basin = spec->given.command == SSLDYN_COMMAND_BASIN;
    for (int i = 0; i < SSLDYN_SWEEP_REDUCTION; i++) {
        columns->wanted[i] = basin ? i == SSLDYN_SWEEP_T_DECIDED || i == SSLDYN_SWEEP_MARGIN
                                   : exists(spec, i) && lies_in(spec, table[i].unasked);
    }
}

enum ssldyn_status ssldyn_columns_parse(struct ssldyn_columns *columns,
                                        const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const char *text = spec->sweep.columns;
    size_t most = 1;
    *columns = (struct ssldyn_columns){0};
    for (const char *c = text ? text : ""; *c; c++) {
        most += *c == ',';
    }
    columns->kind = ssldyn_memory_array(most + SSLDYN_SWEEP_REDUCTION, sizeof *columns->kind);
    columns->names = ssldyn_memory_array(most + SSLDYN_SWEEP_REDUCTION, sizeof *columns->names);
    columns->reductions = ssldyn_memory_array(most, sizeof *columns->reductions);
    enum ssldyn_status status = columns->kind && columns->names && columns->reductions
                                    ? SSLDYN_OK
                                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (!text) {
        want_unasked(columns, spec);
    }
    while (status == SSLDYN_OK && text && *text) {
        const size_t length = strcspn(text, ",");
        status = want(columns, spec, text, length, err);
        text += length + (text[length] == ',');
    }
    if (status != SSLDYN_OK) {
        ssldyn_columns_clear(columns);
        return status;
    }
    columns->wanted[SSLDYN_SWEEP_FATE] = true;
    put_in_order(columns);
    return SSLDYN_OK;
}

void ssldyn_columns_clear(struct ssldyn_columns *columns)
{
    free(columns->kind);
    free(columns->names);
    free(columns->reductions);
    *columns = (struct ssldyn_columns){0};
}

void ssldyn_columns_yield(struct ssldyn_columns *columns, const struct ssldyn_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        if (strcmp(axes->axis[i].option->name, "t-end") == 0 &&
            columns->wanted[SSLDYN_SWEEP_T_END]) {
            columns->wanted[SSLDYN_SWEEP_T_END] = false;
            columns->wanted[SSLDYN_SWEEP_T_REACHED] = true;
        }
    }
    put_in_order(columns);
}

double ssldyn_columns_value(const struct ssldyn_columns *columns, size_t i,
                            const struct ssldyn_outcome *outcome)
{
#define VALUE(NAME, name, meaning, of, unasked, value)                                             \
    case SSLDYN_SWEEP_##NAME:                                                                      \
        return value;
    // NOLINTBEGIN(bugprone-branch-clone): t_end has a second name where it is an axis
    switch (columns->kind[i]) {
        SSLDYN_SWEEP_OUTCOMES(VALUE)
    case SSLDYN_SWEEP_REDUCTION:
        break;
    }
    // NOLINTEND(bugprone-branch-clone)
#undef VALUE
    return outcome->reduced[i - columns->named];
}

void ssldyn_columns_number(double value, char end, FILE *stream)
{
    ssldyn_decimal_write(value, stream);
    fputc(end, stream);
}

void ssldyn_columns_axis_names(const struct ssldyn_axes *axes, size_t count, FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        char name[SSLDYN_AXES_KEY_SIZE];
        fprintf(stream, "%s\t", ssldyn_axes_key(&axes->axis[i], name));
    }
}

void ssldyn_columns_axis_values(const struct ssldyn_axes *axes, size_t count, const double values[],
                                FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        if (axes->axis[i].words) {
            fprintf(stream, "%s\t", axes->axis[i].words[(size_t)values[i]]);
        } else {
            ssldyn_columns_number(values[i], '\t', stream);
        }
    }
}

enum ssldyn_status ssldyn_columns_open_table(const struct ssldyn_columns *columns,
                                             const struct ssldyn_axes *axes, const char *directory,
                                             struct ssldyn_file *file, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_file_open_in(file, directory, "table.tsv", err);
    if (status != SSLDYN_OK) {
        return status;
    }
    fputs("# ssldyn sweep 1\n", file->stream);
    for (size_t i = 0; i < columns->count; i++) {
        fprintf(file->stream, "# %s: ", columns->names[i]);
        if (i < columns->named) {
            fputs(table[columns->kind[i]].meaning, file->stream);
        } else {
            ssldyn_reduction_describe(&columns->reductions[i - columns->named], file->stream);
        }
        fputc('\n', file->stream);
    }
    ssldyn_columns_axis_names(axes, axes->count, file->stream);
    for (size_t i = 0; i < columns->count; i++) {
        fprintf(file->stream, "%s%c", columns->names[i], i + 1 < columns->count ? '\t' : '\n');
    }
    return SSLDYN_OK;
}

void ssldyn_columns_row(const struct ssldyn_columns *columns, const struct ssldyn_axes *axes,
                        struct ssldyn_axes_walk *walk, int64_t index, const double values[],
                        int64_t stride, FILE *stream)
{
    double axis[SSLDYN_AXES_MAXIMUM];
    const size_t count = ssldyn_axes_walk_read(walk, index, axis);
    ssldyn_columns_axis_values(axes, count, axis, stream);
    for (size_t i = 0; i < columns->count; i++) {
        ssldyn_columns_number(values[(int64_t)i * stride], i + 1 < columns->count ? '\t' : '\n',
                              stream);
    }
}

/* Whether some model's trace has the column, for any mode. */
static bool is_of_a_trace(const char *column)
{
    bool found = false;
    for (size_t i = 0; ssldyn_model_at(i) && !found; i++) {
        found = ssldyn_layout_find(ssldyn_model_at(i)->layout, SIZE_MAX, column) != SIZE_MAX;
    }
    return found;
}

bool ssldyn_columns_owns(const char *name)
{
    char stem[SSLDYN_REDUCTION_NAME];
    struct ssldyn_reduction reduction;
    const char *ending = strstr(name, ".npy");
    const size_t length = ending ? (size_t)(ending - name) : SIZE_MAX;
    if (length >= sizeof stem || (strcmp(ending, ".npy") != 0 && strcmp(ending, ".npy.tmp") != 0)) {
        return false;
    }
    (void)snprintf(stem, sizeof stem, "%.*s", (int)length, name);
    for (int i = 0; i < SSLDYN_SWEEP_REDUCTION; i++) {
        if (strcmp(stem, table[i].name) == 0) {
            return true;
        }
    }
    return ssldyn_option_find(stem) != NULL ||
           (ssldyn_reduction_parse(stem, length, &reduction) && is_of_a_trace(reduction.column));
}
