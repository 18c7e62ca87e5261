/* The results of a comparison: its values, and the verdict. */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare.h"

#include <math.h>
#include <stdio.h>

static void put_gap(const struct ssldyn_gap *gap, struct ssldyn_result *result)
{
    const struct {
        const char *name;
        double value;
        bool said;
    } lines[] = {{"largest", gap->largest, true},
                 {"at", gap->at, true},
                 {"relative", gap->relative, true},
                 {"mean", gap->mean, true},
                 {"interpolation", gap->interpolation, gap->interpolation > 0.0},
                 {"counted", gap->counted, gap->counted < 1.0},
                 {"z_largest", gap->z_largest, gap->has_band},
                 {"z_rms", gap->z_rms, gap->has_band},
                 {"inside", gap->inside, gap->has_band}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s%s.%s", gap->length > 1 ? "modes_" : "", gap->name,
                       lines[i].name);
        if (lines[i].said) {
            ssldyn_result_put(result, name, lines[i].value);
        }
    }
}

void ssldyn_compare_put(const struct ssldyn_comparison *comparison, struct ssldyn_result *result)
{
    ssldyn_result_put(result, "t_from", comparison->t_from);
    ssldyn_result_put(result, "t_to", comparison->t_to);
    ssldyn_result_put_count(result, "rows", (int64_t)comparison->rows);
    if (comparison->members > 0) {
        ssldyn_result_put_count(result, "members", (int64_t)comparison->members);
    }
    for (size_t i = 0; i < comparison->gap_count; i++) {
        put_gap(&comparison->gaps[i], result);
    }
}

/* Whether the column is a quantity of the state, as opposed to small differences such as balance
 * or commutator, whose relative gaps mean little. */
static bool is_primary(const struct ssldyn_gap *gap)
{
    static const char names[][8] = {"loss", "norm_w", "norm_wp", "s", "p"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t k = 0;
        while (names[i][k] != '\0' && gap->name[k] == names[i][k]) {
            k++;
        }
        if (names[i][k] == gap->name[k]) {
            return true;
        }
    }
    return false;
}

void ssldyn_compare_verdict(const struct ssldyn_comparison *comparison, char *text, size_t size)
{
    const struct ssldyn_gap *worst = &comparison->gaps[0];
    double largest = -1.0;
    double interpolation = 0.0;
    bool partly = false;
    double squares = 0.0;
    size_t banded = 0;
    for (size_t i = 0; i < comparison->gap_count; i++) {
        const struct ssldyn_gap *gap = &comparison->gaps[i];
        if (!is_primary(gap)) {
            continue;
        }
        partly = partly || gap->counted < 1.0;
        if (gap->largest > 0.0) {
            interpolation = fmax(interpolation, gap->interpolation * gap->relative / gap->largest);
        }
        if (gap->relative > largest) {
            largest = gap->relative;
            worst = gap;
        }
        if (gap->has_band) {
            squares += gap->z_rms * gap->z_rms;
            banded++;
        }
    }
    const char *word = largest <= 0.0   ? "identical"
                       : largest < 0.01 ? "close"
                       : largest < 0.1  ? "near"
                                        : "different";
    if (largest <= 0.0) {
        (void)snprintf(text, size, "%s on t = %.6g ... %.6g", word, comparison->t_from,
                       comparison->t_to);
        return;
    }
    int used = snprintf(
        text, size, "%s: gaps up to %.3g %% on t = %.6g ... %.6g (largest: %s at t = %.6g)", word,
        100.0 * largest, comparison->t_from, comparison->t_to, worst->name, worst->at);
    if (interpolation > 0.01 * largest && used > 0 && (size_t)used < size) {
        used += snprintf(text + used, size - (size_t)used,
                         "; interpolation between rows may add %.2g %%", 100.0 * interpolation);
    }
    if (partly && used > 0 && (size_t)used < size) {
        used += snprintf(text + used, size - (size_t)used,
                         "; p_j was compared only where s_j is above the noise of F");
    }
    if (banded > 0 && used > 0 && (size_t)used < size) {
        const double z = sqrt(squares / (double)banded);
        (void)snprintf(text + used, size - (size_t)used,
                       "; %.2g standard deviations of one run from the ensemble's mean, %s", z,
                       z < 1.0   ? "well inside its band"
                       : z < 2.0 ? "inside its band"
                                 : "outside its band");
    }
}
