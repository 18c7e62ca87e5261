/* The settings in which several runs differ (run_set.h). */
// SPDX-License-Identifier: MIT
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/base/parse.h"
#include "sim/compare/run_set.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/io/work.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    size_t count;
    struct ssldyn_conf *confs; /* one per run */
};

/* Numbers are compared by value, not by spelling. */
static bool is_same(const char *a, const char *b)
{
    double one = 0.0;
    double other = 0.0;
    if (!a || !b || strcmp(a, b) == 0) {
        return a == b || (a && b);
    }
    return ssldyn_parse_double(a, &one) && ssldyn_parse_double(b, &other) && one == other;
}

/* Whether runs differ in a setting; everywhere: all of them have it. */
static bool differs(const struct settings *settings, const char *key, bool *everywhere)
{
    bool found = false;
    *everywhere = true;
    for (size_t i = 0; i < settings->count; i++) {
        const char *value = ssldyn_conf_value(&settings->confs[i], key);
        found = found || !is_same(value, ssldyn_conf_value(&settings->confs[0], key));
        *everywhere = *everywhere && value;
    }
    return found;
}

static bool is_one_decay(const struct settings *settings)
{
    bool one = true;
    for (size_t i = 0; i < settings->count; i++) {
        one = one && is_same(ssldyn_conf_value(&settings->confs[i], "eta_p"),
                             ssldyn_conf_value(&settings->confs[i], "eta_s"));
    }
    return one;
}

static enum ssldyn_status add_setting(struct ssldyn_run_set *set, const struct settings *settings,
                                      const char *key, const char *name, struct ssldyn_error *err)
{
    char **grown = realloc(set->settings, (set->varied + 1) * sizeof *grown);
    bool fine = grown != NULL;
    set->settings = grown ? grown : set->settings;
    char *copy = fine ? ssldyn_memory_copy(name) : NULL;
    size_t filled = 0; /* number of runs whose value is known */
    fine = copy != NULL;
    for (size_t i = 0; i < set->count && fine; i++) {
        const char *value = ssldyn_conf_value(&settings->confs[i], key);
        char **values = realloc(set->runs[i].values, (set->varied + 1) * sizeof *values);
        fine = values != NULL;
        set->runs[i].values = values ? values : set->runs[i].values;
        if (fine) {
            double number = 0.0;
            values[set->varied] = value && ssldyn_parse_double(value, &number)
                                      ? ssldyn_memory_copy(SSLDYN_DECIMAL(number))
                                      : ssldyn_memory_copy(value ? value : "");
            fine = values[set->varied] != NULL;
            filled += fine;
        }
    }
    if (!fine) {
        for (size_t i = 0; i < filled; i++) {
            free(set->runs[i].values[set->varied]);
        }
        free(copy);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    set->settings[set->varied++] = copy;
    return SSLDYN_OK;
}

static bool is_listed(const struct ssldyn_run_set *set, const char *name)
{
    for (size_t k = 0; k < set->varied; k++) {
        if (strcmp(set->settings[k], name) == 0) {
            return true;
        }
    }
    return strcmp(name, "version") == 0 || strcmp(name, "command") == 0;
}

static enum ssldyn_status find_varied(struct ssldyn_run_set *set, const struct settings *settings,
                                      struct ssldyn_error *err)
{
    bool everywhere = false;
    const bool commands = differs(settings, "command", &everywhere);
    const bool one_decay = is_one_decay(settings);
    enum ssldyn_status status =
        commands ? add_setting(set, settings, "command", "command", err) : SSLDYN_OK;
    for (size_t i = 0; i < settings->count; i++) {
        const struct ssldyn_conf *conf = &settings->confs[i];
        for (size_t k = 0; k < conf->count && status == SSLDYN_OK; k++) {
            const char *key = conf->entries[k].key;
            const bool decay = one_decay && strncmp(key, "eta_", 4) == 0;
            const char *name = decay ? "eta" : key;
            if (!is_listed(set, name) && differs(settings, key, &everywhere) &&
                (everywhere || !commands)) {
                status = add_setting(set, settings, key, name, err);
            }
        }
    }
    return status;
}

/* Compares two runs of a folder by the varied settings: numbers by value, before words. */
static int by_settings(const void *a, const void *b, size_t varied)
{
    const struct ssldyn_run *x = a;
    const struct ssldyn_run *y = b;
    for (size_t k = 0; k < varied; k++) {
        double one = 0.0;
        double other = 0.0;
        const bool numbers =
            ssldyn_parse_double(x->values[k], &one) && ssldyn_parse_double(y->values[k], &other);
        const int order = numbers ? (one > other) - (one < other) : 0;
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

/* Stable, so that equal runs keep the order of their names. */
static void sort_runs(struct ssldyn_run_set *set)
{
    for (size_t i = 1; i < set->count; i++) {
        const struct ssldyn_run run = set->runs[i];
        size_t to = i;
        while (to > 0 && by_settings(&set->runs[to - 1], &run, set->varied) > 0) {
            set->runs[to] = set->runs[to - 1];
            to--;
        }
        set->runs[to] = run;
    }
}

static void forget_varied(struct ssldyn_run_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; set->runs[i].values && k < set->varied; k++) {
            free(set->runs[i].values[k]);
        }
        free(set->runs[i].values);
        set->runs[i].values = NULL;
    }
    for (size_t k = 0; k < set->varied; k++) {
        free(set->settings[k]);
    }
    free(set->settings);
    set->settings = NULL;
    set->varied = 0;
}

/* Reads the run's spec.conf, or that of its first results while they are being written. A
 * missing file, or one that is not a spec, gives no settings. */
static enum ssldyn_status read_settings(const char *run, struct ssldyn_conf *conf,
                                        struct ssldyn_error *err)
{
    char *path = ssldyn_file_path_join(run, "spec.conf");
    char *work = NULL;
    if (path && access(path, F_OK) != 0 && ssldyn_work_find(run, &work, err) != SSLDYN_OK) {
        free(path);
        return SSLDYN_ENOMEM;
    }
    if (work) {
        free(path);
        path = ssldyn_file_path_join(work, "spec.conf");
        free(work);
    }
    const enum ssldyn_status status =
        path ? ssldyn_conf_read(path, conf, err) : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    free(path);
    if (status != SSLDYN_OK) {
        *conf = (struct ssldyn_conf){0};
    }
    return status == SSLDYN_ENOMEM ? status : SSLDYN_OK;
}

enum ssldyn_status ssldyn_run_set_vary(struct ssldyn_run_set *set, struct ssldyn_error *err)
{
    struct settings settings = {set->count,
                                ssldyn_memory_array(set->count, sizeof *settings.confs)};
    enum ssldyn_status status = SSLDYN_OK;
    forget_varied(set);
    if (!settings.confs) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    for (size_t i = 0; status == SSLDYN_OK && i < set->count; i++) {
        status = read_settings(set->runs[i].path, &settings.confs[i], err);
    }
    if (status == SSLDYN_OK) {
        status = find_varied(set, &settings, err);
    }
    for (size_t i = 0; i < set->count; i++) {
        ssldyn_conf_clear(&settings.confs[i]);
    }
    free(settings.confs);
    if (status == SSLDYN_OK && set->of_folder) {
        sort_runs(set);
    }
    return status;
}

bool ssldyn_run_set_are_distinct(const struct ssldyn_run_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        for (size_t j = i + 1; j < set->count; j++) {
            bool same = true;
            for (size_t k = 0; k < set->varied && same; k++) {
                same = strcmp(set->runs[i].values[k], set->runs[j].values[k]) == 0;
            }
            if (same) {
                return false;
            }
        }
    }
    return true;
}
