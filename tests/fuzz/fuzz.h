/* What the fuzz targets share. A target defines LLVMFuzzerTestOneInput, which hands its bytes to
 * one reader and checks what comes out; it is linked with libFuzzer (make fuzz), or with replay.c,
 * which runs it on files. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_FUZZ_FUZZ_H
#define SSLDYN_TESTS_FUZZ_FUZZ_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Always 0. Same bytes, same course. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which counts as a crash, unless the condition holds. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/* Writes the bytes to a file of that name (NAME, or DIRECTORY/NAME) in a private directory, which
 * is made and entered at the first call and removed at exit; returns name. One name keeps one file.
 */
const char *fuzz_file(const char *name, const uint8_t *data, size_t size);

/* Enters the private directory. A relative name without a slash stays inside it. */
void fuzz_enter(void);

/* A copy ended by a zero, free it; NULL where the bytes hold a zero, or a range of more than 9999
 * points: a longer one is fine, but takes its time. */
char *fuzz_text(const uint8_t *data, size_t size);

/* A command line: each line of the input is a word; what follows an empty line becomes the file
 * f.conf. False where fuzz_text says so, or a word holds a slash, which could lead out of the
 * private directory. */
enum { FUZZ_WORDS = 64 };
struct fuzz_command {
    char *text; /* owned; the words point into it */
    int count;
    char *words[FUZZ_WORDS];
};
bool fuzz_command_init(struct fuzz_command *command, const uint8_t *data, size_t size);
void fuzz_command_clear(struct fuzz_command *command);

/* What every call has to keep: OK, or a failure with one line of text that a terminal can show and
 * that is not cut inside a character where the text was UTF-8. */
void fuzz_status(enum ssldyn_status status, const struct ssldyn_error *err);

/* True for one input in 16, and for every one that is replayed: for checks that write files. */
bool fuzz_seldom(const uint8_t *data, size_t size);
extern bool fuzz_replays;

/* Sets the checksums of headers of a tar archive right, which mutations never do. */
void fuzz_tar_checksums(uint8_t *bytes, size_t size);

/* Values from an input, as long as it lasts; zeros from then on. */
struct fuzz_bytes {
    const uint8_t *data;
    size_t size;
};
uint64_t fuzz_take(struct fuzz_bytes *bytes, size_t width);

#endif
