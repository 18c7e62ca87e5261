/* Reads recipes of figures and changes their values; recipe_jobs.c makes the list of runs. */
// SPDX-License-Identifier: MIT
#include "sim/cli/recipe.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/options/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 1000 };

static void clear_list(struct ssldyn_recipe_list *list)
{
    for (size_t i = 0; list->values && i < list->count; i++)
        free(list->values[i]);
    free(list->values);
    *list = (struct ssldyn_recipe_list){.name = list->name};
}

void ssldyn_recipe_clear(struct ssldyn_recipe *recipe)
{
    for (size_t i = 0; i < recipe->list_count; i++)
        clear_list(&recipe->lists[i]);
    for (size_t i = 0; i < recipe->job_count; i++)
        free(recipe->jobs[i].words);
    for (size_t i = 0; i < recipe->owned_count; i++)
        free(recipe->owned[i]);
    free(recipe->lists);
    free(recipe->jobs);
    free(recipe->owned);
    free(recipe->extra);
    ssldyn_conf_clear(&recipe->conf);
    *recipe = (struct ssldyn_recipe){0};
}

/* A number as text in names and options. Numbers from a range are rounded: "log:0.03:8:241". */
static char *value_text(double value, bool round)
{
    char text[SSLDYN_DECIMAL_SIZE];
    if (!round)
        return ssldyn_memory_copy(ssldyn_decimal(value, text));
    snprintf(text, sizeof text, "%.5g", value);
    return ssldyn_memory_copy(text);
}

/* Sets the values of a list. where: the option, or "file:line: key". */
static enum ssldyn_status fill_list(struct ssldyn_recipe_list *list, const char *text,
                                    const char *where, struct ssldyn_error *err)
{
    struct ssldyn_list numbers = {0, NULL};
    const char *fault = NULL;

    if (!ssldyn_parse_list(text, &numbers, &fault))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: \"%.60s\" %s", where, text,
                           fault ? fault : "must be a list of numbers");
    clear_list(list);
    const bool range = strchr(text, ':') && strncmp(text, "list:", 5) != 0;
    enum ssldyn_status status = SSLDYN_OK;
    if (numbers.count < 1 || numbers.count > MOST_VALUES)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: takes 1 to %d values, not %zu", where,
                             MOST_VALUES, numbers.count);
    else
        list->values = ssldyn_memory_array(numbers.count, sizeof *list->values);
    for (size_t i = 0; status == SSLDYN_OK && list->values && i < numbers.count; i++) {
        list->values[i] = value_text(numbers.values[i], range);
        list->count = list->values[i] ? i + 1 : i;
        for (size_t k = 0; list->values[i] && k < i && status == SSLDYN_OK; k++)
            if (strcmp(list->values[k], list->values[i]) == 0)
                status = ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: %.40s is given twice", where,
                                     list->values[i]);
    }
    if (status == SSLDYN_OK && list->count != numbers.count)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    free(numbers.values);
    return status;
}

static bool is_word(const char *text)
{
    return text[0] != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

enum ssldyn_status ssldyn_recipe_read(const char *path, const char *name,
                                      struct ssldyn_recipe *recipe, struct ssldyn_error *err)
{
    char where[400];
    *recipe = (struct ssldyn_recipe){.name = name};
    enum ssldyn_status status = ssldyn_conf_read(path, &recipe->conf, err);
    if (status == SSLDYN_OK)
        recipe->lists = ssldyn_memory_array(recipe->conf.count + 1, sizeof *recipe->lists);
    if (status == SSLDYN_OK && !recipe->lists)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < recipe->conf.count && status == SSLDYN_OK; i++) {
        const struct ssldyn_conf_entry *entry = &recipe->conf.entries[i];
        const struct {
            const char *key;
            const char **value;
        } texts[] = {{"title", &recipe->title},
                     {"data", &recipe->data},
                     {"spectra", &recipe->spectra},
                     {"take", &recipe->take},
                     {"plot", &recipe->plot}};
        bool known = strcmp(entry->key, "run") == 0 || strcmp(entry->key, "row") == 0;
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            if (strcmp(entry->key, texts[k].key) == 0) {
                *texts[k].value = entry->value;
                known = true;
            }
        }
        if (known)
            continue;
        snprintf(where, sizeof where, "%.300s:%d: %.60s", path, entry->line, entry->key);
        if (!is_word(entry->key))
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a valid name of a value", where);
        recipe->lists[recipe->list_count].name = entry->key;
        if (status == SSLDYN_OK)
            status = fill_list(&recipe->lists[recipe->list_count++], entry->value, where, err);
    }
    if (status != SSLDYN_OK)
        ssldyn_recipe_clear(recipe);
    return status;
}

/* ---------------------------------------------------------------- values */

/* Whether a comma-separated list contains a word; - and _ are equivalent. */
static bool names(const char *list, const char *word)
{
    for (const char *at = list ? list : ""; *at != '\0';) {
        const size_t length = strcspn(at, ", ");
        size_t i = 0;
        while (i < length && word[i] != '\0' &&
               (word[i] == '-' ? '_' : word[i]) == (at[i] == '-' ? '_' : at[i]))
            i++;
        if (length > 0 && i == length && word[i] == '\0')
            return true;
        at += length + strspn(at + length, ", ");
    }
    return false;
}

/* "--eta, --beta" plus the options in take: the values of a figure that can be changed. */
static void list_names(const struct ssldyn_recipe *recipe, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < recipe->list_count; i++) {
        if (!ssldyn_option_find(recipe->lists[i].name))
            continue;
        const size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", recipe->lists[i].name);
    }
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used > 0 && recipe->take ? ", " : "",
             recipe->take ? recipe->take : "");
    for (char *c = text; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
}

static enum ssldyn_status change_one(struct ssldyn_recipe *recipe, char *name, char *value,
                                     struct ssldyn_error *err)
{
    char where[80];
    char known[400];

    snprintf(where, sizeof where, "--%.60s", name);
    for (size_t i = 0; i < recipe->list_count; i++)
        if (names(recipe->lists[i].name, name))
            return fill_list(&recipe->lists[i], value, where, err);
    if (!names(recipe->take, name)) {
        list_names(recipe, known, sizeof known);
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not an option of figure %.40s; %s%s", where,
                           recipe->name, known[0] ? "its options are " : "it has no options",
                           known);
    }
    recipe->extra[recipe->extra_count++] = name;
    recipe->extra[recipe->extra_count++] = value;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_recipe_change(struct ssldyn_recipe *recipe, const char *values,
                                        struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    char *copy = ssldyn_memory_copy(values);
    size_t most = 2;
    for (const char *c = values; *c != '\0'; c++)
        most += *c == ';' ? 2 : 0;
    recipe->extra = ssldyn_memory_array(most, sizeof *recipe->extra);
    char **owned = realloc(recipe->owned, (recipe->owned_count + 1) * sizeof *owned);
    if (owned)
        recipe->owned = owned;
    if (!copy || !owned || !recipe->extra) {
        free(copy);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    recipe->owned[recipe->owned_count++] = copy;
    char *rest = NULL;
    for (char *entry = strtok_r(copy, ";", &rest); entry && status == SSLDYN_OK;
         entry = strtok_r(NULL, ";", &rest)) {
        char *equal = strchr(entry, '=');
        if (!equal)
            return ssldyn_fail(err, SSLDYN_EINPUT, "--values %.60s: must be NAME=VALUES;...",
                               values);
        *equal = '\0';
        status = change_one(recipe, entry, equal + 1, err);
    }
    return status;
}
