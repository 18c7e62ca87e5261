/* ssldyn figure: draws a figure of the paper, including its runs. */
// SPDX-License-Identifier: MIT
#define _XOPEN_SOURCE 700 /* for realpath; NOLINT(bugprone-reserved-identifier): required name */
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/cli/jobs.h"
#include "sim/cli/page.h"
#include "sim/cli/picture.h"
#include "sim/cli/recipe.h"
#include "sim/io/file.h"
#include "sim/options/name.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directories in use; all owned. */
struct places {
    char *scripts, *experiments, *recipe;
    char *runs;       /* as the user named it */
    char *runs_there; /* its absolute path */
};

static void clear_places(struct places *places)
{
    free(places->scripts);
    free(places->experiments);
    free(places->recipe);
    free(places->runs);
    free(places->runs_there);
    *places = (struct places){0};
}

static bool is_name(const char *text)
{
    return text[0] != '\0' && strlen(text) < 60 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(text);
}

/* The experiments are in a directory next to the scripts, in the source tree and after
 * installation. */
static enum ssldyn_status find_experiments(struct places *places, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_gnuplot_scripts(&places->scripts, err);
    if (status != SSLDYN_OK)
        return status;
    char *upper = ssldyn_file_path_join(places->scripts, "..");
    places->experiments = upper ? ssldyn_file_path_join(upper, "experiments") : NULL;
    free(upper);
    return places->experiments ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

/* ---------------------------------------------------------------- available figures */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of all recipes, sorted; free each and the array. */
static char **list_names(const char *experiments, size_t *count)
{
    char *path = ssldyn_file_path_join(experiments, "figures");
    DIR *directory = path ? opendir(path) : NULL;
    const struct dirent *entry = NULL;
    char **names = NULL;

    *count = 0;
    while (directory && (entry = readdir(directory))) {
        char name[64];
        const size_t length = strlen(entry->d_name);
        if (length <= 5 || length > 60 || strcmp(entry->d_name + length - 5, ".conf") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - 5), entry->d_name);
        char **more = is_name(name) ? realloc(names, (*count + 1) * sizeof *names) : NULL;
        if (!more)
            continue;
        names = more;
        names[*count] = ssldyn_memory_copy(name);
        *count += names[*count] ? 1 : 0;
    }
    if (directory)
        closedir(directory);
    free(path);
    if (*count > 1)
        qsort(names, *count, sizeof *names, compare_names);
    return names;
}

static char *recipe_path(const char *experiments, const char *name)
{
    char file[80];
    snprintf(file, sizeof file, "figures/%.60s.conf", name);
    return ssldyn_file_path_join(experiments, file);
}

/* Prints one line per figure; offers its name to a mistyped one (NULL: none). */
static void list_figures(const char *experiments, struct ssldyn_name_slip *slip, FILE *stream)
{
    size_t count = 0;
    char **names = list_names(experiments, &count);

    for (size_t i = 0; i < count; i++) {
        struct ssldyn_recipe recipe = {0};
        char *path = recipe_path(experiments, names[i]);
        if (path && ssldyn_recipe_read(path, names[i], &recipe, NULL) == SSLDYN_OK)
            fprintf(stream, "  %-13s %s\n", names[i], recipe.title ? recipe.title : "");
        ssldyn_recipe_clear(&recipe);
        if (slip)
            ssldyn_name_offer(slip, names[i]);
        free(path);
        free(names[i]);
    }
    free(names);
}

static enum ssldyn_status refuse_name(const struct places *places, const char *typed,
                                      struct ssldyn_error *err)
{
    struct ssldyn_name_slip slip = {.typed = typed, .least = ssldyn_name_most_apart(typed)};
    fputs("figures:\n", stderr);
    list_figures(places->experiments, &slip, stderr);
    return ssldyn_fail(err, SSLDYN_EINPUT, "unknown figure \"%.60s\"%s", typed, slip.hint);
}

/* ---------------------------------------------------------------- drawing */

struct drawing {
    const struct ssldyn_recipe *recipe;
    const char *runs;
};

/* The program for gnuplot: the directory of the runs, and the values: ETA = '0 0.01 1'. */
static enum ssldyn_status write_program(FILE *program, const void *context,
                                        struct ssldyn_error *err)
{
    const struct drawing *drawing = context;

    for (const char *c = drawing->runs; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--runs: the path contains characters that gnuplot cannot handle");
    ssldyn_gnuplot_string(program, "DIR", drawing->runs);
    for (size_t i = 0; i < drawing->recipe->list_count; i++) {
        const struct ssldyn_recipe_list *list = &drawing->recipe->lists[i];
        for (const char *c = list->name; *c != '\0'; c++)
            fputc(toupper((unsigned char)*c), program);
        fputs(" = '", program);
        for (size_t k = 0; k < list->count; k++)
            fprintf(program, "%s%s", k > 0 ? " " : "", list->values[k]);
        fputs("'\n", program);
    }
    fprintf(program, "load '%s.gp'\n", drawing->recipe->name);
    return SSLDYN_OK;
}

/* Refuses files that ssldyn did not write, or of another version, before anything is drawn. */
static enum ssldyn_status check_table(const char *path, struct ssldyn_error *err)
{
    char line[80] = "";
    FILE *file = fopen(path, "r");
    const bool read = file && fgets(line, sizeof line, file);
    const size_t length = strlen(line);

    if (file)
        fclose(file);
    if (!file)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.300s: does not exist; run without --draw-only to make it", path);
    if (!read || strncmp(line, "# ssldyn ", 9) != 0 || length < 4 ||
        strcmp(line + length - 3, " 1\n") != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: does not begin with \"# ssldyn KIND 1\"",
                           path);
    return SSLDYN_OK;
}

static bool is_table(const char *name)
{
    const size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".tsv") == 0;
}

/* Checks the tables in a run's directory. */
static enum ssldyn_status check_tables(const char *path, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    const struct dirent *entry = NULL;
    DIR *directory = opendir(path);

    if (!directory)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.300s: does not exist; run without --draw-only to make it", path);
    while (status == SSLDYN_OK && (entry = readdir(directory))) {
        char *file = is_table(entry->d_name) ? ssldyn_file_path_join(path, entry->d_name) : NULL;
        if (file)
            status = check_table(file, err);
        free(file);
    }
    closedir(directory);
    return status;
}

static enum ssldyn_status check_runs(const struct ssldyn_recipe *recipe, const char *runs,
                                     struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    for (size_t i = 0; i < recipe->job_count && status == SSLDYN_OK; i++) {
        const char *target = recipe->jobs[i].table ? recipe->jobs[i].table : recipe->jobs[i].target;
        const char *dot = strrchr(target, '.');
        char *path = ssldyn_file_path_join(runs, target);
        if (!path)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        if (is_table(target))
            status = check_table(path, err);
        else if (!dot || strcmp(dot, ".txt") != 0)
            status = check_tables(path, err);
        free(path);
    }
    return status;
}

static enum ssldyn_status draw(const struct ssldyn_recipe *recipe, const char *runs,
                               const struct ssldyn_page *page, struct ssldyn_error *err)
{
    const struct drawing drawing = {recipe, runs};

    if (!recipe->plot)
        return ssldyn_page_draw(page, write_program, &drawing, err);
    char *run = ssldyn_file_path_join(runs, recipe->plot);
    if (!run)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const char *const one = run;
    const struct ssldyn_picture_request request = {
        .runs = &one, .run_count = 1, .command = "figure"};
    const enum ssldyn_status status = ssldyn_picture_draw(&request, page, err);
    free(run);
    return status;
}

/* ---------------------------------------------------------------- the command */

static enum ssldyn_status find_places(const struct ssldyn_spec *spec, struct places *places,
                                      struct ssldyn_error *err)
{
    char standard[80];
    const char *name = spec->given.operands[0];

    if (!is_name(name))
        return refuse_name(places, name, err);
    places->recipe = recipe_path(places->experiments, name);
    snprintf(standard, sizeof standard, "out/figure-%.60s", name);
    places->runs = ssldyn_memory_copy(spec->page.runs ? spec->page.runs : standard);
    if (!places->recipe || !places->runs)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(places->recipe, R_OK) != 0)
        return refuse_name(places, name, err);
    return SSLDYN_OK;
}

/* The user's data of the kind that the figure takes; runs that exist are drawn without. */
static const char *find_data(const struct ssldyn_page_options *options,
                             const struct ssldyn_recipe *recipe)
{
    const char *data = recipe->spectra ? options->spectra : options->images;
    return data || !options->draw_only ? data : "";
}

static enum ssldyn_status make_figure(const struct ssldyn_spec *spec, struct places *places,
                                      struct ssldyn_recipe *recipe, struct ssldyn_page *page,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_page_options *options = &spec->page;
    size_t ran = 0;
    enum ssldyn_status status = ssldyn_page_init(page, spec, spec->given.operands[0], err);

    if (status == SSLDYN_OK)
        status = ssldyn_recipe_read(places->recipe, spec->given.operands[0], recipe, err);
    if (status == SSLDYN_OK && options->values)
        status = ssldyn_recipe_change(recipe, options->values, err);
    if (status == SSLDYN_OK)
        status = ssldyn_recipe_expand(recipe, places->runs, places->experiments,
                                      find_data(options, recipe), err);
    if (status == SSLDYN_OK && !options->draw_only)
        status = ssldyn_jobs_run(recipe, places->runs, spec->threads, spec->quiet, spec->verbose,
                                 &ran, err);
    if (status == SSLDYN_OK)
        status = check_runs(recipe, places->runs, err);
    places->runs_there = status == SSLDYN_OK ? realpath(places->runs, NULL) : NULL;
    if (status == SSLDYN_OK && !places->runs_there)
        status = ssldyn_fail(err, SSLDYN_EIO, "%.300s: cannot be read", places->runs);
    return status == SSLDYN_OK ? draw(recipe, places->runs_there, page, err) : status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct places places = {0};
    struct ssldyn_recipe recipe = {0};
    struct ssldyn_page page = {0};
    enum ssldyn_status status = find_experiments(&places, err);

    if (status == SSLDYN_OK && spec->given.operand_count == 0) {
        list_figures(places.experiments, NULL, stdout);
    } else if (status == SSLDYN_OK && spec->given.operand_count > 1) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.60s and %.60s: one figure is drawn at a time",
                             spec->given.operands[0], spec->given.operands[1]);
    } else if (status == SSLDYN_OK) {
        status = find_places(spec, &places, err);
        if (status == SSLDYN_OK)
            status = make_figure(spec, &places, &recipe, &page, err);
        if (status == SSLDYN_OK)
            ssldyn_page_announce(&page);
    }
    ssldyn_recipe_clear(&recipe);
    ssldyn_page_clear(&page);
    clear_places(&places);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_figure = {
    .command = SSLDYN_COMMAND_FIGURE,
    .operands = "[NAME]",
    .summary = "reproduce a figure of the paper, including its runs",
    .description =
        "Draws a figure of the paper, or an additional one: it computes the runs that the figure "
        "needs, several at a time, and plots them. Without a name it lists the figures. The values "
        "of a figure are options: --eta 0.01,0.04 draws it for these weight decays; the error "
        "message for an unknown option lists the available ones. Existing runs with the same "
        "settings from the same program are reused, so drawing a figure again at another size is "
        "fast. The picture is NAME.png unless -o or --format says otherwise; its name is printed. "
        "The command needs gnuplot. The runs and their default values are defined in "
        "experiments/figures/NAME.conf.",
    .common = "|file|format|width|height|font-size|values|",
    .examples = "ssldyn figure\n"
                "ssldyn figure fig05 --eta 0.01,0.04 -o decay.pdf\n"
                "ssldyn figure fig03 --width 3.25in --font-size 8 -o fig03.tex\n",
    .needs_arguments = false,
    .run = run};
