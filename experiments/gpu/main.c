/* byol: trains networks on real images without labels, and measures the quantities of the
 * theory. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/onednn.h"
#include "experiments/gpu/train.h"
#include "sim/ssldyn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const struct ssldyn_help_page page = {
    .schema = &options_schema,
    .command = 1,
    .operands = "[FILE.conf] --data PATH",
    .description = "Trains a ResNet without labels with BYOL, SimSiam or DirectPred, by default "
                   "with the choices of the paper's authors, each of which an option can replace. "
                   "It writes a run directory that ssldyn align, plot and compare read, with the "
                   "correlation F of the predictor's input and the predictor Wp of each epoch.",
    .examples = "byol --data cifar-10-batches-bin --device cuda -o out/first\n"
                "ssldyn align out/first\n"
                "byol experiments/gpu/fig02.conf --data cifar-10-batches-bin --resume\n",
};

static void print_help(void)
{
    ssldyn_option_help_print(&page, stdout);
    fputs("\nbyol --version prints the version and the backends.\n"
          "Exit status: 0 done; 1 the run failed; 2 bad input; 130 stopped by Ctrl-C.\n",
          stdout);
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
    print_value("knn", report->knn);
    if (!options->quiet)
        fprintf(stderr, "results: %s\n", report->directory);
}

static enum ssldyn_status run(int argc, char *argv[], struct ssldyn_error *err)
{
    struct options options = {0};
    struct train_report report = {0};
    enum ssldyn_status status = ssldyn_settings_init(&options.given, &options_schema, 1, err);
    if (status == SSLDYN_OK)
        status = ssldyn_settings_parse(&options.given, argc, argv, err);
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

static void print_version(void)
{
    char version[ONEDNN_VERSION];
    printf("byol %s\nbackends: cpu", ssldyn_version());
    if (onednn_version(version) != NULL)
        printf(" (convolutions in float by oneDNN %s)", version);
    printf("%s\n", ops_cuda() != NULL ? ", cuda" : "");
}

int main(int argc, char *argv[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    enum ssldyn_status status = SSLDYN_OK;
    if (argc < 2) {
        ssldyn_option_help_missing(&page, stderr);
        return EXIT_USAGE;
    }
    if (ssldyn_option_help_is_asked(argc - 1, argv + 1))
        print_help();
    else if (strcmp(argv[1], "--version") == 0)
        print_version();
    else
        status = run(argc - 1, argv + 1, &err);
    if (status == SSLDYN_OK)
        status = ssldyn_file_close_printed(stdout, "standard output", &err);
    if (status != SSLDYN_OK)
        fprintf(stderr, "byol: %s\n", err.message);
    if (status == SSLDYN_EINTERRUPTED) {
        (void)fflush(stdout);
        ssldyn_signal_reraise();
    }
    return ssldyn_error_exit_status(status);
}
