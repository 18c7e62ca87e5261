/* Files written by PyTorch (tests/torch/make_torch.py): the same numbers as their NumPy arrays, to
 * the bit; unreadable files are refused with the reason. */
// SPDX-License-Identifier: MIT
#include "sim/io/array_file.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* name: NULL for FILE alone; key: the array of expected.npz, after "FILE/". */
static const struct {
    const char *file, *name, *key;
} tensors[] = {
    {"state.pt", "encoder.weight", "encoder.weight"},
    {"state.pt", "predictor.weight", "predictor.weight"},
    {"legacy.pt", "encoder.weight", "encoder.weight"},
    {"legacy.pt", "predictor.weight", "predictor.weight"},
    {"legacy5.pt", "predictor.weight", "predictor.weight"},
    {"protocol4.pt", "predictor.weight", "predictor.weight"},
    {"nested.pt", "state_dict.predictor.weight", "predictor.weight"},
    {"nested.pt", "predictor.weight", "predictor.weight"},
    {"nested.pt", "state_dict/encoder/weight", "encoder.weight"},
    {"ddp.pt", "state_dict.module.predictor.weight", "predictor.weight"},
    {"ddp.pt", "predictor.weight", "predictor.weight"},
    {"ddp.pt", "module.encoder.weight", "encoder.weight"},
    {"compiled.pt", "predictor.weight", "predictor.weight"},
    {"double.pt", "Wp", "Wp"},
    {"double.pt", "W", "W"},
    {"half.pt", NULL, "Wp"},
    {"bfloat16.pt", NULL, "Wp"},
    {"integers.pt", "int64", "int64"},
    {"integers.pt", "int32", "int32"},
    {"integers.pt", "int16", "int16"},
    {"integers.pt", "int8", "int8"},
    {"integers.pt", "uint8", "uint8"},
    {"integers.pt", "uint16", "uint16"},
    {"integers.pt", "bool", "bool"},
    {"bare.pt", NULL, "tensor"},
    {"parameter.pt", NULL, "tensor"},
    {"views.pt", "transposed", "transposed"},
    {"views.pt", "offset", "offset"},
    {"views.pt", "columns", "columns"},
    {"views.pt", "steps", "steps"},
    {"views.pt", "permuted", "permuted"},
    {"views.pt", "single", "single"},
    {"views.pt", "expanded", "expanded"},
    {"views_legacy.pt", "transposed", "transposed"},
    {"views_legacy.pt", "offset", "offset"},
    {"views_legacy.pt", "columns", "columns"},
    {"views_legacy.pt", "steps", "steps"},
    {"views_legacy.pt", "permuted", "permuted"},
    {"shared.pt", "a", "a"},
    {"shared.pt", "b", "b"},
    {"shared.pt", "tied", "tied"},
    {"module.pt", "encoder.weight", "encoder.weight"},
    {"module.pt", "predictor.3.weight", "predictor.3.weight"},
    {"module.pt", "predictor.1.bias", "predictor.1.bias"},
    {"wrapped.pt", "predictor.0.weight", "predictor.0.weight"},
    {"kinds.pt", "Wp", "Wp"},
    {"numpy0.pkl", "Wp", "Wp"},
    {"numpy2.pkl", "fortran", "fortran"},
    {"numpy2.pkl", "net.big", "big"},
    {"numpy5.pkl", "Wp", "Wp"},
    {"numpy5.pkl", "fortran", "fortran"},
    {"numpy5.pkl", "big", "big"},
};

static const struct ssldyn_need anything = {.option = "--x", .role = "Wp", .least = 1, .most = 8};

START_TEST(tensors_are_those_of_numpy)
{
    char argument[SCRATCH_PATH];
    struct ssldyn_array got;
    struct ssldyn_array want;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *file = tensors[_i].file;
    const size_t stem = strcspn(file, "."); /* numpy0.pkl is numpy in expected.npz */
    snprintf(argument, sizeof argument, "tests/torch/%s%s%s", file,
             tensors[_i].name != NULL ? ":" : "", tensors[_i].name != NULL ? tensors[_i].name : "");
    ck_assert_msg(ssldyn_array_file_read(argument, &anything, &got, &err) == SSLDYN_OK, "%s",
                  err.message);
    snprintf(argument, sizeof argument, "tests/torch/expected.npz:%.*s/%s",
             strstr(file, ".pkl") != NULL ? (int)strlen("numpy") : (int)stem, file,
             tensors[_i].key);
    ck_assert_msg(ssldyn_array_file_read(argument, &anything, &want, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(got.dimensions, want.dimensions);
    ck_assert_mem_eq(got.shape, want.shape, got.dimensions * sizeof *got.shape);
    ck_assert_mem_eq(got.data, want.data, got.count * sizeof *got.data);
    ssldyn_npy_array_clear(&got);
    ssldyn_npy_array_clear(&want);
}
END_TEST

/* Unreadable files, with a remedy. */
static const struct {
    const char *argument, *words;
} refused[] = {
    {"kinds.pt:sparse", "x.to_dense()"},
    {"kinds.pt:quantized", "x.dequantize()"},
    {"kinds.pt:complex", "of a type that cannot be read"},
    {"kinds.pt:float8", "of a type that cannot be read"},
    {"script.pt", "torch.jit.load"},
    {"state.pt:predictor.wieght", "the closest of 3: predictor.weight (3 x 3)"},
    {"state.pt:weight", "several arrays match the name 'weight'"},
    {"state.pt:", "name is missing"},
    {"views.pt", "choose one as FILE:NAME"},
    {"numpy2.pkl:objects", "of a type that cannot be read"},
    {"make_torch.py", "text file"},
};

START_TEST(unreadable_files_are_reported)
{
    char argument[SCRATCH_PATH];
    struct ssldyn_array array;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    snprintf(argument, sizeof argument, "tests/torch/%s", refused[_i].argument);
    ck_assert_int_eq(ssldyn_array_file_read(argument, &anything, &array, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, refused[_i].words) != NULL, "%s", err.message);
    ck_assert_ptr_null(array.data);
}
END_TEST

/* Truncations of files of every format, and inverted bytes: an error, or numbers; never anything
 * else (checked by sanitizers). */
START_TEST(damage_is_harmless)
{
    static const char *const files[] = {"tests/torch/legacy.pt", "tests/torch/views_legacy.pt",
                                        "tests/torch/state.pt", "tests/torch/numpy5.pkl"};
    static const char *const names[] = {"encoder.weight", "permuted", "encoder.weight", "Wp"};
    char bytes[4096];
    char path[SCRATCH_PATH];
    char argument[SCRATCH_PATH + 32];
    struct ssldyn_array array;
    const size_t size = scratch_read(files[_i], bytes, sizeof bytes);
    snprintf(argument, sizeof argument, "%s:%s", scratch_path(path, "damaged.pt"), names[_i]);
    for (size_t cut = 0; cut < size; cut += 11) {
        scratch_write(path, bytes, cut);
        const enum ssldyn_status status = ssldyn_array_file_read(argument, &anything, &array, NULL);
        ck_assert(status == SSLDYN_EINPUT || status == SSLDYN_OK);
        ssldyn_npy_array_clear(&array);
    }
    for (size_t i = 0; i < size; i += 7) {
        bytes[i] = (char)~bytes[i];
        scratch_write(path, bytes, size);
        bytes[i] = (char)~bytes[i];
        if (ssldyn_array_file_read(argument, &anything, &array, NULL) == SSLDYN_OK)
            ssldyn_npy_array_clear(&array);
    }
}
END_TEST

/* A tensor of 2^40 entries in a storage of one: refused before memory is allocated; and one whose
 * strides exceed its storage. */
START_TEST(sizes_are_checked_against_the_storage)
{
    static const struct {
        const char *shape, *stride, *words;
    } claims[] = {
        {"\x8a\6\0\0\0\0\0\1", "K\0", "expanded view"},
        {"K\x64", "K\1", "past the end of its storage"},
        {"K\2", "\x8a\b\xff\xff\xff\xff\xff\xff\xff\x7f", "past the end of its storage"},
        {"\x8a\b\xff\xff\xff\xff\xff\xff\xff\x7f", "K\0", "too large for memory"},
        {"J\xff\xff\xff\xff", "K\1", "an invalid shape"},
    };
    static const size_t sizes[][2] = {{8, 2}, {2, 2}, {2, 10}, {10, 2}, {5, 2}};
    static const char magic[] = "\x80\2\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\2M\xe9\3.\x80\2}.";
    static const char head[] =
        "\x80\2ctorch._utils\n_rebuild_tensor_v2\n((U\astoragectorch\nFloatStorage\nU\1"
        "0U\3cpuK\4tQK\0";
    char bytes[512];
    char path[SCRATCH_PATH];
    struct ssldyn_array array;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    size_t used = sizeof magic - 1;
    memcpy(bytes, magic, used);
    memcpy(bytes + used, head, sizeof head - 1);
    used += sizeof head - 1;
    memcpy(bytes + used, claims[_i].shape, sizes[_i][0]);
    used += sizes[_i][0];
    bytes[used++] = '\x85';
    memcpy(bytes + used, claims[_i].stride, sizes[_i][1]);
    used += sizes[_i][1];
    memcpy(bytes + used,
           "\x85\x89NtR.\x80\2]U\1"
           "0a.",
           14);
    used += 14;
    memcpy(bytes + used, "\4\0\0\0\0\0\0\0", 8);
    memset(bytes + used + 8, 0, 16);
    scratch_write(scratch_path(path, "claims.pt"), bytes, used + 24);
    ck_assert_int_eq(ssldyn_array_file_read(path, &anything, &array, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, claims[_i].words) != NULL, "%s", err.message);
}
END_TEST

TEST_SUITE(torch)
{
    tcase_add_loop_test(tests, tensors_are_those_of_numpy, 0,
                        (int)(sizeof tensors / sizeof tensors[0]));
    tcase_add_loop_test(tests, unreadable_files_are_reported, 0,
                        (int)(sizeof refused / sizeof refused[0]));
    tcase_add_loop_test(tests, damage_is_harmless, 0, 4);
    tcase_add_loop_test(tests, sizes_are_checked_against_the_storage, 0, 5);
}
