/* Margins: the factor by which each knob alone must change to flip the fate of a mode, in the
 * units of the user, who may have given training settings. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MARGINS_H
#define SSLDYN_SIM_FLOW_MARGINS_H

#include "sim/base/error.h"
#include "sim/flow/knob_flips.h"
#include "sim/problem/problem.h"
#include "theory/fate.h"
#include "theory/training.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SSLDYN_MARGINS_KNOBS = 16 };

/* A knob: a rate, a number of the data, a training setting, or the weights of the start. */
struct ssldyn_margins_knob {
    const char *name;        /* the name of its option with underscores; or "start" */
    bool complement;         /* the factor applies to 1 - value: train_ema, train_momentum */
    enum ssldyn_knob number; /* the number of the mode that it is; SSLDYN_KNOBS: a training
                              * setting, or the start */
    double setting;          /* the value of a training setting; NaN for the start */
    struct ssldyn_knob_turn turn;
};

enum ssldyn_margins_kind {
    SSLDYN_MARGINS_NONE, /* no flip within a factor of 1024 and the range of the knob */
    SSLDYN_MARGINS_FOLD, /* at the fold, in closed form */
    SSLDYN_MARGINS_EDGE  /* at the edge of the basin, by bisection to about 1e-6 */
};

struct ssldyn_margins_crossing {
    enum ssldyn_margins_kind kind;
    double value;  /* current value of the knob; NaN for the start */
    double factor; /* factor on the value, or on its complement; NaN: none */
    double there;  /* value of the knob at which the fate flips */
};

struct ssldyn_margins {
    size_t count, knob_count;
    struct ssldyn_margins_knob knobs[SSLDYN_MARGINS_KNOBS];
    enum ssldyn_fate *fates;                   /* one per mode; owned */
    struct ssldyn_margins_crossing *crossings; /* knob_count per mode; owned */
};

struct ssldyn_margins_request {
    const struct ssldyn_parameters *parameters; /* shared by all modes: decays, tau_held */
    const struct ssldyn_training *training;     /* training settings that determine some of them;
                                                 * NULL: none */
    const struct ssldyn_problem *deep;          /* the problem of a deep encoder, or NULL */
    bool isotropic; /* the knob of the data is sigma2; otherwise lambda_s and lambda_d */
};

/* Margins of modes of M5 with a trained predictor and a stop-gradient. Numbers that training
 * settings determine are not knobs; the settings are. If the fold lies in the bracket of a flip
 * and the start survives up to it, the flip is at the fold. For a deep encoder, whose w is the
 * product of its layers, the start is the weight of each layer, and knobs that make the decays
 * differ are left out, since no fates are certified there. ENOMEM, EINTERRUPTED; the caller clears
 * margins, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_margins_find(const struct ssldyn_margins_request *request, size_t count,
                    const struct ssldyn_ensemble_point points[], struct ssldyn_margins *margins,
                    struct ssldyn_error *err);

/* Margins of the starts of all modes of a derived problem whose model has a kernel
 * (SSLDYN_HAS_KERNEL). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_margins_of_problem(const struct ssldyn_problem *problem,
                                                               struct ssldyn_margins *margins,
                                                               struct ssldyn_error *err);
void ssldyn_margins_clear(struct ssldyn_margins *margins);

/* Prints one line per mode for the first modes, with the knobs sorted by the size of the change. */
void ssldyn_margins_print(const struct ssldyn_margins *margins, FILE *stream);

/* The margins as a table: one row per mode with its fate and, for each knob NAME, its value,
 * x_NAME, there_NAME and kind_NAME (0 none, 1 fold, 2 edge). The functions give the number of
 * columns, the name of a column, one row, the whole table on a stream (the object is struct
 * ssldyn_margins), and the table as directory/margins.tsv. */
enum { SSLDYN_MARGINS_COLUMNS = 2 + 4 * SSLDYN_MARGINS_KNOBS, SSLDYN_MARGINS_COLUMN = 48 };
size_t ssldyn_margins_columns(const struct ssldyn_margins *margins);
const char *ssldyn_margins_column(const struct ssldyn_margins *margins, size_t i,
                                  char name[SSLDYN_MARGINS_COLUMN]);
void ssldyn_margins_row(const struct ssldyn_margins *margins, size_t j, double row[]);
void ssldyn_margins_print_table(const void *margins, FILE *stream);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_margins_write(const struct ssldyn_margins *margins,
                                                          const char *directory,
                                                          struct ssldyn_error *err);

#endif
