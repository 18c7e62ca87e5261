/* Shared by the parts of the pickle reader: values and their memory, and names. For
 * sim/io/pickle*.c only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PICKLE_INTERNAL_H
#define SSLDYN_SIM_IO_PICKLE_INTERNAL_H

#include "sim/io/pickle.h"

enum {
    SSLDYN_PICKLE_STEPS = 1 << 22, /* opcodes, and items copied at once */
    SSLDYN_PICKLE_BLOCK = 1 << 10, /* values allocated together */
    SSLDYN_PICKLE_SMALLEST_MEMO = 1000
};

struct ssldyn_pickle {
    struct ssldyn_pickle_value **blocks; /* of SSLDYN_PICKLE_BLOCK values each */
    size_t values;
    char **strings; /* decoded strings */
    size_t string_count;
    struct ssldyn_pickle_value *root;
};

/* A new value; NULL: out of memory. */
struct ssldyn_pickle_value *ssldyn_pickle_new(struct ssldyn_pickle *pickle,
                                              enum ssldyn_pickle_kind kind);
/* Buffer for a decoded string, owned by pickle; NULL: out of memory. */
char *ssldyn_pickle_string(struct ssldyn_pickle *pickle, size_t length);
/* Appends items to a container; false: out of memory. */
bool ssldyn_pickle_append(struct ssldyn_pickle_value *container, size_t count,
                          struct ssldyn_pickle_value *const items[]);

/* What a name may be used for. */
enum ssldyn_pickle_use {
    SSLDYN_PICKLE_REFUSED, /* not allowed at all */
    SSLDYN_PICKLE_MENTIONED, /* allowed as a class whose instances have a state, or a function that is not called */
    SSLDYN_PICKLE_CALLED, /* gives an opaque object */
};
/* name: "module.name", length bytes, as in the pickle, with the module names of Python 3. */
enum ssldyn_pickle_use ssldyn_pickle_name_use(const char *name, size_t length);

/* Decodes Python's escapes: those of 'a byte string' (text between its quotes) into bytes, those of
 * raw-unicode-escape and Latin-1 characters into UTF-8. to: a buffer of 2 * length bytes; returns
 * the number of bytes written. */
size_t ssldyn_pickle_decode_quoted(const char *text, size_t length, char to[]);
size_t ssldyn_pickle_decode_raw(const char *text, size_t length, char to[]);
/* Converts UTF-8 back to Latin-1; to: a buffer of length bytes. SIZE_MAX: not possible. */
size_t ssldyn_pickle_encode_latin1(const char *text, size_t length, char to[]);

#endif
