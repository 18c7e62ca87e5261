/* Every convolution of both networks (ResNet-18 with either stem; in training steps, the last step
 * of an epoch and evaluation) has a reproducible plan on the matrix units of each card below, in all
 * three directions: cuDNN builds the plans from a description of the card, so no GPU is needed.
 * Then the file in which choices are stored. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/tests/tap.h"

#ifndef BYOL_CUDA
int main(void)
{
    printf("1..0 # SKIP built without CUDA\n");
    return TAP_SKIP;
}
#else

#include "experiments/gpu/byol.h"
#include "experiments/gpu/plans.h"

#include <string.h>

/* The numbers that distinguish cards, from NVIDIA's data sheets and tables of compute capabilities. */
struct card {
    const char *name;
    int version, processors; /* compute capability x 100; SMs */
    int clock, memory_clock; /* kHz */
    long long l2, memory;    /* bytes */
    int threads, blocks;     /* per SM, at most */
    int shared;              /* bytes of shared memory for one block, at most */
};
static const struct card cards[] = {
    {"NVIDIA H200", 900, 132, 1980000, 3201000, 62914560, 150754820096, 2048, 32, 232448},
    {"NVIDIA A100-SXM4-80GB", 800, 108, 1410000, 1593000, 41943040, 85899345920, 2048, 32, 166912},
    {"NVIDIA GeForce RTX 3090", 860, 82, 1695000, 9751000, 6291456, 25769803776, 1536, 16, 101376},
    {"NVIDIA GeForce RTX 4090", 890, 128, 2520000, 10501000, 75497472, 25769803776, 1536, 24,
     101376},
    {"NVIDIA B200", 1000, 148, 1965000, 3996000, 132644864, 193273528320, 2048, 32, 232448},
    {"NVIDIA GeForce RTX 5090", 1200, 170, 2407000, 14001000, 100663296, 34359738368, 1536, 24,
     101376},
};

/* A card in cuDNN's description of devices. */
static cudnnBackendDescriptor_t describe(const struct card *card)
{
    struct ssldyn_error err;
    cudnnBackendDescriptor_t properties;
    char text[1024];
    snprintf(text, sizeof text,
             "{\"deviceName\":\"%s\",\"deviceVer\":%d,\"driverVer\":13000,\"cudaDeviceId\":0,"
             "\"pciDeviceId\":0,\"isTccDriver\":0,\"supportCoopLaunch\":1,"
             "\"multiProcessorCount\":%d,\"smClockRateKHz\":%d,\"memClockRateKHz\":%d,"
             "\"l2CacheSize\":%lld,\"totalGlobalMem\":%lld,\"warpSize\":32,\"regsPerBlock\":65536,"
             "\"maxRegistersPerSM\":65536,\"maxCtasPerSM\":%d,\"maxThreadsPerBlock\":1024,"
             "\"maxThreadsPerSM\":%d,\"maxGridSize\":[2147483647,65535,65535],"
             "\"maxBlockSize\":[1024,1024,64],\"maxSharedMemoryPerBlock\":49152,"
             "\"maxSharedMemoryPerBlockOptin\":%d,\"reservedSharedMemoryPerBlock\":1024}",
             card->name, card->version, card->processors, card->clock, card->memory_clock, card->l2,
             card->memory, card->blocks, card->threads, card->shared);
    tap_need(candidates_describe(text, &properties, &err), &err);
    return properties;
}

enum { CAPACITY = 64, SHAPES = 400, WORKSPACE = 512 << 20, LARGE = 128 << 20 };

/* ---------------------------------------------------------------- the networks' convolutions */

/* Arguments of the conv_prepare calls; functions of a table have no other place to store them. */
static struct candidates_shape shapes[SHAPES];
static size_t shape_count;

static enum ssldyn_status note(struct ops_context *context, struct ops_conv *conv,
                               bool forward_only, struct ssldyn_error *err)
{
    (void)context;
    for (int op = CANDIDATES_FORWARD; op <= (forward_only ? CANDIDATES_FORWARD : CANDIDATES_FILTER);
         op++) {
        const struct candidates_shape shape = {(enum candidates_op)op,
                                               CANDIDATES_BF16,
                                               conv->n,
                                               conv->h,
                                               conv->w,
                                               conv->c,
                                               conv->k,
                                               conv->r,
                                               conv->stride,
                                               conv->pad};
        bool known = false;
        for (size_t i = 0; i < shape_count; i++) {
            known |= memcmp(&shapes[i], &shape, sizeof shape) == 0; /* eight integers: no gaps */
        }
        if (known) {
            continue;
        }
        if (shape_count == SHAPES) {
            return ssldyn_fail(err, SSLDYN_EFAILED, "more than %d convolutions", SHAPES);
        }
        shapes[shape_count++] = shape;
    }
    return SSLDYN_OK;
}

/* A network is only laid out, never run, so one address serves for all its memory. */
static void *nowhere(struct ops_context *context, size_t bytes)
{
    static char place;
    (void)context;
    (void)bytes;
    return &place;
}

static void list_convolutions(enum net_stem stem, int image)
{
    struct ssldyn_error err;
    struct byol_config config;
    struct net *net;
    struct ops table = *ops_cuda();
    table.alloc = nowhere;
    table.conv_prepare = note;
    byol_defaults(&config);
    config.net.stem = stem;
    config.net.image = image;
    const int step = 2 * config.batch;
    const int last = 2 * (50000 % config.batch); /* channels of CIFAR-10 */
    tap_need(net_create(&table, NULL, &config.net, step, true, &net, &err), &err);
    tap_need(net_prepare(net, step, NET_TRAIN, &err), &err);
    tap_need(net_prepare(net, last, NET_TRAIN, &err), &err);
    tap_need(net_prepare(net, step, NET_EVAL, &err), &err);
    net_free(net);
}

/* ---------------------------------------------------------------- the plans */

struct counts {
    size_t made, refused, bad, slow, large;
};

static void check_shape(const struct plans_options *options, const struct candidates_shape *shape,
                        struct counts *counts)
{
    struct ssldyn_error err;
    struct candidate list[CAPACITY];
    size_t count = 0;
    size_t refused = 0;
    tap_need(candidates_list(&options->device, shape, CAPACITY, list, &count, &refused, &err),
             &err);
    const size_t place = plans_first(options, shape, list, count);
    const struct candidate *first = place < count ? &list[place] : NULL;
    counts->made += count;
    counts->refused += refused;
    counts->bad += !first;
    counts->slow += first && (!first->tensor_core || first->compiled_later);
    counts->large += first && first->workspace > LARGE;
    if (!first || !first->tensor_core || first->compiled_later) {
        printf(
            "# op %d: %lld x %lld x %lld x %lld to %lld, %lld x %lld, stride %lld: %s, %zu bytes\n",
            (int)shape->op, (long long)shape->n, (long long)shape->h, (long long)shape->w,
            (long long)shape->c, (long long)shape->k, (long long)shape->kernel,
            (long long)shape->kernel, (long long)shape->stride, first ? first->name : "no plan",
            first ? first->workspace : 0);
    }
    for (size_t i = 0; i < count; i++) {
        candidate_free(&list[i]);
    }
}

static void check_networks(struct tap *tap, const struct plans_options *options)
{
    static const struct {
        enum net_stem stem;
        int image;
        const char *name;
    } networks[] = {{NET_STEM_CIFAR, 32, "CIFAR-10"}, {NET_STEM_LARGE, 96, "STL-10"}};
    for (size_t i = 0; i < 2; i++) {
        struct counts counts = {0};
        shape_count = 0;
        list_convolutions(networks[i].stem, networks[i].image);
        for (size_t s = 0; s < shape_count; s++) {
            check_shape(options, &shapes[s], &counts);
        }
        /* 11 kinds, forward for three batch sizes (one of which coincides), backward for two; the
         * first also in all directions */
        const char *card = options->device_name;
        const char *name = networks[i].name;
        tap_ok(tap, shape_count >= 11 * 3, "%s, %s: %zu convolutions, %zu plans (%zu refused)",
               card, name, shape_count, counts.made, counts.refused);
        tap_ok(tap, counts.bad == 0, "%s, %s: each has a reproducible plan", card, name);
        tap_ok(tap, counts.slow == 0, "%s, %s: on the matrix units, compiled beforehand", card,
               name);
        tap_ok(tap, counts.large == 0, "%s, %s: with at most 128 MiB of workspace", card, name);
    }
}

/* In float a plan has to be exact, so another one is chosen; that shows that the rules are
 * applied. */
static void check_float(struct tap *tap, const struct plans_options *options)
{
    struct ssldyn_error err;
    struct plans *plans;
    bool exact = true;
    tap_need(plans_open(options, &plans, &err), &err);
    for (int op = CANDIDATES_FORWARD; op <= CANDIDATES_FILTER; op++) {
        const struct candidates_shape shape = {
            (enum candidates_op)op, CANDIDATES_FLOAT, 8, 8, 8, 64, 64, 3, 1, 1};
        const struct candidate *plan = NULL;
        tap_need(plans_find(plans, &shape, &plan, &err), &err);
        exact = exact && plan->exact && !plan->tensor_core && plan->deterministic;
    }
    tap_ok(tap, exact, "float: exact and reproducible plans");
    plans_free(plans);
}

/* Sizes that no network of the paper has: small, few channels, odd. The GPU tests run them in both
 * types. */
static void check_small(struct tap *tap, const struct plans_options *options)
{
    static const struct candidates_shape sizes[] = {
        {.n = 4, .h = 9, .w = 7, .c = 8, .k = 16, .kernel = 3, .stride = 1, .pad = 1},
        {.n = 6, .h = 8, .w = 8, .c = 8, .k = 24, .kernel = 1, .stride = 2, .pad = 0},
        {.n = 2, .h = 17, .w = 17, .c = 8, .k = 8, .kernel = 7, .stride = 2, .pad = 3},
        {.n = 3, .h = 6, .w = 6, .c = 3, .k = 4, .kernel = 3, .stride = 1, .pad = 1},
        {.n = 8, .h = 8, .w = 8, .c = 3, .k = 8, .kernel = 3, .stride = 1, .pad = 1},
        {.n = 16, .h = 32, .w = 32, .c = 3, .k = 8, .kernel = 7, .stride = 2, .pad = 3},
        {.n = 16, .h = 8, .w = 8, .c = 8, .k = 16, .kernel = 3, .stride = 2, .pad = 1},
    };
    struct plans *plans;
    struct ssldyn_error err;
    size_t found = 0;
    tap_need(plans_open(options, &plans, &err), &err);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int k = 0; k < 6; k++) {
            struct candidates_shape shape = sizes[i];
            const struct candidate *plan = NULL;
            shape.op = (enum candidates_op)(k / 2);
            shape.type = (enum candidates_type)(k % 2);
            found += plans_find(plans, &shape, &plan, &err) == SSLDYN_OK;
        }
    }
    tap_ok(tap, found == 6 * sizeof sizes / sizeof sizes[0], "small sizes: %zu plans", found);
    plans_free(plans);
}

/* ---------------------------------------------------------------- the file */

static void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");
    if (!stream || fputs(text, stream) < 0 || fclose(stream) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
}

/* A file that names the second allowed plan: that one is chosen instead of the first. */
static void check_kept(struct tap *tap, struct plans_options options, const char *path)
{
    static const struct candidates_shape shape = {
        CANDIDATES_FORWARD, CANDIDATES_BF16, 256, 16, 16, 128, 128, 3, 1, 1};
    struct ssldyn_error err;
    struct candidate list[CAPACITY];
    const struct candidate *second = NULL;
    const struct candidate *found = NULL;
    struct plans *plans;
    size_t count = 0;
    size_t refused = 0;
    size_t allowed = 0;
    char text[1024];
    tap_need(candidates_list(&options.device, &shape, CAPACITY, list, &count, &refused, &err),
             &err);
    for (size_t i = 0; i < count && !second; i++) {
        second = plans_allow(&options, &shape, &list[i]) && allowed++ == 1 ? &list[i] : NULL;
    }
    snprintf(text, sizeof text,
             "# ssldyn plans 1\nforward bf16 n=256 h=16 w=16 c=128 k=128 kernel=3 stride=1 pad=1\t"
             "%zu\tNVIDIA H200\t%s\n",
             cudnnGetVersion(), second->name);
    write_file(path, text);
    options.file = path;
    tap_need(plans_open(&options, &plans, &err), &err);
    tap_need(plans_find(plans, &shape, &found, &err), &err);
    tap_ok(tap, strcmp(found->name, second->name) == 0 && strcmp(found->name, list[0].name) != 0,
           "the plan named in the file is used: %s", found->name);
    plans_free(plans);
    options.device_name = "another card";
    tap_need(plans_open(&options, &plans, &err), &err);
    tap_need(plans_find(plans, &shape, &found, &err), &err);
    tap_ok(tap, strcmp(found->name, second->name) != 0,
           "the choice does not apply to another card");
    plans_free(plans);
    for (size_t i = 0; i < count; i++) {
        candidate_free(&list[i]);
    }
}

static void check_refused(struct tap *tap, struct plans_options options, const char *path)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"# something else\n", ":1: is not a list of plans"},
        {"# ssldyn plans 1\nforward bf16\t1\tcard\n", ":2: expected shape"},
        {"# ssldyn plans 1\nno end", ":2: the line is too long, or its newline is missing"},
    };
    options.file = path;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ssldyn_error err;
        struct plans *plans;
        write_file(path, cases[i].text);
        tap_ok(tap,
               plans_open(&options, &plans, &err) == SSLDYN_EINPUT &&
                   strstr(err.message, cases[i].said),
               "a bad file is refused: %s", cases[i].said);
    }
}

int main(void)
{
    struct tap tap = {0};
    struct plans_options options = {.workspace = WORKSPACE};
    char path[4096];
    const char *directory = getenv("TEST_DIR");
    snprintf(path, sizeof path, "%s/plans.txt", directory ? directory : "/tmp");
    for (size_t i = sizeof cards / sizeof cards[0]; i > 0; i--) {
        if (options.device.properties)
            cudnnBackendDestroyDescriptor(options.device.properties);
        options.device_name = cards[i - 1].name;
        options.device.properties = describe(&cards[i - 1]);
        check_networks(&tap, &options);
    }
    /* the rest for the first card */
    check_float(&tap, &options);
    check_small(&tap, &options);
    check_kept(&tap, options, path);
    check_refused(&tap, options, path);
    (void)remove(path);
    cudnnBackendDestroyDescriptor(options.device.properties);
    return tap_done(&tap);
}
#endif
