/* Reductions of the rows of a run (reduction.h). */
// SPDX-License-Identifier: MIT
#include "sim/run/reduction.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/base/parse.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prefix and suffix of the column in the name of a reduction, and in words; the last four are
 * followed by a level. The first form that matches a name applies. */
static const struct {
    const char *before, *after;
    const char *words_before, *words_after;
} forms[] = {
    [SSLDYN_REDUCTION_END] = {"", "_end", "", " in the last row"},
    [SSLDYN_REDUCTION_MINIMUM] = {"", "_min", "smallest ", " of all rows"},
    [SSLDYN_REDUCTION_MAXIMUM] = {"", "_max", "largest ", " of all rows"},
    [SSLDYN_REDUCTION_STAYS_ABOVE] = {"t_", "_stays_above_", "time from which ", " stays above "},
    [SSLDYN_REDUCTION_STAYS_BELOW] = {"t_", "_stays_below_", "time from which ", " stays below "},
    [SSLDYN_REDUCTION_ABOVE] = {"t_", "_above_", "first time at which ", " is above "},
    [SSLDYN_REDUCTION_BELOW] = {"t_", "_below_", "first time at which ", " is below "},
};
enum { FORMS = sizeof forms / sizeof forms[0] };

/* The last occurrence of part in text. */
static const char *find_last(const char *text, const char *part)
{
    const char *found = NULL;
    for (const char *next = strstr(text, part); next; next = strstr(next + 1, part)) {
        found = next;
    }
    return found;
}

static bool has_level(enum ssldyn_reduction_kind kind)
{
    return kind >= SSLDYN_REDUCTION_STAYS_ABOVE;
}

static bool fits(struct ssldyn_reduction *reduction, enum ssldyn_reduction_kind kind)
{
    const size_t skip = strlen(forms[kind].before);
    const char *after = find_last(reduction->name, forms[kind].after);
    if (strncmp(reduction->name, forms[kind].before, skip) != 0 || !after ||
        after <= reduction->name + skip) {
        return false;
    }
    const char *level = after + strlen(forms[kind].after);
    if (has_level(kind) ? level[strspn(level, "0123456789.eE+-")] != '\0' ||
                              !ssldyn_parse_double(level, &reduction->level)
                        : *level != '\0') {
        return false;
    }
    snprintf(reduction->column, sizeof reduction->column, "%.*s",
             (int)(after - reduction->name - (ptrdiff_t)skip), reduction->name + skip);
    reduction->kind = kind;
    return true;
}

bool ssldyn_reduction_parse(const char *text, size_t length, struct ssldyn_reduction *reduction)
{
    *reduction = (struct ssldyn_reduction){0};
    if (length >= sizeof reduction->name) {
        return false;
    }
    memcpy(reduction->name, text, length);
    for (int kind = 0; kind < FORMS; kind++) {
        if (fits(reduction, (enum ssldyn_reduction_kind)kind)) {
            return true;
        }
    }
    return false;
}

void ssldyn_reduction_describe(const struct ssldyn_reduction *reduction, FILE *stream)
{
    fprintf(stream, "%s%s%s", forms[reduction->kind].words_before, reduction->column,
            forms[reduction->kind].words_after);
    if (has_level(reduction->kind)) {
        ssldyn_decimal_write(reduction->level, stream);
    }
}

/* The state of one reduction after the rows so far. */
struct ssldyn_reducer_state {
    size_t column_index; /* index of its column in a row; SIZE_MAX: none */
    double before;       /* the column in the previous row */
};

static enum ssldyn_status open_reducer(struct ssldyn_sink *sink,
                                       const struct ssldyn_sink_shape *shape,
                                       struct ssldyn_error *err)
{
    struct ssldyn_reducer *reducer = (struct ssldyn_reducer *)sink;
    (void)err;
    reducer->time = ssldyn_layout_find(shape->layout, shape->modes, "t");
    for (size_t i = 0; i < reducer->count; i++) {
        reducer->values[i] = (double)NAN;
        reducer->states[i] = (struct ssldyn_reducer_state){
            ssldyn_layout_find(shape->layout, shape->modes, reducer->reductions[i].column),
            (double)NAN};
    }
    return SSLDYN_OK;
}

static bool is_beyond(const struct ssldyn_reduction *reduction, double value)
{
    const bool above = reduction->kind == SSLDYN_REDUCTION_ABOVE ||
                       reduction->kind == SSLDYN_REDUCTION_STAYS_ABOVE;
    return above ? value > reduction->level : value < reduction->level;
}

/* The time at which a column crosses the level between two rows. */
static double passage(double level, double t_before, double before, double t, double value)
{
    const double share = (level - before) / (value - before);
    return isfinite(share) ? t_before + share * (t - t_before) : t;
}

static double reduce(const struct ssldyn_reduction *reduction, double so_far, double t_before,
                     double before, double t, double value)
{
    const bool stays = reduction->kind == SSLDYN_REDUCTION_STAYS_ABOVE ||
                       reduction->kind == SSLDYN_REDUCTION_STAYS_BELOW;
    if (reduction->kind == SSLDYN_REDUCTION_END) {
        return value;
    }
    if (reduction->kind == SSLDYN_REDUCTION_MINIMUM) {
        return fmin(so_far, value);
    }
    if (reduction->kind == SSLDYN_REDUCTION_MAXIMUM) {
        return fmax(so_far, value);
    }
    if (!is_beyond(reduction, value)) {
        return stays ? (double)NAN : so_far;
    }
    return isnan(so_far) ? passage(reduction->level, t_before, before, t, value) : so_far;
}

static enum ssldyn_status take_row(struct ssldyn_sink *sink, const double row[],
                                   struct ssldyn_error *err)
{
    struct ssldyn_reducer *reducer = (struct ssldyn_reducer *)sink;
    const double t = row[reducer->time];
    (void)err;
    for (size_t i = 0; i < reducer->count; i++) {
        struct ssldyn_reducer_state *state = &reducer->states[i];
        if (state->column_index != SIZE_MAX) {
            const double value = row[state->column_index];
            reducer->values[i] = reduce(&reducer->reductions[i], reducer->values[i],
                                        reducer->t_before, state->before, t, value);
            state->before = value;
        }
    }
    reducer->t_before = t;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_reduction_sink_create(size_t count,
                                                const struct ssldyn_reduction reductions[],
                                                struct ssldyn_reducer *reducer,
                                                struct ssldyn_error *err)
{
    static const struct ssldyn_sink_kind kind = {.open = open_reducer, .row = take_row};
    *reducer =
        (struct ssldyn_reducer){.sink = {.kind = &kind}, .count = count, .reductions = reductions};
    reducer->states = ssldyn_memory_array(count, sizeof *reducer->states);
    reducer->values = ssldyn_memory_array(count, sizeof *reducer->values);
    return reducer->states && reducer->values
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu columns", count);
}

void ssldyn_reduction_sink_clear(struct ssldyn_reducer *reducer)
{
    free(reducer->states);
    free(reducer->values);
}
