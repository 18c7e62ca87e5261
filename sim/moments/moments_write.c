/* The files of an estimate of moments. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments.h"

#include "sim/base/decimal.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"

#include <stdlib.h>
#include <unistd.h>

static enum ssldyn_status write_array(const char *directory, const char *name, size_t dimensions,
                                      size_t rows, size_t columns, const double data[],
                                      struct ssldyn_error *err)
{
    const size_t shape[2] = {rows, columns};
    char *path = ssldyn_file_path_join(directory, name);

    if (path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    if (data != NULL)
        status = ssldyn_npy_write(path, dimensions, shape, data, err);
    else
        unlink(path); /* from an older run in the same directory; it would not fit the new
                       * results */
    free(path);
    return status;
}

static void write_number(FILE *out, const char *separator, double value)
{
    fputs(separator, out);
    ssldyn_decimal_write(value, out);
}

static void write_head(FILE *out, const struct ssldyn_moments_estimate *estimate)
{
    fputs("# ssldyn moments 1\n", out);
    fprintf(out, "# images: %zu of %zu x %zu x %zu (%s); pairs of views: %zu\n", estimate->images,
            estimate->size.channels, estimate->size.height, estimate->size.width, estimate->format,
            estimate->pairs);
    fprintf(out, "# X and X' were divided by %s, and so were the weight decays here\n",
            SSLDYN_DECIMAL(estimate->scale));
    fprintf(out, "# eta_c = %s: nothing survives a larger weight decay\n",
            SSLDYN_DECIMAL(estimate->eta_c));
    fprintf(out, "# negative eigenvalues of X, set to 0 unless kept: %zu, the lowest %s\n",
            estimate->negative, SSLDYN_DECIMAL(estimate->most_negative));
    fputs("# lambda_x, lambda_sum, lambda_xprime: eigenvalues of X, X + X', X', descending\n"
          "# eta_x, eta_sum: (v^T X v)^2/(4 v^T (X + X') v) for the eigenvectors v of X and of X + "
          "X': the largest weight decay that direction survives\n"
          "# se_: standard error, from the spread between groups of images\n",
          out);
    fputs("j\tlambda_x\tse_lambda_x\tlambda_sum\tse_lambda_sum\tlambda_xprime\tse_lambda_xprime\t"
          "eta_x\tse_eta_x\teta_sum\tse_eta_sum\n",
          out);
}

void ssldyn_moments_print_spectra(const void *object, FILE *stream)
{
    const struct ssldyn_moments_estimate *estimate = object;
    write_head(stream, estimate);
    for (size_t j = 0; j < estimate->n1; j++) {
        const struct ssldyn_moments_mode *mode = &estimate->modes[j];
        const double row[] = {mode->x,       mode->x_error,      mode->sum,   mode->sum_error,
                              mode->xprime,  mode->xprime_error, mode->eta_x, mode->eta_x_error,
                              mode->eta_sum, mode->eta_sum_error};
        fprintf(stream, "%zu", j + 1);
        for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
            write_number(stream, "\t", row[i]);
        fputc('\n', stream);
    }
}

enum ssldyn_status ssldyn_moments_write(const struct ssldyn_moments_estimate *estimate,
                                        const char *directory, struct ssldyn_error *err)
{
    size_t n1 = estimate->n1;

    enum ssldyn_status status = ssldyn_file_make_directory(directory, err);
    if (status == SSLDYN_OK)
        status = write_array(directory, "x.npy", 2, n1, n1, estimate->X, err);
    if (status == SSLDYN_OK)
        status = write_array(directory, "xprime.npy", 2, n1, n1, estimate->Xprime, err);
    if (status == SSLDYN_OK)
        status = write_array(directory, "mean.npy", 1, n1, 1, estimate->mean, err);
    if (status == SSLDYN_OK)
        status =
            write_array(directory, "basis.npy", 2, estimate->features, n1, estimate->basis, err);
    if (status == SSLDYN_OK)
        status = write_array(directory, "scale.npy", 1, 1, 1, &estimate->scale, err);
    if (status == SSLDYN_OK)
        status = ssldyn_file_print(directory, "spectra.tsv", ssldyn_moments_print_spectra, estimate,
                                   err);
    return status;
}
