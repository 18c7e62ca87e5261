/* Opens a source of snapshots: files, a run directory, arrays in memory
 * (align_source_internal.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_source_internal.h"

#include "sim/linalg/linalg.h"

#include <stdlib.h>

/* Names of the arrays in a file with several. */
static const char *const roles[PARTS] = {"Wp", "F", "W", "Wa", "features", "outputs", "mean"};
const char *const ssldyn_align_source_options[PARTS] = {"--wp",       "--f",       "--w",   "--wa",
                                                        "--features", "--outputs", "--mean"};

static enum ssldyn_status open_part(struct ssldyn_align_source *source, enum part part,
                                    const char *argument,
                                    const struct ssldyn_align_request *request,
                                    struct ssldyn_error *err)
{
    const char *option = ssldyn_align_source_options[part];
    if (argument == NULL)
        return SSLDYN_OK;
    if (part == PART_WP)
        return ssldyn_predictor_layers_open(argument, option, request->memory, request->norm_eps,
                                            &source->predictor, err);
    const struct ssldyn_array_view *view = ssldyn_arrays_find(request->memory, option + 2, 0);
    if (view != NULL)
        return ssldyn_matrices_open_memory(view, option, part == PART_MEAN, &source->parts[part],
                                           err);
    if (part == PART_MEAN)
        return ssldyn_matrices_open_vectors(argument, option, roles[part], &source->parts[part],
                                            err);
    return ssldyn_matrices_open(argument, option, roles[part], &source->parts[part], err);
}

/* One array of a run directory; a missing file is not an error here. */
static enum ssldyn_status open_run_part(struct ssldyn_align_source *source, enum part part,
                                        const char *directory, struct ssldyn_error *err)
{
    char *path = NULL;
    enum ssldyn_status status = ssldyn_align_run_file(directory, roles[part], &path, err);
    if (status == SSLDYN_OK && path != NULL && part == PART_WP)
        status = ssldyn_predictor_layers_open(path, directory, NULL, 0.0, &source->predictor, err);
    else if (status == SSLDYN_OK && path != NULL && part == PART_MEAN)
        status = ssldyn_matrices_open_vectors(path, directory, NULL, &source->parts[part], err);
    else if (status == SSLDYN_OK && path != NULL)
        status = ssldyn_matrices_open(path, directory, roles[part], &source->parts[part], err);
    free(path);
    return status;
}

enum ssldyn_status ssldyn_align_source_parts(struct ssldyn_align_source *source,
                                             const struct ssldyn_align_request *request,
                                             struct ssldyn_error *err)
{
    const char *const given[PARTS] = {request->wp,  request->f,        request->w,
                                      request->wa,  request->features, request->outputs,
                                      request->mean};
    enum ssldyn_status status = SSLDYN_OK;
    for (int part = 0; part < PARTS && status == SSLDYN_OK; part++) {
        if (request->run == NULL)
            status = open_part(source, (enum part)part, given[part], request, err);
        else if (part < PART_FEATURES || part == PART_MEAN)
            status = open_run_part(source, (enum part)part, request->run, err);
    }
    if (status != SSLDYN_OK)
        return status;
    if (source->parts[PART_F] == NULL && source->parts[PART_W] == NULL &&
        source->parts[PART_FEATURES] == NULL) {
        if (request->run != NULL)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: holds neither F.npy nor W.npy: a run of a matrix model is "
                               "needed",
                               request->run);
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "nothing to align with: a run directory, --spectra, or --wp with one of "
                           "--f, --w, --features is needed");
    }
    if (request->run != NULL && source->predictor == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds no Wp.npy: the predictor is needed",
                           request->run);
    return SSLDYN_OK;
}

/* Moments of empirical weights: X (and X' if given) unchanged. */
static enum ssldyn_status read_moments(struct ssldyn_align_source *source,
                                       const struct ssldyn_align_request *request,
                                       struct ssldyn_error *err)
{
    const size_t n1 = source->sizes.n1;
    const char *const files[2] = {request->x, request->xprime};
    static const char *const options[2] = {"--x", "--xprime"};
    if (request->x == NULL)
        return SSLDYN_OK;
    const enum ssldyn_status status =
        ssldyn_align_run_moments(&source->run, files, options, request->memory, n1, err);
    if (status == SSLDYN_OK && ssldyn_dense_asymmetry(n1, source->run.X.data) > 1e-6)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--x %s: a symmetric matrix is needed", request->x);
    source->sizes.moments = &source->run.moments;
    source->sizes.loss_known = request->xprime != NULL;
    return status;
}

enum ssldyn_status ssldyn_align_source_data(struct ssldyn_align_source *source,
                                            const struct ssldyn_align_request *request,
                                            struct ssldyn_error *err)
{
    const enum ssldyn_status status = read_moments(source, request, err);
    return status == SSLDYN_OK
               ? ssldyn_align_run_times(request->times, request->memory, source->sizes.snapshots,
                                        &source->run.t, err)
               : status;
}
