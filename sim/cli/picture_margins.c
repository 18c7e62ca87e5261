/* The data of the picture of margins: a bar per knob. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "theory/fate.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The label of a bar: the factor of a share applies to its complement. */
static void write_label(FILE *program, size_t knob, const char *name)
{
    const bool complement = strcmp(name, "train_ema") == 0 || strcmp(name, "train_momentum") == 0;
    char label[256];
    char bar[300];

    if (strcmp(name, "start") == 0)
        snprintf(label, sizeof label, "all weights of the start");
    else
        ssldyn_picture_label(label, sizeof label, name);
    snprintf(bar, sizeof bar, "%s%s", complement ? "1 - " : "", label);
    ssldyn_gnuplot_entry(program, "KNOB", knob, bar);
}

enum ssldyn_status ssldyn_picture_margins(FILE *program, const char *run, const char *path,
                                          const struct ssldyn_table *table,
                                          struct ssldyn_error *err)
{
    const size_t fate = ssldyn_table_column(table, "fate");
    size_t knobs = 0;
    double low = 1.0;
    double high = 1.0;

    (void)run;
    for (size_t i = 0; i < table->columns; i++)
        knobs += strncmp(table->names[i], "x_", 2) == 0 ? 1 : 0;
    if (knobs == 0 || fate == SIZE_MAX)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: needs columns x_NAME and fate", path);
    const double now = ssldyn_table_value(table, 0, fate);
    fprintf(program, "knobs = %zu\narray KNOB[%zu]\n", knobs, knobs);
    ssldyn_gnuplot_string(program, "fate_now",
                          now == 0.0   ? ssldyn_fate_word(SSLDYN_FATE_COLLAPSED)
                          : now == 1.0 ? ssldyn_fate_word(SSLDYN_FATE_SURVIVES)
                                       : ssldyn_fate_word(SSLDYN_FATE_UNDECIDED));
    fputs("$margins << END_OF_DATA\nbar\tfactor\tfold\n", program);
    for (size_t i = 0, bar = 0; i < table->columns; i++) {
        const char *name = table->names[i] + 2;
        char kind[80];
        if (strncmp(table->names[i], "x_", 2) != 0)
            continue;
        const double factor = ssldyn_table_value(table, 0, i);
        snprintf(kind, sizeof kind, "kind_%.60s", name);
        const size_t at = ssldyn_table_column(table, kind);
        low = isfinite(factor) ? fmin(low, factor) : low;
        high = isfinite(factor) ? fmax(high, factor) : high;
        fprintf(program, "%zu", ++bar);
        ssldyn_gnuplot_number(program, '\t', factor);
        ssldyn_gnuplot_number(program, '\t',
                              at == SIZE_MAX ? 0.0 : ssldyn_table_value(table, 0, at));
        fputc('\n', program);
    }
    fputs("END_OF_DATA\n", program);
    for (size_t i = 0, bar = 0; i < table->columns; i++)
        if (strncmp(table->names[i], "x_", 2) == 0)
            write_label(program, bar++, table->names[i] + 2);
    fprintf(program, "x_low = %.12g; x_high = %.12g\n", low / 4.0, high * 4.0);
    return SSLDYN_OK;
}
