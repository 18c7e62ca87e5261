/* The runs of a figure: every step of its recipe with every combination of the values that it
 * names, as the arguments of a command. */
// SPDX-License-Identifier: MIT
#include "sim/cli/recipe.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/options/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LISTS = 8, MOST_WORDS = 64, MOST_JOBS = 20000 };

/* The current values of the names in a step. */
struct scope {
    struct ssldyn_recipe *recipe;
    const char *runs, *experiments, *data;
    size_t used[MOST_LISTS]; /* the lists from which the step takes single values */
    size_t used_count;
    size_t choice[MOST_LISTS];
    const char *where; /* of the step, for messages */
};

/* Passes ownership of a string to the recipe; NULL stays NULL. */
static char *own(struct ssldyn_recipe *recipe, char *text)
{
    char **owned = text ? realloc(recipe->owned, (recipe->owned_count + 1) * sizeof *owned) : NULL;
    if (!owned) {
        free(text);
        return NULL;
    }
    recipe->owned = owned;
    recipe->owned[recipe->owned_count++] = text;
    return text;
}

static size_t find_list(const struct ssldyn_recipe *recipe, const char *name, size_t length)
{
    size_t i = 0;
    while (i < recipe->list_count && (strlen(recipe->lists[i].name) != length ||
                                      strncmp(recipe->lists[i].name, name, length) != 0))
        i++;
    return i;
}

/* Substitutes {name} or {name...}. */
static enum ssldyn_status substitute(const struct scope *scope, const char *name, size_t length,
                                     FILE *stream, struct ssldyn_error *err)
{
    const struct ssldyn_recipe *recipe = scope->recipe;
    const bool all = length > 3 && strncmp(name + length - 3, "...", 3) == 0;
    const size_t list = find_list(recipe, name, all ? length - 3 : length);

    if (length == 4 && strncmp(name, "runs", 4) == 0) {
        fputs(scope->runs, stream);
    } else if (length == 4 && strncmp(name, "data", 4) == 0) {
        if (!scope->data)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%.40s: needs %s: %.300s", recipe->name,
                               recipe->spectra ? "--spectra-data DIR" : "--image-data FILE",
                               recipe->spectra ? recipe->spectra
                               : recipe->data  ? recipe->data
                                               : "its data");
        fputs(scope->data, stream);
    } else if (list == recipe->list_count) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: {%.*s} is not defined", scope->where,
                           (int)(length < 60 ? length : 60), name);
    } else if (all) {
        for (size_t i = 0; i < recipe->lists[list].count; i++)
            fprintf(stream, "%s%s", i > 0 ? "," : "", recipe->lists[list].values[i]);
    } else {
        for (size_t i = 0; i < scope->used_count; i++)
            if (scope->used[i] == list)
                fputs(recipe->lists[list].values[scope->choice[i]], stream);
    }
    return SSLDYN_OK;
}

/* A text with its braces substituted, owned by the recipe. */
static enum ssldyn_status fill(const struct scope *scope, const char *text, size_t length,
                               char **filled, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);

    *filled = NULL;
    for (size_t i = 0; stream && i < length && status == SSLDYN_OK; i++) {
        const char *close = text[i] == '{' ? memchr(text + i, '}', length - i) : NULL;
        if (!close) {
            fputc(text[i], stream);
            continue;
        }
        const size_t inside = (size_t)(close - text) - i - 1;
        status = substitute(scope, text + i + 1, inside, stream, err);
        i += inside + 1;
    }
    if (stream && fclose(stream) == 0)
        *filled = own(scope->recipe, bytes);
    if (status == SSLDYN_OK && !*filled)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return status;
}

/* Whether it is a relative file name of plain characters below the directory of runs. */
static bool is_target(const char *target)
{
    return target[0] != '\0' && target[0] != '/' && target[0] != '.' && !strstr(target, "..") &&
           strspn(target, "abcdefghijklmnopqrstuvwxyz0123456789_-+./") == strlen(target);
}

static bool has_ending(const char *text, const char *ending)
{
    const size_t length = strlen(text);
    return length > strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

/* Adds the options that go to every run whose command has them, unless the run sets them itself. */
static enum ssldyn_status add_extra(const struct scope *scope, struct ssldyn_recipe_job *job,
                                    struct ssldyn_error *err)
{
    const struct ssldyn_recipe *recipe = scope->recipe;
    const enum ssldyn_command command = ssldyn_command_find(job->words[0]);

    for (size_t i = 0; i + 1 < recipe->extra_count; i += 2) {
        char *word = NULL;
        size_t size = 0;
        const struct ssldyn_option *option = ssldyn_option_find(recipe->extra[i]);
        if (!option || (option->commands & (unsigned)command) == 0)
            continue;
        bool there = false;
        for (size_t k = 1; k < job->word_count; k++)
            there = there || (strncmp(job->words[k], "--", 2) == 0 &&
                              ssldyn_option_find(job->words[k] + 2) == option);
        if (there)
            continue;
        FILE *stream = open_memstream(&word, &size);
        if (stream)
            fprintf(stream, "--%s=%s", option->name, recipe->extra[i + 1]);
        if (!stream || fclose(stream) != 0 || job->word_count == MOST_WORDS ||
            !(job->words[job->word_count++] = own(scope->recipe, word)))
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    return SSLDYN_OK;
}

/* Splits the command line of a job into words. */
static enum ssldyn_status fill_words(const struct scope *scope, const char *text,
                                     struct ssldyn_recipe_job *job, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    job->words = ssldyn_memory_array(MOST_WORDS + 1, sizeof *job->words);
    if (!job->words)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (const char *at = text + strspn(text, " "); *at != '\0' && status == SSLDYN_OK;) {
        const size_t length = strcspn(at, " ");
        char *word = NULL;
        if (job->word_count == MOST_WORDS)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: has more than %d words", scope->where,
                               MOST_WORDS);
        status = fill(scope, at, length, &word, err);
        job->waits = job->waits || (length >= 6 && strncmp(at, "{runs}", 6) == 0);
        if (status == SSLDYN_OK && has_ending(word, ".conf") && !strchr(word, '/')) {
            word = own(scope->recipe, ssldyn_file_path_join(scope->experiments, word));
            if (!word)
                return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        }
        if (status == SSLDYN_OK)
            job->words[job->word_count++] = word;
        at += length + strspn(at + length, " ");
    }
    if (status == SSLDYN_OK && (job->word_count == 0 || ssldyn_command_find(job->words[0]) == 0))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown command of ssldyn", scope->where);
    return status == SSLDYN_OK ? add_extra(scope, job, err) : status;
}

/* One job of "TARGET: COMMAND ..." or "TABLE CELLS: COMMAND ...". */
static enum ssldyn_status add_job(const struct scope *scope, const char *value, bool row,
                                  struct ssldyn_error *err)
{
    struct ssldyn_recipe *recipe = scope->recipe;
    const char *colon = strstr(value, ": ");
    const size_t head = strcspn(value, " :");
    char name[32];

    if (!colon || (!row && value + head != colon))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be TARGET: COMMAND OPTIONS", scope->where);
    if (recipe->job_count == MOST_JOBS)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: more than %d runs", scope->where, MOST_JOBS);
    struct ssldyn_recipe_job *jobs = realloc(recipe->jobs, (recipe->job_count + 1) * sizeof *jobs);
    if (!jobs)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    recipe->jobs = jobs;
    struct ssldyn_recipe_job *job = &jobs[recipe->job_count++];
    *job = (struct ssldyn_recipe_job){0};
    char *first = NULL;
    char *cells = NULL;
    enum ssldyn_status status = fill(scope, value, head, &first, err);
    *(row ? &job->table : &job->target) = first;
    if (status == SSLDYN_OK && row) {
        snprintf(name, sizeof name, "-rows/%zu", recipe->job_count);
        char *target = ssldyn_memory_array(strlen(job->table) + sizeof name, 1);
        if (target)
            snprintf(target, strlen(job->table) + sizeof name, "%s%s", job->table, name);
        job->target = own(recipe, target);
        status = job->target
                     ? fill(scope, value + head, (size_t)(colon - value) - head, &cells, err)
                     : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    job->cells = cells;
    if (status == SSLDYN_OK && !is_target(row ? job->table : job->target))
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: %.60s is not a valid name of a result",
                             scope->where, row ? job->table : job->target);
    /* a file in the directory of a run is written after the run */
    job->waits = status == SSLDYN_OK && !row && strchr(job->target, '/') &&
                 (has_ending(job->target, ".txt") || has_ending(job->target, ".tsv"));
    return status == SSLDYN_OK ? fill_words(scope, colon + 2, job, err) : status;
}

/* Finds the lists from which a step takes single values: {name}. */
static void find_used(struct scope *scope, const char *value)
{
    scope->used_count = 0;
    for (const char *open = strchr(value, '{'); open; open = strchr(open + 1, '{')) {
        const size_t list = find_list(scope->recipe, open + 1, strcspn(open + 1, "}"));
        bool known = list == scope->recipe->list_count;
        for (size_t i = 0; i < scope->used_count; i++)
            known = known || scope->used[i] == list;
        if (!known && scope->used_count < MOST_LISTS)
            scope->used[scope->used_count++] = list;
    }
}

enum ssldyn_status ssldyn_recipe_expand(struct ssldyn_recipe *recipe, const char *runs,
                                        const char *experiments, const char *data,
                                        struct ssldyn_error *err)
{
    char where[80];
    struct scope scope = {
        .recipe = recipe, .runs = runs, .experiments = experiments, .data = data, .where = where};
    enum ssldyn_status status = SSLDYN_OK;

    recipe->images = data;
    for (size_t i = 0; i < recipe->conf.count && status == SSLDYN_OK; i++) {
        const struct ssldyn_conf_entry *entry = &recipe->conf.entries[i];
        const bool row = strcmp(entry->key, "row") == 0;
        if (!row && strcmp(entry->key, "run") != 0)
            continue;
        snprintf(where, sizeof where, "%.40s.conf:%d", recipe->name, entry->line);
        find_used(&scope, entry->value);
        memset(scope.choice, 0, sizeof scope.choice);
        bool more = true;
        while (more && status == SSLDYN_OK) { /* the last list varies fastest */
            status = add_job(&scope, entry->value, row, err);
            more = false;
            for (size_t k = scope.used_count; k > 0 && !more; k--) {
                more = ++scope.choice[k - 1] < recipe->lists[scope.used[k - 1]].count;
                if (!more)
                    scope.choice[k - 1] = 0;
            }
        }
    }
    return status;
}
