/* The second moments X and X' of real images under an augmentation, estimated from pairs of
 * views, with their sampling errors.
 *
 * For a pair (x1, x2) of views of one image, m = (x1 + x2)/2 and d = x1 - x2 give
 *   X  = E[(x1 x2^T + x2 x1^T)/2] = E[m m^T] - E[d d^T]/4,    X' = E[d d^T]/2.
 * Both are unbiased. The estimate of X' is always positive semidefinite; that of X only up to
 * sampling noise: its negative eigenvalues are set to 0 (the nearest semidefinite matrix), and
 * their number and size, relative to their standard error, are reported. */
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
    SSLDYN_MOMENTS_SCALE_MEAN, /* scale such that the mean eigenvalue of X is 1 */
    SSLDYN_MOMENTS_SCALE_TOP,  /* scale such that the largest eigenvalue of X is 1 */
    SSLDYN_MOMENTS_SCALE_NONE
};

/* Largest n1, and largest size of a view that PCA reduces to it. */
enum { SSLDYN_MOMENTS_MAXIMUM_N1 = 1024, SSLDYN_MOMENTS_MAXIMUM_FEATURES = 4096 };

struct ssldyn_moments_request {
    size_t path_count;
    const char *const *paths;               /* files or directories, see ssldyn_images_open */
    const struct ssldyn_array_view *memory; /* the images in memory, instead of files; borrowed */
    enum ssldyn_image_format format;
    size_t images;                           /* use only this many images from the beginning; 0:
                                              * all */
    struct ssldyn_augmentation augmentation; /* mean and deviation are computed from the data */

    /* from a view to the vector x, applied in this order; 0: off */
    size_t patch; /* a square of this many pixels, at one random place for both views */
    size_t pool;  /* averages over equal cells, this many per side */
    size_t pca;   /* projection on this many leading eigenvectors of X + X' */

    bool keep_mean;     /* moments about 0 instead of about the mean view */
    bool keep_negative; /* keep negative eigenvalues of X */
    enum ssldyn_moments_scale scale;

    size_t pairs;  /* total number of pairs of views; the images are used repeatedly */
    size_t splits; /* number of groups of images for the error bars; below 2: no error bars */
    uint64_t seed;
    size_t threads; /* 0: one per processor; the result does not depend on it */
    bool quiet;     /* no progress line */
};

/* One mode j: eigenvalues in descending order, each with its standard error. */
struct ssldyn_moments_mode {
    double x, x_error;           /* eigenvalue of X, after clipping */
    double sum, sum_error;       /* of X + X' */
    double xprime, xprime_error; /* of X' */
    /* (v^T X v)^2/(4 v^T (X + X') v), where v is the eigenvector of X, then that of X + X'.
     * Sampling also rotates v, most where eigenvalues are close; the errors include that to
     * first order. NaN: no value. */
    double eta_x, eta_x_error;
    double eta_sum, eta_sum_error;
};

struct ssldyn_moments_estimate {
    size_t n1;
    double *X, *Xprime;                /* n1 x n1, symmetric */
    double *mean;                      /* n1, mean view after scaling */
    size_t features;                   /* size of a view before PCA */
    double *basis;                     /* features x n1, columns orthonormal; NULL without PCA */
    double scale;                      /* the scale by which X and X' were divided */
    struct ssldyn_moments_mode *modes; /* n1 */

    double x_error, xprime_error; /* standard error of the matrix in the Frobenius norm, relative
                                   * to the matrix */
    size_t negative;              /* eigenvalues of X below 0 before clipping */
    double most_negative, most_negative_error;
    double commutator;         /* |X X' - X' X|_F / (|X|_F |X'|_F) */
    double eta_c, eta_c_error; /* largest weight decay at which any direction survives (THEORY
                                * section 4) */
    bool eta_c_certified;

    size_t pairs, images, splits; /* numbers actually used */
    struct ssldyn_image_size size;
    const char *format;
    double white; /* the factor by which pixels were divided; 0: not divided (struct
                   * ssldyn_images) */
    struct ssldyn_augmentation augmentation; /* including what was measured from the data */
    bool interrupted; /* stopped by a signal; the estimate uses the pairs up to then */
};

/* Opens the images of a request (ssldyn_images_open). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_images(const struct ssldyn_moments_request *request, struct ssldyn_images *images,
                      struct ssldyn_error *err);

/* Computes the estimate. The number of threads does not change a bit of the result. EINPUT or
 * EDOMAIN, naming the option, for files and settings that do not fit; EINTERRUPTED if stopped
 * before the first pairs; clear estimate with ssldyn_moments_clear in every case.
 * Time: about 30 microseconds per view of 32 x 32 x 3 with color jitter, and 2 features^2 per pair;
 * memory: 16 features^2 (splits + 4) bytes and one block of images. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_run(const struct ssldyn_moments_request *request,
                   struct ssldyn_moments_estimate *estimate, struct ssldyn_error *err);
void ssldyn_moments_clear(struct ssldyn_moments_estimate *estimate);

/* Writes x.npy, xprime.npy, mean.npy, scale.npy, spectra.tsv and, with PCA, basis.npy into a
 * directory, which is created if necessary. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_write(const struct ssldyn_moments_estimate *estimate, const char *directory,
                     struct ssldyn_error *err);

/* Prints spectra.tsv of an estimate (a struct ssldyn_moments_estimate). */
void ssldyn_moments_print_spectra(const void *estimate, FILE *stream);

/* Reads back X, X' and the map from a view to a vector from such a directory: n1, X, Xprime,
 * mean, features, basis and scale; the rest of the estimate is zero. pca: whether there is a
 * basis. EINPUT, naming the file, if one is missing or does not fit; clear estimate in every
 * case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_moments_read(const char *directory, bool pca,
                                                         struct ssldyn_moments_estimate *estimate,
                                                         struct ssldyn_error *err);

/* The scale by which X was divided, if the file is the x.npy of such a directory (from
 * DIR/scale.npy) or the data_x.npy of SGD on images (from data_scale.npy); 1 if it is neither,
 * or cannot be read. Time, EMA rate and weight decays are in units of it: the dynamics for X
 * with decay scale * eta are those for X/scale with eta. */
double ssldyn_moments_scale_beside(const char *x_file);

#endif
