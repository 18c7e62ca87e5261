/* Tables of closed-form theory for pictures, `ssldyn theory --table NAME -o DIR`: fixed points, the
 * invariant parabola, fields of directions, nullclines. The start options (--p0, --s0, --wp0, --w0,
 * --wa0) give the points or the grid on which they are evaluated. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_TABLES_H
#define SSLDYN_SIM_CLI_TABLES_H

#include "sim/io/spec.h"

/* "fixedpoints|parabola|field|nullclines": what --table may name (several, separated by commas). */
extern const char ssldyn_table_names[];

/* Writes directory/NAME.tsv for every name in the list; the directory is made if need be. EINPUT
 * for an unknown name or a start option that a table needs and the user left out. tau of the spec
 * is the constant at which modes and parabola are taken. Columns:
 *   fixedpoints  p s along across stable (modes) or wp w wa stable (lowdim); on a line of fixed
 *                points one row for each value of --p0 and --s0 (--w0)
 *   parabola     p s velocity, for each --p0
 *   field        p s dp ds (modes) or wp w wa dwp dw dwa (lowdim), on the grid of --p0 and --s0, or
 *                of --wp0, --w0 and --wa0; without --wp0 the predictor is tied to w
 *   nullclines   lowdim: w wp_still w_still wa_still, for each --w0: the wp at which wp' = 0 (at
 * the first --wa0), the wa at which w' = 0, and the wa at which wa' = 0 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tables_write(const struct ssldyn_spec *spec,
                                                         const char *names, const char *directory,
                                                         struct ssldyn_error *err);

#endif
