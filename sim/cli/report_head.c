/* The head of a report: its style, its title, and a description of the run. */
// SPDX-License-Identifier: MIT
#include "sim/cli/report.h"

#include "sim/io/file.h"
#include "sim/model/model.h"
#include "sim/options/name.h"
#include "sim/options/spec.h"
#include "sim/sweep/sweep_view.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Light or dark, following the reader's system; the picture keeps its white background. Nothing
 * is fetched. */
static const char style[] =
    "<style>\n"
    ":root { color-scheme: light dark; --ink: #222; --soft: #666; --line: #ddd; --block: #f5f5f3; "
    "--page: #fff; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --soft: #a5a5a0; --line: "
    "#3d3d3a; --block: #262624; --page: #191918; } }\n"
    "* { box-sizing: border-box; }\n"
    "body { font: 16px/1.5 \"Liberation Sans\", \"Helvetica Neue\", Arial, sans-serif; color: "
    "var(--ink); background: var(--page); max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem "
    "4rem; }\n"
    "h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.3rem; overflow-wrap: anywhere; }\n"
    "h2 { font-size: 1.15rem; margin: 2.2rem 0 0.6rem; }\n"
    ".about { color: var(--soft); margin: 0 0 1.2rem; overflow-wrap: anywhere; }\n"
    ".verdict { background: var(--block); border-left: 4px solid #0072B2; padding: 0.8rem 1rem; "
    "margin: 1rem 0; max-width: 46rem; overflow-wrap: anywhere; }\n"
    ".verdict p { margin: 0.35rem 0; }\n"
    "figure { margin: 1rem 0; padding: 0.5rem; background: #fff; border: 1px solid var(--line); "
    "border-radius: 6px; overflow-x: auto; }\n"
    "svg { display: block; width: 100%; height: auto; }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0 0 1rem; }\n"
    "td, th { padding: 0.2rem 1.1rem 0.2rem 0; text-align: right; border-bottom: 1px solid "
    "var(--line); white-space: nowrap; vertical-align: top; }\n"
    "th { font-weight: 600; }\n"
    "td:first-child, th:first-child { text-align: left; }\n"
    "td.means { text-align: left; white-space: normal; color: var(--soft); min-width: 9rem; }\n"
    "pre { font-size: 0.9rem; background: var(--block); padding: 0.8rem 1rem; white-space: "
    "pre-wrap; overflow-wrap: anywhere; }\n"
    "@media (max-width: 40rem) { figure svg { min-width: 34rem; } td, th { padding-right: 0.6rem; "
    "} body { font-size: 15px; } }\n"
    "</style>\n";

void ssldyn_report_escaped(FILE *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '<')
            fputs("&lt;", out);
        else if (*c == '>')
            fputs("&gt;", out);
        else if (*c == '&')
            fputs("&amp;", out);
        else if (*c == '"')
            fputs("&quot;", out);
        else if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\t')
            fputs("\xef\xbf\xbd", out); /* replaces characters that HTML does not allow */
        else
            fputc(*c, out);
    }
}

void ssldyn_report_number(FILE *out, double value)
{
    if (!isnan(value))
        fprintf(out, "%.6g", value == 0.0 ? 0.0 : value);
}

void ssldyn_report_cell(FILE *out, const char *tag, const char *text)
{
    fprintf(out, "<%s>", tag);
    ssldyn_report_escaped(out, text);
    fprintf(out, "</%.2s>", tag);
}

void ssldyn_report_cell_number(FILE *out, double value)
{
    fputs("<td>", out);
    ssldyn_report_number(out, value);
    fputs("</td>", out);
}

void ssldyn_report_meaning(FILE *out, const char *name, const char *meaning)
{
    fputs("<tr>", out);
    ssldyn_report_cell(out, "td", name);
    ssldyn_report_cell(out, "td class=\"means\"", meaning);
    fputs("</tr>\n", out);
}

void ssldyn_report_table(FILE *out, const char *heading, const char *head)
{
    fprintf(out, "<h2>%s</h2>\n<div class=\"wide\"><table>\n", heading);
    size_t length = 0;
    fputs(head ? "<tr>" : "", out);
    for (const char *word = NULL; (word = ssldyn_name_next(&head, &length));)
        fprintf(out, "<th>%.*s</th>%s", (int)length, word, *head ? "" : "</tr>\n");
}

/* The last part of a path, without trailing slashes. */
static void name_of(const char *path, char name[256])
{
    const size_t end = ssldyn_file_path_length(path);
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    snprintf(name, 256, "%.*s", (int)(end - start < 255 ? end - start : 255), path + start);
}

/* A list with equal entries equals that number. */
static bool is_same(const char *value, const char *usual)
{
    const size_t length = strlen(usual);

    while (length > 0 && strncmp(value, usual, length) == 0 && value[length] == ',')
        value += length + 1;
    return strcmp(value, usual) == 0;
}

/* " of RUN", of an analysis or a comparison. */
static enum ssldyn_status print_subject(FILE *out, const char *run, struct ssldyn_error *err)
{
    char name[SSLDYN_SPEC_OPERAND];
    FILE *stream = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(run, "spec.conf", &stream, err);

    if (ssldyn_spec_next_operand(stream, name)) {
        fputs(" of ", out);
        ssldyn_report_escaped(out, name);
    }
    if (stream)
        fclose(stream);
    return status;
}

/* The settings that a user would mention: those that differ from the command's defaults. */
static void print_settings(FILE *out, const struct ssldyn_spec *spec)
{
    enum { MOST = 8, VALUE = 48 };
    struct ssldyn_spec standard;
    char here[4096];
    char there[4096];
    size_t count = 0;

    if (ssldyn_spec_init(&standard, spec->given.command, NULL) != SSLDYN_OK)
        return;
    const bool checked = ssldyn_spec_prepare(&standard, NULL) == SSLDYN_OK;
    for (size_t i = 0; i < ssldyn_options_count && count < MOST && checked; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        if ((option->commands & (unsigned)spec->given.command) == 0 ||
            strcmp(option->group, "Output") == 0 || strcmp(option->name, "axis") == 0 ||
            strcmp(option->name, "model") == 0 ||
            !ssldyn_settings_applies(&spec->given, option, NULL, 0))
            continue;
        const char *value = ssldyn_option_text(spec, option, here, sizeof here);
        const char *usual = ssldyn_option_text(&standard, option, there, sizeof there);
        if (!value || value[0] == '\0' || (usual && is_same(value, usual)) ||
            strcmp(option->name, "init-scale") == 0) /* follows from n1 */
            continue;
        fprintf(out, "%s%s = ", count++ > 0 ? ", " : "; ", option->name);
        char shown[VALUE + 4];
        snprintf(shown, sizeof shown, strlen(value) > VALUE ? "%.45s..." : "%s", value);
        ssldyn_report_escaped(out, shown);
    }
    ssldyn_spec_clear(&standard);
}

/* "over eta (0 to 0.3, 61 values) and beta (...)" */
static void print_axes(FILE *out, const struct ssldyn_axes *axes)
{
    for (size_t k = 0; k < axes->count; k++) {
        const struct ssldyn_axis *axis = &axes->axis[k];
        const size_t n = axis->values.count;
        fprintf(out, "%s%s",
                k == 0                ? " over "
                : k + 1 < axes->count ? ", "
                                      : " and ",
                axis->option->name);
        if (axes->sobol)
            fprintf(out, " (%.6g to %.6g)", axis->from, axis->to);
        else if (axis->words || n == 0)
            fprintf(out, " (%zu choices)", n);
        else
            fprintf(out, " (%.6g to %.6g, %zu value%s)", axis->values.values[0],
                    axis->values.values[n - 1], n, n > 1 ? "s" : "");
    }
}

/* A description of one run: "sweep of the decoupled modes (M3) over eta (...); p0 = 0.5".
 * Nothing if its settings were not written by ssldyn; a failure if they cannot be read. */
static enum ssldyn_status print_about(FILE *out, const struct ssldyn_run *run,
                                      struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    struct ssldyn_sweep_view view;

    if (run->kind == SSLDYN_RUN_SWEEP) {
        const enum ssldyn_status status = ssldyn_sweep_view_open(&view, run->path, err);
        if (status == SSLDYN_OK) {
            fprintf(out, "sweep of the %s", ssldyn_model_of(view.spec.problem.model)->subject);
            print_axes(out, &view.axes);
            if (view.axes.sobol)
                fprintf(out, ", %" PRId64 " points of a Sobol sample", view.axes.points);
            print_settings(out, &view.spec);
        }
        ssldyn_sweep_view_clear(&view);
        return status == SSLDYN_EINPUT ? SSLDYN_OK : status;
    }
    enum ssldyn_status status = ssldyn_spec_load(&spec, run->path, err);
    if (status != SSLDYN_OK || spec.given.command == 0)
        return status == SSLDYN_EINPUT ? SSLDYN_OK : status;
    fputs(ssldyn_command_name(spec.given.command), out);
    if (spec.given.command == SSLDYN_COMMAND_FLOW || spec.given.command == SSLDYN_COMMAND_BASIN)
        fprintf(out, ", %s", ssldyn_model_of(spec.problem.model)->subject);
    status = print_subject(out, run->path, err);
    print_settings(out, &spec);
    ssldyn_spec_clear(&spec);
    return status;
}

enum ssldyn_status ssldyn_report_head(FILE *out, struct ssldyn_run_set *set,
                                      struct ssldyn_error *err)
{
    char name[256];

    enum ssldyn_status status = ssldyn_run_set_vary(set, err);
    if (status != SSLDYN_OK)
        return status;
    name_of(set->folder ? set->folder : set->runs[0].path, name);
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
          "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    ssldyn_report_escaped(out, name);
    if (set->count > 1)
        fprintf(out, "%s: %zu runs", set->folder ? "" : " and others", set->count);
    fputs(set->count == 1 ? ": " : "", out);
    if (set->count == 1)
        status = print_about(out, &set->runs[0], err);
    fprintf(out, "</title>\n%s</head>\n<body>\n<h1>", style);
    ssldyn_report_escaped(out, name);
    fputs("</h1>\n<p class=\"about\">", out);
    if (set->count == 1) {
        status = status == SSLDYN_OK ? print_about(out, &set->runs[0], err) : status;
    } else {
        fprintf(out, "%zu runs%s", set->count,
                set->varied > 0 ? ", which differ in " : " with the same settings");
        for (size_t k = 0; k < set->varied; k++) {
            fputs(k == 0 ? "" : k + 1 < set->varied ? ", " : " and ", out);
            ssldyn_report_escaped(out, set->settings[k]);
        }
    }
    fprintf(out, ". Written by ssldyn %s.</p>\n", SSLDYN_VERSION);
    return status;
}
