/* Wall and CPU time and peak memory. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"

#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec now = {0};

    if (clock_gettime(clock, &now) != 0)
        return 0.0;
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ssldyn_clock_wall(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double ssldyn_clock_cpu(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double ssldyn_clock_peak_memory(void)
{
    struct rusage usage;
#ifdef __APPLE__
    const double unit = 1.0;
#else
    const double unit = 1024.0; /* Linux and the BSDs count in kilobytes, macOS in bytes */
#endif

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0.0;
    return unit * (double)usage.ru_maxrss;
}
