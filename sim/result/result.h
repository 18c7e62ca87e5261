/* The result of a command: its values ("name = value"), its rows by column name, its arrays and its
 * texts. A command fills it in; the command line prints it, and the library returns it. Once
 * filled, a result never changes, so any number of threads may read it at once. */
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

/* An empty result. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_create(struct ssldyn_result **result,
                                                          struct ssldyn_error *err);

/* ---- Filling. Names and texts are copied. If memory runs out, what is added from then on is lost,
 * and ssldyn_result_check reports it, so that the caller need not check every call. */

/* A line "name = value": a number as the shortest decimal that reads back; an integer; a word. */
void ssldyn_result_put(struct ssldyn_result *result, const char *name, double value);
void ssldyn_result_put_count(struct ssldyn_result *result, const char *name, int64_t value);
void ssldyn_result_put_word(struct ssldyn_result *result, const char *name, const char *word);

/* The same, if the value is known (not NaN). */
void ssldyn_result_put_known(struct ssldyn_result *result, const char *name, double value);

/* Number j, from 0, of `count` of one kind: as name if there is only one, else as name_1, name_2,
 * ..., and all of them as an array, in which missing ones are NaN. */
void ssldyn_result_put_of(struct ssldyn_result *result, const char *name, size_t j, size_t count,
                          double value);

/* A text that is not printed with the values, "report"; replaces one of the same name. */
void ssldyn_result_put_text(struct ssldyn_result *result, const char *name, const char *text);

/* Removes a text; allowed if there is none of that name. */
void ssldyn_result_drop_text(struct ssldyn_result *result, const char *name);

/* The same through a stream, for functions that print: the text is what is written until
 * ssldyn_result_end_text. NULL, with nothing to end, if out of memory. One at a time. */
FILE *ssldyn_result_begin_text(struct ssldyn_result *result, const char *name);
void ssldyn_result_end_text(struct ssldyn_result *result);

/* Makes ssldyn_result_print write that text as well, between the lines added before it and those
 * added after it: a table for standard output. Call after ssldyn_result_end_text. */
void ssldyn_result_show_text(struct ssldyn_result *result, const char *name);

/* A row-major array of zeros to fill in; NULL: out of memory. The other function takes ownership of
 * data, which is freed with free(), even on failure. dimensions: at most SSLDYN_DIMENSIONS; 0: a
 * single number. */
double *ssldyn_result_put_array(struct ssldyn_result *result, const char *name, size_t dimensions,
                                const size_t shape[]);
void ssldyn_result_take_array(struct ssldyn_result *result, const char *name, size_t dimensions,
                              const size_t shape[], double *data);

/* The rows: the names of their columns, or the layout that defines them, then the rows in order.
 * Once. */
void ssldyn_result_put_columns(struct ssldyn_result *result, size_t count,
                               const char *const names[]);
void ssldyn_result_put_layout(struct ssldyn_result *result, const struct ssldyn_layout *layout,
                              size_t modes);
void ssldyn_result_put_row(struct ssldyn_result *result, const double row[]);

/* The names and the rows of a table that was read; they are copied. */
struct ssldyn_table;
void ssldyn_result_put_table(struct ssldyn_result *result, const struct ssldyn_table *table);

/* Moves the rows of a run, the arrays t, Wp, W, Wa, F of its snapshots, and its tables as arrays of
 * their names, rows x columns, out of memory, which is then empty. */
void ssldyn_result_take_rows(struct ssldyn_result *result, struct ssldyn_run_memory *memory);

/* Sets the function that writes the result as files into an existing directory; release, if not
 * NULL, frees context along with the result. Without it nothing can be saved. */
typedef enum ssldyn_status ssldyn_result_writer(const struct ssldyn_result *result,
                                                const void *context, const char *directory,
                                                struct ssldyn_error *err);
void ssldyn_result_set_writer(struct ssldyn_result *result, ssldyn_result_writer *write,
                              void *context, void (*release)(void *context));

/* Stores copies of the arrays given to the command, which ssldyn_result_write writes next to the
 * spec.conf that names them. */
void ssldyn_result_keep_given(struct ssldyn_result *result, const struct ssldyn_arrays *arrays);

/* Notes that memory ran out, where it did. */
void ssldyn_result_want_memory(struct ssldyn_result *result, bool wanted);

/* ENOMEM where something could not be added. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_check(const struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

/* ---- Reading: sim/ssldyn.h has the functions that the library hands out as well. */

/* Writes the values as the command line prints them, one per line, and the texts that are shown. */
void ssldyn_result_print(const struct ssldyn_result *result, FILE *stream);

/* Writes the files of the result into an existing directory. EINPUT: it has none;
 * ssldyn_result_can_write checks this beforehand. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_can_write(const struct ssldyn_result *result,
                                                             struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_result_write(const struct ssldyn_result *result,
                                                         const char *directory,
                                                         struct ssldyn_error *err);

#endif
