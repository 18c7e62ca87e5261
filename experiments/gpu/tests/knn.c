/* Nearest neighbors against a plain computation: each test's cosines to all rows, the largest taken
 * out one by one. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/knn.h"
#include "experiments/gpu/tests/tap.h"

#include <math.h>
#include <string.h>

enum { TRAIN = 83, TESTS = 70, WIDTH = 24, CLASSES = 4 };

static float train_rows[TRAIN][WIDTH], test_rows[TESTS][WIDTH];
static int32_t train_labels[TRAIN], test_labels[TESTS];

/* Rows of length 1 about a direction of their class. */
static void draw(uint64_t seed, size_t count, float rows[][WIDTH], int32_t labels[])
{
    for (size_t i = 0; i < count; i++) {
        double length = 0.0;
        labels[i] = (int32_t)(i % CLASSES);
        for (size_t j = 0; j < WIDTH; j++) {
            rows[i][j] = (float)(tap_number(seed, i * WIDTH + j) + (j == i % CLASSES ? 0.5 : 0.0));
            length += (double)rows[i][j] * (double)rows[i][j];
        }
        for (size_t j = 0; j < WIDTH; j++)
            rows[i][j] = (float)((double)rows[i][j] / sqrt(length));
    }
}

static double percent_of(size_t k)
{
    size_t right = 0;
    for (size_t i = 0; i < TESTS; i++) {
        double votes[CLASSES] = {0.0};
        bool taken[TRAIN] = {false};
        for (size_t n = 0; n < k; n++) {
            size_t best = TRAIN;
            double most = -2.0;
            for (size_t row = 0; row < TRAIN; row++) {
                double cosine = 0.0;
                for (size_t j = 0; j < WIDTH; j++)
                    cosine += (double)test_rows[i][j] * (double)train_rows[row][j];
                if (!taken[row] && cosine > most) {
                    most = cosine;
                    best = row;
                }
            }
            taken[best] = true;
            votes[train_labels[best]] += exp(most / 0.07);
        }
        size_t winner = 0;
        for (size_t c = 1; c < CLASSES; c++)
            winner = votes[c] > votes[winner] ? c : winner;
        right += winner == (size_t)test_labels[i];
    }
    return 100.0 * (double)right / TESTS;
}

int main(void)
{
    static const size_t ks[] = {1, 3, 10, 30, TRAIN, 10 * TRAIN};
    enum { COUNT = sizeof ks / sizeof ks[0] };
    double least = 100.0;
    double most = 0.0;
    const struct knn_set train = {&train_rows[0][0], train_labels, TRAIN};
    const struct knn_set test = {&test_rows[0][0], test_labels, TESTS};
    struct tap tap = {0, 0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    draw(1, TRAIN, train_rows, train_labels);
    draw(2, TESTS, test_rows, test_labels);
    for (size_t i = 0; i < COUNT; i++) {
        double percent = 0.0;
        tap_need(knn_accuracy(&train, &test, WIDTH, CLASSES, ks[i], &percent, &err), &err);
        const double plain = percent_of(ks[i] < TRAIN ? ks[i] : TRAIN);
        tap_ok(&tap, percent == plain, "%zu neighbors: %g percent, by plain computation %g", ks[i],
               percent, plain);
        least = fmin(least, percent);
        most = fmax(most, percent);
    }
    tap_ok(&tap, least < most && most < 100.0, "the number of neighbors matters: %g to %g", least,
           most);
    return tap_done(&tap);
}
