/* The grid of a map: one or two settings, and the sweep over them. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_GRID_H
#define SSLDYN_SIM_EXPLORE_GRID_H

#include "sim/explore/answers.h"
#include "sim/explore/query.h"

enum { SSLDYN_GRID_NAMES = 200 }; /* bytes of names */

/* In a map y varies slowly and x fast. */
struct ssldyn_grid {
    struct ssldyn_query_axis x, y;
    bool flat;                       /* there is no y, whose count is 1 */
    char without[SSLDYN_GRID_NAMES]; /* settings whose place the axes take, "eta|beta" */
};

/* Reads the grid of a call. false, and the answer says why: it is wrong (400), or has more than
 * `most` cells (413). */
bool ssldyn_grid_take(const struct ssldyn_asked *asked, size_t most, struct ssldyn_grid *grid);

/* The request of a sweep over the grid, with these columns (NULL: all). upright: x comes first and
 * varies slowly, as in the sweep whose map has x on its horizontal axis. NULL: the answer says why
 * not. */
struct ssldyn_request *ssldyn_grid_request(const struct ssldyn_asked *asked,
                                           const struct ssldyn_grid *grid, const char *columns,
                                           bool early_stop, bool upright);

/* A column of the sweep's result with that many cells, and the values of an axis with the name of
 * their column, axis_NAME; NULL: there is none. */
const double *ssldyn_grid_column(const struct ssldyn_result *result, const char *name,
                                 size_t cells);
const double *ssldyn_grid_axis(const struct ssldyn_result *result,
                               const struct ssldyn_query_axis *axis, char name[SSLDYN_GRID_NAMES]);

#endif
