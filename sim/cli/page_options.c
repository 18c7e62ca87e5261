/* The page defined by the options: its file and format, its lengths and its text. */
// SPDX-License-Identifier: MIT
#include "sim/cli/page.h"

#include "sim/base/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the order of the choices of --format. */
static const char *const formats[] = {"png", "svg", "pdf", "eps", "tex"};
enum { FORMATS = sizeof formats / sizeof formats[0], WINDOW = FORMATS };

void ssldyn_page_clear(struct ssldyn_page *page)
{
    free(page->file);
    *page = (struct ssldyn_page){0};
}

bool ssldyn_page_is(const struct ssldyn_page *page, const char *format)
{
    return strcmp(page->format, format) == 0;
}

/* The file and its format: -o, whose extension and --format must agree, else STEM.FORMAT. */
static enum ssldyn_status choose_file(struct ssldyn_page *page, const struct ssldyn_spec *spec,
                                      const char *stem, struct ssldyn_error *err)
{
    size_t k = (size_t)spec->format;

    page->format = "window";
    if (k == WINDOW)
        return !spec->picture
                   ? SSLDYN_OK
                   : ssldyn_fail(err, SSLDYN_EINPUT,
                                 "-o %.200s: --format window writes no file; give one of the two",
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
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "-o %.200s: the file extension does not match --format %s",
                               spec->picture, formats[spec->format]);
        page->file = ssldyn_memory_copy(spec->picture);
    } else {
        const size_t size = strlen(stem) + 6;
        page->file = ssldyn_memory_array(size, 1);
        if (page->file)
            snprintf(page->file, size, "%s.%s", stem, formats[k]);
    }
    page->format = formats[k];
    if (!page->file)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return SSLDYN_OK;
}

/* Parses a length in inches; *pixels: it is given in pixels. */
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
                           "%s %.60s: must be a length with a unit, such as 3.25in, 82mm, 8.2cm or "
                           "234pt (for png and svg also 800px)",
                           option, text);
    *pixels = units[u].in_an_inch == 0.0;
    if (*pixels && strcmp(format, "png") != 0 && strcmp(format, "svg") != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s %.60s: %s has no pixels; give in, mm, cm or pt",
                           option, text, format);
    *inches = value / (*pixels ? dpi : units[u].in_an_inch);
    if (!(*inches >= 0.1 && *inches <= 200.0))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s %.60s: must be from 0.1in to 200in", option,
                           text);
    return SSLDYN_OK;
}

/* Twice the pixels, for high-resolution screens, unless SSLDYN_SCALE says otherwise. */
static double scale_of_png(void)
{
    const char *text = getenv("SSLDYN_SCALE");
    const double scale = text ? strtod(text, NULL) : 0.0;

    return scale >= 0.1 && scale <= 10.0 ? scale : 2.0;
}

/* The lengths, and the pixels of a png: from --dpi, else those of a screen. */
static enum ssldyn_status measure(struct ssldyn_page *page, const struct ssldyn_page_options *given,
                                  struct ssldyn_error *err)
{
    static const double most = 20000.0; /* cairo draws at most 32767 pixels in one direction */
    const double dpi = given->dpi > 0.0 && ssldyn_page_is(page, "png") ? given->dpi : 96.0;
    double inches[2] = {0.0, 0.0};
    bool pixels[2] = {false, false};
    enum ssldyn_status status = SSLDYN_OK;

    if (given->dpi > 0.0 && !ssldyn_page_is(page, "png"))
        return ssldyn_fail(err, SSLDYN_EINPUT, "--dpi: applies to png only; %s has no pixels",
                           page->format);
    if (given->width)
        status =
            parse_length("--width", given->width, page->format, dpi, &inches[0], &pixels[0], err);
    if (status == SSLDYN_OK && given->height)
        status =
            parse_length("--height", given->height, page->format, dpi, &inches[1], &pixels[1], err);
    page->unit = given->font_size / SSLDYN_PAGE_POINTS;
    page->scale = given->dpi > 0.0 || pixels[0] || pixels[1] ? dpi / 96.0 : scale_of_png();
    page->width = inches[0] * 96.0 / page->unit;
    page->height = inches[1] * 96.0 / page->unit;
    if (status == SSLDYN_OK && ssldyn_page_is(page, "png") &&
        fmax(inches[0], inches[1]) * 96.0 * page->scale > most)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--width, --height: the png would have more than %g pixels on a side; "
                           "give a smaller size or a lower --dpi",
                           most);
    return status;
}

static enum ssldyn_status check_font(const char *font, struct ssldyn_error *err)
{
    for (const char *c = font; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && !strchr(" -._", *c) && (unsigned char)*c < 0x80)
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "--font %.60s: must be the name of a typeface: letters, digits and spaces", font);
    return strlen(font) <= 100 ? SSLDYN_OK
                               : ssldyn_fail(err, SSLDYN_EINPUT, "--font: the name is too long");
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
        status = ssldyn_file_check_place("-o", page->file, err);
    page->font = given->font ? given->font : ssldyn_page_is(page, "tex") ? "" : "Liberation Sans";
    if (status != SSLDYN_OK)
        ssldyn_page_clear(page);
    return status;
}
