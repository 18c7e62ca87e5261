/* ssldyn moments: from the spec to a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/moments.h"

#include "sim/answer/answer_file.h"
#include "sim/answer/answer_output.h"
#include "sim/base/clock.h"
#include "sim/io/file.h"
#include "sim/io/trace.h"
#include "sim/moments/moments_request.h"

#include <stdlib.h>
#include <string.h>

/* The operand is a short form of --data. */
static enum ssldyn_status take_operand(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    if (spec->given.operand_count > 1) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.100s and %.100s: one file or directory of images at a time",
                           spec->given.operands[0], spec->given.operands[1]);
    }
    if (spec->given.operand_count == 1 && spec->data) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.100s and --data %.100s: give only one of them",
                           spec->given.operands[0], spec->data);
    }
    if (spec->given.operand_count == 1) {
        return ssldyn_spec_set(spec, "data", spec->given.operands[0], "DATA", err);
    }
    if (!spec->data) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "no images: give a file or directory of CIFAR-10, CIFAR-100, STL-10, "
                           "MNIST (IDX) or an array of images");
    }
    return SSLDYN_OK;
}

static void put_values(const struct ssldyn_moments_estimate *estimate, struct ssldyn_result *result)
{
    ssldyn_result_put_count(result, "n1", (int64_t)estimate->n1);
    ssldyn_result_put_count(result, "images", (int64_t)estimate->images);
    ssldyn_result_put_count(result, "pairs", (int64_t)estimate->pairs);
    if (estimate->white > 0.0) {
        ssldyn_result_put_known(result, "white", estimate->white);
    }
    ssldyn_result_put_known(result, "scale", estimate->scale);
    ssldyn_result_put_known(result, "x_error", estimate->x_error);
    ssldyn_result_put_known(result, "xprime_error", estimate->xprime_error);
    ssldyn_result_put_known(result, "commutator", estimate->commutator);
    ssldyn_result_put_count(result, "negative", (int64_t)estimate->negative);
    ssldyn_result_put_known(result, "most_negative", estimate->most_negative);
    ssldyn_result_put_known(result, "most_negative_error", estimate->most_negative_error);
    ssldyn_result_put_known(result, "eta_c", estimate->eta_c);
    ssldyn_result_put_known(result, "eta_c_error", estimate->eta_c_error);
    if (estimate->scale != 1.0) {
        ssldyn_result_put_known(result, "eta_c_unscaled", estimate->scale * estimate->eta_c);
    }
}

/* The closing report, for people. */
static void print_report(const struct ssldyn_spec *spec,
                         const struct ssldyn_moments_estimate *estimate, FILE *stream)
{
    const double percent = 100.0;
    fprintf(stream,
            "%zu images of %zu x %zu x %zu (%s), %zu pairs of views, %zu numbers per view%s\n",
            estimate->images, estimate->size.channels, estimate->size.height, estimate->size.width,
            estimate->format, estimate->pairs, estimate->features,
            estimate->interrupted ? " (stopped early)" : "");
    if (estimate->white > 1.0) {
        fprintf(stream,
                "pixels from 0 to %.0f, divided by %.0f; color jitter keeps them in range\n",
                estimate->white, estimate->white);
    } else if (estimate->white > 0.0) {
        fprintf(stream, "pixels from 0 to 1; color jitter keeps them in range\n");
    } else {
        fprintf(stream, "the numbers are not pixels of a known range, and are used unchanged\n");
    }
    if (estimate->splits > 1) {
        fprintf(stream, "standard error: X %.2g %%, X' %.2g %% (of their Frobenius norms)\n",
                percent * estimate->x_error, percent * estimate->xprime_error);
    }
    if (estimate->negative > 0) {
        fprintf(stream,
                "%zu eigenvalues of X were negative (down to %.2g of the largest) and were %s\n",
                estimate->negative, estimate->most_negative / estimate->modes[0].x,
                spec->moments.keep_negative ? "kept" : "set to 0");
    }
    fprintf(stream,
            "X and X' do not commute: |[X,X']| = %.2g |X| |X'|; nothing survives a weight decay "
            "above %.6g +- %.1g%s\n",
            estimate->commutator, estimate->eta_c, estimate->eta_c_error,
            estimate->eta_c_certified ? "" : " (not certified)");
    if (estimate->scale != 1.0) {
        fprintf(stream,
                "X and X' were divided by %.6g; a weight decay eta with these files means %.6g eta "
                "on the unscaled images (where nothing survives above %.6g); --scale none omits "
                "the scaling\n",
                estimate->scale, estimate->scale, estimate->scale * estimate->eta_c);
    }
}

static void put_report(const struct ssldyn_spec *spec,
                       const struct ssldyn_moments_estimate *estimate, double started,
                       struct ssldyn_result *result)
{
    char cost[100];
    FILE *stream = ssldyn_result_begin_text(result, "report");
    if (stream) {
        print_report(spec, estimate, stream);
        ssldyn_result_end_text(result);
    }
    ssldyn_result_put_text(
        result, "files",
        estimate->basis ? "x.npy xprime.npy mean.npy scale.npy spectra.tsv spec.conf basis.npy"
                        : "x.npy xprime.npy mean.npy scale.npy spectra.tsv spec.conf");
    (void)snprintf(cost, sizeof cost, "%.1f s, %.1f s of CPU, %.0f MB\n",
                   ssldyn_clock_wall() - started, ssldyn_clock_cpu(),
                   1e-6 * ssldyn_clock_peak_memory());
    ssldyn_result_put_text(result, "cost", cost);
}

/* ---- keeping */

static void put_array(struct ssldyn_result *result, const char *name, size_t rows, size_t columns,
                      const double data[])
{
    const size_t shape[] = {rows, columns};
    const size_t dimensions = columns > 0 ? 2 : rows > 0 ? 1 : 0;
    double *array = data ? ssldyn_result_put_array(result, name, dimensions, shape) : NULL;
    if (array) {
        memcpy(array, data, (rows > 0 ? rows : 1) * (columns > 0 ? columns : 1) * sizeof *array);
    }
}

/* The spectra, as text and as rows. */
static enum ssldyn_status put_spectra(const struct ssldyn_moments_estimate *estimate,
                                      struct ssldyn_result *result, struct ssldyn_error *err)
{
    static const char name[] = "spectra.tsv";
    struct ssldyn_table table;
    FILE *stream = ssldyn_result_begin_text(result, name);
    if (stream) {
        ssldyn_moments_print_spectra(estimate, stream);
        ssldyn_result_end_text(result);
    }
    const char *text = ssldyn_result_text(result, name);
    enum ssldyn_status status =
        text ? ssldyn_table_read_text(name, text, &table, err) : ssldyn_result_check(result, err);
    if (status == SSLDYN_OK && text) {
        ssldyn_result_put_table(result, &table);
        ssldyn_table_clear(&table);
    }
    return status;
}

static enum ssldyn_status write_estimate(const struct ssldyn_result *result, const void *estimate,
                                         const char *directory, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_moments_write(estimate, directory, err);
    return status == SSLDYN_OK ? ssldyn_answer_file_save(result, NULL, directory, err) : status;
}

static void release(void *context)
{
    ssldyn_moments_clear(context);
    free(context);
}

/* Fills the result, which takes ownership of the estimate for its files. */
static enum ssldyn_status keep(const struct ssldyn_spec *spec,
                               struct ssldyn_moments_estimate *estimate,
                               struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_moments_estimate *kept = malloc(sizeof *kept);
    if (!kept) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the estimate");
    }
    put_array(result, "x", estimate->n1, estimate->n1, estimate->X);
    put_array(result, "xprime", estimate->n1, estimate->n1, estimate->Xprime);
    put_array(result, "mean", estimate->n1, 0, estimate->mean);
    put_array(result, "scale", 0, 0, &estimate->scale);
    put_array(result, "basis", estimate->features, estimate->n1, estimate->basis);
    ssldyn_answer_file_put_spec(spec, result);
    const enum ssldyn_status status = put_spectra(estimate, result, err);
    *kept = *estimate;
    *estimate = (struct ssldyn_moments_estimate){0};
    ssldyn_result_set_writer(result, write_estimate, kept, release);
    return status;
}

/* ---- the estimate */

static enum ssldyn_status write_files(const struct ssldyn_spec *spec,
                                      const struct ssldyn_answer_mode *mode,
                                      const struct ssldyn_moments_estimate *estimate,
                                      const struct ssldyn_output *output, struct ssldyn_error *err)
{
    if (!output->work) {
        return SSLDYN_OK;
    }
    ssldyn_answer_output_note_replaced(spec, mode, output);
    const enum ssldyn_status status = ssldyn_moments_write(estimate, output->work, err);
    return status == SSLDYN_OK ? ssldyn_spec_write(spec, output->work, err) : status;
}

static enum ssldyn_status stopped(const struct ssldyn_moments_request *request, size_t pairs,
                                  const struct ssldyn_output *output, struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                       "stopped after %zu of %zu pairs of views; %s is based on those only", pairs,
                       request->pairs, output->path ? output->path : "the estimate");
}

static enum ssldyn_status estimate_to(struct ssldyn_spec *spec,
                                      const struct ssldyn_answer_mode *mode,
                                      const struct ssldyn_moments_request *request,
                                      struct ssldyn_output *output, struct ssldyn_result *result,
                                      struct ssldyn_error *err)
{
    struct ssldyn_moments_estimate estimate;
    const double started = ssldyn_clock_wall();
    ssldyn_answer_begin(mode);
    enum ssldyn_status status = ssldyn_moments_run(request, &estimate, err);
    if (status == SSLDYN_OK) {
        status = write_files(spec, mode, &estimate, output, err);
    }
    if (status == SSLDYN_OK) {
        put_values(&estimate, result);
        put_report(spec, &estimate, started, result);
        status = mode->keep ? keep(spec, &estimate, result, err) : SSLDYN_OK;
    }
    status = ssldyn_answer_output_finish(output, status == SSLDYN_OK, result, status, err);
    const bool interrupted = estimate.interrupted;
    const size_t pairs = estimate.pairs;
    ssldyn_moments_clear(&estimate);
    return status == SSLDYN_OK && interrupted ? stopped(request, pairs, output, err) : status;
}

enum ssldyn_status ssldyn_answer_moments(struct ssldyn_spec *spec,
                                         const struct ssldyn_answer_mode *mode,
                                         struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_moments_request request;
    struct ssldyn_output output;
    enum ssldyn_status status = take_operand(spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    /* also completes the spec by the settings of the named augmentation, for spec.conf */
    ssldyn_moments_request_make(spec, &request);
    status = ssldyn_answer_output_open(spec, mode, NULL, &output, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = estimate_to(spec, mode, &request, &output, result, err);
    ssldyn_output_close(&output);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}
