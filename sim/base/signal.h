/* Ctrl-C and the signals of batch systems: the first one asks long work to stop cleanly. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_SIGNAL_H
#define SSLDYN_SIM_BASE_SIGNAL_H

#include <stdbool.h>

/* Catches SIGINT, SIGTERM and, unless it is ignored, SIGHUP (once each: a second one kills), and
 * SIGUSR1, SIGUSR2 and SIGXCPU, by which batch systems announce the end of a job. A library does not
 * call this: there, work is stopped by those who watch it (watch.h). */
void ssldyn_signal_catch(void);

/* Makes a write beyond the limit on the size of files fail with EFBIG; SIGXFSZ would end the
 * process without a word. */
void ssldyn_signal_ignore_file_limit(void);

/* Whether a stop was asked for, by a signal or by whoever watches the calling thread's work. Cheap
 * enough to call at every step. */
bool ssldyn_signal_pending(void);

/* The name of the signal that was caught ("SIGTERM"), NULL: none was. */
const char *ssldyn_signal_name(void);

/* Ends the process by the signal that was caught, so that a shell sees it (status 130 for SIGINT);
 * returns when none was. */
void ssldyn_signal_reraise(void);

#endif
