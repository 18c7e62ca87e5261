/* ssldyn flow: integrates one of the models M1-M5 into a sink and reports on the run. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FLOW_H
#define SSLDYN_SIM_FLOW_FLOW_H

#include "sim/base/error.h"
#include "sim/ode/ode.h"
#include "sim/problem/problem.h"
#include "sim/run/sink.h"
#include "theory/fate.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The largest deviation of an invariant (THEORY section 3) from its law on the rows of a run. */
struct ssldyn_drift {
    const char *name; /* the conserved quantity, in words */
    double largest;   /* relative to the size of its terms */
    double allowed;   /* allowed at this rtol; see ssldyn_flow_drift_allowance */
    double at;        /* t of the largest deviation */
};

/* How one mode ended. */
struct ssldyn_mode_end {
    double s, p, tau;
    enum ssldyn_fate fate;
    double since;   /* t from which the fate is certain; NaN while undecided */
    double stopped; /* t at which its integration failed; NaN: it reached t_end */
    double margin;  /* c_j of the start under the cosine less the c_j at which the mode would
                     * collapse (water-filling); NaN: unknown */
};

enum { SSLDYN_DRIFTS_MAXIMUM = 12 };

struct ssldyn_flow_report {
    const char *model;
    double t_reached, t_end;
    size_t rows;
    struct ssldyn_ode_statistics statistics; /* summed over modes that are integrated separately */
    const char *stepper;
    double wall; /* seconds; for the terminal only */

    size_t mode_count;
    struct ssldyn_mode_end *modes; /* owned */
    double eta_s;                  /* the decay to compare with the fold */
    double eta_fold;               /* NaN where the model has none in closed form */
    bool by_start;                 /* the run does not decide the fates, however long it is: they
                                    * depend on the start */
    const char *undecided;         /* why no fate can be certified, a clause; NULL: fates can be
                                    * certified */
    double diverged_at;            /* matrix models: t at which the run diverged; NaN: it did not */
    bool fate_by_alignment;        /* matrix models: modes are judged one by one, as those of an
                                    * aligned pair */
    bool ranked;                   /* matrix models: the next two are computed (and may be NaN) */
    double rank_at_end;            /* number of eigenvalues of F at t_end that are not
                                    * negligible; set for modes coupled by the loss as well, like
                                    * rank */
    double rank;                   /* number of modes that survive in the limit; NaN: the fate of
                                    * some mode is undecided */

    double
        margin_per_norm2_wp; /* d margin/d|Wp(0)|^2 at constant c_j; 0 or NaN: no margin is known */

    double closure_error[2]; /* relative error of an approximated residual at the start and at
                              * the end; NaN: the residual is exact */

    struct ssldyn_drift drifts[SSLDYN_DRIFTS_MAXIMUM];
    size_t drift_count;
    bool interrupted;

    /* with training settings: flow time per step, and weight decay divided by eta; 0: none were
     * given */
    double step_time, decay_unit;
};

/* Integrates into the sink (NULL: only the report is wanted), which is closed in every case. On
 * EDIVERGED, EFAILED and EINTERRUPTED the sink has received the rows computed so far; on EINPUT
 * it has received none. report is filled in every case; clear it with ssldyn_flow_report_clear.
 * Shows progress on a terminal unless quiet. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_flow_run(const struct ssldyn_problem *problem,
                                                     struct ssldyn_sink *sink, bool quiet,
                                                     struct ssldyn_flow_report *report,
                                                     struct ssldyn_error *err);
void ssldyn_flow_report_clear(struct ssldyn_flow_report *report);

/* Copies from the problem the units of training in which the report also gives times and decays. */
void ssldyn_flow_report_units(const struct ssldyn_problem *problem,
                              struct ssldyn_flow_report *report);

/* Prints the closing report, one line per item; the same for the same run. */
void ssldyn_flow_report_print(const struct ssldyn_flow_report *report, FILE *stream);

/* Prints the part with the fates, the margin to the fold and the modes; nothing if no mode was
 * judged. */
void ssldyn_flow_report_print_fates(const struct ssldyn_flow_report *report, FILE *stream);

/* The first drift beyond its allowance, or NULL; with --strict it is a failure. */
const struct ssldyn_drift *ssldyn_flow_report_broken(const struct ssldyn_flow_report *report);

/* The same for any list of drifts, and a line for each of them in a report. */
const struct ssldyn_drift *ssldyn_flow_drifts_broken(size_t count,
                                                     const struct ssldyn_drift drifts[]);
void ssldyn_flow_drifts_print(size_t count, const struct ssldyn_drift drifts[], FILE *stream);

/* How far rtol allows an invariant to drift, relative to the size of its terms: the global error
 * of a run is of the order of rtol, with a constant that grows slowly with time, hence 100 rtol
 * plus rounding. At most 0.01: a quantity with a larger error is not conserved at any tolerance. */
double ssldyn_flow_drift_allowance(double rtol);

#endif
