/* A map of certified fates over weight decay and EMA: # survives, . collapses, ? undecided. */
// SPDX-License-Identifier: MIT
#include <ssldyn.h>

#include <stdio.h>

int main(void)
{
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *map = NULL;
    struct ssldyn_error err;
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    ssldyn_init();
    if (ssldyn_request_create("sweep", &request, &err) != SSLDYN_OK ||
        ssldyn_request_text(request, "model", "modes", &err) != SSLDYN_OK ||
        ssldyn_request_text(request, "axis.eta", "0:0.3:24", &err) != SSLDYN_OK ||
        ssldyn_request_text(request, "axis.beta", "log:0.01:10:64", &err) != SSLDYN_OK ||
        ssldyn_request_run(request, &map, &err) != SSLDYN_OK)
        return fprintf(stderr, "%s\n", err.message), 1;
    const double *fate = ssldyn_result_array(map, "fate", &dimensions, shape);
    for (size_t i = shape[0]; i-- > 0; putchar('\n'))
        for (size_t j = 0; j < shape[1]; j++)
            putchar(".#!?"[(int)fate[i * shape[1] + j]]);
    ssldyn_result_free(map);
    ssldyn_request_free(request);
    return 0;
}
