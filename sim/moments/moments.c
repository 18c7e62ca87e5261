/* The moments of a set of images: reads the images block by block, as often as the number of
 * pairs requires, and passes the views to the sums. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments.h"

#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/moments/moments_estimate.h"
#include "sim/moments/moments_sums.h"

#include <stdlib.h>

/* The state of one run. */
struct session {
    struct ssldyn_moments_request request;
    struct ssldyn_images images;
    size_t count;    /* images used */
    size_t block;    /* images read at a time */
    size_t capacity; /* capacity of pixels, in images */
    float *pixels;   /* one block */
    struct ssldyn_moments_sums sums;
    struct ssldyn_progress progress;
};

enum ssldyn_status ssldyn_moments_images(const struct ssldyn_moments_request *request,
                                         struct ssldyn_images *images, struct ssldyn_error *err)
{
    return request->memory != NULL
               ? ssldyn_images_open_memory(request->memory, "--data", request->format,
                                           request->images, images, err)
               : ssldyn_images_open(request->path_count, request->paths, request->format,
                                    request->images, images, err);
}

static enum ssldyn_status open_images(struct session *session, struct ssldyn_error *err)
{
    const struct ssldyn_moments_request *request = &session->request;

    enum ssldyn_status status = ssldyn_moments_images(request, &session->images, err);
    if (status != SSLDYN_OK)
        return status;
    session->count = session->images.count;
    size_t numbers = ssldyn_images_numbers(&session->images.size);
    session->capacity = SSLDYN_MOMENTS_BLOCK_NUMBERS / numbers;
    if (session->capacity > SSLDYN_MOMENTS_BLOCK)
        session->capacity = SSLDYN_MOMENTS_BLOCK;
    if (session->capacity == 0)
        session->capacity = 1;
    session->pixels = ssldyn_memory_array(session->capacity * numbers, sizeof(float));
    if (session->pixels == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu images of %zu numbers",
                           session->capacity, numbers);
    return SSLDYN_OK;
}

/* Each block of images always belongs to the same group, so groups are independent samples. */
static enum ssldyn_status prepare(struct session *session, struct ssldyn_error *err)
{
    struct ssldyn_moments_request *request = &session->request;
    size_t groups = request->splits > 1 ? request->splits : 1;

    if (request->pairs == 0)
        return ssldyn_fail(err, SSLDYN_EDOMAIN, "--pairs 0: must be at least 1");
    size_t used = session->count < request->pairs ? session->count : request->pairs;
    if (groups > used)
        groups = used > 0 ? used : 1;
    session->block = used / groups < session->capacity ? used / groups : session->capacity;
    request->augmentation.clip = session->images.white > 0.0;
    enum ssldyn_status status =
        ssldyn_moments_sums_init(request, &session->images.size, groups, &session->sums, err);
    if (status == SSLDYN_OK)
        status = ssldyn_views_measure(&session->images, session->count, session->capacity,
                                      session->pixels, &session->sums.views.augmentation, err);
    return status;
}

/* Processes pairs until all are done or a signal arrives. */
static enum ssldyn_status take_pairs(struct session *session, bool *interrupted,
                                     struct ssldyn_error *err)
{
    size_t done = 0;
    size_t first = 0;
    size_t block = 0;

    *interrupted = false;
    while (done < session->request.pairs) {
        if (ssldyn_signal_pending()) {
            *interrupted = true;
            break;
        }
        size_t some = session->count - first;
        some = some < session->block ? some : session->block;
        if (some > session->request.pairs - done)
            some = session->request.pairs - done;
        enum ssldyn_status status =
            ssldyn_images_read(&session->images, first, some, session->pixels, err);
        if (status != SSLDYN_OK)
            return status;
        ssldyn_moments_sums_add(&session->sums, session->request.seed,
                                block % session->sums.group_count, some, session->pixels, done);
        done += some;
        first += some;
        block++;
        if (first == session->count) {
            first = 0;
            block = 0;
        }
        ssldyn_progress_update(&session->progress, (double)done);
    }
    if (done == 0)
        return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped before the first pair of views");
    return SSLDYN_OK;
}

/* Groups that are empty after an early stop must not count as samples. */
static void drop_empty_groups(struct ssldyn_moments_sums *sums)
{
    while (sums->group_count > 1 && sums->groups[sums->group_count - 1].pairs == 0)
        free(sums->groups[--sums->group_count].block);
}

enum ssldyn_status ssldyn_moments_run(const struct ssldyn_moments_request *request,
                                      struct ssldyn_moments_estimate *estimate,
                                      struct ssldyn_error *err)
{
    struct session session = {.request = *request};
    bool interrupted = false;

    *estimate = (struct ssldyn_moments_estimate){0};
    enum ssldyn_status status = open_images(&session, err);
    if (status == SSLDYN_OK)
        status = prepare(&session, err);
    if (status == SSLDYN_OK) {
        ssldyn_progress_begin(&session.progress, "moments", "pairs", (double)request->pairs,
                              request->quiet);
        status = take_pairs(&session, &interrupted, err);
        ssldyn_progress_end(&session.progress);
    }
    if (status == SSLDYN_OK) {
        drop_empty_groups(&session.sums);
        estimate->images =
            session.count < session.request.pairs ? session.count : session.request.pairs;
        estimate->size = session.images.size;
        estimate->format = session.images.format;
        estimate->white = session.images.white;
        estimate->augmentation = session.sums.views.augmentation;
        estimate->interrupted = interrupted;
        status = ssldyn_moments_estimate(&session.request, &session.sums, estimate, err);
    }
    if (status != SSLDYN_OK)
        ssldyn_moments_clear(estimate);
    ssldyn_moments_sums_clear(&session.sums);
    ssldyn_images_close(&session.images);
    free(session.pixels);
    return status;
}

void ssldyn_moments_clear(struct ssldyn_moments_estimate *estimate)
{
    free(estimate->X);
    free(estimate->Xprime);
    free(estimate->mean);
    free(estimate->basis);
    free(estimate->modes);
    *estimate = (struct ssldyn_moments_estimate){0};
}
