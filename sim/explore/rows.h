/* Results of the library as bytes of an answer. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_ROWS_H
#define SSLDYN_SIM_EXPLORE_ROWS_H

#include "sim/explore/call.h"
#include "sim/ssldyn.h"

#include <stdint.h>

/* An array of one dimension (or a number) and its length; NULL: there is none. */
const double *ssldyn_rows_array(const struct ssldyn_result *result, const char *name,
                                size_t *count);

/* Where a column is; SSLDYN_ROWS_NOWHERE: there is none. */
#define SSLDYN_ROWS_NOWHERE SIZE_MAX
size_t ssldyn_rows_column(const struct ssldyn_result *result, const char *name);

/* The last row's number in a column; NULL: there is none. */
const double *ssldyn_rows_last(const struct ssldyn_result *result, const char *column);

/* Makes the answer of /api/flow (README.md): the result's rows behind a head of JSON, whose members
 * after "columns" are those of head, begun and not ended. */
void ssldyn_rows_put(struct ssldyn_call_answer *answer, const struct ssldyn_explore_bytes *head,
                     const struct ssldyn_result *result);

/* The same for rows of the caller's. */
void ssldyn_rows_put_table(struct ssldyn_call_answer *answer,
                           const struct ssldyn_explore_bytes *head, size_t columns,
                           const char *const names[], size_t rows, const double values[]);

/* A text of lines as an array of JSON; the values of a result as an object. */
void ssldyn_rows_put_lines(struct ssldyn_explore_bytes *body, const char *name, const char *text);
void ssldyn_rows_put_values(struct ssldyn_explore_bytes *body, const char *name,
                            const struct ssldyn_result *result);

#endif
