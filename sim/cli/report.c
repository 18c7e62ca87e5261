/* ssldyn report: one self-contained HTML file of a run: its picture, its verdict, where it ended,
 * what happened on the way, and the settings that repeat it. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"
#include "sim/io/file.h"
#include "sim/io/trace.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>ssldyn report</title>\n"
    "<style>\n"
    "body { font: 15px/1.5 \"Liberation Sans\", Arial, sans-serif; color: #333; max-width: 68em; "
    "margin: 2em auto; padding: 0 1em; }\n"
    "h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }\n"
    "svg { width: 100%; height: auto; }\n"
    "table { border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
    "td, th { padding: 0.15em 0.9em 0.15em 0; text-align: right; border-bottom: 1px solid #e4e4e4; "
    "}\n"
    "td:first-child, th:first-child { text-align: left; }\n"
    "pre { background: #f6f6f6; padding: 0.8em; overflow-x: auto; }\n"
    "</style>\n</head>\n<body>\n";

static void escaped(FILE *stream, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '<')
            fputs("&lt;", stream);
        else if (*c == '>')
            fputs("&gt;", stream);
        else if (*c == '&')
            fputs("&amp;", stream);
        else
            fputc(*c, stream);
    }
}

/* Opens directory/name; NULL where it is not there. */
static FILE *open_in(const char *directory, const char *name)
{
    char *path = ssldyn_path_join(directory, name);
    FILE *stream = path ? fopen(path, "r") : NULL;

    free(path);
    return stream;
}

/* A text file of the run under a heading; nothing where it is not there. */
static void add_text(FILE *out, const char *run, const char *name, const char *heading)
{
    char line[4096];
    FILE *in = open_in(run, name);

    if (!in)
        return;
    fprintf(out, "<h2>%s</h2>\n<pre>", heading);
    while (fgets(line, sizeof line, in))
        escaped(out, line);
    fputs("</pre>\n", out);
    fclose(in);
}

/* The drawing as it is, from its <svg> on. */
static enum ssldyn_status add_picture(FILE *out, const char *file, struct ssldyn_error *err)
{
    char line[65536];
    bool inside = false;
    FILE *in = fopen(file, "r");

    if (!in)
        return ssldyn_fail(err, SSLDYN_EIO, "%.200s: %s", file, strerror(errno));
    while (fgets(line, sizeof line, in)) {
        const char *start = inside ? line : strstr(line, "<svg");
        if (start) {
            inside = true;
            fputs(start, out);
        }
    }
    fclose(in);
    return SSLDYN_OK;
}

/* Whether a column repeats for every mode: its name ends in _1, _2, ... */
static bool is_per_mode(const char *name, size_t *stem, long *mode)
{
    const char *bar = strrchr(name, '_');
    char *end = NULL;

    if (!bar || bar[1] < '0' || bar[1] > '9')
        return false;
    *mode = strtol(bar + 1, &end, 10);
    *stem = (size_t)(bar - name);
    return *end == '\0' && *mode >= 1;
}

/* The last row: what there is once as name and value, what every mode has as one row a mode. */
static void add_last_row(FILE *out, const struct ssldyn_table *table)
{
    const double *row = table->values + (table->rows - 1) * table->columns;
    size_t stem = 0;
    long mode = 0;
    long modes = 0;

    fputs("<h2>At the end</h2>\n<table>\n", out);
    for (size_t k = 0; k < table->columns; k++) {
        if (is_per_mode(table->names[k], &stem, &mode)) {
            modes = mode > modes ? mode : modes;
        } else if (!isnan(row[k])) {
            fprintf(out, "<tr><td>%s</td><td>%.8g</td></tr>\n", table->names[k], row[k]);
        }
    }
    fputs("</table>\n", out);
    if (modes == 0)
        return;
    fputs("<table>\n<tr><th>mode</th>", out);
    for (size_t k = 0; k < table->columns; k++) {
        if (is_per_mode(table->names[k], &stem, &mode) && mode == 1)
            fprintf(out, "<th>%.*s</th>", (int)stem, table->names[k]);
    }
    for (long j = 1; j <= modes; j++) {
        fprintf(out, "</tr>\n<tr><td>%ld</td>", j);
        for (size_t k = 0; k < table->columns; k++) {
            if (is_per_mode(table->names[k], &stem, &mode) && mode == j)
                fprintf(out, "<td>%.6g</td>", row[k]);
        }
    }
    fputs("</tr>\n</table>\n", out);
}

static enum ssldyn_status add_trace(FILE *out, const char *run, struct ssldyn_error *err)
{
    struct ssldyn_table table = {0};
    char *path = ssldyn_path_join(run, "trace.tsv");
    enum ssldyn_status status = SSLDYN_OK;

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0) {
        status = ssldyn_table_read(path, &table, err);
        if (status == SSLDYN_OK && table.rows > 0)
            add_last_row(out, &table);
        ssldyn_table_clear(&table);
    }
    free(path);
    return status;
}

/* Draws into drawing (an .svg beside the report, removed afterwards) and writes the whole file. */
static enum ssldyn_status write_report(const char *run, const char *file, const char *drawing,
                                       struct ssldyn_error *err)
{
    struct ssldyn_file out = {0};
    enum ssldyn_status status = ssldyn_picture_draw(run, drawing, err);

    if (status != SSLDYN_OK)
        return status;
    status = ssldyn_file_open(&out, file, err);
    if (status == SSLDYN_OK) {
        fputs(head, out.stream);
        fprintf(out.stream, "<h1>Report of a run</h1>\n<p>By ssldyn %s.</p>\n", SSLDYN_VERSION);
        status = add_picture(out.stream, drawing, err);
    }
    if (status == SSLDYN_OK) {
        add_text(out.stream, run, "report.txt", "Closing report");
        add_text(out.stream, run, "verdict.txt", "Verdict");
        status = add_trace(out.stream, run, err);
    }
    if (status == SSLDYN_OK) {
        add_text(out.stream, run, "events.tsv", "On the way");
        add_text(out.stream, run, "spec.conf", "Settings, which repeat it");
        fputs("</body>\n</html>\n", out.stream);
        status = ssldyn_file_commit(&out, err);
    } else {
        ssldyn_file_abandon(&out);
    }
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char drawing[1024];

    if (spec->operand_count != 1)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: give the directory of one run",
                           spec->operand_count == 0 ? "no run" : "several runs");
    char *file = spec->picture ? ssldyn_string_copy(spec->picture)
                               : ssldyn_path_join(spec->operands[0], "report.html");
    if (!file)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    const char *dot = strrchr(file, '.');
    if (!dot || strcmp(dot, ".html") != 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: must end in .html", file);
    else if (snprintf(drawing, sizeof drawing, "%s.tmp.svg", file) >= (int)sizeof drawing)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "-o %.60s...: the name is too long", file);
    if (status == SSLDYN_OK) {
        status = write_report(spec->operands[0], file, drawing, err);
        (void)unlink(drawing);
    }
    if (status == SSLDYN_OK)
        printf("%s\n", file);
    free(file);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_report = {
    .command = SSLDYN_COMMAND_REPORT,
    .operands = "RUN",
    .summary = "one HTML file of a run",
    .description =
        "Writes one self-contained HTML file: the picture of \"ssldyn plot\", the closing report, "
        "the values at the end, what happened on the way, and the settings that repeat the run. It "
        "is "
        "RUN/report.html unless -o says otherwise; its name is printed. Needs gnuplot.",
    .examples = "ssldyn report out/flow-population\n"
                "ssldyn report out/flow-modes -o modes.html\n",
    .needs_arguments = true,
    .run = run};
