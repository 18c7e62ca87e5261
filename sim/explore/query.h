/* The parameters of a request: settings of the library, axes of a map, numbers. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_QUERY_H
#define SSLDYN_SIM_EXPLORE_QUERY_H

#include "sim/explore/call.h"
#include "sim/ssldyn.h"

#include <stddef.h>

struct ssldyn_option;

/* An axis of a map. */
struct ssldyn_query_axis {
    const struct ssldyn_option *option;
    double from, to;
    bool log;
    size_t count;
};

/* The option of a setting that requests may give: numbers and choices, no files; NULL: none. */
const struct ssldyn_option *ssldyn_query_option(const char *name);

/* Whether the page may let an axis of the map be of this option. */
bool ssldyn_query_can_be_axis(const struct ssldyn_option *option);

/* The axis "x" or "y" of a call. EINPUT names the parameter. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_query_axis(const struct ssldyn_call *call,
                                                       const char *which,
                                                       struct ssldyn_query_axis *axis,
                                                       struct ssldyn_error *err);

/* "from:to:count" or "log:from:to:count", as an axis of a sweep has it. */
void ssldyn_query_axis_text(const struct ssldyn_query_axis *axis, char text[], size_t size);

/* A number between low and high; without it *value stays. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_query_number(const struct ssldyn_call *call,
                                                         const char *name, double low, double high,
                                                         double *value, struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_query_count(const struct ssldyn_call *call,
                                                        const char *name, size_t low, size_t high,
                                                        size_t *value, struct ssldyn_error *err);

/* Refuses parameters that are neither settings nor of the list "|x|nx|", ones that come twice, and
 * settings beyond the limits of the page. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_query_check(const struct ssldyn_call *call, const char *others, struct ssldyn_error *err);

/* The value of a setting whose name a call may give with dashes or underscores; "true": a name without
 * "="; NULL: it was not given. */
const char *ssldyn_query_setting(const struct ssldyn_call *call, const char *name);

/* Whether the target is held, at tau, and not an average. */
bool ssldyn_query_holds_target(const struct ssldyn_call *call);

/* The model of a call: that of the parameter, else "modes". */
const char *ssldyn_query_model(const struct ssldyn_call *call);

/* Calls put for each setting that the command takes, but those of the list "|eta|", in the order of
 * the table of options; the model always comes first. Stops, and returns false, where put does. */
bool ssldyn_query_each(const struct ssldyn_call *call, const char *command, const char *without,
                       bool (*put)(void *context, const struct ssldyn_option *option,
                                   const char *value),
                       void *context);

/* The settings of a start that ssldyn theory has no use for: all of them, but under a normalized loss,
 * whose closed forms follow from the start. */
const char *ssldyn_query_starts(const struct ssldyn_call *call);

/* A request of the library with these settings. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_query_request(const struct ssldyn_call *call,
                                                          const char *command, const char *without,
                                                          struct ssldyn_request **request,
                                                          struct ssldyn_error *err);

#endif
