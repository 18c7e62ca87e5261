/* Pages: the terminal settings for gnuplot, and the output files. */
// SPDX-License-Identifier: MIT
#include "sim/cli/page.h"

#include "sim/base/memory.h"
#include "sim/cli/latex.h"
#include "sim/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void write_settings(FILE *program, const struct ssldyn_page *page, const char *output)
{
    ssldyn_gnuplot_string(program, "FORMAT", page->format);
    ssldyn_gnuplot_string(program, "FONT", page->font);
    ssldyn_gnuplot_string(program, "OUTPUT", output);
    fprintf(program, "SCALE = %.9g; UNIT = %.9g; WIDTH = %.9g; HEIGHT = %.9g\n", page->scale,
            page->unit, page->width, page->height);
}

/* gnuplot draws an SVG with 13-pixel text; this sets the requested display size. */
static enum ssldyn_status resize_svg(const struct ssldyn_page *page, struct ssldyn_bytes *picture,
                                     struct ssldyn_error *err)
{
    static const char format[] = " width=\"%lf\" height=\"%lf\"";
    double width = 0.0;
    double height = 0.0;
    char *at = strstr(picture->bytes, "<svg");
    at = at ? strstr(at, " width=\"") : NULL;
    if (page->unit == 1.0 && page->width == 0.0 && page->height == 0.0)
        return SSLDYN_OK;
    if (!at || sscanf(at, format, &width, &height) != 2)
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot: its svg has no width and height");
    const char *rest = at + strcspn(at, "\n");
    struct ssldyn_bytes resized = {NULL, 0};
    FILE *stream = open_memstream(&resized.bytes, &resized.length);
    if (!stream)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fprintf(stream, "%.*s width=\"%.6g\" height=\"%.6g\"%s", (int)(at - picture->bytes),
            picture->bytes, (page->width > 0.0 ? page->width : width) * page->unit,
            (page->height > 0.0 ? page->height : height) * page->unit, rest);
    if (fclose(stream) != 0) {
        free(resized.bytes);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    free(picture->bytes);
    *picture = resized;
    return SSLDYN_OK;
}

/* Runs gnuplot on the page. output: the file of a tex, else "". */
static enum ssldyn_status run(const struct ssldyn_page *page, ssldyn_page_writer *write,
                              const void *context, const char *output, struct ssldyn_bytes *picture,
                              struct ssldyn_error *err)
{
    struct ssldyn_bytes program = {NULL, 0};
    struct ssldyn_error failure = {SSLDYN_OK, ""};
    char *scripts = NULL;
    FILE *stream = open_memstream(&program.bytes, &program.length);

    if (!stream)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    write_settings(stream, page, output);
    enum ssldyn_status status = write(stream, context, err);
    if (output[0] != '\0') /* gnuplot prints nothing else on its standard output */
        fputs("unset output\nset print '-'\nprint 'drawn'\n", stream);
    if (fclose(stream) != 0 && status == SSLDYN_OK)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = ssldyn_gnuplot_scripts(&scripts, err);
    if (status == SSLDYN_OK && output[0] != '\0')
        status = ssldyn_latex_prepare(scripts, &program, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_gnuplot_run(scripts, &program, picture, &failure);
        const char *small = strstr(failure.message, "the page is too small");
        if (status != SSLDYN_OK && small)
            status = ssldyn_fail(err, SSLDYN_EINPUT, "--width, --height: %.300s", small);
        else if (status != SSLDYN_OK)
            status = ssldyn_fail(err, status, "%s", failure.message);
    }
    free(scripts);
    free(program.bytes);
    return status;
}

enum ssldyn_status ssldyn_page_make(const struct ssldyn_page *page, ssldyn_page_writer *write,
                                    const void *context, struct ssldyn_bytes *picture,
                                    struct ssldyn_error *err)
{
    *picture = (struct ssldyn_bytes){NULL, 0};
    enum ssldyn_status status = run(page, write, context, "", picture, err);
    if (status == SSLDYN_OK && ssldyn_page_is(page, "svg"))
        status = resize_svg(page, picture, err);
    if (status != SSLDYN_OK) {
        free(picture->bytes);
        *picture = (struct ssldyn_bytes){NULL, 0};
    }
    return status;
}

/* Writes several files, and renames them only after all have been written. */
static enum ssldyn_status publish(const char *const names[], const struct ssldyn_bytes parts[],
                                  int count, struct ssldyn_error *err)
{
    struct ssldyn_file files[2] = {{0}, {0}};
    enum ssldyn_status status = SSLDYN_OK;

    for (int i = 0; i < count && status == SSLDYN_OK; i++) {
        status = ssldyn_file_open(&files[i], names[i], err);
        if (status == SSLDYN_OK)
            fwrite(parts[i].bytes, 1, parts[i].length, files[i].stream);
        if (status == SSLDYN_OK && count > 1 && !ssldyn_file_sound(&files[i]))
            status =
                ssldyn_fail_system(err, SSLDYN_EIO, errno, "%.300s: cannot be written", names[i]);
    }
    for (int i = 0; i < count; i++) {
        if (status == SSLDYN_OK)
            status = ssldyn_file_commit(&files[i], err);
        else
            ssldyn_file_abandon(&files[i]);
    }
    return status;
}

/* ---------------------------------------------------------------- tex */

/* NAME-inc.pdf in a newly allocated string: the lines of NAME.tex. */
static char *lines_of(const char *file)
{
    const size_t stem = strlen(file) - strlen(".tex");
    char *name = ssldyn_memory_array(stem + sizeof "-inc.pdf", 1);

    if (name)
        snprintf(name, stem + sizeof "-inc.pdf", "%.*s-inc.pdf", (int)stem, file);
    return name;
}

/* Reads a file of gnuplot's into memory and removes it. */
static enum ssldyn_status fetch(const char *path, struct ssldyn_bytes *bytes,
                                struct ssldyn_error *err)
{
    char chunk[4096];
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    FILE *stream = file ? open_memstream(&bytes->bytes, &bytes->length) : NULL;

    while (stream && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        fwrite(chunk, 1, got, stream);
    const bool fine = stream && !ferror(file);
    if (file)
        fclose(file);
    unlink(path);
    if (!stream || fclose(stream) != 0 || !fine)
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot: wrote no file for LaTeX");
    return SSLDYN_OK;
}

enum { PLACE = 512 };

/* In the helper process: creates the directory and sends its name (empty, with errno, on
 * failure), waits, and cleans up. */
static void keep_place(char directory[PLACE], int answer, int end)
{
    const struct timespec nap = {0, 10000000};
    char path[PLACE + 16];
    char byte;

    if (!mkdtemp(directory))
        memset(directory, 0, PLACE);
    const int reason = errno;
    const bool sent = write(answer, directory, PLACE) == PLACE &&
                      write(answer, &reason, sizeof reason) == sizeof reason;
    while (sent && read(end, &byte, 1) < 0 && errno == EINTR)
        ;
    /* gnuplot may create its files until the directory is gone */
    for (int i = 0; i < 100 && directory[0] != '\0'; i++) {
        snprintf(path, sizeof path, "%s/picture.pdf", directory);
        unlink(path);
        snprintf(path, sizeof path, "%s/picture.tex", directory);
        unlink(path);
        if (rmdir(directory) == 0)
            break;
        nanosleep(&nap, NULL);
    }
    _exit(0);
}

static bool read_answer(int pipe, void *bytes, size_t size)
{
    ssize_t got;

    while ((got = read(pipe, bytes, size)) < 0 && errno == EINTR)
        ;
    return got == (ssize_t)size; /* short messages arrive in one piece */
}

/* Starts a process that creates the directory for gnuplot's two files, waits until this process
 * ends for any reason or closes the pipe, and then removes the directory. It runs in a new
 * session, so that a signal to this process group does not end it. -1, errno: the process or the
 * directory cannot be created. */
static pid_t start_remover(char directory[PLACE], int *end)
{
    int ends[2];
    int answers[2];
    int reason = EPIPE;

    if (pipe(ends) != 0)
        return -1;
    if (pipe(answers) != 0) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* so that gnuplot does not keep it open */
    const pid_t child = fork();
    if (child == 0) {
        setsid();
        signal(SIGPIPE, SIG_IGN);
        close(ends[1]);
        close(answers[0]);
        keep_place(directory, answers[1], ends[0]);
    }
    const int forked = errno;
    close(ends[0]);
    close(answers[1]);
    const bool received = child > 0 && read_answer(answers[0], directory, PLACE) &&
                          read_answer(answers[0], &reason, sizeof reason);
    close(answers[0]);
    *end = ends[1];
    if (received && directory[0] != '\0')
        return child;
    close(ends[1]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    errno = child < 0 ? forked : reason;
    return -1;
}

/* Draws gnuplot's two files in a temporary directory, then publishes them under the user's
 * names. */
static enum ssldyn_status draw_tex(const struct ssldyn_page *page, ssldyn_page_writer *write,
                                   const void *context, struct ssldyn_error *err)
{
    const char *place = getenv("TMPDIR");
    char directory[PLACE] = "";
    char paths[2][PLACE + 16];
    struct ssldyn_bytes parts[2] = {{NULL, 0}, {NULL, 0}}; /* lines, then the text */
    struct ssldyn_bytes said = {NULL, 0};
    struct ssldyn_bytes text = {NULL, 0};

    place = place && place[0] == '/' ? place : "/tmp";
    snprintf(directory, sizeof directory, "%.400s/ssldyn-XXXXXX", place);
    char *lines = lines_of(page->file);
    if (!lines)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    int end = -1;
    const pid_t remover = start_remover(directory, &end);
    if (remover < 0) {
        const int reason = errno;
        free(lines);
        return ssldyn_fail_system(err, SSLDYN_EIO, reason,
                                  "%.300s: no directory for gnuplot's files", place);
    }
    snprintf(paths[0], sizeof paths[0], "%s/picture.pdf", directory);
    snprintf(paths[1], sizeof paths[1], "%s/picture.tex", directory);
    enum ssldyn_status status = run(page, write, context, paths[1], &said, err);
    if (status == SSLDYN_OK)
        status = fetch(paths[0], &parts[0], err);
    if (status == SSLDYN_OK)
        status = fetch(paths[1], &text, err);
    close(end);
    while (waitpid(remover, NULL, 0) < 0 && errno == EINTR)
        ;
    if (status == SSLDYN_OK) {
        const char *base = strrchr(lines, '/');
        ssldyn_gnuplot_forget_date(&parts[0]);
        status =
            ssldyn_latex_translate(text.bytes, base ? base + 1 : lines,
                                   SSLDYN_PAGE_POINTS * page->unit, page->font, &parts[1], err);
    }
    if (status == SSLDYN_OK)
        status = publish((const char *const[]){lines, page->file}, parts, 2, err);
    free(said.bytes);
    free(text.bytes);
    free(parts[0].bytes);
    free(parts[1].bytes);
    free(lines);
    return status;
}

enum ssldyn_status ssldyn_page_draw(const struct ssldyn_page *page, ssldyn_page_writer *write,
                                    const void *context, struct ssldyn_error *err)
{
    struct ssldyn_bytes picture = {NULL, 0};

    if (!page->file)
        return run(page, write, context, "", NULL, err);
    if (ssldyn_page_is(page, "tex"))
        return draw_tex(page, write, context, err);
    enum ssldyn_status status = ssldyn_page_make(page, write, context, &picture, err);
    if (status == SSLDYN_OK)
        status = publish((const char *const[]){page->file}, &picture, 1, err);
    free(picture.bytes);
    return status;
}

void ssldyn_page_announce(const struct ssldyn_page *page)
{
    if (page->file)
        printf("%s\n", page->file);
    if (page->file && ssldyn_page_is(page, "tex"))
        fprintf(stderr,
                "in a document: \\usepackage{graphicx,xcolor} and \\input{%s}; its drawing is in "
                "%.*s-inc.pdf\n",
                page->file, (int)(strlen(page->file) - 4), page->file);
}
