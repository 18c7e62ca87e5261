/* Members of zip archives (zip.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/zip.h"

#include "sim/base/memory.h"
#include "sim/io/temporary.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

enum {
    CHUNK = 1 << 16,
    MAXIMUM_MEMBERS = 1 << 20,
    LARGE = 1 << 30,
    LARGE_IN_MEMORY = 1 << 26,
    MOST_PACKED = 100
};

struct ssldyn_zip {
    zip_t *archive;
    char *path;
    size_t count;
    uint64_t length; /* of the file; no member is longer */
};

static bool is_memory(zip_error_t *error)
{
    return zip_error_code_zip(error) == ZIP_ER_MEMORY ||
           (zip_error_system_type(error) == ZIP_ET_SYS && zip_error_code_system(error) == ENOMEM);
}

static enum ssldyn_status status_of(zip_error_t *error)
{
    return is_memory(error) ? SSLDYN_ENOMEM : SSLDYN_EINPUT;
}

static const char *text_of(zip_error_t *error)
{
    return is_memory(error) ? ssldyn_fail_reason(ENOMEM) : zip_error_strerror(error);
}

enum ssldyn_status ssldyn_zip_open(const char *path, struct ssldyn_zip **zip,
                                   struct ssldyn_error *err)
{
    int code = 0;
    *zip = NULL;
    zip_t *archive = zip_open(path, ZIP_RDONLY, &code);
    if (archive == NULL) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const enum ssldyn_status status = ssldyn_fail(
            err, status_of(&error), "%s: cannot be read as a zip archive (.npz, .pt): %s", path,
            text_of(&error));
        zip_error_fini(&error);
        return status;
    }
    struct ssldyn_zip *fresh = calloc(1, sizeof *fresh);
    char *copy = ssldyn_memory_copy(path);
    const zip_int64_t total = zip_get_num_entries(archive, 0);
    struct stat file = {0};
    (void)stat(path, &file); /* length 0 if it is gone: no member fits */
    if (fresh == NULL || copy == NULL || total < 0 || total > MAXIMUM_MEMBERS) {
        const bool memory = fresh == NULL || copy == NULL;
        free(fresh);
        free(copy);
        zip_discard(archive);
        return memory ? ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory")
                      : ssldyn_fail(err, SSLDYN_EINPUT,
                                    "%s: an archive of %lld members cannot be read", path,
                                    (long long)total);
    }
    *fresh = (struct ssldyn_zip){archive, copy, (size_t)total, (uint64_t)file.st_size};
    *zip = fresh;
    return SSLDYN_OK;
}

void ssldyn_zip_close(struct ssldyn_zip *zip)
{
    if (zip == NULL)
        return;
    zip_discard(zip->archive);
    free(zip->path);
    free(zip);
}

size_t ssldyn_zip_count(const struct ssldyn_zip *zip)
{
    return zip->count;
}

const char *ssldyn_zip_name(const struct ssldyn_zip *zip, size_t member)
{
    return zip_get_name(zip->archive, member, 0);
}

/* False if the header declares no sizes, or more bytes than the file has: memory allocated for a
 * member is proportional to the file. */
static bool get_sizes(const struct ssldyn_zip *zip, size_t member, size_t *size, size_t *packed)
{
    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_stat_index(zip->archive, member, 0, &info) != 0 || (info.valid & ZIP_STAT_SIZE) == 0 ||
        (info.valid & ZIP_STAT_COMP_SIZE) == 0 || info.size > SIZE_MAX ||
        info.comp_size > zip->length || (info.comp_size == 0 && info.size > 0))
        return false;
    *size = (size_t)info.size;
    *packed = (size_t)info.comp_size;
    return true;
}

size_t ssldyn_zip_size(const struct ssldyn_zip *zip, size_t member)
{
    size_t size = 0;
    size_t packed = 0;
    return get_sizes(zip, member, &size, &packed) ? size : 0;
}

static enum ssldyn_status bad(const struct ssldyn_zip *zip, size_t member,
                              enum ssldyn_status status, const char *why, struct ssldyn_error *err)
{
    const char *name = ssldyn_zip_name(zip, member);
    return ssldyn_fail(err, status, "%s: member '%s' is damaged or cannot be read: %s", zip->path,
                       name != NULL ? name : "?", why);
}

static enum ssldyn_status damaged(const struct ssldyn_zip *zip, size_t member, const char *why,
                                  struct ssldyn_error *err)
{
    return bad(zip, member, SSLDYN_EINPUT, why, err);
}

static enum ssldyn_status unread(const struct ssldyn_zip *zip, size_t member, zip_error_t *error,
                                 struct ssldyn_error *err)
{
    return bad(zip, member, status_of(error), text_of(error), err);
}

/* Copies up to `most` bytes of a member of `size` bytes to a stream or to memory. Reading past the
 * last byte makes libzip check length and checksum. */
static enum ssldyn_status copy(const struct ssldyn_zip *zip, size_t member, size_t size,
                               size_t most, FILE *stream, unsigned char memory[],
                               struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK];
    size_t done = 0;
    enum ssldyn_status status = SSLDYN_OK;
    zip_file_t *file = zip_fopen_index(zip->archive, member, 0);
    if (file == NULL)
        return unread(zip, member, zip_get_error(zip->archive), err);
    while (status == SSLDYN_OK && (done < most || most == size)) {
        const size_t left = most - done;
        const zip_int64_t got = zip_fread(file, chunk, left > 0 && left < CHUNK ? left : CHUNK);
        const size_t some = got > 0 ? (size_t)got : 0;
        if (got < 0)
            status = unread(zip, member, zip_file_get_error(file), err);
        else if (some > left || (some == 0 && left > 0))
            status = damaged(zip, member, "its size is not the one declared", err);
        else if (stream != NULL)
            status = ssldyn_temporary_write(zip->path, chunk, some, stream, err);
        else if (some > 0)
            memcpy(memory + done, chunk, some);
        if (some == 0)
            break;
        done += some;
    }
    zip_fclose(file);
    return status;
}

static enum ssldyn_status check_expansion(const struct ssldyn_zip *zip, size_t member, size_t size,
                                          size_t packed, size_t harmless, struct ssldyn_error *err)
{
    if (size <= harmless || size / packed <= MOST_PACKED)
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: member '%s' would expand from %.3g MB to %.3g GB, more than %d-fold: "
                       "refused; if this is intended, save it uncompressed (numpy.savez)",
                       zip->path, ssldyn_zip_name(zip, member), (double)packed / 1e6,
                       (double)size / 1e9, MOST_PACKED);
}

enum ssldyn_status ssldyn_zip_load(const struct ssldyn_zip *zip, size_t member, size_t most,
                                   unsigned char **bytes, size_t *size, struct ssldyn_error *err)
{
    size_t whole = 0;
    size_t packed = 0;
    *bytes = NULL;
    if (!get_sizes(zip, member, &whole, &packed))
        return damaged(zip, member, "its header declares no size or an impossible one", err);
    const size_t some = whole < most ? whole : most;
    enum ssldyn_status status = check_expansion(zip, member, some, packed, LARGE_IN_MEMORY, err);
    if (status != SSLDYN_OK)
        return status;
    unsigned char *memory = malloc(some + 1);
    if (memory == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    status = copy(zip, member, whole, some, NULL, memory, err);
    if (status != SSLDYN_OK) {
        free(memory);
        return status;
    }
    *bytes = memory;
    *size = some;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_zip_unpack(const struct ssldyn_zip *zip, size_t member, FILE **stream,
                                     size_t *size, struct ssldyn_error *err)
{
    size_t packed = 0;
    *stream = NULL;
    if (!get_sizes(zip, member, size, &packed))
        return damaged(zip, member, "its header declares no size or an impossible one", err);
    enum ssldyn_status status = check_expansion(zip, member, *size, packed, LARGE, err);
    if (status != SSLDYN_OK)
        return status;
    FILE *temporary = NULL;
    status = ssldyn_temporary_open(zip->path, *size, &temporary, err);
    if (status == SSLDYN_OK)
        status = copy(zip, member, *size, *size, temporary, NULL, err);
    if (status == SSLDYN_OK)
        status = ssldyn_temporary_rewind(zip->path, temporary, err);
    if (status != SSLDYN_OK) {
        if (temporary != NULL)
            fclose(temporary);
        return status;
    }
    *stream = temporary;
    return SSLDYN_OK;
}
