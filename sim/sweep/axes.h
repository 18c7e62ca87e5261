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
    int slot;                  /* of ssldyn_mode_point; -1: no number of one mode */
    char **words;              /* of options that are no numbers, else NULL; owned */
    struct ssldyn_list values; /* grid; where there are words, their numbers 0, 1, ... */
    double from, to;           /* Sobol */
    bool logarithmic;          /* spaced evenly in the logarithm */
};

struct ssldyn_axes {
    size_t count;
    struct ssldyn_axis axis[SSLDYN_AXES_MAXIMUM];
    int64_t points;
    bool sobol;
};

/* Bytes that hold the names of all axes. */
enum { SSLDYN_AXES_NAMES_SIZE = SSLDYN_AXES_MAXIMUM * 40 };

/* The names of the axes' options, in order, with a separator of up to three bytes between. Returns
 * text. */
const char *ssldyn_axes_names(const struct ssldyn_axes *axes, const char *separator,
                              char text[SSLDYN_AXES_NAMES_SIZE]);

/* Refuses to vary an option whose value, or that of one it sets or needs, was given as well, on the
 * command line or in the same file: one of the two would be ignored. where: how it was asked for,
 * "axis.NAME" or "--threshold NAME". */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_check_free(const struct ssldyn_spec *spec,
                                                            const struct ssldyn_option *option,
                                                            const char *where,
                                                            struct ssldyn_error *err);

/* The option's own checks at one of the values that an axis or a search gives it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_try(const struct ssldyn_spec *spec,
                                                     const struct ssldyn_option *option,
                                                     const char *value, const char *where,
                                                     struct ssldyn_error *err);

/* From spec->sweep. Each axis is an option of the run that a point stands for, its values what that
 * option takes: numbers, or words as list:a,b,c; at most 10^15 points. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_init(struct ssldyn_axes *axes,
                                                      const struct ssldyn_spec *spec,
                                                      struct ssldyn_error *err);
void ssldyn_axes_clear(struct ssldyn_axes *axes);

/* The least and the largest number of an axis. */
void ssldyn_axes_ends(const struct ssldyn_axis *axis, double *low, double *high);

/* The name of the axis in tables and files, with _ for -. Returns name. */
enum { SSLDYN_AXES_KEY_SIZE = 64 };
const char *ssldyn_axes_key(const struct ssldyn_axis *axis, char name[SSLDYN_AXES_KEY_SIZE]);

/* A value of an axis as its option takes it; into text where it is a number. */
const char *ssldyn_axes_text(const struct ssldyn_axis *axis, double value, char *text, size_t size);

/* One reader of the points; each thread has its own. */
struct ssldyn_axes_walk;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_walk_create(const struct ssldyn_axes *axes,
                                                             struct ssldyn_axes_walk **walk,
                                                             struct ssldyn_error *err);
void ssldyn_axes_walk_free(struct ssldyn_axes_walk *walk);

/* The values of point index, one for each axis; returns their number. Any order, but a Sobol
 * sequence is read forward cheaply and from its beginning otherwise. */
size_t ssldyn_axes_walk_read(struct ssldyn_axes_walk *walk, int64_t index, double values[]);

/* Writes directory/NAME.npy for each axis of numbers, NAME as in table.tsv: the values along that
 * side of the grid, or of a Sobol sample one value per point. Axes of words have none (their words
 * are in spec.conf and table.tsv). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_walk_write_arrays(const struct ssldyn_axes *axes,
                                                                   struct ssldyn_axes_walk *walk,
                                                                   const char *directory,
                                                                   struct ssldyn_error *err);

#endif
