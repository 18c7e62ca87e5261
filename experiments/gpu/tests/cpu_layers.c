/* The layers of the backends that need no device (layers.h), and their independence of the number of
 * threads. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/tests/layers.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* Large enough that every operation is divided among threads. */
enum { N = 64, SIDE = 17, C = 16, K = 24, R = 3 };

struct results {
    float y[N * SIDE * SIDE * K];
    float dx[N * SIDE * SIDE * C];
    float dw[K * R * R * C];
    float normal[N * SIDE * SIDE * C];
    float dnormal[N * SIDE * SIDE * C];
    float sums[2 * C]; /* dgamma, dbeta */
};

static struct ops_tensor tensor(void *data, int c)
{
    return (struct ops_tensor){data, OPS_ACTIVATION, N, SIDE, SIDE, c};
}

static float *numbers(size_t count, uint64_t tag)
{
    float *values = ssldyn_memory_array(count, sizeof *values);
    for (size_t i = 0; values && i < count; i++)
        values[i] = (float)tap_number(tag, i);
    return values;
}

static void compute(const struct ops *ops, int threads, struct results *results)
{
    struct ops_conv conv = {N, SIDE, SIDE, C, K, R, 1, 1, NULL};
    struct ops_context *context;
    struct ssldyn_error err;
    float kept[4 * C];
    float running[2 * C] = {0};
    float *x = numbers((size_t)N * SIDE * SIDE * C, 1);
    float *dy = numbers((size_t)N * SIDE * SIDE * K, 2);
    float *w = numbers((size_t)K * R * R * C, 3);
    const struct ops_tensor none = {.data = NULL};
    const struct ops_bn bn = {2, 1e-5, 0.1, NULL, NULL, kept, kept + 2 * C, running, running + C};
#ifdef _OPENMP
    omp_set_num_threads(threads);
#else
    (void)threads;
#endif
    tap_need(ops->create(&context, &err), &err);
    tap_need(ops->conv_prepare(context, &conv, false, &err), &err);
    ops->conv_fwd(context, &conv, tensor(x, C), w, tensor(results->y, K));
    ops->conv_dx(context, &conv, tensor(dy, K), w, tensor(results->dx, C));
    ops->conv_dw(context, &conv, tensor(x, C), tensor(dy, K), results->dw);
    ops->bn_fwd(context, &bn, tensor(x, C), none, true, tensor(results->normal, C));
    ops->bn_bwd(context, &bn, tensor(x, C), tensor(results->normal, C), true, tensor(dy, C), none,
                tensor(results->dnormal, C), none, results->sums, results->sums + C);
    tap_need(ops->sync(context, &err), &err);
    ops->destroy(context);
    free(x);
    free(dy);
    free(w);
}

static void check_threads(struct tap *tap, const struct ops *ops)
{
    static const int counts[] = {2, 3, 7};
    struct results *one = calloc(1, sizeof *one);
    struct results *many = calloc(1, sizeof *many);
    if (!one || !many) {
        printf("Bail out! out of memory\n");
        exit(1);
    }
    compute(ops, 1, one);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        memset(many, 0, sizeof *many);
        compute(ops, counts[i], many);
        tap_ok(tap, memcmp(one, many, sizeof *one) == 0, "%s: the same bytes with %d threads",
               ops->name, counts[i]);
    }
    free(one);
    free(many);
}

int main(void)
{
    struct tap tap = {0};
    const struct ops *const tested[] = {ops_cpu_float(), ops_cpu_onednn()};
    for (size_t i = 0; i < 2; i++) {
        struct twin twin;
        if (!tested[i]) {
            tap_ok(&tap, true, "oneDNN # SKIP this program was built without it");
            continue;
        }
        tap_ok(&tap, twin_open(&twin, &tap, tested[i], 1e-5), "%s starts", tested[i]->name);
        check_layers(&twin);
        twin_close(&twin);
        check_threads(&tap, tested[i]);
    }
    return tap_done(&tap);
}
