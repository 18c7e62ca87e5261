/* Without MPI: one process. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/ranks.h"

int ssldyn_ranks_number(void)
{
    return 0;
}

int ssldyn_ranks_count(void)
{
    return 1;
}

const char *ssldyn_ranks_support(void)
{
    return "no (threads only)";
}

void ssldyn_ranks_end(void)
{
}

enum ssldyn_status ssldyn_ranks_agree(enum ssldyn_status status, struct ssldyn_error *err)
{
    (void)err;
    return status;
}

enum ssldyn_status ssldyn_ranks_run(const struct ssldyn_ranks_work *work, struct ssldyn_error *err)
{
    return ssldyn_threads_run(work, err);
}
