/* Ctrl-C and its like. The handler only leaves a mark: everything else happens where the work looks
 * at it. */
// SPDX-License-Identifier: MIT
#include "sim/base/signal.h"

#include <signal.h>
#include <stddef.h>

/* A handler can speak to the program through nothing else. */
static volatile sig_atomic_t caught = 0;

static void remember(int number)
{
    caught = number;
}

void ssldyn_signal_catch(void)
{
    struct sigaction action = {0};

    action.sa_handler = remember;
    sigemptyset(&action.sa_mask);
    /* SA_RESETHAND: the second one kills. SA_RESTART: files being written notice nothing. Set even
     * where a shell has made its background jobs ignore SIGINT: whoever sends it means it. */
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A terminal that goes away, unless nohup has said that it may. */
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

bool ssldyn_signal_pending(void)
{
    return caught != 0;
}

void ssldyn_signal_reraise(void)
{
    struct sigaction action = {0};
    int number = caught;

    if (number == 0)
        return;
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
    raise(number);
}
