/* For tests: a spec given by "name", "value" pairs, as a user would type them. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_SPEC_MAKE_H
#define SSLDYN_TESTS_SPEC_MAKE_H

#include "sim/options/spec.h"

#include <check.h>

/* The checked spec of the options (name, value, ..., NULL), quiet and with one thread; the caller
 * clears it. Fails the test if an option is refused. */
static inline void spec_make(struct ssldyn_spec *spec, enum ssldyn_command command,
                             const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_spec_init(spec, command, &err), SSLDYN_OK);
    spec->threads = 1;
    for (size_t i = 0; options[i]; i += 2) {
        ck_assert_msg(ssldyn_spec_set(spec, options[i], options[i + 1], options[i], &err) ==
                          SSLDYN_OK,
                      "%s", err.message);
    }
    spec->quiet = true;
    ck_assert_msg(ssldyn_spec_prepare(spec, &err) == SSLDYN_OK, "%s", err.message);
}

/* The options of two lists in one; NULL ends each. */
enum { SPEC_WORDS = 64 };
static inline void spec_join(const char *all[static SPEC_WORDS], const char *const first[],
                             const char *const second[])
{
    size_t count = 0;
    for (size_t i = 0; first[i]; i++) {
        all[count++] = first[i];
        ck_assert_uint_lt(count, SPEC_WORDS);
    }
    for (size_t i = 0; second[i]; i++) {
        all[count++] = second[i];
        ck_assert_uint_lt(count, SPEC_WORDS);
    }
    all[count] = NULL;
}

#endif
