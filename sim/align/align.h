/* Alignment analysis of a run directory, of empirical matrices or of spectra alone: the
 * observer's columns and their summaries, snapshot by snapshot, in constant memory, and a
 * verdict. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_H
#define SSLDYN_SIM_ALIGN_ALIGN_H

#include "sim/align/knobs.h"
#include "sim/align/plateau.h"
#include "sim/align/verdict.h"
#include "sim/base/error.h"
#include "sim/io/arrays.h"
#include "sim/io/trace.h"
#include "theory/parameters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Receives the output of an analysis: the rows of trace.tsv with their layout, and at the end
 * each of the other tables as the text of its file, "knobs.tsv". Either function may be NULL. An
 * error that they return stops the analysis. */
struct ssldyn_align_taker {
    void *context;
    enum ssldyn_status (*row)(void *context, const struct ssldyn_layout *layout, size_t modes,
                              const double row[], struct ssldyn_error *err);
    enum ssldyn_status (*table)(void *context, const char *name, const char *text,
                                struct ssldyn_error *err);
};

/* The input: a run directory; or wp with one of f, w, features; or spectra. Strings are borrowed
 * and as in sim/io/matrices.h; unused ones are NULL. A directory that was not written by a
 * simulation may hold mean.npy, the mean of the inputs of each snapshot, and count.npy, their
 * number. */
struct ssldyn_align_request {
    const char *run;      /* run directory, or any directory with Wp.npy and F.npy or W.npy */
    const char *wp;       /* n2 x n2, or layers, one per line, as in predictor_layers.h; NULL
                           * with f, w or features: the identity */
    double norm_eps;      /* eps of batch norms among the layers */
    const char *f;        /* n2 x n2 */
    const char *w, *wa;   /* n2 x n1 */
    const char *x;        /* n1 x n1 .npy for F = W X W^T; NULL: X = I */
    const char *xprime;   /* n1 x n1 .npy: the loss is defined with it */
    const char *features; /* N x n2: rows are the predictor's inputs, F their second moment */
    const char *outputs;  /* N x n2: the predictor's outputs for these inputs, instead of wp */
    const char *spectra;  /* table with s_1 ..., wpe_1 ... (or p_1 ...), cos_1 ..., asymmetry */
    const char *mean;     /* n2, or a stack: mean of the inputs whose F = E[f f^T] is given */
    size_t count;         /* number of samples behind f; 0: unknown */
    const char *times;    /* the time of each snapshot; NULL: from the file names */
    const struct ssldyn_arrays *memory; /* by option, the array in memory if the string above is
                                         * not NULL; NULL: none */
    bool centered;                      /* F is a covariance; that of features is divided by N -
                                         * 1 */
    bool skip_bad;                      /* leave out snapshots with entries that are not finite */
    double floor;                       /* a mode is alive if its eigenvalue is above floor s_1 */
    size_t leading; /* number of modes that are tracked, and used to fit the slope */
    size_t predict; /* forecast from this snapshot on (1 is the first); 0: none */
    const struct ssldyn_parameters *parameters; /* rates, if the input is not a run that has
                                                 * them; or NULL */
    bool decay_known; /* its weight decays were given by the user: margins of the modes are
                       * wanted */
    bool alpha_known; /* its alpha_p was given by the user */
    bool margins;     /* margins with respect to every knob are wanted, if rates are known */
    const struct ssldyn_training *training; /* the settings that determined parameters; NULL:
                                             * none */
    double time_unit;                       /* flow time per unit of the snapshots' t */
    int threads;        /* number of snapshots analyzed in parallel; rows do not depend on it */
    const char *output; /* directory for trace.tsv and verdict.txt; NULL: nothing is written */
    const struct ssldyn_align_taker *taker; /* NULL: the output is not passed on */
    bool quiet;                             /* no progress line */
    enum ssldyn_reading reading; /* for snapshots that do not come from a run; a run uses its own
                                  * loss */
    double p_floor;              /* plateau.h: modes with p above it are fitted */
};

/* The state of the last snapshot in terms of the cosine loss. NaN: unknown. */
struct ssldyn_cosine_report {
    bool asked; /* false: only the squared distance was considered, and all is 0 */
    size_t snapshots;
    size_t layers; /* of the predictor, if several --wp give it; 0: unknown */
    double floor;  /* p_floor */
    struct ssldyn_plateau plateau;
    double ratio_spread; /* standard deviation of log(p_j lambda_s/lambda_d) over the plateau */
    double size;         /* |C|/|W|^2, C = W W^T - Wp^T Wp/alpha_p */
    double moved;        /* |C/|W|^2 - (C/|W|^2 of the first snapshot)| */
    size_t survivors;    /* number of modes that survive in the flow without noise from here on;
                          * exact: no mode collapses */
    bool exact;
    double level; /* their p in units of |W| */
};

/* The result of a forecast. Residuals: |s - s_predicted|/|s| over all modes. */
struct ssldyn_forecast_report {
    size_t from, later;  /* snapshot at which it starts (1 is the first; 0: none); number of
                         * snapshots after it */
    double t;            /* of that snapshot */
    double t_last, last; /* t of the last snapshot and its residual; NaN: none */
    double t_largest, largest;
    double unchanged; /* residual at the last snapshot if s had not changed since the start */
    double time_unit; /* flow time per unit of t */
};

/* The state of the last snapshot, and the verdict. */
struct ssldyn_align_report {
    size_t snapshots, modes;
    bool sampled;   /* the predictor was estimated from outputs: last.effective gives its errors */
    size_t skipped; /* number of snapshots that were left out */
    struct ssldyn_summary last;
    struct ssldyn_basis basis;
    double alpha_p; /* geometric mean of p^2/s */
    struct ssldyn_forecast_report forecast;
    struct ssldyn_knobs_summary knobs; /* all 0 if the rates are not known */
    struct ssldyn_cosine_report cosine;
    struct ssldyn_verdict verdict;
};

/* The columns: those of ssldyn_layout_matrix, with those of this analysis after its scalars and
 * after its per-mode columns; sampled: if the predictor was estimated from outputs, with its
 * share and errors; cosine: for a run under a normalized loss. */
extern const struct ssldyn_layout ssldyn_layout_align;
extern const struct ssldyn_layout ssldyn_layout_align_sampled;
extern const struct ssldyn_layout ssldyn_layout_align_cosine;
/* parameters: of the run; NULL: unknown. */
const struct ssldyn_layout *ssldyn_align_layout(const struct ssldyn_align_request *request,
                                                const struct ssldyn_parameters *parameters);

/* Runs the analysis. EINPUT names the option at fault. On Ctrl-C the results so far are kept and
 * EINTERRUPTED is returned, with the report filled. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align(const struct ssldyn_align_request *request,
                                                  struct ssldyn_align_report *report,
                                                  struct ssldyn_error *err);

#endif
