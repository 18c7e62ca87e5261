/* One way to fail: a status, and one line filled where the facts are known. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_ERROR_H
#define SSLDYN_SIM_BASE_ERROR_H

#include "theory/status.h"

/* Fills err (may be NULL) with a printf-formatted line (cut at the buffer's end, control characters
 * of foreign text made visible as '?') and returns status:
 *     return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%d: ...", file, line);
 * The message says what is wrong, where, what is allowed; no command name, no newline. */
enum ssldyn_status ssldyn_fail(struct ssldyn_error *err, enum ssldyn_status status,
                               const char *format, ...) SSLDYN_PRINTF(3, 4);

/* The same for a system call that failed for `reason`, a value of errno, whose text is appended: the
 * status is SSLDYN_ENOMEM where memory ran out, and SSLDYN_EIO for an input that the machine could
 * not read (a disk's error, too many open files).
 *     return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be written", path); */
enum ssldyn_status ssldyn_fail_system(struct ssldyn_error *err, enum ssldyn_status status,
                                      int reason, const char *format, ...) SSLDYN_PRINTF(4, 5);

/* The text of an errno, "out of memory" in our words. */
const char *ssldyn_fail_reason(int reason);

/* The first of two failures: `status`, whose message err (may be NULL) holds, or, where all went
 * well until then, `later` with the message of `second`, which is copied into err. */
enum ssldyn_status ssldyn_fail_first(struct ssldyn_error *err, enum ssldyn_status status,
                                     enum ssldyn_status later, const struct ssldyn_error *second);

/* The exit status of the program for a status, and its meaning in words. */
int ssldyn_error_exit_status(enum ssldyn_status status);
const char *ssldyn_error_status_text(enum ssldyn_status status);

#endif
