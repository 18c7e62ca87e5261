/* A flow that starts from matrices in memory: which eigenvalues of F survive, and the final
 * state of the network. */
// SPDX-License-Identifier: MIT
#include <ssldyn.h>

#include <stdio.h>

enum { N1 = 4, N2 = 3 };

int main(void)
{
    /* Wp (N2 x N2), W (N2 x N1): the predictor and the encoder, row-major. */
    const size_t Wp_shape[] = {N2, N2};
    const size_t W_shape[] = {N2, N1};
    const double Wp[N2 * N2] = {0.6, 0.1, 0, 0.1, 0.4, 0, 0, 0, 0.02};
    const double W[N2 * N1] = {0.7, 0.1, 0, 0, 0, 0.5, 0.1, 0, 0, 0, 0.03, 0};
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];

    ssldyn_init();
    if (ssldyn_request_create("flow", &request, &err) != SSLDYN_OK ||
        ssldyn_request_array(request, "Wp", 2, Wp_shape, Wp, &err) != SSLDYN_OK ||
        ssldyn_request_array(request, "W", 2, W_shape, W, &err) != SSLDYN_OK ||
        ssldyn_request_text(request, "init_wa", "copy", &err) != SSLDYN_OK ||
        ssldyn_request_number(request, "eta", 0.04, &err) != SSLDYN_OK ||
        ssldyn_request_number(request, "t_end", 60, &err) != SSLDYN_OK ||
        ssldyn_request_run(request, &result, &err) != SSLDYN_OK) {
        fprintf(stderr, "%s\n", err.message);
        ssldyn_request_free(request);
        return 1;
    }
    printf("%g of %d eigenvalues of F survive\n", ssldyn_result_value(result, "rank"), N2);

    /* The predictor in the last of the snapshots: times x N2 x N2. */
    const double *stack = ssldyn_result_array(result, "Wp", &dimensions, shape);
    const double *last = stack + (shape[0] - 1) * N2 * N2;
    for (size_t i = 0; i < N2; i++)
        printf("%9.4f %9.4f %9.4f\n", last[i * N2], last[i * N2 + 1], last[i * N2 + 2]);

    ssldyn_result_free(result);
    ssldyn_request_free(request);
    return 0;
}
