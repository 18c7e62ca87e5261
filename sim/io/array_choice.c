/* Choosing one of several arrays (array_choice.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/array_choice.h"

#include "sim/base/distance.h"

#include <stdio.h>
#include <string.h>

enum {
    LONGEST = 200,     /* compared part of a name: more is cut at its front */
    NEAREST = 3,       /* suggested names */
    SURVEYED = 4096,   /* arrays whose shape is read */
    SHOWN = 60,        /* characters of a name in a message */
    LONGEST_LIST = 330 /* characters of the lists in a message */
};

void ssldyn_array_choice_shape_text(const struct ssldyn_array *array, char text[], size_t size)
{
    size_t used = 0;
    snprintf(text, size, "a single number");
    for (size_t i = 0; i < array->dimensions && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i > 0 ? " x " : "",
                                 array->shape[i]);
}

bool ssldyn_array_choice_fits(const struct ssldyn_need *need, const struct ssldyn_array *array)
{
    const size_t dimensions = array->dimensions;
    if (dimensions < need->least || dimensions > need->most || dimensions == 0)
        return false;
    const size_t columns = array->shape[dimensions - 1];
    const size_t rows = need->least > 1 ? array->shape[dimensions - 2] : 0;
    return (need->columns == 0 || columns == need->columns) &&
           (need->least < 2 || need->rows == 0 || rows == need->rows) &&
           (!need->square || rows == columns);
}

/* ---------------------------------------------------------------- names */
/* A name without the wrappers that frameworks add, components joined by dots. */
static void simplify(const char *name, char text[LONGEST + 1])
{
    static const char *const anywhere[] = {"module", "_orig_mod"};
    static const char *const leading[] = {"state_dict", "model_state_dict", "model", "net"};
    const size_t whole = strlen(name);
    const char *at = whole > LONGEST ? name + (whole - LONGEST) : name;
    size_t used = 0;
    while (*at != '\0') {
        const size_t length = strcspn(at, "./");
        bool dropped = false;
        for (size_t i = 0; i < sizeof anywhere / sizeof anywhere[0]; i++)
            dropped =
                dropped || (length == strlen(anywhere[i]) && strncmp(at, anywhere[i], length) == 0);
        for (size_t i = 0; i < sizeof leading / sizeof leading[0] && used == 0; i++)
            dropped =
                dropped || (length == strlen(leading[i]) && strncmp(at, leading[i], length) == 0);
        if (!dropped || at[length] == '\0') { /* the last component is the name itself */
            if (used > 0)
                text[used++] = '.';
            memcpy(text + used, at, length);
            used += length;
        }
        at += length + (at[length] != '\0' ? 1 : 0);
    }
    text[used] = '\0';
}

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name);
    const size_t tail = strlen(end);
    return tail > 0 && length > tail && name[length - tail - 1] == '.' &&
           strcmp(name + (length - tail), end) == 0;
}

/* The distance of name from wanted: 0 equal, 1 equal up to prefixes, 2 wanted is its end, from 3 on
 * by edit distance. */
enum { SAME, PREFIXED, ENDING, DIFFERENT };
static size_t rank(const char *name, const char *wanted)
{
    char simple[LONGEST + 2];
    char sought[LONGEST + 2];
    if (strcmp(name, wanted) == 0)
        return SAME;
    simplify(name, simple);
    simplify(wanted, sought);
    if (strcmp(simple, sought) == 0)
        return PREFIXED;
    return ends_with(simple, sought) ? ENDING : DIFFERENT + ssldyn_distance(simple, sought);
}

/* ---------------------------------------------------------------- messages */
struct list {
    char text[LONGEST_LIST + 1];
    size_t used;
    size_t count;
};

/* Adds "name (3 x 4)" if it fits with at least `spare` characters left. */
static bool offer(struct list *list, const struct ssldyn_candidates *candidates, size_t i,
                  size_t spare)
{
    char item[SHOWN + 220];
    char shape[160];
    struct ssldyn_array array = {0};
    const char *name = candidates->names[i];
    const size_t length = strlen(name);
    int used = length <= SHOWN ? snprintf(item, sizeof item, "%s", name)
                               : snprintf(item, sizeof item, "%.20s...%s", name,
                                          name + (length - (SHOWN - 23)));
    if (candidates->shape != NULL && candidates->shape(candidates->context, i, &array)) {
        ssldyn_array_choice_shape_text(&array, shape, sizeof shape);
        used += snprintf(item + used, sizeof item - (size_t)used, " (%s)", shape);
    } else {
        used += snprintf(item + used, sizeof item - (size_t)used, " (no numbers that can be read)");
    }
    if (list->used + (size_t)used + 2 + spare > LONGEST_LIST)
        return false;
    list->used += (size_t)snprintf(list->text + list->used, sizeof list->text - list->used, "%s%s",
                                   list->count > 0 ? ", " : "", item);
    list->count++;
    return true;
}

static bool fits(const struct ssldyn_candidates *candidates, size_t i,
                 const struct ssldyn_need *need)
{
    struct ssldyn_array array = {0};
    return candidates->shape != NULL && i < SURVEYED &&
           candidates->shape(candidates->context, i, &array) &&
           ssldyn_array_choice_fits(need, &array);
}

static void say(struct list *list, const char *words)
{
    if (list->used + strlen(words) <= LONGEST_LIST)
        list->used +=
            (size_t)snprintf(list->text + list->used, sizeof list->text - list->used, "%s", words);
    list->count = 0;
}

/* Lists the arrays that fit, or all, except those in `shown`. */
static void offer_rest(struct list *list, const struct ssldyn_candidates *candidates,
                       const struct ssldyn_need *need, const size_t shown[], size_t shown_count)
{
    size_t left = 0;
    for (size_t pass = 0; pass < 2 && left == 0; pass++) {
        bool full = false;
        if (pass == 0 && need == NULL)
            continue;
        for (size_t i = 0; i < candidates->count; i++) {
            bool known = false;
            for (size_t k = 0; k < shown_count; k++)
                known = known || shown[k] == i;
            if (known || (pass == 0 && !fits(candidates, i, need)))
                continue;
            if (left++ == 0)
                say(list, shown_count == 0 ? ""
                          : pass == 0      ? "; others whose shape fits: "
                                           : "; it also contains ");
            full = full || !offer(list, candidates, i, 30);
        }
        if (full)
            say(list, ", ...");
    }
}

static enum ssldyn_status nothing_found(const struct ssldyn_candidates *candidates,
                                        const char *wanted, const struct ssldyn_need *need,
                                        struct ssldyn_error *err)
{
    struct list list = {.used = 0};
    size_t nearest[NEAREST + 1]; /* one more, which is dropped */
    size_t ranks[NEAREST + 1];
    size_t count = 0;
    for (size_t i = 0; i < candidates->count && wanted != NULL; i++) {
        const size_t distance = rank(candidates->names[i], wanted);
        size_t k = count;
        while (k > 0 && ranks[k - 1] > distance) {
            ranks[k] = ranks[k - 1];
            nearest[k] = nearest[k - 1];
            k--;
        }
        ranks[k] = distance;
        nearest[k] = i;
        count += count < NEAREST ? 1 : 0;
    }
    /* Names that differ as much as an unrelated one do not help, but at least one is always
     * shown. */
    while (count > 1 && ranks[count - 1] > ranks[0] + 3)
        count--;
    for (size_t k = 0; k < count; k++)
        (void)offer(&list, candidates, nearest[k], 0);
    const bool several = count > 1 && ranks[0] < DIFFERENT && ranks[1] == ranks[0];
    if (!several)
        offer_rest(&list, candidates, need, nearest, count);
    if (wanted == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: contains several arrays (%zu); choose one as FILE:NAME among %s",
                           candidates->path, candidates->count, list.text);
    if (several)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: several arrays match the name '%s'; give the full name: %s",
                           candidates->path, wanted, list.text);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: contains no array '%s'; the closest of %zu: %s",
                       candidates->path, wanted, candidates->count, list.text);
}

/* ---------------------------------------------------------------- the choice */
/* The only candidate at the best distance, which is at most `most`. */
static bool find(const struct ssldyn_candidates *candidates, const char *wanted, size_t most,
                 size_t *index)
{
    size_t best = most + 1;
    size_t count = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        const size_t distance = rank(candidates->names[i], wanted);
        if (distance > best || distance > most)
            continue;
        /* Of several with the same name the last counts, as in Python. */
        count = distance < best || distance == SAME ? 1 : count + 1;
        best = distance;
        *index = i;
    }
    return count == 1;
}

/* The only array with as many dimensions as needed: biases are not matrices. */
static bool find_by_dimensions(const struct ssldyn_candidates *candidates,
                               const struct ssldyn_need *need, size_t *index)
{
    const struct ssldyn_need loose = {.least = need->least, .most = need->most};
    size_t count = 0;
    if (candidates->count > SURVEYED)
        return false;
    for (size_t i = 0; i < candidates->count && count < 2; i++) {
        if (fits(candidates, i, &loose)) {
            *index = i;
            count++;
        }
    }
    return count == 1;
}

enum ssldyn_status ssldyn_array_choice(const struct ssldyn_candidates *candidates,
                                       const char *wanted, const struct ssldyn_need *need,
                                       size_t *index, struct ssldyn_error *err)
{
    *index = 0;
    if (candidates->count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: contains no array", candidates->path);
    if (need != NULL && need->list_arrays != NULL)
        return need->list_arrays(candidates, need->context, err);
    if (wanted != NULL && find(candidates, wanted, ENDING, index))
        return SSLDYN_OK;
    if (wanted == NULL &&
        (candidates->count == 1 ||
         (need != NULL && need->role != NULL && find(candidates, need->role, ENDING, index)) ||
         (need != NULL && find_by_dimensions(candidates, need, index))))
        return SSLDYN_OK;
    return nothing_found(candidates, wanted, need, err);
}
