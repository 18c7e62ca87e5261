/* The program: finds the command, parses its options, runs it, and reports errors. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"
#include "sim/cli/completion.h"
#include "sim/cli/glossary.h"

#include "sim/answer/answer_notes.h"
#include "sim/base/clock.h"
#include "sim/base/signal.h"
#include "sim/explore/explore.h"
#include "sim/io/file.h"
#include "sim/linalg/linalg.h"
#include "sim/options/name.h"
#include "sim/options/option_help.h"
#include "sim/sweep/ranks.h"

#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_version.h>
#include <stdlib.h>
#include <string.h>

#ifndef SSLDYN_BUILD
#define SSLDYN_BUILD "unknown build"
#endif

enum { EXIT_USAGE = 2 };

/* OpenBLAS calls this function when it is loaded, before main, to get the number of threads to
 * start; if the system refuses them, it ends the process. The program's definition takes
 * precedence: one thread, which is what is used in any case. Weak, for a statically linked
 * OpenBLAS; visible, or OpenBLAS would use its own. */
int openblas_num_threads_env(void);
__attribute__((weak, visibility("default"))) int openblas_num_threads_env(void)
{
    return 1;
}

/* If a standard stream is closed, its number could be given to a result file. Such numbers are
 * occupied in the wrong direction, so that using the stream fails as before. */
static void occupy_standard_streams(void)
{
    for (int number = 0; number <= 2; number++) {
        if (fcntl(number, F_GETFD) == -1) {
            (void)open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}

static int close_stdout(const char *command, int exit_status)
{
    struct ssldyn_error err;
    if (ssldyn_file_close_printed(stdout, "standard output", &err) != SSLDYN_OK &&
        exit_status == EXIT_SUCCESS) {
        fprintf(stderr, "ssldyn %s: %s\n", command, err.message);
        return EXIT_FAILURE;
    }
    return exit_status;
}

static void print_version(void)
{
    printf("ssldyn %s\n", SSLDYN_VERSION);
    printf("built with %s (compiler %s)\n", SSLDYN_BUILD, __VERSION__);
    printf("GSL %s\n", GSL_VERSION);
    printf("BLAS %s\n", ssldyn_linalg_name());
    printf("MPI %s\n", ssldyn_ranks_support());
    printf("HTTP %s%s\n", ssldyn_explore_http_built() ? "libmicrohttpd " : "",
           ssldyn_explore_http_name());
}

static int refuse_command(const char *name)
{
    struct ssldyn_error err;
    char names[200] = "help";
    char hint[64];
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        const size_t used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, "|%s",
                       ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
    }
    (void)ssldyn_fail(&err, SSLDYN_EINPUT,
                      "unknown command \"%.60s\"%s; \"ssldyn --help\" lists the commands", name,
                      ssldyn_name_hint(name, names, hint, sizeof hint));
    fprintf(stderr, "ssldyn: %s\n", err.message);
    return EXIT_USAGE;
}

static int refuse_help(const char *what, const char *given)
{
    struct ssldyn_error err;
    (void)ssldyn_fail(&err, SSLDYN_EINPUT, "%s%.60s", what, given);
    fprintf(stderr, "ssldyn help: %s\n", err.message);
    return EXIT_USAGE;
}

static bool is_help(const char *name)
{
    return strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
}

/* ssldyn help [COMMAND | words | --man [COMMAND] | --completion SHELL]; the overview and ssldyn(1)
 * explain help itself */
static int run_help(int argc, char *argv[])
{
    if (argc == 0 || (argc == 1 && is_help(argv[0]))) {
        ssldyn_cli_help(stdout);
        return EXIT_SUCCESS;
    }
    const bool manual = strcmp(argv[0], "--man") == 0;
    const bool completion = strcmp(argv[0], "--completion") == 0;
    const int most = manual || completion ? 2 : 1;
    if (argc > most) {
        return refuse_help("takes one command; unexpected argument: ", argv[most]);
    }
    if (completion) {
        return argc == 2 && ssldyn_cli_completion_print(argv[1], stdout)
                   ? EXIT_SUCCESS
                   : refuse_help("--completion: must be bash, zsh or fish", "");
    }
    if (!manual && strcmp(argv[0], "words") == 0) {
        ssldyn_cli_glossary_print(stdout);
        return EXIT_SUCCESS;
    }
    if (manual && (argc == 1 || is_help(argv[1]))) {
        ssldyn_cli_help_manual(NULL, stdout);
        return EXIT_SUCCESS;
    }
    const struct ssldyn_cli_command *command = ssldyn_cli_help_find(argv[argc - 1]);
    if (!command) {
        return refuse_command(argv[argc - 1]);
    }
    if (manual) {
        ssldyn_cli_help_manual(command, stdout);
    } else {
        ssldyn_cli_help_short(command, stdout);
    }
    return EXIT_SUCCESS;
}

/* Whether this process reports for the whole run: asking starts MPI, which sweeps and maps
 * finalize. */
static bool is_first(const struct ssldyn_spec *spec)
{
    return !ssldyn_cli_output_is_shared(spec) || ssldyn_ranks_number() == 0;
}

static enum ssldyn_status run_spec(const struct ssldyn_cli_command *command, int argc, char *argv[],
                                   struct ssldyn_error *err)
{
    const double started = ssldyn_clock_wall();
    struct ssldyn_spec spec;
    enum ssldyn_status status = ssldyn_spec_init(&spec, command->command, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_settings_parse(&spec.given, argc, argv, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&spec, err);
    }
    if (status == SSLDYN_OK) {
        const struct ssldyn_answer_mode mode = ssldyn_cli_output_mode(&spec);
        ssldyn_answer_limit_threads(&spec, &mode);
        const bool first = is_first(&spec); /* evaluated now, because a run may end its ranks */
        status = command->run(&spec, err);
        if (status == SSLDYN_OK && first) {
            ssldyn_answer_note_training(&spec, &mode);
            ssldyn_answer_note_scale(&spec, &mode);
        }
        if (spec.verbose && !spec.quiet) {
            fprintf(stderr, "ssldyn %s: %.3g s, %.3g s of CPU time, at most %.3g MB of memory\n",
                    ssldyn_command_name(command->command), ssldyn_clock_wall() - started,
                    ssldyn_clock_cpu(), 1e-6 * ssldyn_clock_peak_memory());
        }
    }
    ssldyn_spec_clear(&spec);
    return status;
}

static int run_command(const struct ssldyn_cli_command *command, int argc, char *argv[])
{
    const char *name = ssldyn_command_name(command->command);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    if (ssldyn_option_help_is_asked(argc, argv)) {
        ssldyn_cli_help_command(command, stdout);
        return close_stdout(name, EXIT_SUCCESS);
    }
    if (argc == 0 && command->needs_arguments) {
        ssldyn_cli_help_usage(command, stderr);
        return EXIT_USAGE;
    }
    const enum ssldyn_status status = run_spec(command, argc, argv, &err);
    if (status != SSLDYN_OK) {
        const char *stopped_by = status == SSLDYN_EINTERRUPTED ? ssldyn_signal_name() : NULL;
        fprintf(stderr, "ssldyn %s: %s%s%s\n", name, stopped_by ? stopped_by : "",
                stopped_by ? ": " : "", err.message);
    }
    const int exit_status = close_stdout(name, ssldyn_error_exit_status(status));
    if (status == SSLDYN_EINTERRUPTED) {
        ssldyn_signal_reraise();
    }
    return exit_status;
}

int main(int argc, char *argv[])
{
    occupy_standard_streams();
    ssldyn_signal_ignore_file_limit();
    gsl_set_error_handler_off();
    ssldyn_linalg_single_thread();
    if (argc < 2) {
        fprintf(stderr, "usage: ssldyn COMMAND [options]; ssldyn --help lists the commands\n");
        return EXIT_USAGE;
    }
    const char *first = argv[1];
    const bool asks =
        strcmp(first, "--version") == 0 || strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0;
    if (asks && argc > 2) {
        fprintf(stderr, "ssldyn %s: takes no arguments; ssldyn help COMMAND explains a command\n",
                first);
        return EXIT_USAGE;
    }
    if (strcmp(first, "--version") == 0) {
        print_version();
        return close_stdout("--version", EXIT_SUCCESS);
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        ssldyn_cli_help(stdout);
        return close_stdout("--help", EXIT_SUCCESS);
    }
    if (strcmp(first, "help") == 0) {
        return close_stdout("help", run_help(argc - 2, argv + 2));
    }
    const struct ssldyn_cli_command *command = ssldyn_cli_help_find(first);
    return command ? run_command(command, argc - 2, argv + 2) : refuse_command(first);
}
