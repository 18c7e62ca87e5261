/* collapse.tsv, or the same as arrays: for the points that differ only in the averaged axes, the
 * share that collapses with its interval, and the means of the other columns. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_SHARES_H
#define SSLDYN_SIM_SWEEP_SHARES_H

#include "sim/base/error.h"
#include "sim/io/file.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/columns.h"

#include <stdint.h>

/* The first numbers of a group's row; the means of all columns except the fate follow. */
enum {
    SSLDYN_SHARES_STARTS,
    SSLDYN_SHARES_DECIDED,
    SSLDYN_SHARES_COLLAPSED,
    SSLDYN_SHARES_PROBABILITY,
    SSLDYN_SHARES_LOW,
    SSLDYN_SHARES_HIGH,
    SSLDYN_SHARES_MEANS
};

struct ssldyn_shares {
    const struct ssldyn_axes *axes; /* NULL: no shares are asked for */
    size_t outer;                   /* number of axes that are not averaged over */
    int64_t inner;                  /* number of points in one group */
    const struct ssldyn_columns *columns;
    int64_t decided, undecided, collapsed; /* counts of the current group */
    double *sum;                           /* sum of each column's finite values, */
    int64_t *seen;                         /* and their number; owned while open */
    double *row;                           /* row of a group; owned while open */
    double *const *arrays;                 /* also receive the rows; NULL: no arrays */
    struct ssldyn_file file;
};

/* Parses spec->sweep.average. EINPUT: the names are not those of the last axes, in order, or the
 * points are not a grid. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_shares_init(struct ssldyn_shares *shares,
                                                        const struct ssldyn_spec *spec,
                                                        const struct ssldyn_axes *axes,
                                                        struct ssldyn_error *err);

/* The length of a row, and the name of number i: "starts", "mean_p_end". Returns name. */
size_t ssldyn_shares_width(const struct ssldyn_columns *columns);
enum { SSLDYN_SHARES_NAME = 64 };
const char *ssldyn_shares_name(const struct ssldyn_columns *columns, size_t i,
                               char name[SSLDYN_SHARES_NAME]);

/* Opens directory/collapse.tsv (NULL: no file) and borrows arrays: number i of the row of group
 * k is stored in arrays[i][k] (NULL: none). Then takes all points in order, values[column *
 * stride] with the fate first, and closes. All do nothing if no shares are asked for; call
 * abandon after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_shares_open(struct ssldyn_shares *shares, const struct ssldyn_columns *columns,
                   const char *directory, double *const arrays[], struct ssldyn_error *err);
void ssldyn_shares_add(struct ssldyn_shares *shares, struct ssldyn_axes_walk *walk, int64_t index,
                       const double values[], int64_t stride);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_shares_close(struct ssldyn_shares *shares,
                                                         struct ssldyn_error *err);
void ssldyn_shares_abandon(struct ssldyn_shares *shares);

/* A confidence interval for a share: Wilson's interval at 95 % for k of the decided points,
 * extended to the cases in which all undecided ones fall on one side. */
void ssldyn_shares_interval(int64_t k, int64_t decided, int64_t undecided, double *low,
                            double *high);

/* Wilson's interval for a share k/n at 95 %. n = 0 gives [0, 1]. */
void ssldyn_shares_wilson(int64_t k, int64_t n, double *low, double *high);

#endif
