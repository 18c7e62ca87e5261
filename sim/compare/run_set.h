/* Several runs side by side: the run directories that operands name, and the settings in which they
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
    SSLDYN_RUN_OTHER /* a basin, moments */
};

struct ssldyn_run {
    char *path;
    const char *name; /* the part of path in which the runs differ; borrowed from path */
    enum ssldyn_run_kind kind;
    char **values; /* of each varied setting, as spec.conf has it; "" where there is none */
};

struct ssldyn_run_set {
    size_t count;
    struct ssldyn_run *runs;
    size_t varied; /* settings in which at least two of the runs differ */
    char **settings;
    bool of_folder;     /* an operand was a folder of runs */
    const char *folder; /* which, borrowed, where it was the only operand; else NULL */
};

/* Whether a directory is that of a run: it holds a spec.conf, or results by their name. */
bool ssldyn_run_is_there(const char *path);

/* Whether it has a trace, or a process is writing its first one. */
bool ssldyn_run_has_trace(const char *path);

/* The runs that the operands name. A directory that is not a run means the runs below it, in the
 * order of their names with numbers by value (run-2 before run-10); hidden directories and those
 * inside a run are not entered. An operand that neither is a run nor holds one is kept where it is
 * the only one: its reader says what is wrong. Each run comes once. EINPUT: one of several operands
 * is not a run and holds none; more than 4096 runs. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_set_open(const char *const operands[], size_t count,
                                                         struct ssldyn_run_set *set,
                                                         struct ssldyn_error *err);
void ssldyn_run_set_clear(struct ssldyn_run_set *set);

/* Keeps the runs of one kind; with names of those left out on stream (NULL: nowhere), one line. */
void ssldyn_run_set_keep(struct ssldyn_run_set *set, enum ssldyn_run_kind kind, const char *prefix,
                         FILE *stream);

/* Drops run number i. */
void ssldyn_run_set_drop(struct ssldyn_run_set *set, size_t i);

/* Looks for the settings in which the runs differ. Of runs of different commands these are the
 * command and what all of them have; eta_p and eta_s are one setting, eta, where they agree in
 * every run. A run without spec.conf has no settings. The runs of a folder are put in the order of
 * these settings. Asked again, it looks anew. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_set_vary(struct ssldyn_run_set *set,
                                                         struct ssldyn_error *err);

/* Whether the varied settings tell every run from every other. */
bool ssldyn_run_set_is_told_apart(const struct ssldyn_run_set *set);

#endif
