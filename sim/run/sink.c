/* Sinks: NULL accepts everything, and the functions that a kind does not define do nothing. */
// SPDX-License-Identifier: MIT
#include "sim/run/sink.h"

enum ssldyn_status ssldyn_sink_open(struct ssldyn_sink *sink, const struct ssldyn_sink_shape *shape,
                                    struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (struct ssldyn_sink *at = sink; at && status == SSLDYN_OK; at = at->next) {
        status = at->kind->open ? at->kind->open(at, shape, err) : SSLDYN_OK;
        for (struct ssldyn_sink *open = sink; status != SSLDYN_OK && open != at;
             open = open->next) {
            if (open->kind->abandon) {
                open->kind->abandon(open);
            }
        }
    }
    return status;
}

enum ssldyn_status ssldyn_sink_row(struct ssldyn_sink *sink, const double row[],
                                   struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (; sink && status == SSLDYN_OK; sink = sink->next) {
        status = sink->kind->row ? sink->kind->row(sink, row, err) : SSLDYN_OK;
    }
    return status;
}

enum ssldyn_status ssldyn_sink_tables(struct ssldyn_sink *sink, const double rows[],
                                      struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (; sink && status == SSLDYN_OK; sink = sink->next) {
        status = sink->kind->tables ? sink->kind->tables(sink, rows, err) : SSLDYN_OK;
    }
    return status;
}

bool ssldyn_sink_takes_snapshots(const struct ssldyn_sink *sink)
{
    while (sink && !sink->kind->snapshot) {
        sink = sink->next;
    }
    return sink;
}

enum ssldyn_status ssldyn_sink_snapshot(struct ssldyn_sink *sink, const struct ssldyn_frame *frame,
                                        struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (; sink && status == SSLDYN_OK; sink = sink->next) {
        status = sink->kind->snapshot ? sink->kind->snapshot(sink, frame, err) : SSLDYN_OK;
    }
    return status;
}

enum ssldyn_status ssldyn_sink_moments(struct ssldyn_sink *sink, size_t n1, const double X[],
                                       const double Xprime[], double scale,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (; sink && status == SSLDYN_OK; sink = sink->next) {
        status =
            sink->kind->moments ? sink->kind->moments(sink, n1, X, Xprime, scale, err) : SSLDYN_OK;
    }
    return status;
}

enum ssldyn_status ssldyn_sink_event(struct ssldyn_sink *sink, double t, size_t mode,
                                     const char *what, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (; sink && status == SSLDYN_OK; sink = sink->next) {
        status = sink->kind->event ? sink->kind->event(sink, t, mode, what, err) : SSLDYN_OK;
    }
    return status;
}

bool ssldyn_sink_settled(const struct ssldyn_sink *sink)
{
    while (sink && !(sink->kind->settled && sink->kind->settled(sink))) {
        sink = sink->next;
    }
    return sink;
}

enum ssldyn_status ssldyn_sink_close(struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (; sink; sink = sink->next) {
        struct ssldyn_error now = {SSLDYN_OK, ""};
        const enum ssldyn_status here =
            sink->kind->close ? sink->kind->close(sink, &now) : SSLDYN_OK;
        status = ssldyn_fail_first(err, status, here, &now);
    }
    return status;
}

void ssldyn_sink_abandon(struct ssldyn_sink *sink)
{
    for (; sink; sink = sink->next) {
        if (sink->kind->abandon) {
            sink->kind->abandon(sink);
        }
    }
}
