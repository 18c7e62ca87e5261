/* ssldyn report: one self-contained HTML file of a run: its picture, its verdict, its final
 * values, the events, and the settings that reproduce it. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"
#include "sim/cli/report.h"
#include "sim/cli/words.h"
#include "sim/io/file.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A text file of the run under a heading, without the line that gives its kind; nothing if the
 * file does not exist. */
static enum ssldyn_status add_text(FILE *out, const char *run, const char *name,
                                   const char *heading, struct ssldyn_error *err)
{
    char line[4096];
    FILE *in = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(run, name, &in, err);

    if (!in)
        return status;
    fprintf(out, "<h2>%s</h2>\n<pre>", heading);
    while (fgets(line, sizeof line, in))
        if (strncmp(line, "# ssldyn ", 9) != 0)
            ssldyn_report_escaped(out, line);
    fputs("</pre>\n", out);
    fclose(in);
    return SSLDYN_OK;
}

/* The drawing, from its <svg> on, without the titles of its parts, which gnuplot generates and
 * browsers would show as tooltips. */
static void add_picture(FILE *out, const struct ssldyn_bytes *drawing)
{
    const char *at = strstr(drawing->bytes, "<svg");

    fputs("<figure>\n", out);
    while (at) {
        const char *title = strstr(at, "<title>");
        const char *end = title ? strstr(title, "</title>") : NULL;
        fwrite(at, 1, end ? (size_t)(title - at) : strlen(at), out);
        at = end ? end + strlen("</title>") : NULL;
    }
    fputs("</figure>\n", out);
}

/* The verdict as text, one paragraph per sentence: a sentence ends with a period before a
 * capital. */
static enum ssldyn_status add_verdict(FILE *out, const char *run, struct ssldyn_error *err)
{
    char line[8192];
    FILE *in = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(run, "verdict.txt", &in, err);

    if (!in)
        return status;
    fputs("<h2>Verdict</h2>\n<div class=\"verdict\">\n", out);
    while (fgets(line, sizeof line, in)) {
        if (strncmp(line, "# ssldyn ", 9) == 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        for (char *sentence = line; *sentence;) {
            char *end = sentence;
            while ((end = strstr(end, ". ")) && !isupper((unsigned char)end[2]))
                end += 2;
            char *next = end ? end + 2 : sentence + strlen(sentence);
            if (end)
                end[1] = '\0';
            fputs("<p>", out);
            ssldyn_report_escaped(out, sentence);
            fputs("</p>\n", out);
            sentence = next;
        }
    }
    fputs("</div>\n", out);
    fclose(in);
    return SSLDYN_OK;
}

/* The table of a ladder: the rungs, their assumptions, and the gaps in percent. */
static void add_rungs(FILE *out, const struct ssldyn_words *rungs)
{
    fputs("<h2>Gaps from the rung above, in percent (s_total: from the first rung)</h2>\n<table>\n",
          out);
    for (size_t row = 0; row <= rungs->rows; row++) {
        fputs("<tr>", out);
        for (size_t k = 0; k < rungs->columns; k++) {
            const char *cell = rungs->cells[row * rungs->columns + k];
            char *end = NULL;
            const double gap = strtod(cell, &end);
            if (end == cell || *end != '\0')
                ssldyn_report_cell(out, row == 0 ? "th" : "td", cell);
            else
                fprintf(out, isnan(gap) ? "<td></td>" : "<td>%.3g</td>", 100.0 * gap);
        }
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
}

/* The sections of one run. */
static enum ssldyn_status add_run(FILE *out, const struct ssldyn_run *run, struct ssldyn_error *err)
{
    enum ssldyn_status status = add_text(out, run->path, "report.txt", "Closing report", err);

    if (status == SSLDYN_OK && run->kind == SSLDYN_RUN_SWEEP)
        status = ssldyn_report_sweep(out, run->path, err);
    char *ladder = ssldyn_file_path_join(run->path, "ladder.tsv");
    struct ssldyn_words rungs = {0};
    if (status == SSLDYN_OK && ladder && access(ladder, R_OK) == 0 &&
        ssldyn_words_read(ladder, &rungs, err) == SSLDYN_OK)
        add_rungs(out, &rungs); /* its trace holds all rungs, with one column per mode of each */
    else if (status == SSLDYN_OK)
        status = ssldyn_report_trace(out, run->path, err);
    ssldyn_words_clear(&rungs);
    free(ladder);
    if (status == SSLDYN_OK)
        status = add_text(out, run->path, "events.tsv", "Events", err);
    if (status == SSLDYN_OK)
        status = add_text(out, run->path, "spec.conf", "Settings that reproduce the run", err);
    return status;
}

/* The whole file, written only after its picture has been drawn. */
static enum ssldyn_status write_report(const struct ssldyn_spec *spec, struct ssldyn_run_set *set,
                                       const char *file, struct ssldyn_error *err)
{
    struct ssldyn_file out = {0};
    struct ssldyn_bytes drawing = {NULL, 0};
    const struct ssldyn_picture_request request = {.runs =
                                                       (const char *const *)spec->given.operands,
                                                   .run_count = spec->given.operand_count,
                                                   .command = "report"};
    const struct ssldyn_answer_mode mode = ssldyn_cli_output_mode(spec);
    enum ssldyn_status status = ssldyn_picture_make(&request, "svg", &drawing, err);

    if (status == SSLDYN_OK)
        status = ssldyn_file_open(&out, file, err);
    if (status == SSLDYN_OK)
        status = ssldyn_report_head(out.stream, set, err);
    if (status == SSLDYN_OK)
        status = add_verdict(out.stream, set->runs[0].path, err);
    if (status == SSLDYN_OK) {
        add_picture(out.stream, &drawing);
        status = set->count > 1 ? ssldyn_report_runs(out.stream, set, &mode, err)
                                : add_run(out.stream, &set->runs[0], err);
    }
    free(drawing.bytes);
    if (status == SSLDYN_OK) {
        fputs("</body>\n</html>\n", out.stream);
        status = ssldyn_file_commit(&out, err);
    } else {
        ssldyn_file_abandon(&out);
    }
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_run_set set;

    if (spec->given.operand_count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "no run given: give one or more run directories");
    char *file = spec->picture ? ssldyn_memory_copy(spec->picture)
                 : spec->given.operand_count > 1
                     ? ssldyn_memory_copy("report.html")
                     : ssldyn_file_path_join(spec->given.operands[0], "report.html");
    if (!file)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    const char *dot = strrchr(file, '.');
    if (!dot || strcasecmp(dot, ".html") != 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: must end in .html", file);
    if (status == SSLDYN_OK)
        status = ssldyn_run_set_open((const char *const *)spec->given.operands,
                                     spec->given.operand_count, &set, err);
    if (status == SSLDYN_OK) {
        status = write_report(spec, &set, file, err);
        ssldyn_run_set_clear(&set);
    }
    if (status == SSLDYN_OK)
        printf("%s\n", file);
    free(file);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_report = {
    .command = SSLDYN_COMMAND_REPORT,
    .operands = "RUN...",
    .summary = "write one HTML file about a run, or about several",
    .description =
        "Writes one self-contained HTML file: the picture that \"ssldyn plot\" draws, the closing "
        "report, the final values, the events of the run, and the settings that reproduce it. For "
        "a sweep it has the number of points with each fate; for several runs, or a folder of "
        "them, the table of \"ssldyn compare\". The file is RUN/report.html (report.html for "
        "several) unless -o says otherwise; its name is printed. The command needs gnuplot.",
    .examples = "ssldyn report out/flow-population\n"
                "ssldyn report out/flow-modes -o modes.html\n"
                "ssldyn report jobs\n",
    .needs_arguments = true,
    .run = run};
