/* Opcodes that build containers, move values and store them in the memo (pickle_machine.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_machine.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- containers */
enum ssldyn_status ssldyn_pickle_run_mark(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    if (m->mark_count == m->mark_capacity) {
        const size_t capacity = m->mark_capacity != 0 ? 2 * m->mark_capacity : 16;
        size_t *more = realloc(m->marks, capacity * sizeof *more);
        if (more == NULL)
            return ssldyn_pickle_no_memory(m);
        m->marks = more;
        m->mark_capacity = capacity;
    }
    m->marks[m->mark_count++] = m->depth;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_pickle_run_empty(struct ssldyn_pickle_machine *m, int kind)
{
    return ssldyn_pickle_push(m, ssldyn_pickle_fresh(m, (enum ssldyn_pickle_kind)kind));
}

/* The top `count` values of the stack as one container. */
enum ssldyn_status ssldyn_pickle_gather(struct ssldyn_pickle_machine *m,
                                        enum ssldyn_pickle_kind kind, size_t count)
{
    if (kind == SSLDYN_PICKLE_DICT && count % 2 != 0)
        return ssldyn_pickle_bad(m, "a key without a value");
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, kind);
    if (value == NULL || !ssldyn_pickle_append(value, count, m->stack + (m->depth - count)))
        return ssldyn_pickle_no_memory(m);
    m->depth -= count;
    return ssldyn_pickle_push(m, value);
}

enum ssldyn_status ssldyn_pickle_run_gather(struct ssldyn_pickle_machine *m, int kind)
{
    size_t count = 0;
    const enum ssldyn_status status = ssldyn_pickle_unmark(m, &count);
    return status == SSLDYN_OK ? ssldyn_pickle_gather(m, (enum ssldyn_pickle_kind)kind, count)
                               : status;
}

enum ssldyn_status ssldyn_pickle_run_tuple(struct ssldyn_pickle_machine *m, int count)
{
    return ssldyn_pickle_gather(m, SSLDYN_PICKLE_TUPLE, (size_t)count);
}
/* APPEND, APPENDS, ADDITEMS, SETITEM, SETITEMS: adds the top `count` values to the container
 * below. */
static enum ssldyn_status add(struct ssldyn_pickle_machine *m, enum ssldyn_pickle_kind kind,
                              size_t count)
{
    struct ssldyn_pickle_value *const *items = m->stack + (m->depth - count);
    if (!ssldyn_pickle_holds(m, count + 1))
        return ssldyn_pickle_bad(m, "the stack is too short");
    struct ssldyn_pickle_value *container = m->stack[m->depth - count - 1];
    const bool mapping = kind == SSLDYN_PICKLE_DICT;
    if (mapping && count % 2 != 0)
        return ssldyn_pickle_bad(m, "a key without a value");
    if (container->kind != kind && container->kind != SSLDYN_PICKLE_OBJECT)
        return ssldyn_pickle_bad(m, "items for something that is not a container");
    /* The items of an object that is a list are not needed. */
    const bool kept = container->kind == kind || mapping;
    if (kept && !ssldyn_pickle_append(container, count, items))
        return ssldyn_pickle_no_memory(m);
    m->depth -= count;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_pickle_run_append(struct ssldyn_pickle_machine *m, int kind)
{
    return add(m, (enum ssldyn_pickle_kind)kind, kind == SSLDYN_PICKLE_DICT ? 2 : 1);
}

enum ssldyn_status ssldyn_pickle_run_add(struct ssldyn_pickle_machine *m, int kind)
{
    size_t count = 0;
    const enum ssldyn_status status = ssldyn_pickle_unmark(m, &count);
    return status == SSLDYN_OK ? add(m, (enum ssldyn_pickle_kind)kind, count) : status;
}

/* ---------------------------------------------------------------- the stack itself */
enum ssldyn_status ssldyn_pickle_run_pop(struct ssldyn_pickle_machine *m, int operand)
{
    size_t count = 0;
    (void)operand;
    if (ssldyn_pickle_holds(m, 1))
        m->depth--;
    else
        return ssldyn_pickle_unmark(m, &count);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_pickle_run_pop_mark(struct ssldyn_pickle_machine *m, int operand)
{
    size_t count = 0;
    (void)operand;
    const enum ssldyn_status status = ssldyn_pickle_unmark(m, &count);
    m->depth -= count;
    return status;
}

enum ssldyn_status ssldyn_pickle_run_dup(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    return ssldyn_pickle_push(m, m->stack[m->depth - 1]);
}

/* ---------------------------------------------------------------- memo */
static enum ssldyn_status put(struct ssldyn_pickle_machine *m, uint64_t index)
{
    if (!ssldyn_pickle_holds(m, 1))
        return ssldyn_pickle_bad(m, "the stack is too short");
    /* Picklers number their entries consecutively: a much larger number would only waste memory. */
    if (index > m->steps + SSLDYN_PICKLE_SMALLEST_MEMO)
        return ssldyn_pickle_bad(m, "a memo entry out of order");
    if (index >= m->memo_capacity) {
        const size_t capacity = 2 * (size_t)index + 64;
        struct ssldyn_pickle_value **more =
            realloc(m->memo, capacity * sizeof(struct ssldyn_pickle_value *));
        if (more == NULL)
            return ssldyn_pickle_no_memory(m);
        memset(more + m->memo_capacity, 0,
               (capacity - m->memo_capacity) * sizeof(struct ssldyn_pickle_value *));
        m->memo = more;
        m->memo_capacity = capacity;
    }
    m->memo[index] = m->stack[m->depth - 1];
    m->memo_used++;
    return SSLDYN_OK;
}

static enum ssldyn_status get(struct ssldyn_pickle_machine *m, uint64_t index)
{
    if (index >= m->memo_capacity || m->memo[index] == NULL)
        return ssldyn_pickle_bad(m, "a memo entry that is not set");
    return ssldyn_pickle_push(m, m->memo[index]);
}

enum ssldyn_status ssldyn_pickle_run_memoize(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    return put(m, m->memo_used);
}

enum ssldyn_status ssldyn_pickle_run_put(struct ssldyn_pickle_machine *m, int width)
{
    uint64_t index = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_number(m, (size_t)width, &index);
    return status == SSLDYN_OK ? put(m, index) : status;
}

enum ssldyn_status ssldyn_pickle_run_get(struct ssldyn_pickle_machine *m, int width)
{
    uint64_t index = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_number(m, (size_t)width, &index);
    return status == SSLDYN_OK ? get(m, index) : status;
}

/* PUT and GET of protocol 0, whose index is a line of digits. */
enum ssldyn_status ssldyn_pickle_run_memo_line(struct ssldyn_pickle_machine *m, int putting)
{
    const char *line = NULL;
    size_t length = 0;
    uint64_t index = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_line(m, &line, &length);
    if (status != SSLDYN_OK)
        return status;
    if (length == 0 || length > 9)
        return ssldyn_pickle_bad(m, "a memo entry that is not a number");
    for (size_t i = 0; i < length; i++) {
        if (line[i] < '0' || line[i] > '9')
            return ssldyn_pickle_bad(m, "a memo entry that is not a number");
        index = 10 * index + (uint64_t)(line[i] - '0');
    }
    return putting ? put(m, index) : get(m, index);
}
