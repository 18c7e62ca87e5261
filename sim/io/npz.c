/* NumPy .npz files (npz.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/npz.h"

#include "sim/base/memory.h"
#include "sim/io/npy_format.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = (1 << 16) + 12 /* the longest header that is read, and the bytes before it */ };

/* The arrays of an archive: members that end in .npy, without that suffix. */
struct member {
    char *name;
    size_t place;
};
struct members {
    const struct ssldyn_zip *zip;
    size_t count;
    struct member *list;
};

static void members_clear(struct members *members)
{
    for (size_t i = 0; i < members->count; i++)
        free(members->list[i].name);
    free(members->list);
}

static int by_name_and_place(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    const int order = strcmp(left->name, right->name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static int by_place(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    return (left->place > right->place) - (left->place < right->place);
}

/* An archive that was appended to may have several members of one name: the last counts, as for
 * numpy.load. */
static void drop_replaced(struct members *members)
{
    size_t kept = 0;
    qsort(members->list, members->count, sizeof *members->list, by_name_and_place);
    for (size_t i = 0; i < members->count; i++) {
        if (i + 1 < members->count && strcmp(members->list[i].name, members->list[i + 1].name) == 0)
            free(members->list[i].name);
        else
            members->list[kept++] = members->list[i];
    }
    members->count = kept;
    qsort(members->list, members->count, sizeof *members->list, by_place);
}

static bool is_array(const char *name)
{
    const size_t length = name != NULL ? strlen(name) : 0;
    return length >= 5 && strcmp(name + (length - 4), ".npy") == 0;
}

bool ssldyn_npz_is(const struct ssldyn_zip *zip)
{
    for (size_t i = 0; i < ssldyn_zip_count(zip); i++) {
        if (is_array(ssldyn_zip_name(zip, i)))
            return true;
    }
    return false;
}

static enum ssldyn_status list_members(const struct ssldyn_zip *zip, struct members *members,
                                       struct ssldyn_error *err)
{
    const size_t total = ssldyn_zip_count(zip);
    members->zip = zip;
    members->list = ssldyn_memory_array(total, sizeof *members->list);
    if (members->list == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < total; i++) {
        const char *name = ssldyn_zip_name(zip, i);
        if (!is_array(name))
            continue;
        char *copy = ssldyn_memory_copy(name);
        if (copy == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        copy[strlen(name) - 4] = '\0';
        members->list[members->count++] = (struct member){copy, i};
    }
    drop_replaced(members);
    return SSLDYN_OK;
}

/* Reads the shape from a member's header, and checks it against the member's size before the member
 * is unpacked. */
static enum ssldyn_status read_head(const char *path, const struct members *members, size_t i,
                                    struct ssldyn_array *array, struct ssldyn_error *err)
{
    const size_t place = members->list[i].place;
    unsigned char *head = NULL;
    size_t size = 0;
    size_t offset = 0;
    struct ssldyn_entries entries;
    enum ssldyn_status status = ssldyn_zip_load(members->zip, place, HEAD, &head, &size, err);
    if (status != SSLDYN_OK)
        return status;
    FILE *stream = size > 0 ? fmemopen(head, size, "rb") : NULL;
    if (stream == NULL) {
        free(head);
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: array '%s' is empty", path,
                           members->list[i].name);
    }
    *array = (struct ssldyn_array){0};
    status = ssldyn_npy_header(path, stream, &entries, array, &offset, err);
    if (status == SSLDYN_OK)
        status = ssldyn_npy_check(path, &entries, ssldyn_zip_size(members->zip, place) - offset,
                                  array, err);
    fclose(stream);
    free(head);
    return status;
}

static bool get_shape(const void *context, size_t i, struct ssldyn_array *array)
{
    return read_head("", context, i, array, NULL) == SSLDYN_OK;
}

/* The error of a failed choice, with a different message for a checkpoint that numpy.savez saved as
 * objects: it has members but no arrays. */
static enum ssldyn_status refuse_choice(const char *path, const struct members *members,
                                        struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};
    const char *object = NULL;
    for (size_t i = 0; i < members->count; i++) {
        if (!get_shape(members, i, &array)) {
            if (object == NULL || strcmp(members->list[i].name, "state_dict") == 0)
                object = members->list[i].name;
        } else if (array.dimensions > 0) {
            return SSLDYN_EINPUT;
        }
    }
    if (object == NULL)
        return SSLDYN_EINPUT;
    return ssldyn_fail(
        err, SSLDYN_EINPUT,
        "%s: contains Python objects (%.60s) instead of arrays: give the checkpoint itself "
        "(.pt), or save its arrays by name: numpy.savez(FILE, "
        "**checkpoint['state_dict'])",
        path, object);
}

enum ssldyn_status ssldyn_npz_open(const char *path, const struct ssldyn_zip *zip, const char *name,
                                   const struct ssldyn_need *need, FILE **stream, size_t *size,
                                   struct ssldyn_error *err)
{
    struct members members = {0};
    struct ssldyn_array array;
    size_t index = 0;
    *stream = NULL;
    enum ssldyn_status status = list_members(zip, &members, err);
    const char **names = ssldyn_memory_array(members.count, sizeof *names);
    if (status == SSLDYN_OK && names == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; status == SSLDYN_OK && i < members.count; i++)
        names[i] = members.list[i].name;
    const struct ssldyn_candidates candidates = {path, members.count, names, get_shape, &members};
    if (status == SSLDYN_OK)
        status = ssldyn_array_choice(&candidates, name, need, &index, err);
    if (status == SSLDYN_EINPUT)
        status = refuse_choice(path, &members, err);
    if (status == SSLDYN_OK)
        status = read_head(path, &members, index, &array, err);
    if (status == SSLDYN_OK)
        status = ssldyn_zip_unpack(zip, members.list[index].place, stream, size, err);
    free(names);
    members_clear(&members);
    return status;
}
