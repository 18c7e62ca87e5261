/* What ssldyn basin does: the parts of the command. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_BASIN_H
#define SSLDYN_SIM_CLI_BASIN_H

#include "sim/base/error.h"
#include "sim/flow/mode_point.h"
#include "sim/io/file.h"
#include "sim/options/spec.h"

/* Opens path/name with its head, and writes path/spec.conf. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_cli_basin_open(const struct ssldyn_spec *spec,
                                                           const char *path, const char *name,
                                                           struct ssldyn_file *file,
                                                           struct ssldyn_error *err);

/* Finds the thresholds of --threshold and prints them. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cli_basin_threshold(const struct ssldyn_spec *spec, const struct ssldyn_mode_point *mode,
                           struct ssldyn_error *err);

/* The same over a grid of other options, as path/thresholds.tsv: with two start coordinates, the
 * basin's surface. EINTERRUPTED: what was found is kept. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_cli_basin_surface(const struct ssldyn_spec *spec,
                                                              const struct ssldyn_mode_point *base,
                                                              const char *path,
                                                              struct ssldyn_error *err);

#endif
