/* Ctrl-C and similar signals. The handler only sets a flag; the work polls it. */
// SPDX-License-Identifier: MIT
#include "sim/base/signal.h"

#include "sim/base/watch.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>

/* The only way for a signal handler to communicate with the program. */
static volatile sig_atomic_t caught = 0;

static void remember(int number)
{
    caught = number;
}

static const struct {
    const char *name;
    int number;
    bool kills_twice; /* a second one kills; the others may recur while results are written */
} signals[] = {
    {"SIGINT", SIGINT, true},    {"SIGTERM", SIGTERM, true},  {"SIGHUP", SIGHUP, true},
    {"SIGUSR1", SIGUSR1, false}, {"SIGUSR2", SIGUSR2, false}, {"SIGXCPU", SIGXCPU, false},
};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

void ssldyn_signal_catch(void)
{
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction action = {0};
        struct sigaction before;
        /* SIGHUP stays ignored if nohup made it so. SIGINT is caught even where a shell made its
         * background jobs ignore it: it was then sent on purpose. */
        if (signals[i].number == SIGHUP &&
            (sigaction(SIGHUP, NULL, &before) != 0 || before.sa_handler == SIG_IGN))
            continue;
        action.sa_handler = remember;
        sigemptyset(&action.sa_mask);
        /* SA_RESTART: file operations are not interrupted. */
        action.sa_flags = SA_RESTART | (signals[i].kills_twice ? (int)SA_RESETHAND : 0);
        sigaction(signals[i].number, &action, NULL);
    }
}

void ssldyn_signal_ignore_file_limit(void)
{
    struct sigaction action = {0};

    action.sa_handler = SIG_IGN;
    sigemptyset(&action.sa_mask);
    sigaction(SIGXFSZ, &action, NULL);
}

const char *ssldyn_signal_name(void)
{
    for (int i = 0; i < SIGNALS; i++)
        if (signals[i].number == caught)
            return signals[i].name;
    return NULL;
}

bool ssldyn_signal_pending(void)
{
    return caught != 0 || ssldyn_watch_stopped();
}

void ssldyn_signal_reraise(void)
{
    struct sigaction action = {0};
    int number = caught;

    if (number == 0)
        return;
    const struct rlimit no_core = {0, 0}; /* SIGXCPU would dump core */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
    raise(number);
}
