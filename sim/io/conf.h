/* Parsed files of key = value lines: experiment files and the spec.conf of runs. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_CONF_H
#define SSLDYN_SIM_IO_CONF_H

#include "sim/base/error.h"

#include <stddef.h>

struct ssldyn_conf_entry {
    char *key;
    char *value; /* several quoted strings become one line each */
    int line;    /* line number in the file */
    int continued; /* line number of the first continuation line, 0: none; if there is one, value is a list */
};

struct ssldyn_conf {
    char *text; /* owned; keys and values point into it */
    struct ssldyn_conf_entry *entries;
    size_t count;
};

/* Reads a file. EINPUT with file:line for a line that is not valid; unknown and repeated keys are
 * left to the caller. On failure conf is empty. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_conf_read(const char *path, struct ssldyn_conf *conf,
                                                      struct ssldyn_error *err);
/* Parses a text allocated with malloc; conf takes ownership of it even on failure. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_conf_parse(char *text, const char *name, struct ssldyn_conf *conf, struct ssldyn_error *err);
void ssldyn_conf_clear(struct ssldyn_conf *conf);

/* The value of the first entry with that key, owned by conf; NULL: none. */
const char *ssldyn_conf_value(const struct ssldyn_conf *conf, const char *key);

#endif
