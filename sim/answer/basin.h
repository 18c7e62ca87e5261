/* ssldyn basin: the edge of the collapse basin. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_BASIN_H
#define SSLDYN_SIM_ANSWER_BASIN_H

#include "sim/answer/answer.h"
#include "sim/flow/mode_point.h"

/* The lines of the command line as values, and rows if they are kept:
 *
 * --threshold    threshold below above mechanism width low high derivative_NAME: one row per flip;
 *                enum ssldyn_fate of both sides, enum ssldyn_basin_mechanism. With axes their
 *                values
 *                come first, and thresholds.tsv holds the same
 * --margins      mode fate, then NAME x_NAME there_NAME kind_NAME of each knob, as in margins.tsv
 * axes alone     none: a map, whose arrays are those of ssldyn sweep (sim/answer/sweep.h); called
 * by
 *                all ranks of an MPI run
 * neither        p s ln_s: the separatrix, as in separatrix.tsv
 *
 * EINPUT, EDOMAIN, ENOMEM, EIO, EFAILED; EINTERRUPTED: the thresholds found so far are kept. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_basin(struct ssldyn_spec *spec,
                                                         const struct ssldyn_answer_mode *mode,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

/* The part for --threshold; directory: where files are written, NULL: nowhere. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_answer_basin_threshold(const struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode,
                              const struct ssldyn_mode_point *point, const char *directory,
                              struct ssldyn_result *result, struct ssldyn_error *err);

/* The part with axes and no threshold. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_basin_map(struct ssldyn_spec *spec,
                                                             const struct ssldyn_answer_mode *mode,
                                                             struct ssldyn_result *result,
                                                             struct ssldyn_error *err);

/* The values of such a map. */
struct ssldyn_sweep_report;
void ssldyn_answer_basin_map_put(const struct ssldyn_sweep_report *report,
                                 struct ssldyn_result *result);

#endif
