/* ssldyn moments: X and X' of real images. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_MOMENTS_H
#define SSLDYN_SIM_ANSWER_MOMENTS_H

#include "sim/answer/answer.h"

/* Values: n1, images, pairs, scale, errors, eta_c and all else that the program prints. If kept,
 * arrays: x and xprime (n1 x n1), mean (n1), scale (one number), with --pca basis (features x
 * n1); rows: those of spectra.tsv, one per eigenvalue, in descending order. Texts: report;
 * files, the names of the files in the directory; cost; if kept spec, spectra.tsv; directory. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_moments(struct ssldyn_spec *spec,
                                                           const struct ssldyn_answer_mode *mode,
                                                           struct ssldyn_result *result,
                                                           struct ssldyn_error *err);

#endif
