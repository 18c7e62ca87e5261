/* What takes the rows of a run: a run directory, arrays in memory, a reducer of columns. The caller
 * makes the sink and the run fills it: open, then rows, snapshots and events in order of time, then
 * close, or abandon where there is nothing worth keeping. No sink (NULL) is one that takes
 * everything and keeps nothing. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_SINK_H
#define SSLDYN_SIM_RUN_SINK_H

#include "sim/base/error.h"
#include "sim/io/layout.h"

#include <stdbool.h>
#include <stddef.h>

/* The matrices of a snapshot; a shape of zero rows is one that the run does not have. */
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

/* A table besides the rows: the same columns at the same times, of something else. */
struct ssldyn_sink_table {
    char name[16];     /* a word; that of its directory, where rows become files */
    char comment[112]; /* one line: what its numbers are */
};
enum { SSLDYN_SINK_TABLES = 8 }; /* the most of one run */

/* What a run is about to offer. */
struct ssldyn_sink_shape {
    const struct ssldyn_layout *layout;      /* of its rows */
    size_t modes;                            /* with per-mode columns */
    size_t rows;                             /* the most that come */
    struct ssldyn_snapshot_shapes snapshots; /* all zero: none come */
    size_t table_count;
    const struct ssldyn_sink_table *tables; /* borrowed while the sink is opened */
};

/* One snapshot, in the coordinates of the user's data. */
struct ssldyn_frame {
    double t;
    const double *Wp, *W, *Wa, *F; /* what the shapes say is there; else ignored */
    const double *mean;            /* likewise: the mean of the inputs of the predictor ... */
    double count;                  /* ... and the number of samples behind it and F */
};

struct ssldyn_sink;

/* What a kind of sink does; NULL: nothing. */
struct ssldyn_sink_kind {
    enum ssldyn_status (*open)(struct ssldyn_sink *sink, const struct ssldyn_sink_shape *shape,
                               struct ssldyn_error *err);
    enum ssldyn_status (*row)(struct ssldyn_sink *sink, const double row[],
                              struct ssldyn_error *err);
    enum ssldyn_status (*tables)(struct ssldyn_sink *sink, const double rows[],
                                 struct ssldyn_error *err);
    enum ssldyn_status (*snapshot)(struct ssldyn_sink *sink, const struct ssldyn_frame *frame,
                                   struct ssldyn_error *err); /* NULL: none is wanted */
    enum ssldyn_status (*moments)(struct ssldyn_sink *sink, size_t n1, const double X[],
                                  const double Xprime[], double scale, struct ssldyn_error *err);
    enum ssldyn_status (*event)(struct ssldyn_sink *sink, double t, size_t mode, const char *what,
                                struct ssldyn_error *err);
    bool (*settled)(const struct ssldyn_sink *sink); /* nothing more is wanted; NULL: never */
    enum ssldyn_status (*close)(struct ssldyn_sink *sink, struct ssldyn_error *err);
    void (*abandon)(struct ssldyn_sink *sink);
};

/* The first member of every sink. */
struct ssldyn_sink {
    const struct ssldyn_sink_kind *kind;
    struct ssldyn_sink *next; /* takes all that this one is given, after it; NULL: none */
};

/* Once, before all else. On failure the sink and those after it are as before and want no close. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_open(struct ssldyn_sink *sink,
                                                      const struct ssldyn_sink_shape *shape,
                                                      struct ssldyn_error *err);

/* One row of the layout; it is copied. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_row(struct ssldyn_sink *sink, const double row[],
                                                     struct ssldyn_error *err);

/* A row of each table, one behind the other, at the time of the row before; they are copied. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sink_tables(struct ssldyn_sink *sink, const double rows[], struct ssldyn_error *err);

/* Whether snapshots are wanted; where they are not, a run need not make them. */
bool ssldyn_sink_takes_snapshots(const struct ssldyn_sink *sink);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_snapshot(struct ssldyn_sink *sink,
                                                          const struct ssldyn_frame *frame,
                                                          struct ssldyn_error *err);

/* X and X' (n1 x n1) of a run whose data are drawn from a set, and what they were divided by. Once,
 * after open. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_moments(struct ssldyn_sink *sink, size_t n1,
                                                         const double X[], const double Xprime[],
                                                         double scale, struct ssldyn_error *err);

/* What happened to which mode (1-based; 0: the run as a whole) at t. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_event(struct ssldyn_sink *sink, double t,
                                                       size_t mode, const char *what,
                                                       struct ssldyn_error *err);

/* Whether the run may end here: the sink, or one after it, has what it wants. */
bool ssldyn_sink_settled(const struct ssldyn_sink *sink);

/* Ends what open began, whatever happens; the first failure is reported. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sink_close(struct ssldyn_sink *sink,
                                                       struct ssldyn_error *err);
/* The same without results; fine on a sink that is not open. */
void ssldyn_sink_abandon(struct ssldyn_sink *sink);

#endif
