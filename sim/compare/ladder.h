/* ssldyn compare --ladder: one configuration as SGD, as its deterministic map, and as the flows
 * M1, M2, M3, M4 (for other losses M1, aligned modes and their closures). Each rung makes one
 * more assumption, and the gap between rungs measures the error that it causes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_LADDER_H
#define SSLDYN_SIM_COMPARE_LADDER_H

#include "sim/base/error.h"
#include "sim/compare/compare_sheet.h"
#include "sim/options/spec.h"
#include "sim/result/result.h"

#include <stddef.h>
#include <stdio.h>

enum { SSLDYN_RUNGS_MAXIMUM = 7 };

/* A rung and its distance from the one above. Distances are between spectra: for F the square
 * root of sum_j (s_j - s_j')^2 over modes in descending order, divided by the largest square
 * root of sum_j s_j^2 of the run above; the same for p_j, over the modes whose s_j is above the
 * noise of F in both. */
struct ssldyn_rung {
    /* directory: sgd, map, m1, m2, m2_symmetric, m3, m4; aligned, next, leading */
    const char *name;
    const char *assumption;          /* the assumption that this rung adds to the one above */
    double s_largest, s_mean, s_end; /* NaN for the first rung */
    double p_largest, p_mean, p_end;
    double s_total; /* largest gap in s to the first rung */
    /* the same for the shares s_j/sum s: the part of the gap that does not come from the norm */
    double share_largest, share_mean, share_end;
};

struct ssldyn_ladder {
    size_t count;
    struct ssldyn_rung rungs[SSLDYN_RUNGS_MAXIMUM];
    const char *stopped; /* why the ladder ends before M4; NULL: it does not */
    bool scale_free;     /* the loss does not depend on norms, which noise increases: shares are
                          * measured */
    struct ssldyn_sheet curves; /* the columns of trace.tsv; owned */
};

/* Runs every rung that applies to the spec of an sgd run (parsed and checked), each into
 * output/NAME, and writes output/trace.tsv: t, then s_gap_NAME and p_gap_NAME (share_gap_NAME,
 * too, if the ladder is scale_free) of every rung but the first, and the spectra s_1_NAME ... of
 * the leading modes. The first rung is an ensemble if the spec asks for one. If SGD draws from
 * vectors or images, map and M1 use their moments. M2 and below need isotropic Gaussian data, a
 * trained predictor and stop-gradient; aligned modes need such data. Assumptions are imposed on
 * the start: tau(0) = <Wa,W>/|W|^2, that of each aligned mode separately, Wp(0) symmetrized, p_j
 * = u_j^T Wp(0) u_j in the basis of F(0), and on the parabola p = (sqrt(alpha_p s_j) + p_j)/2,
 * which keeps the coordinate along it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ladder_run(const struct ssldyn_spec *spec,
                                                       const char *output,
                                                       struct ssldyn_ladder *ladder,
                                                       struct ssldyn_error *err);
void ssldyn_ladder_clear(struct ssldyn_ladder *ladder); /* also after a failure */

/* Adds the gaps as values, and the table as text for people. */
void ssldyn_ladder_put(const struct ssldyn_ladder *ladder, struct ssldyn_result *result);
void ssldyn_ladder_table(const struct ssldyn_ladder *ladder, FILE *stream);

#endif
