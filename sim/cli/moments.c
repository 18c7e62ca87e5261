/* ssldyn moments: X and X' of real images. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/clock.h"
#include "sim/base/signal.h"
#include "sim/moments/moments_request.h"

/* The operand is --data, said shorter. */
static enum ssldyn_status take_operand(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    if (spec->given.operand_count > 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.100s and %.100s: one file or directory of images at a time",
                           spec->given.operands[0], spec->given.operands[1]);
    if (spec->given.operand_count == 1 && spec->data != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.100s and --data %.100s: give one",
                           spec->given.operands[0], spec->data);
    if (spec->given.operand_count == 1)
        return ssldyn_spec_set(spec, "data", spec->given.operands[0], "DATA", err);
    if (spec->data == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "no images: give a file or directory of CIFAR-10, CIFAR-100, STL-10, "
                           "MNIST (IDX) or an array of images");
    return SSLDYN_OK;
}

static void print_estimate(const struct ssldyn_moments_estimate *estimate)
{
    printf("n1 = %zu\nimages = %zu\npairs = %zu\n", estimate->n1, estimate->images,
           estimate->pairs);
    if (estimate->white > 0.0) {
        ssldyn_cli_output_print_known("white", estimate->white);
    }
    ssldyn_cli_output_print_known("scale", estimate->scale);
    ssldyn_cli_output_print_known("x_error", estimate->x_error);
    ssldyn_cli_output_print_known("xprime_error", estimate->xprime_error);
    ssldyn_cli_output_print_known("commutator", estimate->commutator);
    printf("negative = %zu\n", estimate->negative);
    ssldyn_cli_output_print_known("most_negative", estimate->most_negative);
    ssldyn_cli_output_print_known("most_negative_error", estimate->most_negative_error);
    ssldyn_cli_output_print_known("eta_c", estimate->eta_c);
    ssldyn_cli_output_print_known("eta_c_error", estimate->eta_c_error);
    if (estimate->scale != 1.0) {
        ssldyn_cli_output_print_known("eta_c_unscaled", estimate->scale * estimate->eta_c);
    }
}

/* The closing report, for people. */
static void report(const struct ssldyn_spec *spec, const struct ssldyn_moments_estimate *estimate,
                   const char *directory, double seconds)
{
    const double percent = 100.0;
    fprintf(stderr,
            "%zu images of %zu x %zu x %zu (%s), %zu pairs of views, %zu numbers a view%s\n",
            estimate->images, estimate->size.channels, estimate->size.height, estimate->size.width,
            estimate->format, estimate->pairs, estimate->features,
            estimate->interrupted ? " (stopped early)" : "");
    if (estimate->white > 1.0)
        fprintf(stderr,
                "pixels from 0 to %.0f, divided by %.0f; color jitter keeps them in range\n",
                estimate->white, estimate->white);
    else if (estimate->white > 0.0)
        fprintf(stderr, "pixels from 0 to 1; color jitter keeps them in range\n");
    else
        fprintf(stderr, "numbers without a range of pixels, taken as they are\n");
    if (estimate->splits > 1)
        fprintf(stderr, "standard error: X %.2g %%, X' %.2g %% (of their Frobenius norms)\n",
                percent * estimate->x_error, percent * estimate->xprime_error);
    if (estimate->negative > 0)
        fprintf(stderr, "%zu eigenvalues of X were negative, the lowest %.2g of the largest: %s\n",
                estimate->negative, estimate->most_negative / estimate->modes[0].x,
                spec->moments.keep_negative ? "kept" : "set to 0");
    fprintf(stderr,
            "X and X' do not commute: |[X,X']| = %.2g |X| |X'|; nothing survives a weight decay "
            "above %.6g +- %.1g%s\n",
            estimate->commutator, estimate->eta_c, estimate->eta_c_error,
            estimate->eta_c_certified ? "" : " (not certified)");
    if (estimate->scale != 1.0)
        fprintf(stderr,
                "X and X' were divided by %.6g: a weight decay eta of these files is one of %.6g "
                "eta on the images as they are (there nothing survives above %.6g); --scale none "
                "leaves them\n",
                estimate->scale, estimate->scale, estimate->scale * estimate->eta_c);
    fprintf(stderr, "%s: x.npy xprime.npy mean.npy scale.npy spectra.tsv spec.conf%s\n", directory,
            estimate->basis != NULL ? " basis.npy" : "");
    fprintf(stderr, "%.1f s, %.1f s of CPU, %.0f MB\n", seconds, ssldyn_clock_cpu(),
            1e-6 * ssldyn_clock_peak_memory());
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_moments_request request;
    struct ssldyn_moments_estimate estimate;
    const double started = ssldyn_clock_wall();
    struct ssldyn_output output;
    enum ssldyn_status status = take_operand(spec, err);
    if (status != SSLDYN_OK)
        return status;
    /* It completes the spec by what the augmentation's name stands for, as spec.conf has it. */
    ssldyn_moments_request_make(spec, &request);
    status = ssldyn_cli_output(spec, NULL, &output, err);
    if (status != SSLDYN_OK)
        return status;
    ssldyn_signal_catch();
    status = ssldyn_moments_run(&request, &estimate, err);
    if (status == SSLDYN_OK) {
        ssldyn_cli_output_note_replaced(spec, &output);
        status = ssldyn_moments_write(&estimate, output.work, err);
    }
    if (status == SSLDYN_OK)
        status = ssldyn_spec_write(spec, output.work, err);
    status = ssldyn_output_finish(&output, false, status, err);
    if (status == SSLDYN_OK) {
        print_estimate(&estimate);
        if (!spec->quiet)
            report(spec, &estimate, output.path, ssldyn_clock_wall() - started);
        if (estimate.interrupted)
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                                 "stopped after %zu of %zu pairs of views; %s stands on those",
                                 estimate.pairs, request.pairs, output.path);
    }
    ssldyn_moments_clear(&estimate);
    ssldyn_output_close(&output);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_moments = {
    .command = SSLDYN_COMMAND_MOMENTS,
    .operands = "DATA|FILE.conf",
    .summary = "X and X' of real images under an augmentation",
    .description =
        "Estimates the second moments of a set of images from pairs of random views: X, what the "
        "views of an image share, and X', what the augmentation adds. DATA is a file, a folder or "
        "a tar archive of CIFAR-10, CIFAR-100 (binary or Python version), STL-10 (binary) or IDX "
        "(MNIST, Fashion-MNIST) images, the folder that torchvision downloads into, or an array of "
        "N x height x width (x channels) images or N x d vectors in a .npy, .npz, .safetensors or "
        ".pt file (FILE:NAME picks one of several); files may be compressed with gzip. X comes "
        "from products of two views and is unbiased; eigenvalues that sampling made negative are "
        "set to 0 and told. Writes x.npy and xprime.npy for --x and --xprime of other commands, "
        "and the spectra with their errors and the weight decay each direction survives. Pixels "
        "may be whole numbers up to 255 or 65535, or fractions in [0, 1], of any type; other "
        "numbers are taken as they are. With --scale none a weight decay is that of an optimizer "
        "on the (standardized) images; otherwise in units of the scale. A FILE.conf is the "
        "spec.conf of an earlier estimate.",
    .common = "|augmentation|pairs|pool|patch|pca|scale|seed|threads|output|",
    .examples = "ssldyn moments cifar-10-batches-bin --pool 4 -o out/cifar48\n"
                "ssldyn moments train-images-idx3-ubyte --augmentation weak --pca 64\n"
                "ssldyn moments images.npy --augmentation none --noise 0.5 --keep-mean\n"
                "pictures, and SVHN's .mat, become images.npy in Python by\n"
                "  import glob, numpy, scipy.io, PIL.Image\n"
                "  numpy.save('images.npy', [numpy.asarray(PIL.Image.open(f).convert('RGB')\n"
                "      .resize((32, 32))) for f in sorted(glob.glob('DIR/*/*.png'))])\n"
                "  numpy.save('images.npy', scipy.io.loadmat('train_32x32.mat')['X']\n"
                "      .transpose(3, 0, 1, 2))\n",
    .needs_arguments = true,
    .run = run};
