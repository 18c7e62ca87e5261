/* How the settings of a run differ from those in a directory's spec.conf. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_SETTINGS_DIFFER_H
#define SSLDYN_SIM_OPTIONS_SETTINGS_DIFFER_H

#include "sim/options/spec.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether directory/spec.conf is there and differs from what spec would write, apart from the
 * version and --point; then text holds the first differences, "eta 0.04 -> 0.1, seed 1 -> 2 and 3
 * more". What was measured counts as a setting, "of a -> b". */
bool ssldyn_settings_differ(const struct ssldyn_spec *spec, const char *directory, char text[],
                            size_t size);

#endif
