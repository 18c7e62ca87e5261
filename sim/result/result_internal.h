/* The structure of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RESULT_RESULT_INTERNAL_H
#define SSLDYN_SIM_RESULT_RESULT_INTERNAL_H

#include "sim/result/result.h"

#include <stdbool.h>

enum ssldyn_result_kind { SSLDYN_RESULT_NUMBER, SSLDYN_RESULT_COUNT, SSLDYN_RESULT_WORD };

struct ssldyn_result_value {
    char *name;
    enum ssldyn_result_kind kind;
    double number;
    int64_t count;
    char *text; /* the word; NULL: a number */
};

struct ssldyn_result_text {
    char *name, *text;
    bool shown;
    size_t after; /* number of values before it */
};

struct ssldyn_result_array {
    char *name;
    size_t dimensions;
    size_t shape[SSLDYN_DIMENSIONS];
    double *data; /* owned */
};

/* Entries of a list: in use, and allocated. */
struct ssldyn_result_list {
    size_t count, capacity;
};

struct ssldyn_result {
    bool no_memory; /* something could not be added */

    struct ssldyn_result_list values_used;
    struct ssldyn_result_value *values;
    struct ssldyn_result_list texts_used;
    struct ssldyn_result_text *texts;
    struct ssldyn_result_list arrays_used;
    struct ssldyn_result_array *arrays;

    size_t columns;
    char **names; /* of the columns; in the same memory block as the pointers */
    const struct ssldyn_layout *layout; /* layout of the columns; NULL: none */
    size_t modes;
    struct ssldyn_result_list rows_used;
    double *rows; /* rows x columns */

    FILE *stream; /* of the text that is being written; NULL: none */
    char *stream_name, *stream_text;
    size_t stream_size;

    struct ssldyn_arrays given; /* arrays given to the command instead of files */
    ssldyn_result_writer *write;
    void *context;
    void (*release)(void *context);
};

/* Grows the list *entries for one more entry of size bytes; false, and noted, if out of memory. */
bool ssldyn_result_grow(struct ssldyn_result *result, struct ssldyn_result_list *list,
                        void **entries, size_t size);

#endif
