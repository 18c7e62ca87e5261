/* fates [POINTS [SEED]]: certified fates of random points, as in a sweep, compared with
 * trajectories that are followed to t = 3000 at a tight tolerance and judged by their position: at
 * the attractor, or below half the saddle in all three variables; otherwise undecided. Prints
 * disagreements and counts; exit status 1 if there is a disagreement. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/ensemble/ensemble.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 4096, KINDS = 6 };
static const double far = 3000.0;

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / (double)(INT64_C(1) << 53);
}

static double draw_log(uint64_t *state, double lo, double hi)
{
    return lo * pow(hi / lo, draw(state));
}

/* alpha_p .1-16, beta .01-5 (also below eta), sigma2 0-1.5, eta up to 1.2 folds; target from zero,
 * copied, drawn independently, of another sign; decays unequal; tau held. */
static struct ssldyn_ensemble_point random_point(uint64_t *state, int *kind)
{
    struct ssldyn_ensemble_point point = {.alpha_p = draw_log(state, 0.1, 16.0),
                                          .beta = draw_log(state, 0.01, 5.0),
                                          .lambda_s = 1.0 + 1.5 * draw(state),
                                          .lambda_d = 1.0,
                                          .tau = (double)NAN};
    const double fold = 0.25 / point.lambda_s;
    point.eta_s = 1.2 * fold * draw(state);
    point.eta_p = point.eta_s;
    point.wp = draw(state);
    point.w = draw(state);
    point.wa = 0.0;
    *kind = (int)(KINDS * draw(state));
    switch (*kind) {
    case 1:
        point.wa = point.w;
        break;
    case 2:
        point.wa = draw(state);
        break;
    case 3:
        point.wp = 2.0 * draw(state) - 1.0;
        point.wa = 2.0 * draw(state) - 1.0;
        break;
    case 4:
        point.eta_p = draw_log(state, 0.1, 10.0) * point.eta_s;
        point.wa = draw(state) < 0.5 ? point.w : 0.0;
        break;
    case 5:
        point.tau = 0.5 + draw(state);
        point.eta_s *= point.tau * point.tau;
        point.eta_p = point.eta_s;
        break;
    default:
        break;
    }
    return point;
}

/* The position of a trajectory after a long time: 1 at the attractor, 0 below half the saddle, -1
 * neither. */
static int where(const struct ssldyn_ensemble_point *point, const struct ssldyn_ensemble_end *end)
{
    const double drive = isnan(point->tau) ? 1.0 : point->tau;
    const double c = point->lambda_s;
    const double discriminant = drive * drive - 4.0 * point->eta_s * c;
    const double ratio = sqrt(point->eta_p / point->eta_s / point->alpha_p);
    const double root = discriminant > 0.0 ? sqrt(discriminant) : 0.0;
    const double plus = (drive + root) / (2.0 * c);
    const double minus = (drive - root) / (2.0 * c);
    const double w = fabs(end->w);
    if (discriminant > 0.0 && fabs(end->wp / plus - 1.0) < 0.01 &&
        fabs(w / (plus * ratio) - 1.0) < 0.01)
        return 1;
    const double half = 0.5 * minus;
    if (fabs(end->wp) < half && w < half * ratio && fabs(end->wa) < half * ratio * drive)
        return 0;
    return -1;
}

int main(int argc, char *argv[])
{
    const int64_t total = argc > 1 ? strtoll(argv[1], NULL, 10) : 20000;
    uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const struct ssldyn_ensemble_options certified = {
        .t_end = 1e6, .rtol = 1e-9, .stop = true, .bounded = true, .refine_by = 1e-5};
    const struct ssldyn_ensemble_options brute = {
        .t_end = far, .rtol = 1e-14, .max_steps = 1000000};
    struct ssldyn_ensemble_point *points = ssldyn_memory_array(CHUNK, sizeof *points);
    struct ssldyn_ensemble_end *ends = ssldyn_memory_array(2 * CHUNK, sizeof *ends);
    int64_t counts[KINDS][6] = {{0}};
    int64_t wrong = 0;
    double seconds[2] = {0.0, 0.0};
    if (!points || !ends)
        return 2;
    for (int64_t begin = 0; begin < total; begin += CHUNK) {
        int kinds[CHUNK];
        const int count = total - begin < CHUNK ? (int)(total - begin) : CHUNK;
        for (int i = 0; i < count; i++)
            points[i] = random_point(&state, &kinds[i]);
        double began = ssldyn_clock_cpu();
        if (ssldyn_ensemble_run(&certified, (size_t)count, points, ends, NULL) != SSLDYN_OK)
            return 2;
        seconds[0] += ssldyn_clock_cpu() - began;
        began = ssldyn_clock_cpu();
        if (ssldyn_ensemble_run(&brute, (size_t)count, points, ends + CHUNK, NULL) != SSLDYN_OK)
            return 2;
        seconds[1] += ssldyn_clock_cpu() - began;
        for (int i = 0; i < count; i++) {
            const struct ssldyn_ensemble_end *end = &ends[CHUNK + i];
            const int fate = ends[i].fate;
            const int there = where(&points[i], end);
            counts[kinds[i]][fate]++;
            counts[kinds[i]][5] += there < 0;
            if ((there == 1 && fate == SSLDYN_FATE_COLLAPSED) ||
                (there == 0 && fate == SSLDYN_FATE_SURVIVES)) {
                wrong++;
                counts[kinds[i]][4]++;
                printf("kind %d fate %d at %g, but w = %g: alpha %.17g beta %.17g eta %.17g %.17g "
                       "lambda %.17g tau %.17g start %.17g %.17g %.17g\n",
                       kinds[i], fate, ends[i].since, end->w, points[i].alpha_p, points[i].beta,
                       points[i].eta_p, points[i].eta_s, points[i].lambda_s, points[i].tau,
                       points[i].wp, points[i].w, points[i].wa);
            }
        }
    }
    for (int k = 0; k < KINDS; k++)
        printf("kind %d: collapsed %" PRId64 ", survives %" PRId64 ", diverged %" PRId64
               ", undecided %" PRId64 ", wrong %" PRId64 ", not clear %" PRId64 "\n",
               k, counts[k][0], counts[k][1], counts[k][2], counts[k][3], counts[k][4],
               counts[k][5]);
    printf("points %" PRId64 ", wrong %" PRId64 "; certified %.0f points/s, brute force %.0f\n",
           total, wrong, (double)total / seconds[0], (double)total / seconds[1]);
    free(points);
    free(ends);
    return wrong > 0;
}
