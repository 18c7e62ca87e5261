/* The parts of an HTML report, each a section or nothing. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_REPORT_H
#define SSLDYN_SIM_CLI_REPORT_H

#include "sim/answer/answer.h"
#include "sim/compare/run_set.h"

#include <stdio.h>

/* Text as text: nothing in it is markup. */
void ssldyn_report_escaped(FILE *out, const char *text);

/* A number for people: six digits; empty where there is none. */
void ssldyn_report_number(FILE *out, double value);

/* A cell of a table, tag "td" or "th", with attributes or without; a cell with a number; and a row
 * that says what a name means. */
void ssldyn_report_cell(FILE *out, const char *tag, const char *text);
void ssldyn_report_cell_number(FILE *out, double value);
void ssldyn_report_meaning(FILE *out, const char *name, const char *meaning);

/* Begins a table under a heading, its first row the names of head, "fate|points" (NULL: none). It
 * ends with "</table></div>\n". */
void ssldyn_report_table(FILE *out, const char *heading, const char *head);

/* The beginning of the page, up to its heading: what the runs are and what sets them apart. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_report_head(FILE *out, struct ssldyn_run_set *set,
                                                        struct ssldyn_error *err);

/* Values at the end of a run with a trace, and what the symbols mean. */
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
