/* Which array of a file with several is meant: the one named, the only one, or the one that bears
 * the name of its role (Wp, F, W, ...); and what to offer where none is. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PICK_H
#define SSLDYN_SIM_IO_PICK_H

#include "sim/io/npy.h"

struct ssldyn_candidates;
struct ssldyn_array_view;

/* What an option reads. Zero sizes are not known in advance. */
struct ssldyn_need {
    const char *option;   /* how messages call it, e.g. "--wp" */
    const char *role;     /* the array's name where none is given, e.g. "Wp"; NULL: none */
    size_t least, most;   /* dimensions of the array: 2 and 3 for a matrix or a stack of them */
    size_t rows, columns; /* of the matrix; of a vector the columns */
    bool square;
    const struct ssldyn_array_view
        *memory; /* the array itself; no file is opened. NULL: a file is */
    bool lend;   /* what is read is not written to: the reader may be handed memory's own numbers */
    /* Called with all arrays of the file in place of choosing: the first is opened then. NULL: one
     * is chosen. */
    enum ssldyn_status (*take_down)(const struct ssldyn_candidates *candidates, void *context,
                                    struct ssldyn_error *err);
    void *context;
};

/* The arrays of a file. */
struct ssldyn_candidates {
    const char *path;
    size_t count;
    const char *const *names;
    /* Fills dimensions and shape of array i; false where they cannot be told. */
    bool (*shape)(const void *context, size_t i, struct ssldyn_array *array);
    const void *context;
};

/* wanted: the name asked for, or NULL. A name is also found behind the prefixes that frameworks put
 * before it (module., _orig_mod., state_dict., model., net.) and as the end of one longer name;
 * . and / are the same. *index is the choice. EINPUT otherwise, with the nearest names and those
 * whose shape fits need. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pick(const struct ssldyn_candidates *candidates,
                                                 const char *wanted, const struct ssldyn_need *need,
                                                 size_t *index, struct ssldyn_error *err);

/* Whether an array of this shape is what need asks for. */
bool ssldyn_pick_fits(const struct ssldyn_need *need, const struct ssldyn_array *array);

/* "3 x 4" into text; "a single number" without dimensions. */
void ssldyn_pick_shape_text(const struct ssldyn_array *array, char text[], size_t size);

#endif
