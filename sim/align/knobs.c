/* Margins of the modes of a snapshot (knobs.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/knobs.h"

#include "sim/align/verdict_parts.h"
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/ensemble/ensemble.h"
#include "theory/fixedpoint.h"
#include "theory/losses.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* p_j, or wpe_j if p_j is NaN. */
static double predictor_value(const double row[], size_t j)
{
    const double p = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, j)];
    return isnan(p) ? row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_WPE, j)] : p;
}

void ssldyn_knobs_clear(struct ssldyn_knobs *knobs)
{
    free(knobs->modes);
    ssldyn_margins_clear(&knobs->margins);
    memset(knobs, 0, sizeof *knobs);
}

/* v^T A v for a matrix in the layout of the moments. */
static double quadratic(const struct ssldyn_moments *moments, bool sum, const double v[],
                        double work[])
{
    const size_t n = moments->n1;
    const double *A = sum ? moments->sum : moments->X;
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC || A == NULL)
        return sum ? moments->c : 1.0;
    cblas_dsymv(CblasRowMajor, CblasUpper, (int)n, 1.0, A, (int)n, v, 1, 0.0, work, 1);
    return cblas_ddot((int)n, v, 1, work, 1);
}

double ssldyn_knobs_weight(const struct ssldyn_knobs_input *input, size_t j, double work[],
                           double *lambda_d, double *lambda_s)
{
    const int n1 = (int)input->n1;
    const int n2 = (int)input->n2;
    double *v = work;
    cblas_dgemv(CblasRowMajor, CblasTrans, n2, n1, 1.0, input->snapshot.W, n1,
                input->eigenvectors + j, n2, 0.0, v, 1);
    const double w = cblas_dnrm2(n1, v, 1);
    cblas_dscal(n1, w > 0.0 ? 1.0 / w : 0.0, v, 1);
    if (input->moments != NULL && w > 0.0) {
        *lambda_d = quadratic(input->moments, false, v, work + n1);
        *lambda_s = quadratic(input->moments, true, v, work + n1);
    }
    return w;
}

/* Mode j in the variables of M5; own: its parameters. */
static struct ssldyn_ensemble_point point_of(const struct ssldyn_knobs_input *input, size_t j,
                                             double work[], struct ssldyn_knobs_mode *mode,
                                             struct ssldyn_parameters *own)
{
    const struct ssldyn_parameters *parameters = input->parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    double tau = parameters->tau_held ? parameters->tau : input->row[SSLDYN_MATRIX_TAU];
    mode->s = input->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    mode->p = predictor_value(input->row, j);
    mode->lambda_d = 1.0;
    mode->lambda_s = input->moments != NULL ? input->moments->c : rates->c;
    double w = sqrt(fmax(mode->s, 0.0));
    if (isnan(tau))
        tau = 1.0; /* its value at every fixed point */
    double wa = tau * w;
    if (input->snapshot.W != NULL) {
        const int n1 = (int)input->n1;
        const int n2 = (int)input->n2;
        double *v = work;
        w = ssldyn_knobs_weight(input, j, work, &mode->lambda_d, &mode->lambda_s);
        wa = tau * w;
        if (input->snapshot.Wa != NULL && !parameters->tau_held) {
            cblas_dgemv(CblasRowMajor, CblasNoTrans, n2, n1, 1.0, input->snapshot.Wa, n1, v, 1, 0.0,
                        work + n1, 1);
            wa = cblas_ddot(n2, work + n1, 1, input->eigenvectors + j, n2);
        }
    }
    *own = *parameters;
    own->lambda_d = mode->lambda_d;
    own->lambda_s = mode->lambda_s;
    return ssldyn_ensemble_network(own, mode->p, w, wa);
}

static const struct ssldyn_knob_turn turns[SSLDYN_FLIPS] = {
    [SSLDYN_FLIP_DECAY] = {.power = {[SSLDYN_KNOB_ETA_S] = 1.0, [SSLDYN_KNOB_ETA_P] = 1.0}},
    [SSLDYN_FLIP_ALPHA_P] = {.power = {[SSLDYN_KNOB_ALPHA_P] = 1.0}},
    [SSLDYN_FLIP_BETA] = {.power = {[SSLDYN_KNOB_BETA] = 1.0}},
    [SSLDYN_FLIP_WEIGHTS] = {.weights = 1.0, .product = 1.0}};

static bool applies(const struct ssldyn_knobs_input *input)
{
    const struct ssldyn_parameters *parameters = input->parameters;
    return ssldyn_losses_of(parameters)->folds && ssldyn_rules_trained(parameters) &&
           parameters->stop_grad && !isnan(predictor_value(input->row, 0));
}

enum ssldyn_status ssldyn_knobs_find(const struct ssldyn_knobs_input *input,
                                     struct ssldyn_knobs *knobs, struct ssldyn_error *err)
{
    memset(knobs, 0, sizeof *knobs);
    if (!applies(input))
        return SSLDYN_OK;
    const size_t count = input->count < input->n2 ? input->count : input->n2;
    const double tau = input->parameters->tau_held ? input->parameters->tau : 1.0;
    enum ssldyn_status status = SSLDYN_OK;
    struct ssldyn_ensemble_point *points = ssldyn_memory_array(count, sizeof *points);
    enum ssldyn_fate *fates = ssldyn_memory_array(count, sizeof *fates);
    struct ssldyn_knob_flip(*flips)[SSLDYN_FLIPS] = ssldyn_memory_array(count, sizeof *flips);
    double *work = ssldyn_memory_array(2 * (input->n1 + input->n2), sizeof *work);
    knobs->modes = ssldyn_memory_array(count, sizeof *knobs->modes);
    if (points == NULL || fates == NULL || flips == NULL || work == NULL || knobs->modes == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t j = 0; j < count && status == SSLDYN_OK; j++) {
        struct ssldyn_knobs_mode *mode = &knobs->modes[j];
        struct ssldyn_parameters parameters;
        points[j] = point_of(input, j, work, mode, &parameters);
        double pair[2];
        double w_squared[2];
        ssldyn_margin(&parameters, &mode->margin);
        (void)ssldyn_fixedpoint_lowdim(&parameters, tau, pair, w_squared);
        mode->p_minus = pair[0];
        mode->p_plus = pair[1];
    }
    if (status == SSLDYN_OK)
        status = ssldyn_knob_flips(NULL, count, points, SSLDYN_FLIPS, turns, fates, flips[0], err);
    if (status == SSLDYN_OK && input->margins)
        status = ssldyn_margins_find(
            &(struct ssldyn_margins_request){.parameters = input->parameters,
                                             .training = input->training,
                                             .isotropic =
                                                 input->moments == NULL ||
                                                 input->moments->kind == SSLDYN_MOMENTS_ISOTROPIC},
            count, points, &knobs->margins, err);
    for (size_t j = 0; j < count && status == SSLDYN_OK; j++) {
        knobs->modes[j].fate = fates[j];
        for (int k = 0; k < SSLDYN_FLIPS; k++)
            knobs->modes[j].flip[k] = flips[j][k].factor;
    }
    knobs->count = status == SSLDYN_OK ? count : 0;
    knobs->eta_s = input->parameters->rates.eta_s;
    knobs->assumed = input->moments == NULL;
    free(points);
    free(fates);
    free(flips);
    free(work);
    return status;
}

static void print(FILE *stream, double value)
{
    fputc('\t', stream);
    ssldyn_decimal_write(value, stream);
}

void ssldyn_knobs_print(const void *object, FILE *stream)
{
    const struct ssldyn_knobs *knobs = object;
    fputs("# ssldyn knobs 1\n"
          "# modes of the last snapshot; fate: 0 collapsed, 1 survives, 2 diverged, 3 undecided\n"
          "# eta_fold: weight decay beyond which the mode cannot survive; p_minus, p_plus: its "
          "fixed points\n"
          "# x_NAME: factor by which NAME alone must change to reach the fold; nan: none\n"
          "# noise: lambda_s - lambda_d, the variance that augmentation adds\n"
          "# alpha_p, beta and eta_p do not move the fold\n"
          "# flip_NAME: factor nearest to 1, within 1024, by which NAME alone must change for the "
          "mode's fate to flip in\n"
          "# the flow from this snapshot; decay: both decays; weights: p, w and the target's w of "
          "the mode; nan: none\n"
          "mode\ts\tp\tlambda_d\tlambda_s\tfate\teta_fold\tp_minus\tp_plus\tx_eta_s\t"
          "x_noise\tx_lambda_d\tflip_decay\tflip_alpha_p\tflip_beta\tflip_weights\n",
          stream);
    for (size_t j = 0; j < knobs->count; j++) {
        const struct ssldyn_knobs_mode *mode = &knobs->modes[j];
        const double *factor = mode->margin.factor;
        fprintf(stream, "%zu", j + 1);
        print(stream, mode->s);
        print(stream, mode->p);
        print(stream, mode->lambda_d);
        print(stream, mode->lambda_s);
        fprintf(stream, "\t%d", (int)mode->fate);
        const double rest[] = {mode->margin.fold,
                               mode->p_minus,
                               mode->p_plus,
                               factor[SSLDYN_KNOB_ETA_S],
                               factor[SSLDYN_KNOB_NOISE],
                               factor[SSLDYN_KNOB_LAMBDA_D],
                               mode->flip[SSLDYN_FLIP_DECAY],
                               mode->flip[SSLDYN_FLIP_ALPHA_P],
                               mode->flip[SSLDYN_FLIP_BETA],
                               mode->flip[SSLDYN_FLIP_WEIGHTS]};
        for (size_t k = 0; k < sizeof rest / sizeof rest[0]; k++)
            print(stream, rest[k]);
        fputc('\n', stream);
    }
}

/* The factor on the weight decay that reaches the fold. */
static double decay_factor(const struct ssldyn_knobs_mode *mode)
{
    return mode->margin.factor[SSLDYN_KNOB_ETA_S];
}

struct ssldyn_knobs_summary ssldyn_knobs_sum(const struct ssldyn_knobs *knobs)
{
    struct ssldyn_knobs_summary sum = {
        .margins = knobs->margins.count, .shared = true, .fold = (double)NAN};
    const struct ssldyn_knobs_mode *modes = knobs->modes;
    for (size_t j = 0; j < knobs->count; j++) {
        const double margin = decay_factor(&modes[j]);
        if (!(margin > 1.0)) {
            sum.beyond++;
            sum.halved += 2.0 * margin > 1.0 ? 1 : 0;
            if (sum.next == 0 || margin > decay_factor(&modes[sum.next - 1]))
                sum.next = j + 1;
        } else if (modes[j].fate == SSLDYN_FATE_SURVIVES) {
            sum.surviving++;
            if (sum.nearest == 0 || margin < decay_factor(&modes[sum.nearest - 1]))
                sum.nearest = j + 1;
        } else if (modes[j].fate == SSLDYN_FATE_COLLAPSED) {
            sum.trapped++;
            if (sum.edge == 0 || modes[j].p > modes[sum.edge - 1].p)
                sum.edge = j + 1;
        }
    }
    if (sum.nearest > 0)
        sum.fold = modes[sum.nearest - 1].margin.fold;
    /* 2 %: at a smaller distance from the fold the two coincide */
    double least = sum.nearest > 0 ? 0.98 * decay_factor(&modes[sum.nearest - 1]) : 0.0;
    for (size_t j = 0; j < knobs->count; j++) {
        const double flip = modes[j].flip[SSLDYN_FLIP_DECAY];
        if (modes[j].fate == SSLDYN_FATE_SURVIVES && flip > 1.0 && flip < least) {
            least = flip;
            sum.early = j + 1;
        }
    }
    for (size_t j = 0; j < knobs->count && sum.nearest > 0; j++)
        if (modes[j].fate == SSLDYN_FATE_SURVIVES && decay_factor(&modes[j]) > 1.0)
            sum.shared =
                sum.shared &&
                fabs(decay_factor(&modes[j]) / decay_factor(&modes[sum.nearest - 1]) - 1.0) < 1e-9;
    return sum;
}

static void append_nearest(const struct ssldyn_knobs *knobs, const struct ssldyn_knobs_summary *sum,
                           struct ssldyn_verdict *verdict)
{
    const double *factor = knobs->modes[sum->nearest - 1].margin.factor;
    if (sum->shared && sum->surviving > 1)
        ssldyn_verdict_append(verdict,
                              " The %zu modes that survive share one fold: weight decay x %.3g "
                              "alone would collapse them",
                              sum->surviving, factor[SSLDYN_KNOB_ETA_S]);
    else if (sum->surviving == 1)
        ssldyn_verdict_append(
            verdict, " One mode (mode %zu) survives: weight decay x %.3g alone would collapse it",
            sum->nearest, factor[SSLDYN_KNOB_ETA_S]);
    else
        ssldyn_verdict_append(verdict,
                              " Of %zu modes that survive, mode %zu is the nearest to its fold: "
                              "weight decay x %.3g alone would collapse it",
                              sum->surviving, sum->nearest, factor[SSLDYN_KNOB_ETA_S]);
    if (!isnan(factor[SSLDYN_KNOB_NOISE]))
        ssldyn_verdict_append(verdict, ", or augmentation variance x %.3g",
                              factor[SSLDYN_KNOB_NOISE]);
    ssldyn_verdict_append(verdict, ".");
}

/* Appends the single changes that would let a trapped mode survive. */
static void append_ways_out(const struct ssldyn_knobs_mode *mode, struct ssldyn_verdict *verdict)
{
    static const char *const names[SSLDYN_FLIPS] = {"weight decay", "alpha_p", "beta",
                                                    "its weights"};
    static const enum ssldyn_flip order[SSLDYN_FLIPS] = {SSLDYN_FLIP_WEIGHTS, SSLDYN_FLIP_DECAY,
                                                         SSLDYN_FLIP_ALPHA_P, SSLDYN_FLIP_BETA};
    int known = 0;
    for (int k = 0; k < SSLDYN_FLIPS; k++) {
        const double factor = mode->flip[order[k]];
        if (isnan(factor))
            continue;
        ssldyn_verdict_append(verdict, "%s%s x %.3g", known == 0 ? ": " : " or ", names[order[k]],
                              factor);
        known++;
    }
    ssldyn_verdict_append(
        verdict,
        known > 0 ? " alone would let it survive."
                  : "; changing a single knob by a factor of up to 1000 would not let it survive.");
}

/* Appends the smallest change of one knob that flips a mode's fate. */
static void append_margins(const struct ssldyn_margins *margins, struct ssldyn_verdict *verdict)
{
    const struct ssldyn_margins_crossing *least = NULL;
    for (size_t i = 0; i < margins->count * margins->knob_count; i++) {
        const struct ssldyn_margins_crossing *crossing = &margins->crossings[i];
        if (crossing->kind != SSLDYN_MARGINS_NONE &&
            (least == NULL || fabs(log(crossing->factor)) < fabs(log(least->factor))))
            least = crossing;
    }
    if (least == NULL)
        return;
    const size_t at = (size_t)(least - margins->crossings);
    const struct ssldyn_margins_knob *knob = &margins->knobs[at % margins->knob_count];
    ssldyn_verdict_append(verdict,
                          " The smallest single change in margins.tsv that flips a fate is %s%s x "
                          "%.4g (mode %zu: now %s).",
                          knob->complement ? "1 - " : "", knob->name, least->factor,
                          at / margins->knob_count + 1,
                          ssldyn_fate_word(margins->fates[at / margins->knob_count]));
}

void ssldyn_knobs_append(const struct ssldyn_knobs *knobs, struct ssldyn_verdict *verdict)
{
    if (knobs->count == 0)
        return;
    ssldyn_verdict_append(verdict, " Knobs");
    if (knobs->assumed)
        ssldyn_verdict_append(verdict, " (for X = I)");
    if (knobs->eta_s == 0.0) {
        ssldyn_verdict_append(verdict, ": without weight decay there is no fold.");
        return;
    }
    const struct ssldyn_knobs_summary sum = ssldyn_knobs_sum(knobs);
    ssldyn_verdict_append(verdict, ": alpha_p, beta and eta_p do not move the fold.");
    if (sum.surviving > 0)
        append_nearest(knobs, &sum, verdict);
    if (sum.early > 0)
        ssldyn_verdict_append(verdict,
                              " Mode %zu has not reached its level yet, and collapses at weight "
                              "decay x %.3g already.",
                              sum.early, knobs->modes[sum.early - 1].flip[SSLDYN_FLIP_DECAY]);
    if (sum.beyond > 0)
        ssldyn_verdict_append(verdict,
                              " %zu mode%s beyond the fold and cannot survive: weight decay x %.3g "
                              "would let mode %zu survive, and half of that decay %zu mode%s.",
                              sum.beyond, sum.beyond == 1 ? " is" : "s are",
                              decay_factor(&knobs->modes[sum.next - 1]), sum.next, sum.halved,
                              sum.halved == 1 ? "" : "s");
    append_margins(&knobs->margins, verdict);
    if (sum.trapped > 0) {
        const struct ssldyn_knobs_mode *mode = &knobs->modes[sum.edge - 1];
        if (sum.trapped > 1)
            ssldyn_verdict_append(
                verdict,
                " %zu modes are in the basin of collapse; the nearest to its edge is mode %zu,",
                sum.trapped, sum.edge);
        else
            ssldyn_verdict_append(verdict, " Mode %zu is in the basin of collapse,", sum.edge);
        ssldyn_verdict_append(verdict, " with p = %.3g (unstable fixed point: p*- = %.3g)", mode->p,
                              mode->p_minus);
        append_ways_out(mode, verdict);
    }
}
