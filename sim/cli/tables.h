/* Tables of closed-form theory for pictures, `ssldyn theory --table KIND`: fixed points, the
 * invariant parabola, fields of directions, nullclines. The start options (--p0, --s0, --wp0, --w0,
 * --wa0) give the points or the grid on which they are evaluated. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_TABLES_H
#define SSLDYN_SIM_CLI_TABLES_H

#include "sim/options/spec.h"

#include <stdio.h>

/* Prints the table spec->table names, its first line and column names included. EINPUT for a start
 * option that the table needs and the user left out. The modes and the parabola are taken at the
 * spec's constant tau (1 where none is held). Columns:
 *   fixedpoints  p s along across stable (modes) or wp w wa stable (lowdim); on a line of fixed
 *                points one row for each value of --p0 and --s0, or of --w0
 *   velocity     p s velocity: the invariant parabola and p' on it, for each --p0
 *   field        p s dp ds (modes), on the grid of --p0 and --s0; or wp w wa dwp dw dwa (lowdim),
 *                on the grid of --wp0, --w0, --wa0, of --w0 and --wa0 where wp is tied or the identity
 *   nullclines   lowdim: w wp_still w_still wa_still, for each --w0: the wp at which wp' = 0 (at the
 *                first --wa0), the wa at which w' = 0, and the wa at which wa' = 0 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tables_print(const struct ssldyn_spec *spec,
                                                         FILE *stream, struct ssldyn_error *err);

#endif
