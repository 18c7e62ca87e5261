/* Tracks modes through crossings (mode_track.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/mode_track.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_mode_track {
    size_t n, leading;
    size_t alive; /* at the last snapshot */
    bool started;
    double *last;    /* n x leading: eigenvectors of the last snapshot */
    double *overlap; /* leading x leading: row j new, column k old */
    double *gram;    /* leading x leading */
    double *values;  /* leading */
    double *block;   /* all of these */
    size_t *numbers; /* n: of the last snapshot */
    size_t *best;    /* leading: the old mode with which each new one overlaps most, later the
                      * one it is matched to */
    bool *taken;     /* leading: old modes whose number has been passed on */
    struct ssldyn_eigen *eigen;
};

enum ssldyn_status ssldyn_mode_track_create(size_t n, size_t leading,
                                            struct ssldyn_mode_track **track,
                                            struct ssldyn_error *err)
{
    *track = NULL;
    struct ssldyn_mode_track *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const size_t k = leading < n ? leading : n;
    fresh->n = n;
    fresh->leading = k;
    const struct ssldyn_memory_part parts[] = {{&fresh->last, n * k},
                                               {&fresh->overlap, k * k},
                                               {&fresh->gram, k * k},
                                               {&fresh->values, k}};
    fresh->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    fresh->numbers = ssldyn_memory_array(n, sizeof(size_t));
    fresh->best = ssldyn_memory_array(k, sizeof(size_t));
    fresh->taken = ssldyn_memory_array(k, sizeof(bool));
    enum ssldyn_status status = SSLDYN_OK;
    if (fresh->block == NULL || fresh->numbers == NULL || fresh->best == NULL ||
        fresh->taken == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for tracking %zu modes", k);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_create(k, &fresh->eigen, err);
    if (status != SSLDYN_OK) {
        ssldyn_mode_track_free(fresh);
        return status;
    }
    for (size_t j = 0; j < n; j++)
        fresh->numbers[j] = j + 1;
    *track = fresh;
    return SSLDYN_OK;
}

void ssldyn_mode_track_free(struct ssldyn_mode_track *track)
{
    if (track == NULL)
        return;
    free(track->block);
    free(track->numbers);
    free(track->best);
    free(track->taken);
    ssldyn_eigen_free(track->eigen);
    free(track);
}

/* If the largest overlaps pair the new modes with different old ones, that is the match. */
static bool match_simply(struct ssldyn_mode_track *track)
{
    const size_t k = track->leading;
    bool simple = true;
    memset(track->taken, 0, k * sizeof(bool));
    for (size_t j = 0; j < k; j++) {
        size_t best = 0;
        double largest = -1.0;
        for (size_t i = 0; i < k; i++) {
            const double size = fabs(track->overlap[j * k + i]);
            if (size > largest) {
                largest = size;
                best = i;
            }
        }
        track->best[j] = best;
        simple = simple && !track->taken[best];
        track->taken[best] = true;
    }
    return simple;
}

/* Largest overlap first, each row and column once; the first of equal ones. */
static void match_greedily(struct ssldyn_mode_track *track)
{
    const size_t k = track->leading;
    memset(track->taken, 0, k * sizeof(bool));
    for (size_t j = 0; j < k; j++)
        track->best[j] = k; /* not matched */
    for (size_t round = 0; round < k; round++) {
        double largest = -1.0;
        size_t old = 0;
        size_t fresh = 0;
        for (size_t j = 0; j < k; j++) {
            if (track->best[j] != k)
                continue;
            for (size_t i = 0; i < k; i++) {
                if (!track->taken[i] && fabs(track->overlap[j * k + i]) > largest) {
                    largest = fabs(track->overlap[j * k + i]);
                    old = i;
                    fresh = j;
                }
            }
        }
        track->best[fresh] = old;
        track->taken[old] = true;
    }
}

/* acos of the smallest singular value of the leading d x d overlaps, computed through the sine:
 * the largest eigenvalue of I - O^T O is its square. */
static enum ssldyn_status largest_angle(struct ssldyn_mode_track *track, size_t d, double *angle,
                                        struct ssldyn_error *err)
{
    const int k = (int)track->leading;
    *angle = (double)NAN;
    if (d == 0)
        return SSLDYN_OK;
    for (size_t i = 0; i < d * d; i++)
        track->gram[i] = i % (d + 1) == 0 ? 1.0 : 0.0;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)d, (int)d, (int)d, -1.0,
                track->overlap, k, track->overlap, k, 1.0, track->gram, (int)d);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric_small(track->eigen, d, track->gram, track->values, NULL, err);
    if (status == SSLDYN_OK)
        *angle = asin(sqrt(fmin(fmax(track->values[0], 0.0), 1.0)));
    return status;
}

/* Passes the numbers on along the match; on entry the tail of numbers holds the old ones. */
static void pass_numbers(struct ssldyn_mode_track *track, size_t numbers[])
{
    for (size_t j = 0; j < track->n; j++)
        numbers[j] = j < track->leading ? track->numbers[track->best[j]] : track->numbers[j];
    memcpy(track->numbers, numbers, track->n * sizeof(size_t));
}

enum ssldyn_status ssldyn_mode_track_next(struct ssldyn_mode_track *track, const double U[],
                                          size_t alive, size_t numbers[], double *angle,
                                          struct ssldyn_error *err)
{
    const size_t n = track->n;
    const size_t k = track->leading;
    const size_t now = alive < k ? alive : k;
    enum ssldyn_status status = SSLDYN_OK;
    *angle = (double)NAN;
    if (track->started) {
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)k, (int)n, 1.0, U, (int)n,
                    track->last, (int)k, 0.0, track->overlap, (int)k);
        if (!match_simply(track))
            match_greedily(track);
        pass_numbers(track, numbers);
        status = largest_angle(track, now < track->alive ? now : track->alive, angle, err);
    } else {
        memcpy(numbers, track->numbers, n * sizeof(size_t));
    }
    for (size_t i = 0; i < n; i++)
        memcpy(track->last + i * k, U + i * n, k * sizeof(double));
    track->alive = now;
    track->started = true;
    return status;
}
