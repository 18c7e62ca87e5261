/* The table of ssldyn's options: one row drives parsing, file keys, ranges, help, spec.conf and
 * sweep axes. To add one, give struct ssldyn_spec a field and add a row. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/model/model.h"
#include "sim/options/option_rows.h"

#include <math.h>
#include <string.h>

#define AT(member) .offset = offsetof(struct ssldyn_spec, member)

/* Commands that integrate or simulate from a start. */
#define FLOW SSLDYN_COMMAND_FLOW
#define SGD SSLDYN_COMMAND_SGD
#define COMPARE SSLDYN_COMMAND_COMPARE
#define THEORY SSLDYN_COMMAND_THEORY
#define ALIGN SSLDYN_COMMAND_ALIGN
#define MOMENTS SSLDYN_COMMAND_MOMENTS
#define IMAGES (MOMENTS | SGD)
#define SWEEP SSLDYN_COMMAND_SWEEP
#define BASIN SSLDYN_COMMAND_BASIN
#define EXPLORE SSLDYN_COMMAND_EXPLORE
#define PICTURES (SSLDYN_COMMAND_PLOT | SSLDYN_COMMAND_FIGURE)
#define DYNAMICS (FLOW | SGD | BASIN | SWEEP)
#define FLOWS (DYNAMICS & ~(unsigned)SGD)
/* Also on the page, which shows modes and reads no matrices. */
#define LIVE (DYNAMICS | EXPLORE)

#define FIRST_NAME(NAME, name, meaning) #name
#define NEXT_NAME(NAME, name, meaning) "|" #name
#define MEANING(NAME, name, meaning) [SSLDYN_MODEL_##NAME] = (meaning),

#define TRAINING "Training settings"

/* How rows of one group begin, with what all of them have. */
#define OF_BASIN(NAME, ARGUMENT) SSLDYN_OPTION(NAME, ARGUMENT, "Basin"), .commands = BASIN
#define OF_MATRICES(NAME, ARGUMENT)                                                                \
    SSLDYN_OPTION(NAME, ARGUMENT, "Start"), .commands = DYNAMICS, .part = SSLDYN_HAS_MATRICES
#define OF_MODES(NAME, ARGUMENT)                                                                   \
    SSLDYN_OPTION(NAME, ARGUMENT, "Start"), .commands = FLOWS | THEORY | EXPLORE
#define OF_PAGE(NAME, ARGUMENT) SSLDYN_OPTION(NAME, ARGUMENT, "Page"), .commands = PICTURES
#define OF_SWEEP(NAME, ARGUMENT) SSLDYN_OPTION(NAME, ARGUMENT, "Sweep"), .commands = SWEEP
#define OF_VECTOR(NAME, ARGUMENT) SSLDYN_OPTION(NAME, ARGUMENT, "From views to vectors"), OF_IMAGES
#define STOCHASTIC(NAME, ARGUMENT)                                                                 \
    SSLDYN_OPTION(NAME, ARGUMENT, "Stochastic gradients"), .commands = SGD | SWEEP
#define TO_ALIGN(NAME, ARGUMENT) SSLDYN_OPTION(NAME, ARGUMENT, "What to align"), .commands = ALIGN
#define TRAINS(NAME, ARGUMENT)                                                                     \
    SSLDYN_OPTION(NAME, ARGUMENT, TRAINING), .commands = LIVE | THEORY | ALIGN,                    \
                                             .written = SSLDYN_OPTION_WRITTEN_GIVEN

#include "sim/options/options_conditions.inc"

#define VIEW(member) moments.views.member
#define VIEW_USERS OF_IMAGES
#define VIEWS_DECIDE false

static const char *const model_meanings[] = {SSLDYN_MODEL_LIST(MEANING, MEANING)};

static const char *model_meaning(int choice)
{
    return model_meanings[choice];
}

static const char *loss_meaning(int choice)
{
    return ssldyn_losses[choice]->meaning;
}

static const char *rule_meaning(int choice)
{
    return ssldyn_rules[choice]->meaning;
}

const struct ssldyn_option ssldyn_options[] = {
    /* ---- what is integrated */
    {SSLDYN_OPTION("model", "MODEL", "Model"),
     .help = "the model of the dynamics, from full matrices down to one mode",
     .meaning = model_meaning, .default_text = "population",
     CHOICE(problem.model, SSLDYN_MODEL_LIST(FIRST_NAME, NEXT_NAME)),
     .commands = FLOWS | EXPLORE | THEORY, .decides = true},
    {SSLDYN_OPTION("loss", "LOSS", "Model"),
     .help = "the loss that is minimized. BYOL's 2 - 2 cos is twice the cosine loss, which "
             "doubles the effective learning rate and halves eta and beta (--train-loss-factor "
             "2). Choices",
     .default_text = "l2", .meaning = loss_meaning,
     CHOICE(problem.parameters.loss, SSLDYN_OPTION_CHOICES(SSLDYN_LOSSES(SSLDYN_LOSSES_CHOICE))),
     .commands = LIVE | THEORY | ALIGN,
     NEEDS(has_loss,
           "requires --loss l2 or cosine; by default the network is judged by both losses")},
    {SSLDYN_OPTION("no-ema", NULL, "Model"),
     .help = "the target is the online network itself (SimSiam), the same as --tau 1",
     NEGATION(ema), .commands = LIVE | THEORY | ALIGN, .decides = true,
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_PARAMETER_TAU, .group = "Model", KIND(DOUBLE, problem.parameters.tau),
     .commands = LIVE | THEORY | ALIGN, .decides = true, .replaces = "no-ema|beta|train-ema"},
    {SSLDYN_OPTION("no-stop-grad", NULL, "Model"),
     .help = "let the gradient flow through the target as well (Theorem 2); needs --no-ema",
     NEGATION(problem.parameters.stop_grad), .commands = LIVE, .part = SSLDYN_HAS_SWITCHES},
    {SSLDYN_OPTION("no-predictor", NULL, "Model"), .help = "the predictor is the identity",
     NEGATION(problem.parameters.predictor), .commands = LIVE | THEORY, .part = SSLDYN_HAS_SWITCHES,
     .decides = true},
    {SSLDYN_OPTION("symmetric", NULL, "Model"),
     .help = "keep the predictor symmetric (Assumption 3)", FLAG(problem.parameters.symmetric),
     .commands = DYNAMICS, .part = SSLDYN_HAS_MATRICES,
     NEEDS(can_be_asymmetric, "has no effect: this predictor is symmetric anyway")},
    {SSLDYN_OPTION("closure", "CLOSURE", "Model"),
     .help = "for --model reduced: parabola sets F = Wp^T Wp/alpha_p instead of integrating F; "
             "for n modes under the cosine loss: leading or next replaces the exact gradient by "
             "its expansion in 1/n to leading or next order",
     .default_text = "none", CHOICE(closure, "none|parabola|leading|next"),
     .commands = FLOWS | EXPLORE, .decides = true,
     NEEDS(has_closure, "applies to --model reduced, and to modes under --loss cosine")},
    {SSLDYN_OPTION("predictor", "RULE", "Model"),
     .help = "how the predictor is obtained: by training, or in closed form from the correlation "
             "of its "
             "input",
     .default_text = "gradient", .meaning = rule_meaning,
     CHOICE(problem.parameters.rule, SSLDYN_OPTION_CHOICES(SSLDYN_RULES(SSLDYN_RULES_CHOICE))),
     .commands = LIVE | THEORY, .part = SSLDYN_HAS_RULES,
     NEEDS(has_predictor, "has no effect with --no-predictor"), .decides = true},
    {SSLDYN_PARAMETER_SET_POWER, .group = "Model", KIND(DOUBLE, problem.parameters.set_power),
     .commands = LIVE | THEORY, .part = SSLDYN_HAS_RULES},
    {SSLDYN_PARAMETER_EPSILON, .group = "Model", KIND(DOUBLE, problem.parameters.epsilon),
     .commands = LIVE | THEORY, .part = SSLDYN_HAS_RULES},
    {SSLDYN_PARAMETER_SET_SHIFT, .group = "Model", KIND(DOUBLE, problem.parameters.set_shift),
     .commands = LIVE, .part = SSLDYN_HAS_RULES},
    {SSLDYN_OPTION("correlation", "WHICH", "Model"),
     .help = "correlation whose spectrum a closed-form predictor takes: E[f1 f2^T] of two views "
             "of a datum, W X W^T (the F of the theory), or E[f f^T] of one view, W (X + X') W^T "
             "(Eq. 18 and the authors' code)",
     .default_text = "cross-view", CHOICE(problem.parameters.correlation, "cross-view|same-view"),
     .commands = LIVE, .part = SSLDYN_HAS_RULES},
    {SSLDYN_OPTION("normalize", "BY", "Model"),
     .help =
         "divide the eigenvalues of the correlation by the largest one before the rule is applied",
     .default_text = "none", CHOICE(problem.parameters.normalization, "none|largest"),
     .commands = LIVE, .part = SSLDYN_HAS_RULES},

    {SSLDYN_OPTION("depth", "LAYERS", "Model"),
     .help =
         "number of layers of the encoder, W = W_L ... W_1 (for matrices, W_1 is n2 x n1 and the "
         "others are n2 x n2)",
     .default_text = "1", WHOLE(problem.parameters.depth, 1, SSLDYN_DEPTH_MOST),
     .commands = LIVE | THEORY, .decides = true, .written = SSLDYN_OPTION_WRITTEN_GIVEN},
    {SSLDYN_OPTION("target", "WHAT", "Model"),
     .help =
         "what the predictor predicts: the target's representation of the other view (jepa), or "
         "the data themselves (mae), that is, the other view, or y if --syx is given (for "
         "matrices, Wp then has as many rows as y)",
     .default_text = "jepa", CHOICE(problem.parameters.target, "jepa|mae"),
     .commands = LIVE | THEORY, .decides = true, .written = SSLDYN_OPTION_WRITTEN_GIVEN},
    {SSLDYN_OPTION("ema-of", "WHAT", "Model"),
     .help =
         "for a deep target: apply the EMA to each layer of the online network, or to the product "
         "of the layers; the choice moves the edge of the collapse basin",
     .default_text = "layers", CHOICE(problem.parameters.ema_of, "layers|product"),
     .commands = LIVE | THEORY, .written = SSLDYN_OPTION_WRITTEN_GIVEN,
     .needs = {{is_deep, "applies to --depth above 1 with --target jepa"},
               {target_moves, "needs a moving target, which --tau and --no-ema exclude"}}},

    /* ---- rates */
    {SSLDYN_PARAMETER_ALPHA_P, .group = "Rates", KIND(DOUBLE, problem.parameters.rates.alpha_p),
     .commands = LIVE | THEORY | ALIGN, OF_TRAINED},
    {SSLDYN_PARAMETER_BETA, .group = "Rates", KIND(DOUBLE, problem.parameters.rates.beta),
     .commands = LIVE | THEORY | ALIGN, OF_RATE, .replaces = "no-ema|tau"},
    {SSLDYN_PARAMETER_ETA, .group = "Rates", KIND(DOUBLE, problem.typed.eta),
     .commands = LIVE | THEORY | ALIGN, .replaces = "eta-p|eta-s",
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_PARAMETER_ETA_P, .group = "Rates", KIND(DOUBLE, problem.parameters.rates.eta_p),
     .commands = LIVE | THEORY | ALIGN, OF_TRAINED},
    {SSLDYN_PARAMETER_ETA_S, .group = "Rates", KIND(DOUBLE, problem.parameters.rates.eta_s),
     .commands = LIVE | THEORY | ALIGN},

#include "sim/options/options_train.inc"

    /* ---- data */
    {SSLDYN_PARAMETER_SIGMA2, .group = "Data", KIND(DOUBLE, problem.typed.sigma2),
     .commands = LIVE | THEORY | ALIGN, .part = SSLDYN_HAS_NOISE,
     .needs = {{is_isotropic, "applies to isotropic data only, not with --x or --sxx"},
               {draws_no_images, "applies to isotropic data only, not to images"}}},
    {SSLDYN_OPTION("one-sided-noise", NULL, "Data"),
     .help = "augment only the target's view; the online network sees the augmentation-averaged "
             "data",
     FLAG(problem.one_sided), .commands = FLOWS | EXPLORE,
     NEEDS(is_cosine_of_modes,
           "applies to modes under the cosine; under the squared distance noise of the target's "
           "view has no effect (use --sigma2 0, or --lambda-s equal to --lambda-d)")},
    {SSLDYN_OPTION("x", "FILE[:NAME]", "Data"),
     .help =
         "X, the second-moment matrix of the augmentation-averaged data, n1 x n1; needs --xprime",
     ARRAY(x_file, "X"), .commands = DYNAMICS | THEORY | ALIGN, .part = SSLDYN_HAS_WEIGHTS,
     .decides = true, .replaces = "n1|sxx|syx|syy"},
    {SSLDYN_OPTION("xprime", "FILE[:NAME]", "Data"),
     .help = "X', the mean covariance of the augmentation, n1 x n1; needs --x",
     ARRAY(xprime_file, "Xprime"), .commands = DYNAMICS | THEORY | ALIGN,
     .part = SSLDYN_HAS_WEIGHTS},
    {SSLDYN_OPTION("sxx", "FILE[:NAME]", "Data"),
     .help = "Sxx = E[x x^T], n1 x n1, for a network that sees x and a target that sees y, with "
             "different distributions, instead of two views of one datum (context and target of a "
             "JEPA); needs --syx",
     ARRAY(sxx_file, "Sxx"), .commands = DYNAMICS | THEORY, .part = SSLDYN_HAS_WEIGHTS,
     .decides = true, .replaces = "n1|x|xprime", .written = SSLDYN_OPTION_WRITTEN_GIVEN},
    {SSLDYN_OPTION("syx", "FILE[:NAME]", "Data"),
     .help = "Syx = E[y x^T], n1 x n1 (with --target mae, y may have any dimension); needs --sxx",
     ARRAY(syx_file, "Syx"), .commands = DYNAMICS | THEORY, .part = SSLDYN_HAS_WEIGHTS,
     .decides = true, .written = SSLDYN_OPTION_WRITTEN_GIVEN},
    {SSLDYN_OPTION("syy", "FILE[:NAME]", "Data"),
     .help =
         "Syy = E[y y^T], n1 x n1. The flow under the squared distance does not depend on it, but "
         "the value of the loss does, and is nan without it. It is needed for batches, "
         "--no-stop-grad and --loss cosine",
     ARRAY(syy_file, "Syy"), .commands = DYNAMICS, .part = SSLDYN_HAS_WEIGHTS,
     .written = SSLDYN_OPTION_WRITTEN_GIVEN, NEEDS(has_pair, "applies only with --sxx and --syx")},
    {SSLDYN_OPTION("n1", "SIZE", "Data"),
     .help = "dimension of the data (default: that of --x, else 16); a 4096 x 4096 matrix takes "
             "128 MiB",
     .default_text = "16", WHOLE(problem.n1, 1, 4096), .commands = DYNAMICS,
     .part = SSLDYN_HAS_MATRICES,
     NEEDS(starts_from_w,
           "sets the size of W, which is not drawn with --init-f or --closure parabola")},
    {SSLDYN_OPTION("n2", "SIZE", "Data"),
     .help = "dimension of the representation (default: that of the --init files, or n1 with --x "
             "alone)",
     .default_text = "16", WHOLE(problem.n2, 1, 4096), .commands = DYNAMICS,
     .part = SSLDYN_HAS_MATRICES},
    {SSLDYN_PARAMETER_LAMBDA_S, .group = "Data", KIND(LIST, problem.typed.lambda_s),
     .commands = FLOWS | EXPLORE | THEORY, .part = SSLDYN_HAS_NETWORKS},
    {SSLDYN_PARAMETER_LAMBDA_D, .group = "Data", KIND(LIST, problem.typed.lambda_d),
     .commands = FLOWS | EXPLORE | THEORY, .part = SSLDYN_HAS_NETWORKS},

    /* ---- start */
    {OF_MODES("p0", "LIST"), .help = "initial eigenvalue of the predictor, one value per mode",
     .default_text = "0.1", LIST(problem.p0, -HUGE_VAL, HUGE_VAL), .part = SSLDYN_HAS_P0,
     .needs = {{is_trained,
                "has no effect: the predictor is not trained, but follows from F in closed form"},
               {has_start, "has no effect on the separatrix, which does not depend on the start"}}},
    {OF_MODES("s0", "LIST"), .help = "initial eigenvalue of the correlation F, one value per mode",
     .default_text = "0.05", LIST(problem.s0, 0.0, HUGE_VAL), .part = SSLDYN_HAS_S0, OF_START},
    {OF_MODES("tau0", "LIST"),
     .help = "initial ratio of the target to the online network, one value per mode; 0: the "
             "target starts at zero; 1: it starts as a copy of the online network",
     .default_text = "0", LIST(problem.tau0, -HUGE_VAL, HUGE_VAL), .part = SSLDYN_HAS_TAU0,
     OF_TARGET},
    {OF_MODES("wp0", "LIST"), .help = "initial predictor, one value per mode",
     .default_text = "0.1", LIST(problem.wp0, -HUGE_VAL, HUGE_VAL), .part = SSLDYN_HAS_NETWORKS,
     .needs = {{is_trained, "is the start of a trained predictor, and this one is not trained"},
               {has_start, "has no effect on the separatrix, which does not depend on the start"}}},
    {OF_MODES("w0", "LIST"), .help = "initial online network, one value per mode",
     .default_text = "0.25", LIST(problem.w0, -HUGE_VAL, HUGE_VAL), .part = SSLDYN_HAS_NETWORKS,
     OF_START},
    {OF_MODES("wa0", "LIST"), .help = "initial target network, one value per mode",
     .default_text = "0", LIST(problem.wa0, -HUGE_VAL, HUGE_VAL), .part = SSLDYN_HAS_NETWORKS,
     OF_TARGET},
    {SSLDYN_OPTION("layers0", "LIST", "Start"),
     .help =
         "relative initial sizes of the layers of a deep encoder, one value per layer, W_1 first; "
         "the product of the layers is the same as without this option (default: all equal)",
     LIST(problem.layers0, 0.0, HUGE_VAL), .minimum_open = true, .commands = LIVE | THEORY,
     .written = SSLDYN_OPTION_WRITTEN_GIVEN, NEEDS(has_layers, "applies to --depth above 1")},
    {SSLDYN_OPTION("init-w", "FILE[:NAME]", "Start"),
     .help = "initial W, n2 x n1 (default: Gaussian entries)", ARRAY(init_w, "W"),
     .commands = DYNAMICS | THEORY, .part = SSLDYN_HAS_MATRICES,
     .needs = {{starts_from_w, "has no effect where --init-f or --closure parabola gives F"},
               {start_decides, NO_START}},
     .decides = true},
    {SSLDYN_OPTION("init-wp", "FILE[:NAME]", "Start"),
     .help = "initial Wp, n2 x n2 (default: Gaussian entries)", ARRAY(init_wp, "Wp"),
     .commands = DYNAMICS | THEORY, .part = SSLDYN_HAS_MATRICES,
     .needs = {{is_trained, "is the start of a trained predictor"}, {start_decides, NO_START}},
     .decides = true},
    {SSLDYN_OPTION("init-f", "FILE[:NAME]", "Start"),
     .help = "initial F, n2 x n2, symmetric and positive semidefinite (default: W W^T)",
     ARRAY(init_f, "F"), .commands = FLOWS, .part = SSLDYN_HAS_CORRELATION,
     NEEDS(has_free_correlation, "has no effect: --closure parabola computes F from the predictor"),
     .decides = true},
    {SSLDYN_OPTION("init-wa", "START", "Start"),
     .help = "initial target: zero (the paper's theory), copy (of W, as in BYOL), random (drawn "
             "independently of W, as in the authors' code), or FILE[:NAME], n2 x n1",
     .default_text = "zero", .choices = "zero|copy|random", KIND(CHOICE_OR_FILE, problem.init_wa),
     .file_offset = offsetof(struct ssldyn_spec, init_wa_file), .array = true, .symbol = "Wa",
     .commands = DYNAMICS, .part = SSLDYN_HAS_WEIGHTS, OF_TARGET, .decides = true},
    {OF_MATRICES("init-scale", "SIZE"),
     .help = "standard deviation of the random entries of W, Wp and Wa (default: 1/sqrt(n1))",
     NUMBER(problem.init_scale, 0.0, HUGE_VAL), .minimum_open = true,
     NEEDS(draws, "has no effect: files give all entries of the start")},
    {SSLDYN_OPTION("seed", "NUMBER", "Start"),
     .help = "random seed; the same seed reproduces the run", .default_text = "1",
     KIND(SEED, problem.seed), .minimum = 0, .maximum = HUGE_VAL, .commands = DYNAMICS | MOMENTS,
     .part = SSLDYN_HAS_MATRICES},

    /* ---- time and accuracy */
    {SSLDYN_OPTION("t-end", "TIME", "Time and accuracy"),
     .help = "flow time at which the run ends; one unit is (1 - momentum)/lr steps",
     .default_text = "100", NUMBER(problem.t_end, 0.0, 1e12), .commands = LIVE | THEORY,
     NEEDS(ends_in_time, "has no effect here: only the points of a map are integrated to an end")},
    {SSLDYN_OPTION("samples", "N", "Time and accuracy"),
     .help = "number of evenly spaced intervals between rows: N + 1 rows, the first at t = 0",
     .default_text = "200", WHOLE(problem.samples, 1, 1e9), .commands = LIVE & ~(unsigned)BASIN},
    {SSLDYN_OPTION("log-time", NULL, "Time and accuracy"),
     .help = "space the rows after t = 0 evenly in log(t), over the six decades before t-end",
     FLAG(problem.log_time), .commands = LIVE & ~(unsigned)BASIN},
    {SSLDYN_OPTION("rtol", "TOLERANCE", "Time and accuracy"),
     .help = "relative error allowed per step; the error of a run is of this order",
     .default_text = "1e-9", NUMBER(problem.rtol, 1e-14, 0.1), .commands = FLOWS | EXPLORE,
     NEEDS(has_tolerance, "has no effect: thresholds are always found to 1e-12")},
    {SSLDYN_OPTION("atol", "TOLERANCE", "Time and accuracy"),
     .help =
         "absolute error allowed per step; 0: chosen by the model (1e-14 for matrices, 1e-150 for "
         "modes, which stay accurate however small they become)",
     .default_text = "0", NUMBER(problem.atol, 0.0, HUGE_VAL), .commands = FLOW | SWEEP},
    {SSLDYN_OPTION("stepper", "NAME", "Time and accuracy"), .help = "the integrator",
     .default_text = "auto", TEXT(problem.stepper), .commands = FLOW | SWEEP},

#include "sim/options/options_sgd.inc"

    /* ---- comparison */
    {SSLDYN_OPTION("ladder", "FILE.conf", "Comparison"),
     .help = "run this sgd experiment and every simpler model down to the parabola, and report "
             "the gap at each step",
     TEXT(ladder), .commands = COMPARE},

    /* ---- closed forms and tables of theory */
    {SSLDYN_OPTION("p-end", "VALUE", "What to print"),
     .help =
         "with --p0: print the time from p0 to this value on the parabola, in closed form; for a "
         "deep encoder with equal layers, from --p0 or --wp0",
     NUMBER(p_end, -HUGE_VAL, HUGE_VAL), .commands = THEORY},
    {SSLDYN_OPTION("table", "KIND", "What to print"),
     .help = "print a table instead: the fixed points; dp/dt on the parabola at each --p0; the "
             "vector field on the grid of --p0 and --s0, or of --wp0, --w0 and --wa0; the "
             "nullclines at each --w0",
     .default_text = "none", CHOICE(table, "none|fixedpoints|velocity|field|nullclines"),
     .commands = THEORY},
    {SSLDYN_OPTION("tied", NULL, "What to print"),
     .help = "with --table and --model lowdim: tabulate on the invariant line wp = w (alpha_p = "
             "1, equal weight decays)",
     FLAG(tied), .commands = THEORY},

#include "sim/options/options_align.inc"
#include "sim/options/options_moments.inc"
#include "sim/options/options_sweep.inc"

    /* ---- output */
    {SSLDYN_OPTION("output", "DIR", "Output"),
     .help =
         "directory for the results; results of an earlier run of the same command are replaced",
     TEXT(output), .letter = 'o', .commands = DYNAMICS | COMPARE | ALIGN | MOMENTS,
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("file", "FILE", "Output"),
     .help = "the file to write (default: plot.png or report.html in the run's directory, NAME.png "
             "for a figure)",
     TEXT(picture), .letter = 'o', .commands = PICTURES | SSLDYN_COMMAND_REPORT},
#include "sim/options/options_explore.inc"
#include "sim/options/options_page.inc"

    {SSLDYN_OPTION("strict", NULL, "Output"),
     .help =
         "exit with status 1 if an invariant drifts, relative to its terms, by more than the "
         "smaller of 100 rtol and 0.01; for sgd under the cosine loss, if the norms after a step "
         "deviate from the exact law by more than rounding",
     FLAG(strict), .commands = FLOW | SGD,
     NEEDS(
         keeps_laws,
         "has nothing to check: SGD keeps invariants only under the cosine and without momentum")},
    {SSLDYN_OPTION("margins", NULL, "Output"),
     .help =
         "for each mode, the factor by which each rate, data parameter, training setting or the "
         "start alone must change for its fate to flip: exact at the fold, by bisection at the "
         "edge of the basin. Written to margins.tsv; flow also prints them in the report",
     FLAG(margins), .commands = FLOW | BASIN | ALIGN, .written = SSLDYN_OPTION_WRITTEN_GIVEN,
     .needs = {{has_edges, "needs modes with a trained predictor, stop-gradient and --loss l2 "
                           "(of matrices: ssldyn align RUN --margins)"},
               {is_one_mode, "applies to one start, not with --threshold or axes"}}},
    {SSLDYN_OPTION("follow", NULL, "Output"),
     .help =
         "redraw whenever a run has new rows, or a sweep new points, until it ends or Ctrl-C is "
         "pressed. The file is replaced in one step, so that a viewer that reloads it shows the "
         "progress",
     FLAG(follow), .commands = SSLDYN_COMMAND_PLOT},
    {SSLDYN_OPTION("threads", "N", "Output"),
     .help = "number of threads; 0: one per processor. Results do not depend on it",
     .default_text = "0", WHOLE(threads, 0, 4096),
     .commands = LIVE | COMPARE | ALIGN | MOMENTS | SSLDYN_COMMAND_FIGURE,
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("quiet", NULL, "Output"), .help = "print errors only", FLAG(quiet),
     .letter = 'q', .commands = LIVE | COMPARE | ALIGN | MOMENTS | SSLDYN_COMMAND_FIGURE,
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
    {SSLDYN_OPTION("verbose", NULL, "Output"), .help = "report each stage and its time",
     FLAG(verbose), .letter = 'v', .commands = LIVE | SSLDYN_COMMAND_FIGURE,
     .written = SSLDYN_OPTION_WRITTEN_NEVER},
};
const size_t ssldyn_options_count = sizeof ssldyn_options / sizeof ssldyn_options[0];

static const struct ssldyn_option_group groups[] = {
    {TRAINING,
     "Settings of a training script, given in place of the rates above; using both is an error. "
     "The translation is exact for SGD with momentum, with weight decay added to the gradient "
     "and with a moving average as the target. Its result is printed: --train-lr 0.05 "
     "--train-momentum 0.9 "
     "--train-weight-decay 5e-4 --train-ema 0.996 gives beta = 0.008, eta = 0.0005 and steps of "
     "0.5 units of flow time.",
     "train-"},
    {NULL, NULL, NULL}};

static const struct ssldyn_option_family axes = {
    .prefix = "axis.",
    .whole = "axis",
    .argument = "from:to:points, log:from:to:points or list:a,b,c",
    .commands = SWEEP | BASIN | EXPLORE,
    .set = ssldyn_spec_axis,
};

const struct ssldyn_schema ssldyn_options_schema = {
    .program = "ssldyn",
    .options = ssldyn_options,
    .count = sizeof ssldyn_options / sizeof ssldyn_options[0],
    .groups = groups,
    .family = &axes,
    .command_name = ssldyn_command_name,
    .is_experiment = ssldyn_command_reads,
    .applies = ssldyn_spec_applies,
    .replaces = ssldyn_spec_replaces,
    .is_written = ssldyn_spec_is_written,
    .readers = SSLDYN_COMMAND_EXPLORE,
    .passes_over = ssldyn_spec_passes_over,
    .borrowers = SSLDYN_COMMAND_FIGURE,
    .borrow = ssldyn_spec_borrow,
};
