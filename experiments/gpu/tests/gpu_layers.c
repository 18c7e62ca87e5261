/* The layers of all backends (layers.h). */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/tests/layers.h"

int main(void)
{
    return twin_main(check_layers);
}
