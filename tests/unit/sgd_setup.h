/* Creates a spec and a start of ssldyn sgd from the texts of options. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_SGD_SETUP_H
#define SSLDYN_TESTS_SGD_SETUP_H

#include "sim/sgd/sgd_process.h"
#include "tests/spec_make.h"

#include <check.h>
#include <string.h>

/* options: name, value, name, value, ..., NULL */
static inline void sgd_spec(struct ssldyn_spec *spec, const char *const options[])
{
    spec_make(spec, SSLDYN_COMMAND_SGD, options);
}

struct sgd_setup {
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_sgd_process *process;
};

/* The spec and the start, which may be changed before the process begins. */
static inline void sgd_prepare(struct sgd_setup *setup, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    sgd_spec(&setup->spec, options);
    ck_assert_int_eq(ssldyn_start_create(&setup->spec.problem, 0, &setup->start, &err), SSLDYN_OK);
}

static inline void sgd_begin(struct sgd_setup *setup, uint32_t run, int64_t steps)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_sgd_process_create(&setup->spec.problem, &setup->start, run, steps,
                                            &setup->process, &err) == SSLDYN_OK,
                  "%s", err.message);
}

static inline void sgd_open(struct sgd_setup *setup, const char *const options[], uint32_t run,
                            int64_t steps)
{
    sgd_prepare(setup, options);
    sgd_begin(setup, run, steps);
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

/* Factors of the rates and of the matrices of a start. */
struct sgd_scaling {
    double alpha_p, lr, decay, beta, Wp, W;
};

static inline void sgd_scale_rates(struct sgd_setup *setup, const struct sgd_scaling *by)
{
    struct ssldyn_rates *const rates = &setup->spec.problem.parameters.rates;
    rates->alpha_p *= by->alpha_p;
    rates->eta_p *= by->decay;
    rates->eta_s *= by->decay;
    rates->beta *= by->beta;
    setup->spec.problem.sgd.lr *= by->lr;
}

#endif
