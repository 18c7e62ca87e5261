/* Whether a predictor aligns with the correlation F of its input, from matrices in memory, one
 * snapshot or a stack of them, as they occur in a training loop. */
// SPDX-License-Identifier: MIT
#include <ssldyn.h>

#include <stdio.h>

enum { SNAPSHOTS = 3, N = 4 };

int main(void)
{
    /* Three snapshots of both, row-major: the last has the eigenvectors of F and p^2 = s. */
    const size_t shape[] = {SNAPSHOTS, N, N};
    const double F[SNAPSHOTS * N * N] = {
        0.40, 0.05, 0, 0, 0.05, 0.30, 0, 0, 0, 0, 0.20, 0, 0, 0, 0, 0.10,   /**/
        0.60, 0.02, 0, 0, 0.02, 0.40, 0, 0, 0, 0, 0.15, 0, 0, 0, 0, 0.01,   /**/
        0.81, 0,    0, 0, 0,    0.49, 0, 0, 0, 0, 0.09, 0, 0, 0, 0, 0.0001, /**/
    };
    const double Wp[SNAPSHOTS * N * N] = {
        0.50, 0.20, 0, 0, 0.10, 0.50, 0, 0, 0, 0, 0.40, 0, 0, 0, 0, 0.30, /**/
        0.70, 0.05, 0, 0, 0.05, 0.60, 0, 0, 0, 0, 0.35, 0, 0, 0, 0, 0.10, /**/
        0.90, 0,    0, 0, 0,    0.70, 0, 0, 0, 0, 0.30, 0, 0, 0, 0, 0.01, /**/
    };
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;

    ssldyn_init();
    if (ssldyn_request_create("align", &request, &err) != SSLDYN_OK ||
        ssldyn_request_array(request, "F", 3, shape, F, &err) != SSLDYN_OK ||
        ssldyn_request_array(request, "Wp", 3, shape, Wp, &err) != SSLDYN_OK ||
        ssldyn_request_run(request, &result, &err) != SSLDYN_OK) {
        fprintf(stderr, "%s\n", err.message);
        ssldyn_request_free(request);
        return 1;
    }
    printf("aligned = %s, cosine = %.3f\n", ssldyn_result_word(result, "aligned"),
           ssldyn_result_value(result, "cosine"));
    printf("%s\n", ssldyn_result_text(result, "verdict"));

    /* Its history: one row per snapshot. */
    double commutator[SNAPSHOTS];
    if (ssldyn_result_column(result, "commutator", commutator, &err) == SSLDYN_OK)
        for (size_t i = 0; i < SNAPSHOTS; i++)
            printf("snapshot %zu: |[F, Wp]| = %.4f\n", i, commutator[i]);

    ssldyn_result_free(result);
    ssldyn_request_free(request);
    return 0;
}
