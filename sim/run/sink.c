/* Sinks in general: no sink takes everything, and what a kind leaves out is ignored. */
// SPDX-License-Identifier: MIT
#include "sim/run/sink.h"

enum ssldyn_status ssldyn_sink_open(struct ssldyn_sink *sink, const struct ssldyn_sink_shape *shape,
                                    struct ssldyn_error *err)
{
    return sink ? sink->kind->open(sink, shape, err) : SSLDYN_OK;
}

enum ssldyn_status ssldyn_sink_row(struct ssldyn_sink *sink, const double row[],
                                   struct ssldyn_error *err)
{
    return sink ? sink->kind->row(sink, row, err) : SSLDYN_OK;
}

bool ssldyn_sink_takes_snapshots(const struct ssldyn_sink *sink)
{
    return sink && sink->kind->snapshot;
}

enum ssldyn_status ssldyn_sink_snapshot(struct ssldyn_sink *sink, const struct ssldyn_frame *frame,
                                        struct ssldyn_error *err)
{
    return ssldyn_sink_takes_snapshots(sink) ? sink->kind->snapshot(sink, frame, err) : SSLDYN_OK;
}

enum ssldyn_status ssldyn_sink_moments(struct ssldyn_sink *sink, size_t n1, const double X[],
                                       const double Xprime[], double scale,
                                       struct ssldyn_error *err)
{
    return sink && sink->kind->moments ? sink->kind->moments(sink, n1, X, Xprime, scale, err)
                                       : SSLDYN_OK;
}

enum ssldyn_status ssldyn_sink_event(struct ssldyn_sink *sink, double t, size_t mode,
                                     const char *what, struct ssldyn_error *err)
{
    return sink && sink->kind->event ? sink->kind->event(sink, t, mode, what, err) : SSLDYN_OK;
}

bool ssldyn_sink_settled(const struct ssldyn_sink *sink)
{
    return sink && sink->kind->settled && sink->kind->settled(sink);
}

enum ssldyn_status ssldyn_sink_close(struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    return sink && sink->kind->close ? sink->kind->close(sink, err) : SSLDYN_OK;
}

void ssldyn_sink_abandon(struct ssldyn_sink *sink)
{
    if (sink && sink->kind->abandon) {
        sink->kind->abandon(sink);
    }
}
