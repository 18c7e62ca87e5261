/* The glossary. The README has the same entries. */
// SPDX-License-Identifier: MIT
#include "sim/cli/glossary.h"

#include "sim/options/option_help.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *word;
    const char *meaning;
} words[] = {
    {"aligned", "of a predictor: the eigenvectors of F are also eigenvectors of Wp, so that cos_j "
                "= 1 for every living mode"},
    {"balance", "norm of the difference between W W^T - Wp^T Wp/alpha_p and exp(-2 eta t) times "
                "its initial value; 0 for the exact flow (Theorem 1)"},
    {"basin",
     "of collapse: the set of starts from which a mode collapses; its edge is the separatrix"},
    {"beta",
     "rate at which the EMA moves the target toward the online network, per unit of flow time"},
    {"c_j", "s_j - p_j^2/alpha_p, the distance of mode j from the parabola"},
    {"certified", "of a fate: proved by a trapping region or a converged fixed point, within the "
                  "error of the integration; never read off a threshold at the final time"},
    {"closed-form predictor", "a predictor that is computed from the correlation of its input "
                              "instead of being trained by gradients, as in DirectPred"},
    {"collapsed",
     "of a mode: s_j goes to 0; of a network: all or nearly all of its modes have collapsed"},
    {"commutator", "[F, Wp] = F Wp - Wp F; 0 if the predictor is aligned"},
    {"cos_j", "cosine of the angle between u_j and Wp u_j; 1 if u_j is an eigenvector of Wp"},
    {"diverged", "the solution left the range of double precision"},
    {"effective linear predictor", "the linear map that reproduces a predictor's outputs from its "
                                   "inputs with the least squared error"},
    {"effective rank", "exp of the entropy of s_j/sum s: how many modes carry the variance"},
    {"EMA", "exponential moving average, by which the target follows the online network"},
    {"eta", "weight decay; eta_s is that of the online network, eta_p that of the predictor"},
    {"F", "correlation of the predictor's inputs between two views, E[f1 f2^T], which is W X W^T "
          "for a linear encoder; align --features measures E[f f^T] instead"},
    {"fate", "of a mode: it survives, collapses or diverges, or its fate is undecided"},
    {"flow", "gradient descent in the limit of small steps, as a differential equation"},
    {"flow time", "the time of the flow, lr * step/(1 - momentum) for SGD"},
    {"fold", "the weight decay eta_fold beyond which no nonzero fixed point exists"},
    {"k_j", "the rate at which mode j aligns, by Theorem 3; alignment grows while it is positive"},
    {"knob", "a rate, data parameter, training setting or initial value that is varied while all "
             "others stay fixed"},
    {"living mode", "a mode whose eigenvalue of F is above --floor times the largest"},
    {"margin", "how far a parameter is from the value at which the fate of a mode flips; a factor "
               "of 2 means that the fate flips when the parameter is doubled"},
    {"mode", "a common eigenvector u_j of F and Wp, with its numbers s_j, p_j and tau_j"},
    {"online network", "the network W that is trained by gradients"},
    {"p_j", "u_j^T Wp u_j, the predictor along eigenvector j of F"},
    {"parabola",
     "s = p^2/alpha_p, the curve that every mode approaches under weight decay (Theorem 1)"},
    {"participation", "(sum s)^2/sum s^2, a rank that counts large modes more"},
    {"predictor", "the map Wp from the output of the online network to that of the target"},
    {"rank", "number of modes that survive"},
    {"RankMe", "exp of the entropy of sqrt(s_j)/sum sqrt(s) (Garrido et al. 2023)"},
    {"s_j", "eigenvalues of F, in descending order"},
    {"separatrix", "the boundary between starts that collapse and starts that survive, the stable "
                   "manifold of the saddle between the two"},
    {"start", "the initial values of the weights, or of s_j, p_j and tau_j"},
    {"survives", "of a mode: s_j stays at, or tends to, a positive level"},
    {"target", "the network Wa whose output is predicted; without EMA, the online network itself"},
    {"tau", "size of the target along the online network, <Wa, W>/|W|^2; 1 without EMA"},
    {"turn", "largest principal angle, in radians, between the leading eigenspaces of F in two "
             "successive snapshots"},
    {"undecided", "of a fate: no certificate applied up to the end of the run"},
    {"view", "a random augmentation of a datum"},
    {"wpe_j", "eigenvalues of the symmetric part of Wp, in descending order"},
    {"X", "second-moment matrix of the augmentation-averaged data, E[x1 x2^T] over two views x1 "
          "and x2 of a datum"},
    {"X'", "mean covariance matrix of the augmentation: E[x1 x1^T] = X + X'"},
};

void ssldyn_cli_glossary_print(FILE *stream)
{
    enum { INDENT = 17 };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        fprintf(stream, "%-*s", INDENT, words[i].word);
        if (strlen(words[i].word) + 2 > INDENT) {
            fprintf(stream, "\n%*s", INDENT, "");
        }
        ssldyn_option_help_wrap(words[i].meaning, SSLDYN_OPTION_HELP_WIDTH, INDENT, INDENT, stream);
    }
}
