/* trace.tsv: the writer (trace.h); the reader is in table.c. */
// SPDX-License-Identifier: MIT
#include "sim/io/trace.h"

#include "sim/base/clock.h"
#include "sim/base/decimal.h"
#include "sim/io/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct ssldyn_trace {
    struct ssldyn_file file;
    size_t width;
    double flushed; /* time of the last flush, s */
};

/* Seconds between flushes, so that programs that follow the run see new rows. */
static const double flush_interval = 0.5;

static void write_meanings(FILE *out, size_t count, const struct ssldyn_column columns[],
                           const char *const words[], const char *suffix)
{
    for (size_t i = 0; i < count; i++) {
        const bool own = words == NULL || words[i] == NULL;
        fprintf(out, "# %s%s: %s\n", columns[i].name, suffix, own ? columns[i].meaning : words[i]);
    }
}

static void write_comments(FILE *out, const struct ssldyn_layout *layout,
                           const char *const comments[], size_t comment_count)
{
    fputs("# ssldyn trace 1\n", out);
    for (size_t i = 0; i < comment_count; i++)
        fprintf(out, "# %s\n", comments[i]);
    write_meanings(out, layout->scalar_count, layout->scalars, layout->scalar_words, "");
    write_meanings(out, layout->per_mode_count, layout->per_mode, layout->per_mode_words, "_j");
}

static void write_names(FILE *out, const struct ssldyn_layout *layout, size_t modes)
{
    const char *separator = "";

    for (size_t i = 0; i < layout->scalar_count; i++) {
        fprintf(out, "%s%s", separator, layout->scalars[i].name);
        separator = "\t";
    }
    for (size_t j = 0; j < modes; j++) {
        for (size_t i = 0; i < layout->per_mode_count; i++) {
            fprintf(out, "%s%s_%zu", separator, layout->per_mode[i].name, j + 1);
            separator = "\t";
        }
    }
    fputc('\n', out);
}

enum ssldyn_status ssldyn_trace_open(const char *directory, const struct ssldyn_layout *layout,
                                     size_t modes, const char *const comments[],
                                     size_t comment_count, struct ssldyn_trace **trace,
                                     struct ssldyn_error *err)
{
    *trace = NULL;
    struct ssldyn_trace *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = ssldyn_file_open_in(&fresh->file, directory, "trace.tsv", err);
    if (status != SSLDYN_OK) {
        free(fresh);
        return status;
    }
    fresh->width = ssldyn_layout_width(layout, modes);
    write_comments(fresh->file.stream, layout, comments, comment_count);
    write_names(fresh->file.stream, layout, modes);
    *trace = fresh;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_trace_append(struct ssldyn_trace *trace, const double row[],
                                       struct ssldyn_error *err)
{
    FILE *out = trace->file.stream;

    errno = 0;
    for (size_t i = 0; i < trace->width; i++) {
        if (i > 0)
            fputc('\t', out);
        ssldyn_decimal_write(row[i], out);
    }
    fputc('\n', out);
    const double now = ssldyn_clock_wall();
    if (now - trace->flushed >= flush_interval) {
        (void)fflush(out); /* a failure sets the error flag of the stream */
        trace->flushed = now;
    }
    if (ferror(out) != 0) {
        if (trace->file.reason == 0)
            trace->file.reason = errno != 0 ? errno : EIO;
        return ssldyn_fail_system(err, SSLDYN_EIO, trace->file.reason, "%s: cannot be written",
                                  trace->file.path);
    }
    return SSLDYN_OK;
}

/* Length of the file up to its last complete row, 0 if there is none; *rows counts them. */
static size_t whole_rows(const char *path, size_t *rows)
{
    FILE *stream = fopen(path, "rb");
    size_t place = 0;
    size_t whole = 0;
    bool names_passed = false;
    int previous = '\n';
    int first = '#'; /* of the current line */

    *rows = 0;
    if (stream == NULL)
        return 0;
    for (int c = getc(stream); c != EOF; c = getc(stream)) {
        place++;
        if (previous == '\n')
            first = c;
        previous = c;
        if (c != '\n' || first == '#')
            continue;
        *rows += names_passed ? 1 : 0;
        whole = names_passed ? place : 0;
        names_passed = true;
    }
    fclose(stream);
    return whole;
}

enum ssldyn_status ssldyn_trace_close(struct ssldyn_trace *trace, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    char kept[64];
    size_t rows = 0;

    if (ssldyn_file_sound(&trace->file)) {
        status = ssldyn_file_commit(&trace->file, err);
    } else {
        size_t bytes = ssldyn_file_arrived(&trace->file);
        bytes = bytes > 0 ? whole_rows(trace->file.temporary, &rows) : 0;
        snprintf(kept, sizeof kept, "the first %zu rows", rows);
        status = ssldyn_file_salvage(&trace->file, bytes, kept, err);
    }
    free(trace);
    return status;
}

struct ssldyn_file *ssldyn_trace_file(struct ssldyn_trace *trace)
{
    return &trace->file;
}

void ssldyn_trace_abandon(struct ssldyn_trace *trace)
{
    if (trace == NULL)
        return;
    ssldyn_file_abandon(&trace->file);
    free(trace);
}
