/* The identity of a sweep: FNV-1a over spec.conf and the files that it names. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/fingerprint.h"

#include "sim/base/hash.h"
#include "sim/io/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ssldyn_status hash_file(const char *path, uint64_t *sum, struct ssldyn_error *err)
{
    char bytes[4096];
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    if (!file) {
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%.200s", path);
    }
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0) {
        *sum = ssldyn_hash(*sum, bytes, got);
    }
    const bool good = !ferror(file);
    fclose(file);
    return good ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_EIO, "%.200s: cannot be read", path);
}

/* For a directory written by ssldyn moments, hashes its moments. Images are not read; they are
 * assumed unchanged. */
static enum ssldyn_status hash_directory(const char *path, uint64_t *sum, struct ssldyn_error *err)
{
    static const char *const names[] = {"x.npy", "xprime.npy"};
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < sizeof names / sizeof names[0]; i++) {
        char *file = ssldyn_file_path_join(path, names[i]);
        if (!file) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
        }
        if (access(file, R_OK) == 0) {
            status = hash_file(file, sum, err);
        }
        free(file);
    }
    return status;
}

enum ssldyn_status ssldyn_fingerprint(const struct ssldyn_spec *spec, uint64_t *fingerprint,
                                      struct ssldyn_error *err)
{
    const struct {
        const char *option, *file;
    } files[] = {{"x", spec->x_file},      {"xprime", spec->xprime_file},
                 {"init-w", spec->init_w}, {"init-wp", spec->init_wp},
                 {"init-f", spec->init_f}, {"init-wa", spec->init_wa_file},
                 {"data", spec->data},     {"moments", spec->moments_directory},
                 {"sxx", spec->sxx_file},  {"syx", spec->syx_file},
                 {"syy", spec->syy_file}};
    struct ssldyn_spec plain = *spec; /* borrows; settings that do not affect the results are
                                       * reset */
    char *text = NULL;
    size_t size = 0;
    plain.sweep.all_rows = false;
    plain.sweep.lines = false;
    plain.sweep.point = -1;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
    }
    ssldyn_spec_print(&plain, stream);
    const bool good = fclose(stream) == 0;
    *fingerprint = ssldyn_hash(SSLDYN_HASH_START, text, good ? size : 0);
    free(text);
    enum ssldyn_status status =
        good ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
    for (size_t i = 0; status == SSLDYN_OK && i < sizeof files / sizeof files[0]; i++) {
        const struct ssldyn_array_view *view = ssldyn_spec_memory(spec, files[i].option);
        const char *file = files[i].file;
        struct stat info;
        if (view) {
            *fingerprint = ssldyn_hash(*fingerprint, view->data, ssldyn_array_view_bytes(view));
        } else if (file && stat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
            status = hash_directory(file, fingerprint, err);
        } else if (file) {
            status = hash_file(file, fingerprint, err);
        }
    }
    return status;
}
