/* Translates gnuplot's markup ({/:Italic x}, x_{j}, 10^{-2}, Greek letters) to LaTeX; gnuplot's
 * terminal passes every text on unchanged. */
// SPDX-License-Identifier: MIT
#include "sim/cli/latex.h"

#include "sim/io/file.h"
#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 32 };

/* One text being translated, and its open groups. */
struct writer {
    FILE *stream;
    bool math;  /* between two $ */
    int inside; /* number of open groups that are in math mode */
    enum group { PLAIN, ITALIC, BOLD, SCRIPT } groups[DEEPEST];
    int open;
};

/* Characters beyond ASCII that have a LaTeX math command, and ASCII characters with a special
 * meaning: their forms in math and in text. */
static const struct {
    const char *character, *math, *text; /* text NULL: only in math */
} characters[] = {{"α", "\\alpha{}", NULL},
                  {"β", "\\beta{}", NULL},
                  {"γ", "\\gamma{}", NULL},
                  {"η", "\\eta{}", NULL},
                  {"λ", "\\lambda{}", NULL},
                  {"σ", "\\sigma{}", NULL},
                  {"τ", "\\tau{}", NULL},
                  {"′", "'", NULL},
                  {"→", "\\to{}", NULL},
                  {"·", "\\cdot{}", NULL},
                  {"–", "-", "--"},
                  {"|", "|", NULL},
                  {"<", "<", NULL},
                  {">", ">", NULL},
                  {"%", "\\%", "\\%"},
                  {"#", "\\#", "\\#"},
                  {"&", "\\&", "\\&"},
                  {"$", "\\$", "\\$"},
                  {"~", "\\sim{}", "\\textasciitilde{}"}};
/* Precedes a text that begins with a group, which gnuplot would take for a LaTeX alignment: a
 * zero-width blank, which is removed again. */
#define MARK "\xE2\x80\x8B"
enum { CHARACTERS = sizeof characters / sizeof characters[0] };

static void set_math(struct writer *writer, bool math)
{
    if (writer->math != math && writer->inside == 0) {
        fputc('$', writer->stream);
        writer->math = math;
    }
}

static void open_group(struct writer *writer, enum group group)
{
    if (writer->open == DEEPEST)
        return;
    writer->groups[writer->open++] = group;
    if (group == ITALIC || group == SCRIPT) {
        set_math(writer, true);
        writer->inside++;
    } else if (group == BOLD) {
        set_math(writer, false);
        fputs("\\textbf{", writer->stream);
    }
}

static void close_group(struct writer *writer)
{
    if (writer->open == 0)
        return;
    const enum group group = writer->groups[--writer->open];
    if (group == ITALIC || group == SCRIPT)
        writer->inside--;
    if (group == BOLD)
        set_math(writer, false);
    if (group == BOLD || group == SCRIPT)
        fputc('}', writer->stream);
}

/* {..., {/:Italic ..., {/:Bold ...; returns the number of bytes read. */
static size_t begin_group(struct writer *writer, const char *text)
{
    static const char italic[] = "{/:Italic ";
    static const char bold[] = "{/:Bold ";
    const bool is_italic = strncmp(text, italic, sizeof italic - 1) == 0;
    const bool is_bold = strncmp(text, bold, sizeof bold - 1) == 0;

    open_group(writer, is_italic ? ITALIC : is_bold ? BOLD : PLAIN);
    return is_italic ? sizeof italic - 1 : is_bold ? sizeof bold - 1 : 1;
}

/* One character; returns the number of bytes read. */
static size_t take_character(struct writer *writer, const char *text)
{
    for (size_t i = 0; i < CHARACTERS; i++) {
        const size_t size = strlen(characters[i].character);
        if (strncmp(text, characters[i].character, size) != 0)
            continue;
        if (!characters[i].text)
            set_math(writer, true);
        fputs(writer->math || !characters[i].text ? characters[i].math : characters[i].text,
              writer->stream);
        return size;
    }
    if (strncmp(text, MARK, sizeof MARK - 1) == 0)
        return sizeof MARK - 1;
    if (writer->inside == 0)
        set_math(writer, false);
    if (text[0] == ' ' && writer->math)
        fputc('\\', writer->stream); /* math mode ignores blanks */
    fputc(text[0], writer->stream);
    return 1;
}

/* _x, _{, ^x, ^{; returns the number of bytes read. */
static size_t begin_script(struct writer *writer, const char *text, size_t length)
{
    set_math(writer, true);
    fprintf(writer->stream, "%c{", text[0]);
    open_group(writer, SCRIPT);
    if (length > 1 && text[1] == '{')
        return 2;
    const size_t taken = length > 1 ? take_character(writer, text + 1) : 0;
    close_group(writer);
    return 1 + taken;
}

/* An escape of gnuplot: the character itself; returns the number of bytes read. */
static size_t take_escaped(const struct writer *writer, char escaped)
{
    if (escaped == '\\' || escaped == '^')
        fputs(escaped == '^' ? "\\^{}" : "\\textbackslash{}", writer->stream);
    else if (strchr("{}_&", escaped))
        fprintf(writer->stream, "\\%c", escaped);
    else
        fputc(escaped, writer->stream);
    return 2;
}

static void translate(struct writer *writer, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (text[i] == '{') {
            i += begin_group(writer, text + i);
        } else if (text[i] == '}') {
            close_group(writer);
            i++;
        } else if (text[i] == '_' || text[i] == '^') {
            i += begin_script(writer, text + i, length - i);
        } else if (text[i] == '\\' && i + 1 < length) {
            i += take_escaped(writer, text[i + 1]);
        } else {
            i += take_character(writer, text + i);
        }
    }
    while (writer->open > 0)
        close_group(writer);
}

/* Translates a separate text; a number becomes math, so that its minus is a minus sign. */
static void translate_text(FILE *stream, const char *text, size_t length)
{
    struct writer writer = {.stream = stream};
    char number[64];
    double value = 0.0;

    if (length >= 2 && text[0] == '$' && text[length - 1] == '$') { /* gnuplot's tick labels */
        fprintf(stream, "%.*s", (int)length, text);
        return;
    }
    snprintf(number, sizeof number, "%.*s", (int)(length < 63 ? length : 63), text);
    if (ssldyn_parse_double(number, &value)) {
        fprintf(stream, "$%s$", number);
        return;
    }
    translate(&writer, text, length);
    set_math(&writer, false);
}

/* Translates a line that sets a text: ...{\strut{}TEXT}}%, with one more brace if it is rotated. */
static bool translate_line(FILE *stream, const char *line, size_t length)
{
    static const char mark[] = "{\\strut{}";
    const char *at = strstr(line, mark);
    if (!at || at >= line + length)
        return false;
    const char *text = at + sizeof mark - 1;
    const char *turned = strstr(line, "\\rotatebox");
    const size_t closing = turned && turned < at ? 4 : 3; /* }}% */
    if ((size_t)(line + length - text) < closing)
        return false;
    const size_t size = (size_t)(line + length - text) - closing;
    fprintf(stream, "%.*s", (int)(text - line), line);
    translate_text(stream, text, size);
    fprintf(stream, "%.*s\n", (int)closing, text + size);
    return true;
}

/* \includegraphics[...]{/tmp/.../picture}: replaces it by the file of the lines, next to the
 * document. */
static bool name_lines(FILE *stream, const char *line, size_t length, const char *lines)
{
    static const char put[] = "\\put(0,0){\\includegraphics[";
    const char *at = strstr(line, put);
    const char *open = at && at < line + length ? strstr(at, "]{") : NULL;
    const char *close = open && open < line + length ? strchr(open, '}') : NULL;
    if (!close || close > line + length)
        return false;
    fprintf(stream, "%.*s%s%.*s\n", (int)(open + 2 - line), line, lines,
            (int)(line + length - close), close);
    return true;
}

/* Writes a program with the mark before each text that begins with a group. */
static void mark(const char *text, FILE *stream)
{
    for (const char *c = text; *c != '\0'; c++) {
        fputc(*c, stream);
        if ((*c == '"' || *c == '\'') && strncmp(c + 1, "{/:", 3) == 0)
            fputs(MARK, stream);
    }
}

enum ssldyn_status ssldyn_latex_prepare(const char *scripts, struct ssldyn_bytes *program,
                                        struct ssldyn_error *err)
{
    static const char load[] = "\nload '";
    char line[512];
    char name[64];
    struct ssldyn_bytes out = {NULL, 0};
    char *at = strstr(program->bytes, load);
    if (!at || sscanf(at + sizeof load - 1, "%60[a-z0-9_.-]", name) != 1)
        return ssldyn_fail(err, SSLDYN_EFAILED, "no plot script for this kind of run");
    FILE *script = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(scripts, name, &script, err);
    if (status != SSLDYN_OK)
        return status;
    FILE *stream = script ? open_memstream(&out.bytes, &out.length) : NULL;
    const char *rest = at + 1 + strcspn(at + 1, "\n");
    *at = '\0';
    if (stream) {
        mark(program->bytes, stream);
        fputc('\n', stream);
        while (fgets(line, sizeof line, script))
            mark(line, stream);
        fputs(rest, stream);
    }
    if (script)
        fclose(script);
    if (!stream || fclose(stream) != 0) {
        free(out.bytes);
        return ssldyn_fail(err, SSLDYN_EFAILED, "the script cannot be read");
    }
    free(program->bytes);
    *program = out;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_latex_translate(const char *picture, const char *lines, double points,
                                          const char *font, struct ssldyn_bytes *out,
                                          struct ssldyn_error *err)
{
    FILE *stream = open_memstream(&out->bytes, &out->length);
    if (!stream)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (const char *line = picture; *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        const bool is_begin = length == 11 && strncmp(line, "\\begingroup", length) == 0;
        if (!translate_line(stream, line, length) && !name_lines(stream, line, length, lines))
            fprintf(stream, "%.*s\n", (int)length, line);
        if (is_begin && font[0] != '\0')
            fprintf(stream, "  \\fontfamily{%s}%%\n", font);
        if (is_begin)
            fprintf(stream, "  \\fontsize{%.4g}{%.4g}\\selectfont%%\n", points, 1.2 * points);
        line += length + (line[length] == '\n');
    }
    if (fclose(stream) != 0) {
        free(out->bytes);
        *out = (struct ssldyn_bytes){NULL, 0};
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    return SSLDYN_OK;
}
