/* Images on the device. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/feed.h"

#include <stdlib.h>

enum { BLOCK = 256, CHUNK = 64 };

int feed_size(const struct feed *feed, int64_t step)
{
    const int64_t left = (int64_t)feed->data->count - step * feed->batch;
    return left < feed->batch ? (int)left : feed->batch;
}

static size_t image_bytes(const struct feed *feed)
{
    return ssldyn_images_numbers(&feed->data->size);
}

/* Uploads all images once. */
static enum ssldyn_status fill_device(struct feed *feed, struct ssldyn_error *err)
{
    const size_t bytes = image_bytes(feed);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t first = 0; status == SSLDYN_OK && first < feed->data->count; first += BLOCK) {
        const size_t left = feed->data->count - first;
        const size_t some = left < BLOCK ? left : BLOCK;
        status = data_read(feed->data, first, some, feed->buffer, err);
        if (status == SSLDYN_OK)
            feed->ops->upload(feed->context, (unsigned char *)feed->images + first * bytes,
                              feed->buffer, some * bytes);
    }
    return status;
}

/* Where the images of a step will be: slots within the chunk, step by step. */
static enum ssldyn_status make_slots(struct feed *feed, struct ssldyn_error *err)
{
    void *slots = feed->ops->alloc(feed->context, feed->data->count * sizeof(int32_t));
    if (slots == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM,
                           "out of memory on the device for the order of the images");
    for (size_t i = 0; i < feed->data->count; i++)
        feed->order[i] = (int32_t)(i % ((size_t)feed->chunk * (size_t)feed->batch));
    feed->ops->upload(feed->context, slots, feed->order, feed->data->count * sizeof(int32_t));
    feed->source.slots = slots;
    return SSLDYN_OK;
}

static enum ssldyn_status place_images(struct feed *feed, size_t resident, struct ssldyn_error *err)
{
    const size_t bytes = image_bytes(feed);
    const size_t step = (size_t)feed->batch * bytes;
    const size_t all = feed->data->count * bytes;
    if (resident == 0 || all <= resident)
        feed->images = feed->ops->alloc(feed->context, all);
    feed->source.images = feed->images;
    if (feed->images != NULL)
        return fill_device(feed, err);
    feed->chunk = resident / step < CHUNK ? (int64_t)(resident / step) : CHUNK;
    if (resident == 0)
        feed->chunk = CHUNK;
    if (feed->chunk == 0)
        feed->chunk = 1;
    feed->images = feed->ops->alloc(feed->context, (size_t)feed->chunk * step);
    if (feed->images == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM,
                           "out of memory on the device for the images of %lld steps",
                           (long long)feed->chunk);
    feed->source.images = feed->images;
    return make_slots(feed, err);
}

enum ssldyn_status feed_open(const struct ops *ops, struct ops_context *context,
                             struct dataset *data, const struct augment_recipe *recipe, int batch,
                             bool drop_last, size_t resident, struct feed *feed,
                             struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &data->size;
    const int64_t count = (int64_t)data->count;
    *feed = (struct feed){
        .ops = ops,
        .context = context,
        .data = data,
        .recipe = recipe,
        .source = {.channels = (int)size->channels,
                   .height = (int)size->height,
                   .width = (int)size->width},
        .batch = batch,
        .steps = drop_last ? count / batch : (count + batch - 1) / batch,
    };
    if (feed->steps == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--drop-last: %lld images are fewer than a batch of %d",
                           (long long)count, batch);
    const size_t most = (size_t)(batch > BLOCK ? batch : BLOCK);
    feed->order = ssldyn_memory_array(data->count, sizeof *feed->order);
    feed->buffer = ssldyn_memory_array(most, ssldyn_images_numbers(size));
    feed->indices = ops->alloc(context, data->count * sizeof(int32_t));
    feed->source.order = feed->indices;
    enum ssldyn_status status =
        feed->order != NULL && feed->buffer != NULL && feed->indices != NULL
            ? place_images(feed, resident, err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the order of %zu images",
                          data->count);
    if (status != SSLDYN_OK)
        feed_close(feed);
    return status;
}

void feed_close(struct feed *feed)
{
    free(feed->order);
    free(feed->buffer);
    feed->order = NULL;
    feed->buffer = NULL;
}

void feed_permutation(uint64_t seed, uint32_t run, size_t count, double uniforms[], int32_t order[])
{
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, seed, run, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_uniform(&stream, count, uniforms);
    for (size_t i = 0; i < count; i++)
        order[i] = (int32_t)i;
    for (size_t i = count - 1; i > 0; i--) {
        const size_t pick = (size_t)(uniforms[i] * (double)(i + 1));
        const size_t other = pick > i ? i : pick;
        const int32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

enum ssldyn_status feed_epoch(struct feed *feed, uint64_t seed, int64_t epoch, bool shuffle,
                              struct ssldyn_error *err)
{
    const size_t count = feed->data->count;
    for (size_t i = 0; i < count; i++)
        feed->order[i] = (int32_t)i;
    if (shuffle) {
        double *uniforms = ssldyn_memory_array(count, sizeof *uniforms);
        if (uniforms == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the order of %zu images",
                               count);
        feed_permutation(seed, (uint32_t)epoch, count, uniforms, feed->order);
        free(uniforms);
    }
    feed->ops->upload(feed->context, feed->indices, feed->order, count * sizeof(int32_t));
    return SSLDYN_OK;
}

enum ssldyn_status feed_step(struct feed *feed, int64_t step, struct ssldyn_error *err)
{
    const size_t bytes = image_bytes(feed);
    if (feed->chunk == 0)
        return SSLDYN_OK;
    const int n = feed_size(feed, step);
    const int32_t *order = feed->order + step * feed->batch;
    unsigned char *place =
        (unsigned char *)feed->images + (size_t)(step % feed->chunk) * (size_t)feed->batch * bytes;
    for (int i = 0; i < n; i++) {
        const enum ssldyn_status status =
            data_read(feed->data, (size_t)order[i], 1, feed->buffer + (size_t)i * bytes, err);
        if (status != SSLDYN_OK)
            return status;
    }
    feed->ops->upload(feed->context, place, feed->buffer, (size_t)n * bytes);
    return SSLDYN_OK;
}

static struct ops_tensor part_of(const struct ops *ops, struct ops_tensor tensor, int first, int n)
{
    const size_t image = (size_t)tensor.h * (size_t)tensor.w * (size_t)tensor.c;
    tensor.data = (unsigned char *)tensor.data + (size_t)first * image * ops->size[tensor.type];
    tensor.n = n;
    return tensor;
}

void feed_fill(void *self, const struct ops_clock *clock, int n, struct ops_tensor input)
{
    const struct feed *feed = self;
    for (int view = 0; view < 2; view++)
        feed->ops->augment(feed->context, feed->recipe, &feed->source, clock, feed->batch, view,
                           part_of(feed->ops, input, view * n, n));
}

void feed_fill_plain(struct feed *feed, const struct ops_clock *clock, int n,
                     struct ops_tensor input)
{
    feed->ops->augment(feed->context, feed->recipe, &feed->source, clock, feed->batch, -1,
                       part_of(feed->ops, input, 0, n));
}
