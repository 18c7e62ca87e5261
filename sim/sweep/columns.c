/* The columns of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/columns.h"

#include "sim/base/decimal.h"
#include "sim/options/name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *meaning;
    enum {
        ANY,
        MATRICES,
        TRAINING
    } of; /* MATRICES: of them alone; TRAINING: where steps are known */
} table[SSLDYN_SWEEP_COLUMNS] = {
    {"fate", "0 collapsed, 1 survives, 2 diverged, 3 undecided at t_end", ANY},
    {"rank", "modes that survive; nan where that of one is open", ANY},
    {"rank_end", "eigenvalues of F at t_end above 1e-6 of the largest of the run", MATRICES},
    {"p_end", "p (lowdim: wp) at t_end, of the mode with the largest s", ANY},
    {"s_end", "s (lowdim: w^2) of that mode", ANY},
    {"tau_end", "its wa/w, nan where w has underflowed; of matrices <Wa,W>/|W|^2", ANY},
    {"t_end", "time reached", ANY},
    {"t_reached", "time reached, where t_end is an axis", ANY},
    {"t_decided", "time at which the fate was certain", ANY},
    {"t_escape", "time from which p stays above half the level at which it survives", ANY},
    {"k_min", "smallest K_j of Thm 3 on the way", ANY},
    {"margin", "fold - eta_s: below 0 nothing survives", ANY},
    {"loss", "expected squared distance of prediction and target at t_end", MATRICES},
    {"commutator", "|[F,Wp]| at t_end", MATRICES},
    {"asymmetry", "|Wp - Wp'|/|Wp| at t_end", MATRICES},
    {"step_decided", "t_decided as a step of training", TRAINING},
    {"step_escape", "t_escape as a step of training", TRAINING},
};

const char *ssldyn_columns_name(enum ssldyn_sweep_column kind)
{
    return table[kind].name;
}

static bool is_of_matrices(const struct ssldyn_spec *spec)
{
    return spec->problem.model == SSLDYN_MODEL_POPULATION ||
           spec->problem.model == SSLDYN_MODEL_REDUCED;
}

static bool exists(const struct ssldyn_spec *spec, int i)
{
    switch (table[i].of) {
    case MATRICES:
        return is_of_matrices(spec);
    case TRAINING:
        return ssldyn_spec_given(spec, "train-lr") || ssldyn_spec_varies(spec, "train-lr");
    case ANY:
        break;
    }
    return true;
}

/* The columns of such a run, with a separator between. */
static void list_names(const struct ssldyn_spec *spec, const char *separator, char text[],
                       size_t size)
{
    text[0] = '\0';
    for (int i = 0; i < SSLDYN_SWEEP_COLUMNS; i++) {
        const size_t used = strlen(text);
        if (exists(spec, i)) {
            snprintf(text + used, size - used, "%s%s", used > 0 ? separator : "", table[i].name);
        }
    }
}

static enum ssldyn_status refuse(const struct ssldyn_spec *spec, const char *text, size_t length,
                                 struct ssldyn_error *err)
{
    char names[300];
    char choices[300];
    char typed[41];
    char hint[64];
    list_names(spec, ", ", names, sizeof names);
    list_names(spec, "|", choices, sizeof choices);
    snprintf(typed, sizeof typed, "%.*s", length < 40 ? (int)length : 40, text);
    return ssldyn_fail(err, SSLDYN_EINPUT, "--columns: \"%s\" is none of %s%s", typed, names,
                       ssldyn_name_hint(typed, choices, hint, sizeof hint));
}

static int find(const struct ssldyn_spec *spec, const char *text, size_t length)
{
    for (int i = 0; i < SSLDYN_SWEEP_COLUMNS; i++) {
        if (strlen(table[i].name) == length && strncmp(table[i].name, text, length) == 0 &&
            exists(spec, i)) {
            return i;
        }
    }
    return -1;
}

static void list_wanted(struct ssldyn_columns *columns)
{
    columns->count = 0;
    for (int i = 0; i < SSLDYN_SWEEP_COLUMNS; i++) {
        if (columns->wanted[i]) {
            columns->kind[columns->count++] = (enum ssldyn_sweep_column)i;
        }
    }
}

enum ssldyn_status ssldyn_columns_parse(struct ssldyn_columns *columns,
                                        const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const char *text = spec->sweep.columns;
    const bool matrices = is_of_matrices(spec);
    const bool steps = exists(spec, SSLDYN_SWEEP_STEP_DECIDED);
    *columns = (struct ssldyn_columns){0};
    if (!text) {
        text = spec->given.command == SSLDYN_COMMAND_BASIN ? "fate,t_decided,margin"
               : matrices
                   ? "fate,rank,rank_end,p_end,s_end,tau_end,t_end,t_decided,t_escape,k_min,margin,"
                     "loss,commutator,asymmetry"
                   : "fate,p_end,s_end,tau_end,t_end,t_decided,k_min,margin";
    }
    if (!spec->sweep.columns && steps && spec->given.command == SSLDYN_COMMAND_SWEEP) {
        columns->wanted[SSLDYN_SWEEP_STEP_DECIDED] = true;
        columns->wanted[SSLDYN_SWEEP_STEP_ESCAPE] = matrices;
    }
    while (*text) {
        const size_t length = strcspn(text, ",");
        const int found = find(spec, text, length);
        if (found < 0) {
            return refuse(spec, text, length, err);
        }
        columns->wanted[found] = true;
        text += length + (text[length] == ',');
    }
    columns->wanted[SSLDYN_SWEEP_FATE] = true;
    list_wanted(columns);
    return SSLDYN_OK;
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
    list_wanted(columns);
}

double ssldyn_columns_value(enum ssldyn_sweep_column kind, const struct ssldyn_outcome *outcome)
{
    const double values[SSLDYN_SWEEP_COLUMNS] = {
        [SSLDYN_SWEEP_FATE] = (double)outcome->fate,
        [SSLDYN_SWEEP_RANK] = outcome->rank,
        [SSLDYN_SWEEP_RANK_END] = outcome->rank_end,
        [SSLDYN_SWEEP_P_END] = outcome->p,
        [SSLDYN_SWEEP_S_END] = outcome->s,
        [SSLDYN_SWEEP_TAU_END] = outcome->tau,
        [SSLDYN_SWEEP_T_END] = outcome->t,
        [SSLDYN_SWEEP_T_REACHED] = outcome->t,
        [SSLDYN_SWEEP_T_DECIDED] = outcome->t_decided,
        [SSLDYN_SWEEP_T_ESCAPE] = outcome->t_escape,
        [SSLDYN_SWEEP_K_MIN] = outcome->k_min,
        [SSLDYN_SWEEP_MARGIN] = outcome->margin,
        [SSLDYN_SWEEP_LOSS] = outcome->loss,
        [SSLDYN_SWEEP_COMMUTATOR] = outcome->commutator,
        [SSLDYN_SWEEP_ASYMMETRY] = outcome->asymmetry,
        [SSLDYN_SWEEP_STEP_DECIDED] = outcome->t_decided / outcome->step_time,
        [SSLDYN_SWEEP_STEP_ESCAPE] = outcome->t_escape / outcome->step_time,
    };
    return values[kind];
}

void ssldyn_columns_number(double value, char end, FILE *stream)
{
    ssldyn_decimal_write(value, stream);
    fputc(end, stream);
}

void ssldyn_columns_axis_names(const struct ssldyn_axes *axes, size_t count, FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        for (const char *c = axes->axis[i].option->name; *c; c++) {
            fputc(*c == '-' ? '_' : *c, stream);
        }
        fputc('\t', stream);
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
    char *path = ssldyn_path_join(directory, "table.tsv");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    }
    const enum ssldyn_status status = ssldyn_file_open(file, path, err);
    free(path);
    if (status != SSLDYN_OK) {
        return status;
    }
    fputs("# ssldyn sweep 1\n", file->stream);
    for (size_t i = 0; i < columns->count; i++) {
        fprintf(file->stream, "# %s: %s\n", table[columns->kind[i]].name,
                table[columns->kind[i]].meaning);
    }
    ssldyn_columns_axis_names(axes, axes->count, file->stream);
    for (size_t i = 0; i < columns->count; i++) {
        fprintf(file->stream, "%s%c", table[columns->kind[i]].name,
                i + 1 < columns->count ? '\t' : '\n');
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

bool ssldyn_columns_owns(const char *name)
{
    char stem[48];
    const size_t length = strcspn(name, ".");
    const char *ending = name + length;
    if (length >= sizeof stem || (strcmp(ending, ".npy") != 0 && strcmp(ending, ".npy.tmp") != 0)) {
        return false;
    }
    (void)snprintf(stem, sizeof stem, "%.*s", (int)length, name);
    for (int i = 0; i < SSLDYN_SWEEP_COLUMNS; i++) {
        if (strcmp(stem, table[i].name) == 0) {
            return true;
        }
    }
    return ssldyn_option_find(stem) != NULL;
}
