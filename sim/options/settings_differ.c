/* How the settings of a run differ from those in a directory's spec.conf. */
// SPDX-License-Identifier: MIT
#include "sim/options/settings_differ.h"

#include "sim/io/conf.h"
#include "sim/io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 3, VALUE = 24 };

struct difference {
    char *text;
    size_t size;
    size_t used;
    size_t count;
};

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A value that is short enough to be shown. */
static const char *shown(const char *value, char text[VALUE + 1])
{
    const size_t length = value ? strlen(value) : 0;
    snprintf(text, VALUE + 1, "%.*s%s", length > VALUE ? VALUE - 3 : VALUE, value ? value : "unset",
             length > VALUE ? "..." : "");
    return text;
}

static void add(struct difference *difference, const char *key, const char *old, const char *new)
{
    char before[VALUE + 1];
    char after[VALUE + 1];
    if (++difference->count > SHOWN) {
        return;
    }
    const size_t left = difference->size - difference->used;
    const int got =
        snprintf(difference->text + difference->used, left, "%s%.40s %s -> %s",
                 difference->count > 1 ? ", " : "", key, shown(old, before), shown(new, after));
    difference->used += got > 0 && (size_t)got < left ? (size_t)got : left - 1;
}

static bool is_setting(const char *key)
{
    return strcmp(key, "version") != 0 && strcmp(key, "command") != 0 &&
           strcmp(key, "point") != 0; /* one point of the same sweep */
}

/* The two decays are one option where they agree. */
static bool is_second_decay(const struct ssldyn_conf *old, const struct ssldyn_conf *new,
                            const char *key)
{
    return strcmp(key, "eta_s") == 0 &&
           same(ssldyn_conf_value(old, "eta_p"), ssldyn_conf_value(old, "eta_s")) &&
           same(ssldyn_conf_value(new, "eta_p"), ssldyn_conf_value(new, "eta_s"));
}

/* The end of an sgd run whose steps are given follows from them; a sweep says it as it was given. */
static bool follows(const struct ssldyn_conf *conf, const char *key)
{
    const char *steps = ssldyn_conf_value(conf, "steps");
    return strcmp(key, "t_end") == 0 && steps && strcmp(steps, "0") != 0 &&
           same(ssldyn_conf_value(conf, "command"), "sgd");
}

static void compare(const struct ssldyn_conf *old, const struct ssldyn_conf *new,
                    struct difference *difference)
{
    const bool one_decay = is_second_decay(old, new, "eta_s");
    for (size_t i = 0; i < new->count; i++) {
        const char *key = new->entries[i].key;
        const char *before = ssldyn_conf_value(old, key);
        if (is_setting(key) && !same(before, new->entries[i].value) &&
            !is_second_decay(old, new, key) && !follows(new, key)) {
            add(difference, one_decay && strcmp(key, "eta_p") == 0 ? "eta" : key, before,
                new->entries[i].value);
        }
    }
    for (size_t i = 0; i < old->count; i++) {
        const char *key = old->entries[i].key;
        if (is_setting(key) && !ssldyn_conf_value(new, key)) {
            add(difference, key, old->entries[i].value, NULL);
        }
    }
}

/* What a command was given to measure, of which conf knows nothing. */
static void compare_operands(const char *path, char *text, struct difference *difference)
{
    char before[SSLDYN_SPEC_OPERAND];
    char after[SSLDYN_SPEC_OPERAND];
    FILE *old = fopen(path, "r");
    FILE *new = fmemopen(text, strlen(text), "r");
    while (old && new) {
        const bool was = ssldyn_spec_next_operand(old, before);
        const bool is = ssldyn_spec_next_operand(new, after);
        if (!was && !is) {
            break;
        }
        if (was != is || strcmp(before, after) != 0) {
            add(difference, "of", was ? before : NULL, is ? after : NULL);
        }
    }
    if (old) {
        fclose(old);
    }
    if (new) {
        fclose(new);
    }
}

/* What spec.conf would say; NULL where memory is out. */
static char *print_new(const struct ssldyn_spec *spec)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        return NULL;
    }
    ssldyn_spec_print(spec, stream);
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

bool ssldyn_settings_differ(const struct ssldyn_spec *spec, const char *directory, char text[],
                            size_t size)
{
    struct ssldyn_error ignored;
    struct ssldyn_conf old = {0};
    struct ssldyn_conf new = {0};
    struct difference difference = {.text = text, .size = size};
    text[0] = '\0';
    char *path = ssldyn_file_path_join(directory, "spec.conf");
    char *printed = path && access(path, F_OK) == 0 ? print_new(spec) : NULL;
    if (printed && ssldyn_conf_read(path, &old, &ignored) == SSLDYN_OK) {
        compare_operands(path, printed, &difference);
        if (ssldyn_conf_parse(printed, "settings", &new, &ignored) == SSLDYN_OK) {
            compare(&old, &new, &difference);
        }
    } else {
        free(printed);
    }
    if (difference.count > SHOWN) {
        (void)snprintf(text + difference.used, size - difference.used, " and %zu more",
                       difference.count - SHOWN);
    }
    ssldyn_conf_clear(&old);
    ssldyn_conf_clear(&new);
    free(path);
    return difference.count > 0;
}
