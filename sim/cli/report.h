/* The parts of an HTML report, each a section or nothing. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_REPORT_H
#define SSLDYN_SIM_CLI_REPORT_H

#include "sim/answer/answer.h"
#include "sim/compare/run_set.h"

#include <stdio.h>

/* Prints text with its markup characters escaped. */
void ssldyn_report_escaped(FILE *out, const char *text);

/* A number for people: six digits; empty if it is not finite. */
void ssldyn_report_number(FILE *out, double value);

/* A cell of a table, tag "td" or "th", with optional attributes; a cell with a number; and a row
 * that explains a name. */
void ssldyn_report_cell(FILE *out, const char *tag, const char *text);
void ssldyn_report_cell_number(FILE *out, double value);
void ssldyn_report_meaning(FILE *out, const char *name, const char *meaning);

/* Starts a table under a heading, with the header row from head, "fate|points" (NULL: none). End
 * it with "</table></div>\n". */
void ssldyn_report_table(FILE *out, const char *heading, const char *head);

/* The beginning of the page, up to its heading: what the runs are and the settings in which they
 * differ. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_report_head(FILE *out, struct ssldyn_run_set *set,
                                                        struct ssldyn_error *err);

/* Final values of a run with a trace, and the meaning of the symbols. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_report_trace(FILE *out, const char *run,
                                                         struct ssldyn_error *err);

/* Points of a sweep by fate and by rank, with their shares, and the ranges of its columns. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_report_sweep(FILE *out, const char *run,
                                                         struct ssldyn_error *err);

/* Several runs as one table. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_report_runs(FILE *out, struct ssldyn_run_set *set,
                                                        const struct ssldyn_answer_mode *mode,
                                                        struct ssldyn_error *err);

#endif
