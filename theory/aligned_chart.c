/* Variables of aligned modes without conserved quantities. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_chart.h"

#include "theory/aligned_jacobian.h"

#include <float.h>
#include <math.h>
#include <string.h>

static bool is_trained(const struct ssldyn_aligned *aligned)
{
    return ssldyn_rules_trained(aligned->parameters);
}

/* r of the header. */
static double rate_apart(const struct ssldyn_aligned *aligned)
{
    return is_trained(aligned) ? 2.0 * (aligned->decay_p - aligned->decay_s) : 0.0;
}

bool ssldyn_aligned_chart_holds(const struct ssldyn_aligned *aligned)
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const struct ssldyn_loss *loss = ssldyn_losses_of(parameters);
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool factored = aligned->decay_s == rates->eta_s &&
                          (!is_trained(aligned) || aligned->decay_p == rates->eta_p);

    return loss->normalized && !loss->iso && parameters->stop_grad && aligned->data.n > 1 &&
           factored && (rate_apart(aligned) == 0.0 || ssldyn_aligned_layers(aligned) == 1);
}

static size_t members_of(const struct ssldyn_aligned *aligned)
{
    return ssldyn_aligned_layers(aligned) + (size_t)is_trained(aligned);
}

size_t ssldyn_aligned_chart_variables(const struct ssldyn_aligned *aligned)
{
    const size_t n = aligned->data.n;
    const size_t gaps = rate_apart(aligned) == 0.0 ? 0 : n;

    return n - 1 + gaps + ssldyn_aligned_targets(aligned) * n;
}

size_t ssldyn_aligned_chart_memory(const struct ssldyn_aligned *aligned)
{
    return 2 * members_of(aligned) * aligned->data.n;
}

/* X of a layer, and of P, over its value at time t. */
struct scales {
    double of_layer, of_p;
};

static struct scales scales_at(const struct ssldyn_aligned_chart *chart, double t)
{
    const double r = rate_apart(chart->aligned);
    const double root = sqrt(chart->aligned->parameters->rates.alpha_p);

    struct scales scales = {1.0, 1.0};

    if (is_trained(chart->aligned)) {
        scales.of_layer = root * exp(0.5 * fmin(r, 0.0) * t);
        scales.of_p = exp(-0.5 * fmax(r, 0.0) * t);
    }
    return scales;
}

static double scale(const struct ssldyn_aligned_chart *chart, const struct scales *scales, size_t i)
{
    return i < ssldyn_aligned_layers(chart->aligned) ? scales->of_layer : scales->of_p;
}

/* The smallest member of mode j. */
static size_t own(const struct ssldyn_aligned_chart *chart, size_t j)
{
    size_t i = 0;

    while (chart->gap[j * chart->members + i] != 0.0)
        i++;
    return i;
}

/* A mode: its members, and their derivatives by its variable and by b. */
struct mode {
    double member[SSLDYN_ALIGNED_MEMBERS];
    double slope[SSLDYN_ALIGNED_MEMBERS], by_b[SSLDYN_ALIGNED_MEMBERS];
};

/* Mode j whose smallest member is x. NaN: outside of the chart. Members without a gap vanish with the
 * smallest one. */
static void expand(const struct ssldyn_aligned_chart *chart, const struct scales *scales,
                   const double z[], size_t j, double x, struct mode *mode)
{
    const size_t at = own(chart, j);
    const double *gaps = chart->gap + j * chart->members;
    const double *side = chart->side + j * chart->members;
    const double of_x = scale(chart, scales, at);
    const double sense = at == 0 ? -1.0 : 1.0; /* b = (of W)^2 - (of P)^2 */

    for (size_t i = 0; i < chart->members; i++) {
        const double ratio = of_x / scale(chart, scales, i);
        const double gap = chart->moving ? sense * z[chart->aligned->data.n - 1 + j] : gaps[i];
        const bool same = i == at || gaps[i] == 0.0;
        const double size = same ? 0.0 : sqrt(of_x * x * of_x * x + gap);
        mode->slope[i] = same         ? side[i] * side[at] * ratio
                         : size > 0.0 ? side[i] * ratio * of_x * x / size
                                      : 0.0;
        mode->by_b[i] = size > 0.0 ? side[i] * sense / (2.0 * size * scale(chart, scales, i)) : 0.0;
        mode->member[i] = same ? mode->slope[i] * x : side[i] * size / scale(chart, scales, i);
    }
}

/* Mode j at z, except the dependent one. */
static void expand_at(const struct ssldyn_aligned_chart *chart, const struct scales *scales,
                      const double z[], size_t j, struct mode *mode)
{
    expand(chart, scales, z, j, z[j < chart->dependent ? j : j - 1], mode);
}

/* The smallest member of the dependent mode; NaN if z is outside of the chart. */
static double dependent_of(const struct ssldyn_aligned_chart *chart, const struct scales *scales,
                           const double z[])
{
    const size_t at = own(chart, chart->dependent);
    double rest = chart->norm[at];

    for (size_t j = 0; j < chart->aligned->data.n; j++) {
        struct mode mode;
        if (j == chart->dependent)
            continue;
        expand_at(chart, scales, z, j, &mode);
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): expand sets them all */
        rest -= mode.member[at] * mode.member[at];
    }
    return rest > 0.0 ? chart->sign * sqrt(rest) : (double)NAN;
}

static void choose_dependent(struct ssldyn_aligned_chart *chart, const double y[], double least)
{
    const size_t n = chart->aligned->data.n;
    size_t best = chart->dependent;
    double most = least;

    for (size_t j = 0; j < n; j++) {
        const size_t at = own(chart, j);
        const double x = y[at * n + j];
        if (x * x > most * chart->norm[at]) {
            most = x * x / chart->norm[at];
            best = j;
        }
    }
    chart->dependent = best;
    chart->sign = y[own(chart, best) * n + best] < 0.0 ? -1.0 : 1.0;
}

/* Finds the smallest member of mode j and the gaps of the others, for squares X[]. Squares that
 * are equal except for rounding are equal. */
static void find_gaps(struct ssldyn_aligned_chart *chart, size_t j,
                      const double squares[static SSLDYN_ALIGNED_MEMBERS])
{
    double *gaps = chart->gap + j * chart->members;
    double least = squares[0];

    for (size_t i = 1; i < chart->members; i++)
        least = fmin(least, squares[i]);
    for (size_t i = 0; i < chart->members; i++) {
        gaps[i] = squares[i] - least;
        if (gaps[i] <= 4.0 * DBL_EPSILON * squares[i])
            gaps[i] = 0.0;
    }
    if (chart->moving && gaps[0] == 0.0 && gaps[1] == 0.0)
        gaps[rate_apart(chart->aligned) > 0.0 ? 0 : 1] = DBL_MIN; /* b moves from 0 to there */
}

/* NOLINTBEGIN(readability-non-const-parameter): the chart writes to its memory */
bool ssldyn_aligned_chart_create(struct ssldyn_aligned_chart *chart,
                                 const struct ssldyn_aligned *aligned, const double y[],
                                 double memory[])
{
    const size_t n = aligned->data.n;
    const size_t members = members_of(aligned);
    struct scales scales;

    *chart = (struct ssldyn_aligned_chart){.aligned = aligned,
                                           .members = members,
                                           .moving = rate_apart(aligned) != 0.0,
                                           .gap = memory,
                                           .side = memory + members * n};
    scales = scales_at(chart, 0.0);
    for (size_t j = 0; j < n; j++) {
        double squares[SSLDYN_ALIGNED_MEMBERS] = {0.0};
        for (size_t i = 0; i < members; i++) {
            const double member = y[i * n + j];
            const double X = member * scale(chart, &scales, i);
            squares[i] = X * X;
            chart->norm[i] += member * member;
            chart->side[j * members + i] = member < 0.0 ? -1.0 : 1.0;
        }
        find_gaps(chart, j, squares);
    }
    choose_dependent(chart, y, 0.0);
    const double x = y[own(chart, chart->dependent) * n + chart->dependent];
    return x != 0.0;
}
/* NOLINTEND(readability-non-const-parameter) */

/* Puts the smallest member of every mode but the dependent one into z; returns its end. */
static double *pick(const struct ssldyn_aligned_chart *chart, const double y[], double z[])
{
    const size_t n = chart->aligned->data.n;
    double *next = z;

    for (size_t j = 0; j < n; j++) {
        if (j != chart->dependent)
            *next++ = y[own(chart, j) * n + j];
    }
    return next;
}

void ssldyn_aligned_chart_enter(const struct ssldyn_aligned_chart *chart, double t,
                                const double y[], double z[])
{
    const size_t n = chart->aligned->data.n;
    const struct scales scales = scales_at(chart, t);
    double *next = pick(chart, y, z);

    for (size_t j = 0; chart->moving && j < n; j++) {
        const double of_w = scales.of_layer * y[j];
        const double of_p = scales.of_p * y[n + j];
        *next++ = of_w * of_w - of_p * of_p;
    }
    memcpy(next, y + chart->members * n, ssldyn_aligned_targets(chart->aligned) * n * sizeof *z);
}

bool ssldyn_aligned_chart_leave(const struct ssldyn_aligned_chart *chart, double t,
                                const double z[], double y[])
{
    const size_t n = chart->aligned->data.n;
    const double *targets = z + n - 1 + (chart->moving ? n : 0);
    const struct scales scales = scales_at(chart, t);
    const double dependent = dependent_of(chart, &scales, z);
    bool inside = true;

    for (size_t j = 0; j < n; j++) {
        struct mode mode;
        if (j == chart->dependent)
            expand(chart, &scales, z, j, dependent, &mode);
        else
            expand_at(chart, &scales, z, j, &mode);
        for (size_t i = 0; i < chart->members; i++) {
            y[i * n + j] = mode.member[i];
            inside = inside && !isnan(mode.member[i]);
        }
    }
    memcpy(y + chart->members * n, targets, ssldyn_aligned_targets(chart->aligned) * n * sizeof *y);
    return inside;
}

/* Of two members of mode j, makes the other one the variable if its X^2 is below a quarter of the
 * variable's. */
static bool turn(struct ssldyn_aligned_chart *chart, const struct scales *scales, const double y[],
                 size_t j)
{
    const size_t n = chart->aligned->data.n;
    const size_t at = own(chart, j);
    double squares[SSLDYN_ALIGNED_MEMBERS] = {0.0};

    for (size_t i = 0; i < 2; i++) {
        const double X = scale(chart, scales, i) * y[i * n + j];
        squares[i] = X * X;
    }
    if (squares[1 - at] >= 0.25 * squares[at])
        return false;
    find_gaps(chart, j, squares);
    for (size_t i = 0; i < 2; i++)
        chart->side[2 * j + i] = y[i * n + j] < 0.0 ? -1.0 : 1.0;
    return true;
}

bool ssldyn_aligned_chart_renew(struct ssldyn_aligned_chart *chart, double t, double z[],
                                double y[])
{
    const size_t n = chart->aligned->data.n;
    const size_t before = chart->dependent;
    const struct scales scales = scales_at(chart, t);
    bool turned = false;

    if (!ssldyn_aligned_chart_leave(chart, t, z, y))
        return false;
    for (size_t j = 0; chart->moving && j < n; j++)
        turned = turn(chart, &scales, y, j) || turned;
    const size_t at = own(chart, before);
    const double x = y[at * n + before];
    choose_dependent(chart, y, 4.0 * x * x / chart->norm[at]);
    if (!turned && chart->dependent == before)
        return false;
    (void)pick(chart, y, z); /* what is conserved, and b, stay as they are */
    return true;
}

size_t ssldyn_aligned_chart_workspace(const struct ssldyn_aligned *aligned)
{
    const size_t count = ssldyn_aligned_variables(aligned);
    const size_t of_rhs = ssldyn_aligned_workspace(aligned);
    const size_t of_jacobian = ssldyn_aligned_jacobian_workspace(aligned);
    return count * (count + 2) + (of_rhs > of_jacobian ? of_rhs : of_jacobian);
}

/* db/dt is the square of this member times the factor that is returned. */
static double drive(const struct ssldyn_aligned_chart *chart, double t, size_t *member)
{
    const double r = rate_apart(chart->aligned);
    const struct scales scales = scales_at(chart, t);
    const double of = r > 0.0 ? scales.of_p : scales.of_layer;

    *member = r > 0.0 ? 1 : 0;
    return r * of * of;
}

bool ssldyn_aligned_chart_rhs(const struct ssldyn_aligned_chart *chart,
                              const struct ssldyn_parameters *now, double t, const double z[],
                              double dzdt[], double workspace[])
{
    const size_t n = chart->aligned->data.n;
    const size_t count = ssldyn_aligned_variables(chart->aligned);
    const size_t targets = ssldyn_aligned_targets(chart->aligned) * n;
    double *y = workspace;
    double *dydt = y + count;
    size_t member = 0;
    const double rate = drive(chart, t, &member);
    const bool finite = ssldyn_aligned_chart_leave(chart, t, z, y) &&
                        ssldyn_aligned_rhs(chart->aligned, now, t, y, dydt, dydt + count);
    double *next = pick(chart, dydt, dzdt);

    for (size_t j = 0; chart->moving && j < n; j++) {
        *next++ = rate * y[member * n + j] * y[member * n + j];
    }
    memcpy(next, dydt + chart->members * n, targets * sizeof *dzdt);
    for (size_t i = 0; !finite && i < ssldyn_aligned_chart_variables(chart->aligned); i++)
        dzdt[i] = (double)NAN;
    return finite;
}

/* A point of the chart. */
struct place {
    const struct ssldyn_aligned_chart *chart;
    struct scales scales;
    double dependent;
    const double *z;
};

/* Derivatives by the members of mode j, along their derivatives. */
static double along(const struct ssldyn_aligned_chart *chart, const double row[], size_t j,
                    const double by[])
{
    double sum = 0.0;

    for (size_t i = 0; i < chart->members; i++)
        sum += row[i * chart->aligned->data.n + j] * by[i];
    return sum;
}

/* A row of derivatives by y becomes one by z. */
static void convert(const struct place *at, const double row[], double entries[])
{
    const struct ssldyn_aligned_chart *chart = at->chart;
    const size_t n = chart->aligned->data.n;
    const size_t member = own(chart, chart->dependent);
    double *by_x = entries;
    double *by_b = entries + n - 1;
    double *by_target = by_b + (chart->moving ? n : 0);
    struct mode mode;

    expand(chart, &at->scales, at->z, chart->dependent, at->dependent, &mode);
    const double through = along(chart, row, chart->dependent, mode.slope) / at->dependent;
    if (chart->moving)
        by_b[chart->dependent] = along(chart, row, chart->dependent, mode.by_b);
    for (size_t j = 0; j < n; j++) {
        if (j == chart->dependent)
            continue;
        expand_at(chart, &at->scales, at->z, j, &mode);
        *by_x++ =
            along(chart, row, j, mode.slope) - through * mode.member[member] * mode.slope[member];
        if (chart->moving)
            by_b[j] =
                along(chart, row, j, mode.by_b) - through * mode.member[member] * mode.by_b[member];
    }
    memcpy(by_target, row + chart->members * n,
           ssldyn_aligned_targets(chart->aligned) * n * sizeof *entries);
}

void ssldyn_aligned_chart_jacobian(const struct ssldyn_aligned_chart *chart,
                                   const struct ssldyn_parameters *now, double t, const double z[],
                                   double jacobian[], double workspace[])
{
    const size_t n = chart->aligned->data.n;
    const size_t count = ssldyn_aligned_variables(chart->aligned);
    const size_t variables = ssldyn_aligned_chart_variables(chart->aligned);
    const struct scales scales = scales_at(chart, t);
    const struct place at = {
        .chart = chart, .scales = scales, .dependent = dependent_of(chart, &scales, z), .z = z};
    size_t member = 0;
    const double rate = drive(chart, t, &member);
    double *y = workspace;
    double *row = y + count;
    double *of_y = row + count;
    double *next = jacobian;

    (void)ssldyn_aligned_chart_leave(chart, t, z, y);
    ssldyn_aligned_jacobian(chart->aligned, now, t, y, of_y, of_y + count * count);
    for (size_t j = 0; j < n; j++) {
        if (j == chart->dependent)
            continue;
        convert(&at, of_y + (own(chart, j) * n + j) * count, next);
        next += variables;
    }
    for (size_t j = 0; chart->moving && j < n; j++, next += variables) {
        memset(row, 0, count * sizeof *row);
        row[member * n + j] = 2.0 * rate * y[member * n + j];
        convert(&at, row, next);
    }
    for (size_t i = chart->members * n; i < count; i++, next += variables)
        convert(&at, of_y + i * count, next);
}
