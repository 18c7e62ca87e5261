/* A trace as curves in time: columns and modes by name, interpolated between the rows. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_COMPARE_SERIES_H
#define SSLDYN_SIM_COMPARE_COMPARE_SERIES_H

#include "sim/base/error.h"
#include "sim/io/trace.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_series {
    struct ssldyn_table table; /* rows in increasing t; modes by descending s */
    size_t time;               /* column of t */
};

/* Reads directory/trace.tsv. EINPUT if it is not a trace, has no column t or no row, or its
 * times do not increase. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_series_read(const char *directory,
                                                                struct ssldyn_series *series,
                                                                struct ssldyn_error *err);
void ssldyn_compare_series_clear(struct ssldyn_series *series);

double ssldyn_compare_series_time(const struct ssldyn_series *series, size_t row);

/* The number of modes of the stem (s_1, s_2, ...), 0: none; and the column of one mode, from 0. */
size_t ssldyn_compare_series_modes(const struct ssldyn_series *series, const char *stem);
size_t ssldyn_compare_series_column(const struct ssldyn_series *series, const char *stem,
                                    size_t mode);

/* Values of a column at count increasing times; NaN outside the rows and next to a NaN.
 * Steffen's interpolation (M. Steffen, Astron. Astrophys. 239, 1990), exact at the rows; between
 * two rows whose times differ by one unit in the last place the nearer one is used. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_compare_series_sample(const struct ssldyn_series *series, size_t column, size_t count,
                             const double times[], double values[], struct ssldyn_error *err);

/* An estimate of the interpolation's error at the same times: 0 at a row; elsewhere a quarter of
 * the error that interpolation without every second row makes at the two adjacent rows (for a
 * method of second or higher order that error is at least four times as large, at twice the
 * spacing). NaN if there are too few rows. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_compare_series_uncertainty(const struct ssldyn_series *series, size_t column, size_t count,
                                  const double times[], double errors[], struct ssldyn_error *err);

/* Which modes are above the noise of F: alive[mode * count + i] for s_j at times[i]. Below it,
 * an eigenvector is determined by rounding and by the integrator's error, and quantities
 * measured along it (p_j, cos_j) mean nothing. False also if s_j is unknown. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_series_alive(const struct ssldyn_series *series,
                                                                 size_t modes, size_t count,
                                                                 const double times[], bool alive[],
                                                                 struct ssldyn_error *err);

#endif
