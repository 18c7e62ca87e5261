/* Predictors of several layers: products, folded batch normalization, series, and layers that do
 * not fit. */
// SPDX-License-Identifier: MIT
#include "sim/align/predictor_layers.h"
#include "sim/io/npy.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, HIDDEN = 3, FRAMES = 2 };
static const double eps = 1e-3;

struct network {
    double A[FRAMES * HIDDEN * N], B[FRAMES * N * HIDDEN]; /* first and second layer */
    double gamma[HIDDEN], variance[HIDDEN];
    double want[FRAMES * N * N]; /* B diag(gamma/sqrt(variance + eps)) A */
};

static void draw_network(bool norm, struct network *network)
{
    uint64_t state = 3;
    draw_matrix(&state, FRAMES * HIDDEN * N, network->A);
    draw_matrix(&state, FRAMES * N * HIDDEN, network->B);
    draw_matrix(&state, HIDDEN, network->gamma);
    for (size_t i = 0; i < HIDDEN; i++)
        network->variance[i] = draw_between(&state, 0.0, 2.0);
    memset(network->want, 0, sizeof network->want);
    for (size_t t = 0; t < FRAMES; t++) {
        double scaled[HIDDEN * N];
        for (size_t i = 0; i < HIDDEN * N; i++) {
            const size_t row = i / N;
            scaled[i] = network->A[t * HIDDEN * N + i];
            if (norm)
                scaled[i] *= network->gamma[row] / sqrt(network->variance[row] + eps);
        }
        naive_add(N, N, HIDDEN, 1.0, network->B + t * N * HIDDEN, false, scaled, false,
                  network->want + t * N * N);
    }
}

static void write_matrix(const char *name, size_t frames, size_t rows, size_t columns,
                         const double data[])
{
    char path[SCRATCH_PATH];
    const size_t shape[3] = {frames, rows, columns};
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(path, name), frames > 1 ? 3 : 2,
                                      frames > 1 ? shape : shape + 1, data, NULL),
                     SSLDYN_OK);
}

/* A .safetensors file of doubles: names and shapes as text, data one after the other. */
struct tensor {
    const char *name, *shape;
    size_t count;
    const double *data;
};

static void write_tensors(const char *name, size_t count, const struct tensor tensors[])
{
    char path[SCRATCH_PATH];
    char head[2048] = "{";
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t end = offset + tensors[i].count * sizeof(double);
        const size_t used = strlen(head);
        (void)snprintf(head + used, sizeof head - used,
                       "%s\"%s\":{\"dtype\":\"F64\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
                       i > 0 ? "," : "", tensors[i].name, tensors[i].shape, offset, end);
        offset = end;
    }
    strcat(head, "}");
    const uint64_t length = strlen(head);
    FILE *stream = fopen(scratch_path(path, name), "wb");
    ck_assert_ptr_nonnull(stream);
    for (int i = 0; i < 8; i++)
        fputc((int)(length >> (8 * i) & 0xff), stream);
    fputs(head, stream);
    for (size_t i = 0; i < count; i++)
        fwrite(tensors[i].data, sizeof(double), tensors[i].count, stream);
    ck_assert_int_eq(fclose(stream), 0);
}

/* Opens these names in the scratch directory, one per line. */
static enum ssldyn_status open_all(const char *const names[], size_t count,
                                   struct ssldyn_predictor_layers **layers,
                                   struct ssldyn_error *err)
{
    char lines[4 * SCRATCH_PATH] = "";
    for (size_t i = 0; i < count; i++) {
        char path[SCRATCH_PATH];
        strcat(strcat(lines, i > 0 ? "\n" : ""), scratch_path(path, names[i]));
    }
    return ssldyn_predictor_layers_open(lines, "--wp", NULL, eps, layers, err);
}

static void check_product(struct ssldyn_predictor_layers *layers, size_t frames,
                          const double want[])
{
    double got[N * N];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_uint_eq(ssldyn_predictor_layers_rows(layers), N);
    ck_assert_uint_eq(ssldyn_predictor_layers_columns(layers), N);
    for (size_t t = 0; t < frames; t++) {
        ck_assert_msg(ssldyn_predictor_layers_next(layers, got, NULL, &err) == SSLDYN_OK, "%s",
                      err.message);
        for (size_t i = 0; i < N * N; i++)
            CHECK_CLOSE(got[i], want[t * N * N + i], 1e-14, 1e-14);
    }
    ck_assert_int_eq(ssldyn_predictor_layers_next(layers, got, NULL, &err), SSLDYN_EINPUT);
}

START_TEST(stacks_advance_together)
{
    static const char *const names[] = {"layer-a.npy", "layer-b.npy"};
    struct network network;
    struct ssldyn_predictor_layers *layers = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char text[160];
    draw_network(false, &network);
    write_matrix(names[0], FRAMES, HIDDEN, N, network.A);
    write_matrix(names[1], FRAMES, N, HIDDEN, network.B);
    ck_assert_msg(open_all(names, 2, &layers, &err) == SSLDYN_OK, "%s", err.message);
    check_product(layers, FRAMES, network.want);
    ssldyn_predictor_layers_describe(layers, text, sizeof text);
    ck_assert_str_eq(text, "2 layers (3 x 4, 4 x 3)");
    ck_assert_ptr_nonnull(ssldyn_predictor_layers_series(layers, 1));
    ck_assert_ptr_null(ssldyn_predictor_layers_series(layers, 2));
    ssldyn_predictor_layers_close(layers);
    ssldyn_predictor_layers_close(NULL);
}
END_TEST

/* The same network given by its module, among other modules; by its own state dict; and with a
 * normalization before and after it. */
START_TEST(norms_of_a_state_dict_are_folded_in)
{
    static const char *const arguments[] = {"net.safetensors:predictor", "net.safetensors",
                                            "own.safetensors"};
    struct network network;
    struct ssldyn_predictor_layers *layers = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char text[160];
    draw_network(true, &network);
    const struct tensor tensors[] = {
        {"encoder.0.weight", "4,4", N * N, network.want},
        {"module.predictor.0.weight", "3,4", HIDDEN * N, network.A},
        {"module.predictor.1.bias", "3", HIDDEN, network.A},
        {"module.predictor.1.running_mean", "3", HIDDEN, network.A},
        {"module.predictor.1.running_var", "3", HIDDEN, network.variance},
        {"module.predictor.1.weight", "3", HIDDEN, network.gamma},
        {"module.predictor.3.bias", "4", N, network.A},
        {"module.predictor.3.weight", "4,3", N * HIDDEN, network.B},
    };
    struct tensor own[7];
    write_tensors("net.safetensors", 8, tensors);
    for (size_t i = 0; i < 7; i++) {
        own[i] = tensors[i + 1];
        own[i].name += strlen("module.predictor.");
    }
    write_tensors("own.safetensors", 7, own);
    ck_assert_msg(open_all(&arguments[_i], 1, &layers, &err) == SSLDYN_OK, "%s", err.message);
    check_product(layers, 1, network.want);
    ssldyn_predictor_layers_describe(layers, text, sizeof text);
    ck_assert_str_eq(text, "2 layers (3 x 4, 4 x 3) and 1 batch norm");
    ssldyn_predictor_layers_close(layers);
}
END_TEST

/* A normalization without scale before the layers, one after them, and weights of 1 x 1
 * convolutions. */
START_TEST(norms_may_come_first_and_last)
{
    static const char *const argument[] = {"ends.safetensors:p"};
    const double before[N] = {0.5, 1.5, 2.0, 0.0};
    const double behind[N] = {1.0, 3.0, 0.25, 4.0};
    struct network network;
    struct ssldyn_predictor_layers *layers = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    draw_network(false, &network);
    const struct tensor tensors[] = {
        {"p.0.running_var", "4", N, before},
        {"p.1.weight", "3,4,1,1", HIDDEN * N, network.A},
        {"p.2.weight", "4,3,1,1", N * HIDDEN, network.B},
        {"p.3.running_var", "4", N, behind},
        {"p.3.weight", "4", N, before},
    };
    write_tensors("ends.safetensors", 5, tensors);
    for (size_t i = 0; i < N * N; i++)
        network.want[i] *= before[i / N] / sqrt(behind[i / N] + eps) / sqrt(before[i % N] + eps);
    ck_assert_msg(open_all(argument, 1, &layers, &err) == SSLDYN_OK, "%s", err.message);
    check_product(layers, 1, network.want);
    ssldyn_predictor_layers_close(layers);
}
END_TEST

START_TEST(layers_that_do_not_follow_are_refused)
{
    static const struct {
        const char *names[2];
        const char *word;
    } cases[] = {
        {{"layer-b1.npy", "layer-b1.npy"}, "has 3 inputs, but"},
        {{"layer-a1.npy", "none.npy"}, "none.npy"},
        {{"bad.safetensors:p", NULL}, "a variance cannot be negative"},
        {{"bad.safetensors:q", NULL}, "4 variances, but 3 weights"},
        {{"bad.safetensors:r", NULL}, "contains no array 'r'"},
    };
    struct network network;
    struct ssldyn_predictor_layers *layers = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double product[N * N];
    draw_network(true, &network);
    network.variance[1] = -0.1;
    write_matrix("layer-a1.npy", 1, HIDDEN, N, network.A);
    write_matrix("layer-b1.npy", 1, N, HIDDEN, network.B);
    const struct tensor tensors[] = {
        {"p.0.weight", "3,4", HIDDEN * N, network.A},
        {"p.1.running_var", "3", HIDDEN, network.variance},
        {"q.0.weight", "4,3", N * HIDDEN, network.B},
        {"q.1.running_var", "4", N, network.A},
        {"q.1.weight", "3", HIDDEN, network.gamma},
    };
    write_tensors("bad.safetensors", 5, tensors);
    enum ssldyn_status status =
        open_all(cases[_i].names, cases[_i].names[1] != NULL ? 2 : 1, &layers, &err);
    if (status == SSLDYN_OK)
        status = ssldyn_predictor_layers_next(layers, product, NULL, &err);
    ck_assert_int_eq(status, SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, cases[_i].word) != NULL, "%s", err.message);
    ssldyn_predictor_layers_close(layers);
}
END_TEST

TEST_SUITE(predictor_layers)
{
    tcase_add_test(tests, stacks_advance_together);
    tcase_add_loop_test(tests, norms_of_a_state_dict_are_folded_in, 0, 3);
    tcase_add_test(tests, norms_may_come_first_and_last);
    tcase_add_loop_test(tests, layers_that_do_not_follow_are_refused, 0, 5);
}
