/* The share of random starts that collapses. The averaged axes run fastest, so that one group is
 * counted after the other and nothing is kept in memory. */
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

/* Whether text is "a,b,c", the names of the axes from number first on; a file's _ is a -. */
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
                           "--average %.80s: must name the last axes of a grid, in their order%s%s",
                           text, axes->sobol ? " (a Sobol sample is averaged as a whole)" : "",
                           ssldyn_name_hint(text, names, hint, sizeof hint));
    }
    shares->axes = axes;
    shares->outer = axes->count - averaged;
    for (size_t i = shares->outer; i < axes->count; i++) {
        shares->inner *= (int64_t)axes->axis[i].values.count;
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_shares_open(struct ssldyn_shares *shares,
                                      const struct ssldyn_columns *columns, const char *directory,
                                      struct ssldyn_error *err)
{
    if (!shares->axes) {
        return SSLDYN_OK;
    }
    shares->columns = columns;
    shares->sum = ssldyn_memory_array(columns->count, sizeof *shares->sum);
    shares->seen = ssldyn_memory_array(columns->count, sizeof *shares->seen);
    const enum ssldyn_status status =
        shares->sum && shares->seen
            ? ssldyn_file_open_in(&shares->file, directory, "collapse.tsv", err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK) {
        fputs(
            "# ssldyn sweep 1\n"
            "# collapsed: how many of the starts with a certain fate collapse; probability: their "
            "share; low, high: its Wilson interval (95 %), wide enough for the undecided; "
            "mean_...: "
            "of the values that are finite\n",
            shares->file.stream);
        ssldyn_columns_axis_names(shares->axes, shares->outer, shares->file.stream);
        fputs("starts\tdecided\tcollapsed\tprobability\tlow\thigh", shares->file.stream);
        for (size_t i = 1; i < shares->columns->count; i++) {
            fprintf(shares->file.stream, "\tmean_%s", shares->columns->names[i]);
        }
        fputc('\n', shares->file.stream);
    }
    return status;
}

/* The row of a group that is complete, and the next group begins. */
static void write_row(struct ssldyn_shares *shares, struct ssldyn_axes_walk *walk, int64_t index)
{
    double values[SSLDYN_AXES_MAXIMUM];
    double low = 0.0;
    double high = 1.0;
    FILE *stream = shares->file.stream;
    const size_t columns = shares->columns->count;
    ssldyn_axes_walk_read(walk, index, values);
    ssldyn_columns_axis_values(shares->axes, shares->outer, values, stream);
    ssldyn_shares_interval(shares->collapsed, shares->decided, shares->undecided, &low, &high);
    fprintf(stream, "%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t", shares->inner, shares->decided,
            shares->collapsed);
    ssldyn_columns_number(shares->decided > 0 ? (double)shares->collapsed / (double)shares->decided
                                              : (double)NAN,
                          '\t', stream);
    ssldyn_columns_number(low, '\t', stream);
    ssldyn_columns_number(high, columns > 1 ? '\t' : '\n', stream);
    for (size_t i = 1; i < columns; i++) {
        ssldyn_columns_number(shares->seen[i] > 0 ? shares->sum[i] / (double)shares->seen[i]
                                                  : (double)NAN,
                              i + 1 < columns ? '\t' : '\n', stream);
        shares->sum[i] = 0.0;
        shares->seen[i] = 0;
    }
    shares->collapsed = 0;
    shares->decided = 0;
    shares->undecided = 0;
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
    if ((index + 1) % shares->inner == 0) {
        write_row(shares, walk, index);
    }
}

enum ssldyn_status ssldyn_shares_close(struct ssldyn_shares *shares, struct ssldyn_error *err)
{
    return shares->axes ? ssldyn_file_commit(&shares->file, err) : SSLDYN_OK;
}

void ssldyn_shares_abandon(struct ssldyn_shares *shares)
{
    ssldyn_file_abandon(&shares->file);
    free(shares->sum);
    free(shares->seen);
    shares->sum = NULL;
    shares->seen = NULL;
}
