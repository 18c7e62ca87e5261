/* Shared by the fuzz targets (fuzz.h). */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 16, PATH = 256 };

bool fuzz_replays;

static struct {
    char path[PATH]; /* path of the directory; "" until it is entered */
    size_t count;
    const char *names[FILES];
    int files[FILES];
} own;

_Noreturn void fuzz_broken(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* The directory part of a name, "" if there is none. */
static const char *directory_of(const char *name, char directory[PATH])
{
    const char *slash = strchr(name, '/');
    snprintf(directory, PATH, "%.*s", slash ? (int)(slash - name) : 0, name);
    return directory;
}

static void leave(void)
{
    char directory[PATH];
    for (size_t i = 0; i < own.count; i++) {
        (void)unlink(own.names[i]);
    }
    for (size_t i = 0; i < own.count; i++) {
        (void)rmdir(directory_of(own.names[i], directory));
    }
    if (chdir("/") != 0 || rmdir(own.path) != 0) {
        fprintf(stderr, "%s: cannot be removed\n", own.path);
    }
}

void fuzz_enter(void)
{
    if (own.path[0] != '\0') {
        return;
    }
    const char *parent = getenv("TMPDIR");
    snprintf(own.path, sizeof own.path, "%s/ssldyn-fuzz-XXXXXX", parent ? parent : "/tmp");
    FUZZ_CHECK(mkdtemp(own.path) != NULL && chdir(own.path) == 0 && atexit(leave) == 0);
}

const char *fuzz_file(const char *name, const uint8_t *data, size_t size)
{
    size_t i = 0;
    fuzz_enter();
    while (i < own.count && strcmp(own.names[i], name) != 0) {
        i++;
    }
    if (i == own.count) {
        char directory[PATH];
        FUZZ_CHECK(i < FILES);
        if (*directory_of(name, directory)) {
            (void)mkdir(directory, 0700);
        }
        own.names[i] = name;
        own.files[i] = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        own.count++;
    }
    /* the same file every time, then truncated: creating one takes longer than most readers */
    FUZZ_CHECK(size == 0 || pwrite(own.files[i], data, size, 0) == (ssize_t)size);
    FUZZ_CHECK(ftruncate(own.files[i], (off_t)size) == 0);
    return name;
}

static bool has_long_range(const char *text)
{
    for (text = strchr(text, ':'); text; text = strchr(text + 1, ':')) {
        const char *number = text + 1 + strspn(text + 1, " \t+0");
        if (strspn(number, "0123456789") > 4) {
            return true;
        }
    }
    return false;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    if (size > 0 && memchr(data, '\0', size) != NULL) {
        return NULL;
    }
    char *text = malloc(size + 1);
    FUZZ_CHECK(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    if (has_long_range(text)) {
        free(text);
        return NULL;
    }
    return text;
}

bool fuzz_command_init(struct fuzz_command *command, const uint8_t *data, size_t size)
{
    command->count = 0;
    command->text = fuzz_text(data, size);
    if (!command->text || strchr(command->text, '/')) {
        return false;
    }
    fuzz_enter();
    char *file = strstr(command->text, "\n\n");
    if (file) {
        *file = '\0';
        (void)fuzz_file("f.conf", (const uint8_t *)file + 2, strlen(file + 2));
    }
    for (char *word = command->text; word && command->count < FUZZ_WORDS;) {
        char *end = strchr(word, '\n');
        command->words[command->count++] = word;
        if (end) {
            *end++ = '\0';
        }
        word = end;
    }
    return true;
}

void fuzz_command_clear(struct fuzz_command *command)
{
    free(command->text);
}

void fuzz_status(enum ssldyn_status status, const struct ssldyn_error *err)
{
    if (status == SSLDYN_OK) {
        return;
    }
    FUZZ_CHECK(err->status == status);
    FUZZ_CHECK(ssldyn_error_exit_status(status) != 0);
    FUZZ_CHECK(memchr(err->message, '\0', sizeof err->message) != NULL);
    FUZZ_CHECK(err->message[0] != '\0');
    for (const char *c = err->message; *c; c++) {
        FUZZ_CHECK((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
}

bool fuzz_seldom(const uint8_t *data, size_t size)
{
    uint32_t sum = 2166136261U;
    for (size_t i = 0; i < size; i++) {
        sum = (sum ^ data[i]) * 16777619U;
    }
    return fuzz_replays || (sum >> 16) % 16 == 0;
}

void fuzz_tar_checksums(uint8_t *bytes, size_t size)
{
    enum { BLOCK = 512, CHECKSUM = 148, CHECKSUM_LENGTH = 8 };
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        unsigned sum = 0;
        char text[CHECKSUM_LENGTH];
        memset(bytes + at + CHECKSUM, ' ', CHECKSUM_LENGTH);
        for (size_t i = 0; i < BLOCK; i++) {
            sum += bytes[at + i];
        }
        if (sum > ' ' * CHECKSUM_LENGTH) { /* a block of zeros remains the end */
            snprintf(text, sizeof text, "%06o", sum % (1U << 18)); /* six digits */
            memcpy(bytes + at + CHECKSUM, text, sizeof text);
        } else {
            memset(bytes + at + CHECKSUM, 0, CHECKSUM_LENGTH);
        }
    }
}

uint64_t fuzz_take(struct fuzz_bytes *bytes, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width && bytes->size > 0; i++) {
        value |= (uint64_t)*bytes->data++ << (8 * i);
        bytes->size--;
    }
    return value;
}
