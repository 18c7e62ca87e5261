/* Strict parsing of numbers and lists. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_PARSE_H
#define SSLDYN_SIM_BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssldyn_list {
    size_t count;
    double *values; /* owned */
};

/* Numbers: the whole text must be one finite number; false otherwise. */
bool ssldyn_parse_double(const char *text, double *value);
bool ssldyn_parse_int64(const char *text, int64_t *value);
bool ssldyn_parse_uint64(const char *text, uint64_t *value);

/* A list from text: "0.1,0.2", "a:b:n" (n evenly spaced values, both ends included), "log:a:b:n"
 * (geometric), "list:1,2". If text is not a list: an empty list, and a description of the error in
 * *fault (NULL: out of memory). At most ten million entries. */
enum { SSLDYN_LIST_MAXIMUM = 10000000 };
bool ssldyn_parse_list(const char *text, struct ssldyn_list *list, const char **fault);

/* Entry j of a nonempty list; a list of one entry applies to every mode. */
double ssldyn_parse_list_entry(const struct ssldyn_list *list, size_t j);

#endif
