/* Input, stack and errors of the pickle interpreter (pickle_machine.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_machine.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- failures */
enum ssldyn_status ssldyn_pickle_bad(struct ssldyn_pickle_machine *m, const char *what)
{
    return ssldyn_fail(m->err, SSLDYN_EINPUT, "%s: is not a valid pickle: %s at byte %zu", m->path,
                       what, m->at);
}

enum ssldyn_status ssldyn_pickle_no_memory(struct ssldyn_pickle_machine *m)
{
    return ssldyn_fail(m->err, SSLDYN_ENOMEM, "out of memory");
}

enum ssldyn_status ssldyn_pickle_charge(struct ssldyn_pickle_machine *m, size_t steps)
{
    m->steps += steps;
    if (m->steps <= SSLDYN_PICKLE_STEPS)
        return SSLDYN_OK;
    return ssldyn_fail(
        m->err, SSLDYN_EINPUT,
        "%s: its pickle has over %d values, more than any checkpoint of tensors needs", m->path,
        SSLDYN_PICKLE_STEPS);
}

enum ssldyn_status ssldyn_pickle_refuse(struct ssldyn_pickle_machine *m, const char *verb,
                                        const struct ssldyn_pickle_value *name)
{
    const bool named = name->kind == SSLDYN_PICKLE_NAME;
    return ssldyn_fail(
        m->err, SSLDYN_EINPUT,
        "%s: %s %.*s: refused (code in files is never executed); save tensors only, e.g. "
        "torch.save(model.state_dict(), FILE) or torch.save(checkpoint['state_dict'], "
        "FILE)",
        m->path, verb, named && name->is.text.length < 100 ? (int)name->is.text.length : 100,
        named ? name->is.text.start : "something that is not a name");
}

/* ---------------------------------------------------------------- bytes and stack */
enum ssldyn_status ssldyn_pickle_take(struct ssldyn_pickle_machine *m, size_t count,
                                      const unsigned char **start)
{
    if (count > m->size - m->at)
        return ssldyn_fail(m->err, SSLDYN_EINPUT, "%s: its pickle is truncated", m->path);
    *start = m->bytes + m->at;
    m->at += count;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_pickle_take_number(struct ssldyn_pickle_machine *m, size_t width,
                                             uint64_t *number)
{
    const unsigned char *start = NULL;
    const enum ssldyn_status status = ssldyn_pickle_take(m, width, &start);
    *number = 0;
    for (size_t i = width; status == SSLDYN_OK && i-- > 0;)
        *number = *number << 8 | start[i];
    return status;
}

enum ssldyn_status ssldyn_pickle_take_string(struct ssldyn_pickle_machine *m, size_t width,
                                             const char **start, size_t *length)
{
    uint64_t announced = 0;
    const unsigned char *bytes = NULL;
    enum ssldyn_status status = ssldyn_pickle_take_number(m, width, &announced);
    if (status == SSLDYN_OK)
        status = ssldyn_pickle_take(m, announced < SIZE_MAX ? (size_t)announced : SIZE_MAX, &bytes);
    *start = (const char *)bytes;
    *length = (size_t)announced;
    return status;
}

enum ssldyn_status ssldyn_pickle_take_line(struct ssldyn_pickle_machine *m, const char **start,
                                           size_t *length)
{
    const unsigned char *bytes = m->bytes + m->at;
    const unsigned char *end = m->at < m->size ? memchr(bytes, '\n', m->size - m->at) : NULL;
    *start = (const char *)bytes;
    *length = end != NULL ? (size_t)(end - bytes) : 0;
    const unsigned char *ignored = NULL;
    return ssldyn_pickle_take(m, end != NULL ? *length + 1 : m->size - m->at + 1, &ignored);
}

enum ssldyn_status ssldyn_pickle_push(struct ssldyn_pickle_machine *m,
                                      struct ssldyn_pickle_value *value)
{
    if (value == NULL)
        return ssldyn_pickle_no_memory(m);
    if (m->depth == m->stack_capacity) {
        const size_t capacity = 2 * m->stack_capacity;
        struct ssldyn_pickle_value **more =
            realloc(m->stack, capacity * sizeof(struct ssldyn_pickle_value *));
        if (more == NULL)
            return ssldyn_pickle_no_memory(m);
        m->stack = more;
        m->stack_capacity = capacity;
    }
    m->stack[m->depth++] = value;
    return SSLDYN_OK;
}

bool ssldyn_pickle_holds(const struct ssldyn_pickle_machine *m, size_t count)
{
    const size_t floor = m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;
    return m->depth - floor >= count;
}

/* Pops the last mark; *count values are above it. */
enum ssldyn_status ssldyn_pickle_unmark(struct ssldyn_pickle_machine *m, size_t *count)
{
    if (m->mark_count == 0)
        return ssldyn_pickle_bad(m, "a mark is missing");
    *count = m->depth - m->marks[--m->mark_count];
    return SSLDYN_OK;
}

struct ssldyn_pickle_value *ssldyn_pickle_fresh(struct ssldyn_pickle_machine *m,
                                                enum ssldyn_pickle_kind kind)
{
    return ssldyn_pickle_new(m->pickle, kind);
}

struct ssldyn_pickle_value *ssldyn_pickle_fresh_text(struct ssldyn_pickle_machine *m,
                                                     enum ssldyn_pickle_kind kind,
                                                     const char *start, size_t length)
{
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, kind);
    if (value != NULL) {
        value->is.text.start = start;
        value->is.text.length = length;
    }
    return value;
}
