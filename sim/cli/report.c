/* ssldyn report: one self-contained HTML file of a run: its picture, its verdict, where it ended,
 * what happened on the way, and the settings that repeat it. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"
#include "sim/io/trace.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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
    "pre { background: #f6f6f6; padding: 0.8em; white-space: pre-wrap; overflow-wrap: anywhere; }\n"
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
        else if (*c == '"')
            fputs("&quot;", stream);
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

/* A text file of the run under a heading, less the line that says which kind of file it is; nothing
 * where it is not there. */
static void add_text(FILE *out, const char *run, const char *name, const char *heading)
{
    char line[4096];
    FILE *in = open_in(run, name);

    if (!in)
        return;
    fprintf(out, "<h2>%s</h2>\n<pre>", heading);
    while (fgets(line, sizeof line, in))
        if (strncmp(line, "# ssldyn ", 9) != 0)
            escaped(out, line);
    fputs("</pre>\n", out);
    fclose(in);
}

/* The drawing as it is, from its <svg> on. */
static void add_picture(FILE *out, const struct ssldyn_bytes *drawing)
{
    const char *start = strstr(drawing->bytes, "<svg");

    if (start)
        fwrite(start, 1, drawing->length - (size_t)(start - drawing->bytes), out);
}

/* The columns that repeat for every mode, STEM_1, STEM_2, ...: of each column its mode, 0 for one
 * of the run as a whole. A number that is not reached by counting up from 1 is part of a name.
 * Returns the number of modes. */
static size_t find_modes(const struct ssldyn_table *table, size_t modes[])
{
    size_t most = 0;

    for (size_t k = 0; k < table->columns; k++) {
        const char *bar = strrchr(table->names[k], '_');
        char *end = NULL;
        modes[k] = bar && bar[1] >= '1' && bar[1] <= '9' ? strtoul(bar + 1, &end, 10) : 0;
        if (end && *end != '\0')
            modes[k] = 0;
    }
    for (bool found = true; found; most += found) {
        found = false;
        for (size_t k = 0; k < table->columns && !found; k++)
            found = modes[k] == most + 1;
    }
    for (size_t k = 0; k < table->columns; k++)
        modes[k] = modes[k] <= most ? modes[k] : 0;
    return most;
}

static void add_cell(FILE *out, const char *tag, const char *text, int length)
{
    char cell[256];

    snprintf(cell, sizeof cell, "%.*s", length, text);
    fprintf(out, "<%s>", tag);
    escaped(out, cell);
    fprintf(out, "</%s>", tag);
}

/* Whether some mode has a value in the columns that begin as column first does, STEM_1. */
static bool has_values(const struct ssldyn_table *table, const double row[], const size_t modes[],
                       size_t first)
{
    const size_t stem = (size_t)(strrchr(table->names[first], '_') - table->names[first]) + 1;
    bool found = false;

    for (size_t k = 0; k < table->columns; k++)
        found = found || (modes[k] > 0 && !isnan(row[k]) &&
                          strncmp(table->names[k], table->names[first], stem) == 0);
    return found;
}

/* The last row: what there is once as name and value, what every mode has as a row for each mode.
 * Columns without a value there are left out. */
static enum ssldyn_status add_last_row(FILE *out, const struct ssldyn_table *table,
                                       struct ssldyn_error *err)
{
    const double *row = table->values + (table->rows - 1) * table->columns;
    size_t *modes = ssldyn_array_alloc(table->columns, sizeof *modes);

    if (!modes)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const size_t count = find_modes(table, modes);
    fputs("<h2>At the end</h2>\n<table>\n", out);
    for (size_t k = 0; k < table->columns; k++) {
        if (modes[k] != 0 || isnan(row[k]))
            continue;
        fputs("<tr>", out);
        add_cell(out, "td", table->names[k], 200);
        fprintf(out, "<td>%.8g</td></tr>\n", row[k]);
    }
    fputs("</table>\n", out);
    if (count > 0)
        fputs("<table>\n<tr><th>j</th>", out);
    for (size_t k = 0; k < table->columns; k++)
        if (modes[k] == 1 && has_values(table, row, modes, k))
            add_cell(out, "th", table->names[k],
                     (int)(strrchr(table->names[k], '_') - table->names[k]));
    for (size_t j = 1; j <= count; j++) {
        fprintf(out, "</tr>\n<tr><td>%zu</td>", j);
        for (size_t k = 0; k < table->columns; k++)
            if (modes[k] == j && has_values(table, row, modes, k))
                fprintf(out, isnan(row[k]) ? "<td></td>" : "<td>%.6g</td>", row[k]);
    }
    fputs(count > 0 ? "</tr>\n</table>\n" : "", out);
    free(modes);
    return SSLDYN_OK;
}

/* How many points of a sweep have which fate. */
static enum ssldyn_status add_fates(FILE *out, const char *run, struct ssldyn_error *err)
{
    static const char *const fates[] = {"collapsed", "survive", "diverged", "undecided"};
    enum { FATES = sizeof fates / sizeof fates[0] };
    struct ssldyn_array fate = {0};
    size_t counts[FATES] = {0};
    char *path = ssldyn_path_join(run, "fate.npy");
    enum ssldyn_status status = SSLDYN_OK;

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0) {
        status = ssldyn_npy_read(path, true, &fate, err);
        for (size_t i = 0; i < fate.count; i++)
            if (fate.data[i] >= 0.0 && fate.data[i] < FATES)
                counts[(size_t)fate.data[i]]++;
        fprintf(out, "<h2>Fates</h2>\n<table>\n<tr><td>points</td><td>%zu</td></tr>\n", fate.count);
        for (size_t k = 0; k < FATES; k++)
            fprintf(out, "<tr><td>%s</td><td>%zu</td></tr>\n", fates[k], counts[k]);
        fputs("</table>\n", out);
    }
    ssldyn_array_clear(&fate);
    free(path);
    return status;
}

/* A ladder's table: the rungs, what each assumes, and its gaps in percent. */
static void add_rungs(FILE *out, FILE *in)
{
    char line[4096];

    fputs("<h2>Gaps from the rung above, in percent (s_total: from the first)</h2>\n<table>\n",
          out);
    for (bool heading = true; fgets(line, sizeof line, in);) {
        char *cell = line;
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = '\0';
        fputs("<tr>", out);
        while (cell) {
            char *const tab = strchr(cell, '\t');
            char *end = cell;
            if (tab)
                *tab = '\0';
            const double gap = strtod(cell, &end);
            if (end == cell || *end != '\0')
                add_cell(out, heading ? "th" : "td", cell, 200);
            else
                fprintf(out, isnan(gap) ? "<td></td>" : "<td>%.3g</td>", 100.0 * gap);
            cell = tab ? tab + 1 : NULL;
        }
        fputs("</tr>\n", out);
        heading = false;
    }
    fputs("</table>\n", out);
    fclose(in);
}

static enum ssldyn_status add_trace(FILE *out, const char *run, struct ssldyn_error *err)
{
    struct ssldyn_table table = {0};
    FILE *const rungs = open_in(run, "ladder.tsv");
    if (rungs) { /* its trace holds all rungs, a column for each mode of each */
        add_rungs(out, rungs);
        return SSLDYN_OK;
    }
    char *path = ssldyn_path_join(run, "trace.tsv");
    enum ssldyn_status status = SSLDYN_OK;

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0) {
        status = ssldyn_table_read(path, &table, err);
        if (status == SSLDYN_OK && table.rows > 0)
            status = add_last_row(out, &table, err);
        ssldyn_table_clear(&table);
    }
    free(path);
    return status;
}

/* The last part of a path. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] != '\0' ? slash + 1 : path;
}

/* The whole file, written only once its picture is there. */
static enum ssldyn_status write_report(const char *run, const char *file, struct ssldyn_error *err)
{
    struct ssldyn_file out = {0};
    struct ssldyn_bytes drawing = {NULL, 0};
    const struct ssldyn_picture_request request = {.runs = &run, .run_count = 1, .format = "svg"};
    enum ssldyn_status status = ssldyn_picture_make(&request, &drawing, err);

    if (status == SSLDYN_OK)
        status = ssldyn_file_open(&out, file, err);
    if (status == SSLDYN_OK) {
        fputs(head, out.stream);
        fputs("<h1>Report of ", out.stream);
        escaped(out.stream, name_of(run));
        fprintf(out.stream, "</h1>\n<p>By ssldyn %s.</p>\n", SSLDYN_VERSION);
        add_picture(out.stream, &drawing);
        add_text(out.stream, run, "report.txt", "Closing report");
        add_text(out.stream, run, "verdict.txt", "Verdict");
        status = add_fates(out.stream, run, err);
    }
    if (status == SSLDYN_OK)
        status = add_trace(out.stream, run, err);
    free(drawing.bytes);
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
    if (spec->operand_count != 1)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: give the directory of one run",
                           spec->operand_count == 0 ? "no run" : "several runs");
    char *file = spec->picture ? ssldyn_string_copy(spec->picture)
                               : ssldyn_path_join(spec->operands[0], "report.html");
    if (!file)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    const char *dot = strrchr(file, '.');
    if (!dot || strcasecmp(dot, ".html") != 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: must end in .html", file);
    if (status == SSLDYN_OK)
        status = write_report(spec->operands[0], file, err);
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
