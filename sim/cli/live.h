/* A run that is being written: the rows that are there so far. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_LIVE_H
#define SSLDYN_SIM_CLI_LIVE_H

#include "sim/base/error.h"
#include "sim/cli/picture.h"
#include "sim/io/trace.h"

#include <stdbool.h>

enum { SSLDYN_LIVE_STATE = 160 };

/* Reads a run's trace. While a process writes it, and it has no earlier results or newest asks for
 * the new ones, these are its rows so far; state then says how far it is, "unfinished: t = 3.2 of
 * 100, 32 rows", and is "" otherwise. *path is the file, in a fresh string. EINPUT; but a trace
 * that is being written may have no row yet, or no column. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_live_trace(const char *run, bool newest,
                                                       struct ssldyn_table *table, char **path,
                                                       char state[SSLDYN_LIVE_STATE],
                                                       struct ssldyn_error *err);

/* Draws the request on the page again and again as its runs grow, until none is being written, and
 * then once more; prints the file's name when it is first there. EINTERRUPTED on Ctrl-C, with the
 * last picture in place. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_live_follow(const struct ssldyn_picture_request *request, const struct ssldyn_page *page,
                   struct ssldyn_error *err);

#endif
