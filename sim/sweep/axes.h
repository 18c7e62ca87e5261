/* The axes of a sweep and its points: a grid with the last axis fastest, or a Sobol sequence. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_AXES_H
#define SSLDYN_SIM_SWEEP_AXES_H

#include "sim/base/error.h"
#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdint.h>

enum { SSLDYN_AXES_MAXIMUM = 8 };

struct ssldyn_axis {
    const struct ssldyn_option *option;
    int slot;                  /* slot of ssldyn_mode_point; -1: not a number of one mode */
    char **words;              /* values of an option that is not a number, else NULL; owned */
    struct ssldyn_list values; /* grid; for words, their indices 0, 1, ... */
    double from, to;           /* Sobol */
    bool logarithmic;          /* evenly spaced in the logarithm */
};

struct ssldyn_axes {
    size_t count;
    struct ssldyn_axis axis[SSLDYN_AXES_MAXIMUM];
    int64_t points;
    bool sobol;
};

/* Bytes that hold the names of all axes. */
enum { SSLDYN_AXES_NAMES_SIZE = SSLDYN_AXES_MAXIMUM * 40 };

/* The names of the axes' options, in order, joined by a separator of at most three bytes.
 * Returns text. */
const char *ssldyn_axes_names(const struct ssldyn_axes *axes, const char *separator,
                              char text[SSLDYN_AXES_NAMES_SIZE]);

/* Refuses an axis or threshold on an option whose value, or that of an option it sets or needs,
 * was also given on the command line or in the same file: one of the two would be ignored.
 * where: the source for messages, "axis.NAME" or "--threshold NAME". */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_check_free(const struct ssldyn_spec *spec,
                                                            const struct ssldyn_option *option,
                                                            const char *where,
                                                            struct ssldyn_error *err);

/* Applies the option's checks to one of the values that an axis or a search gives it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_try(const struct ssldyn_spec *spec,
                                                     const struct ssldyn_option *option,
                                                     const char *value, const char *where,
                                                     struct ssldyn_error *err);

/* Parses spec->sweep. Each axis is an option of the run that a point stands for, with values
 * that the option accepts: numbers, or words as list:a,b,c; at most 10^15 points. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_init(struct ssldyn_axes *axes,
                                                      const struct ssldyn_spec *spec,
                                                      struct ssldyn_error *err);
void ssldyn_axes_clear(struct ssldyn_axes *axes);

/* The smallest and the largest number of an axis. */
void ssldyn_axes_ends(const struct ssldyn_axis *axis, double *low, double *high);

/* The name of the axis in tables and files, with _ for -. Returns name. */
enum { SSLDYN_AXES_KEY_SIZE = 64 };
const char *ssldyn_axes_key(const struct ssldyn_axis *axis, char name[SSLDYN_AXES_KEY_SIZE]);

/* A value of an axis in the form that its option accepts; numbers are printed into text. */
const char *ssldyn_axes_text(const struct ssldyn_axis *axis, double value, char *text, size_t size);

/* A reader of the points; each thread has its own. */
struct ssldyn_axes_walk;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_walk_create(const struct ssldyn_axes *axes,
                                                             struct ssldyn_axes_walk **walk,
                                                             struct ssldyn_error *err);
void ssldyn_axes_walk_free(struct ssldyn_axes_walk *walk);

/* The values of point `index`, one per axis; returns the number of axes. Points may be read in
 * any order, but a Sobol sequence is cheap only in ascending order and is otherwise restarted. */
size_t ssldyn_axes_walk_read(struct ssldyn_axes_walk *walk, int64_t index, double values[]);

/* Writes directory/NAME.npy for each numeric axis, NAME as in table.tsv: the values along that
 * side of the grid, or for a Sobol sample one value per point. Axes of words have no array
 * (their words are in spec.conf and table.tsv). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_walk_write_arrays(const struct ssldyn_axes *axes,
                                                                   struct ssldyn_axes_walk *walk,
                                                                   const char *directory,
                                                                   struct ssldyn_error *err);

#endif
