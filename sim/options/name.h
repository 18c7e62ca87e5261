/* Names that were typed, and those that may have been meant. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_NAME_H
#define SSLDYN_SIM_OPTIONS_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a name as typed, or a file's key with _ for -, is that of a row. */
bool ssldyn_name_is(const char *typed, const char *name);

/* The key of that name in files and tables, with _ for -. Returns text, of size bytes. */
const char *ssldyn_name_key(const char *name, char text[], size_t size);

/* Goes along "alpha|beta|gamma" (or NULL): the next word at *rest and its length; NULL: no more. */
const char *ssldyn_name_next(const char **rest, size_t *length);

/* Whether it is one of a list's names, "alpha|beta|gamma"; capitals count as small letters. */
bool ssldyn_name_in(const char *typed, const char *names);

/* How far a typed name is from another: letters to insert, delete or change, 1 where it abbreviates
 * it, 99 beyond 32 letters. */
size_t ssldyn_name_distance(const char *typed, const char *name);

/* What a distance may be less than for a slip of the finger. */
size_t ssldyn_name_most_apart(const char *typed);

/* The nearest to a typed name among those that are offered; least: only nearer ones count. */
struct ssldyn_name_slip {
    const char *typed;
    size_t least;
    char hint[80]; /* "; did you mean beta?", or "" */
};
void ssldyn_name_offer(struct ssldyn_name_slip *slip, const char *name);

/* "; did you mean beta?" where the name is near one of names, "alpha|beta|gamma", else "". Returns
 * text, of size bytes. */
const char *ssldyn_name_hint(const char *typed, const char *names, char text[], size_t size);

#endif
