/* The receiver of a run's rows: a run directory, arrays in memory, a reducer of columns. The caller
 * creates the sink and the run fills it: open, then rows, snapshots and events in order of time,
 * then close, or abandon if nothing is worth keeping. A NULL sink accepts and discards
 * everything. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_SINK_H
#define SSLDYN_SIM_RUN_SINK_H

#include "sim/base/error.h"
#include "sim/io/layout.h"

#include <stdbool.h>
#include <stddef.h>

/* The matrices of a snapshot; a shape with zero rows: the run does not have it. */
struct ssldyn_snapshot_shapes {
    size_t Wp;      /* n2 (n2 x n2) */
    size_t Wp_rows; /* of a Wp that is not square, Wp_rows x n2; else 0 */
    size_t F;       /* n2 (n2 x n2) */
    size_t mean;    /* n2 (n2): of measured inputs, with their count */
    size_t W_rows, W_columns;
    size_t Wa_rows, Wa_columns;
};

static inline size_t ssldyn_sink_rows_of_Wp(const struct ssldyn_snapshot_shapes *shapes)
{
    return shapes->Wp_rows > 0 ? shapes->Wp_rows : shapes->Wp;
}

/* A table in addition to the rows: the same columns at the same times, for a different quantity. */
struct ssldyn_sink_table {
    char name[16];     /* a word; also the name of its directory, if rows are written to files */
    char comment[112]; /* one line: description of its numbers */
};
enum { SSLDYN_SINK_TABLES = 8 }; /* maximum per run */

/* What a run will provide. */
struct ssldyn_sink_shape {
    const struct ssldyn_layout *layout;      /* of its rows */
    size_t modes;                            /* number of modes in per-mode columns */
    size_t rows;                             /* maximum number */
    struct ssldyn_snapshot_shapes snapshots; /* all zero: none */
    size_t table_count;
    const struct ssldyn_sink_table *tables; /* borrowed while the sink is open */
};

/* One snapshot, in the coordinates of the user's data. */
struct ssldyn_frame {
    double t;
    const double *Wp, *W, *Wa, *F; /* those that the shapes announce; others are ignored */
    const double *mean;            /* likewise: the mean of the predictor's inputs ... */
    double count; /* ... and the number of samples from which it and F were computed */
};

struct ssldyn_sink;

/* The functions of a kind of sink; NULL: does nothing. */
struct ssldyn_sink_kind {
    enum ssldyn_status (*open)(struct ssldyn_sink *sink, const struct ssldyn_sink_shape *shape,
                               struct ssldyn_error *err);
    enum ssldyn_status (*row)(struct ssldyn_sink *sink, const double row[],
                              struct ssldyn_error *err);
    enum ssldyn_status (*tables)(struct ssldyn_sink *sink, const double rows[],
                                 struct ssldyn_error *err);
    enum ssldyn_status (*snapshot)(struct ssldyn_sink *sink, const struct ssldyn_frame *frame,
                                   struct ssldyn_error *err); /* NULL: not wanted */
    enum ssldyn_status (*moments)(struct ssldyn_sink *sink, size_t n1, const double X[],
                                  const double Xprime[], double scale, struct ssldyn_error *err);
    enum ssldyn_status (*event)(struct ssldyn_sink *sink, double t, size_t mode, const char *what,
                                struct ssldyn_error *err);
    bool (*settled)(
        const struct ssldyn_sink *sink); /* whether it needs no more rows; NULL: never */
    enum ssldyn_status (*close)(struct ssldyn_sink *sink, struct ssldyn_error *err);
    void (*abandon)(struct ssldyn_sink *sink);
};

/* The first member of every sink. */
struct ssldyn_sink {
    const struct ssldyn_sink_kind *kind;
    struct ssldyn_sink *next; /* receives the same data, after this one; NULL: none */
};

/* Call once, first. On failure the sink and those after it are unchanged and need no close. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_open(struct ssldyn_sink *sink,
                                                      const struct ssldyn_sink_shape *shape,
                                                      struct ssldyn_error *err);

/* One row of the layout; it is copied. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_row(struct ssldyn_sink *sink, const double row[],
                                                     struct ssldyn_error *err);

/* One row of each table, concatenated, at the time of the last row; they are copied. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sink_tables(struct ssldyn_sink *sink, const double rows[], struct ssldyn_error *err);

/* Whether snapshots are wanted; if not, a run need not compute them. */
bool ssldyn_sink_takes_snapshots(const struct ssldyn_sink *sink);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_snapshot(struct ssldyn_sink *sink,
                                                          const struct ssldyn_frame *frame,
                                                          struct ssldyn_error *err);

/* X and X' (n1 x n1) of a run whose data are sampled from a set, and their divisor. Once, after
 * open. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_moments(struct ssldyn_sink *sink, size_t n1,
                                                         const double X[], const double Xprime[],
                                                         double scale, struct ssldyn_error *err);

/* An event of a mode (1-based; 0: the run as a whole) at t. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_event(struct ssldyn_sink *sink, double t,
                                                       size_t mode, const char *what,
                                                       struct ssldyn_error *err);

/* Whether the run may end now: the sink, or one after it, needs no more rows. */
bool ssldyn_sink_settled(const struct ssldyn_sink *sink);

/* Ends what open began, even after a failure; the first failure is reported. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_close(struct ssldyn_sink *sink,
                                                       struct ssldyn_error *err);
/* The same without results; allowed on a sink that is not open. */
void ssldyn_sink_abandon(struct ssldyn_sink *sink);

#endif
