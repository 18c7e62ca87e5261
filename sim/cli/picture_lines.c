/* Theory's lines over the picture of a sweep: the rows of lines.tsv. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_cells.h"

#include "sim/cli/picture.h"
#include "sim/cli/words.h"
#include "sim/io/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BRANCHES = 1000 };

/* The rows of one line of lines.tsv as the block $NAME, with its branches separated, and
 * NAME_count. */
static void write_line(FILE *program, const struct ssldyn_words *words, const char *line)
{
    size_t count = 0;
    int branches = 1;

    fprintf(program, "$%s << END_OF_DATA\nx\ty\n", line);
    for (int branch = 0; branch < branches; branch++) {
        for (size_t row = 0; row < words->rows; row++) {
            const double k = ssldyn_words_number(words, row, 1);
            if (strcmp(ssldyn_words_cell(words, row, 0), line) != 0)
                continue;
            if (k >= branches && k < (double)MOST_BRANCHES)
                branches = (int)k + 1;
            if (k != (double)branch)
                continue;
            ssldyn_gnuplot_row(
                program, 2,
                (double[]){ssldyn_words_number(words, row, 2), ssldyn_words_number(words, row, 3)});
            count++;
        }
        fputc('\n', program);
    }
    fprintf(program, "NaN\tNaN\nEND_OF_DATA\n%s_count = %zu\n", line, count);
}

enum ssldyn_status ssldyn_picture_lines(FILE *program, const struct ssldyn_sweep_view *view,
                                        struct ssldyn_error *err)
{
    static const char *const lines[] = {"fold", "alignment", "ema",     "edge",
                                        "zero", "stable",    "unstable"};
    struct ssldyn_words words = {0};
    enum ssldyn_status status = SSLDYN_OK;
    const bool wanted = view && !view->averaged && !view->unfinished && view->axes.count <= 2;
    char *path = wanted ? ssldyn_file_path_join(view->run, "lines.tsv") : NULL;

    if (wanted && !path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const bool there = path && access(path, F_OK) == 0;
    if (there)
        status = ssldyn_words_read(path, &words, err);
    if (status == SSLDYN_OK && there &&
        (words.columns < 4 || ssldyn_words_column(&words, "line") != 0 ||
         ssldyn_words_column(&words, "branch") != 1))
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%.300s: must have the columns line, branch and two more", path);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0] && status == SSLDYN_OK; i++)
        write_line(program, &words, lines[i]);
    ssldyn_words_clear(&words);
    free(path);
    return status;
}
