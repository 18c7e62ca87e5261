/* Pages: the options that shape them, what gnuplot is told of them, and the files they become. */
// SPDX-License-Identifier: MIT
#include "sim/cli/page.h"

#include "sim/base/memory.h"
#include "sim/cli/latex.h"
#include "sim/io/file.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* As --format has them. */
static const char *const formats[] = {"png", "svg", "pdf", "eps", "tex"};
enum { FORMATS = sizeof formats / sizeof formats[0], WINDOW = FORMATS };
static const double screen_text = 9.75; /* points: 13 pixels, of which an inch has 96 */

void ssldyn_page_clear(struct ssldyn_page *page)
{
    free(page->file);
    *page = (struct ssldyn_page){0};
}

static bool is_format(const struct ssldyn_page *page, const char *format)
{
    return strcmp(page->format, format) == 0;
}

/* ---------------------------------------------------------------- options */

/* Whether a file can be made there: asked before the work. */
static enum ssldyn_status check_output(const char *output, struct ssldyn_error *err)
{
    struct stat info;
    enum ssldyn_status status = SSLDYN_OK;

    if (stat(output, &info) == 0 && S_ISDIR(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: is a directory; name a file", output);
    char *parent = ssldyn_string_copy(output);
    if (!parent)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent ? 1 : 0] = '\0';
    const char *directory = slash ? parent : ".";
    if (access(directory, W_OK | X_OK) != 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: %.200s: %s", output, directory,
                             strerror(errno));
    free(parent);
    return status;
}

/* The file and its format: -o, whose ending and --format must agree, else STEM.FORMAT. */
static enum ssldyn_status choose_file(struct ssldyn_page *page, const struct ssldyn_spec *spec,
                                      const char *stem, struct ssldyn_error *err)
{
    size_t k = (size_t)spec->format;

    page->format = "window";
    if (k == WINDOW)
        return !spec->picture ? SSLDYN_OK
                              : ssldyn_fail(err, SSLDYN_EINPUT,
                                            "-o %.200s: --format window writes no file; give one "
                                            "of the two",
                                            spec->picture);
    if (spec->picture) {
        const char *dot = strrchr(spec->picture, '.');
        k = 0;
        while (k < FORMATS && (!dot || strcasecmp(dot + 1, formats[k]) != 0))
            k++;
        if (k == FORMATS)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "-o %.200s: must end in .png, .svg, .pdf, .eps or .tex",
                               spec->picture);
        if (ssldyn_spec_given(spec, "format") && (size_t)spec->format != k)
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: ends otherwise than --format %s",
                               spec->picture, formats[spec->format]);
        page->file = ssldyn_string_copy(spec->picture);
    } else {
        const size_t size = strlen(stem) + 6;
        page->file = ssldyn_array_alloc(size, 1);
        if (page->file)
            snprintf(page->file, size, "%s.%s", stem, formats[k]);
    }
    page->format = formats[k];
    if (!page->file)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return SSLDYN_OK;
}

/* A length in inches; *pixels: it is given in them. */
static enum ssldyn_status parse_length(const char *option, const char *text, const char *format,
                                       double dpi, double *inches, bool *pixels,
                                       struct ssldyn_error *err)
{
    static const struct {
        const char *name;
        double in_an_inch;
    } units[] = {{"in", 1.0}, {"mm", 25.4}, {"cm", 2.54}, {"pt", 72.0}, {"px", 0.0}};
    enum { UNITS = sizeof units / sizeof units[0] };
    char number[64] = "";
    double value = 0.0;
    size_t u = 0;
    const size_t length = strlen(text);

    if (length > 2 && length - 2 < sizeof number)
        snprintf(number, sizeof number, "%.*s", (int)(length - 2), text);
    while (u < UNITS && (length < 2 || strcmp(text + length - 2, units[u].name) != 0))
        u++;
    if (u == UNITS || !ssldyn_parse_double(number, &value))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s %.60s: must be a length with its unit: 3.25in, 82mm, 8.2cm, 234pt, "
                           "and of png and svg 800px",
                           option, text);
    *pixels = units[u].in_an_inch == 0.0;
    if (*pixels && strcmp(format, "png") != 0 && strcmp(format, "svg") != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s %.60s: a %s has no pixels; give in, mm, cm or pt", option, text,
                           format);
    *inches = value / (*pixels ? dpi : units[u].in_an_inch);
    if (!(*inches >= 0.1 && *inches <= 200.0))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s %.60s: must be from 0.1in to 200in", option,
                           text);
    return SSLDYN_OK;
}

/* Twice the pixels, for screens that have them, unless SSLDYN_SCALE says otherwise. */
static double scale_of_png(void)
{
    const char *text = getenv("SSLDYN_SCALE");
    const double scale = text ? strtod(text, NULL) : 0.0;

    return scale >= 0.1 && scale <= 10.0 ? scale : 2.0;
}

/* The lengths, and the pixels of a png: as many as are asked for, else those of a screen. */
static enum ssldyn_status measure(struct ssldyn_page *page, const struct ssldyn_page_options *given,
                                  struct ssldyn_error *err)
{
    static const double most = 20000.0; /* pixels that cairo draws in one direction: 32767 */
    const double dpi = given->dpi > 0.0 && is_format(page, "png") ? given->dpi : 96.0;
    double inches[2] = {0.0, 0.0};
    bool pixels[2] = {false, false};
    enum ssldyn_status status = SSLDYN_OK;

    if (given->dpi > 0.0 && !is_format(page, "png"))
        return ssldyn_fail(err, SSLDYN_EINPUT, "--dpi: is of png; a %s has no pixels",
                           page->format);
    if (given->width)
        status =
            parse_length("--width", given->width, page->format, dpi, &inches[0], &pixels[0], err);
    if (status == SSLDYN_OK && given->height)
        status =
            parse_length("--height", given->height, page->format, dpi, &inches[1], &pixels[1], err);
    page->unit = given->font_size / screen_text;
    page->scale = given->dpi > 0.0 || pixels[0] || pixels[1] ? dpi / 96.0 : scale_of_png();
    page->width = inches[0] * 96.0 / page->unit;
    page->height = inches[1] * 96.0 / page->unit;
    if (status == SSLDYN_OK && is_format(page, "png") &&
        fmax(inches[0], inches[1]) * 96.0 * page->scale > most)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--width, --height: a png of more than %g pixels; give less, or a lower "
                           "--dpi",
                           most);
    return status;
}

static enum ssldyn_status check_font(const char *font, struct ssldyn_error *err)
{
    for (const char *c = font; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && !strchr(" -._", *c) && (unsigned char)*c < 0x80)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--font %.60s: must be the name of a typeface, of letters, digits "
                               "and blanks",
                               font);
    return strlen(font) <= 100 ? SSLDYN_OK
                               : ssldyn_fail(err, SSLDYN_EINPUT, "--font: is too long a name");
}

enum ssldyn_status ssldyn_page_init(struct ssldyn_page *page, const struct ssldyn_spec *spec,
                                    const char *stem, struct ssldyn_error *err)
{
    const struct ssldyn_page_options *given = &spec->page;

    *page = (struct ssldyn_page){0};
    enum ssldyn_status status = choose_file(page, spec, stem, err);
    if (status == SSLDYN_OK)
        status = measure(page, given, err);
    if (status == SSLDYN_OK && given->font)
        status = check_font(given->font, err);
    if (status == SSLDYN_OK && page->file)
        status = check_output(page->file, err);
    page->font = given->font ? given->font : is_format(page, "tex") ? "" : "Liberation Sans";
    if (status != SSLDYN_OK)
        ssldyn_page_clear(page);
    return status;
}

/* ---------------------------------------------------------------- drawing */

static void write_settings(FILE *program, const struct ssldyn_page *page, const char *output)
{
    ssldyn_gnuplot_string(program, "FORMAT", page->format);
    ssldyn_gnuplot_string(program, "FONT", page->font);
    ssldyn_gnuplot_string(program, "OUTPUT", output);
    fprintf(program, "SCALE = %.9g; UNIT = %.9g; WIDTH = %.9g; HEIGHT = %.9g\n", page->scale,
            page->unit, page->width, page->height);
}

/* An SVG is drawn in whole pixels of its text, and shown in the size that was asked for. */
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
    struct ssldyn_error told = {SSLDYN_OK, ""};
    char *scripts = NULL;
    FILE *stream = open_memstream(&program.bytes, &program.length);

    if (!stream)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    write_settings(stream, page, output);
    enum ssldyn_status status = write(stream, context, err);
    if (output[0] != '\0') /* nothing else comes on its standard output */
        fputs("unset output\nset print '-'\nprint 'drawn'\n", stream);
    if (fclose(stream) != 0 && status == SSLDYN_OK)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = ssldyn_gnuplot_scripts(&scripts, err);
    if (status == SSLDYN_OK && output[0] != '\0')
        status = ssldyn_latex_prepare(scripts, &program, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_gnuplot_run(scripts, &program, picture, &told);
        const char *small = strstr(told.message, "the page is too small");
        if (status != SSLDYN_OK && small)
            status = ssldyn_fail(err, SSLDYN_EINPUT, "--width, --height: %.300s", small);
        else if (status != SSLDYN_OK)
            status = ssldyn_fail(err, status, "%s", told.message);
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
    if (status == SSLDYN_OK && is_format(page, "svg"))
        status = resize_svg(page, picture, err);
    if (status != SSLDYN_OK) {
        free(picture->bytes);
        *picture = (struct ssldyn_bytes){NULL, 0};
    }
    return status;
}

/* Writes several files, and gives none its name before all have arrived. */
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
            status = ssldyn_fail(err, SSLDYN_EIO, "%.300s: cannot be written: %s", names[i],
                                 strerror(errno));
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

/* NAME-inc.pdf in a fresh string: the lines of NAME.tex. */
static char *lines_of(const char *file)
{
    const size_t stem = strlen(file) - strlen(".tex");
    char *name = ssldyn_array_alloc(stem + sizeof "-inc.pdf", 1);

    if (name)
        snprintf(name, stem + sizeof "-inc.pdf", "%.*s-inc.pdf", (int)stem, file);
    return name;
}

/* Takes a file of gnuplot's into memory and away. */
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

/* gnuplot's two files in a directory of their own, then theirs under the names of the user's. */
static enum ssldyn_status draw_tex(const struct ssldyn_page *page, ssldyn_page_writer *write,
                                   const void *context, struct ssldyn_error *err)
{
    const char *place = getenv("TMPDIR");
    char directory[512];
    char paths[2][600];
    struct ssldyn_bytes parts[2] = {{NULL, 0}, {NULL, 0}}; /* lines, then the text */
    struct ssldyn_bytes said = {NULL, 0};
    struct ssldyn_bytes text = {NULL, 0};

    snprintf(directory, sizeof directory, "%.400s/ssldyn-XXXXXX",
             place && place[0] == '/' ? place : "/tmp");
    char *lines = lines_of(page->file);
    if (!lines)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (!mkdtemp(directory)) {
        free(lines);
        return ssldyn_fail(err, SSLDYN_EIO, "%.300s: cannot be made: %s", directory,
                           strerror(errno));
    }
    snprintf(paths[0], sizeof paths[0], "%s/picture.pdf", directory);
    snprintf(paths[1], sizeof paths[1], "%s/picture.tex", directory);
    enum ssldyn_status status = run(page, write, context, paths[1], &said, err);
    if (status == SSLDYN_OK)
        status = fetch(paths[0], &parts[0], err);
    if (status == SSLDYN_OK)
        status = fetch(paths[1], &text, err);
    unlink(paths[0]);
    unlink(paths[1]);
    rmdir(directory);
    if (status == SSLDYN_OK) {
        const char *base = strrchr(lines, '/');
        ssldyn_gnuplot_forget_date(&parts[0]);
        status = ssldyn_latex_translate(text.bytes, base ? base + 1 : lines,
                                        screen_text * page->unit, page->font, &parts[1], err);
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
    if (is_format(page, "tex"))
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
    if (page->file && is_format(page, "tex"))
        fprintf(stderr,
                "in a document: \\usepackage{graphicx,xcolor} and \\input{%s}; its lines are in "
                "%.*s-inc.pdf\n",
                page->file, (int)(strlen(page->file) - 4), page->file);
}
