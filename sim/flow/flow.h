/* ssldyn flow: integrates one of the models M1-M5 into a sink, and reports. */
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
    const char *name; /* what is kept, in words */
    double largest;   /* relative to the size of its terms */
    double allowed;   /* by rtol; see ssldyn_flow_drift_allowance */
    double at;        /* t of the largest */
};

/* How one mode ended. */
struct ssldyn_mode_end {
    double s, p, tau;
    enum ssldyn_fate fate;
    double since;   /* t from which the fate is certain; NaN while undecided */
    double stopped; /* t at which its integration could not go on; NaN: it reached t_end */
};

enum { SSLDYN_DRIFTS_MAXIMUM = 12 };

struct ssldyn_flow_report {
    const char *model;
    double t_reached, t_end;
    size_t rows;
    struct ssldyn_ode_statistics statistics; /* summed over modes that are integrated apart */
    const char *stepper;
    double wall; /* seconds; for the terminal only */

    size_t mode_count;
    struct ssldyn_mode_end *modes; /* owned */
    double eta_s;                  /* the decay that faces the fold */
    double eta_fold;               /* NaN where the model has none in closed form */
    bool by_start;                 /* fates are open however long the run is */
    const char *undecided;         /* why no fate is certified, a clause; NULL: they can be */
    double diverged_at;            /* matrix models: t at which the run did; NaN: it did not */
    bool fate_by_alignment;        /* matrix models: fates judged mode by mode of an aligned pair */
    bool ranked;                   /* matrix models: the next two are known, or NaN */
    double rank_at_end;            /* eigenvalues of F at t_end that are not negligible; also of
                                      modes that the loss couples, as is rank */
    double rank;                   /* how many survive from there on; NaN: some fate is open */

    double closure_error[2]; /* of a residual that is approximated, relative, at the start and at
                                the end; NaN: it is exact */

    struct ssldyn_drift drifts[SSLDYN_DRIFTS_MAXIMUM];
    size_t drift_count;
    bool interrupted;

    /* with training settings: flow time of a step, and weight decay over eta; 0: none were given */
    double step_time, decay_unit;
};

/* Integrates into the sink (NULL: the report is all that is wanted), which is closed whatever
 * happens. It has what was computed on EDIVERGED, EFAILED and EINTERRUPTED; on EINPUT nothing came.
 * report is filled in every case; clear it
 * with ssldyn_flow_report_clear. Progress is drawn on a terminal unless quiet. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_flow_run(const struct ssldyn_problem *problem,
                                                     struct ssldyn_sink *sink, bool quiet,
                                                     struct ssldyn_flow_report *report,
                                                     struct ssldyn_error *err);
void ssldyn_flow_report_clear(struct ssldyn_flow_report *report);

/* Takes over from the problem in which units of training the report speaks as well. */
void ssldyn_flow_report_units(const struct ssldyn_problem *problem,
                              struct ssldyn_flow_report *report);

/* The closing report in plain words, one line for each item; the same for the same run. */
void ssldyn_flow_report_print(const struct ssldyn_flow_report *report, FILE *stream);

/* Of that, the fates, the margin to the fold and the modes; nothing where no mode was judged. */
void ssldyn_flow_report_print_fates(const struct ssldyn_flow_report *report, FILE *stream);

/* The first drift beyond its allowance, or NULL: --strict fails on it. */
const struct ssldyn_drift *ssldyn_flow_report_broken(const struct ssldyn_flow_report *report);

/* The same of any drifts, and a line for each of them in a report. */
const struct ssldyn_drift *ssldyn_flow_drifts_broken(size_t count,
                                                     const struct ssldyn_drift drifts[]);
void ssldyn_flow_drifts_print(size_t count, const struct ssldyn_drift drifts[], FILE *stream);

/* What rtol allows an invariant to drift, relative to the size of its terms: the global error of a
 * run is of the order of rtol, with a constant that grows mildly with time; 100 rtol plus rounding.
 * At most a hundredth, as what is off by more is not kept at any tolerance. */
double ssldyn_flow_drift_allowance(double rtol);

#endif
