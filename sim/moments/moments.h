/* The second moments X and X' of real images under an augmentation, estimated from pairs of views,
 * with their sampling errors.
 *
 * Of a pair (x1, x2) of views of one image, m = (x1 + x2)/2 and d = x1 - x2 give
 *   X  = E[(x1 x2^T + x2 x1^T)/2] = E[m m^T] - E[d d^T]/4,    X' = E[d d^T]/2.
 * Both are unbiased. X' is positive semidefinite as it stands; X is so only up to sampling noise:
 * its negative eigenvalues are set to 0 (the nearest semidefinite matrix), and how many they were
 * and how large, against their standard error, is told. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_H

#include "sim/base/error.h"
#include "sim/io/images.h"
#include "sim/moments/augment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ssldyn_moments_scale {
    SSLDYN_MOMENTS_SCALE_MEAN, /* the mean eigenvalue of X becomes 1 */
    SSLDYN_MOMENTS_SCALE_TOP,  /* the largest eigenvalue of X becomes 1 */
    SSLDYN_MOMENTS_SCALE_NONE
};

/* Largest n1, and largest view where PCA brings it down to that. */
enum { SSLDYN_MOMENTS_MAXIMUM_N1 = 1024, SSLDYN_MOMENTS_MAXIMUM_FEATURES = 4096 };

struct ssldyn_moments_request {
    size_t path_count;
    const char *const *paths;               /* files or directories, see ssldyn_images_open */
    const struct ssldyn_array_view *memory; /* the images themselves, in place of files; borrowed */
    enum ssldyn_image_format format;
    size_t images;                           /* use only the first ones, this many; 0: all */
    struct ssldyn_augmentation augmentation; /* mean and deviation are filled in from the data */

    /* from a view to the vector x, in this order; 0: not done */
    size_t patch; /* a square of this many pixels, at one random place for both views */
    size_t pool;  /* means over equal cells, this many per side */
    size_t pca;   /* projection on this many leading eigenvectors of X + X' */

    bool keep_mean;     /* moments about 0 instead of about the mean view */
    bool keep_negative; /* leave negative eigenvalues of X alone */
    enum ssldyn_moments_scale scale;

    size_t pairs;  /* pairs of views in all; images are gone through again and again */
    size_t splits; /* groups of images the error bars come from; below 2: no error bars */
    uint64_t seed;
    size_t threads; /* 0: as many as there are processors; no number changes the result */
    bool quiet;     /* no progress line */
};

/* One mode j: eigenvalues in descending order, each with its standard error. */
struct ssldyn_moments_mode {
    double x, x_error;           /* eigenvalue of X, after clipping */
    double sum, sum_error;       /* of X + X' */
    double xprime, xprime_error; /* of X' */
    /* (v'Xv)^2/(4 v'(X + X')v), v the eigenvector of X, then that of X + X'. Sampling turns v as
     * well, most where eigenvalues lie close: the errors count that to first order. NaN: none. */
    double eta_x, eta_x_error;
    double eta_sum, eta_sum_error;
};

struct ssldyn_moments_estimate {
    size_t n1;
    double *X, *Xprime;                /* n1 x n1, symmetric */
    double *mean;                      /* n1, mean view after the scale */
    size_t features;                   /* size of a view before PCA */
    double *basis;                     /* features x n1, columns orthonormal; NULL without PCA */
    double scale;                      /* X and X' were divided by it */
    struct ssldyn_moments_mode *modes; /* n1 */

    double x_error, xprime_error; /* standard error of the matrix, Frobenius, relative to it */
    size_t negative;              /* eigenvalues of X below 0 before clipping */
    double most_negative, most_negative_error;
    double commutator;         /* |X X' - X' X|_F / (|X|_F |X'|_F) */
    double eta_c, eta_c_error; /* largest weight decay with any survivor (THEORY section 4) */
    bool eta_c_certified;

    size_t pairs, images, splits; /* really used */
    struct ssldyn_image_size size;
    const char *format;
    double white; /* pixels were divided by it; 0: numbers as they are (struct ssldyn_images) */
    struct ssldyn_augmentation augmentation; /* with what was measured filled in */
    bool interrupted; /* stopped by a signal; the estimate stands on the pairs so far */
};

/* Opens the images of a request (ssldyn_images_open). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_images(const struct ssldyn_moments_request *request, struct ssldyn_images *images,
                      struct ssldyn_error *err);

/* Estimates. The number of threads does not change a bit of the result. EINPUT or EDOMAIN for files
 * and settings that do not fit, naming the option; EINTERRUPTED when stopped before the first
 * pairs; clear estimate with ssldyn_moments_clear whatever happens.
 * Time: about 30 microseconds a view of 32 x 32 x 3 with colour jitter, and 2 features^2 a pair;
 * memory: 16 features^2 (splits + 4) bytes and one block of images. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_run(const struct ssldyn_moments_request *request,
                   struct ssldyn_moments_estimate *estimate, struct ssldyn_error *err);
void ssldyn_moments_clear(struct ssldyn_moments_estimate *estimate);

/* Writes x.npy, xprime.npy, mean.npy, scale.npy, spectra.tsv and, after PCA, basis.npy into a
 * directory, made if need be. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_write(const struct ssldyn_moments_estimate *estimate, const char *directory,
                     struct ssldyn_error *err);

/* Prints spectra.tsv of an estimate (a struct ssldyn_moments_estimate). */
void ssldyn_moments_print_spectra(const void *estimate, FILE *stream);

/* What turns a view into a vector, and X and X', back from such a directory: n1, X, Xprime, mean,
 * features, basis and scale, the rest of the estimate is zero. pca: whether there is a basis.
 * EINPUT, naming the file, where one is missing or does not fit; clear estimate whatever happens.
 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_moments_read(const char *directory, bool pca,
                                                         struct ssldyn_moments_estimate *estimate,
                                                         struct ssldyn_error *err);

/* What X was divided by where a file is the x.npy of such a directory (DIR/scale.npy), or the
 * data_x.npy of SGD on images (data_scale.npy); 1 where it is neither, or cannot be read. Time, the
 * EMA rate and weight decays are in units of it: the dynamics on scale X with decay scale eta are
 * those on X with eta. */
double ssldyn_moments_scale_beside(const char *x_file);

#endif
