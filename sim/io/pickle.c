/* The interpreter of pickle opcodes (pickle.h): a stack machine like Python's, in which every
 * operand is checked against the bytes, the stack and the memo. Format: Python's pickletools. */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_machine.h"

#include <stdlib.h>

enum { FIRST_STACK = 64 };

/* ---------------------------------------------------------------- the machine */
static enum ssldyn_status run_protocol(struct ssldyn_pickle_machine *m, int operand)
{
    uint64_t protocol = 0;
    (void)operand;
    const enum ssldyn_status status = ssldyn_pickle_take_number(m, 1, &protocol);
    return status == SSLDYN_OK && protocol > 5 ? ssldyn_pickle_bad(m, "a protocol above 5")
                                               : status;
}

static enum ssldyn_status run_frame(struct ssldyn_pickle_machine *m, int operand)
{
    uint64_t length = 0;
    (void)operand;
    const enum ssldyn_status status = ssldyn_pickle_take_number(m, 8, &length);
    return status == SSLDYN_OK && length > m->size - m->at
               ? ssldyn_pickle_bad(m, "a frame beyond its end")
               : status;
}

static enum ssldyn_status run_refused(struct ssldyn_pickle_machine *m, int buffer)
{
    return ssldyn_pickle_bad(m, buffer ? "a buffer kept elsewhere"
                                       : "a name of the extension registry");
}

static enum ssldyn_status run_stop(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    if (!ssldyn_pickle_holds(m, 1))
        return ssldyn_pickle_bad(m, "no value");
    if (m->mentioned != NULL)
        return ssldyn_pickle_refuse(m, "mentions", m->mentioned);
    m->pickle->root = m->stack[m->depth - 1];
    m->stopped = true;
    return SSLDYN_OK;
}

static const struct opcode {
    ssldyn_pickle_opcode *run;
    int operand;
    size_t needs; /* values above the last mark */
} opcodes[256] = {
    ['('] = {ssldyn_pickle_run_mark, 0, 0},
    ['.'] = {run_stop, 0, 0},
    ['0'] = {ssldyn_pickle_run_pop, 0, 0},
    ['1'] = {ssldyn_pickle_run_pop_mark, 0, 0},
    ['2'] = {ssldyn_pickle_run_dup, 0, 1},
    ['F'] = {ssldyn_pickle_run_number_line, 1, 0},
    ['I'] = {ssldyn_pickle_run_number_line, 0, 0},
    ['J'] = {ssldyn_pickle_run_integer, 4, 0},
    ['K'] = {ssldyn_pickle_run_integer, 1, 0},
    ['L'] = {ssldyn_pickle_run_number_line, 0, 0},
    ['M'] = {ssldyn_pickle_run_integer, 2, 0},
    ['N'] = {ssldyn_pickle_run_none, 0, 0},
    ['P'] = {ssldyn_pickle_run_persistent, 1, 0},
    ['Q'] = {ssldyn_pickle_run_persistent, 0, 1},
    ['R'] = {ssldyn_pickle_run_call, 0, 2},
    ['S'] = {ssldyn_pickle_run_text_line, 1, 0},
    ['T'] = {ssldyn_pickle_run_bytes, 4, 0},
    ['U'] = {ssldyn_pickle_run_bytes, 1, 0},
    ['V'] = {ssldyn_pickle_run_text_line, 0, 0},
    ['X'] = {ssldyn_pickle_run_text, 4, 0},
    ['a'] = {ssldyn_pickle_run_append, SSLDYN_PICKLE_LIST, 2},
    ['b'] = {ssldyn_pickle_run_build, 0, 2},
    ['c'] = {ssldyn_pickle_run_name, 0, 0},
    ['d'] = {ssldyn_pickle_run_gather, SSLDYN_PICKLE_DICT, 0},
    ['}'] = {ssldyn_pickle_run_empty, SSLDYN_PICKLE_DICT, 0},
    ['e'] = {ssldyn_pickle_run_add, SSLDYN_PICKLE_LIST, 0},
    ['g'] = {ssldyn_pickle_run_memo_line, 0, 0},
    ['h'] = {ssldyn_pickle_run_get, 1, 0},
    ['i'] = {ssldyn_pickle_run_old_instance, 0, 0},
    ['j'] = {ssldyn_pickle_run_get, 4, 0},
    ['l'] = {ssldyn_pickle_run_gather, SSLDYN_PICKLE_LIST, 0},
    [']'] = {ssldyn_pickle_run_empty, SSLDYN_PICKLE_LIST, 0},
    ['o'] = {ssldyn_pickle_run_old_instance, 1, 0},
    ['p'] = {ssldyn_pickle_run_memo_line, 1, 0},
    ['q'] = {ssldyn_pickle_run_put, 1, 0},
    ['r'] = {ssldyn_pickle_run_put, 4, 0},
    ['s'] = {ssldyn_pickle_run_append, SSLDYN_PICKLE_DICT, 3},
    ['t'] = {ssldyn_pickle_run_gather, SSLDYN_PICKLE_TUPLE, 0},
    [')'] = {ssldyn_pickle_run_empty, SSLDYN_PICKLE_TUPLE, 0},
    ['u'] = {ssldyn_pickle_run_add, SSLDYN_PICKLE_DICT, 0},
    ['G'] = {ssldyn_pickle_run_real, 0, 0},
    ['B'] = {ssldyn_pickle_run_bytes, 4, 0},
    ['C'] = {ssldyn_pickle_run_bytes, 1, 0},
    [0x80] = {run_protocol, 0, 0},
    [0x81] = {ssldyn_pickle_run_instance, 2, 2},
    [0x82] = {run_refused, 0, 0},
    [0x83] = {run_refused, 0, 0},
    [0x84] = {run_refused, 0, 0},
    [0x85] = {ssldyn_pickle_run_tuple, 1, 1},
    [0x86] = {ssldyn_pickle_run_tuple, 2, 2},
    [0x87] = {ssldyn_pickle_run_tuple, 3, 3},
    [0x88] = {ssldyn_pickle_run_bool, 1, 0},
    [0x89] = {ssldyn_pickle_run_bool, 0, 0},
    [0x8a] = {ssldyn_pickle_run_long, 1, 0},
    [0x8b] = {ssldyn_pickle_run_long, 4, 0},
    [0x8c] = {ssldyn_pickle_run_text, 1, 0},
    [0x8d] = {ssldyn_pickle_run_text, 8, 0},
    [0x8e] = {ssldyn_pickle_run_bytes, 8, 0},
    [0x8f] = {ssldyn_pickle_run_empty, SSLDYN_PICKLE_SET, 0},
    [0x90] = {ssldyn_pickle_run_add, SSLDYN_PICKLE_SET, 0},
    [0x91] = {ssldyn_pickle_run_gather, SSLDYN_PICKLE_SET, 0},
    [0x92] = {ssldyn_pickle_run_instance, 3, 3},
    [0x93] = {ssldyn_pickle_run_stack_name, 0, 2},
    [0x94] = {ssldyn_pickle_run_memoize, 0, 0},
    [0x95] = {run_frame, 0, 0},
    [0x96] = {ssldyn_pickle_run_bytes, 8, 0},
    [0x97] = {run_refused, 1, 0},
    [0x98] = {run_refused, 1, 0},
};

static enum ssldyn_status run(struct ssldyn_pickle_machine *m)
{
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && !m->stopped) {
        const unsigned char *code = NULL;
        status = ssldyn_pickle_charge(m, 1);
        if (status == SSLDYN_OK)
            status = ssldyn_pickle_take(m, 1, &code);
        if (status == SSLDYN_OK && opcodes[*code].run == NULL)
            return ssldyn_pickle_bad(m, "an unknown opcode");
        if (status == SSLDYN_OK && !ssldyn_pickle_holds(m, opcodes[*code].needs))
            return ssldyn_pickle_bad(m, "the stack is too short");
        if (status == SSLDYN_OK)
            status = opcodes[*code].run(m, opcodes[*code].operand);
    }
    return status;
}

enum ssldyn_status ssldyn_pickle_read(const char *path, const unsigned char bytes[], size_t size,
                                      size_t *used, struct ssldyn_pickle **pickle,
                                      struct ssldyn_error *err)
{
    struct ssldyn_pickle_machine m = {.path = path, .bytes = bytes, .size = size, .err = err};
    *pickle = NULL;
    m.pickle = calloc(1, sizeof *m.pickle);
    /* allocated first, as opcodes without operands point into it as well */
    m.stack_capacity = FIRST_STACK;
    m.stack = calloc(m.stack_capacity, sizeof(struct ssldyn_pickle_value *));
    const bool ready = m.pickle != NULL && m.stack != NULL;
    enum ssldyn_status status = ready ? run(&m) : ssldyn_pickle_no_memory(&m);
    free(m.stack);
    free(m.marks);
    free(m.memo);
    if (status != SSLDYN_OK) {
        ssldyn_pickle_free(m.pickle);
        return status;
    }
    if (used != NULL)
        *used = m.at;
    *pickle = m.pickle;
    return SSLDYN_OK;
}
