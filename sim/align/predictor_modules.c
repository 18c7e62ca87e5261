/* Layers of a module from the names of its arrays (predictor_modules.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/predictor_modules.h"

#include "sim/base/memory.h"

#include <stdlib.h>
#include <string.h>

void ssldyn_predictor_modules_clear(struct ssldyn_predictor_modules *modules)
{
    for (size_t i = 0; i < modules->count; i++) {
        free(modules->items[i].path);
        free(modules->items[i].weight);
        free(modules->items[i].variance);
    }
    free(modules->items);
    *modules = (struct ssldyn_predictor_modules){0};
}

/* The part of a name after "module.", which must be at the start or follow a dot; NULL: not in
 * it. *head is the length of the part before the module. */
static const char *inside(const char *name, const char *module, size_t *head)
{
    const size_t length = strlen(module);
    *head = 0;
    if (length == 0)
        return name;
    for (const char *at = strstr(name, module); at != NULL; at = strstr(at + 1, module)) {
        if ((at == name || at[-1] == '.' || at[-1] == '/') &&
            (at[length] == '.' || at[length] == '/')) {
            *head = (size_t)(at - name);
            return at + length + 1;
        }
    }
    return NULL;
}

/* The last part of a name: weight, running_var, ... */
static const char *leaf_of(const char *name)
{
    const char *leaf = name;
    for (const char *c = name; *c != '\0'; c++)
        if (*c == '.' || *c == '/')
            leaf = c + 1;
    return leaf;
}

/* Length of the path before the leaf, without the dot between. */
static size_t path_length(const char *rest)
{
    const size_t length = (size_t)(leaf_of(rest) - rest);
    return length > 0 ? length - 1 : 0;
}

/* Index of the array with the same path as rest and this leaf, or names->count. head and rest
 * are from inside(). */
static size_t sibling(const struct ssldyn_matrices_names *names, const char *name, const char *leaf)
{
    const size_t length = (size_t)(leaf_of(name) - name);
    for (size_t i = 0; i < names->count; i++)
        if (strncmp(names->names[i], name, length) == 0 &&
            strcmp(names->names[i] + length, leaf) == 0)
            return i;
    return names->count;
}

static size_t dimensions(const struct ssldyn_matrices_names *names, size_t i)
{
    return i < names->count ? names->shapes[i].dimensions : 0;
}

/* The kind of an array of a module. */
enum kind { KIND_LINEAR, KIND_NORM, KIND_PART, KIND_UNFIT };

/* A norm is recognized by its running_var; its other arrays, biases and single slopes (PReLU)
 * are parts. A scale without running_var belongs to a LayerNorm: it has the shape of its bias. */
static enum kind kind_of(const struct ssldyn_matrices_names *names, size_t i)
{
    static const char *const parts[] = {"bias", "running_mean", "num_batches_tracked"};
    const char *name = names->names[i];
    const char *leaf = leaf_of(name);
    if (strcmp(leaf, "running_var") == 0)
        return KIND_NORM;
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
        if (strcmp(leaf, parts[k]) == 0)
            return KIND_PART;
    if (strcmp(leaf, "weight") != 0)
        return KIND_UNFIT;
    if (sibling(names, name, "running_var") < names->count || names->shapes[i].count == 1)
        return KIND_PART;
    const size_t bias = sibling(names, name, "bias");
    for (size_t k = 2; k < dimensions(names, i) && dimensions(names, i) > 3; k++)
        if (names->shapes[i].shape[k] != 1)
            return KIND_UNFIT; /* a convolution */
    const bool scale = dimensions(names, i) < 2 || dimensions(names, bias) == dimensions(names, i);
    return scale ? KIND_UNFIT : KIND_LINEAR;
}

/* Compares paths by their numbers, in order: -1, 0, 1. */
static int compare_numbers(const char *one, const char *other)
{
    for (;;) {
        one += strcspn(one, "0123456789");
        other += strcspn(other, "0123456789");
        if (*one == '\0' || *other == '\0')
            return (*one != '\0') - (*other != '\0');
        char *one_end = NULL;
        char *other_end = NULL;
        const unsigned long long a = strtoull(one, &one_end, 10);
        const unsigned long long b = strtoull(other, &other_end, 10);
        if (a != b)
            return a < b ? -1 : 1;
        one = one_end;
        other = other_end;
    }
}

static int compare_modules(const void *one, const void *other)
{
    const struct ssldyn_predictor_module *a = one;
    const struct ssldyn_predictor_module *b = other;
    const int numbers = compare_numbers(a->path, b->path);
    if (numbers != 0)
        return numbers;
    return a->norm != b->norm ? (a->norm ? 1 : -1) : strcmp(a->path, b->path);
}

static enum ssldyn_status add(const struct ssldyn_matrices_names *names, size_t i, const char *rest,
                              bool norm, struct ssldyn_predictor_modules *modules,
                              struct ssldyn_error *err)
{
    struct ssldyn_predictor_module *module = &modules->items[modules->count++];
    const size_t scale = norm ? sibling(names, names->names[i], "weight") : i;
    *module = (struct ssldyn_predictor_module){.norm = norm};
    module->path = ssldyn_memory_copy(rest);
    if (scale < names->count)
        module->weight = ssldyn_memory_copy(names->names[scale]);
    if (norm)
        module->variance = ssldyn_memory_copy(names->names[i]);
    if (module->path == NULL || (scale < names->count && module->weight == NULL) ||
        (norm && module->variance == NULL))
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    module->path[path_length(rest)] = '\0';
    return SSLDYN_OK;
}

static enum ssldyn_status refuse(const struct ssldyn_matrices_names *names, size_t i,
                                 struct ssldyn_error *err)
{
    const char *name = names->names[i];
    if (strcmp(leaf_of(name), "weight") == 0)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--wp %s: %s is a scale without running_var: a LayerNorm, or a norm "
            "without statistics, divides by the spread of each input, so it is "
            "not linear; give samples of the predictor's inputs and outputs (--features, "
            "--outputs)",
            names->file, name);
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "--wp %s: %s is neither a linear layer nor a batch norm; give each layer "
                       "with its own --wp, in the order in which they are applied, or give samples "
                       "of the predictor's inputs and outputs (--features, --outputs)",
                       names->file, name);
}

/* Checks that the paths determine the order of the layers. */
static enum ssldyn_status check_order(const struct ssldyn_matrices_names *names,
                                      const struct ssldyn_predictor_modules *modules,
                                      struct ssldyn_error *err)
{
    for (size_t i = 1; i < modules->count; i++) {
        const struct ssldyn_predictor_module *before = &modules->items[i - 1];
        const struct ssldyn_predictor_module *module = &modules->items[i];
        if (before->norm == module->norm && compare_numbers(before->path, module->path) == 0)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--wp %s: no numbers in the names tell whether %s or %s comes "
                               "first; give each layer with its own --wp, in the order in which "
                               "they are applied",
                               names->file, before->path, module->path);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status collect(const struct ssldyn_matrices_names *names, const char *module,
                                  struct ssldyn_predictor_modules *modules,
                                  struct ssldyn_error *err)
{
    const char *first = NULL;
    size_t first_head = 0;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->names[i];
        size_t head = 0;
        const char *rest = inside(name, module, &head);
        if (rest == NULL)
            continue;
        if (first != NULL && (head != first_head || strncmp(first, name, head) != 0))
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "--wp %s: holds several such modules: %.*s%s and %.*s%s; pick one as FILE:NAME",
                names->file, (int)first_head, first, module, (int)head, name, module);
        first = name;
        first_head = head;
        const enum kind kind = kind_of(names, i);
        if (kind == KIND_UNFIT)
            return refuse(names, i, err);
        const enum ssldyn_status status =
            kind == KIND_PART ? SSLDYN_OK : add(names, i, rest, kind == KIND_NORM, modules, err);
        if (status != SSLDYN_OK)
            return status;
    }
    return SSLDYN_OK;
}

/* Whether all layers are at the same level, as in the state dict of one sequence. */
static bool is_sequence(const struct ssldyn_predictor_modules *modules)
{
    const char *first = modules->count > 0 ? modules->items[0].path : "";
    const size_t length = (size_t)(leaf_of(first) - first);
    for (size_t i = 1; i < modules->count; i++) {
        const char *path = modules->items[i].path;
        if ((size_t)(leaf_of(path) - path) != length || strncmp(path, first, length) != 0)
            return false;
    }
    return true;
}

enum ssldyn_status ssldyn_predictor_modules_find(const struct ssldyn_matrices_names *names,
                                                 const char *module, bool quiet,
                                                 struct ssldyn_predictor_modules *modules,
                                                 struct ssldyn_error *err)
{
    *modules = (struct ssldyn_predictor_modules){0};
    modules->items = ssldyn_memory_array(names->count, sizeof *modules->items);
    if (modules->items == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = collect(names, module, modules, err);
    bool linear = false;
    for (size_t i = 0; i < modules->count; i++)
        linear = linear || !modules->items[i].norm;
    linear = linear && (module[0] != '\0' || is_sequence(modules));
    qsort(modules->items, modules->count, sizeof *modules->items, compare_modules);
    if (status == SSLDYN_OK && linear)
        status = check_order(names, modules, err);
    if (status != SSLDYN_OK || !linear)
        ssldyn_predictor_modules_clear(modules);
    return quiet && status == SSLDYN_EINPUT ? SSLDYN_OK : status;
}
