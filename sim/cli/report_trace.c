/* The final state of a run with a trace, as tables, and the meaning of the symbols. */
// SPDX-License-Identifier: MIT
#include "sim/cli/report.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/trace.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORD = 64, MEANING = 200 };

/* A column, or a stem of per-mode columns. */
struct entry {
    char name[WORD]; /* the stem of per-mode columns */
    bool of_modes;
    char meaning[MEANING]; /* from the head of the file; or "" */
    bool shown;
};

struct sheet {
    struct ssldyn_table table;
    const double *row; /* the last one */
    size_t modes;
    size_t *mode_of; /* for each column its mode from 1; 0: not per mode */
    size_t count;
    struct entry *entries;
};

/* Finds the per-mode columns, STEM_1, STEM_2, ... A number that does not continue the sequence
 * from 1 is part of a name. */
static void find_modes(struct sheet *sheet)
{
    const struct ssldyn_table *table = &sheet->table;

    for (size_t k = 0; k < table->columns; k++) {
        const char *bar = strrchr(table->names[k], '_');
        char *end = NULL;
        sheet->mode_of[k] = bar && bar[1] >= '1' && bar[1] <= '9' ? strtoul(bar + 1, &end, 10) : 0;
        if (end && *end != '\0')
            sheet->mode_of[k] = 0;
    }
    for (bool found = true; found; sheet->modes += found) {
        found = false;
        for (size_t k = 0; k < table->columns && !found; k++)
            found = sheet->mode_of[k] == sheet->modes + 1;
    }
    for (size_t k = 0; k < table->columns; k++)
        sheet->mode_of[k] = sheet->mode_of[k] <= sheet->modes ? sheet->mode_of[k] : 0;
}

static double value_of(const struct sheet *sheet, const struct entry *entry, size_t mode)
{
    char name[WORD + 24];

    snprintf(name, sizeof name, entry->of_modes ? "%s_%zu" : "%s", entry->name, mode);
    const size_t column = ssldyn_table_column(&sheet->table, name);
    return column == SIZE_MAX ? (double)NAN : sheet->row[column];
}

/* Reads "# s_j: eigenvalues of F" from the head of the file. */
static enum ssldyn_status read_meanings(struct sheet *sheet, const char *path,
                                        struct ssldyn_error *err)
{
    char line[1024];
    FILE *stream = fopen(path, "r");

    if (!stream)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s: cannot be read", path);
    while (fgets(line, sizeof line, stream) && line[0] == '#') {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        colon[1 + strcspn(colon + 1, "\n")] = '\0';
        char *name = line + 1 + strspn(line + 1, " ");
        const size_t length = strlen(name);
        const bool of_modes = length > 2 && strcmp(name + length - 2, "_j") == 0;
        name[length - (of_modes ? 2 : 0)] = '\0';
        for (size_t i = 0; i < sheet->count; i++)
            if (sheet->entries[i].of_modes == of_modes && strcmp(sheet->entries[i].name, name) == 0)
                snprintf(sheet->entries[i].meaning, MEANING, "%.190s",
                         colon + 1 + strspn(colon + 1, " "));
    }
    fclose(stream);
    return SSLDYN_OK;
}

static enum ssldyn_status read_sheet(struct sheet *sheet, const char *path,
                                     struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_table_read(path, &sheet->table, err);
    if (status != SSLDYN_OK || sheet->table.rows == 0)
        return status;
    const struct ssldyn_table *table = &sheet->table;
    sheet->row = table->values + (table->rows - 1) * table->columns;
    sheet->mode_of = ssldyn_memory_array(table->columns, sizeof *sheet->mode_of);
    sheet->entries = ssldyn_memory_array(table->columns, sizeof *sheet->entries);
    if (!sheet->mode_of || !sheet->entries)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    find_modes(sheet);
    for (size_t k = 0; k < table->columns; k++) {
        struct entry *entry = &sheet->entries[sheet->count];
        if (sheet->mode_of[k] > 1)
            continue;
        entry->of_modes = sheet->mode_of[k] == 1;
        const char *bar = strrchr(table->names[k], '_');
        const size_t length =
            entry->of_modes ? (size_t)(bar - table->names[k]) : strlen(table->names[k]);
        snprintf(entry->name, WORD, "%.*s", (int)(length < WORD ? length : WORD - 1),
                 table->names[k]);
        sheet->count++;
    }
    return read_meanings(sheet, path, err);
}

/* A quantity that is the same for every mode is printed in one line. */
static bool is_constant(const struct sheet *sheet, const struct entry *entry)
{
    char first[40];
    char other[40];

    snprintf(first, sizeof first, "%.6g", value_of(sheet, entry, 1));
    for (size_t j = 2; j <= sheet->modes; j++) {
        snprintf(other, sizeof other, "%.6g", value_of(sheet, entry, j));
        if (strcmp(first, other) != 0)
            return false;
    }
    return sheet->modes > 1;
}

static bool has_values(const struct sheet *sheet, const struct entry *entry)
{
    for (size_t j = 1; j <= (entry->of_modes ? sheet->modes : 1); j++)
        if (!isnan(value_of(sheet, entry, j)))
            return true;
    return false;
}

/* Whether a column only repeats the number of the mode. */
static bool is_the_mode(const struct sheet *sheet, const struct entry *entry)
{
    for (size_t j = 1; j <= sheet->modes; j++)
        if (value_of(sheet, entry, j) != (double)j)
            return false;
    return true;
}

static void write_run(FILE *out, struct sheet *sheet)
{
    ssldyn_report_table(out, "At the end", NULL);
    for (size_t i = 0; i < sheet->count; i++) {
        struct entry *entry = &sheet->entries[i];
        if (entry->of_modes || !has_values(sheet, entry))
            continue;
        fputs("<tr>", out);
        ssldyn_report_cell(out, "td", entry->name);
        ssldyn_report_cell_number(out, value_of(sheet, entry, 0));
        ssldyn_report_cell(out, "td class=\"means\"", entry->meaning);
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

static void write_modes(FILE *out, struct sheet *sheet)
{
    size_t constants = 0;

    fputs("<h2>Modes at the end</h2>\n", out);
    for (size_t i = 0; i < sheet->count; i++) {
        struct entry *entry = &sheet->entries[i];
        if (!entry->of_modes || !has_values(sheet, entry) || is_the_mode(sheet, entry))
            continue;
        entry->shown = true;
        if (!is_constant(sheet, entry))
            continue;
        fputs(constants++ == 0 ? "<p>For every mode: " : ", ", out);
        ssldyn_report_escaped(out, entry->name);
        fputs(" = ", out);
        ssldyn_report_number(out, value_of(sheet, entry, 1));
    }
    fputs(constants > 0 ? ".</p>\n" : "", out);
    fputs("<div class=\"wide\"><table>\n<tr><th>j</th>", out);
    for (size_t i = 0; i < sheet->count; i++) {
        if (sheet->entries[i].shown && !is_constant(sheet, &sheet->entries[i]))
            ssldyn_report_cell(out, "th", sheet->entries[i].name);
    }
    for (size_t j = 1; j <= sheet->modes; j++) {
        fprintf(out, "</tr>\n<tr><td>%zu</td>", j);
        for (size_t i = 0; i < sheet->count; i++) {
            if (sheet->entries[i].shown && !is_constant(sheet, &sheet->entries[i]))
                ssldyn_report_cell_number(out, value_of(sheet, &sheet->entries[i], j));
        }
    }
    fputs("</tr>\n</table></div>\n", out);
}

static void write_symbols(FILE *out, const struct sheet *sheet)
{
    ssldyn_report_table(out, "Symbols", NULL);
    ssldyn_report_meaning(out, "j",
                          "mode, in descending order of s where the columns are eigenvalues");
    for (size_t i = 0; i < sheet->count; i++) {
        const struct entry *entry = &sheet->entries[i];
        if (entry->shown && entry->meaning[0] != '\0')
            ssldyn_report_meaning(out, entry->name, entry->meaning);
    }
    fputs("</table></div>\n", out);
}

enum ssldyn_status ssldyn_report_trace(FILE *out, const char *run, struct ssldyn_error *err)
{
    struct sheet sheet = {0};
    char *path = ssldyn_file_path_join(run, "trace.tsv");
    enum ssldyn_status status = SSLDYN_OK;

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0)
        status = read_sheet(&sheet, path, err);
    if (status == SSLDYN_OK && sheet.count > 0) {
        write_run(out, &sheet);
        if (sheet.modes > 0) {
            write_modes(out, &sheet);
            write_symbols(out, &sheet);
        }
    }
    ssldyn_table_clear(&sheet.table);
    free(sheet.mode_of);
    free(sheet.entries);
    free(path);
    return status;
}
