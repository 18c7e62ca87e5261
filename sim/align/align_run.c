/* Parameters, moments and times of a run directory (align_run.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_run.h"

#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/io/file.h"
#include "sim/io/trace.h"
#include "sim/run/run_directory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* directory/name, or NULL in *path if it does not exist. */
static enum ssldyn_status existing(const char *directory, const char *name, char **path,
                                   struct ssldyn_error *err)
{
    struct stat info;
    *path = ssldyn_file_path_join(directory, name);
    if (*path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (stat(*path, &info) != 0) {
        free(*path);
        *path = NULL;
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_align_run_file(const char *directory, const char *name, char **path,
                                         struct ssldyn_error *err)
{
    struct stat info;
    char file[64];
    *path = NULL;
    if (stat(directory, &info) != 0 || !S_ISDIR(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is not a run directory (pass a file with a predictor as --wp)",
                           directory);
    (void)snprintf(file, sizeof file, "%s.npy", name);
    return existing(directory, file, path, err);
}

/* Reads directory/name, one number per snapshot, which messages call `what`. */
static enum ssldyn_status read_numbers(const char *directory, const char *name, const char *what,
                                       size_t snapshots, struct ssldyn_array *numbers,
                                       struct ssldyn_error *err)
{
    char *path = NULL;
    enum ssldyn_status status = existing(directory, name, &path, err);
    if (status == SSLDYN_OK && path != NULL)
        status = ssldyn_npy_read(path, false, numbers, err);
    if (status == SSLDYN_OK && path != NULL && numbers->count != snapshots)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: %zu %s for %zu snapshots", path,
                             numbers->count, what, snapshots);
    free(path);
    return status;
}

/* The number of samples behind each snapshot. */
static enum ssldyn_status read_counts(const char *directory, size_t snapshots,
                                      struct ssldyn_array *count, struct ssldyn_error *err)
{
    static const double most = 0x1p53;
    const enum ssldyn_status status =
        read_numbers(directory, "count.npy", "numbers", snapshots, count, err);
    for (size_t i = 0; i < count->count && status == SSLDYN_OK; i++)
        if (!(count->data[i] >= 1.0 && count->data[i] <= most) ||
            floor(count->data[i]) != count->data[i])
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "%s/count.npy: entry %zu is %g, but must be the number of samples of a snapshot",
                directory, i + 1, count->data[i]);
    return status;
}

/* A column of the trace at the snapshots' times (a trace may have more rows than snapshots). */
static enum ssldyn_status pick_column(const struct ssldyn_table *table, const char *name,
                                      const struct ssldyn_array *t, double **column,
                                      struct ssldyn_error *err)
{
    const size_t time = ssldyn_table_column(table, "t");
    const size_t wanted = ssldyn_table_column(table, name);
    if (time == SIZE_MAX || wanted == SIZE_MAX)
        return SSLDYN_OK;
    *column = ssldyn_memory_array(t->count, sizeof(double));
    if (*column == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    size_t row = 0;
    for (size_t i = 0; i < t->count; i++) {
        while (row < table->rows && ssldyn_table_value(table, row, time) < t->data[i])
            row++;
        const bool found = row < table->rows && ssldyn_table_value(table, row, time) == t->data[i];
        (*column)[i] = found ? ssldyn_table_value(table, row, wanted) : (double)NAN;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status read_trace(const char *directory, struct ssldyn_align_run *run,
                                     struct ssldyn_error *err)
{
    char *path = NULL;
    struct ssldyn_table table = {0};
    enum ssldyn_status status = existing(directory, "trace.tsv", &path, err);
    if (status == SSLDYN_OK && path != NULL && run->t.data != NULL) {
        status = ssldyn_table_read(path, &table, err);
        if (status == SSLDYN_OK)
            status = pick_column(&table, "step", &run->t, &run->step, err);
        if (status == SSLDYN_OK)
            status = pick_column(&table, "tau", &run->t, &run->tau, err);
        ssldyn_table_clear(&table);
    }
    free(path);
    return status;
}

static struct ssldyn_need need_of(const char *option, const char *role,
                                  const struct ssldyn_arrays *memory, size_t n1)
{
    const bool named = strncmp(option, "--", 2) == 0;
    return (struct ssldyn_need){.option = option,
                                .role = role,
                                .least = 2,
                                .most = 2,
                                .rows = n1,
                                .columns = n1,
                                .memory = named ? ssldyn_arrays_find(memory, option + 2, 0) : NULL};
}

enum ssldyn_status ssldyn_align_run_moments(struct ssldyn_align_run *run,
                                            const char *const files[2],
                                            const char *const options[2],
                                            const struct ssldyn_arrays *memory, size_t n1,
                                            struct ssldyn_error *err)
{
    const int other = files[1] != NULL ? 1 : 0;
    const struct ssldyn_need x = need_of(options[0], "X", memory, n1);
    const struct ssldyn_need more =
        need_of(options[other], other == 1 ? "Xprime" : "X", memory, n1);
    enum ssldyn_status status = ssldyn_array_file_read(files[0], &x, &run->X, err);
    if (status == SSLDYN_OK) /* a copy: X is added to it */
        status = ssldyn_array_file_read(files[other], &more, &run->sum, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t i = 0; i < n1 * n1; i++)
        run->sum.data[i] += run->X.data[i];
    run->moments = (struct ssldyn_moments){.kind = SSLDYN_MOMENTS_FULL,
                                           .n1 = n1,
                                           .c = (double)NAN,
                                           .X = run->X.data,
                                           .sum = run->sum.data};
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_align_run_times(const char *times, const struct ssldyn_arrays *memory,
                                          size_t snapshots, struct ssldyn_array *t,
                                          struct ssldyn_error *err)
{
    const struct ssldyn_need need = {.option = "--times",
                                     .role = "t",
                                     .least = 1,
                                     .most = 1,
                                     .memory = ssldyn_arrays_find(memory, "times", 0),
                                     .borrow = true};
    if (times == NULL)
        return SSLDYN_OK;
    const enum ssldyn_status status = ssldyn_array_file_read(times, &need, t, err);
    if (status == SSLDYN_OK && t->count != snapshots)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--times %.300s: %zu times for %zu snapshots", times,
                           t->count, snapshots);
    return status;
}

/* The moments that the run saved or was given; otherwise they are isotropic. */
static enum ssldyn_status read_moments(const char *directory, struct ssldyn_align_run *run,
                                       size_t n1, struct ssldyn_error *err)
{
    const struct ssldyn_spec *spec = &run->spec;
    static const char *const options[2] = {"x of the run", "xprime of the run"};
    char *kept_x = NULL;
    char *kept_xprime = NULL;
    if (spec->problem.parameters.target == SSLDYN_DEPTH_MAE)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%.300s: was made with --target mae, whose predictor maps to the data and "
            "has no eigenvectors to align",
            directory);
    if (spec->sxx_file != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.300s: was made with --sxx and --syx; ssldyn align supports two views "
                           "of one datum only",
                           directory);
    run->moments = (struct ssldyn_moments){
        .kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = n1, .c = spec->problem.parameters.rates.c};
    enum ssldyn_status status = existing(directory, SSLDYN_RUN_X, &kept_x, err);
    if (status == SSLDYN_OK)
        status = existing(directory, SSLDYN_RUN_XPRIME, &kept_xprime, err);
    if (status == SSLDYN_OK && kept_x != NULL && kept_xprime != NULL)
        status = ssldyn_align_run_moments(run, (const char *const[2]){kept_x, kept_xprime}, options,
                                          NULL, n1, err);
    else if (status == SSLDYN_OK && spec->x_file != NULL && spec->xprime_file != NULL)
        status = ssldyn_align_run_moments(
            run, (const char *const[2]){spec->x_file, spec->xprime_file}, options, NULL, n1, err);
    free(kept_x);
    free(kept_xprime);
    return status;
}

enum ssldyn_status ssldyn_align_run_read(const char *directory, size_t snapshots, size_t n1,
                                         struct ssldyn_align_run *run, struct ssldyn_error *err)
{
    memset(run, 0, sizeof *run);
    enum ssldyn_status status = read_numbers(directory, "t.npy", "times", snapshots, &run->t, err);
    if (status == SSLDYN_OK)
        status = read_counts(directory, snapshots, &run->count, err);
    if (status == SSLDYN_OK)
        status = read_trace(directory, run, err);
    char *path = NULL;
    if (status == SSLDYN_OK)
        status = existing(directory, "spec.conf", &path, err);
    if (status == SSLDYN_OK && path != NULL) {
        status = ssldyn_spec_load(&run->spec, directory, err);
        const enum ssldyn_command command = run->spec.given.command;
        run->known = status == SSLDYN_OK && command != 0 && command != SSLDYN_COMMAND_ALIGN;
        if (command == SSLDYN_COMMAND_ALIGN) /* this spec.conf belongs to measured data, not to a
                                              * simulation */
            ssldyn_spec_clear(&run->spec);
        if (run->known)
            status = read_moments(directory, run, n1, err);
    }
    free(path);
    if (status != SSLDYN_OK)
        ssldyn_align_run_clear(run);
    return status;
}

void ssldyn_align_run_clear(struct ssldyn_align_run *run)
{
    if (run->known)
        ssldyn_spec_clear(&run->spec);
    ssldyn_npy_array_clear(&run->X);
    ssldyn_npy_array_clear(&run->sum);
    ssldyn_npy_array_clear(&run->t);
    ssldyn_npy_array_clear(&run->count);
    free(run->step);
    free(run->tau);
    memset(run, 0, sizeof *run);
}
