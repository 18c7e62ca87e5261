/* Pictures of runs, drawn by gnuplot through the scripts of plots/. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "sim/io/file.h"
#include "sim/io/trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SSLDYN_PLOTS_DIRECTORY
#define SSLDYN_PLOTS_DIRECTORY "/usr/local/share/ssldyn/plots"
#endif

/* What a run directory may hold, and the script that draws it: the first row whose file is there
 * with that column. */
static const struct {
    const char *file;
    const char *column; /* NULL: any */
    const char *script;
} kinds[] = {
    {"table.tsv", "fate", "sweep"},
    {"separatrix.tsv", "s", "separatrix"},
    {"thresholds.tsv", "threshold", "thresholds"},
    {"trace.tsv", "s_gap_map", "ladder"},
    {"trace.tsv", "s_gap", "compare"},
    {"trace.tsv", "effective_rank", "align"},
    {"trace.tsv", "commutator", "matrix"},
    {"trace.tsv", "p_1", "modes"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

enum ssldyn_status ssldyn_picture_script(const char *run, const char **script,
                                         struct ssldyn_error *err)
{
    struct stat info;
    enum ssldyn_status status = SSLDYN_OK;

    *script = NULL;
    if (stat(run, &info) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: %s", run, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s: is no directory; give one that a command "
                           "of ssldyn has written",
                           run);
    for (size_t i = 0; i < KINDS && !*script && status == SSLDYN_OK; i++) {
        char *path = ssldyn_path_join(run, kinds[i].file);
        if (!path)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        if (access(path, F_OK) == 0) {
            struct ssldyn_table table = {0};
            status = ssldyn_table_read(path, &table, err);
            if (status == SSLDYN_OK &&
                (!kinds[i].column || ssldyn_table_column(&table, kinds[i].column) != SIZE_MAX))
                *script = kinds[i].script;
            if (*script && table.rows == 0)
                status = ssldyn_fail(err, SSLDYN_EINPUT, "%.400s: has no rows to draw", path);
            ssldyn_table_clear(&table);
        }
        free(path);
    }
    if (status == SSLDYN_OK && !*script)
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%.200s: holds nothing to draw: no trace.tsv or table.tsv with the "
                             "columns of a run",
                             run);
    return status;
}

/* directory/render and directory/SCRIPT.gp in fresh strings, where both are there. */
static bool scripts_in(const char *directory, const char *script, char **render, char **drawing)
{
    char name[64];

    snprintf(name, sizeof name, "%s.gp", script);
    *render = ssldyn_path_join(directory, "render");
    *drawing = ssldyn_path_join(directory, name);
    if (*render && *drawing && access(*render, R_OK) == 0 && access(*drawing, R_OK) == 0)
        return true;
    free(*render);
    free(*drawing);
    *render = NULL;
    *drawing = NULL;
    return false;
}

static enum ssldyn_status find_scripts(const char *script, char **render, char **drawing,
                                       struct ssldyn_error *err)
{
    const char *named = getenv("SSLDYN_PLOTS");

    if (named && named[0] != '\0') {
        if (scripts_in(named, script, render, drawing))
            return SSLDYN_OK;
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "SSLDYN_PLOTS names %.200s, where there is no render or %s.gp", named,
                           script);
    }
    if (scripts_in(SSLDYN_PLOTS_DIRECTORY, script, render, drawing) ||
        scripts_in("plots", script, render, drawing))
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EFAILED,
                       "%s.gp is neither in %s nor in ./plots; set SSLDYN_PLOTS to the directory "
                       "of the plot scripts",
                       script, SSLDYN_PLOTS_DIRECTORY);
}

/* The last line of a text, in place. */
static const char *last_line(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    char *end = strrchr(text, '\n');
    return end ? end + 1 : text;
}

/* Runs sh render drawing output run; what it complains of ends in err. */
static enum ssldyn_status run_render(char *render, char *drawing, const char *output,
                                     const char *run, struct ssldyn_error *err)
{
    char complaint[4096] = "";
    size_t length = 0;
    ssize_t got = 0;
    int ends[2];
    int result = 0;

    if (pipe(ends) != 0)
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot cannot be started: %s", strerror(errno));
    const pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot cannot be started: %s", strerror(errno));
    }
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("sh", "sh", render, drawing, output, run, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    do {
        char rest[512];
        const bool room = length + 1 < sizeof complaint;
        got = read(ends[0], room ? complaint + length : rest,
                   room ? sizeof complaint - 1 - length : sizeof rest);
        length += room && got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    complaint[length] = '\0';
    close(ends[0]);
    while (waitpid(child, &result, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(result) && WEXITSTATUS(result) == 0)
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EFAILED, "%s",
                       complaint[0] != '\0' ? last_line(complaint) : "gnuplot failed");
}

/* Whether a file can be made there. */
static enum ssldyn_status check_output(const char *output, struct ssldyn_error *err)
{
    char parent[1024];
    struct stat info;

    if (strlen(output) >= sizeof parent)
        return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.60s...: the name is too long", output);
    if (stat(output, &info) == 0 && S_ISDIR(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: is a directory; name a file", output);
    strcpy(parent, output);
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent ? 1 : 0] = '\0';
    else
        strcpy(parent, ".");
    if (access(parent, W_OK | X_OK) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: %.200s: %s", output, parent,
                           strerror(errno));
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_picture_draw(const char *run, const char *output,
                                       struct ssldyn_error *err)
{
    const char *script = NULL;
    char *render = NULL;
    char *drawing = NULL;
    enum ssldyn_status status = ssldyn_picture_script(run, &script, err);

    if (status == SSLDYN_OK && strcmp(output, "window") != 0)
        status = check_output(output, err);
    if (status == SSLDYN_OK)
        status = find_scripts(script, &render, &drawing, err);
    if (status == SSLDYN_OK)
        status = run_render(render, drawing, output, run, err);
    free(render);
    free(drawing);
    return status;
}
