/* Opcodes that name, call and build objects: here the interpreter differs from Python. Nothing is
 * called; a few names are interpreted, others give opaque objects, the rest is refused. */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_machine.h"

#include <string.h>

enum { LONGEST_NAME = 512, NAME_BYTES_PER_STEP = 16, ENCODED_BYTES_PER_STEP = 64 };

/* ---------------------------------------------------------------- names and calls */
static enum ssldyn_status push_name(struct ssldyn_pickle_machine *m, const char *module,
                                    size_t module_length, const char *name, size_t name_length)
{
    static const char *const renamed[][2] = {{"__builtin__", "builtins"}, {"copy_reg", "copyreg"}};
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++) { /* renamed since Python 2 */
        const size_t old = strlen(renamed[i][0]);
        if (module_length == old && memcmp(module, renamed[i][0], old) == 0) {
            module = renamed[i][1];
            module_length = strlen(module);
        }
    }
    const size_t length = module_length + 1 + name_length;
    if (module_length > LONGEST_NAME || name_length > LONGEST_NAME)
        return ssldyn_pickle_bad(m, "a name that is too long");
    enum ssldyn_status status = ssldyn_pickle_charge(m, length / NAME_BYTES_PER_STEP);
    char *text = status == SSLDYN_OK ? ssldyn_pickle_string(m->pickle, length) : NULL;
    if (status != SSLDYN_OK)
        return status;
    if (text == NULL)
        return ssldyn_pickle_no_memory(m);
    memcpy(text, module, module_length);
    text[module_length] = '.';
    memcpy(text + module_length + 1, name, name_length);
    struct ssldyn_pickle_value *value =
        ssldyn_pickle_fresh_text(m, SSLDYN_PICKLE_NAME, text, length);
    if (value != NULL && m->mentioned == NULL &&
        ssldyn_pickle_name_use(text, length) == SSLDYN_PICKLE_REFUSED)
        m->mentioned = value;
    return ssldyn_pickle_push(m, value);
}

enum ssldyn_status ssldyn_pickle_run_name(struct ssldyn_pickle_machine *m, int operand)
{
    const char *module = NULL;
    const char *name = NULL;
    size_t module_length = 0;
    size_t name_length = 0;
    (void)operand;
    enum ssldyn_status status = ssldyn_pickle_take_line(m, &module, &module_length);
    if (status == SSLDYN_OK)
        status = ssldyn_pickle_take_line(m, &name, &name_length);
    return status == SSLDYN_OK ? push_name(m, module, module_length, name, name_length) : status;
}

enum ssldyn_status ssldyn_pickle_run_stack_name(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    const struct ssldyn_pickle_value *name = m->stack[--m->depth];
    const struct ssldyn_pickle_value *module = m->stack[--m->depth];
    if (module->kind != SSLDYN_PICKLE_TEXT || name->kind != SSLDYN_PICKLE_TEXT)
        return ssldyn_pickle_bad(m, "a name that is not text");
    return push_name(m, module->is.text.start, module->is.text.length, name->is.text.start,
                     name->is.text.length);
}

static enum ssldyn_status push_object(struct ssldyn_pickle_machine *m,
                                      const struct ssldyn_pickle_value *callable,
                                      const struct ssldyn_pickle_value *arguments)
{
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, SSLDYN_PICKLE_OBJECT);
    if (value != NULL) {
        value->is.object.callable = callable;
        value->is.object.arguments = arguments;
    }
    return ssldyn_pickle_push(m, value);
}

/* OrderedDict and similar: empty, or from the pairs of a list or dictionary. */
static enum ssldyn_status push_mapping(struct ssldyn_pickle_machine *m,
                                       const struct ssldyn_pickle_value *from)
{
    const size_t count = from != NULL ? from->count : 0;
    const enum ssldyn_status status = ssldyn_pickle_charge(m, count);
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, SSLDYN_PICKLE_DICT);
    bool good = value != NULL;
    if (status != SSLDYN_OK)
        return status;
    if (from != NULL && from->kind == SSLDYN_PICKLE_DICT) {
        good = good && ssldyn_pickle_append(value, count, from->items);
    } else if (from != NULL && from->kind == SSLDYN_PICKLE_LIST) {
        for (size_t i = 0; i < count && good; i++) {
            const struct ssldyn_pickle_value *pair = from->items[i];
            if (ssldyn_pickle_item(pair, 1) == NULL || pair->count != 2)
                return ssldyn_pickle_bad(m, "a dictionary made from items that are not pairs");
            good = ssldyn_pickle_append(value, 2, pair->items);
        }
    }
    return good ? ssldyn_pickle_push(m, value) : ssldyn_pickle_no_memory(m);
}

/* _codecs.encode(text, "latin1"): how Python 3 writes byte strings for Python 2. */
static enum ssldyn_status push_encoded(struct ssldyn_pickle_machine *m,
                                       const struct ssldyn_pickle_value *text)
{
    if (text == NULL || text->kind != SSLDYN_PICKLE_TEXT)
        return ssldyn_pickle_bad(m, "bytes that are not text");
    const size_t length = text->is.text.length;
    const enum ssldyn_status status = ssldyn_pickle_charge(m, length / ENCODED_BYTES_PER_STEP);
    if (status != SSLDYN_OK)
        return status;
    char *bytes = ssldyn_pickle_string(m->pickle, length);
    if (bytes == NULL)
        return ssldyn_pickle_no_memory(m);
    const size_t count = ssldyn_pickle_encode_latin1(text->is.text.start, length, bytes);
    if (count == SIZE_MAX)
        return ssldyn_pickle_bad(m, "bytes beyond Latin-1");
    return ssldyn_pickle_push(m, ssldyn_pickle_fresh_text(m, SSLDYN_PICKLE_BYTES, bytes, count));
}

static bool is_mapping(const struct ssldyn_pickle_value *callable)
{
    return ssldyn_pickle_is(callable, "collections.OrderedDict") ||
           ssldyn_pickle_is(callable, "collections.Counter") ||
           ssldyn_pickle_is(callable, "collections.defaultdict");
}

/* An instance of a class; its state and items follow. */
static enum ssldyn_status make_instance(struct ssldyn_pickle_machine *m,
                                        const struct ssldyn_pickle_value *class,
                                        const struct ssldyn_pickle_value *arguments)
{
    const bool named = class != NULL && class->kind == SSLDYN_PICKLE_NAME;
    if (!named && (class == NULL || class->kind != SSLDYN_PICKLE_PERSISTENT))
        return ssldyn_pickle_bad(m, "an instance of something that is not a class");
    if (named && ssldyn_pickle_name_use(class->is.text.start, class->is.text.length) ==
                     SSLDYN_PICKLE_REFUSED)
        return ssldyn_pickle_refuse(m, "calls", class);
    if (is_mapping(class))
        return push_mapping(m, NULL);
    return push_object(m, class, arguments);
}

/* The result of calling `callable`, for the few that are allowed. */
static enum ssldyn_status call(struct ssldyn_pickle_machine *m,
                               const struct ssldyn_pickle_value *callable,
                               const struct ssldyn_pickle_value *arguments)
{
    const struct ssldyn_pickle_value *first = ssldyn_pickle_item(arguments, 0);
    if (arguments->kind != SSLDYN_PICKLE_TUPLE)
        return ssldyn_pickle_bad(m, "arguments that are not a tuple");
    if (callable->kind != SSLDYN_PICKLE_NAME ||
        ssldyn_pickle_name_use(callable->is.text.start, callable->is.text.length) !=
            SSLDYN_PICKLE_CALLED)
        return ssldyn_pickle_refuse(m, "calls", callable);
    if (is_mapping(callable))
        return push_mapping(m, first);
    if (ssldyn_pickle_is(callable, "torch.Size") && first != NULL)
        return ssldyn_pickle_push(m, arguments->items[0]);
    if (ssldyn_pickle_is(callable, "_codecs.encode"))
        return push_encoded(m, first);
    if (ssldyn_pickle_is(callable, "copyreg._reconstructor"))
        return make_instance(m, first, arguments);
    return push_object(m, callable, arguments);
}

enum ssldyn_status ssldyn_pickle_run_call(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    m->depth -= 2;
    return call(m, m->stack[m->depth], m->stack[m->depth + 1]);
}

/* NEWOBJ, and NEWOBJ_EX with keywords on top. */
enum ssldyn_status ssldyn_pickle_run_instance(struct ssldyn_pickle_machine *m, int operands)
{
    m->depth -= (size_t)operands;
    return make_instance(m, m->stack[m->depth], m->stack[m->depth + 1]);
}

/* Old-style instances of Python 2: a class and its arguments above a mark. */
enum ssldyn_status ssldyn_pickle_run_old_instance(struct ssldyn_pickle_machine *m,
                                                  int class_on_stack)
{
    size_t count = 0;
    enum ssldyn_status status = class_on_stack ? SSLDYN_OK : ssldyn_pickle_run_name(m, 0);
    if (status != SSLDYN_OK)
        return status;
    struct ssldyn_pickle_value *class = class_on_stack ? NULL : m->stack[--m->depth];
    status = ssldyn_pickle_unmark(m, &count);
    if (status == SSLDYN_OK && class == NULL) {
        if (count == 0)
            return ssldyn_pickle_bad(m, "an instance without a class");
        class = m->stack[m->depth - count--];
    }
    if (status == SSLDYN_OK)
        status = ssldyn_pickle_gather(m, SSLDYN_PICKLE_TUPLE, count);
    if (status != SSLDYN_OK)
        return status;
    const struct ssldyn_pickle_value *arguments = m->stack[--m->depth];
    m->depth -= class_on_stack ? 1 : 0;
    return call(m, class, arguments);
}

enum ssldyn_status ssldyn_pickle_run_build(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    const struct ssldyn_pickle_value *state = m->stack[--m->depth];
    struct ssldyn_pickle_value *target = m->stack[m->depth - 1];
    if (target->kind == SSLDYN_PICKLE_OBJECT)
        target->is.object.state = state;
    else if (target->kind != SSLDYN_PICKLE_DICT) /* whose attributes do not matter */
        return ssldyn_pickle_bad(m, "a state for an object without one");
    return SSLDYN_OK;
}

/* The id of PERSID is on a line, that of BINPERSID on the stack. */
enum ssldyn_status ssldyn_pickle_run_persistent(struct ssldyn_pickle_machine *m, int line)
{
    const char *text = NULL;
    size_t length = 0;
    struct ssldyn_pickle_value *id = NULL;
    if (line) {
        const enum ssldyn_status status = ssldyn_pickle_take_line(m, &text, &length);
        if (status != SSLDYN_OK)
            return status;
        id = ssldyn_pickle_fresh_text(m, SSLDYN_PICKLE_TEXT, text, length);
    } else {
        id = m->stack[--m->depth];
    }
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, SSLDYN_PICKLE_PERSISTENT);
    if (value != NULL && id != NULL)
        value->is.id = id;
    return ssldyn_pickle_push(m, id != NULL ? value : NULL);
}
