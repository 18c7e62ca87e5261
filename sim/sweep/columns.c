/* The columns of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *meaning;
} table[SSLDYN_SWEEP_COLUMNS] = {
    {"fate", "0 collapsed, 1 survives, 2 diverged, 3 undecided at t_end"},
    {"p_end", "p (lowdim: wp) at t_end"},
    {"s_end", "s (lowdim: w^2) at t_end"},
    {"tau_end", "wa/w at t_end"},
    {"t_end", "time reached"},
    {"t_decided", "time at which the fate was certain"},
    {"k_min", "smallest K_j of Thm 3 on the way"},
    {"margin", "fold - eta_s: below 0 nothing survives"},
};

const char *ssldyn_columns_name(enum ssldyn_sweep_column kind)
{
    return table[kind].name;
}

enum ssldyn_status ssldyn_columns_parse(struct ssldyn_columns *columns, const char *text,
                                        struct ssldyn_error *err)
{
    bool wanted[SSLDYN_SWEEP_COLUMNS] = {false};
    while (*text) {
        const size_t length = strcspn(text, ",");
        int found = -1;
        for (int i = 0; i < SSLDYN_SWEEP_COLUMNS; i++) {
            if (strlen(table[i].name) == length && strncmp(table[i].name, text, length) == 0) {
                found = i;
            }
        }
        if (found < 0) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--columns: \"%.*s\" is none of fate, p_end, s_end, tau_end, t_end, "
                               "t_decided, k_min, margin",
                               length < 40 ? (int)length : 40, text);
        }
        wanted[found] = true;
        text += length + (text[length] == ',');
    }
    wanted[SSLDYN_SWEEP_FATE] = true;
    *columns = (struct ssldyn_columns){.watch = wanted[SSLDYN_SWEEP_K_MIN]};
    for (int i = 0; i < SSLDYN_SWEEP_COLUMNS; i++) {
        if (wanted[i]) {
            columns->kind[columns->count++] = (enum ssldyn_sweep_column)i;
        }
    }
    return SSLDYN_OK;
}

double ssldyn_columns_value(enum ssldyn_sweep_column kind, const struct ssldyn_mode_point *mode,
                            const struct ssldyn_ensemble_end *end)
{
    switch (kind) {
    case SSLDYN_SWEEP_FATE:
        return (double)end->fate;
    case SSLDYN_SWEEP_P_END:
        return end->wp;
    case SSLDYN_SWEEP_S_END:
        return end->w * end->w;
    case SSLDYN_SWEEP_TAU_END:
        return end->tau;
    case SSLDYN_SWEEP_T_END:
        return end->t;
    case SSLDYN_SWEEP_T_DECIDED:
        return end->since;
    case SSLDYN_SWEEP_K_MIN:
        return end->k_min;
    default:
        return ssldyn_mode_point_fold(mode) - mode->eta_s;
    }
}

static uint64_t hash(uint64_t sum, const char *text)
{
    /* FNV-1a; the closing zero separates the texts */
    do {
        sum = (sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
    } while (*text++);
    return sum;
}

uint64_t ssldyn_columns_fingerprint(const struct ssldyn_spec *spec)
{
    static const char *const without[] = {"output", "quiet",    "verbose", "threads",
                                          "point",  "all-rows", "axis"};
    uint64_t sum = hash(UINT64_C(14695981039346656037), SSLDYN_VERSION);
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        bool left_out = !ssldyn_option_applies(option, spec, NULL, 0);
        for (size_t k = 0; k < sizeof without / sizeof without[0]; k++) {
            left_out = left_out || strcmp(option->name, without[k]) == 0;
        }
        if (!left_out) {
            char value[256];
            sum =
                hash(hash(sum, option->name), ssldyn_spec_value(spec, option, value, sizeof value));
        }
    }
    return hash(sum, spec->sweep.axes ? spec->sweep.axes : "");
}

enum ssldyn_status ssldyn_columns_open_table(const struct ssldyn_columns *columns,
                                             const struct ssldyn_axes *axes, const char *directory,
                                             struct ssldyn_file *file, struct ssldyn_error *err)
{
    char *path = ssldyn_path_join(directory, "table.tsv");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
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
    for (size_t i = 0; i < axes->count; i++) {
        for (const char *c = axes->axis[i].option->name; *c; c++) {
            fputc(*c == '-' ? '_' : *c, file->stream);
        }
        fputc('\t', file->stream);
    }
    for (size_t i = 0; i < columns->count; i++) {
        fprintf(file->stream, "%s%c", table[columns->kind[i]].name,
                i + 1 < columns->count ? '\t' : '\n');
    }
    return SSLDYN_OK;
}

static void write_number(double value, char end, FILE *stream)
{
    if (isnan(value)) {
        fprintf(stream, "nan%c", end); /* without the sign that some libraries print */
    } else {
        fprintf(stream, "%.17g%c", value, end);
    }
}

void ssldyn_columns_row(const struct ssldyn_columns *columns, struct ssldyn_axes_walk *walk,
                        int64_t index, const double values[], int64_t stride, FILE *stream)
{
    double axis[SSLDYN_AXES_MAXIMUM];
    const size_t axes = ssldyn_axes_walk_read(walk, index, axis);
    for (size_t i = 0; i < axes; i++) {
        write_number(axis[i], '\t', stream);
    }
    for (size_t i = 0; i < columns->count; i++) {
        write_number(values[(int64_t)i * stride], i + 1 < columns->count ? '\t' : '\n', stream);
    }
}

void ssldyn_columns_remove_others(const struct ssldyn_columns *columns, const char *directory,
                                  bool keep_table)
{
    for (int i = 0; i <= SSLDYN_SWEEP_COLUMNS; i++) {
        bool kept = i == SSLDYN_SWEEP_COLUMNS && keep_table;
        for (size_t k = 0; k < columns->count; k++) {
            kept = kept || (int)columns->kind[k] == i;
        }
        char name[40];
        snprintf(name, sizeof name, "%s", "table.tsv");
        if (i < SSLDYN_SWEEP_COLUMNS) {
            snprintf(name, sizeof name, "%s.npy", table[i].name);
        }
        char *path = kept ? NULL : ssldyn_path_join(directory, name);
        if (path) {
            (void)unlink(path);
        }
        free(path);
    }
}
