/* ssldyn sweep: the outcome of every point of the axes; or the run of one point. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_SWEEP_H
#define SSLDYN_SIM_ANSWER_SWEEP_H

#include "sim/answer/answer.h"

/* Into a directory: the values alone, and a killed sweep is resumed; called by all ranks of an MPI
 * run, of which the first one has a result. In memory, by the threads of this process:
 *
 * values  points, how many of each fate, collapse_probability with its interval; points_done of
 *         one that was interrupted, whose other points are NaN
 * arrays  one for each column (fate, p_end, ...), shaped like the grid; of a Sobol sample one number
 *         for each point; axis_NAME, the values along that side of the grid, or of each point of a
 *         sample; with --average average_NAME for each column NAME of collapse.tsv, shaped like the other
 *         axes; with --lines line_NAME of each line, rows of its branch, its place on both axes
 *         (on the one and p) and the width of its bracket
 * texts   axis_NAME, "zero,copy", of an axis of words, whose array counts them from 0; spec; report,
 *         how many points there are, and what could decide the undecided ones
 *
 * With --point or --at the run of that point, as ssldyn flow or ssldyn sgd gives it; after --at its
 * number and its place come first. In a directory it goes into point-I among the sweep's results. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_sweep(struct ssldyn_spec *spec,
                                                         const struct ssldyn_answer_mode *mode,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

/* The sweep whose results directory holds, or the map of a basin, as if it had been computed: all but
 * what was printed on the terminal. EINPUT where its settings cannot be prepared any more, as a file
 * that they name is gone. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_sweep_open(const char *directory,
                                                              struct ssldyn_result *result,
                                                              struct ssldyn_error *err);

#endif
