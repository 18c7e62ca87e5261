/* Ctrl-C and the signals of batch systems: the first one asks long work to stop cleanly. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_SIGNAL_H
#define SSLDYN_SIM_BASE_SIGNAL_H

#include <stdbool.h>

/* Catches SIGINT, SIGTERM and, unless it is ignored, SIGHUP (once each: a second one kills), and
 * SIGUSR1, SIGUSR2 and SIGXCPU, by which batch systems announce the end of a job. The library does
 * not call this: there, a progress callback stops the work (watch.h). */
void ssldyn_signal_catch(void);

/* Makes a write beyond the file size limit fail with EFBIG; by default SIGXFSZ would kill the
 * process. */
void ssldyn_signal_ignore_file_limit(void);

/* Whether a stop was requested, by a signal or by the calling thread's progress callback. Cheap
 * enough to call at every step. */
bool ssldyn_signal_pending(void);

/* The name of the signal that was caught ("SIGTERM"); NULL: none. */
const char *ssldyn_signal_name(void);

/* Ends the process with the signal that was caught, so that a shell sees it (status 130 for
 * SIGINT); returns if there was none. */
void ssldyn_signal_reraise(void);

#endif
