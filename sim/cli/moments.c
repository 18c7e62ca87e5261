/* ssldyn moments: X and X' of real images. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/moments.h"

static void print_text(const struct ssldyn_result *result, const char *name)
{
    const char *text = ssldyn_result_text(result, name);
    fputs(text ? text : "", stderr);
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_answer_mode mode = ssldyn_cli_output_mode(spec);
    struct ssldyn_result *result = NULL;
    enum ssldyn_status status = ssldyn_result_create(&result, err);
    if (status != SSLDYN_OK)
        return status;
    status = ssldyn_answer_moments(spec, &mode, result, err);
    ssldyn_result_print(result, stdout);
    const char *directory = ssldyn_result_text(result, "directory");
    if (directory && !spec->quiet) {
        print_text(result, "report");
        fprintf(stderr, "%s: %s\n", directory, ssldyn_result_text(result, "files"));
        print_text(result, "cost");
    }
    ssldyn_result_free(result);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_moments = {
    .command = SSLDYN_COMMAND_MOMENTS,
    .operands = "DATA|FILE.conf",
    .summary = "estimate the second moments X and X' of images under an augmentation",
    .description =
        "Estimates the second moments of a set of images from pairs of random views: X, the "
        "second-moment matrix of the augmentation-averaged images, and X', the mean covariance of "
        "the augmentation. It writes x.npy and xprime.npy, for --x and --xprime of other commands, "
        "and the spectra with their errors and the largest weight decay that each direction "
        "survives. The estimate of X, from products of two views, is unbiased before negative "
        "eigenvalues caused by sampling are set to 0; these are reported.\n"
        "DATA is a file, a folder or a tar archive of CIFAR-10, CIFAR-100 (binary or Python "
        "version), STL-10 (binary) or IDX (MNIST, Fashion-MNIST) images, the folder that "
        "torchvision downloads into, or an array of N x height x width (x channels) images or N x "
        "d vectors in a .npy, .npz, .safetensors or .pt file (FILE:NAME selects one of several "
        "arrays); files may be compressed with gzip. Pixels may be integers up to 255 or 65535, "
        "or fractions in [0, 1], of any type; other numbers are used unchanged. A FILE.conf is "
        "the spec.conf of an earlier estimate.\n"
        "With --scale none, weight decays are those of an optimizer that trains on the "
        "(standardized) images; otherwise they are in units of the scale.",
    .common = "|augmentation|pairs|pool|patch|pca|scale|seed|threads|output|",
    .examples = "ssldyn moments cifar-10-batches-bin --pool 4 -o out/cifar48\n"
                "ssldyn moments train-images-idx3-ubyte --augmentation weak --pca 64\n"
                "ssldyn moments images.npy --augmentation none --noise 0.5 --keep-mean\n"
                "to convert a folder of pictures, or SVHN's .mat, to images.npy in Python:\n"
                "  import glob, numpy, scipy.io, PIL.Image\n"
                "  numpy.save('images.npy', [numpy.asarray(PIL.Image.open(f).convert('RGB')\n"
                "      .resize((32, 32))) for f in sorted(glob.glob('DIR/*/*.png'))])\n"
                "  numpy.save('images.npy', scipy.io.loadmat('train_32x32.mat')['X']\n"
                "      .transpose(3, 0, 1, 2))\n",
    .needs_arguments = true,
    .run = run};
