/* Reads a result back from its directory. */
// SPDX-License-Identifier: MIT
#include "sim/answer/sweep.h"
#include "sim/api/message.h"
#include "sim/base/memory.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"
#include "sim/io/output_dir.h"
#include "sim/io/trace.h"
#include "sim/options/name.h"
#include "sim/result/result.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The tables that can hold the rows of a result; the first one found is used. */
static const char *const tables[] = {"trace.tsv",   "table.tsv", "separatrix.tsv", "thresholds.tsv",
                                     "margins.tsv", "runs.tsv",  "ladder.tsv",     "spectra.tsv"};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* Files that become texts, and the header line that is removed. */
static const struct {
    const char *file, *text, *head;
} texts[] = {
    {"spec.conf", "spec", ""},
    {"report.txt", "report", "# ssldyn report 1\n"},
    {"verdict.txt", "verdict", "# ssldyn verdict 1\n"},
    {"events.tsv", "events", ""},
    {"margins.tsv", "margins", ""},
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static enum ssldyn_status take_table(const char *path, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    struct ssldyn_table table = {0};
    const enum ssldyn_status status = ssldyn_table_read(path, &table, err);
    if (status == SSLDYN_OK) {
        ssldyn_result_put_table(result, &table);
    }
    ssldyn_table_clear(&table);
    return status;
}

static enum ssldyn_status take_rows(const char *directory, struct ssldyn_result *result,
                                    struct ssldyn_error *err)
{
    for (size_t i = 0; i < TABLES; i++) {
        char *path = ssldyn_file_path_join(directory, tables[i]);
        if (!path) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the name of a file");
        }
        const bool there = access(path, R_OK) == 0;
        const enum ssldyn_status status = there ? take_table(path, result, err) : SSLDYN_OK;
        free(path);
        if (there) {
            return status;
        }
    }
    return SSLDYN_OK;
}

/* Whether the settings have an axis of that name (length characters). */
static bool is_axis(const struct ssldyn_conf *conf, const char *name, size_t length)
{
    const char *axes = ssldyn_conf_value(conf, "axis"); /* "eta=0:0.3:7;train-ema=..." */
    char axis[80];
    char key[80];
    while (axes && axes[0] != '\0') {
        (void)snprintf(axis, sizeof axis, "%.*s", (int)strcspn(axes, "="), axes);
        (void)ssldyn_name_key(axis, key, sizeof key);
        if (strlen(key) == length && strncmp(key, name, length) == 0) {
            return true;
        }
        axes += strcspn(axes, ";");
        axes += axes[0] == ';';
    }
    return false;
}

/* NAME.npy is the array NAME, or axis_NAME if the settings have that axis. */
static enum ssldyn_status take_array(const char *directory, const char *file,
                                     const struct ssldyn_conf *conf, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};
    char name[300];
    char *path = ssldyn_file_path_join(directory, file);
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the name of a file");
    }
    const int length = (int)(strlen(file) - strlen(".npy"));
    (void)snprintf(name, sizeof name, "%s%.*s", is_axis(conf, file, (size_t)length) ? "axis_" : "",
                   length, file);
    const enum ssldyn_status status = ssldyn_npy_read(path, true, &array, err);
    if (status == SSLDYN_OK) {
        ssldyn_result_take_array(result, name, array.dimensions, array.shape, array.data);
    }
    free(path);
    return status;
}

static bool is_array(const char *file)
{
    const size_t length = strlen(file);
    return file[0] != '.' && length > 4 && strcmp(file + length - 4, ".npy") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A growing list of file names. */
struct names {
    size_t count;
    char **name; /* owned, and so is each of them */
};

static void clear_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->name[i]);
    }
    free(names->name);
}

static bool add_name(struct names *names, const char *name)
{
    char **more = realloc(names->name, (names->count + 1) * sizeof *more);
    if (!more) {
        return false;
    }
    names->name = more;
    more[names->count] = ssldyn_memory_copy(name);
    return more[names->count] && ++names->count > 0;
}

/* The arrays in the order of their names, not in that of the file system. */
static enum ssldyn_status take_arrays(const char *directory, const struct ssldyn_conf *conf,
                                      struct ssldyn_result *result, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    struct names names = {0, NULL};
    DIR *stream = opendir(directory);
    for (const struct dirent *entry = NULL;
         status == SSLDYN_OK && stream && (entry = readdir(stream)) != NULL;) {
        if (is_array(entry->d_name) && !add_name(&names, entry->d_name)) {
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the names of files");
        }
    }
    if (stream) {
        closedir(stream);
    }
    if (names.count > 0) {
        qsort(names.name, names.count, sizeof *names.name, by_name);
    }
    for (size_t i = 0; status == SSLDYN_OK && i < names.count; i++) {
        status = take_array(directory, names.name[i], conf, result, err);
    }
    clear_names(&names);
    return status;
}

/* A file as a text, without the header line that gives its kind. */
static void take_text(const char *directory, size_t which, struct ssldyn_result *result)
{
    char *path = ssldyn_file_path_join(directory, texts[which].file);
    FILE *from = path ? fopen(path, "r") : NULL;
    FILE *to = from ? ssldyn_result_begin_text(result, texts[which].text) : NULL;
    const size_t skipped = strlen(texts[which].head);
    char part[4096];
    bool begins = true;
    for (size_t size = 0; to && (size = fread(part, 1, sizeof part, from)) > 0; begins = false) {
        const bool head =
            begins && size >= skipped && strncmp(part, texts[which].head, skipped) == 0;
        (void)fwrite(part + (head ? skipped : 0), 1, size - (head ? skipped : 0), to);
    }
    ssldyn_result_end_text(result);
    if (from) {
        (void)fclose(from);
    }
    free(path);
}

/* The settings, spec.conf, and the command that wrote the results. */
static enum ssldyn_status take_command(const char *directory, struct ssldyn_conf *conf,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    char *path = ssldyn_file_path_join(directory, "spec.conf");
    enum ssldyn_status status =
        path ? ssldyn_output_dir_check_readable(directory, err)
             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the name of a file");
    if (status == SSLDYN_OK) {
        status = ssldyn_conf_read(path, conf, err);
    }
    if (status == SSLDYN_OK) {
        const char *command = ssldyn_conf_value(conf, "command");
        if (command) {
            ssldyn_result_put_text(result, "command", command);
        } else {
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "%.300s: does not name the command that wrote it", path);
        }
    }
    free(path);
    return status;
}

/* Whether the results are points of a grid: a sweep, or the map of a basin. */
static bool is_sweep(const struct ssldyn_conf *conf)
{
    const char *command = ssldyn_conf_value(conf, "command");
    return strcmp(command, "sweep") == 0 ||
           (strcmp(command, "basin") == 0 && ssldyn_conf_value(conf, "axis") &&
            !ssldyn_conf_value(conf, "threshold"));
}

/* A sweep with all its functions; only its arrays if a file that its settings name is missing. */
static enum ssldyn_status take_sweep(const char *directory, const struct ssldyn_conf *conf,
                                     struct ssldyn_result *result, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_answer_sweep_open(directory, result, err);
    return status == SSLDYN_EINPUT && ssldyn_result_array_count(result) == 0
               ? take_arrays(directory, conf, result, err)
               : status;
}

static enum ssldyn_status fill(const char *directory, struct ssldyn_result *result,
                               struct ssldyn_error *err)
{
    struct ssldyn_conf conf = {0};
    enum ssldyn_status status = take_command(directory, &conf, result, err);
    if (status == SSLDYN_OK) {
        status = take_rows(directory, result, err);
    }
    if (status == SSLDYN_OK && is_sweep(&conf)) {
        status = take_sweep(directory, &conf, result, err);
    } else if (status == SSLDYN_OK) {
        status = take_arrays(directory, &conf, result, err);
    }
    for (size_t i = 0; status == SSLDYN_OK && i < TEXTS; i++) {
        take_text(directory, i, result);
    }
    ssldyn_conf_clear(&conf);
    ssldyn_result_put_text(result, "directory", directory);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}

enum ssldyn_status ssldyn_result_open(const char *directory, struct ssldyn_result **result,
                                      struct ssldyn_error *err)
{
    struct ssldyn_error local;
    struct ssldyn_error *const failure = err ? err : &local;
    *result = NULL;
    *failure = (struct ssldyn_error){SSLDYN_OK, ""};
    if (!directory || directory[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "the name of a directory is empty");
    }
    enum ssldyn_status status = ssldyn_result_create(result, failure);
    if (status == SSLDYN_OK) {
        status = fill(directory, *result, failure);
    }
    if (status != SSLDYN_OK) {
        ssldyn_result_free(*result);
        *result = NULL;
        ssldyn_message_translate(failure->message, sizeof failure->message);
    }
    return status;
}
