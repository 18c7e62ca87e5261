/* Shared by the fuzz targets. A target defines LLVMFuzzerTestOneInput, which passes its bytes to
 * one reader and checks the result; it is linked with libFuzzer (make fuzz), or with replay.c,
 * which runs it on files. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_FUZZ_FUZZ_H
#define SSLDYN_TESTS_FUZZ_FUZZ_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Always returns 0. Equal bytes must give equal behavior. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which counts as a crash, unless the condition holds. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/* Writes the bytes to a file of that name (NAME, or DIRECTORY/NAME) in a private directory, which
 * is created and entered at the first call and removed at exit; returns name. Each name is one
 * file. */
const char *fuzz_file(const char *name, const uint8_t *data, size_t size);

/* Enters the private directory. A relative name without a slash stays inside it. */
void fuzz_enter(void);

/* A zero-terminated copy; the caller frees it. NULL if the bytes contain a zero, or a range of more
 * than 9999 points, which is valid but slow. */
char *fuzz_text(const uint8_t *data, size_t size);

/* A command line: each line of the input is a word; the part after an empty line becomes the file
 * f.conf. False if fuzz_text returns NULL, or if a word contains a slash, which could leave the
 * private directory. */
enum { FUZZ_WORDS = 64 };
struct fuzz_command {
    char *text; /* owned; the words point into it */
    int count;
    char *words[FUZZ_WORDS];
};
bool fuzz_command_init(struct fuzz_command *command, const uint8_t *data, size_t size);
void fuzz_command_clear(struct fuzz_command *command);

/* Contract of every call: OK, or a failure with one line of text that is safe for a terminal and is
 * not truncated inside a character if the text was UTF-8. */
void fuzz_status(enum ssldyn_status status, const struct ssldyn_error *err);

/* True for one input in 16, and for every replayed one: for checks that write files. */
bool fuzz_seldom(const uint8_t *data, size_t size);
extern bool fuzz_replays;

/* Corrects the checksums of the headers of a tar archive, which mutations almost never do. */
void fuzz_tar_checksums(uint8_t *bytes, size_t size);

/* Values from an input until it ends; zeros after that. */
struct fuzz_bytes {
    const uint8_t *data;
    size_t size;
};
uint64_t fuzz_take(struct fuzz_bytes *bytes, size_t width);

#endif
