/* Thresholds of the fate. A bracket is cut into many parts at once, because the ensemble is
 * fastest on many points; values whose fate is undecided (the ghost of the fold) are skipped. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"

#include "sim/base/memory.h"
#include "sim/flow/deep_point.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { PARTS = 32, CHUNK = 4096, DEEPEST = 14 };

/* Longer than any ghost lasts, except at the fold itself; a decided trajectory stops at once. */
static const double patience = 1e7;
static const double relative_width = 1e-12;
/* A bracket wider than this, relative to its values, gives no threshold. Near 0, where relative
 * widths mean little, the width is relative to the scanned range. */
static const double widest = 1e-6;
static const double widest_of_range = 1e-9;

/* The search for flips of one option. */
struct search {
    struct ssldyn_mode_point base;
    int slot;
    double range; /* hi - lo */
    struct ssldyn_thresholds *found;
    struct ssldyn_ensemble_point *points; /* CHUNK of each; workspace */
    struct ssldyn_ensemble_end *ends;
};

const char *ssldyn_basin_mechanism_text(enum ssldyn_basin_mechanism mechanism)
{
    static const char *const texts[] = {"fold", "basin edge", "EMA lag", "undecided"};
    return texts[mechanism];
}

/* The same for a deep encoder, one value after the other. */
static enum ssldyn_status fates_of_deep(const struct search *search,
                                        const struct ssldyn_ensemble_options *options, size_t count,
                                        const double values[], int fates[],
                                        struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
        struct ssldyn_mode_point mode = search->base;
        ssldyn_mode_point_set(&mode, search->slot, values[i]);
        status = ssldyn_deep_point_fate(&mode, options->t_end, options->rtol, options->max_steps,
                                        &fates[i], err);
    }
    return status;
}

/* Certified fates at count values (at most CHUNK). */
static enum ssldyn_status fates_at(const struct search *search, size_t count, const double values[],
                                   int fates[], struct ssldyn_error *err)
{
    const struct ssldyn_ensemble_options options = {
        .t_end = patience, .rtol = 1e-14, .stop = true, .max_steps = 20000};
    if (search->base.deep) {
        return fates_of_deep(search, &options, count, values, fates, err);
    }
    for (size_t i = 0; i < count; i++) {
        struct ssldyn_mode_point mode = search->base;
        ssldyn_mode_point_set(&mode, search->slot, values[i]);
        search->points[i] = ssldyn_mode_point_start(&mode);
    }
    const enum ssldyn_status status =
        ssldyn_ensemble_run(&options, count, search->points, search->ends, err);
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
        fates[i] = search->ends[i].fate;
    }
    return status;
}

static enum ssldyn_status fold_attracts(const struct ssldyn_mode_point *mode, bool *attracts,
                                        struct ssldyn_error *err)
{
    if (mode->deep) {
        return ssldyn_deep_point_fold_attracts(mode, attracts, err);
    }
    const struct ssldyn_ensemble_point start = ssldyn_mode_point_start(mode);
    return ssldyn_basin_fold_attracts(&start, attracts, err);
}

/* If the fold lies in the bracket and the start survives up to it, the fold is the threshold:
 * beyond it every start collapses. */
static enum ssldyn_status try_fold(const struct search *search, struct ssldyn_threshold *threshold,
                                   struct ssldyn_error *err)
{
    const double fold = ssldyn_mode_point_on_fold(&search->base, search->slot);
    const double rounding = 4.0 * DBL_EPSILON * fold;
    bool attracts = false;
    if (!(fold >= threshold->low - rounding && fold <= threshold->high + rounding)) {
        return SSLDYN_OK;
    }
    struct ssldyn_mode_point there = search->base;
    ssldyn_mode_point_set(&there, search->slot, fold);
    const enum ssldyn_status status = fold_attracts(&there, &attracts, err);
    if (status == SSLDYN_OK && attracts) {
        threshold->mechanism = SSLDYN_BASIN_FOLD;
        threshold->value = fold;
        threshold->width = rounding;
    }
    return status;
}

/* For a threshold off the fold: whether a target that follows instantly (tau = 1) would save the
 * side that collapses. The option itself may belong to the target. */
static enum ssldyn_status ask_instant_target(const struct search *search,
                                             struct ssldyn_threshold *threshold,
                                             struct ssldyn_error *err)
{
    struct search other = *search;
    int fate = SSLDYN_FATE_UNDECIDED;
    threshold->mechanism = SSLDYN_BASIN_EDGE;
    if (!isnan(search->base.tau)) {
        return SSLDYN_OK;
    }
    ssldyn_mode_point_set(&other.base, search->slot,
                          threshold->below == SSLDYN_FATE_COLLAPSED ? threshold->low
                                                                    : threshold->high);
    const double value = ssldyn_mode_point_value(&other.base, search->slot);
    other.base.tau = 1.0;
    const enum ssldyn_status status = fates_at(&other, 1, &value, &fate, err);
    if (status == SSLDYN_OK && fate == SSLDYN_FATE_SURVIVES) {
        threshold->mechanism = SSLDYN_BASIN_LAG;
    }
    return status;
}

/* The value of a final bracket, and the mechanism at it. */
static enum ssldyn_status conclude(const struct search *search, struct ssldyn_threshold *threshold,
                                   struct ssldyn_error *err)
{
    const double size = fmax(fabs(threshold->low), fabs(threshold->high));
    threshold->mechanism = SSLDYN_BASIN_UNDECIDED;
    threshold->value = (double)NAN;
    threshold->width = threshold->high - threshold->low;
    const enum ssldyn_status status = try_fold(search, threshold, err);
    if (status != SSLDYN_OK || threshold->mechanism == SSLDYN_BASIN_FOLD ||
        threshold->width > fmax(widest * size, widest_of_range * search->range)) {
        return status;
    }
    threshold->value = threshold->low + 0.5 * threshold->width;
    return ask_instant_target(search, threshold, err);
}

static enum ssldyn_status add(const struct search *search, const struct ssldyn_threshold *bracket,
                              struct ssldyn_error *err)
{
    struct ssldyn_thresholds *found = search->found;
    if (found->count == found->capacity) {
        const size_t capacity = 2 * found->capacity + 16;
        struct ssldyn_threshold *list = realloc(found->list, capacity * sizeof *list);
        if (!list) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu thresholds", capacity);
        }
        found->list = list;
        found->capacity = capacity;
    }
    found->list[found->count] = *bracket;
    return conclude(search, &found->list[found->count++], err);
}

/* A range with different fates at its ends. */
struct bracket {
    double lo, hi;
    int below, above;
    int depth;
};

/* Brackets still to be refined, the lowest on top. */
struct brackets {
    size_t count;
    struct bracket list[DEEPEST * (PARTS + 1) + 1];
};

/* Cuts a bracket into parts and pushes those whose ends differ onto the stack, the highest
 * first. Undecided values are skipped; if all of them are undecided, the bracket is final. */
static enum ssldyn_status cut(const struct search *search, const struct bracket *bracket,
                              struct brackets *stack, bool *final, struct ssldyn_error *err)
{
    const double width = bracket->hi - bracket->lo;
    double values[PARTS];
    int fates[PARTS];
    for (int i = 0; i < PARTS; i++) {
        values[i] = bracket->lo + width * ((i + 1.0) / ((double)PARTS + 1.0));
    }
    const enum ssldyn_status status = fates_at(search, PARTS, values, fates, err);
    double last = bracket->hi;
    int fate = bracket->above;
    *final = false;
    for (int i = PARTS - 1; status == SSLDYN_OK && i >= -1; i--) {
        const double next = i >= 0 ? values[i] : bracket->lo;
        const int there = i >= 0 ? fates[i] : bracket->below;
        if (!ssldyn_fate_is_decided(there)) {
            continue;
        }
        if (there != fate && last - next > 0.75 * width) {
            *final = true;
            return SSLDYN_OK;
        }
        if (there != fate) {
            stack->list[stack->count++] =
                (struct bracket){next, last, there, fate, bracket->depth + 1};
        }
        last = next;
        fate = there;
    }
    return status;
}

/* Narrows a bracket. If it holds several flips, all of them are found, in ascending order. */
static enum ssldyn_status narrow(const struct search *search, double lo, int below, double hi,
                                 int above, struct ssldyn_error *err)
{
    struct brackets stack = {.count = 1, .list = {{lo, hi, below, above, 0}}};
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && stack.count > 0) {
        const struct bracket top = stack.list[--stack.count];
        const double size = fmax(fabs(top.lo), fabs(top.hi));
        bool final = top.hi - top.lo <= relative_width * size || top.depth == DEEPEST;
        if (!final) {
            status = cut(search, &top, &stack, &final, err);
        }
        if (status == SSLDYN_OK && final) {
            const struct ssldyn_threshold bracket = {
                .low = top.lo, .high = top.hi, .below = top.below, .above = top.above};
            status = add(search, &bracket, err);
        }
    }
    return status;
}

/* One chunk of the scan; *last and *fate are the last decided value before it and its fate. */
static enum ssldyn_status scan_chunk(const struct search *search, size_t count,
                                     const double values[], int fates[], double *last, int *fate,
                                     struct ssldyn_error *err)
{
    enum ssldyn_status status = fates_at(search, count, values, fates, err);
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
        if (!ssldyn_fate_is_decided(fates[i])) {
            struct ssldyn_thresholds *found = search->found;
            found->undecided_low = found->undecided++ == 0 ? values[i] : found->undecided_low;
            found->undecided_high = values[i];
            continue;
        }
        if (ssldyn_fate_is_decided(*fate) && fates[i] != *fate) {
            status = narrow(search, *last, *fate, values[i], fates[i], err);
        } else if (!ssldyn_fate_is_decided(*fate)) {
            search->found->first = fates[i];
        }
        *last = values[i];
        *fate = fates[i];
        search->found->last = fates[i];
    }
    return status;
}

enum ssldyn_status ssldyn_basin_thresholds(const struct ssldyn_mode_point *base, int slot,
                                           double lo, double hi, size_t scan,
                                           struct ssldyn_thresholds *thresholds,
                                           struct ssldyn_error *err)
{
    *thresholds =
        (struct ssldyn_thresholds){.first = SSLDYN_FATE_UNDECIDED, .last = SSLDYN_FATE_UNDECIDED};
    if (!(lo < hi) || !isfinite(hi - lo) || scan < 2) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--lo %g, --hi %g: --hi must be above --lo", lo, hi);
    }
    const struct search search = {*base,
                                  slot,
                                  hi - lo,
                                  thresholds,
                                  ssldyn_memory_array(CHUNK, sizeof *search.points),
                                  ssldyn_memory_array(CHUNK, sizeof *search.ends)};
    double *values = ssldyn_memory_array(CHUNK, sizeof *values);
    int *fates = ssldyn_memory_array(CHUNK, sizeof *fates);
    enum ssldyn_status status = search.points && search.ends && values && fates
                                    ? SSLDYN_OK
                                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the scan");
    double last = lo;
    int fate = SSLDYN_FATE_UNDECIDED;
    for (size_t begin = 0; status == SSLDYN_OK && begin < scan; begin += CHUNK) {
        const size_t count = scan - begin < CHUNK ? scan - begin : CHUNK;
        for (size_t i = 0; i < count; i++) {
            const double share = (double)(begin + i) / (double)(scan - 1);
            values[i] = begin + i + 1 == scan ? hi : lo + share * (hi - lo);
        }
        status = scan_chunk(&search, count, values, fates, &last, &fate, err);
    }
    free(search.points);
    free(search.ends);
    free(values);
    free(fates);
    return status;
}

void ssldyn_basin_thresholds_clear(struct ssldyn_thresholds *thresholds)
{
    free(thresholds->list);
    *thresholds = (struct ssldyn_thresholds){0};
}
