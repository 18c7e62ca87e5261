/* The directory of a command's results. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/place.h"
#include "sim/moments/moments.h"

#include <stdlib.h>
#include <unistd.h>

enum ssldyn_status ssldyn_cli_output(const struct ssldyn_spec *spec, const char *what, char **path,
                                     struct ssldyn_error *err)
{
    char standard[128];
    snprintf(standard, sizeof standard, "out/%s%s%s", ssldyn_command_name(spec->command),
             what ? "-" : "", what ? what : "");
    *path = ssldyn_string_copy(spec->output ? spec->output : standard);
    if (!*path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
    }
    const enum ssldyn_status status =
        ssldyn_place_check(*path, ssldyn_command_name(spec->command), err);
    if (status != SSLDYN_OK) {
        free(*path);
        *path = NULL;
    }
    return status;
}

double ssldyn_cli_scale(const struct ssldyn_spec *spec)
{
    if (spec->sgd.moments) {
        char *x_file = ssldyn_path_join(spec->sgd.moments, "x.npy");
        const double scale = x_file ? ssldyn_moments_scale_beside(x_file) : 1.0;
        free(x_file);
        return scale;
    }
    return spec->x_file ? ssldyn_moments_scale_beside(spec->x_file) : 1.0;
}

void ssldyn_cli_note_scale(const struct ssldyn_spec *spec)
{
    const double scale = ssldyn_cli_scale(spec);
    const double eta = spec->parameters.rates.eta_s;
    if (scale != 1.0 && !spec->quiet) {
        fprintf(stderr,
                "ssldyn %s: note: X and X' were divided by %.6g: eta_s = %.6g is a weight decay of "
                "%.6g on the images as they are\n",
                ssldyn_command_name(spec->command), scale, eta, scale * eta);
    }
}

enum ssldyn_status ssldyn_cli_keep_report(const char *directory, enum ssldyn_status run,
                                          void (*print)(const void *report, FILE *stream),
                                          const void *report, struct ssldyn_error *err)
{
    struct ssldyn_file file = {0};
    char *path = ssldyn_path_join(directory, "report.txt");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
    }
    if (run == SSLDYN_EIO && access(path, F_OK) == 0) { /* an older run's */
        free(path);
        return SSLDYN_OK;
    }
    enum ssldyn_status status = ssldyn_file_open(&file, path, err);
    if (status == SSLDYN_OK) {
        fputs("# ssldyn report 1\n", file.stream);
        print(report, file.stream);
        status = ssldyn_file_commit(&file, err);
    }
    free(path);
    return status;
}
