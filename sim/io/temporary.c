/* Temporary files without a name (temporary.h). */
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* O_TMPFILE; NOLINT(bugprone-reserved-identifier): the C library's name */
#include "sim/io/temporary.h"

#include "sim/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MOST_IN_MEMORY = 64 << 20 };

static FILE *open_in(const char *directory)
{
    int file = -1;
#ifdef O_TMPFILE
    file = open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600); /* never has a name */
#endif
    char *name = file < 0 ? ssldyn_file_path_join(directory, "ssldyn-XXXXXX") : NULL;
    if (name != NULL && (file = mkstemp(name)) >= 0)
        unlink(name);
    free(name);
    FILE *stream = file >= 0 ? fdopen(file, "w+b") : NULL;
    if (stream == NULL && file >= 0)
        close(file);
    return stream;
}

/* most: the largest free space found */
static FILE *open_where(size_t size, double *most)
{
    const char *const directories[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
    FILE *stream = NULL;

    for (size_t i = 0; i < sizeof directories / sizeof directories[0] && stream == NULL; i++) {
        struct statvfs disk;
        if (directories[i] == NULL || directories[i][0] == '\0')
            continue;
        if (statvfs(directories[i], &disk) == 0) {
            const double available = (double)disk.f_bavail * (double)disk.f_frsize;
            *most = available > *most ? available : *most;
            if (available < (double)size)
                continue;
        }
        stream = open_in(directories[i]);
    }
    return stream;
}

FILE *ssldyn_temporary_file(void)
{
    double most = 0.0;
    return open_where(0, &most);
}

enum ssldyn_status ssldyn_temporary_open(const char *path, size_t size, FILE **stream,
                                         struct ssldyn_error *err)
{
    double most = 0.0;
    *stream = open_where(size, &most);
    if (*stream == NULL && size <= MOST_IN_MEMORY)
        *stream = fmemopen(NULL, size + 1, "w+b");
    if (*stream != NULL)
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EIO,
                       "%s: unpacking needs %.3g GB, but the directories for temporary files have "
                       "only %.3g GB; set TMPDIR to one with more free space",
                       path, (double)size / 1e9, most / 1e9);
}

static enum ssldyn_status refuse(const char *path, struct ssldyn_error *err)
{
    return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be unpacked", path);
}

enum ssldyn_status ssldyn_temporary_write(const char *path, const void *bytes, size_t size,
                                          FILE *stream, struct ssldyn_error *err)
{
    return fwrite(bytes, 1, size, stream) == size ? SSLDYN_OK : refuse(path, err);
}

enum ssldyn_status ssldyn_temporary_rewind(const char *path, FILE *stream, struct ssldyn_error *err)
{
    return fflush(stream) == 0 && fseek(stream, 0, SEEK_SET) == 0 ? SSLDYN_OK : refuse(path, err);
}

enum ssldyn_status ssldyn_temporary_copy(const char *path, const void *bytes, size_t size,
                                         FILE **stream, struct ssldyn_error *err)
{
    FILE *copy = NULL;
    enum ssldyn_status status = ssldyn_temporary_open(path, size, &copy, err);
    if (status == SSLDYN_OK)
        status = ssldyn_temporary_write(path, bytes, size, copy, err);
    if (status == SSLDYN_OK)
        status = ssldyn_temporary_rewind(path, copy, err);
    FILE *unused = status == SSLDYN_OK ? *stream : copy;
    if (unused != NULL)
        fclose(unused);
    if (status == SSLDYN_OK)
        *stream = copy;
    return status;
}
