/* Two backends in parallel: the same input, outputs filled with invalid numbers first, results
 * compared. The first is the CPU backend in double; the second is the one under test.
 *
 * In float without TF32 the two may differ by rounding: sums of N terms in another order differ by
 * about sqrt(N) 6e-8, below 1e-5 in all tests. In bf16 the reference is rounded where the other is
 * (rounded.h); a sum that differs by 1e-6 rounds to the other neighbor, 4e-3 away, once in some
 * thousand cases: on average 1e-4, and 1e-3 is allowed. The same tests run with the CPU backend in
 * float first, which shows that the bounds are realistic. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TESTS_TWIN_H
#define EXPERIMENTS_GPU_TESTS_TWIN_H

#include "experiments/gpu/ops.h"
#include "experiments/gpu/tests/rounded.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

struct twin {
    struct tap *tap;
    struct ops reference;
    const struct ops *ops[2];
    struct ops_context *context[2];
    double allowed; /* |difference| / |reference|, Euclidean norms */
    uint64_t tag;   /* tag of the next numbers */
};

/* The same array on both. */
struct array {
    void *data[2];
    enum ops_type type;
    size_t count;
};

static inline bool twin_is_low(const struct twin *twin, enum ops_type type)
{
    return type == OPS_ACTIVATION && twin->ops[1]->size[OPS_ACTIVATION] == 2;
}

/* Zeros. */
static inline struct array twin_array(struct twin *twin, enum ops_type type, size_t count)
{
    struct array array = {.type = type, .count = count};
    for (int i = 0; i < 2; i++) {
        array.data[i] = twin->ops[i]->alloc(twin->context[i], count * twin->ops[i]->size[type]);
        if (!array.data[i]) {
            printf("Bail out! out of memory\n");
            exit(1);
        }
    }
    return array;
}

/* Random numbers that both types of both backends represent exactly. */
static inline void twin_put(struct twin *twin, struct array array, const double values[])
{
    struct ssldyn_error err;
    double *held = ssldyn_memory_array(array.count, sizeof *held);
    for (size_t i = 0; i < array.count; i++) {
        held[i] =
            twin_is_low(twin, array.type) ? rounded_number(values[i]) : (double)(float)values[i];
    }
    for (int i = 0; i < 2; i++) {
        const struct ops *ops = twin->ops[i];
        if (!twin_is_low(twin, array.type) || i == 0) {
            tap_need(ops_upload_real(ops, twin->context[i], array.data[i], array.count, held, &err),
                     &err);
        } else {
            void *state = ops->alloc(twin->context[i], array.count * ops->size[OPS_STATE]);
            tap_need(ops_upload_real(ops, twin->context[i], state, array.count, held, &err), &err);
            ops->convert(twin->context[i], array.count, state, array.data[i]);
        }
    }
    free(held);
}

/* Random numbers around shift. */
static inline struct array twin_random(struct twin *twin, enum ops_type type, size_t count,
                                       double shift)
{
    struct array array = twin_array(twin, type, count);
    double *values = ssldyn_memory_array(count, sizeof *values);
    tap_fill(twin->tag++, count, values);
    for (size_t i = 0; i < count; i++) {
        values[i] += shift;
    }
    twin_put(twin, array, values);
    free(values);
    return array;
}

/* For outputs: numbers that no operation returns. */
static inline struct array twin_poison(struct twin *twin, enum ops_type type, size_t count)
{
    return twin_random(twin, type, count, 1e4);
}

/* The array on one of the two, as doubles. Free with free(). */
static inline double *twin_get(struct twin *twin, int which, struct array array)
{
    struct ssldyn_error err;
    const struct ops *ops = twin->ops[which];
    double *values = ssldyn_memory_array(array.count, sizeof *values);
    if (!twin_is_low(twin, array.type) || which == 0) {
        tap_need(ops_download_real(ops, twin->context[which], values, array.count,
                                   array.data[which], &err),
                 &err);
        return values;
    }
    uint16_t *raw = ssldyn_memory_array(array.count, sizeof *raw);
    tap_need(ops->download(twin->context[which], raw, array.data[which], array.count * sizeof *raw,
                           &err),
             &err);
    for (size_t i = 0; i < array.count; i++) {
        const uint32_t bits = (uint32_t)raw[i] << 16;
        float value;
        memcpy(&value, &bits, sizeof value);
        values[i] = (double)value;
    }
    free(raw);
    return values;
}

/* |a - b| / |a|; nan if anything is. */
static inline double twin_distance(size_t count, const double a[], const double b[])
{
    double off = 0.0;
    double norm = 0.0;
    for (size_t i = 0; i < count; i++) {
        off += (a[i] - b[i]) * (a[i] - b[i]);
        norm += a[i] * a[i];
    }
    return sqrt(off) / (norm > 0.0 ? sqrt(norm) : 1.0);
}

static inline void twin_check(struct twin *twin, struct array array, const char *what,
                              const char *detail)
{
    char name[160];
    double *a = twin_get(twin, 0, array);
    double *b = twin_get(twin, 1, array);
    snprintf(name, sizeof name, "%s: %s %s", twin->ops[1]->name, what, detail);
    tap_below(twin->tap, twin_distance(array.count, a, b), twin->allowed, name);
    free(a);
    free(b);
}

static inline struct ops_tensor twin_tensor(struct array array, int which, int n, int h, int w,
                                            int c)
{
    return (struct ops_tensor){array.data[which], array.type, n, h, w, c};
}

/* Opens both contexts; false, with a message, if the second has no device on this machine. */
static inline bool twin_open(struct twin *twin, struct tap *tap, const struct ops *ops,
                             double allowed)
{
    struct ssldyn_error err;
    *twin = (struct twin){.tap = tap, .ops = {ops_cpu(), ops}, .allowed = allowed, .tag = 1};
    if (ops && ops->size[OPS_ACTIVATION] == 2) {
        twin->reference = rounded_table(ops->image_channels);
        twin->ops[0] = &twin->reference;
    }
    if (!ops) {
        printf("# SKIP built without CUDA\n");
        return false;
    }
    if (ops->create(&twin->context[1], &err) != SSLDYN_OK) {
        printf("# SKIP %s\n", err.message);
        return false;
    }
    tap_need(twin->ops[0]->create(&twin->context[0], &err), &err);
    return true;
}

static inline void twin_close(struct twin *twin)
{
    for (int i = 0; i < 2; i++) {
        twin->ops[i]->destroy(twin->context[i]);
    }
}

/* Executes a statement on both: i is the index of the backend. */
#define BOTH(i) for (int i = 0; i < 2; i++)

static inline size_t product(int a, int b, int c, int d)
{
    return (size_t)a * (size_t)b * (size_t)c * (size_t)d;
}

/* main: all checks for the CPU backend in float, also with oneDNN, and for CUDA in float and bf16, if
 * available. */
static inline int twin_main(void (*check)(struct twin *twin))
{
    struct tap tap = {0};
    struct twin twin;
    const struct ops *const tested[] = {ops_cpu_float(), ops_cpu_onednn(), ops_cuda_float(),
                                        ops_cuda()};
    bool device = true;
    for (int i = 0; i < 4 && device; i++) {
        if (i == 1 && !tested[i]) {
            printf("# built without oneDNN\n");
            continue;
        }
        device = twin_open(&twin, &tap, tested[i], i == 3 ? 1e-3 : 1e-5);
        if (device) {
            check(&twin);
            twin_close(&twin);
        }
    }
    const int status = tap_done(&tap);
    return status != 0 || device ? status : TAP_SKIP;
}

#endif
