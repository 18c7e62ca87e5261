/* Python pickles: values of every protocol, NumPy arrays in them; code is never executed. */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_numpy.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    const char *bytes;
    size_t size;
};
#define SAMPLE(text)                                                                               \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static enum ssldyn_status read_sample(const struct sample *sample, struct ssldyn_pickle **pickle,
                                      struct ssldyn_error *err)
{
    return ssldyn_pickle_read("it", (const unsigned char *)sample->bytes, sample->size, NULL,
                              pickle, err);
}

/* {'a': [1, -2, 70000, True, None, 0.5], 'od': OrderedDict(x=(3, 'y'))}, as Python writes it. */
static const struct sample protocols[] = {
    SAMPLE("(dp0\nVa\np1\n(lp2\nI1\naI-2\naI70000\naI01\naNaF0."
           "5\nasVod\np3\nccollections\nOrderedDict\n"
           "p4\n(tRp5\nVx\np6\n(I3\nVy\np7\ntp8\nss."),
    SAMPLE("\x80\x02}q\0(X\1\0\0\0aq\1]q\2(K\1J\xfe\xff\xff\xffJ\x70\x11\1\0\x88NG?"
           "\xe0\0\0\0\0\0\0eX\2\0\0\0"
           "odq\3ccollections\nOrderedDict\nq\4)Rq\5X\1\0\0\0xq\6K\3X\1\0\0\0yq\7\x86q\bsu."),
    SAMPLE("\x80\4\x95\x4e\0\0\0\0\0\0\0}\x94(\x8c\1a\x94]\x94("
           "K\1J\xfe\xff\xff\xffJ\x70\x11\1\0\x88NG?\xe0"
           "\0\0\0\0\0\0e\x8c\2od\x94\x8c\vcollections\x94\x8c\vOrderedDict\x94\x93\x94)"
           "R\x94\x8c\1x\x94K"
           "\3\x8c\1y\x94\x86\x94su."),
};

START_TEST(every_protocol_gives_the_same_values)
{
    struct ssldyn_pickle *pickle = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(read_sample(&protocols[_i], &pickle, &err) == SSLDYN_OK, "%s", err.message);
    const struct ssldyn_pickle_value *root = ssldyn_pickle_root(pickle);
    const struct ssldyn_pickle_value *list = ssldyn_pickle_get(root, "a");
    ck_assert_int_eq(root->kind, SSLDYN_PICKLE_DICT);
    ck_assert_uint_eq(list->count, 6);
    ck_assert_int_eq(ssldyn_pickle_item(list, 1)->is.integer, -2);
    ck_assert_int_eq(ssldyn_pickle_item(list, 2)->is.integer, 70000);
    ck_assert_int_eq(ssldyn_pickle_item(list, 3)->kind, SSLDYN_PICKLE_BOOL);
    ck_assert_int_eq(ssldyn_pickle_item(list, 4)->kind, SSLDYN_PICKLE_NONE);
    ck_assert_double_eq(ssldyn_pickle_item(list, 5)->is.real, 0.5);
    const struct ssldyn_pickle_value *pair = ssldyn_pickle_get(ssldyn_pickle_get(root, "od"), "x");
    ck_assert(ssldyn_pickle_is(ssldyn_pickle_item(pair, 1), "y"));
    ck_assert_ptr_null(ssldyn_pickle_item(pair, 2));
    ck_assert_ptr_null(ssldyn_pickle_get(root, "b"));
    ssldyn_pickle_free(pickle);
}
END_TEST

/* Every truncation is refused; no inverted byte causes an invalid access (checked by
 * sanitizers). */
START_TEST(damage_is_refused)
{
    struct ssldyn_pickle *pickle = NULL;
    const struct sample *whole = &protocols[_i];
    for (size_t cut = 0; cut < whole->size; cut++) {
        const struct sample part = {whole->bytes, cut};
        ck_assert_int_eq(read_sample(&part, &pickle, NULL), SSLDYN_EINPUT);
        ck_assert_ptr_null(pickle);
    }
    for (size_t i = 0; i < whole->size * 256; i++) {
        char bytes[512];
        const struct sample part = {bytes, whole->size};
        memcpy(bytes, whole->bytes, whole->size);
        bytes[i / 256] = (char)(i % 256);
        if (read_sample(&part, &pickle, NULL) == SSLDYN_OK)
            ssldyn_pickle_free(pickle);
    }
}
END_TEST

/* numpy.array([[1, 2, 3], [4, 5, 6]], 'uint8') of NumPy 1 and Python 2, of NumPy 2 and protocol 2,
 * and with protocol 5. */
static const struct sample arrays[] = {
    SAMPLE("\x80\2cnumpy.core.multiarray\n_reconstruct\nq\1cnumpy\nndarray\nq\2K\0\x85U\1b\x87Rq\3("
           "K\1K\2K"
           "\3\x86"
           "cnumpy\ndtype\nq\4U\2u1K\0K\1\x87Rq\5(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
           "\x89U\6\1\2\3\4\5\6tb."),
    SAMPLE("\x80\2cnumpy._core.multiarray\n_reconstruct\nq\1cnumpy\nndarray\nq\2K\0\x85q\3c_"
           "codecs\nencode\n"
           "X\1\0\0\0bX\6\0\0\0latin1\x86R\x87R(K\1K\2K\3\x86"
           "cnumpy\ndtype\nX\2\0\0\0u1\x89\x88\x87R(K\3X\1\0\0\0|"
           "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
           "\x89"
           "c_codecs\nencode\nX\6\0\0\0\1\2\3\4\5\6X\6\0\0\0latin1\x86Rtb."),
    SAMPLE("\x80\5\x8c\x13numpy._core.numeric\x8c\v_frombuffer\x93("
           "\x96\6\0\0\0\0\0\0\0\1\2\3\4\5\6\x8c\5numpy"
           "\x8c\5dtype\x93\x8c\2u1\x89\x88\x87R(K\3\x8c\1|"
           "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbK\2K\3"
           "\x86\x8c\1CtR."),
};

START_TEST(arrays_are_found)
{
    struct ssldyn_pickle *pickle = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_entries entries;
    struct ssldyn_array array;
    const unsigned char *bytes = NULL;
    ck_assert_msg(read_sample(&arrays[_i], &pickle, &err) == SSLDYN_OK, "%s", err.message);
    const struct ssldyn_pickle_value *root = ssldyn_pickle_root(pickle);
    ck_assert(ssldyn_pickle_is_numpy(root));
    ck_assert_msg(ssldyn_pickle_numpy("it", "x", root, &entries, &array, &bytes, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_int_eq(entries.kind, 'u');
    ck_assert_uint_eq(entries.size, 1);
    ck_assert(!entries.fortran_order);
    ck_assert_uint_eq(array.dimensions, 2);
    ck_assert_uint_eq(array.shape[0], 2);
    ck_assert_uint_eq(array.shape[1], 3);
    ck_assert_mem_eq(bytes, "\1\2\3\4\5\6", 6);
    ssldyn_pickle_free(pickle);
}
END_TEST

/* Pickles that ask Python to execute something, and deliberately broken ones. */
static const struct {
    struct sample sample;
    const char *words;
} refused[] = {
    {SAMPLE("cos\nsystem\n(S'touch canary'\ntR."), "calls os.system: refused"},
    {SAMPLE("c__builtin__\neval\n(S'1'\ntR."), "calls builtins.eval: refused"},
    {SAMPLE("\x80\4\x8c\5posix\x8c\6system\x93\x8c\2ls\x85R."), "calls posix.system: refused"},
    {SAMPLE("(S'ls'\nios\nsystem\n."), "calls os.system: refused"},
    {SAMPLE("(cos\nsystem\nS'ls'\no."), "calls os.system: refused"},
    {SAMPLE("\x80\2csubprocess\nPopen\nU\2ls\x85\x81."), "calls subprocess.Popen: refused"},
    {SAMPLE("ccopy_reg\n_reconstructor\n(cos\nsystem\nNNtR."), "calls os.system: refused"},
    {SAMPLE("cunknown.module\nfunction\n(tR."), "calls unknown.module.function: refused"},
    {SAMPLE("\x80\4\x8c\7pathlib\x8c\tos.system\x93\x8c\2ls\x85R."),
     "calls pathlib.os.system: refused"},
    {SAMPLE("\x80\4\x8c\6torch.\x8c\4load\x93)R."), "calls torch..load: refused"},
    {SAMPLE("c__builtin__\ngetattr\n(cos\nsystem\nS'x'\ntR(tR."),
     "calls builtins.getattr: refused"},
    {SAMPLE("(lcos\nsystem\na."), "mentions os.system: refused"},
    {SAMPLE("ccollections\ndeque\n(tR(tR."), "calls something that is not a name: refused"},
    {SAMPLE("\x80\2\x82\1."), "extension registry"},
    {SAMPLE("\x80\5\x97."), "kept elsewhere"},
    {SAMPLE("\x80\6N."), "protocol above 5"},
    {SAMPLE("."), "no value"},
    {SAMPLE("N"), "truncated"},
    {SAMPLE("\xff"), "unknown opcode"},
    {SAMPLE("K\1r\xff\xff\xff\xff."), "memo entry out of order"},
    {SAMPLE("h\7."), "memo entry that is not set"},
    {SAMPLE("K\1K\2s."), "stack is too short"},
    {SAMPLE("(K\1K\2s."), "stack is too short"},
    {SAMPLE("K\1K\2a."), "not a container"},
    {SAMPLE("t."), "mark is missing"},
    {SAMPLE("(K\1d."), "key without a value"},
    {SAMPLE("NNb."), "state for an object without one"},
    {SAMPLE("B\xff\xff\xff\xffx."), "truncated"},
    {SAMPLE("\x8d\xff\xff\xff\xff\xff\xff\xff\xffx."), "truncated"},
    {SAMPLE("I1x\n."), "invalid number"},
    {SAMPLE("L\n."), "invalid number"},
    {SAMPLE("S'x\n."), "without quotes"},
    {SAMPLE("NNR."), "not a tuple"},
    {SAMPLE("K\1)\x81."), "not a class"},
    {SAMPLE("c_codecs\nencode\nX\3\0\0\0\xe2\x82\xacX\6\0\0\0latin1\x86R."), "beyond Latin-1"},
};

START_TEST(no_code_is_executed)
{
    struct ssldyn_pickle *pickle = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(read_sample(&refused[_i].sample, &pickle, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, refused[_i].words) != NULL, "%s", err.message);
    ck_assert_ptr_null(pickle);
}
END_TEST

/* Lists that contain themselves twice: 2^60 paths, 60 lists. A cycle. Both are valid values. */
START_TEST(shared_and_cyclic_values_are_cheap)
{
    char bytes[512];
    size_t used = 0;
    struct ssldyn_pickle *pickle = NULL;
    bytes[used++] = ']';
    for (int i = 0; i < 60; i++) {
        memcpy(bytes + used, "q\0h\0h\0\x86", 7); /* memo 0 = top; top = (top, top) */
        used += 7;
    }
    bytes[used++] = '.';
    const struct sample laughs = {bytes, used};
    ck_assert_int_eq(read_sample(&laughs, &pickle, NULL), SSLDYN_OK);
    ck_assert_uint_eq(ssldyn_pickle_root(pickle)->count, 2);
    ssldyn_pickle_free(pickle);
    const struct sample cycle = SAMPLE("]q\0h\0a.");
    ck_assert_int_eq(read_sample(&cycle, &pickle, NULL), SSLDYN_OK);
    ck_assert_ptr_eq(ssldyn_pickle_item(ssldyn_pickle_root(pickle), 0), ssldyn_pickle_root(pickle));
    ssldyn_pickle_free(pickle);
}
END_TEST

/* A large file of values stops at a limit before it fills the memory. */
START_TEST(steps_are_limited)
{
    const size_t size = (size_t)5 << 20;
    unsigned char *bytes = malloc(size);
    struct ssldyn_pickle *pickle = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'N', size);
    ck_assert_int_eq(ssldyn_pickle_read("it", bytes, size, NULL, &pickle, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, "more than any checkpoint") != NULL, "%s", err.message);
    free(bytes);
}
END_TEST

TEST_SUITE(pickle)
{
    tcase_add_loop_test(tests, every_protocol_gives_the_same_values, 0, 3);
    tcase_add_loop_test(tests, damage_is_refused, 0, 3);
    tcase_add_loop_test(tests, arrays_are_found, 0, 3);
    tcase_add_loop_test(tests, no_code_is_executed, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(tests, shared_and_cyclic_values_are_cheap);
    tcase_add_test(tests, steps_are_limited);
}
