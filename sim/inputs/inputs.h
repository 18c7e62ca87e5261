/* What the files behind a spec's options contribute to its problem: the matrices of the start, X
 * and X' with their basis, and the data of SGD. They are read once, before anything runs: a run,
 * a sweep and a ladder need only the problem. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_INPUTS_INPUTS_H
#define SSLDYN_SIM_INPUTS_INPUTS_H

#include "sim/base/error.h"
#include "sim/io/npy.h"
#include "sim/options/spec.h"
#include "sim/run/moments_basis.h"
#include "sim/sgd/sgd_images.h"
#include "sim/sgd/sgd_sampler.h"

enum { SSLDYN_INPUTS_STARTS = 4 };

/* Owns what a problem borrows, so it must not be copied or moved while the problem is in use. */
struct ssldyn_inputs {
    struct ssldyn_array start[SSLDYN_INPUTS_STARTS]; /* Wp, W, Wa, F */
    char names[SSLDYN_INPUTS_STARTS][300];
    struct ssldyn_moments_basis *basis;
    struct ssldyn_dataset dataset;   /* of --data or --moments; it borrows from these: */
    double *vectors, *covariance;    /* vectors in the basis, X' of the noise that is added to
                                      * them */
    struct ssldyn_sgd_images images; /* or images */
};

/* Determines what can be known of a run before its data are read, so that its settings are
 * complete before they choose a directory: n1, n2 and init_scale from the headers of data files,
 * the settings of images, and for SGD the flow time of its steps. Files that an axis varies are
 * left to the points. EINPUT or EDOMAIN naming file or option. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_describe(struct ssldyn_spec *spec,
                                                            struct ssldyn_error *err);

/* Reads the files that a checked spec names and points spec->problem to them; completes n1, n2,
 * init_scale and the settings of images from them, and for SGD the flow time of its steps. What
 * the problem has already is kept (the points of a sweep share its inputs), and what the spec no
 * longer names is removed. In a sweep, files that an axis varies or whose reading depends on an
 * axis are left to its points. EINPUT or EDOMAIN naming file or option; EINTERRUPTED if the user
 * stops it while X and X' of images are estimated. inputs must be zeroed before the call and
 * cleared after it in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_load(struct ssldyn_spec *spec,
                                                        struct ssldyn_inputs *inputs,
                                                        struct ssldyn_error *err);
void ssldyn_inputs_clear(struct ssldyn_inputs *inputs);

/* Whether the inputs depend on the value of that numeric option. */
bool ssldyn_inputs_depend_on(const struct ssldyn_spec *spec, const struct ssldyn_option *option);

/* X and X' as given by --x and --xprime of the spec, or the pair of --sxx, --syx and --syy, in files or
 * in memory; any square size is accepted and sets n1. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_moments(const struct ssldyn_spec *spec,
                                                           struct ssldyn_moments_basis **basis,
                                                           struct ssldyn_error *err);
/* The same from two files. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_read_moments(const char *x_file,
                                                                const char *xprime_file,
                                                                struct ssldyn_moments_basis **basis,
                                                                struct ssldyn_error *err);

/* The scale by which ssldyn moments divided the X that the spec names; 1 if it was not scaled. */
double ssldyn_inputs_scale(const struct ssldyn_spec *spec);

#endif
