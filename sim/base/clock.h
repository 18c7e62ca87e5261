/* Wall and CPU time and peak memory, for reports on stderr only (never in a result file). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_CLOCK_H
#define SSLDYN_SIM_BASE_CLOCK_H

double ssldyn_clock_wall(void);        /* seconds since some fixed instant, monotonic */
double ssldyn_clock_cpu(void);         /* seconds of CPU time of the process */
double ssldyn_clock_peak_memory(void); /* bytes, largest resident set so far */

#endif
