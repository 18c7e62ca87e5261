/* Ctrl-C: the first one asks long work to stop cleanly, the second one kills. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_SIGNAL_H
#define SSLDYN_SIM_BASE_SIGNAL_H

#include <stdbool.h>

/* Catches SIGINT, SIGTERM and, unless it is ignored, SIGHUP (once each; the default action is
 * restored by the first delivery). Without this call ssldyn_signal_pending is always false, as in a
 * library. */
void ssldyn_signal_catch(void);

/* Whether a stop was asked for. Cheap enough to call at every step. */
bool ssldyn_signal_pending(void);

/* Ends the process by the signal that was caught, so that a shell sees it (status 130 for SIGINT);
 * returns when none was. */
void ssldyn_signal_reraise(void);

#endif
