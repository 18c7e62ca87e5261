/* Tables whose rows are separate runs, from the output of those runs. */
// SPDX-License-Identifier: MIT
#include "sim/cli/jobs.h"

#include "sim/cli/words.h"
#include "sim/io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes the names of a row's cells, or their values. */
static void write_cells(const char *cells, const char *path, FILE *table)
{
    const char *separator = "";
    char value[SSLDYN_WORDS_VALUE];
    for (const char *at = cells + strspn(cells, " "); *at != '\0';) {
        const size_t length = strcspn(at, " ");
        const size_t name = strcspn(at, " =");
        fputs(separator, table);
        separator = "\t";
        if (!path)
            fprintf(table, "%.*s", (int)name, at);
        else if (name == length)
            fputs(ssldyn_words_printed(fopen(path, "r"), at, name, value), table);
        else if (at[name + 1] == '@')
            fputs(ssldyn_words_printed(fopen(path, "r"), at + name + 2, length - name - 2, value),
                  table);
        else
            fprintf(table, "%.*s", (int)(length - name - 1), at + name + 1);
        at += length + strspn(at + length, " ");
    }
    fputc('\n', table);
}

enum ssldyn_status ssldyn_jobs_write_tables(const struct ssldyn_recipe *recipe,
                                            const char *directory, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    for (size_t i = 0; i < recipe->job_count && status == SSLDYN_OK; i++) {
        struct ssldyn_file file = {0};
        bool first = recipe->jobs[i].table != NULL;
        for (size_t k = 0; k < i && first; k++)
            first =
                !recipe->jobs[k].table || strcmp(recipe->jobs[k].table, recipe->jobs[i].table) != 0;
        if (!first)
            continue;
        status = ssldyn_file_open_in(&file, directory, recipe->jobs[i].table, err);
        if (status == SSLDYN_OK) {
            fprintf(file.stream, "# ssldyn %s 1\n", recipe->name);
            write_cells(recipe->jobs[i].cells, NULL, file.stream);
        }
        for (size_t k = i; k < recipe->job_count && status == SSLDYN_OK; k++) {
            if (!recipe->jobs[k].table || strcmp(recipe->jobs[k].table, recipe->jobs[i].table) != 0)
                continue;
            char *path = ssldyn_file_path_join(directory, recipe->jobs[k].target);
            if (path)
                write_cells(recipe->jobs[k].cells, path, file.stream);
            else
                status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
            free(path);
        }
        if (status == SSLDYN_OK)
            status = ssldyn_file_commit(&file, err);
        else
            ssldyn_file_abandon(&file);
    }
    return status;
}
