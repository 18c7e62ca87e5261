/* The glossary. The README has the same entries. */
// SPDX-License-Identifier: MIT
#include "sim/cli/glossary.h"

#include "sim/options/option_help.h"

#include <stddef.h>

static const struct {
    const char *word;
    const char *meaning;
} words[] = {
    {"aligned", "the eigenvectors of F are eigenvectors of Wp: cos_j = 1 for every living mode"},
    {"balance", "how far W W^T - Wp^T Wp/alpha_p is from its law, exp(-2 eta t) times its initial "
                "value (Theorem 1)"},
    {"basin", "the starts from which a mode collapses; its edge is the separatrix of the saddle"},
    {"c_j", "s_j - p_j^2/alpha_p, the distance of mode j from the parabola"},
    {"certified", "proved by a trapping region or a converged fixed point, within the error of the "
                  "integration; never read off a threshold at the final time"},
    {"collapsed", "of a mode: s_j goes to 0; of a network: (nearly) all modes have"},
    {"commutator", "[F, Wp] = F Wp - Wp F; 0 where the predictor is aligned"},
    {"cos_j", "cosine between u_j and Wp u_j: 1 where u_j is an eigenvector of Wp"},
    {"diverged", "the solution left the range of double precision"},
    {"effective rank", "exp of the entropy of s_j/sum s: how many modes carry the variance"},
    {"eta", "weight decay; eta_s of the encoder, eta_p of the predictor"},
    {"F", "correlation matrix of the predictor's inputs, W X W^T for a linear encoder"},
    {"fold", "the weight decay eta_fold beyond which no surviving fixed point exists"},
    {"k_j", "the rate at which mode j aligns, by Theorem 3; alignment grows while it is positive"},
    {"living mode", "a mode whose eigenvalue of F is above --floor times the largest"},
    {"margin", "how far a parameter is from the value at which the fate of a mode flips; a factor "
               "of 2 means that twice the value reaches it"},
    {"mode", "a common eigenvector u_j of F and Wp, with its numbers s_j, p_j and tau_j"},
    {"p_j", "u_j^T Wp u_j, the predictor along eigenvector j of F"},
    {"parabola", "s = p^2/alpha_p, the curve that every mode approaches under weight decay "
                 "(Theorem 1)"},
    {"participation", "(sum s)^2/sum s^2, a rank that counts large modes more"},
    {"RankMe", "exp of the entropy of sqrt(s_j)/sum sqrt(s) (Garrido et al. 2023)"},
    {"s_j", "eigenvalues of F, in descending order"},
    {"survives", "of a mode: s_j stays at or goes to a positive level"},
    {"tau", "the target along the online network, <Wa, W>/|W|^2; 1 without EMA"},
    {"turn", "largest principal angle, in radians, between the leading eigenspaces of F in two "
             "successive snapshots"},
    {"undecided", "no certificate applied up to the end of the run"},
    {"wpe_j", "eigenvalues of the symmetric part of Wp, in descending order"},
};

void ssldyn_cli_glossary_print(FILE *stream)
{
    enum { INDENT = 17 };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        fprintf(stream, "%-*s", INDENT, words[i].word);
        ssldyn_option_help_wrap(words[i].meaning, SSLDYN_OPTION_HELP_WIDTH, INDENT, INDENT, stream);
    }
}
