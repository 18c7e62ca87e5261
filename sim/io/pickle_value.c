/* The values of a pickle: memory and access (pickle.h, pickle_internal.h). Values refer to each
 * other arbitrarily, including cycles, so they are freed all at once. */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_internal.h"

#include <stdlib.h>
#include <string.h>

/* Grows a list of count pointers for one more, by doubling; NULL: out of memory, and the list is
 * unchanged. */
static void *grow_list(void *list, size_t count)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return list;
    return realloc(list, (count != 0 ? 2 * count : 1) * sizeof(void *));
}

struct ssldyn_pickle_value *ssldyn_pickle_new(struct ssldyn_pickle *pickle,
                                              enum ssldyn_pickle_kind kind)
{
    const size_t block = pickle->values / SSLDYN_PICKLE_BLOCK;
    if (pickle->values % SSLDYN_PICKLE_BLOCK == 0) {
        struct ssldyn_pickle_value **const blocks = grow_list(pickle->blocks, block);
        if (blocks == NULL)
            return NULL;
        pickle->blocks = blocks;
        pickle->blocks[block] = calloc(SSLDYN_PICKLE_BLOCK, sizeof **pickle->blocks);
        if (pickle->blocks[block] == NULL)
            return NULL;
    }
    struct ssldyn_pickle_value *value =
        &pickle->blocks[block][pickle->values % SSLDYN_PICKLE_BLOCK];
    value->kind = kind;
    pickle->values++;
    return value;
}

char *ssldyn_pickle_string(struct ssldyn_pickle *pickle, size_t length)
{
    char **const strings = grow_list(pickle->strings, pickle->string_count);
    if (strings == NULL)
        return NULL;
    pickle->strings = strings;
    char *text = malloc(length + 1);
    if (text != NULL)
        pickle->strings[pickle->string_count++] = text;
    return text;
}

bool ssldyn_pickle_append(struct ssldyn_pickle_value *container, size_t count,
                          struct ssldyn_pickle_value *const items[])
{
    for (size_t i = 0; i < count; i++) {
        struct ssldyn_pickle_value **const grown = grow_list(container->items, container->count);
        if (grown == NULL)
            return false;
        container->items = grown;
        container->items[container->count++] = items[i];
    }
    return true;
}

void ssldyn_pickle_free(struct ssldyn_pickle *pickle)
{
    if (pickle == NULL)
        return;
    for (size_t i = 0; i < pickle->values; i++)
        free(pickle->blocks[i / SSLDYN_PICKLE_BLOCK][i % SSLDYN_PICKLE_BLOCK].items);
    for (size_t i = 0; i < pickle->values; i += SSLDYN_PICKLE_BLOCK)
        free(pickle->blocks[i / SSLDYN_PICKLE_BLOCK]);
    for (size_t i = 0; i < pickle->string_count; i++)
        free(pickle->strings[i]);
    free(pickle->blocks);
    free(pickle->strings);
    free(pickle);
}

const struct ssldyn_pickle_value *ssldyn_pickle_root(const struct ssldyn_pickle *pickle)
{
    return pickle->root;
}

const struct ssldyn_pickle_value *ssldyn_pickle_next_persistent(const struct ssldyn_pickle *pickle,
                                                                size_t *at)
{
    while (*at < pickle->values) {
        const size_t i = (*at)++;
        const struct ssldyn_pickle_value *value =
            &pickle->blocks[i / SSLDYN_PICKLE_BLOCK][i % SSLDYN_PICKLE_BLOCK];
        if (value->kind == SSLDYN_PICKLE_PERSISTENT)
            return value;
    }
    return NULL;
}

bool ssldyn_pickle_is(const struct ssldyn_pickle_value *value, const char *text)
{
    return value != NULL &&
           (value->kind == SSLDYN_PICKLE_TEXT || value->kind == SSLDYN_PICKLE_BYTES ||
            value->kind == SSLDYN_PICKLE_NAME) &&
           value->is.text.length == strlen(text) &&
           memcmp(value->is.text.start, text, strlen(text)) == 0;
}

bool ssldyn_pickle_is_call(const struct ssldyn_pickle_value *value, const char *callable)
{
    return value != NULL && value->kind == SSLDYN_PICKLE_OBJECT &&
           ssldyn_pickle_is(value->is.object.callable, callable);
}

const struct ssldyn_pickle_value *ssldyn_pickle_get(const struct ssldyn_pickle_value *value,
                                                    const char *key)
{
    if (value == NULL || (value->kind != SSLDYN_PICKLE_DICT && value->kind != SSLDYN_PICKLE_OBJECT))
        return NULL;
    for (size_t i = value->count; i >= 2; i -= 2) {
        if (ssldyn_pickle_is(value->items[i - 2], key))
            return value->items[i - 1];
    }
    return NULL;
}

const struct ssldyn_pickle_value *ssldyn_pickle_item(const struct ssldyn_pickle_value *value,
                                                     size_t i)
{
    const bool sequence =
        value != NULL && (value->kind == SSLDYN_PICKLE_TUPLE || value->kind == SSLDYN_PICKLE_LIST);
    return sequence && i < value->count ? value->items[i] : NULL;
}
