/* The arrays given to the options of a command in memory, or in files next to the experiment file
 * that names them: with spec.conf they are all that is needed to reproduce a run. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAYS_H
#define SSLDYN_SIM_IO_ARRAYS_H

#include "sim/io/array_view.h"

/* One array, and the option that it was given to. */
struct ssldyn_arrays_item {
    const char *option; /* its name; borrowed */
    size_t place;       /* for an option with several values: the index of the value, from 0 */
    struct ssldyn_array_view view; /* data NULL: the array is in file */
    void *owned;                   /* memory of view.data; NULL: borrowed */
    char *
        file; /* a file next to the experiment file that names it; owned; NULL: the array is in view */
};
struct ssldyn_arrays {
    size_t count;
    struct ssldyn_arrays_item *items;
};

/* The array in memory for that value of the option; NULL: none. arrays may be NULL. */
const struct ssldyn_array_view *ssldyn_arrays_find(const struct ssldyn_arrays *arrays,
                                                   const char *option, size_t place);
/* The same, including those in files. */
const struct ssldyn_arrays_item *ssldyn_arrays_item(const struct ssldyn_arrays *arrays,
                                                    const char *option, size_t place);

/* Whether the option has any of them. */
bool ssldyn_arrays_any(const struct ssldyn_arrays *arrays, const char *option);

/* Adds an array: view, or, if that is NULL, file, which is copied. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_arrays_add(struct ssldyn_arrays *arrays,
                                                       const char *option, size_t place,
                                                       const struct ssldyn_array_view *view,
                                                       const char *file, struct ssldyn_error *err);
/* Removes the arrays of an option. */
void ssldyn_arrays_drop(struct ssldyn_arrays *arrays, const char *option);

/* Copies the list into *to, which must be empty: owned memory is copied, borrowed memory is
 * borrowed. False, with *to empty, if out of memory. */
bool ssldyn_arrays_copy(const struct ssldyn_arrays *from, struct ssldyn_arrays *to);
/* Copies all borrowed memory into the list, so that the lender may free it. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_arrays_own(struct ssldyn_arrays *arrays,
                                                       struct ssldyn_error *err);
void ssldyn_arrays_clear(struct ssldyn_arrays *arrays);

/* Prefix and suffix of the file names of these arrays in a directory of results. */
#define SSLDYN_ARRAYS_PREFIX "given_"
#define SSLDYN_ARRAYS_ENDING ".npy"

/* Writes the file name of an item in a directory of results, "given_init_w.npy" or
 * "given_wp_2.npy", into name, and returns it. */
enum { SSLDYN_ARRAYS_NAME = 64 };
const char *ssldyn_arrays_name(const struct ssldyn_arrays_item *item,
                               char name[SSLDYN_ARRAYS_NAME]);

/* Writes all of them under these names into a directory, which is created if necessary, so that its
 * spec.conf can refer to them. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_arrays_write(const struct ssldyn_arrays *arrays,
                                                         const char *directory,
                                                         struct ssldyn_error *err);

#endif
