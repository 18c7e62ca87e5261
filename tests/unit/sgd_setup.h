/* Creates a spec and a start of ssldyn sgd from the texts of options. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_SGD_SETUP_H
#define SSLDYN_TESTS_SGD_SETUP_H

#include "sim/options/spec.h"
#include "sim/sgd/sgd_process.h"

#include <check.h>
#include <string.h>

/* options: name, value, name, value, ..., NULL */
static inline void sgd_spec(struct ssldyn_spec *spec, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_spec_init(spec, SSLDYN_COMMAND_SGD, &err), SSLDYN_OK);
    for (size_t i = 0; options[i]; i += 2) {
        ck_assert_msg(ssldyn_spec_set(spec, options[i], options[i + 1], options[i], &err) ==
                          SSLDYN_OK,
                      "%s", err.message);
    }
    ck_assert_msg(ssldyn_spec_prepare(spec, &err) == SSLDYN_OK, "%s", err.message);
}

struct sgd_setup {
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_sgd_process *process;
};

static inline void sgd_open(struct sgd_setup *setup, const char *const options[], uint32_t run,
                            int64_t steps)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    sgd_spec(&setup->spec, options);
    ck_assert_int_eq(ssldyn_start_create(&setup->spec.problem, 0, &setup->start, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_sgd_process_create(&setup->spec.problem, &setup->start, run, steps,
                                            &setup->process, &err) == SSLDYN_OK,
                  "%s", err.message);
}

static inline void sgd_close(struct sgd_setup *setup)
{
    ssldyn_sgd_process_free(setup->process);
    ssldyn_start_clear(&setup->start);
    ssldyn_spec_clear(&setup->spec);
}

static inline void sgd_steps(struct sgd_setup *setup, int64_t count)
{
    for (int64_t k = 0; k < count; k++) {
        ck_assert_int_eq(ssldyn_sgd_process_step(setup->process, NULL), SSLDYN_OK);
    }
}

#endif
