/* Margins in words and as a table (margins.h). */
// SPDX-License-Identifier: MIT
#include "sim/flow/margins.h"

#include "sim/base/decimal.h"
#include "sim/io/file.h"

#include <math.h>

/* The knob that needs the smallest change larger than that of `after`, or NULL; ties in order. */
static const struct ssldyn_margins_crossing *next_knob(const struct ssldyn_margins *margins,
                                                       const struct ssldyn_margins_crossing *row,
                                                       bool done[])
{
    size_t best = margins->knob_count;
    for (size_t k = 0; k < margins->knob_count; k++) {
        if (!done[k] && row[k].kind != SSLDYN_MARGINS_NONE &&
            (best == margins->knob_count ||
             fabs(log(row[k].factor)) < fabs(log(row[best].factor)))) {
            best = k;
        }
    }
    if (best == margins->knob_count) {
        return NULL;
    }
    done[best] = true;
    return &row[best];
}

static void print_mode(const struct ssldyn_margins *margins, size_t j, FILE *stream)
{
    const struct ssldyn_margins_crossing *row = margins->crossings + j * margins->knob_count;
    bool done[SSLDYN_MARGINS_KNOBS] = {false};
    const char *separator = "; ";
    const struct ssldyn_margins_crossing *crossing = next_knob(margins, row, done);
    fprintf(stream, "  mode %zu: %s", j + 1, ssldyn_fate_word(margins->fates[j]));
    if (!crossing) {
        fputs("; no knob alone changes that", stream);
    }
    for (; crossing; crossing = next_knob(margins, row, done)) {
        const struct ssldyn_margins_knob *knob = &margins->knobs[crossing - row];
        fprintf(stream, "%s%s%s x %.6g", separator, knob->complement ? "1 - " : "", knob->name,
                crossing->factor);
        fputs(" (", stream);
        if (!isnan(crossing->there)) {
            fprintf(stream, "%s = %.6g, ", knob->name, crossing->there);
        }
        fputs(crossing->kind == SSLDYN_MARGINS_FOLD ? "fold)" : "edge)", stream);
        separator = ", ";
    }
    fputc('\n', stream);
}

void ssldyn_margins_print(const struct ssldyn_margins *margins, FILE *stream)
{
    enum { DETAILED = 16 };
    if (margins->count == 0) {
        return;
    }
    fputs("margins (the factors at which a change of one knob alone flips the fate, at the fold or "
          "at the edge of the basin):\n",
          stream);
    for (size_t j = 0; j < margins->count && j < DETAILED; j++) {
        print_mode(margins, j, stream);
    }
    if (margins->count > DETAILED) {
        fprintf(stream, "  ... and %zu more modes, in margins.tsv\n", margins->count - DETAILED);
    }
}

size_t ssldyn_margins_columns(const struct ssldyn_margins *margins)
{
    return 2 + 4 * margins->knob_count;
}

const char *ssldyn_margins_column(const struct ssldyn_margins *margins, size_t i,
                                  char name[SSLDYN_MARGINS_COLUMN])
{
    static const char *const own[] = {"mode", "fate"};
    static const char *const kinds[] = {"", "x_", "there_", "kind_"};
    (void)snprintf(name, SSLDYN_MARGINS_COLUMN, "%s%s", i < 2 ? own[i] : kinds[(i - 2) % 4],
                   i < 2 ? "" : margins->knobs[(i - 2) / 4].name);
    return name;
}

void ssldyn_margins_row(const struct ssldyn_margins *margins, size_t j, double row[])
{
    *row++ = (double)(j + 1);
    *row++ = (double)margins->fates[j];
    for (size_t k = 0; k < margins->knob_count; k++) {
        const struct ssldyn_margins_crossing *crossing =
            &margins->crossings[j * margins->knob_count + k];
        *row++ = crossing->value;
        *row++ = crossing->factor;
        *row++ = crossing->there;
        *row++ = (double)crossing->kind;
    }
}

void ssldyn_margins_print_table(const void *object, FILE *stream)
{
    const struct ssldyn_margins *margins = object;
    const size_t columns = ssldyn_margins_columns(margins);
    double row[SSLDYN_MARGINS_COLUMNS];
    char name[SSLDYN_MARGINS_COLUMN];
    fputs("# ssldyn margins 1\n"
          "# fate: 0 collapsed, 1 survives, 2 diverged, 3 undecided\n"
          "# NAME: the knob's value; x_NAME: factor by which it alone must change for the fate to "
          "flip (of train_ema\n"
          "# and train_momentum: on 1 - value); there_NAME: its value there; kind_NAME: 0 no "
          "flip, 1 at the fold, 2 at the edge\n",
          stream);
    for (size_t i = 0; i < columns; i++) {
        fprintf(stream, "%s%c", ssldyn_margins_column(margins, i, name),
                i + 1 < columns ? '\t' : '\n');
    }
    for (size_t j = 0; j < margins->count; j++) {
        ssldyn_margins_row(margins, j, row);
        ssldyn_decimal_write_row(columns, row, stream);
    }
}

enum ssldyn_status ssldyn_margins_write(const struct ssldyn_margins *margins, const char *directory,
                                        struct ssldyn_error *err)
{
    return ssldyn_file_print(directory, "margins.tsv", ssldyn_margins_print_table, margins, err);
}
