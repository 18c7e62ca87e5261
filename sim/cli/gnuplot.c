/* Runs gnuplot between two pipes. */
// SPDX-License-Identifier: MIT
#include "sim/cli/gnuplot.h"

#include "sim/io/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MISSING = 127, UNREADABLE = 126, CHUNK = 65536 };

void ssldyn_gnuplot_string(FILE *program, const char *name, const char *text)
{
    fprintf(program, "%s = '", name);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            fputc('\'', program); /* in single quotes a quote is doubled, and a backslash is an
                                   * ordinary character */
        fputc(iscntrl((unsigned char)*c) ? ' ' : *c, program);
    }
    fputs("'\n", program);
}

void ssldyn_gnuplot_entry(FILE *program, const char *array, size_t index, const char *text)
{
    char name[32];

    snprintf(name, sizeof name, "%s[%zu]", array, index + 1);
    ssldyn_gnuplot_string(program, name, text);
}

void ssldyn_gnuplot_escape(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (const char *c = text; *c != '\0' && n + 3 < size; c++) {
        if (strchr("\\{}^_@&~", *c))
            to[n++] = '\\';
        to[n++] = iscntrl((unsigned char)*c) ? '?' : *c;
    }
    to[n] = '\0';
}

void ssldyn_gnuplot_number(FILE *program, char before, double value)
{
    if (before != '\0')
        fputc(before, program);
    if (isfinite(value))
        fprintf(program, "%.9g", value);
    else
        fputs("NaN", program);
}

void ssldyn_gnuplot_row(FILE *program, size_t count, const double values[])
{
    for (size_t i = 0; i < count; i++)
        ssldyn_gnuplot_number(program, i == 0 ? '\0' : '\t', values[i]);
    fputc('\n', program);
}

/* Messages of gnuplot that do not mean a faulty picture: a locale without UTF-8 lacks a degree
 * sign, which no script uses; a constant curve gets a range; a home directory that is not
 * writable cannot keep a list of fonts. */
static bool is_harmless(const char *line)
{
    static const char *const remarks[] = {"iconv failed to convert degree sign",
                                          "Warning: empty y range", "Warning: empty x range",
                                          "Fontconfig error: No writable cache directories"};
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++)
        if (strstr(line, remarks[i]))
            return true;
    return strspn(line, " \t\r") == strlen(line);
}

/* The last line of gnuplot's messages that is not harmless; NULL: none. Modifies the text. */
static const char *complaint(char *text)
{
    const char *found = NULL;
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (!is_harmless(line))
            found = line + strspn(line, " \t");
    return found;
}

_Noreturn static void become_gnuplot(const char *scripts, const int in[2], const int out[2],
                                     const int said[2], bool window)
{
    dup2(in[0], STDIN_FILENO);
    if (!window)
        dup2(out[1], STDOUT_FILENO);
    dup2(said[1], STDERR_FILENO);
    const int ends[] = {in[0], in[1], out[0], out[1], said[0], said[1]};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (ends[i] > STDERR_FILENO)
            close(ends[i]);
    signal(SIGPIPE, SIG_DFL);
    /* decimal points and UTF-8 in any locale of the user; none of their startup scripts */
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("GNUPLOT_LIB");
    if (chdir(scripts) != 0)
        _exit(UNREADABLE);
    if (window)
        execlp("gnuplot", "gnuplot", "-d", "-persist", "/dev/stdin", (char *)NULL);
    else
        execlp("gnuplot", "gnuplot", "-d", "/dev/stdin", (char *)NULL);
    _exit(MISSING);
}

/* Appends the available data of a pipe to a text; false at its end or if out of memory. */
static bool take(int pipe, struct ssldyn_bytes *text, size_t *capacity)
{
    if (*capacity - text->length < CHUNK + 1) {
        const size_t more = 2 * *capacity + CHUNK + 1;
        char *bytes = realloc(text->bytes, more);
        if (!bytes)
            return false;
        text->bytes = bytes;
        *capacity = more;
    }
    const ssize_t got = read(pipe, text->bytes + text->length, CHUNK);
    text->length += got > 0 ? (size_t)got : 0;
    text->bytes[text->length] = '\0';
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Writes the program and reads the output, each as the other side becomes ready. */
static void converse(const struct ssldyn_bytes *program, int in, int out, int said,
                     struct ssldyn_bytes *picture, struct ssldyn_bytes *words)
{
    struct pollfd ends[3] = {{in, POLLOUT, 0}, {out, POLLIN, 0}, {said, POLLIN, 0}};
    size_t written = 0;
    size_t capacities[2] = {0, 0};

    fcntl(in, F_SETFL, O_NONBLOCK);
    while (ends[0].fd >= 0 || ends[1].fd >= 0 || ends[2].fd >= 0) {
        if (poll(ends, 3, -1) < 0 && errno != EINTR)
            break;
        if (ends[0].fd >= 0 && ends[0].revents != 0) {
            const ssize_t sent = write(in, program->bytes + written, program->length - written);
            written += sent > 0 ? (size_t)sent : 0;
            if (written == program->length || (sent < 0 && errno != EAGAIN && errno != EINTR)) {
                close(in);
                ends[0].fd = -1;
            }
        }
        if (ends[1].fd >= 0 && ends[1].revents != 0 && !take(out, picture, &capacities[0]))
            ends[1].fd = -1;
        if (ends[2].fd >= 0 && ends[2].revents != 0 && !take(said, words, &capacities[1]))
            ends[2].fd = -1;
    }
    if (ends[0].fd >= 0)
        close(in);
}

static enum ssldyn_status judge(int result, char *words, bool empty, struct ssldyn_error *err)
{
    const char *said = words ? complaint(words) : NULL;

    if (WIFEXITED(result) && WEXITSTATUS(result) == MISSING && !said)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "gnuplot is not installed (Debian: gnuplot-nox; Fedora, Homebrew: "
                           "gnuplot)");
    if (WIFSIGNALED(result))
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot was killed by signal %d",
                           WTERMSIG(result));
    if (said)
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot: %.300s", said);
    if (!WIFEXITED(result) || WEXITSTATUS(result) != 0 || empty)
        return ssldyn_fail(err, SSLDYN_EFAILED, "gnuplot failed without a message (exit status %d)",
                           WEXITSTATUS(result));
    return SSLDYN_OK;
}

/* A .pdf and an .eps contain the time at which they were drawn; blanks in its place keep every
 * offset, so that the same run gives the same bytes. */
void ssldyn_gnuplot_forget_date(struct ssldyn_bytes *picture)
{
    static const struct {
        const char *begin, *key;
        char end;
        bool keep_end;
    } dates[] = {{"%PDF", "/CreationDate (", ')', false}, {"%!PS", "%%CreationDate:", '\n', true}};
    for (size_t k = 0; k < sizeof dates / sizeof dates[0]; k++) {
        const size_t size = strlen(dates[k].key);
        if (picture->length < size || memcmp(picture->bytes, dates[k].begin, 4) != 0)
            continue;
        for (size_t i = picture->length - size; i > 0; i--) {
            char *const date = picture->bytes + i;
            const char *const end = memcmp(date, dates[k].key, size) == 0
                                        ? memchr(date, dates[k].end, picture->length - i)
                                        : NULL;
            if (end == NULL)
                continue;
            memset(date, dates[k].keep_end ? '%' : ' ',
                   (size_t)(end - date) + (dates[k].keep_end ? 0 : 1));
            return;
        }
    }
}

enum ssldyn_status ssldyn_gnuplot_run(const char *scripts, const struct ssldyn_bytes *program,
                                      struct ssldyn_bytes *picture, struct ssldyn_error *err)
{
    struct ssldyn_bytes words = {NULL, 0};
    struct ssldyn_bytes unused = {NULL, 0};
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int result = 0;
    bool fine = true;

    for (int i = 0; i < 3; i++)
        fine = fine && pipe(pipes[i]) == 0;
    const pid_t child = fine ? fork() : -1;
    if (child == 0)
        become_gnuplot(scripts, pipes[0], pipes[1], pipes[2], picture == NULL);
    if (child < 0) {
        const int reason = errno;
        for (int i = 0; i < 6; i++)
            if (pipes[i / 2][i % 2] >= 0)
                close(pipes[i / 2][i % 2]);
        return ssldyn_fail_system(err, SSLDYN_EFAILED, reason, "gnuplot cannot be started");
    }
    close(pipes[0][0]);
    close(pipes[1][1]);
    close(pipes[2][1]);
    /* if gnuplot ends early, writing to it must fail instead of killing this process */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    sigaction(SIGPIPE, &ignore, &before);
    converse(program, pipes[0][1], pipes[1][0], pipes[2][0], picture ? picture : &unused, &words);
    sigaction(SIGPIPE, &before, NULL);
    close(pipes[1][0]);
    close(pipes[2][0]);
    while (waitpid(child, &result, 0) < 0 && errno == EINTR)
        ;
    const enum ssldyn_status status =
        judge(result, words.bytes, picture && picture->length == 0, err);
    if (status == SSLDYN_OK && picture != NULL)
        ssldyn_gnuplot_forget_date(picture);
    free(words.bytes);
    free(unused.bytes);
    return status;
}
