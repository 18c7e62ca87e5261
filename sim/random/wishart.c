/* Bartlett's decomposition (M. S. Bartlett, Proc. R. Soc. Edinburgh 53, 1933), THEORY M6. */
// SPDX-License-Identifier: MIT
#include "sim/random/wishart.h"

#include <math.h>
#include <string.h>

enum { GROUP = 16 };

/* Proposals for rejection sampling, one group of each kind at a time. */
struct proposals {
    double normal[GROUP];
    double uniform[GROUP];
    size_t next;
};

static size_t propose(struct ssldyn_stream *stream, struct proposals *proposals)
{
    if (proposals->next == GROUP) {
        ssldyn_stream_normal(stream, GROUP, proposals->normal);
        ssldyn_stream_uniform(stream, GROUP, proposals->uniform);
        proposals->next = 0;
    }
    return proposals->next++;
}

/* A gamma variate of shape dof / 2 >= 1 is d v with v = (1 + x / sqrt(9 d))^3, x normal, d = dof /
 * 2 - 1 / 3, accepted with the ratio of the densities; twice that is chi-square. */
static double chi(struct ssldyn_stream *stream, struct proposals *proposals, double dof)
{
    if (dof == 1.0) {
        return fabs(proposals->normal[propose(stream, proposals)]);
    }
    const double d = 0.5 * dof - 1.0 / 3.0;
    const double scale = 1.0 / sqrt(9.0 * d);
    for (;;) {
        const size_t i = propose(stream, proposals);
        const double x = proposals->normal[i];
        const double u = proposals->uniform[i];
        const double root = 1.0 + scale * x;
        if (root <= 0.0) {
            continue;
        }
        const double v = root * root * root;
        const double square = x * x;
        /* the first test implies the second and avoids the logarithms */
        if (u < 1.0 - 0.0331 * square * square || log(u) < 0.5 * square + d * (1.0 - v + log(v))) {
            return sqrt(2.0 * d * v);
        }
    }
}

void ssldyn_wishart_chi_draw(struct ssldyn_stream *stream, size_t first_dof, size_t count,
                             double out[])
{
    struct proposals proposals = {.next = GROUP};
    ssldyn_stream_seek(stream, (stream->position + GROUP - 1) / GROUP * GROUP);
    for (size_t i = 0; i < count; i++) {
        out[i] = chi(stream, &proposals, (double)(first_dof - i));
    }
}

/* The number of normals below the diagonal in the rows before this one. */
static size_t packed_offset(size_t row, size_t r)
{
    return row <= r ? row * (row - (row > 0)) / 2 : r * (r - 1) / 2 + (row - r) * r;
}

#define REAL double
#define BARTLETT ssldyn_wishart_bartlett_draw
#define NORMAL ssldyn_stream_normal
#include "sim/random/wishart.inc"

#define REAL float
#define BARTLETT ssldyn_wishart_bartlett_draw_float
#define NORMAL ssldyn_stream_normal_float
#include "sim/random/wishart.inc"
