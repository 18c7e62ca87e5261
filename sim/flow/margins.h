/* Margins: by what factor each knob alone must change for the fate of a mode to flip, in the units
 * of the user, who may have given training settings. */
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
    const char *name;        /* as its option, with underscores; "start" */
    bool complement;         /* its factor is one of 1 - value: train_ema, train_momentum */
    enum ssldyn_knob number; /* of the mode, that it is; SSLDYN_KNOBS: a setting, or the start */
    double setting;          /* its value, of a training setting; NaN of the start */
    struct ssldyn_knob_turn turn;
};

enum ssldyn_margins_kind {
    SSLDYN_MARGINS_NONE, /* no flip, within a factor of 1024 and what the knob may be */
    SSLDYN_MARGINS_FOLD, /* at the fold, in closed form */
    SSLDYN_MARGINS_EDGE  /* at the basin's edge, found by bisection to about 1e-6 */
};

struct ssldyn_margins_crossing {
    enum ssldyn_margins_kind kind;
    double value;  /* of the knob, now; NaN of the start */
    double factor; /* on it, or on its complement; NaN: none */
    double there;  /* its value where the fate flips */
};

struct ssldyn_margins {
    size_t count, knob_count;
    struct ssldyn_margins_knob knobs[SSLDYN_MARGINS_KNOBS];
    enum ssldyn_fate *fates;                   /* of each mode; owned */
    struct ssldyn_margins_crossing *crossings; /* knob_count of each mode; owned */
};

struct ssldyn_margins_request {
    const struct ssldyn_parameters *parameters; /* what the modes share: decays, tau_held */
    const struct ssldyn_training *training;     /* that made some of them; NULL: none */
    bool isotropic; /* the data's knob is sigma2; else lambda_s and lambda_d are */
};

/* Of modes of M5, trained predictor, stop-gradient. A number that training settings make is
 * not a knob; the settings are. A flip within whose bracket the fold lies is the fold where the
 * start survives up to it. ENOMEM; the caller clears margins, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_margins_find(const struct ssldyn_margins_request *request, size_t count,
                    const struct ssldyn_ensemble_point points[], struct ssldyn_margins *margins,
                    struct ssldyn_error *err);

/* Of the starts of all modes of a derived problem whose model has them (SSLDYN_HAS_KERNEL). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_margins_of_problem(const struct ssldyn_problem *problem,
                                                               struct ssldyn_margins *margins,
                                                               struct ssldyn_error *err);
void ssldyn_margins_clear(struct ssldyn_margins *margins);

/* A line for each of the first modes, knobs by the size of the change that they need. */
void ssldyn_margins_print(const struct ssldyn_margins *margins, FILE *stream);

/* The table of them: a row for each mode with its fate, and of each knob NAME its value, x_NAME,
 * there_NAME and kind_NAME (0 none, 1 fold, 2 edge). How many columns, the name of one, a row, all of
 * it on a stream (the object is struct ssldyn_margins), and as directory/margins.tsv. */
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
