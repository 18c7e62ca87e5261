/* Names of several runs in a picture: a legend, or a color scale if many runs differ in one
 * number. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_runs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MOST_NAMED = 14, LABEL = 160 };

/* "η = 0.02, β = 0.4", or the run's name if the settings do not identify it. */
void ssldyn_picture_run_label(char *label, size_t size, const struct ssldyn_run_set *set,
                              size_t run, bool with_name)
{
    enum { MOST_SETTINGS = 3, VALUE = 24 };
    size_t used = 0;
    char text[128];
    char value[VALUE + 4];

    label[0] = '\0';
    if (with_name || set->varied == 0) {
        snprintf(text, sizeof text, "%.100s", set->runs[run].name);
        ssldyn_gnuplot_escape(label, size, text);
        used = strlen(label);
    }
    for (size_t k = 0; k < set->varied && k < MOST_SETTINGS && used + 1 < size; k++) {
        const char *given = set->runs[run].values[k];
        ssldyn_picture_symbol(text, sizeof text, set->settings[k]);
        char shown[2 * VALUE + 8];
        snprintf(value, sizeof value, strlen(given) > VALUE ? "%.21s..." : "%s",
                 given[0] ? given : "none");
        ssldyn_gnuplot_escape(shown, sizeof shown, value);
        used += (size_t)snprintf(label + used, size - used, "%s%s = %s", used > 0 ? ", " : "", text,
                                 shown);
    }
}

/* The values of the only setting in which the runs differ, if they are numbers. */
static bool has_one_number(const struct ssldyn_run_set *set, double *low, double *high)
{
    double value = 0.0;

    if (set->varied != 1)
        return false;
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (size_t i = 0; i < set->count; i++) {
        if (!ssldyn_parse_double(set->runs[i].values[0], &value))
            return false;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
    return *high > *low;
}

static void write_positions(FILE *program, const struct ssldyn_run_set *set, bool by_value,
                            bool logarithmic, double low, double high)
{
    fprintf(program, "array POSITION[%zu]\n", set->count);
    for (size_t i = 0; i < set->count; i++) {
        double position = set->count > 1 ? (double)i / (double)(set->count - 1) : 0.0;
        double value = 0.0;
        if (by_value && ssldyn_parse_double(set->runs[i].values[0], &value))
            position =
                logarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low);
        fprintf(program, "POSITION[%zu] = %.6g\n", i + 1, fmin(fmax(position, 0.0), 1.0));
    }
}

/* The legend: every run, or if there are many an evenly spaced selection. */
static void write_legend(FILE *program, const struct ssldyn_run_set *set)
{
    const bool apart = ssldyn_run_set_are_distinct(set);
    const size_t named = set->count < MOST_NAMED ? set->count : MOST_NAMED;
    size_t width = 4;
    char label[LABEL];

    fprintf(program, "legend = %zu; array NAME[%zu]; array LEGEND[%zu]\n", named, named, named);
    for (size_t k = 0; k < named; k++) {
        const size_t run = named > 1 ? k * (set->count - 1) / (named - 1) : 0;
        ssldyn_picture_run_label(label, sizeof label, set, run, !apart);
        ssldyn_gnuplot_entry(program, "NAME", k, label);
        fprintf(program, "LEGEND[%zu] = %zu\n", k + 1, run + 1);
        size_t drawn = 0; /* markup and the continuation bytes of a character have no width */
        for (const char *c = label; *c; c++)
            drawn += ((unsigned char)*c & 0xC0) != 0x80 && !strchr("{}\\", *c);
        drawn -= strstr(label, "/:Italic") ? 8 : 0;
        width = drawn > width ? drawn : width;
    }
    fprintf(program, "legend_width = %zu\n", width < 60 ? width : 60);
}

void ssldyn_picture_legend(FILE *program, const struct ssldyn_run_set *set, const char *remark)
{
    double low = 0.0;
    double high = 0.0;
    char label[256] = "";
    char note[128] = "";
    const bool by_value = set->count > MOST_NAMED && has_one_number(set, &low, &high);
    const bool logarithmic = by_value && low > 0.0 && high >= 30.0 * low;

    if (by_value)
        ssldyn_picture_label(label, sizeof label, set->settings[0]);
    if (set->count > MOST_NAMED)
        snprintf(note, sizeof note, by_value ? "%zu runs" : "%zu runs, %d of them named",
                 set->count, MOST_NAMED);
    fprintf(program,
            "runs = %zu; by_value = %d; value_log = %d; value_low = %.9g; value_high = %.9g\n",
            set->count, by_value, logarithmic, by_value ? low : 0.0, by_value ? high : 1.0);
    ssldyn_gnuplot_string(program, "value_label", label);
    const size_t used = strlen(note);
    snprintf(note + used, sizeof note - used, "%s%s", used > 0 && remark[0] ? "; " : "", remark);
    ssldyn_gnuplot_string(program, "note", note);
    write_positions(program, set, by_value, logarithmic, low, high);
    write_legend(program, set);
}
