/* Initialization of the library, once in a process. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"
#include "sim/ssldyn.h"

void ssldyn_init(void)
{
    ssldyn_linalg_single_thread();
}
