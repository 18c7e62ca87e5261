/* The body of an answer: bytes that grow, and JSON written into them. Running out of memory is
 * remembered: the sender of the bytes checks for it once. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_BYTES_H
#define SSLDYN_SIM_EXPLORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. */
struct ssldyn_explore_bytes {
    char *data; /* owned, NULL while nothing was put */
    size_t size, capacity;
    bool lost; /* memory ran out */
    bool open; /* JSON: nothing follows the bracket or the name yet, so no comma comes first */
};

void ssldyn_bytes_clear(struct ssldyn_explore_bytes *bytes);

/* Appends count bytes, a string, numbers in the order of a little-endian machine. put_space appends
 * zeros and returns where they are, valid until more is appended; NULL: no memory. */
void ssldyn_bytes_put(struct ssldyn_explore_bytes *bytes, const void *from, size_t count);
void ssldyn_bytes_put_string(struct ssldyn_explore_bytes *bytes, const char *text);
void ssldyn_bytes_put_u32(struct ssldyn_explore_bytes *bytes,
                          size_t value); /* above 2^32 - 1: that */
void ssldyn_bytes_put_doubles(struct ssldyn_explore_bytes *bytes, size_t count,
                              const double values[]);
void *ssldyn_bytes_put_space(struct ssldyn_explore_bytes *bytes, size_t count);

/* JSON. Commas are set by themselves; name is NULL inside an array and for the whole. A number that
 * is not finite is null; text NULL is null. Text that is not UTF-8 has its bad bytes replaced. */
void ssldyn_bytes_json_begin(struct ssldyn_explore_bytes *bytes, const char *name, char bracket);
void ssldyn_bytes_json_end(struct ssldyn_explore_bytes *bytes, char bracket);
void ssldyn_bytes_json_text(struct ssldyn_explore_bytes *bytes, const char *name, const char *text);
void ssldyn_bytes_json_number(struct ssldyn_explore_bytes *bytes, const char *name, double value);
void ssldyn_bytes_json_bool(struct ssldyn_explore_bytes *bytes, const char *name, bool value);
void ssldyn_bytes_json_numbers(struct ssldyn_explore_bytes *bytes, const char *name, size_t count,
                               const double values[]);

#endif
