/* Checks of inputs x and targets y with different distributions (--sxx, --syx): one table of what is refused, with the
 * reason. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include <string.h>

static bool lacks_syx(const struct ssldyn_spec *spec)
{
    return !spec->syx_file;
}

static bool lacks_sxx(const struct ssldyn_spec *spec)
{
    return !spec->sxx_file;
}

static bool has_views(const struct ssldyn_spec *spec)
{
    return spec->x_file || spec->xprime_file;
}

static bool has_set(const struct ssldyn_spec *spec)
{
    return spec->data || spec->moments_directory;
}

static bool swaps_views(const struct ssldyn_spec *spec)
{
    return ssldyn_spec_is_sgd(spec) && spec->problem.sgd.symmetrize_loss;
}

static bool is_theory(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_THEORY;
}

static bool samples_without_syy(const struct ssldyn_spec *spec)
{
    return !spec->syy_file && ssldyn_spec_is_sgd(spec) && spec->batch &&
           strcmp(spec->batch, "inf") != 0;
}

static bool normalizes_without_syy(const struct ssldyn_spec *spec)
{
    return !spec->syy_file && !is_theory(spec) &&
           ssldyn_losses_of(&spec->problem.parameters)->normalized;
}

static bool follows_target_without_syy(const struct ssldyn_spec *spec)
{
    return !spec->syy_file && !spec->problem.parameters.stop_grad;
}

static bool is_cosine_theory(const struct ssldyn_spec *spec)
{
    return is_theory(spec) && !ssldyn_losses_of(&spec->problem.parameters)->linear;
}

static const struct {
    bool (*spec)(const struct ssldyn_spec *spec);
    const char *why;
} refusals[] = {
    {lacks_sxx, "needs --sxx as well"},
    {lacks_syx, "needs --syx as well"},
    {has_views,
     "X and X' describe two views of one datum; give either --x and --xprime, or --sxx and --syx"},
    {has_set, "cannot be combined with --data or --moments, which determine the data"},
    {swaps_views,
     "x and y have different distributions and cannot be exchanged; leave out --symmetrize-loss"},
    {samples_without_syy,
     "to sample batches of x and y, the covariance of y is needed: give --syy, or --batch inf"},
    {normalizes_without_syy, "the cosine depends on the covariance of y: give --syy"},
    {follows_target_without_syy, "the gradient through the target depends on Syy: give --syy"},
    {is_cosine_theory,
     "for such data, ssldyn theory supports only --loss l2; for other losses give "
     "--x and --xprime, or --lambda-s and --lambda-d"}};

enum ssldyn_status ssldyn_spec_check_pair(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const char *name = spec->sxx_file ? "sxx" : "syx";
    char where[SSLDYN_SPEC_WHERE];
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].spec(spec)) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s", ssldyn_spec_where(spec, name, where),
                               refusals[i].why);
        }
    }
    return SSLDYN_OK;
}
