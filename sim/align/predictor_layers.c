/* The product of a predictor's layers (predictor_layers.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/predictor_layers.h"

#include "sim/align/predictor_modules.h"
#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A linear layer has only a weight; a norm has a variance, and its weight is gamma or NULL. */
struct layer {
    struct ssldyn_matrices *weight, *variance;
    char *argument; /* FILE[:NAME], for messages */
};

struct ssldyn_predictor_layers {
    const char *option;
    double eps;
    size_t count;
    struct layer *items;
    size_t rows, columns, widest; /* of the product; size of the widest layer in between */
    double *product, *spare;      /* widest x columns */
    double *factor;               /* the largest layer */
};

void ssldyn_predictor_layers_close(struct ssldyn_predictor_layers *layers)
{
    if (layers == NULL)
        return;
    for (size_t i = 0; i < layers->count; i++) {
        ssldyn_matrices_close(layers->items[i].weight);
        ssldyn_matrices_close(layers->items[i].variance);
        free(layers->items[i].argument);
    }
    free(layers->items);
    free(layers->product);
    free(layers->spare);
    free(layers->factor);
    free(layers);
}

/* FILE:NAME; free it. */
static char *join(const char *file, const char *name)
{
    const size_t size = strlen(file) + strlen(name) + 2;
    char *argument = ssldyn_memory_array(size, 1);
    if (argument != NULL)
        (void)snprintf(argument, size, "%s:%s", file, name);
    return argument;
}

/* Appends a layer and takes ownership of argument (NULL: out of memory). */
static enum ssldyn_status add(struct ssldyn_predictor_layers *layers, char *argument,
                              struct layer **layer, struct ssldyn_error *err)
{
    struct layer *items = realloc(layers->items, (layers->count + 1) * sizeof *items);
    if (items != NULL)
        layers->items = items;
    if (items == NULL || argument == NULL) {
        free(argument);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the predictor's layers");
    }
    items[layers->count] = (struct layer){.argument = argument};
    *layer = &items[layers->count++];
    return SSLDYN_OK;
}

/* A vector of a norm. */
static enum ssldyn_status open_vector(const struct ssldyn_predictor_layers *layers,
                                      const char *file, const char *name,
                                      struct ssldyn_matrices **vector, struct ssldyn_error *err)
{
    char *argument = join(file, name);
    const enum ssldyn_status status =
        argument != NULL ? ssldyn_matrices_open_vectors(argument, layers->option, NULL, vector, err)
                         : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    free(argument);
    return status;
}

/* Adds the layers of a module in a state dict. */
static enum ssldyn_status add_modules(struct ssldyn_predictor_layers *layers, const char *file,
                                      const struct ssldyn_predictor_modules *modules,
                                      struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; i < modules->count && status == SSLDYN_OK; i++) {
        const struct ssldyn_predictor_module *module = &modules->items[i];
        const char *name = module->norm ? module->variance : module->weight;
        struct layer *layer = NULL;
        status = add(layers, join(file, name), &layer, err);
        if (status == SSLDYN_OK && !module->norm)
            status =
                ssldyn_matrices_open(layer->argument, layers->option, NULL, &layer->weight, err);
        if (status == SSLDYN_OK && module->norm)
            status = open_vector(layers, file, name, &layer->variance, err);
        if (status == SSLDYN_OK && module->norm && module->weight != NULL)
            status = open_vector(layers, file, module->weight, &layer->weight, err);
    }
    return status;
}

/* Adds a layer that is in memory. */
static enum ssldyn_status add_memory(struct ssldyn_predictor_layers *layers,
                                     const struct ssldyn_array_view *view, struct ssldyn_error *err)
{
    struct layer *layer = NULL;
    const enum ssldyn_status status =
        add(layers, ssldyn_memory_copy(SSLDYN_ARRAY_LABEL), &layer, err);
    return status == SSLDYN_OK
               ? ssldyn_matrices_open_memory(view, layers->option, false, &layer->weight, err)
               : status;
}

static bool has_name(const struct ssldyn_matrices_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

/* Finds the module that is meant in a file; none if an array is meant. */
static enum ssldyn_status find_modules(const struct ssldyn_matrices_names *names,
                                       struct ssldyn_predictor_modules *modules,
                                       struct ssldyn_error *err)
{
    *modules = (struct ssldyn_predictor_modules){0};
    if (names->count < 2 || has_name(names, names->name != NULL ? names->name : "Wp"))
        return SSLDYN_OK;
    if (names->name != NULL)
        return ssldyn_predictor_modules_find(names, names->name, false, modules, err);
    const enum ssldyn_status status = ssldyn_predictor_modules_find(names, "", true, modules, err);
    return status != SSLDYN_OK || modules->count > 0
               ? status
               : ssldyn_predictor_modules_find(names, "predictor", false, modules, err);
}

static enum ssldyn_status add_argument(struct ssldyn_predictor_layers *layers, const char *argument,
                                       struct ssldyn_error *err)
{
    struct ssldyn_matrices_names names;
    struct ssldyn_predictor_modules modules = {0};
    enum ssldyn_status status = ssldyn_matrices_list(argument, layers->option, &names, err);
    if (status != SSLDYN_OK)
        return status;
    status = find_modules(&names, &modules, err);
    if (status == SSLDYN_OK && modules.count > 0) {
        status = add_modules(layers, names.file, &modules, err);
    } else if (status == SSLDYN_OK) {
        struct layer *layer = NULL;
        status = add(layers, ssldyn_memory_copy(argument), &layer, err);
        if (status == SSLDYN_OK)
            status = ssldyn_matrices_open(argument, layers->option, "Wp", &layer->weight, err);
    }
    ssldyn_predictor_modules_clear(&modules);
    ssldyn_matrices_names_clear(&names);
    return status;
}

/* Checks that the input size of each layer is the output size of the one before. */
static enum ssldyn_status check_chain(struct ssldyn_predictor_layers *layers,
                                      struct ssldyn_error *err)
{
    size_t largest = 1;
    size_t width = 0; /* 0: not known yet */
    for (size_t i = 0; i < layers->count; i++) {
        const struct layer *layer = &layers->items[i];
        const bool norm = layer->variance != NULL;
        const size_t columns = ssldyn_matrices_columns(norm ? layer->variance : layer->weight);
        const size_t rows = norm ? columns : ssldyn_matrices_rows(layer->weight);
        if (width != 0 && columns != width)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s %s: has %zu inputs, but %s before it has %zu outputs; give the "
                               "layers in the order in which they are applied",
                               layers->option, layer->argument, columns,
                               layers->items[i - 1].argument, width);
        if (norm && layer->weight != NULL && ssldyn_matrices_columns(layer->weight) != columns)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: %zu variances, but %zu weights",
                               layers->option, layer->argument, columns,
                               ssldyn_matrices_columns(layer->weight));
        if (width == 0)
            layers->columns = layers->widest = columns;
        width = rows;
        layers->widest = rows > layers->widest ? rows : layers->widest;
        const size_t size = rows * (norm ? 2 : columns);
        largest = size > largest ? size : largest;
    }
    layers->rows = width;
    layers->product = ssldyn_memory_array(layers->widest, layers->columns * sizeof(double));
    layers->spare = ssldyn_memory_array(layers->widest, layers->columns * sizeof(double));
    layers->factor = ssldyn_memory_array(largest, sizeof(double));
    if (layers->product == NULL || layers->spare == NULL || layers->factor == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the predictor's layers");
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_predictor_layers_open(const char *arguments, const char *option,
                                                const struct ssldyn_arrays *memory, double eps,
                                                struct ssldyn_predictor_layers **layers,
                                                struct ssldyn_error *err)
{
    *layers = NULL;
    struct ssldyn_predictor_layers *fresh = calloc(1, sizeof *fresh);
    char *lines = ssldyn_memory_copy(arguments);
    enum ssldyn_status status = SSLDYN_OK;
    if (fresh == NULL || lines == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (fresh != NULL) {
        fresh->option = option;
        fresh->eps = eps;
    }
    size_t place = 0;
    for (char *line = lines; status == SSLDYN_OK && line != NULL; place++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        const struct ssldyn_array_view *view = ssldyn_arrays_find(memory, "wp", place);
        status = view != NULL ? add_memory(fresh, view, err) : add_argument(fresh, line, err);
        line = end != NULL ? end + 1 : NULL;
    }
    free(lines);
    if (status == SSLDYN_OK)
        status = check_chain(fresh, err);
    if (status != SSLDYN_OK) {
        ssldyn_predictor_layers_close(fresh);
        return status;
    }
    *layers = fresh;
    return SSLDYN_OK;
}

size_t ssldyn_predictor_layers_rows(const struct ssldyn_predictor_layers *layers)
{
    return layers->rows;
}

size_t ssldyn_predictor_layers_columns(const struct ssldyn_predictor_layers *layers)
{
    return layers->columns;
}

const struct ssldyn_matrices *
ssldyn_predictor_layers_series(const struct ssldyn_predictor_layers *layers, size_t i)
{
    for (size_t k = 0; k < layers->count; k++) {
        const struct ssldyn_matrices *const two[] = {layers->items[k].weight,
                                                     layers->items[k].variance};
        for (size_t m = 0; m < 2; m++)
            if (two[m] != NULL && i-- == 0)
                return two[m];
    }
    return NULL;
}

/* Computes gamma/sqrt(running_var + eps) into factor and multiplies the rows of the product by
 * it. */
static enum ssldyn_status apply_norm(struct ssldyn_predictor_layers *layers,
                                     const struct layer *layer, bool *finite,
                                     struct ssldyn_error *err)
{
    const size_t rows = ssldyn_matrices_columns(layer->variance);
    double *factor = layers->factor;
    double *variance = layers->factor + rows;
    enum ssldyn_status status = ssldyn_matrices_next(layer->variance, variance, finite, err);
    for (size_t i = 0; i < rows; i++)
        factor[i] = 1.0;
    if (status == SSLDYN_OK && layer->weight != NULL)
        status = ssldyn_matrices_next(layer->weight, factor, finite, err);
    for (size_t i = 0; i < rows && status == SSLDYN_OK; i++) {
        const double scale = factor[i] / sqrt(variance[i] + layers->eps);
        if (variance[i] < 0.0)
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "%s %s: entry %zu is %g, but a variance cannot be negative",
                                 layers->option, layer->argument, i + 1, variance[i]);
        for (size_t j = 0; j < layers->columns; j++)
            layers->product[i * layers->columns + j] *= scale;
    }
    return status;
}

/* Multiplies product by the layer from the left; rows: of the product so far, 0: it is still the
 * identity and not stored. */
static enum ssldyn_status apply_layer(struct ssldyn_predictor_layers *layers,
                                      const struct layer *layer, size_t *rows, bool *finite,
                                      struct ssldyn_error *err)
{
    const size_t columns = layers->columns;
    const size_t before = *rows;
    if (layer->variance != NULL) {
        for (size_t i = 0; i < columns * columns && before == 0; i++)
            layers->product[i] = i % (columns + 1) == 0 ? 1.0 : 0.0;
        *rows = ssldyn_matrices_columns(layer->variance);
        return apply_norm(layers, layer, finite, err);
    }
    *rows = ssldyn_matrices_rows(layer->weight);
    if (before == 0)
        return ssldyn_matrices_next(layer->weight, layers->product, finite, err);
    const enum ssldyn_status status =
        ssldyn_matrices_next(layer->weight, layers->factor, finite, err);
    ssldyn_dense_multiply(*rows, before, columns, layers->factor, layers->product, layers->spare);
    double *const product = layers->spare;
    layers->spare = layers->product;
    layers->product = product;
    return status;
}

enum ssldyn_status ssldyn_predictor_layers_next(struct ssldyn_predictor_layers *layers,
                                                double product[], bool *finite,
                                                struct ssldyn_error *err)
{
    size_t rows = 0;
    enum ssldyn_status status = SSLDYN_OK;
    if (layers->count == 1 && layers->items[0].variance == NULL)
        return ssldyn_matrices_next(layers->items[0].weight, product, finite, err);
    for (size_t k = 0; k < layers->count && status == SSLDYN_OK; k++)
        status = apply_layer(layers, &layers->items[k], &rows, finite, err);
    if (status == SSLDYN_OK)
        memcpy(product, layers->product, rows * layers->columns * sizeof(double));
    return status;
}

void ssldyn_predictor_layers_describe(const struct ssldyn_predictor_layers *layers, char text[],
                                      size_t size)
{
    size_t used = 0;
    size_t norms = 0;
    text[0] = '\0';
    if (layers->count == 1)
        return;
    for (size_t i = 0; i < layers->count; i++)
        norms += layers->items[i].variance != NULL ? 1 : 0;
    used += (size_t)snprintf(text, size, "%zu layer%s (", layers->count - norms,
                             layers->count - norms == 1 ? "" : "s");
    for (size_t i = 0, linear = 0; i < layers->count && used < size; i++) {
        if (layers->items[i].variance == NULL)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%zu x %zu", linear++ > 0 ? ", " : "",
                                 ssldyn_matrices_rows(layers->items[i].weight),
                                 ssldyn_matrices_columns(layers->items[i].weight));
    }
    if (used < size)
        used += (size_t)snprintf(text + used, size - used, ")");
    if (norms > 0 && used < size)
        (void)snprintf(text + used, size - used, " and %zu batch norm%s", norms,
                       norms == 1 ? "" : "s");
}
