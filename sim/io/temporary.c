/* Temporary files without a name (temporary.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/temporary.h"

#include "sim/io/file.h"

#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MOST_IN_MEMORY = 64 << 20 };

static FILE *open_in(const char *directory)
{
    char *name = ssldyn_path_join(directory, "ssldyn-XXXXXX");
    const int file = name != NULL ? mkstemp(name) : -1;
    if (file >= 0)
        unlink(name);
    free(name);
    FILE *stream = file >= 0 ? fdopen(file, "w+b") : NULL;
    if (stream == NULL && file >= 0)
        close(file);
    return stream;
}

enum ssldyn_status ssldyn_temporary_open(const char *path, size_t size, FILE **stream,
                                         struct ssldyn_error *err)
{
    const char *const directories[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
    double most = 0.0;
    *stream = NULL;
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        struct statvfs disk;
        if (directories[i] == NULL || directories[i][0] == '\0')
            continue;
        if (statvfs(directories[i], &disk) == 0) {
            const double room = (double)disk.f_bavail * (double)disk.f_frsize;
            most = room > most ? room : most;
            if (room < (double)size)
                continue;
        }
        *stream = open_in(directories[i]);
        if (*stream != NULL)
            return SSLDYN_OK;
    }
    if (size <= MOST_IN_MEMORY)
        *stream = fmemopen(NULL, size + 1, "w+b");
    if (*stream != NULL)
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EIO,
                       "%s: unpacking it takes %.3g GB, and the directories for temporary files "
                       "have %.3g GB; set TMPDIR to one with more room",
                       path, (double)size / 1e9, most / 1e9);
}
