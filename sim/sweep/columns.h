/* What a sweep keeps of a point, and its table. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_COLUMNS_H
#define SSLDYN_SIM_SWEEP_COLUMNS_H

#include "sim/base/error.h"
#include "sim/io/file.h"
#include "sim/run/outcome.h"
#include "sim/sweep/axes.h"

#include <stdio.h>

enum ssldyn_sweep_column {
    SSLDYN_SWEEP_FATE,
    SSLDYN_SWEEP_RANK,
    SSLDYN_SWEEP_RANK_END,
    SSLDYN_SWEEP_P_END,
    SSLDYN_SWEEP_S_END,
    SSLDYN_SWEEP_TAU_END,
    SSLDYN_SWEEP_T_END,
    SSLDYN_SWEEP_T_REACHED,
    SSLDYN_SWEEP_T_DECIDED,
    SSLDYN_SWEEP_T_ESCAPE,
    SSLDYN_SWEEP_K_MIN,
    SSLDYN_SWEEP_MARGIN,
    SSLDYN_SWEEP_LOSS,
    SSLDYN_SWEEP_COMMUTATOR,
    SSLDYN_SWEEP_ASYMMETRY,
    SSLDYN_SWEEP_STEP_DECIDED,
    SSLDYN_SWEEP_STEP_ESCAPE,
    SSLDYN_SWEEP_COLUMNS
};

struct ssldyn_columns {
    size_t count;
    enum ssldyn_sweep_column kind[SSLDYN_SWEEP_COLUMNS]; /* the fate is always the first */
    bool wanted[SSLDYN_SWEEP_COLUMNS];
};

/* From spec->sweep.columns, "fate,p_end,...", or what suits the model. EINPUT names a column that
 * does not exist, or not for that model. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_columns_parse(struct ssldyn_columns *columns,
                                                          const struct ssldyn_spec *spec,
                                                          struct ssldyn_error *err);
/* Gives the column t_end another name, t_reached, where --t-end is an axis. */
void ssldyn_columns_yield(struct ssldyn_columns *columns, const struct ssldyn_axes *axes);
const char *ssldyn_columns_name(enum ssldyn_sweep_column kind);
double ssldyn_columns_value(enum ssldyn_sweep_column kind, const struct ssldyn_outcome *outcome);

/* Names of the axes, each followed by a tab, as in table.tsv; and one point's values. */
void ssldyn_columns_axis_names(const struct ssldyn_axes *axes, size_t count, FILE *stream);
void ssldyn_columns_axis_values(const struct ssldyn_axes *axes, size_t count, const double values[],
                                FILE *stream);

/* A number as tables have it (nan without a sign), then the character end. */
void ssldyn_columns_number(double value, char end, FILE *stream);

/* table.tsv: its head, and one row: axes, then columns, values[column * stride]. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_columns_open_table(const struct ssldyn_columns *columns,
                                                               const struct ssldyn_axes *axes,
                                                               const char *directory,
                                                               struct ssldyn_file *file,
                                                               struct ssldyn_error *err);
void ssldyn_columns_row(const struct ssldyn_columns *columns, const struct ssldyn_axes *axes,
                        struct ssldyn_axes_walk *walk, int64_t index, const double values[],
                        int64_t stride, FILE *stream);

/* Whether a file of that name is the array of a column or of an axis of some sweep. */
bool ssldyn_columns_owns(const char *name);

#endif
