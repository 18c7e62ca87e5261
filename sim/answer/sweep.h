/* ssldyn sweep: the outcome of every point of the axes; or the run of one point. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_SWEEP_H
#define SSLDYN_SIM_ANSWER_SWEEP_H

#include "sim/answer/answer.h"

/* Into a directory: only the values, and a killed sweep is resumed; called by all ranks of an
 * MPI run, of which the first one has a result. In memory, by the threads of this process:
 *
 * values  points, the number with each fate, collapse_probability with its interval; points_done if
 *         it was interrupted, where the other points are NaN
 * arrays  one per column (fate, p_end, ...), shaped like the grid; for a Sobol sample one number
 * per
 *         point; axis_NAME, the values along that side of the grid, or of each point of a sample;
 *         with --average average_NAME for each column NAME of collapse.tsv, shaped like the other
 *         axes; with --lines line_NAME of each line, rows of its branch, its position on both axes
 *         (on one axis and p) and the width of its bracket
 * texts   axis_NAME, "zero,copy", of an axis of words, whose array numbers them from 0; spec;
 * report,
 *         the number of points, and what could decide the undecided ones
 *
 * With --point or --at the run of that point, as ssldyn flow or ssldyn sgd gives it; after --at its
 * number and its position come first. In a directory it is written as point-I among the sweep's
 * results. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_sweep(struct ssldyn_spec *spec,
                                                         const struct ssldyn_answer_mode *mode,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

/* Opens the sweep, or the map of a basin, whose results are in a directory, as if it had been
 * computed: everything except what was printed on the terminal. EINPUT if its settings cannot be
 * prepared any more, because a file that they name is missing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_sweep_open(const char *directory,
                                                              struct ssldyn_result *result,
                                                              struct ssldyn_error *err);

#endif
