/* The arrays that the options of a command were given in memory, or in files beside the experiment
 * file that names them: what a directory of results needs besides spec.conf to be repeated. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAYS_H
#define SSLDYN_SIM_IO_ARRAYS_H

#include "sim/io/array_view.h"

/* Those that options were given. */
struct ssldyn_arrays_item {
    const char *option;            /* its name; borrowed */
    size_t place;                  /* of an option with several values: which of them, from 0 */
    struct ssldyn_array_view view; /* data NULL: it is in file */
    void *owned;                   /* what view.data is in, where it is not borrowed */
    char *file; /* a file beside the experiment file that named it; owned; NULL: it is in view */
};
struct ssldyn_arrays {
    size_t count;
    struct ssldyn_arrays_item *items;
};

/* The one in memory for that value of the option; NULL: there is none. arrays may be NULL. */
const struct ssldyn_array_view *ssldyn_arrays_find(const struct ssldyn_arrays *arrays,
                                                   const char *option, size_t place);
/* The same, including those in files. */
const struct ssldyn_arrays_item *ssldyn_arrays_item(const struct ssldyn_arrays *arrays,
                                                    const char *option, size_t place);

/* Whether the option has one of them. */
bool ssldyn_arrays_any(const struct ssldyn_arrays *arrays, const char *option);

/* Adds one: view, or, where that is NULL, file, which is copied. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_arrays_add(struct ssldyn_arrays *arrays,
                                                       const char *option, size_t place,
                                                       const struct ssldyn_array_view *view,
                                                       const char *file, struct ssldyn_error *err);
/* Removes those of an option. */
void ssldyn_arrays_drop(struct ssldyn_arrays *arrays, const char *option);

/* *to, not yet filled, gets the same ones: what from owns is copied, what it borrows is borrowed.
 * False when memory is out, *to is empty then. */
bool ssldyn_arrays_copy(const struct ssldyn_arrays *from, struct ssldyn_arrays *to);
/* Has the list own all that it borrows, which may go then. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_arrays_own(struct ssldyn_arrays *arrays,
                                                       struct ssldyn_error *err);
void ssldyn_arrays_clear(struct ssldyn_arrays *arrays);

/* How the names begin and end that these have in a directory of results. */
#define SSLDYN_ARRAYS_PREFIX "given_"
#define SSLDYN_ARRAYS_ENDING ".npy"

/* The name of an item in a directory of results, "given_init_w.npy" or "given_wp_2.npy", into name.
 * Returns name. */
enum { SSLDYN_ARRAYS_NAME = 64 };
const char *ssldyn_arrays_name(const struct ssldyn_arrays_item *item,
                               char name[SSLDYN_ARRAYS_NAME]);

/* Writes all of them into a directory, made where it is missing, by those names, so that its
 * spec.conf can name them. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_arrays_write(const struct ssldyn_arrays *arrays,
                                                         const char *directory,
                                                         struct ssldyn_error *err);

#endif
