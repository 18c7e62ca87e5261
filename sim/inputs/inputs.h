/* What the files behind a spec's options bring to its problem: the matrices of the start, X and X'
 * by their basis, and what SGD draws from. They are read once, before anything runs: a run, a sweep
 * and a ladder work on the problem alone. */
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

/* Owns what a problem borrows, so it may not be copied or moved while the problem is in use. */
struct ssldyn_inputs {
    struct ssldyn_array start[SSLDYN_INPUTS_STARTS]; /* Wp, W, Wa, F */
    char names[SSLDYN_INPUTS_STARTS][300];
    struct ssldyn_moments_basis *basis;
    struct ssldyn_dataset dataset;   /* of --data or --moments; it borrows from these: */
    double *vectors, *covariance;    /* vectors in the basis, X' of what is added to them */
    struct ssldyn_sgd_images images; /* or images */
};

/* What can be known of a run before its data are read, so that its settings are whole before a
 * directory is chosen by them: n1, n2 and init_scale by the heads of the files that data are drawn
 * from, the settings of images, of SGD the time that its steps take. Files that an axis names are
 * left to the points. EINPUT or EDOMAIN naming file or option. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_describe(struct ssldyn_spec *spec,
                                                            struct ssldyn_error *err);

/* Reads the files that a checked spec names and points spec->problem at them; completes n1, n2,
 * init_scale and the settings of images that they tell, and of SGD the time that its steps take.
 * What the problem has already is kept (the points of a sweep share its inputs), and what the spec
 * no longer names is taken away. In a sweep, files that an axis names or whose reading depends on
 * an axis are left to its points. EINPUT or EDOMAIN naming file or option; EINTERRUPTED when the
 * user stops while X and X' of images are estimated. inputs, zeroed before, is to be cleared
 * whatever happens. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_load(struct ssldyn_spec *spec,
                                                        struct ssldyn_inputs *inputs,
                                                        struct ssldyn_error *err);
void ssldyn_inputs_clear(struct ssldyn_inputs *inputs);

/* Whether what is read depends on the value of that numeric option. */
bool ssldyn_inputs_depend_on(const struct ssldyn_spec *spec, const struct ssldyn_option *option);

/* X and X' as --x and --xprime of the spec give them, in files or in memory; any square size is
 * accepted, n1 tells it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_moments(const struct ssldyn_spec *spec,
                                                           struct ssldyn_moments_basis **basis,
                                                           struct ssldyn_error *err);
/* The same from two files. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_inputs_read_moments(const char *x_file,
                                                                const char *xprime_file,
                                                                struct ssldyn_moments_basis **basis,
                                                                struct ssldyn_error *err);

/* What the X that the spec names was divided by by ssldyn moments; 1 where it was not. */
double ssldyn_inputs_scale(const struct ssldyn_spec *spec);

#endif
