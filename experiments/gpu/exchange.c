/* Networks to and from other programs. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/exchange.h"

#include <stdlib.h>
#include <string.h>

enum { NAME = 4 * NET_NAME, FULL = 3 * NAME, ARGUMENT = 4096 };

/* One network in the form of other programs: the prefix of its names, and host copies of its blocks
 * as doubles. */
struct side {
    const char *prefix;
    const struct net_view *view;
    double *weights, *running;
};

/* One tensor of it: the position of its numbers and its shape. */
struct tensor {
    char name[NAME];
    double *block;
    size_t offset;
    int dimensions;
    int k, r, channels,
        padded;   /* a convolution's: k x r x r x padded here, of which channels count */
    size_t count; /* in the file */
};

static enum ssldyn_status open_side(struct side *side, const char *prefix, struct net *net,
                                    const struct ops *ops, struct ops_context *context,
                                    struct ssldyn_error *err)
{
    const struct net_view *view = net_look(net);
    *side = (struct side){prefix, view, ssldyn_memory_array(view->count, sizeof(double)),
                          ssldyn_memory_array(view->running_count, sizeof(double))};
    if (side->weights == NULL || side->running == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a copy of the network");
    const enum ssldyn_status status =
        ops_download_real(ops, context, side->weights, view->count, view->weights, err);
    return status != SSLDYN_OK ? status
                               : ops_download_real(ops, context, side->running, view->running_count,
                                                   view->running, err);
}

static void close_side(struct side *side)
{
    free(side->weights);
    free(side->running);
    *side = (struct side){0};
}

static struct tensor parameter_of(const struct side *side, size_t i, int channels)
{
    const struct net_parameter *parameter = &side->view->parameters[i];
    struct tensor tensor = {.block = side->weights,
                            .offset = parameter->offset,
                            .dimensions = parameter->dimensions,
                            .k = parameter->shape[0],
                            .r = parameter->shape[1],
                            .padded = parameter->shape[3],
                            .channels = i == 0 ? channels : parameter->shape[3],
                            .count = parameter->count};
    snprintf(tensor.name, sizeof tensor.name, "%s%s", side->prefix, parameter->name);
    if (tensor.dimensions == 4)
        tensor.count =
            (size_t)tensor.k * (size_t)tensor.r * (size_t)tensor.r * (size_t)tensor.channels;
    return tensor;
}

/* part 0: the means, 1: the variances */
static struct tensor statistics_of(const struct side *side, size_t i, int part)
{
    static const char *const members[] = {"running_mean", "running_var"};
    const struct net_statistics *statistics = &side->view->statistics[i];
    const size_t width = (size_t)statistics->width;
    struct tensor tensor = {.block = side->running,
                            .offset = statistics->offset + (size_t)part * width,
                            .dimensions = 1,
                            .k = statistics->width,
                            .count = width};
    snprintf(tensor.name, sizeof tensor.name, "%s%s.%s", side->prefix, statistics->name,
             members[part]);
    return tensor;
}

/* Where number i of the file's tensor (k x channels x r x r) is in the block (k x r x r x padded). */
static size_t place_of(const struct tensor *tensor, size_t i)
{
    if (tensor->dimensions != 4)
        return tensor->offset + i;
    const size_t r = (size_t)tensor->r;
    const size_t x = i % r;
    const size_t y = i / r % r;
    const size_t c = i / (r * r) % (size_t)tensor->channels;
    const size_t k = i / (r * r * (size_t)tensor->channels);
    return tensor->offset + ((k * r + y) * r + x) * (size_t)tensor->padded + c;
}

/* ---------------------------------------------------------------- writing */

/* The table of tensors and, where data is not NULL, their numbers. */
struct writer {
    FILE *table, *data;
    size_t real; /* bytes of a number: 4 or 8 */
    size_t offset;
};

static void write_numbers(struct writer *writer, const struct tensor *tensor)
{
    for (size_t i = 0; i < tensor->count; i++) {
        const double value = tensor->block[place_of(tensor, i)];
        const float single = (float)value;
        fwrite(writer->real == sizeof value ? (const void *)&value : (const void *)&single,
               writer->real, 1, writer->data);
    }
}

static void write_tensor(struct writer *writer, const struct tensor *tensor)
{
    if (writer->data != NULL) {
        write_numbers(writer, tensor);
        return;
    }
    const size_t end = writer->offset + tensor->count * writer->real;
    fprintf(writer->table, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%d", tensor->name,
            writer->real == sizeof(double) ? "F64" : "F32", tensor->k);
    if (tensor->dimensions == 4)
        fprintf(writer->table, ",%d,%d,%d", tensor->channels, tensor->r, tensor->r);
    else if (tensor->dimensions == 2)
        fprintf(writer->table, ",%d", tensor->r);
    fprintf(writer->table, "],\"data_offsets\":[%zu,%zu]}", writer->offset, end);
    writer->offset = end;
}

static void write_side(struct writer *writer, const struct side *side, int channels)
{
    for (size_t i = 0; i < side->view->parameter_count; i++) {
        const struct tensor tensor = parameter_of(side, i, channels);
        write_tensor(writer, &tensor);
    }
    for (size_t i = 0; i < side->view->statistics_count; i++) {
        for (int part = 0; part < 2; part++) {
            const struct tensor tensor = statistics_of(side, i, part);
            write_tensor(writer, &tensor);
        }
    }
}

/* First, so that all numbers are aligned to their size. */
static void write_counts(struct writer *writer, const struct side *side)
{
    const int64_t none = 0;
    for (size_t i = 0; i < side->view->statistics_count; i++) {
        if (writer->data != NULL) {
            fwrite(&none, sizeof none, 1, writer->data);
            continue;
        }
        fprintf(writer->table,
                ",\"%s%s.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],"
                "\"data_offsets\":[%zu,%zu]}",
                side->prefix, side->view->statistics[i].name, writer->offset,
                writer->offset + sizeof none);
        writer->offset += sizeof none;
    }
}

static void write_all(struct writer *writer, const struct side sides[], size_t count, int channels)
{
    for (size_t i = 0; i < count; i++)
        write_counts(writer, &sides[i]);
    for (size_t i = 0; i < count; i++)
        write_side(writer, &sides[i], channels);
}

/* Length of the table, the table padded to eight bytes, the numbers. */
static enum ssldyn_status write_file(const char *path, const struct side sides[], size_t count,
                                     int channels, size_t real, struct ssldyn_error *err)
{
    struct ssldyn_file file = {0};
    char *text = NULL;
    size_t length = 0;
    struct writer writer = {.table = open_memstream(&text, &length), .real = real};
    if (writer.table == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fputs("{\"__metadata__\":{\"format\":\"pt\"}", writer.table);
    write_all(&writer, sides, count, channels);
    fputc('}', writer.table);
    while (ftell(writer.table) % 8 != 0)
        fputc(' ', writer.table);
    if (fclose(writer.table) != 0) {
        free(text);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    const enum ssldyn_status status = ssldyn_file_open(&file, path, err);
    if (status == SSLDYN_OK) {
        unsigned char size[8];
        for (int i = 0; i < 8; i++)
            size[i] = (unsigned char)((uint64_t)length >> (8 * i) & 0xff);
        fwrite(size, 1, sizeof size, file.stream);
        fwrite(text, 1, length, file.stream);
        writer.data = file.stream;
        write_all(&writer, sides, count, channels);
    }
    free(text);
    return status == SSLDYN_OK ? ssldyn_file_commit(&file, err) : status;
}

enum ssldyn_status exchange_write(const char *path, const struct ops *ops,
                                  struct ops_context *context, struct byol *byol, int channels,
                                  struct ssldyn_error *err)
{
    struct side sides[2] = {{0}};
    struct net *target = byol_target(byol);
    const size_t count = target != NULL ? 2 : 1;
    enum ssldyn_status status = open_side(&sides[0], "", byol_online(byol), ops, context, err);
    if (status == SSLDYN_OK && target != NULL)
        status = open_side(&sides[1], "target.", target, ops, context, err);
    if (status == SSLDYN_OK)
        status = write_file(path, sides, count, channels, ops->size[OPS_STATE], err);
    close_side(&sides[0]);
    close_side(&sides[1]);
    return status;
}

/* ---------------------------------------------------------------- reading */

/* The file, and the prefixes of the names of its encoder and of the other parts. */
struct source {
    const char *path;
    struct ssldyn_matrices_names names;
    char encoder[NAME], others[NAME];
    bool *used; /* by name */
};

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The name of a tensor in the file. */
static void name_there(const struct source *source, const char *ours, char name[FULL])
{
    static const char encoder[] = "encoder.";
    if (begins(ours, encoder))
        snprintf(name, (size_t)FULL, "%s%s", source->encoder, ours + sizeof encoder - 1);
    else
        snprintf(name, (size_t)FULL, "%s%s", source->others, ours);
}

static size_t find_name(const struct source *source, const char *name)
{
    size_t i = 0;
    while (i < source->names.count && strcmp(source->names.names[i], name) != 0)
        i++;
    return i;
}

/* The prefix of the encoder's names: the one given, "encoder.", or none. */
static enum ssldyn_status find_prefix(struct source *source, struct ssldyn_error *err)
{
    static const char *const usual[] = {"encoder.", ""};
    const char *given = source->names.name;
    char name[FULL];
    if (given != NULL && strlen(given) >= NAME)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--import %s: the prefix of names is too long",
                           source->path);
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const char *prefix = given != NULL ? given : usual[i];
        snprintf(name, sizeof name, "%sconv1.weight", prefix);
        if (find_name(source, name) == source->names.count)
            continue;
        snprintf(source->encoder, sizeof source->encoder, "%s", prefix);
        snprintf(source->others, sizeof source->others, "%s", prefix);
        const size_t length = strlen(prefix);
        if (length >= 8 && strcmp(prefix + length - 8, "encoder.") == 0)
            source->others[length - 8] = '\0';
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "--import %s: holds no tensor %s; give the prefix of the encoder's names "
                       "as FILE:PREFIX (e.g. FILE:module.backbone.)",
                       source->path, given != NULL ? name : "encoder.conv1.weight or conv1.weight");
}

static enum ssldyn_status check_shape(const struct source *source, size_t i,
                                      const struct tensor *tensor, struct ssldyn_error *err)
{
    const struct ssldyn_array *there = &source->names.shapes[i];
    const size_t shape[4] = {(size_t)tensor->k,
                             tensor->dimensions == 4 ? (size_t)tensor->channels : (size_t)tensor->r,
                             (size_t)tensor->r, (size_t)tensor->r};
    char text[64];
    char want[64];
    bool same = there->dimensions == (size_t)tensor->dimensions;
    for (size_t d = 0; same && d < there->dimensions; d++)
        same = there->shape[d] == shape[d];
    if (same)
        return SSLDYN_OK;
    struct ssldyn_array wanted = {.dimensions = (size_t)tensor->dimensions};
    memcpy(wanted.shape, shape, wanted.dimensions * sizeof shape[0]);
    ssldyn_array_choice_shape_text(there, text, sizeof text);
    ssldyn_array_choice_shape_text(&wanted, want, sizeof want);
    return ssldyn_fail(err, SSLDYN_EINPUT, "--import %s: %s is %s, but this network needs %s",
                       source->path, source->names.names[i], text, want);
}

/* Fills one tensor from the file; *found: the file has it. */
static enum ssldyn_status read_tensor(struct source *source, const struct tensor *tensor,
                                      bool *found, struct ssldyn_error *err)
{
    char name[FULL];
    char argument[ARGUMENT];
    name_there(source, tensor->name, name);
    const size_t i = find_name(source, name);
    *found = i < source->names.count;
    if (!*found)
        return SSLDYN_OK;
    source->used[i] = true;
    enum ssldyn_status status = check_shape(source, i, tensor, err);
    const int length =
        snprintf(argument, sizeof argument, "%s:%s", source->names.file, source->names.names[i]);
    if (status == SSLDYN_OK && length >= ARGUMENT)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "--import %s: the path is too long", source->path);
    if (status != SSLDYN_OK)
        return status;
    struct ssldyn_array array = {0};
    const struct ssldyn_need need = {.option = "--import",
                                     .least = (size_t)tensor->dimensions,
                                     .most = (size_t)tensor->dimensions};
    status = ssldyn_array_file_read(argument, &need, &array, err);
    for (size_t k = 0; status == SSLDYN_OK && k < tensor->count; k++)
        tensor->block[place_of(tensor, k)] = array.data[k];
    ssldyn_npy_array_clear(&array);
    return status;
}

/* Counts the tensors of each part of one network that the file has. */
static enum ssldyn_status read_side(struct source *source, const struct side *side, int channels,
                                    struct exchange_report *report, struct ssldyn_error *err)
{
    const size_t parameters = side->view->parameter_count;
    const size_t all = parameters + 2 * side->view->statistics_count;
    const bool is_target = side->prefix[0] != '\0';
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < all; i++) {
        const size_t s = i - parameters;
        const struct tensor tensor = i < parameters ? parameter_of(side, i, channels)
                                                    : statistics_of(side, s / 2, (int)(s % 2));
        const char *name = tensor.name + strlen(side->prefix);
        const bool encoder = begins(name, "encoder.");
        bool found = false;
        status = read_tensor(source, &tensor, &found, err);
        if (status == SSLDYN_OK && encoder && !found && i < parameters) {
            char there[FULL];
            name_there(source, tensor.name, there);
            return ssldyn_fail(err, SSLDYN_EINPUT, "--import %s: lacks the tensor %s", source->path,
                               there);
        }
        size_t *count = is_target                   ? &report->target
                        : encoder                   ? &report->encoder
                        : begins(name, "projector") ? &report->projector
                                                    : &report->predictor;
        *count += found;
    }
    return status;
}

/* Refuses a stage or block of the encoder that this network lacks and that would be ignored. */
static enum ssldyn_status check_rest(const struct source *source, struct ssldyn_error *err)
{
    static const char counted[] = ".num_batches_tracked";
    const size_t length = strlen(source->encoder);
    for (size_t i = 0; i < source->names.count; i++) {
        const char *name = source->names.names[i];
        const size_t size = strlen(name);
        const bool counts =
            size >= sizeof counted && strcmp(name + size - (sizeof counted - 1), counted) == 0;
        if (!source->used[i] && !counts && begins(name, source->encoder) &&
            (begins(name + length, "layer") || begins(name + length, "conv") ||
             begins(name + length, "bn")))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--import %s: holds %s, which this network lacks (--blocks, --stem)",
                               source->path, name);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status give_back(const struct side *side, const struct ops *ops,
                                    struct ops_context *context, struct ssldyn_error *err)
{
    const struct net_view *view = side->view;
    const enum ssldyn_status status =
        ops_upload_real(ops, context, view->weights, view->count, side->weights, err);
    return status != SSLDYN_OK ? status
                               : ops_upload_real(ops, context, view->running, view->running_count,
                                                 side->running, err);
}

static enum ssldyn_status read_target(struct source *source, const struct side *online,
                                      struct side *target, const struct ops *ops,
                                      struct ops_context *context, struct byol *byol, int channels,
                                      bool copies, struct exchange_report *report,
                                      struct ssldyn_error *err)
{
    char name[FULL];
    struct net *net = byol_target(byol);
    if (net == NULL)
        return SSLDYN_OK;
    enum ssldyn_status status = open_side(target, "target.", net, ops, context, err);
    if (status != SSLDYN_OK)
        return status;
    snprintf(name, sizeof name, "%starget.encoder.conv1.weight", source->others);
    if (find_name(source, name) < source->names.count)
        status = read_side(source, target, channels, report, err);
    else if (copies)
        memcpy(target->weights, online->weights, target->view->count * sizeof(double));
    return status == SSLDYN_OK ? give_back(target, ops, context, err) : status;
}

enum ssldyn_status exchange_read(const char *argument, const struct ops *ops,
                                 struct ops_context *context, struct byol *byol, int channels,
                                 bool copies, struct exchange_report *report,
                                 struct ssldyn_error *err)
{
    struct source source = {.path = argument};
    struct side sides[2] = {{0}};
    *report = (struct exchange_report){0};
    enum ssldyn_status status = ssldyn_matrices_list(argument, "--import", &source.names, err);
    if (status != SSLDYN_OK)
        return status;
    source.used = ssldyn_memory_array(source.names.count + 1, sizeof *source.used);
    if (source.used == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = find_prefix(&source, err);
    if (status == SSLDYN_OK)
        status = open_side(&sides[0], "", byol_online(byol), ops, context, err);
    if (status == SSLDYN_OK)
        status = read_side(&source, &sides[0], channels, report, err);
    if (status == SSLDYN_OK)
        status = check_rest(&source, err);
    if (status == SSLDYN_OK)
        status = give_back(&sides[0], ops, context, err);
    if (status == SSLDYN_OK)
        status = read_target(&source, &sides[0], &sides[1], ops, context, byol, channels, copies,
                             report, err);
    if (status == SSLDYN_OK)
        byol_refresh(byol);
    close_side(&sides[0]);
    close_side(&sides[1]);
    free(source.used);
    ssldyn_matrices_names_clear(&source.names);
    return status;
}
