/* What came of a command: its values ("name = value"), its rows by column name, its arrays and its
 * texts. A command fills one, and whoever asked reads it: the command line prints it, the library
 * hands it out. A result that is filled is never changed again, so that any number of threads may
 * read it at once. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RESULT_RESULT_H
#define SSLDYN_SIM_RESULT_RESULT_H

#include "sim/base/error.h"
#include "sim/io/arrays.h"
#include "sim/run/run_memory.h"
#include "sim/ssldyn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An empty one. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_create(struct ssldyn_result **result,
                                                          struct ssldyn_error *err);

/* ---- Filling. Names and texts are copied. Where memory runs out, what is put from there on is
 * lost, and ssldyn_result_check says so: lines may be put one after another without a look at each.
 */

/* A line "name = value": a number as the shortest decimal that reads back; a whole number; a word. */
void ssldyn_result_put(struct ssldyn_result *result, const char *name, double value);
void ssldyn_result_put_count(struct ssldyn_result *result, const char *name, int64_t value);
void ssldyn_result_put_word(struct ssldyn_result *result, const char *name, const char *word);

/* The same only where the value is known, not NaN. */
void ssldyn_result_put_known(struct ssldyn_result *result, const char *name, double value);

/* Number j, from 0, of `count` of one kind: as name where there is one, else as name_1, name_2, ...,
 * and all of them as an array, in which those that are not put are NaN. */
void ssldyn_result_put_of(struct ssldyn_result *result, const char *name, size_t j, size_t count,
                          double value);

/* A text that is not printed with the values, "report"; one of the same name is replaced. */
void ssldyn_result_put_text(struct ssldyn_result *result, const char *name, const char *text);

/* Takes one out again; fine where there is none of that name. */
void ssldyn_result_drop_text(struct ssldyn_result *result, const char *name);

/* The same through a stream, for functions that print: what is written until
 * ssldyn_result_end_text is the text. NULL, with nothing to end, where memory is out. One at a time.
 */
FILE *ssldyn_result_begin_text(struct ssldyn_result *result, const char *name);
void ssldyn_result_end_text(struct ssldyn_result *result);

/* Has ssldyn_result_print write that text as well, between the lines that were put before it and
 * those that come after: a table that belongs on standard output. After ssldyn_result_end_text. */
void ssldyn_result_show_text(struct ssldyn_result *result, const char *name);

/* An array of zeros to fill, row-major; NULL where memory is out. The other one takes over data,
 * which is freed with free(), whatever happens. dimensions: at most SSLDYN_DIMENSIONS, 0 for one
 * number. */
double *ssldyn_result_put_array(struct ssldyn_result *result, const char *name, size_t dimensions,
                                const size_t shape[]);
void ssldyn_result_take_array(struct ssldyn_result *result, const char *name, size_t dimensions,
                              const size_t shape[], double *data);

/* The rows: the names of their columns, or the layout that has them, then one row after another.
 * Once. */
void ssldyn_result_put_columns(struct ssldyn_result *result, size_t count,
                               const char *const names[]);
void ssldyn_result_put_layout(struct ssldyn_result *result, const struct ssldyn_layout *layout,
                              size_t modes);
void ssldyn_result_put_row(struct ssldyn_result *result, const double row[]);

/* The names and the rows of a table that was read, which are copied. */
struct ssldyn_table;
void ssldyn_result_put_table(struct ssldyn_result *result, const struct ssldyn_table *table);

/* The rows of a run, the arrays t, Wp, W, Wa, F of its snapshots, and its tables as arrays of their
 * names, rows x columns, out of memory, which is empty then. */
void ssldyn_result_take_rows(struct ssldyn_result *result, struct ssldyn_run_memory *memory);

/* How the result is written as the files of a directory, which is there; context is released, where
 * release is not NULL, with the result. Without it nothing can be saved. */
typedef enum ssldyn_status ssldyn_result_writer(const struct ssldyn_result *result,
                                                const void *context, const char *directory,
                                                struct ssldyn_error *err);
void ssldyn_result_set_writer(struct ssldyn_result *result, ssldyn_result_writer *write,
                              void *context, void (*release)(void *context));

/* Keeps copies of the arrays that the command was given, which ssldyn_result_write writes next to
 * the spec.conf that names them. */
void ssldyn_result_keep_given(struct ssldyn_result *result, const struct ssldyn_arrays *arrays);

/* Notes that memory ran out, where it did. */
void ssldyn_result_want_memory(struct ssldyn_result *result, bool wanted);

/* ENOMEM where something could not be added. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_check(const struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

/* ---- Reading: sim/ssldyn.h has the functions that the library hands out as well. */

/* The values, a line each, as the command line prints them, and the texts that are shown. */
void ssldyn_result_print(const struct ssldyn_result *result, FILE *stream);

/* Writes the files of the result into a directory that is there. EINPUT: it has none, for which
 * ssldyn_result_can_write looks beforehand. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_can_write(const struct ssldyn_result *result,
                                                             struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_write(const struct ssldyn_result *result,
                                                         const char *directory,
                                                         struct ssldyn_error *err);

#endif
