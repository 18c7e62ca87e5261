/* ssldyn explore: a page on the loopback, served until a signal ends it. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/signal.h"
#include "sim/cli/explore_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Has the desktop open an address, without a shell. The browser is in a separate process group,
 * so that Ctrl-C ends the server alone, and prints nothing between our lines. */
static bool open_browser(const char *address)
{
#ifdef __APPLE__
    char program[] = "open";
#else
    char program[] = "xdg-open";
#endif
    char shown[SSLDYN_EXPLORE_ADDRESS];
    char *const words[] = {program, shown, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t child = 0;
    (void)snprintf(shown, sizeof shown, "%s", address);
    sigemptyset(&none);
    if (posix_spawn_file_actions_init(&files) != 0) {
        return false;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return false;
    }
    bool opened = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) == 0 &&
                  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0) == 0 &&
                  posix_spawn_file_actions_adddup2(&files, 1, 2) == 0 &&
                  posix_spawnattr_setflags(&attributes,
                                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK) == 0 &&
                  posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
                  posix_spawnattr_setsigmask(&attributes, &none) == 0;
    opened = opened && posix_spawnp(&child, program, &files, &attributes, words, environ) == 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return opened;
}

/* Waits for a signal. Signals arrive only while this waits, so none is missed. */
static void wait_for_signal(void)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    while (!ssldyn_signal_pending()) {
        sigsuspend(&before);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Says where the page is, and has it opened. */
static enum ssldyn_status announce(const struct ssldyn_spec *spec,
                                   const struct ssldyn_explore *explore, struct ssldyn_error *err)
{
    char address[SSLDYN_EXPLORE_ADDRESS];
    ssldyn_explore_address(explore, address);
    printf("address = %s\n", address);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return ssldyn_fail_system(err, SSLDYN_EIO, errno, "standard output: cannot be written");
    }
    ssldyn_explore_opening(explore, address);
    const bool opened = !spec->explore.no_open && open_browser(address);
    if (!spec->quiet) {
        fprintf(stderr, "ssldyn explore: %s; Ctrl-C ends it\n",
                opened ? "the page opens in your browser"
                       : "open this address in a browser on this machine");
    }
    return SSLDYN_OK;
}

/* Serves the page until a signal comes. */
static enum ssldyn_status serve(const struct ssldyn_spec *spec,
                                const struct ssldyn_explore_start *start, struct ssldyn_error *err)
{
    struct ssldyn_explore explore;
    enum ssldyn_status status = ssldyn_explore_open(start, &explore, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_explore_http_start(&explore, (unsigned)spec->explore.port, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_signal_catch();
        status = announce(spec, &explore, err);
        if (status == SSLDYN_OK) {
            wait_for_signal();
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "the page is closed");
        }
        ssldyn_explore_http_stop(&explore);
    }
    ssldyn_explore_clear(&explore);
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_cli_explore_start start;
    if (!ssldyn_explore_http_built()) {
        struct ssldyn_explore none;
        return ssldyn_explore_http_start(&none, 0, err);
    }
    enum ssldyn_status status = ssldyn_cli_explore_start_make(spec, &start, err);
    if (status == SSLDYN_OK) {
        status = serve(spec, &start.start, err);
    }
    ssldyn_cli_explore_start_clear(&start);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_explore = {
    .command = SSLDYN_COMMAND_EXPLORE,
    .operands = "[FILE.conf|RUN]",
    .summary = "show maps, the phase plane and fates live, in the browser",
    .description =
        "Serves a page on 127.0.0.1 and opens it in the browser: a map of certified fates over "
        "any two parameters or initial values, recomputed while a slider moves, with the theory's "
        "lines; the phase plane and the time courses of the chosen point; for each parameter the "
        "factor by which it alone must change for the fate to flip; and exports of the view: its "
        "command line, an experiment file, a table or a picture. The options, or FILE.conf, set "
        "the first view; the axes of the map are --axis.NAME from:to:points, the horizontal one "
        "first. With RUN, the directory of a flow, of an SGD run or of ssldyn align, the page "
        "shows the modes of that run over time, each with its fate.\n"
        "Everything is computed by this program, and nothing is fetched from elsewhere. The "
        "address, with a random token that every request needs, is printed as address = ... on "
        "stdout; only programs on this machine can reach it. Ctrl-C (status 130) or SIGTERM (143) "
        "ends the program. The command needs a build with libmicrohttpd.",
    .common = "|model|loss|depth|eta|beta|no-ema|sigma2|p0|s0|axis|port|no-open|",
    .examples = "ssldyn explore\n"
                "ssldyn explore --no-ema --axis.p0 0:1:256 --axis.s0 0:1:256 --eta 0.1\n"
                "ssldyn explore experiments/map.conf\n"
                "ssldyn explore out/flow-population\n"
                "ssldyn explore --port 8080 --no-open\n",
    .run = run};
