/* Files that are replaced atomically, and directories. */
// SPDX-License-Identifier: MIT
#include "sim/io/file.h"

#include "sim/base/memory.h"
#include "sim/io/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 100 };

static enum ssldyn_status make_one(const char *path, struct ssldyn_error *err)
{
    struct stat info;

    if (mkdir(path, 0777) == 0)
        return SSLDYN_OK;
    int reason = errno;
    /* Checked afterwards: a read-only parent gives EROFS even for an existing directory. */
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return SSLDYN_OK;
        return ssldyn_fail(err, SSLDYN_EIO, "%s: exists and is not a directory", path);
    }
    return ssldyn_fail_system(err, SSLDYN_EIO, reason, "%s: cannot create the directory", path);
}

enum ssldyn_status ssldyn_file_make_directory(const char *path, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    if (path == NULL || path[0] == '\0')
        return ssldyn_fail(err, SSLDYN_EIO, "the name of a directory is empty");
    char *part = ssldyn_memory_copy(path);
    if (part == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (char *end = part + 1; status == SSLDYN_OK && *end != '\0'; end++) {
        if (*end != '/')
            continue;
        *end = '\0';
        status = make_one(part, err);
        *end = '/';
    }
    if (status == SSLDYN_OK)
        status = make_one(part, err);
    free(part);
    return status;
}

size_t ssldyn_file_path_length(const char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

char *ssldyn_file_path_join(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    const char *slash = length == 0 || directory[length - 1] == '/' ? "" : "/";
    size_t bytes = length + strlen(slash) + strlen(name) + 1;
    char *path = malloc(bytes);

    if (path != NULL)
        snprintf(path, bytes, "%s%s%s", directory, slash, name);
    return path;
}

char *ssldyn_file_path_parent(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    char *parent = ssldyn_memory_copy(slash ? path : ".");

    *name = slash ? slash + 1 : path;
    if (slash && parent)
        parent[slash == path ? 1 : slash - path] = '\0';
    return parent;
}

enum ssldyn_status ssldyn_file_check_place(const char *option, const char *path,
                                           struct ssldyn_error *err)
{
    struct stat info;
    const char *name = NULL;
    enum ssldyn_status status = SSLDYN_OK;

    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s %.200s: is a directory; name a file", option,
                           path);
    char *parent = ssldyn_file_path_parent(path, &name);
    if (!parent)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(parent, W_OK | X_OK) != 0)
        status = ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s %.200s: %.200s", option, path,
                                    parent);
    free(parent);
    return status;
}

enum ssldyn_status ssldyn_file_optional(const char *directory, const char *name, FILE **stream,
                                        struct ssldyn_error *err)
{
    struct stat info;
    size_t size = 0;
    char *path = ssldyn_file_path_join(directory, name);

    *stream = NULL;
    if (path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file name");
    const bool absent = stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
    const enum ssldyn_status status =
        absent ? SSLDYN_OK : ssldyn_file_read(path, stream, &size, err);
    free(path);
    return status;
}

enum ssldyn_status ssldyn_file_read(const char *path, FILE **stream, size_t *size,
                                    struct ssldyn_error *err)
{
    struct stat info;

    *stream = NULL;
    if (stat(path, &info) != 0)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s: cannot be read", path);
    if (!S_ISREG(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a regular file", path);
    *stream = fopen(path, "rb");
    if (*stream == NULL)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s: cannot be read", path);
    /* Checked again: meanwhile the name may refer to another file. */
    if (fstat(fileno(*stream), &info) != 0 || !S_ISREG(info.st_mode)) {
        fclose(*stream);
        *stream = NULL;
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a regular file", path);
    }
    if (size != NULL)
        *size = (size_t)info.st_size;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_file_unread(const char *path, struct ssldyn_error *err)
{
    return errno != 0 ? ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be read", path)
                      : ssldyn_fail(err, SSLDYN_EIO,
                                    "%s: cannot be read: it shrank while it was read", path);
}

void ssldyn_file_random(char word[SSLDYN_FILE_RANDOM + 1])
{
    static const char letters[] = SSLDYN_FILE_ALPHABET;
    unsigned char bytes[SSLDYN_FILE_RANDOM];
    const int source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    const bool good = source >= 0 && read(source, bytes, sizeof bytes) == (ssize_t)sizeof bytes;
    if (source >= 0)
        close(source);
    if (!good) { /* new files use O_EXCL, so a predictable name does no harm */
        struct timespec now = {0, 0};
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        unsigned long state = (unsigned long)now.tv_nsec ^ (unsigned long)getpid() << 16;
        for (size_t i = 0; i < sizeof bytes; i++, state /= 26)
            bytes[i] = (unsigned char)(state % 26);
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        word[i] = letters[bytes[i] % (sizeof letters - 1)];
    word[SSLDYN_FILE_RANDOM] = '\0';
}

static void forget(struct ssldyn_file *file)
{
    free(file->path);
    free(file->temporary);
    file->stream = NULL;
    file->path = NULL;
    file->temporary = NULL;
    file->reason = 0;
}

/* Creates a file PATH.RANDOM.tmp that did not exist, without following links. Returns its
 * descriptor and name; -1 with errno. */
static int open_new(const char *path, char **name)
{
    const size_t bytes = strlen(path) + SSLDYN_FILE_RANDOM + sizeof "..tmp";
    int number = -1;

    *name = malloc(bytes);
    if (*name == NULL) {
        errno = ENOMEM;
        return -1;
    }
    for (int i = 0; number < 0 && i < TRIES && (i == 0 || errno == EEXIST); i++) {
        char word[SSLDYN_FILE_RANDOM + 1];
        ssldyn_file_random(word);
        snprintf(*name, bytes, "%s.%s.tmp", path, word);
        number = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    }
    return number;
}

enum ssldyn_status ssldyn_file_open(struct ssldyn_file *file, const char *path,
                                    struct ssldyn_error *err)
{
    struct stat info;

    *file = (struct ssldyn_file){0};
    /* Renaming over a device or a directory would destroy it, or fail after all the work. */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EIO, "%s: exists and is not a regular file", path);
    file->path = ssldyn_memory_copy(path);
    const int number = file->path != NULL ? open_new(path, &file->temporary) : -1;
    if (number >= 0)
        file->stream = fdopen(number, "wb");
    if (file->stream == NULL) {
        int reason = file->path != NULL ? errno : ENOMEM;
        if (number >= 0) {
            close(number);
            unlink(file->temporary);
        }
        forget(file);
        return reason == ENOMEM
                   ? ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory")
                   : ssldyn_fail_system(err, SSLDYN_EIO, reason, "%s: cannot be written", path);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_file_open_in(struct ssldyn_file *file, const char *directory,
                                       const char *name, struct ssldyn_error *err)
{
    char *path = ssldyn_file_path_join(directory, name);

    if (path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    const enum ssldyn_status status = ssldyn_file_open(file, path, err);
    free(path);
    return status;
}

/* The reason of a failed write that only the error flag of the stream recorded. */
static int earlier_reason(const struct ssldyn_file *file, int last)
{
    struct statvfs disk;

    if (last == ENOSPC || last == EDQUOT || last == EFBIG)
        return last;
    if (fstatvfs(fileno(file->stream), &disk) == 0 && disk.f_bavail == 0)
        return ENOSPC;
    return EIO;
}

bool ssldyn_file_sound(struct ssldyn_file *file)
{
    if (file->reason != 0)
        return false;
    const int before = errno;
    errno = 0;
    if (fflush(file->stream) == 0 && ferror(file->stream) == 0) {
        errno = before;
        return true;
    }
    file->reason = errno != 0 ? errno : earlier_reason(file, before);
    return false;
}

/* Writes the stream's data to disk. Returns 0 or errno. */
static int flush_and_sync(struct ssldyn_file *file)
{
    if (!ssldyn_file_sound(file))
        return file->reason != 0 ? file->reason : EIO;
    return ssldyn_tree_sync_file(fileno(file->stream));
}

enum ssldyn_status ssldyn_file_commit(struct ssldyn_file *file, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    int reason = flush_and_sync(file);

    if (fclose(file->stream) != 0 && reason == 0)
        reason = errno;
    file->stream = NULL;
    if (reason == 0 && rename(file->temporary, file->path) != 0)
        reason = errno;
    if (reason != 0) {
        unlink(file->temporary);
        status = ssldyn_fail_system(err, SSLDYN_EIO, reason, "%s: cannot be written", file->path);
    }
    forget(file);
    return status;
}

enum ssldyn_status ssldyn_file_print(const char *directory, const char *name,
                                     void (*print)(const void *object, FILE *stream),
                                     const void *object, struct ssldyn_error *err)
{
    struct ssldyn_file file = {0};
    const enum ssldyn_status status = ssldyn_file_open_in(&file, directory, name, err);

    if (status != SSLDYN_OK)
        return status;
    print(object, file.stream);
    return ssldyn_file_commit(&file, err);
}

static void print_text(const void *text, FILE *stream)
{
    fputs(text, stream);
}

enum ssldyn_status ssldyn_file_print_text(const char *directory, const char *name, const char *text,
                                          struct ssldyn_error *err)
{
    return ssldyn_file_print(directory, name, print_text, text, err);
}

size_t ssldyn_file_arrived(struct ssldyn_file *file)
{
    struct stat info;

    if (fstat(fileno(file->stream), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 0)
        return 0;
    return (size_t)info.st_size;
}

enum ssldyn_status ssldyn_file_salvage(struct ssldyn_file *file, size_t bytes, const char *content,
                                       struct ssldyn_error *err)
{
    struct stat info;
    const char *reason = ssldyn_fail_reason(file->reason != 0 ? file->reason : EIO);
    const char *where = file->path;
    bool kept = bytes > 0;

    /* Closing retries writing the remaining data, so the file is truncated afterwards. */
    fclose(file->stream);
    file->stream = NULL;
    kept = kept && truncate(file->temporary, (off_t)bytes) == 0;
    if (kept && stat(file->path, &info) == 0)
        where = file->temporary;
    else if (kept)
        kept = rename(file->temporary, file->path) == 0;
    if (!kept)
        unlink(file->temporary);
    enum ssldyn_status status =
        kept ? ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be written: %s; %s are kept in %s",
                           file->path, reason, content, where)
             : ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be written: %s", file->path, reason);
    forget(file);
    return status;
}

void ssldyn_file_abandon(struct ssldyn_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    if (file->temporary != NULL)
        unlink(file->temporary);
    forget(file);
}

enum ssldyn_status ssldyn_file_close_printed(FILE *stream, const char *name,
                                             struct ssldyn_error *err)
{
    const bool before = ferror(stream) != 0;
    errno = 0;
    if (fclose(stream) == 0 && !before) {
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EIO, "%s cannot be written: %s", name,
                       errno ? strerror(errno) : "an earlier write failed");
}
