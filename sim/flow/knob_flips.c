/* Flips of fates (knob_flips.h): the ensemble runs all modes and knobs over a geometric grid of
 * factors at once, then all brackets are bisected together. */
// SPDX-License-Identifier: MIT
#include "sim/flow/knob_flips.h"

#include "sim/base/memory.h"
#include "sim/flow/deep_point.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The grid: factors 2^(i/2), i = -REACH ... REACH. */
enum { REACH = 20, GRID = 2 * REACH + 1, HALVINGS = 24 };

/* A mode is followed until its fate is certified, at most this long. */
static const struct ssldyn_ensemble_options follow = {
    .t_end = 1e5, .rtol = 1e-9, .stop = true, .bounded = true, .refine_by = 1e-5};

/* Where a fate flips: log2 of the factors on both sides. */
struct bracket {
    size_t at; /* index of mode and knob in flips */
    double same, other;
    bool open;
};

struct search {
    const struct ssldyn_problem *deep;
    size_t turn_count;
    const struct ssldyn_knob_turn *turns;
    struct ssldyn_ensemble_point *points;
    struct ssldyn_ensemble_end *ends;
    struct bracket *brackets;
};

struct ssldyn_ensemble_point ssldyn_knob_turned(struct ssldyn_ensemble_point point,
                                                const struct ssldyn_knob_turn *turn, double factor)
{
    const double *power = turn->power;
    const double product = pow(factor, turn->product);
    point.eta_s *= pow(factor, power[SSLDYN_KNOB_ETA_S]);
    point.eta_p *= pow(factor, power[SSLDYN_KNOB_ETA_P]);
    point.alpha_p *= pow(factor, power[SSLDYN_KNOB_ALPHA_P]);
    point.beta *= pow(factor, power[SSLDYN_KNOB_BETA]);
    point.tau *= pow(factor, power[SSLDYN_KNOB_TAU]);
    if (power[SSLDYN_KNOB_NOISE] != 0.0) {
        const double noise = point.lambda_s - point.lambda_d;
        point.lambda_s = point.lambda_d + noise * pow(factor, power[SSLDYN_KNOB_NOISE]);
    }
    point.lambda_s *= pow(factor, power[SSLDYN_KNOB_LAMBDA_S]);
    point.lambda_d *= pow(factor, power[SSLDYN_KNOB_LAMBDA_D]);
    point.wp *= pow(factor, turn->weights);
    point.w *= product;
    point.wa *= product;
    return point;
}

/* The fate of one point of a deep encoder, for which there is no ensemble. */
static enum ssldyn_status find_fate(struct search *search, size_t at, struct ssldyn_error *err)
{
    enum { STEPS = 20000 };
    const struct ssldyn_mode_point mode =
        ssldyn_deep_point_network(search->deep, &search->points[at]);
    int fate = SSLDYN_FATE_UNDECIDED;
    const enum ssldyn_status status =
        ssldyn_deep_point_fate(&mode, follow.t_end, follow.rtol, STEPS, &fate, err);
    search->ends[at].fate = fate;
    return status;
}

/* The fates of the first points. */
static enum ssldyn_status find_fates(struct search *search, size_t count, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (!search->deep)
        return ssldyn_ensemble_run(&follow, count, search->points, search->ends, err);
    for (size_t i = 0; i < count && status == SSLDYN_OK; i++)
        status = find_fate(search, i, err);
    return status;
}

/* The fates over the grids of all modes and knobs; for a deep encoder outward from factor 1 to the
 * first flip, since far from it the equations may be very stiff. */
static enum ssldyn_status find_grids(struct search *search, size_t count, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (!search->deep)
        return find_fates(search, count * GRID, err);
    for (size_t i = 0; i < count && status == SSLDYN_OK; i++) {
        const size_t middle = i * GRID + REACH;
        bool flipped = false;
        for (size_t k = 0; k < GRID; k++)
            search->ends[i * GRID + k].fate = SSLDYN_FATE_UNDECIDED;
        status = find_fate(search, middle, err);
        const int32_t own = search->ends[middle].fate;
        for (size_t k = 1; k <= REACH && !flipped && ssldyn_fate_is_decided(own); k++)
            for (size_t side = 0; side < 2 && !flipped && status == SSLDYN_OK; side++) {
                const size_t at = side == 0 ? middle - k : middle + k;
                status = find_fate(search, at, err);
                flipped =
                    ssldyn_fate_is_decided(search->ends[at].fate) && search->ends[at].fate != own;
            }
    }
    return status;
}

/* The fates over the grid: *fate is that of factor 1, *bracket the nearest flip. */
static bool find_bracket(const struct ssldyn_ensemble_end ends[static GRID], enum ssldyn_fate *fate,
                         struct bracket *bracket)
{
    const int32_t own = ends[REACH].fate;
    *fate = (enum ssldyn_fate)own;
    if (!ssldyn_fate_is_decided(own))
        return false;
    int same[2] = {0, 0};
    for (int i = 1; i <= REACH; i++)
        for (int side = 0; side < 2; side++) {
            const int step = side == 0 ? -i : i;
            const int32_t there = ends[REACH + step].fate;
            if (there == own) {
                same[side] = step;
            } else if (ssldyn_fate_is_decided(there)) {
                bracket->same = 0.5 * same[side];
                bracket->other = 0.5 * step;
                return true;
            }
        }
    return false;
}

/* Bisects the open brackets once; a bracket whose middle is undecided keeps its width. */
static enum ssldyn_status halve(struct search *search, size_t count,
                                const struct ssldyn_ensemble_point points[],
                                const enum ssldyn_fate fates[], struct ssldyn_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct bracket *bracket = &search->brackets[i];
        search->points[i] = ssldyn_knob_turned(points[bracket->at / search->turn_count],
                                               &search->turns[bracket->at % search->turn_count],
                                               exp2(0.5 * (bracket->same + bracket->other)));
    }
    const enum ssldyn_status status = find_fates(search, count, err);
    for (size_t i = 0; i < count && status == SSLDYN_OK; i++) {
        struct bracket *bracket = &search->brackets[i];
        const double middle = 0.5 * (bracket->same + bracket->other);
        const int32_t there = search->ends[i].fate;
        if (!ssldyn_fate_is_decided(there))
            bracket->open = false;
        else if (bracket->open && there == (int32_t)fates[bracket->at / search->turn_count])
            bracket->same = middle;
        else if (bracket->open)
            bracket->other = middle;
    }
    return status;
}

static enum ssldyn_status search_all(struct search *search, size_t count,
                                     const struct ssldyn_ensemble_point points[],
                                     enum ssldyn_fate fates[], struct ssldyn_knob_flip flips[],
                                     struct ssldyn_error *err)
{
    const size_t turns = search->turn_count;
    const size_t all = count * turns;
    const double none = (double)NAN;
    for (size_t i = 0; i < all; i++)
        for (int k = 0; k < GRID; k++)
            search->points[i * GRID + (size_t)k] = ssldyn_knob_turned(
                points[i / turns], &search->turns[i % turns], exp2(0.5 * (k - REACH)));
    enum ssldyn_status status = find_grids(search, all, err);
    size_t brackets = 0;
    for (size_t i = 0; i < all && status == SSLDYN_OK; i++) {
        struct bracket *bracket = &search->brackets[brackets];
        *bracket = (struct bracket){.at = i, .open = true};
        flips[i] = (struct ssldyn_knob_flip){none, none, none};
        brackets += find_bracket(&search->ends[i * GRID], &fates[i / turns], bracket) ? 1 : 0;
    }
    for (int k = 0; k < HALVINGS && status == SSLDYN_OK; k++)
        status = halve(search, brackets, points, fates, err);
    for (size_t i = 0; i < brackets && status == SSLDYN_OK; i++) {
        const struct bracket *bracket = &search->brackets[i];
        /* a factor is reported only with at least three digits */
        const bool narrow = fabs(bracket->same - bracket->other) < 1e-3;
        flips[bracket->at] =
            (struct ssldyn_knob_flip){exp2(bracket->same), exp2(bracket->other),
                                      narrow ? exp2(0.5 * (bracket->same + bracket->other)) : none};
    }
    return status;
}

enum ssldyn_status ssldyn_knob_flips(const struct ssldyn_problem *deep, size_t count,
                                     const struct ssldyn_ensemble_point points[], size_t turn_count,
                                     const struct ssldyn_knob_turn turns[],
                                     enum ssldyn_fate fates[], struct ssldyn_knob_flip flips[],
                                     struct ssldyn_error *err)
{
    const size_t all = count * turn_count;
    struct search search = {
        .deep = deep,
        .turn_count = turn_count,
        .turns = turns,
        .points = ssldyn_memory_array(all, GRID * sizeof *search.points),
        .ends = ssldyn_memory_array(all, GRID * sizeof *search.ends),
        .brackets = ssldyn_memory_array(all + 1, sizeof *search.brackets),
    };
    enum ssldyn_status status = SSLDYN_OK;
    if (search.points == NULL || search.ends == NULL || search.brackets == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = search_all(&search, count, points, fates, flips, err);
    free(search.points);
    free(search.ends);
    free(search.brackets);
    return status;
}
