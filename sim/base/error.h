/* Error reporting: a status, and a one-line message written where the facts are known. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_ERROR_H
#define SSLDYN_SIM_BASE_ERROR_H

#include "theory/status.h"

/* Fills err (may be NULL) with a printf-formatted line and returns status. The line is cut to the
 * buffer, and control characters become '?'.
 *     return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%d: ...", file, line);
 * The message says what is wrong, where, and what is allowed; no command name, no newline. */
enum ssldyn_status ssldyn_fail(struct ssldyn_error *err, enum ssldyn_status status,
                               const char *format, ...) SSLDYN_PRINTF(3, 4);

/* The same for a system call that failed with `reason`, a value of errno, whose text is appended.
 * The status becomes SSLDYN_ENOMEM if memory ran out, and SSLDYN_EIO for an input that the machine
 * could not read (a disk error, too many open files).
 *     return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be written", path); */
enum ssldyn_status ssldyn_fail_system(struct ssldyn_error *err, enum ssldyn_status status,
                                      int reason, const char *format, ...) SSLDYN_PRINTF(4, 5);

/* The text of an errno; "out of memory" for ENOMEM. */
const char *ssldyn_fail_reason(int reason);

/* The first of two failures: `status`, whose message is in err (may be NULL); if status is
 * SSLDYN_OK, `later`, and the message of `second` is copied into err. */
enum ssldyn_status ssldyn_fail_first(struct ssldyn_error *err, enum ssldyn_status status,
                                     enum ssldyn_status later, const struct ssldyn_error *second);

/* The exit status of the program for a status, and a description of it. */
int ssldyn_error_exit_status(enum ssldyn_status status);
const char *ssldyn_error_status_text(enum ssldyn_status status);

#endif
