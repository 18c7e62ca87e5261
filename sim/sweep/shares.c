/* The share of random starts that collapses. The averaged axes vary fastest, so groups are
 * counted one after the other without keeping them in memory. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/shares.h"

#include "sim/base/memory.h"
#include "sim/options/name.h"
#include "sim/sweep/columns.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ssldyn_shares_wilson(int64_t k, int64_t n, double *low, double *high)
{
    const double z = 1.959963984540054; /* 97.5 % of the normal distribution */
    *low = 0.0;
    *high = 1.0;
    if (n <= 0) {
        return;
    }
    const double count = (double)n;
    const double share = (double)k / count;
    const double middle = (share + z * z / (2.0 * count)) / (1.0 + z * z / count);
    const double half = z / (1.0 + z * z / count) *
                        sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count));
    *low = k == 0 ? 0.0 : middle - half;
    *high = k == n ? 1.0 : middle + half;
}

void ssldyn_shares_interval(int64_t k, int64_t decided, int64_t undecided, double *low,
                            double *high)
{
    double unused;
    ssldyn_shares_wilson(k, decided + undecided, low, &unused);
    ssldyn_shares_wilson(k + undecided, decided + undecided, &unused, high);
}

/* Whether text is "a,b,c", the names of the axes from number first on; _ and - are equivalent. */
static bool names_axes(const char *text, const struct ssldyn_axes *axes, size_t first)
{
    for (size_t i = first; i < axes->count; i++) {
        char name[48];
        const size_t length = strcspn(text, ",");
        snprintf(name, sizeof name, "%.*s", length < 40 ? (int)length : 40, text);
        if (ssldyn_option_find(name) != axes->axis[i].option) {
            return false;
        }
        text += length + (text[length] == ',');
    }
    return *text == '\0';
}

enum ssldyn_status ssldyn_shares_init(struct ssldyn_shares *shares, const struct ssldyn_spec *spec,
                                      const struct ssldyn_axes *axes, struct ssldyn_error *err)
{
    const char *text = spec->sweep.average;
    *shares = (struct ssldyn_shares){.inner = 1};
    if (!text) {
        return SSLDYN_OK;
    }
    size_t averaged = 1;
    for (const char *c = text; *c; c++) {
        averaged += *c == ',';
    }
    if (axes->sobol || averaged > axes->count || !names_axes(text, axes, axes->count - averaged)) {
        char names[SSLDYN_AXES_NAMES_SIZE] = "";
        char hint[64];
        if (!axes->sobol) {
            (void)ssldyn_axes_names(axes, "|", names);
        }
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--average %.80s: must name the last axes of a grid, in order%s%s", text,
                           axes->sobol ? " (a Sobol sample is averaged as a whole)" : "",
                           ssldyn_name_hint(text, names, hint, sizeof hint));
    }
    shares->axes = axes;
    shares->outer = axes->count - averaged;
    for (size_t i = shares->outer; i < axes->count; i++) {
        shares->inner *= (int64_t)axes->axis[i].values.count;
    }
    return SSLDYN_OK;
}

size_t ssldyn_shares_width(const struct ssldyn_columns *columns)
{
    return SSLDYN_SHARES_MEANS + columns->count - 1;
}

const char *ssldyn_shares_name(const struct ssldyn_columns *columns, size_t i,
                               char name[static SSLDYN_SHARES_NAME])
{
    static const char *const names[] = {"starts",      "decided", "collapsed",
                                        "probability", "low",     "high"};
    if (i < SSLDYN_SHARES_MEANS) {
        (void)snprintf(name, SSLDYN_SHARES_NAME, "%s", names[i]);
    } else {
        (void)snprintf(name, SSLDYN_SHARES_NAME, "mean_%s",
                       columns->names[i - SSLDYN_SHARES_MEANS + 1]);
    }
    return name;
}

static enum ssldyn_status open_file(struct ssldyn_shares *shares, const char *directory,
                                    struct ssldyn_error *err)
{
    const enum ssldyn_status status =
        ssldyn_file_open_in(&shares->file, directory, "collapse.tsv", err);
    if (status != SSLDYN_OK) {
        return status;
    }
    fputs("# ssldyn sweep 1\n"
          "# collapsed: number of starts with a certain fate that collapse; probability: their "
          "share; low, high: its Wilson interval (95 %), extended for the undecided starts; "
          "mean_...: of the finite values\n",
          shares->file.stream);
    ssldyn_columns_axis_names(shares->axes, shares->outer, shares->file.stream);
    for (size_t i = 0; i < ssldyn_shares_width(shares->columns); i++) {
        char name[SSLDYN_SHARES_NAME];
        fprintf(shares->file.stream, "%s%s", i ? "\t" : "",
                ssldyn_shares_name(shares->columns, i, name));
    }
    fputc('\n', shares->file.stream);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_shares_open(struct ssldyn_shares *shares,
                                      const struct ssldyn_columns *columns, const char *directory,
                                      double *const arrays[], struct ssldyn_error *err)
{
    if (!shares->axes) {
        return SSLDYN_OK;
    }
    shares->columns = columns;
    shares->arrays = arrays;
    shares->sum = ssldyn_memory_array(columns->count, sizeof *shares->sum);
    shares->seen = ssldyn_memory_array(columns->count, sizeof *shares->seen);
    shares->row = ssldyn_memory_array(ssldyn_shares_width(columns), sizeof *shares->row);
    if (!shares->sum || !shares->seen || !shares->row) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    return directory ? open_file(shares, directory, err) : SSLDYN_OK;
}

/* Computes the numbers of a complete group and starts the next one. */
static void end_group(struct ssldyn_shares *shares)
{
    double *row = shares->row;
    row[SSLDYN_SHARES_STARTS] = (double)shares->inner;
    row[SSLDYN_SHARES_DECIDED] = (double)shares->decided;
    row[SSLDYN_SHARES_COLLAPSED] = (double)shares->collapsed;
    row[SSLDYN_SHARES_PROBABILITY] =
        shares->decided > 0 ? (double)shares->collapsed / (double)shares->decided : (double)NAN;
    ssldyn_shares_interval(shares->collapsed, shares->decided, shares->undecided,
                           &row[SSLDYN_SHARES_LOW], &row[SSLDYN_SHARES_HIGH]);
    for (size_t i = 1; i < shares->columns->count; i++) {
        row[SSLDYN_SHARES_MEANS + i - 1] =
            shares->seen[i] > 0 ? shares->sum[i] / (double)shares->seen[i] : (double)NAN;
        shares->sum[i] = 0.0;
        shares->seen[i] = 0;
    }
    shares->collapsed = 0;
    shares->decided = 0;
    shares->undecided = 0;
}

/* Writes the row of the group whose last point is number index. */
static void write_row(const struct ssldyn_shares *shares, struct ssldyn_axes_walk *walk,
                      int64_t index)
{
    double values[SSLDYN_AXES_MAXIMUM];
    FILE *stream = shares->file.stream;
    const size_t width = ssldyn_shares_width(shares->columns);
    ssldyn_axes_walk_read(walk, index, values);
    ssldyn_columns_axis_values(shares->axes, shares->outer, values, stream);
    for (size_t i = 0; i < width; i++) {
        const char end = i + 1 < width ? '\t' : '\n';
        if (i < SSLDYN_SHARES_PROBABILITY) {
            fprintf(stream, "%" PRId64 "%c", (int64_t)shares->row[i], end);
        } else {
            ssldyn_columns_number(shares->row[i], end, stream);
        }
    }
}

void ssldyn_shares_add(struct ssldyn_shares *shares, struct ssldyn_axes_walk *walk, int64_t index,
                       const double values[], int64_t stride)
{
    if (!shares->axes) {
        return;
    }
    const int fate = (int)values[0];
    shares->collapsed += fate == SSLDYN_FATE_COLLAPSED;
    shares->undecided += fate == SSLDYN_FATE_UNDECIDED;
    shares->decided += ssldyn_fate_is_decided(fate);
    for (size_t i = 1; i < shares->columns->count; i++) {
        const double value = values[(int64_t)i * stride];
        if (isfinite(value)) {
            shares->sum[i] += value;
            shares->seen[i]++;
        }
    }
    if ((index + 1) % shares->inner != 0) {
        return;
    }
    end_group(shares);
    if (shares->file.stream) {
        write_row(shares, walk, index);
    }
    for (size_t i = 0; shares->arrays && i < ssldyn_shares_width(shares->columns); i++) {
        shares->arrays[i][index / shares->inner] = shares->row[i];
    }
}

enum ssldyn_status ssldyn_shares_close(struct ssldyn_shares *shares, struct ssldyn_error *err)
{
    return shares->file.stream ? ssldyn_file_commit(&shares->file, err) : SSLDYN_OK;
}

void ssldyn_shares_abandon(struct ssldyn_shares *shares)
{
    ssldyn_file_abandon(&shares->file);
    free(shares->sum);
    free(shares->seen);
    free(shares->row);
    shares->sum = NULL;
    shares->seen = NULL;
    shares->row = NULL;
}
