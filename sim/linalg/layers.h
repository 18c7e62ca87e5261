/* An encoder as a product of layers, W = W_L ... W_1 (THEORY section 11): W_1 is n2 x n1, the
 * others n2 x n2, one after the other in one array Y. Pure functions, in double and in single
 * precision. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LINALG_LAYERS_H
#define SSLDYN_SIM_LINALG_LAYERS_H

#include <stddef.h>

struct ssldyn_layers {
    size_t count; /* L >= 1 */
    size_t n1, n2;
};

/* Where layer l (0-based) begins in Y; of l = count, how many numbers Y has. */
size_t ssldyn_layers_at(const struct ssldyn_layers *layers, size_t l);

/* Numbers of workspace: the products W_l ... W_1 in between, which the pull reads, and its own. */
size_t ssldyn_layers_workspace(const struct ssldyn_layers *layers);

/* W (n2 x n1) = W_L ... W_1; the products in between stay in the workspace. */
void ssldyn_layers_product_double(const struct ssldyn_layers *layers, const double Y[], double W[],
                                  double workspace[]);
void ssldyn_layers_product_float(const struct ssldyn_layers *layers, const float Y[], float W[],
                                 float workspace[]);

/* From the gradient Gw by W those by the layers, G_l = (W_L ... W_{l+1})^T Gw (W_{l-1} ... W_1)^T,
 * laid out as Y; after the product of the same Y in the same workspace. */
void ssldyn_layers_pull_double(const struct ssldyn_layers *layers, const double Y[],
                               const double Gw[], double G[], double workspace[]);
void ssldyn_layers_pull_float(const struct ssldyn_layers *layers, const float Y[], const float Gw[],
                              float G[], float workspace[]);

#endif
