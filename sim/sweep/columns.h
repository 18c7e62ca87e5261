/* The quantities that a sweep stores for each point, and its table. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_COLUMNS_H
#define SSLDYN_SIM_SWEEP_COLUMNS_H

#include "sim/base/error.h"
#include "sim/io/file.h"
#include "sim/run/outcome.h"
#include "sim/run/reduction.h"
#include "sim/sweep/axes.h"

#include <stdio.h>

/* The named outcomes, in the order of a table's columns: X(NAME, "name", "meaning", of, unasked,
 * value), where value is computed from struct ssldyn_outcome *outcome. `of` says for which
 * sweeps it is available, `unasked` in which of those it is stored without --columns (enum
 * ssldyn_sweep_scope). */
#define SSLDYN_SWEEP_OUTCOMES(X)                                                                   \
    X(FATE, "fate", "0 collapsed, 1 survives, 2 diverged, 3 undecided at t_end", ANY, ANY,         \
      (double)outcome->fate)                                                                       \
    X(RANK, "rank", "modes that survive; nan if the fate of one is undecided", ANY, MATRICES,      \
      outcome->rank)                                                                               \
    X(RANK_END, "rank_end", "eigenvalues of F at t_end above 1e-6 of the largest of the run",      \
      MATRICES, ANY, outcome->rank_end)                                                            \
    X(P_END, "p_end", "p (lowdim: wp) at t_end, of the mode with the largest s", ANY, ANY,         \
      outcome->p)                                                                                  \
    X(S_END, "s_end", "s (lowdim: w^2) of that mode", ANY, ANY, outcome->s)                        \
    X(TAU_END, "tau_end",                                                                          \
      "wa/w of that mode, nan if w has underflowed; for matrices <Wa,W>/|W|^2", ANY, ANY,          \
      outcome->tau)                                                                                \
    X(T_END, "t_end", "time reached", ANY, ANY, outcome->t)                                        \
    X(T_REACHED, "t_reached", "time reached, if t_end is an axis", ANY, NONE, outcome->t)          \
    X(T_DECIDED, "t_decided", "time from which the fate is certain", ANY, ANY, outcome->t_decided) \
    X(T_ESCAPE, "t_escape", "time from which p stays above half the level at which it survives",   \
      ANY, MATRICES, outcome->t_escape)                                                            \
    X(K_MIN, "k_min", "smallest K_j of Thm 3 along the run", ANY, ANY, outcome->k_min)             \
    X(MARGIN, "margin", "fold minus eta_s; if it is negative, nothing survives", ANY, ANY,         \
      outcome->margin)                                                                             \
    X(LOSS, "loss", "expected squared distance of prediction and target at t_end", MATRICES, ANY,  \
      outcome->loss)                                                                               \
    X(COMMUTATOR, "commutator", "|[F,Wp]| at t_end", MATRICES, ANY, outcome->commutator)           \
    X(ASYMMETRY, "asymmetry", "|Wp - Wp^T|/|Wp| at t_end", MATRICES, ANY, outcome->asymmetry)      \
    X(STEP_DECIDED, "step_decided", "t_decided in training steps", TRAINING, ANY,                  \
      outcome->t_decided / outcome->step_time)                                                     \
    X(STEP_ESCAPE, "step_escape", "t_escape in training steps", TRAINING, MATRICES,                \
      outcome->t_escape / outcome->step_time)

#define SSLDYN_SWEEP_ENUMERATOR(NAME, name, meaning, of, unasked, value) SSLDYN_SWEEP_##NAME,
/* A column that is not in this list is a reduction of the run's rows (run/reduction.h). */
enum ssldyn_sweep_column { SSLDYN_SWEEP_OUTCOMES(SSLDYN_SWEEP_ENUMERATOR) SSLDYN_SWEEP_REDUCTION };

enum ssldyn_sweep_scope {
    SSLDYN_SWEEP_NONE,
    SSLDYN_SWEEP_ANY,
    SSLDYN_SWEEP_MATRICES, /* matrix models only */
    SSLDYN_SWEEP_TRAINING  /* runs with known steps */
};

/* The stored quantities: named outcomes in their order, the fate always first, then reductions. */
struct ssldyn_columns {
    size_t count;
    enum ssldyn_sweep_column *kind; /* one per column; the arrays are owned */
    const char **names;
    bool wanted[SSLDYN_SWEEP_REDUCTION];
    size_t named;                        /* number of columns before the reductions */
    struct ssldyn_reduction *reductions; /* count - named */
};

/* Parses spec->sweep.columns, "fate,p_end,norm_w_max,...", or chooses the default columns of the
 * model. Clear it. EINPUT names a column that does not exist, or not for that model. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_columns_parse(struct ssldyn_columns *columns,
                                                          const struct ssldyn_spec *spec,
                                                          struct ssldyn_error *err);
void ssldyn_columns_clear(struct ssldyn_columns *columns);
/* Renames the column t_end to t_reached if --t-end is an axis. */
void ssldyn_columns_yield(struct ssldyn_columns *columns, const struct ssldyn_axes *axes);
/* The value of column i. */
double ssldyn_columns_value(const struct ssldyn_columns *columns, size_t i,
                            const struct ssldyn_outcome *outcome);

/* Names of the axes, each followed by a tab, as in table.tsv; and one point's values. */
void ssldyn_columns_axis_names(const struct ssldyn_axes *axes, size_t count, FILE *stream);
void ssldyn_columns_axis_values(const struct ssldyn_axes *axes, size_t count, const double values[],
                                FILE *stream);

/* Prints a number as in tables (nan without a sign), then the character `end`. */
void ssldyn_columns_number(double value, char end, FILE *stream);

/* table.tsv: its header, and one row: axes, then columns, values[column * stride]. */
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
