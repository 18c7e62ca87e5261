/* Python's pickles (protocols 0 to 5) read as data: a small interpreter of the opcodes builds plain
 * values and executes nothing. Where Python would call a function or make an instance, a name on a
 * short list (pickle_names.c) becomes an opaque object with its arguments and state; any other call
 * is refused by name. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PICKLE_H
#define SSLDYN_SIM_IO_PICKLE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ssldyn_pickle_kind {
    SSLDYN_PICKLE_NONE,
    SSLDYN_PICKLE_BOOL,
    SSLDYN_PICKLE_INTEGER,
    SSLDYN_PICKLE_REAL,  /* and integers beyond 64 bits */
    SSLDYN_PICKLE_TEXT,  /* UTF-8 */
    SSLDYN_PICKLE_BYTES, /* and Python 2's str */
    SSLDYN_PICKLE_TUPLE, /* and torch.Size */
    SSLDYN_PICKLE_LIST,
    SSLDYN_PICKLE_SET,
    SSLDYN_PICKLE_DICT,       /* and OrderedDict, defaultdict, Counter */
    SSLDYN_PICKLE_NAME,       /* a class or function, never called */
    SSLDYN_PICKLE_OBJECT,     /* the result of a call or a class */
    SSLDYN_PICKLE_PERSISTENT, /* refers to something outside of the pickle */
};

struct ssldyn_pickle_value {
    enum ssldyn_pickle_kind kind;
    /* TUPLE, LIST, SET: the items. DICT, and an OBJECT that is a mapping: key, value, key, value,
     * in the order they were set, so that of equal keys the last counts. A container may contain
     * itself. */
    size_t count;
    struct ssldyn_pickle_value **items;
    union {
        int64_t integer; /* BOOL too: 0 or 1 */
        double real;
        struct { /* not zero-terminated; may contain zeros */
            const char *start;
            size_t length;
        } text; /* TEXT, BYTES; of a NAME "module.name" */
        struct {
            const struct ssldyn_pickle_value *callable;  /* a NAME or PERSISTENT */
            const struct ssldyn_pickle_value *arguments; /* a TUPLE */
            const struct ssldyn_pickle_value *state;     /* of BUILD, NULL: none */
        } object;
        const struct ssldyn_pickle_value *id; /* of a PERSISTENT */
    } is;
};

/* All values of one pickle. */
struct ssldyn_pickle;

/* Interprets the pickle at the start of bytes, which must outlive it: text and byte strings point
 * into them. path: its name in messages. *used: the number of bytes up to its end (NULL: not
 * needed). EINPUT for anything that is not a pickle, is truncated, calls or names something outside
 * of the list, or takes more steps (2^22) than any data set or checkpoint does; memory is bounded
 * by the bytes read. Free with ssldyn_pickle_free (NULL is allowed). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_read(const char *path,
                                                        const unsigned char bytes[], size_t size,
                                                        size_t *used, struct ssldyn_pickle **pickle,
                                                        struct ssldyn_error *err);
void ssldyn_pickle_free(struct ssldyn_pickle *pickle);
const struct ssldyn_pickle_value *ssldyn_pickle_root(const struct ssldyn_pickle *pickle);

/* Iterates over all PERSISTENT values, at any depth: *at starts at 0; NULL at the end. */
const struct ssldyn_pickle_value *ssldyn_pickle_next_persistent(const struct ssldyn_pickle *pickle,
                                                                size_t *at);

/* Whether value (NULL: false) is the text, byte string or name `text`. */
bool ssldyn_pickle_is(const struct ssldyn_pickle_value *value, const char *text);
/* Whether value (NULL: false) is an object made by calling the name `callable`. */
bool ssldyn_pickle_is_call(const struct ssldyn_pickle_value *value, const char *callable);
/* The value under key of a DICT, or of an OBJECT that is a mapping; NULL: none. */
const struct ssldyn_pickle_value *ssldyn_pickle_get(const struct ssldyn_pickle_value *value,
                                                    const char *key);
/* Item i of a TUPLE or LIST; NULL past its end and for other kinds. */
const struct ssldyn_pickle_value *ssldyn_pickle_item(const struct ssldyn_pickle_value *value,
                                                     size_t i);

#endif
