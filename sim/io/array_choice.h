/* Chooses an array of a file with several: the one named, the only one, or the one with the name of
 * its role (Wp, F, W, ...); suggests names if there is none. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAY_CHOICE_H
#define SSLDYN_SIM_IO_ARRAY_CHOICE_H

#include "sim/io/npy.h"

struct ssldyn_candidates;
struct ssldyn_array_view;

/* What an option reads. A size of zero: any. */
struct ssldyn_need {
    const char *option;   /* its name in messages, e.g. "--wp" */
    const char *role;     /* the array's default name, e.g. "Wp"; NULL: none */
    size_t least, most;   /* dimensions of the array: 2 and 3 for a matrix or a stack of them */
    size_t rows, columns; /* of the matrix; for a vector, columns */
    bool square;
    const struct ssldyn_array_view
        *memory; /* the array itself, no file is opened; NULL: a file is read */
    bool borrow; /* the result is not written to: it may be memory's own data */
    /* Called with all arrays of the file instead of choosing, and then the first is opened. NULL:
     * one is chosen. */
    enum ssldyn_status (*list_arrays)(const struct ssldyn_candidates *candidates, void *context,
                                      struct ssldyn_error *err);
    void *context;
};

/* The arrays of a file. */
struct ssldyn_candidates {
    const char *path;
    size_t count;
    const char *const *names;
    /* Fills dimensions and shape of array i; false if unknown. */
    bool (*shape)(const void *context, size_t i, struct ssldyn_array *array);
    const void *context;
};

/* wanted: the name requested, or NULL. A name also matches with the prefixes that frameworks add
 * (module., _orig_mod., state_dict., model., net.) and as the end of one longer name; . and / are
 * equivalent. *index is the choice. EINPUT otherwise, with the nearest names and those whose shape
 * fits need. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_choice(const struct ssldyn_candidates *candidates,
                                                         const char *wanted,
                                                         const struct ssldyn_need *need,
                                                         size_t *index, struct ssldyn_error *err);

/* Whether an array of this shape fits need. */
bool ssldyn_array_choice_fits(const struct ssldyn_need *need, const struct ssldyn_array *array);

/* "3 x 4" into text; "a single number" without dimensions. */
void ssldyn_array_choice_shape_text(const struct ssldyn_array *array, char text[], size_t size);

#endif
