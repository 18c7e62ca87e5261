/* What commands have in common: the directory of the results, and their lines on stdout. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/decimal.h"
#include "sim/io/file.h"
#include "sim/io/output.h"
#include "sim/io/place.h"
#include "sim/moments/moments.h"
#include "sim/options/settings_differ.h"
#include "sim/sweep/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 10000 };

static enum ssldyn_status open_output(const struct ssldyn_spec *spec, const char *path,
                                      struct ssldyn_output *output, struct ssldyn_error *err)
{
    const bool sweeps =
        spec->given.command == SSLDYN_COMMAND_SWEEP || spec->given.command == SSLDYN_COMMAND_BASIN;
    return ssldyn_output_open(path, ssldyn_command_name(spec->given.command),
                              sweeps ? ssldyn_columns_owns : NULL, output, err);
}

/* out/COMMAND-what, out/COMMAND-what-2, ... */
static void name_default(const struct ssldyn_spec *spec, const char *what, int number,
                         char path[SSLDYN_CLI_DEFAULT_SIZE])
{
    const int used =
        snprintf(path, SSLDYN_CLI_DEFAULT_SIZE, "out/%s%s%s",
                 ssldyn_command_name(spec->given.command), what ? "-" : "", what ? what : "");
    if (number > 1) {
        (void)snprintf(path + used, SSLDYN_CLI_DEFAULT_SIZE - (size_t)used, "-%d", number);
    }
}

/* The first of the default directories that is free: not one where another process is at work or
 * that holds results of other settings. */
static enum ssldyn_status open_default(const struct ssldyn_spec *spec, const char *what,
                                       struct ssldyn_output *output, struct ssldyn_error *err)
{
    char path[SSLDYN_CLI_DEFAULT_SIZE];
    char change[200];
    enum ssldyn_status status = SSLDYN_EINPUT;
    for (int i = 1; status == SSLDYN_EINPUT && i < NAMES; i++) {
        name_default(spec, what, i, path);
        if (ssldyn_place_holds(path) && ssldyn_settings_differ(spec, path, change, sizeof change)) {
            continue;
        }
        status = open_output(spec, path, output, err);
        if (status == SSLDYN_EINPUT && !ssldyn_place_taken(path)) {
            return status; /* what is wrong is wrong with every name */
        }
    }
    return status;
}

bool ssldyn_cli_output_find_default(const struct ssldyn_spec *spec,
                                    char path[SSLDYN_CLI_DEFAULT_SIZE])
{
    char change[200];
    for (int i = 1; i < NAMES; i++) {
        name_default(spec, NULL, i, path);
        if (!ssldyn_place_holds(path)) {
            return false;
        }
        if (!ssldyn_settings_differ(spec, path, change, sizeof change)) {
            return true;
        }
    }
    return false;
}

double ssldyn_cli_output_scale(const struct ssldyn_spec *spec)
{
    if (spec->moments_directory) {
        char *x_file = ssldyn_file_path_join(spec->moments_directory, "x.npy");
        const double scale = x_file ? ssldyn_moments_scale_beside(x_file) : 1.0;
        free(x_file);
        return scale;
    }
    return spec->x_file ? ssldyn_moments_scale_beside(spec->x_file) : 1.0;
}

void ssldyn_cli_output_note_scale(const struct ssldyn_spec *spec)
{
    const double scale = ssldyn_cli_output_scale(spec);
    const double eta = spec->problem.parameters.rates.eta_s;
    if (scale == 1.0 || spec->quiet) {
        return;
    }
    if (ssldyn_spec_has_training(spec)) { /* the gradient is larger by the scale */
        fprintf(stderr,
                "ssldyn %s: note: X and X' were divided by %.6g: training on the images as they "
                "are has a --train-loss-factor of %.6g instead of %.6g\n",
                ssldyn_command_name(spec->given.command), scale,
                scale * spec->problem.typed.training.loss_factor,
                spec->problem.typed.training.loss_factor);
        return;
    }
    fprintf(stderr, "ssldyn %s: note: X and X' were divided by %.6g: ",
            ssldyn_command_name(spec->given.command), scale);
    if (spec->sweep.axes) { /* eta may be one of them */
        fprintf(stderr, "a weight decay eta is one of %.6g eta on the images as they are\n", scale);
    } else {
        fprintf(stderr, "eta_s = %.6g is a weight decay of %.6g on the images as they are\n", eta,
                scale * eta);
    }
}

enum ssldyn_status ssldyn_cli_output(const struct ssldyn_spec *spec, const char *what,
                                     struct ssldyn_output *output, struct ssldyn_error *err)
{
    const enum ssldyn_status status = spec->output ? open_output(spec, spec->output, output, err)
                                                   : open_default(spec, what, output, err);
    if (status == SSLDYN_OK && output->unlocked && !spec->quiet) {
        fprintf(stderr,
                "ssldyn %s: warning: %s: this file system has no locks; do not let two commands "
                "write there at the same time\n",
                ssldyn_command_name(spec->given.command), output->path);
    }
    return status;
}

void ssldyn_cli_output_note_replaced(const struct ssldyn_spec *spec, const char *path)
{
    char change[200];
    if (!spec->quiet && ssldyn_settings_differ(spec, path, change, sizeof change)) {
        fprintf(stderr, "ssldyn %s: %s: replaces an earlier run with other settings (%s)\n",
                ssldyn_command_name(spec->given.command), path, change);
    }
}

/* As a shell takes it: in quotes where it holds anything else than letters, digits and ./_+=,:@%-.
 */
static void print_word(const char *word, FILE *stream)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "./_+=,:@%-";
    if (word[0] != '-' && word[strspn(word, plain)] == '\0') {
        fputs(word, stream);
        return;
    }
    fputs(word[0] == '-' ? "-- '" : "'", stream);
    for (const char *c = word; *c; c++) {
        if (*c == '\'') {
            fputs("'\\''", stream); /* out of the quotes, one by itself, and in again */
        } else {
            fputc(*c, stream);
        }
    }
    fputc('\'', stream);
}

void ssldyn_cli_output_announce(const char *path, const char *remark)
{
    fprintf(stderr, "results: %s%s\nlook at them: ssldyn plot ", path, remark);
    print_word(path, stderr);
    fputc('\n', stderr);
}

enum ssldyn_status ssldyn_cli_output_report(const struct ssldyn_spec *spec, const char *directory,
                                            void (*print)(const void *report, FILE *stream),
                                            const void *report, enum ssldyn_status status,
                                            struct ssldyn_error *err)
{
    struct ssldyn_file file = {0};
    struct ssldyn_error *late = status == SSLDYN_OK ? err : NULL;
    if (!spec->quiet) {
        print(report, stderr);
    }
    enum ssldyn_status kept = ssldyn_file_open_in(&file, directory, "report.txt", late);
    if (kept == SSLDYN_OK) {
        fputs("# ssldyn report 1\n", file.stream);
        print(report, file.stream);
        kept = ssldyn_file_commit(&file, late);
    }
    return status == SSLDYN_OK ? kept : status;
}

enum ssldyn_status ssldyn_cli_output_strict(const struct ssldyn_drift *broken, const char *path,
                                            struct ssldyn_error *err)
{
    return broken ? ssldyn_fail(err, SSLDYN_EFAILED,
                                "--strict: %s drifted by %.2e at t = %.6g, allowed is %.2e; the "
                                "results are kept in %.200s",
                                broken->name, broken->largest, broken->at, broken->allowed, path)
                  : SSLDYN_OK;
}

void ssldyn_cli_output_print(const char *name, double value)
{
    printf("%s = %s\n", name, SSLDYN_DECIMAL(value));
}

void ssldyn_cli_output_print_known(const char *name, double value)
{
    if (!isnan(value)) {
        ssldyn_cli_output_print(name, value);
    }
}

bool ssldyn_cli_output_is_shared(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_SWEEP ||
           (spec->given.command == SSLDYN_COMMAND_BASIN && spec->sweep.axes &&
            !spec->sweep.threshold);
}
