/* Alignment analysis of a run directory, of empirical matrices or of bare spectra: the observer's
 * columns and what sums them up, snapshot by snapshot, in constant memory, and a verdict. */
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

/* Who takes what an analysis makes, as it comes: the rows of trace.tsv, by their layout, and in the
 * end each of the other tables as the text of its file, "knobs.tsv". Either may be NULL. What fails
 * there ends the analysis. */
struct ssldyn_align_taker {
    void *context;
    enum ssldyn_status (*row)(void *context, const struct ssldyn_layout *layout, size_t modes,
                              const double row[], struct ssldyn_error *err);
    enum ssldyn_status (*table)(void *context, const char *name, const char *text,
                                struct ssldyn_error *err);
};

/* What to analyse: a run directory; or wp with one of f, w, features; or spectra. Strings are
 * borrowed and as in sim/io/matrices.h; unused ones are NULL. A directory that no simulation wrote
 * may hold mean.npy, the mean of the inputs of each snapshot, and count.npy, their number. */
struct ssldyn_align_request {
    const char *run;      /* run directory, or any directory with Wp.npy and F.npy or W.npy */
    const char *wp;       /* n2 x n2, or layers, a line each, as in predictor_layers.h; NULL with f,
                             w or features: the identity */
    double norm_eps;      /* of batch norms among the layers */
    const char *f;        /* n2 x n2 */
    const char *w, *wa;   /* n2 x n1 */
    const char *x;        /* n1 x n1 .npy for F = W X W^T; NULL: X = I */
    const char *xprime;   /* n1 x n1 .npy: the loss is defined with it */
    const char *features; /* N x n2: rows are the predictor's inputs, F their second moment */
    const char *outputs;  /* N x n2: what came out for each of them, in place of wp */
    const char *spectra;  /* table with s_1 ..., wpe_1 ... (or p_1 ...), cos_1 ..., asymmetry */
    const char *mean;     /* n2, or a stack: mean of the inputs whose F = E[f f^T] is given */
    size_t count;         /* samples that f was made from; 0: unknown */
    const char *times;    /* one number for each snapshot: its t; NULL: by the files' names */
    const struct ssldyn_arrays *memory; /* by option, what is in memory where the string of it above
                                           is not NULL; NULL: nothing */
    bool centered;                      /* F is a covariance; that of features, over N - 1 */
    bool skip_bad;                      /* leave out snapshots with entries that are not finite */
    double floor;                       /* a mode is alive above floor s_1 */
    size_t leading; /* modes that are followed, and that the slope is fitted through */
    size_t predict; /* forecast from this snapshot on (1 is the first); 0: none */
    const struct ssldyn_parameters *parameters; /* rates where no run tells them, or NULL */
    bool decay_known; /* its weight decays are the user's: margins of the modes are wanted */
    bool alpha_known; /* its alpha_p is */
    bool margins;     /* those of every knob are wanted, where rates are known */
    const struct ssldyn_training *training; /* that made parameters; NULL: none */
    double time_unit;                       /* flow time in one unit of the snapshots' t */
    int threads;        /* snapshots analysed side by side; rows do not depend on it */
    const char *output; /* directory for trace.tsv and verdict.txt; NULL: nothing is written */
    const struct ssldyn_align_taker *taker; /* NULL: nobody takes anything */
    bool quiet;                             /* no progress line */
    enum ssldyn_reading reading; /* of snapshots that are no run's; a run's is that of its loss */
    double p_floor;              /* plateau.h: modes with p above it are fitted */
};

/* What the last snapshot says about the cosine loss. NaN: unknown. */
struct ssldyn_cosine_report {
    bool asked; /* false: the network is read by the squared distance alone, and all is 0 */
    size_t snapshots;
    size_t layers; /* of the predictor, where several --wp say so; 0: unknown */
    double floor;  /* p_floor */
    struct ssldyn_plateau plateau;
    double ratio_spread; /* standard deviation of log(p_j lambda_s/lambda_d) over the plateau */
    double size;         /* |C|/|W|^2, C = W W^T - Wp^T Wp/alpha_p */
    double moved;        /* |C/|W|^2 - that of the first snapshot| */
    size_t survivors;    /* of the flow without noise from here on; exact: no mode collapses */
    bool exact;
    double level; /* their p in units of |W| */
};

/* How a forecast came out. Residuals: |s - s_predicted|/|s| over all modes. */
struct ssldyn_forecast_report {
    size_t from, later; /* snapshot that it starts from (1 is the first; 0: none); those after it */
    double t;           /* of that snapshot */
    double t_last, last; /* last snapshot and its residual; NaN: none */
    double t_largest, largest;
    double unchanged; /* residual at the last snapshot if s had stayed what it was at the start */
    double time_unit; /* flow time in one unit of t */
};

/* What the last snapshot came to, and the verdict. */
struct ssldyn_align_report {
    size_t snapshots, modes;
    bool sampled;   /* the predictor is that of outputs: last.effective says how well it is known */
    size_t skipped; /* snapshots that were left out */
    struct ssldyn_summary last;
    struct ssldyn_basis basis;
    double alpha_p; /* geometric mean of p^2/s */
    struct ssldyn_forecast_report forecast;
    struct ssldyn_knobs_summary knobs; /* all 0 where the rates are not known */
    struct ssldyn_cosine_report cosine;
    struct ssldyn_verdict verdict;
};

/* The columns: those of ssldyn_layout_matrix, and behind its scalars and its per-mode columns those
 * of this analysis; sampled: where the predictor is that of outputs, with its share and errors;
 * cosine: of a run under a normalized loss, which the loss is then. */
extern const struct ssldyn_layout ssldyn_layout_align;
extern const struct ssldyn_layout ssldyn_layout_align_sampled;
extern const struct ssldyn_layout ssldyn_layout_align_cosine;
/* parameters: of the run; NULL: unknown. */
const struct ssldyn_layout *ssldyn_align_layout(const struct ssldyn_align_request *request,
                                                const struct ssldyn_parameters *parameters);

/* Runs the analysis. EINPUT names the option at fault. On Ctrl-C what was computed is kept and
 * EINTERRUPTED returned, with the report filled. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align(const struct ssldyn_align_request *request,
                                                  struct ssldyn_align_report *report,
                                                  struct ssldyn_error *err);

#endif
