/* A run directory: spec.conf, trace.tsv, events.tsv, NAME/trace.tsv of each additional table, and
 * the stacked snapshots of matrix models. Files get their names when they are complete: when the
 * run ends, is stopped, or fails. All of them are written to a work directory, which replaces an
 * older run when it is published (sim/io/output.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_RUN_DIRECTORY_H
#define SSLDYN_SIM_RUN_RUN_DIRECTORY_H

#include "sim/base/error.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"
#include "sim/io/trace.h"
#include "sim/run/sink.h"

#include <stdbool.h>

/* Prints the content of spec.conf. */
typedef void ssldyn_run_settings_print(const void *settings, FILE *stream);

/* X and X' of a run whose data are sampled from a set: they replace --x and --xprime; and their
 * divisor, which is written unless it is 1. */
#define SSLDYN_RUN_X "data_x.npy"
#define SSLDYN_RUN_XPRIME "data_xprime.npy"
#define SSLDYN_RUN_SCALE "data_scale.npy"

/* The header of events.tsv, and a line of it: the time as text, the mode, the event. */
#define SSLDYN_RUN_EVENTS_HEAD                                                                     \
    "# ssldyn events 1\n# mode: 1, 2, ...; 0 is the run as a whole\nt\tmode\tevent\n"
#define SSLDYN_RUN_EVENT "%s\t%zu\t%s\n"

enum { SSLDYN_RUN_STACKS = 10 };

struct ssldyn_run_directory {
    struct ssldyn_sink sink; /* pass this to the run */
    const char *path;        /* borrowed, like the next two */
    ssldyn_run_settings_print *print_settings;
    const void *settings;
    /* used between open and close */
    struct ssldyn_trace *trace;
    struct ssldyn_trace *tables[SSLDYN_SINK_TABLES];
    size_t table_count, width; /* of a table's row */
    struct ssldyn_file events;
    struct ssldyn_npy_writer *stack[SSLDYN_RUN_STACKS];
    bool failed; /* writing a file failed */
};

/* A sink that creates the directory at path when it is opened. print_settings prints settings,
 * which become spec.conf. Nothing to free: close and abandon do that. */
void ssldyn_run_directory_init(struct ssldyn_run_directory *directory, const char *path,
                               ssldyn_run_settings_print *print_settings, const void *settings);

#endif
