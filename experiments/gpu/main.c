/* byol: trains networks without labels on real images, and measures what the theory speaks of. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/train.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, TEXT_SIZE = 2048 };

static const char usage[] = "usage: byol [FILE.conf] --data PATH [options]\n";

static void print_help(void)
{
    char text[TEXT_SIZE];
    const char *group = "";
    fputs(usage, stdout);
    fputc('\n', stdout);
    ssldyn_help_wrap("Trains a ResNet without labels by BYOL, SimSiam or DirectPred, as the "
                     "program behind the paper does (every habit of it is an option), and writes "
                     "a run directory that ssldyn align, plot and compare read: F, the "
                     "correlation of the predictor's input, and the predictor Wp, epoch by epoch.",
                     0, 0, stdout);
    fputs("\nExamples:\n  byol --data cifar-10-batches-bin --device cuda -o out/first\n"
          "  ssldyn align out/first\n"
          "  byol experiments/gpu/fig02.conf --data cifar-10-batches-bin --resume\n",
          stdout);
    for (size_t i = 0; i < options_schema.count; i++) {
        const struct ssldyn_option *option = &options_schema.options[i];
        if (strcmp(group, option->group) != 0)
            printf("\n%s:\n", option->group);
        group = option->group;
        ssldyn_help_describe(option, text, sizeof text);
        const size_t used = strlen(text);
        if (option->default_text != NULL)
            snprintf(text + used, sizeof text - used, " [%s]", option->default_text);
        ssldyn_help_option(option, text, stdout);
    }
    fputs("\nHelp:\n  -h, --help              print this.\n  --version               print the "
          "version.\n\n",
          stdout);
    ssldyn_help_wrap("FILE.conf holds key = value lines; every key is an option without its dashes "
                     "(gamma_a for --gamma-a), a flag is key = true, # starts a comment. The "
                     "command line wins over the file.",
                     0, 0, stdout);
    fputs("Exit status: 0 done; 1 the run failed; 2 bad input; 130 stopped by Ctrl-C.\n", stdout);
}

static bool is_asked(int argc, char *argv[], const char *name, const char *letter)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0 || (letter != NULL && strcmp(argv[i], letter) == 0))
            return true;
    return false;
}

static void print_value(const char *name, double value)
{
    if (!isnan(value))
        printf("%s = %s\n", name, SSLDYN_DECIMAL(value));
}

static void print_report(const struct options *options, const struct train_report *report)
{
    printf("steps = %lld\n", (long long)report->steps);
    print_value("epochs", report->epochs);
    print_value("loss", report->loss);
    print_value("accuracy", report->accuracy);
    print_value("accuracy_last", report->accuracy_last);
    if (!options->quiet)
        fprintf(stderr, "results: %s\n", report->directory);
}

static enum ssldyn_status run(int argc, char *argv[], struct ssldyn_error *err)
{
    struct options options = {0};
    struct train_report report = {0};
    enum ssldyn_status status = ssldyn_settings_init(&options.given, &options_schema, 1, err);
    if (status == SSLDYN_OK)
        status = ssldyn_settings_parse(&options.given, argc - 1, argv + 1, err);
    if (status == SSLDYN_OK)
        status = options_check(&options, err);
    if (status == SSLDYN_OK) {
        ssldyn_signal_catch();
        status = train_run(&options, &report, err);
        if (report.directory != NULL)
            print_report(&options, &report);
    }
    free(report.directory);
    ssldyn_settings_clear(&options.given);
    return status;
}

/* What was printed has arrived only when the stream closes without complaint. */
static int close_stdout(int exit_status)
{
    const bool before = ferror(stdout) != 0;
    errno = 0;
    if ((fclose(stdout) != 0 || before) && exit_status == EXIT_SUCCESS) {
        fprintf(stderr, "byol: standard output cannot be written: %s\n",
                errno != 0 ? strerror(errno) : "an earlier write failed");
        return EXIT_FAILURE;
    }
    return exit_status;
}

int main(int argc, char *argv[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    if (argc < 2) {
        fprintf(stderr, "%s\"byol --help\" tells more\n", usage);
        return EXIT_USAGE;
    }
    if (is_asked(argc, argv, "--help", "-h")) {
        print_help();
        return close_stdout(EXIT_SUCCESS);
    }
    if (is_asked(argc, argv, "--version", NULL)) {
        printf("byol %s\nbackends: cpu%s\n", ssldyn_version(), ops_cuda() != NULL ? ", cuda" : "");
        return close_stdout(EXIT_SUCCESS);
    }
    const enum ssldyn_status status = run(argc, argv, &err);
    if (status != SSLDYN_OK)
        fprintf(stderr, "byol: %s\n", err.message);
    const int exit_status = close_stdout(ssldyn_status_exit(status));
    if (status == SSLDYN_EINTERRUPTED)
        ssldyn_signal_reraise();
    return exit_status;
}
