/* Files of key = value lines, taken apart: experiment files and the spec.conf of runs. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_CONF_H
#define SSLDYN_SIM_IO_CONF_H

#include "sim/base/error.h"

#include <stddef.h>

struct ssldyn_conf_entry {
    char *key;
    char *value;   /* of several strings in quotes: a line each */
    int line;      /* where it stands */
    int continued; /* the first indented line that continues it, 0: none; then value is a list */
};

struct ssldyn_conf {
    char *text; /* owned; keys and values point into it */
    struct ssldyn_conf_entry *entries;
    size_t count;
};

/* Reads a file. EINPUT with file:line for lines that are none of the above; whether keys mean
 * anything, or come twice, is the reader's business. On failure conf is empty. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_conf_read(const char *path, struct ssldyn_conf *conf,
                                                      struct ssldyn_error *err);
/* Takes apart a text from malloc, which conf owns from here on, whatever happens. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_conf_parse(char *text, const char *name, struct ssldyn_conf *conf, struct ssldyn_error *err);
void ssldyn_conf_clear(struct ssldyn_conf *conf);

/* The value of the first entry with that key, NULL where there is none; conf owns it. */
const char *ssldyn_conf_value(const struct ssldyn_conf *conf, const char *key);

#endif
