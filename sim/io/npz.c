/* NumPy .npz files through libzip (npz.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/npz.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/pick.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { CHUNK = 1 << 16, MAXIMUM_MEMBERS = 1 << 20 };

/* The arrays of an archive: members that end in .npy, without that ending. */
struct member {
    char *name;
    zip_uint64_t place;
};
struct members {
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

/* Of members of one name, which an archive that was appended to has, the last counts, as for
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

static enum ssldyn_status list_members(const char *path, zip_t *archive, struct members *members,
                                       struct ssldyn_error *err)
{
    const zip_int64_t total = zip_get_num_entries(archive, 0);
    if (total < 0 || total > MAXIMUM_MEMBERS) {
        (void)ssldyn_fail(err, SSLDYN_EINPUT, "%s: an archive of %lld members cannot be read", path,
                          (long long)total);
        return SSLDYN_EINPUT;
    }
    members->list = ssldyn_array_alloc((size_t)total, sizeof *members->list);
    if (members->list == NULL) {
        (void)ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        return SSLDYN_ENOMEM;
    }
    for (zip_uint64_t i = 0; i < (zip_uint64_t)total; i++) {
        const char *name = zip_get_name(archive, i, 0);
        const size_t length = name != NULL ? strlen(name) : 0;
        if (length < 5 || strcmp(name + length - 4, ".npy") != 0)
            continue;
        char *copy = ssldyn_string_copy(name);
        if (copy == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        copy[length - 4] = '\0';
        members->list[members->count++] = (struct member){copy, i};
    }
    drop_replaced(members);
    return SSLDYN_OK;
}

/* Copies a member's bytes; libzip checks its length and checksum on the way. */
static enum ssldyn_status copy_member(const char *path, const char *name, zip_file_t *member,
                                      zip_uint64_t size, FILE *stream, struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK];
    zip_uint64_t done = 0;
    for (;;) {
        const zip_int64_t some = zip_fread(member, chunk, sizeof chunk);
        if (some < 0)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: array '%s' is damaged: %s", path, name,
                               zip_file_strerror(member));
        if (some == 0)
            break;
        done += (zip_uint64_t)some;
        if (done > size)
            break;
        if (fwrite(chunk, 1, (size_t)some, stream) != (size_t)some)
            return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be unpacked: %s", path,
                               strerror(errno));
    }
    if (done != size)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: array '%s' is damaged: its size is not the one promised", path,
                           name);
    if (fflush(stream) != 0 || fseek(stream, 0, SEEK_SET) != 0)
        return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be unpacked: %s", path, strerror(errno));
    return SSLDYN_OK;
}

static enum ssldyn_status unpack(const char *path, const char *name, zip_t *archive,
                                 zip_uint64_t place, FILE **stream, size_t *size,
                                 struct ssldyn_error *err)
{
    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_stat_index(archive, place, 0, &info) != 0 || (info.valid & ZIP_STAT_SIZE) == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: array '%s' is damaged: %s", path, name,
                           zip_strerror(archive));
    zip_file_t *member = zip_fopen_index(archive, place, 0);
    if (member == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: array '%s' cannot be read: %s", path, name,
                           zip_strerror(archive));
    enum ssldyn_status status = SSLDYN_OK;
    FILE *temporary = ssldyn_file_temporary((size_t)info.size);
    if (temporary == NULL)
        status = ssldyn_fail(err, SSLDYN_EIO, "no temporary file to unpack %s into: %s", path,
                             strerror(errno));
    else
        status = copy_member(path, name, member, info.size, temporary, err);
    zip_fclose(member);
    if (status != SSLDYN_OK) {
        if (temporary != NULL)
            fclose(temporary);
        return status;
    }
    *stream = temporary;
    *size = (size_t)info.size;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_npz_open(const char *path, const char *name, const char *role,
                                   FILE **stream, size_t *size, struct ssldyn_error *err)
{
    *stream = NULL;
    int code = 0;
    zip_t *archive = zip_open(path, ZIP_RDONLY, &code);
    if (archive == NULL) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const enum ssldyn_status status =
            ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read as a .npz file: %s", path,
                        zip_error_strerror(&error));
        zip_error_fini(&error);
        return status;
    }
    struct members members = {0};
    size_t index = 0;
    enum ssldyn_status status = list_members(path, archive, &members, err);
    const char **names = ssldyn_array_alloc(members.count, sizeof *names);
    if (status == SSLDYN_OK && names == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; status == SSLDYN_OK && i < members.count; i++)
        names[i] = members.list[i].name;
    if (status == SSLDYN_OK)
        status = ssldyn_pick(path, members.count, names, name, role, &index, err);
    if (status == SSLDYN_OK)
        status = unpack(path, names[index], archive, members.list[index].place, stream, size, err);
    free(names);
    members_clear(&members);
    zip_discard(archive);
    return status;
}
