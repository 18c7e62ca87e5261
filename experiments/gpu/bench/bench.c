/* Speed of training steps: the paper's network on random images that are kept on the device, with
 * views drawn and computed as in a run. Prints "name = value" lines, which bench/run compares.
 *     bench [-d cuda|cpu|onednn] [-s cifar|stl] [-w WIDTH] [-b BATCH] [-n STEPS PER BLOCK] [-r BLOCKS] */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment.h"
#include "experiments/gpu/byol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMAGES = 50000, MOST_BLOCKS = 100, NO_DEVICE = 77 };

struct bench {
    const struct ops *ops;
    struct ops_context *context;
    struct augment_recipe recipe;
    struct ops_source source;
    int batch, steps, blocks;
};

static void need(enum ssldyn_status status, const struct ssldyn_error *err)
{
    if (status != SSLDYN_OK) {
        fprintf(stderr, "bench: %s\n", err->message);
        exit(ssldyn_error_exit_status(status));
    }
}

/* Two views of the images of a batch, as in a run. */
static void fill(void *self, const struct ops_clock *clock, int n, struct ops_tensor input)
{
    const struct bench *bench = self;
    const size_t image = (size_t)input.h * (size_t)input.w * (size_t)input.c;
    for (int view = 0; view < 2; view++) {
        struct ops_tensor half = input;
        half.n = n;
        half.data = (char *)input.data +
                    (size_t)view * (size_t)n * image * bench->ops->size[OPS_ACTIVATION];
        bench->ops->augment(bench->context, &bench->recipe, &bench->source, clock, bench->batch,
                            view, half);
    }
}

/* Random images, and their order in the steps of a block. */
static void make_images(struct bench *bench, int side)
{
    const size_t bytes = (size_t)3 * (size_t)side * (size_t)side;
    const size_t count = bytes > 4096 ? IMAGES / 10 : IMAGES;
    const size_t order_count = (size_t)bench->steps * (size_t)bench->batch;
    uint8_t *images = ssldyn_memory_array(count, bytes);
    int32_t *order = ssldyn_memory_array(order_count, sizeof *order);
    void *device = bench->ops->alloc(bench->context, count * bytes);
    void *places = bench->ops->alloc(bench->context, order_count * sizeof *order);
    if (!images || !order || !device || !places) {
        fprintf(stderr, "bench: out of memory\n");
        exit(1);
    }
    uint32_t state = 1;
    for (size_t i = 0; i < count * bytes; i++) {
        state = state * 1664525U + 1013904223U;
        images[i] = (uint8_t)(state >> 24);
    }
    for (size_t i = 0; i < order_count; i++) {
        order[i] = (int32_t)(i * 7919 % count);
    }
    bench->ops->upload(bench->context, device, images, count * bytes);
    bench->ops->upload(bench->context, places, order, order_count * sizeof *order);
    bench->source = (struct ops_source){device, places, NULL, 3, side, side};
    free(images);
    free(order);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Milliseconds per step of each block, in ascending order; the loss shows that training took
 * place. */
static double run(struct bench *bench, struct byol *byol, double milliseconds[MOST_BLOCKS])
{
    struct ssldyn_error err;
    double metrics[OPS_METRICS] = {0.0};
    for (int block = -1; block < bench->blocks; block++) { /* the first block is a warm-up */
        const int steps = block < 0 && bench->steps > 5 ? 5 : bench->steps;
        byol_epoch(byol, 0, 0);
        need(bench->ops->sync(bench->context, &err), &err);
        const double start = ssldyn_clock_wall();
        for (int step = 0; step < steps; step++) {
            need(byol_step(byol, bench->batch, fill, bench, &err), &err);
        }
        need(byol_metrics(byol, metrics, &err), &err); /* waits for the device */
        if (block >= 0) {
            milliseconds[block] = 1e3 * (ssldyn_clock_wall() - start) / steps;
        }
    }
    qsort(milliseconds, (size_t)bench->blocks, sizeof milliseconds[0], compare);
    return metrics[OPS_METRIC_LOSS] / metrics[OPS_METRIC_STEPS];
}

static int number(const char *text)
{
    char *end;
    const long value = strtol(text, &end, 10);
    if (*end != '\0' || end == text || value < 1 || value > 100000) {
        fprintf(stderr, "bench: %s: must be a whole number from 1 to 100000\n", text);
        exit(2);
    }
    return (int)value;
}

static void options(int argc, char *argv[], struct bench *bench, struct byol_config *config,
                    bool *stl)
{
    bench->ops = ops_cuda();
    bench->batch = 128;
    bench->steps = 100;
    bench->blocks = 7;
    for (int option; (option = getopt(argc, argv, "d:s:w:b:n:r:")) != -1;) {
        switch (option) {
        case 'd':
            bench->ops = strcmp(optarg, "cpu") == 0      ? ops_cpu_float()
                         : strcmp(optarg, "onednn") == 0 ? ops_cpu_onednn()
                                                         : ops_cuda();
            break;
        case 's':
            *stl = strcmp(optarg, "stl") == 0;
            break;
        case 'w':
            config->net.width = number(optarg);
            break;
        case 'b':
            bench->batch = number(optarg);
            break;
        case 'n':
            bench->steps = number(optarg);
            break;
        case 'r':
            bench->blocks = number(optarg) < MOST_BLOCKS ? number(optarg) : MOST_BLOCKS;
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char *argv[])
{
    static const double mean[] = {0.4914, 0.4822, 0.4465, 0.0};
    static const double deviation[] = {0.2023, 0.1994, 0.2010, 1.0};
    struct ssldyn_error err;
    struct bench bench = {0};
    struct byol_config config;
    struct byol *byol;
    double milliseconds[MOST_BLOCKS] = {0.0};
    bool stl = false;
    byol_defaults(&config);
    options(argc, argv, &bench, &config, &stl);
    if (!bench.ops || bench.ops->create(&bench.context, &err) != SSLDYN_OK) {
        fprintf(stderr, "bench: %s\n", bench.ops ? err.message : "built without CUDA");
        return NO_DEVICE;
    }
    config.net.image = stl ? 96 : 32;
    config.net.stem = stl ? NET_STEM_LARGE : NET_STEM_CIFAR;
    config.batch = bench.batch;
    config.steps = bench.steps;
    augment_init(&bench.recipe, ssldyn_augment_named(stl ? "stl" : "cifar"), stl ? NULL : mean,
                 deviation, config.seed);
    make_images(&bench, config.net.image);
    need(byol_create(bench.ops, bench.context, &config, &byol, &err), &err);
    const double loss = run(&bench, byol, milliseconds);
    const double median = milliseconds[bench.blocks / 2];
    /* two online views forward, and twice as much backward; two target views forward */
    const double flops = 2.0 * 8.0 * net_macs(byol_online(byol)) * bench.batch;
    printf("milliseconds = %.4f\nbest = %.4f\nworst = %.4f\nimages_per_second = %.0f\n"
           "tflops = %.2f\nloss = %.5f\n",
           median, milliseconds[0], milliseconds[bench.blocks - 1], 1e3 * bench.batch / median,
           flops / median / 1e9, loss);
    byol_free(byol);
    bench.ops->destroy(bench.context);
    return 0;
}
