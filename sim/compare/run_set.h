/* A set of runs: the run directories that the operands name, and the settings in which they
 * differ. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_RUN_SET_H
#define SSLDYN_SIM_COMPARE_RUN_SET_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum ssldyn_run_kind {
    SSLDYN_RUN_TRACE, /* a trace.tsv with a column t */
    SSLDYN_RUN_SWEEP,
    SSLDYN_RUN_OTHER /* another directory: a basin, moments */
};

struct ssldyn_run {
    char *path;
    const char *name; /* the part of path in which the runs differ; borrowed from path */
    enum ssldyn_run_kind kind;
    char **values; /* one per varied setting, as in spec.conf; "" if it is not there */
};

struct ssldyn_run_set {
    size_t count;
    struct ssldyn_run *runs;
    size_t varied; /* settings in which at least two of the runs differ */
    char **settings;
    bool of_folder;     /* an operand was a folder of runs */
    const char *folder; /* that folder, borrowed, if it was the only operand; else NULL */
};

/* Whether a directory is a run directory: it holds a spec.conf, or result files. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_is_there(const char *path, bool *there,
                                                         struct ssldyn_error *err);

/* Whether it has a trace, or a process is writing its first one. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_has_trace(const char *path, bool *has,
                                                          struct ssldyn_error *err);

/* Finds the runs that the operands name. An operand that is not a run directory means all runs
 * below it, in the order of their names with numbers by value (run-2 before run-10); hidden
 * directories and those inside a run are skipped. If the only operand neither is a run nor
 * contains one it is kept, and its reader reports the error. Each run is listed once. EINPUT:
 * one of several operands is not a run and contains none; more than 4096 runs. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_set_open(const char *const operands[], size_t count,
                                                         struct ssldyn_run_set *set,
                                                         struct ssldyn_error *err);
void ssldyn_run_set_clear(struct ssldyn_run_set *set);

/* Keeps the runs of one kind, and names those left out in one line on stream (NULL: no message). */
void ssldyn_run_set_keep(struct ssldyn_run_set *set, enum ssldyn_run_kind kind, const char *prefix,
                         FILE *stream);

/* Drops run number i. */
void ssldyn_run_set_drop(struct ssldyn_run_set *set, size_t i);

/* Finds the settings in which the runs differ. For runs of different commands these are the
 * command and the settings that all of them have; eta_p and eta_s are one setting, eta, if they
 * are equal in every run. A run without spec.conf has no settings. The runs of a folder are
 * sorted by these settings. A second call starts over. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_set_vary(struct ssldyn_run_set *set,
                                                         struct ssldyn_error *err);

/* Whether no two runs agree in all varied settings. */
bool ssldyn_run_set_are_distinct(const struct ssldyn_run_set *set);

#endif
