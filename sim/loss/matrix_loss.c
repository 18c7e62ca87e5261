/* The losses for matrices. */
// SPDX-License-Identifier: MIT
#include "sim/loss/matrix_loss.h"

#define ENTRY(E, name, choice) [SSLDYN_LOSS_##E] = &ssldyn_matrix_loss_##name,
static const struct ssldyn_matrix_loss *const losses[SSLDYN_LOSSES_COUNT] = {SSLDYN_LOSSES(ENTRY)};

size_t ssldyn_matrix_loss_workspace(size_t n1, size_t n2)
{
    size_t largest = 0;
    for (size_t i = 0; i < SSLDYN_LOSSES_COUNT; i++) {
        const size_t columns = losses[i]->value_of_modes == NULL && n1 < n2 ? n2 : n1;
        const size_t size = losses[i]->value_workspace(columns, n2);
        largest = size > largest ? size : largest;
    }
    return largest;
}

const struct ssldyn_matrix_loss *ssldyn_matrix_loss_of(const struct ssldyn_parameters *parameters)
{
    return losses[parameters->loss];
}
