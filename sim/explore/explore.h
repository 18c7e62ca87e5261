/* The page of ssldyn explore: what it starts with, its server, and how requests are answered. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_EXPLORE_H
#define SSLDYN_SIM_EXPLORE_EXPLORE_H

#include "sim/explore/call.h"
#include "sim/explore/gate.h"
#include "sim/explore/task.h"
#include "sim/ssldyn.h"

#include <stdbool.h>
#include <stddef.h>

/* An axis of the map at the beginning. */
struct ssldyn_explore_axis {
    const char *name; /* of an option */
    double from, to;
    bool log;
};

/* What the page starts with; all texts are borrowed while the server runs. */
struct ssldyn_explore_start {
    size_t count;
    const struct ssldyn_call_pair *settings;
    struct ssldyn_explore_axis x, y;
    const char *run;   /* directory whose modes are shown, NULL: none */
    const char *title; /* for the page's heading: the file or the run, "" */
    const char *note;  /* what the page should say about the run, NULL: nothing */
    int threads;       /* of one request; 0: one per processor */
};

/* The state that all requests share. A run is opened once and never changes. */
struct ssldyn_explore {
    struct ssldyn_explore_start start;
    char token[SSLDYN_GATE_TOKEN + 1];
    char key[SSLDYN_GATE_TOKEN + 1]; /* of /open/KEY, which leads to the page once */
    bool opened;                     /* it was used; with the lock of tasks */
    unsigned port;
    struct ssldyn_tasks tasks;
    struct ssldyn_result *run; /* NULL: none */
    void *server;              /* of http.c */
};

/* The address of the page with its token, in text: what is printed; and /open/KEY, which leads there
 * once. A program that is handed the latter need not keep it secret for long: other users may see
 * command lines. */
enum { SSLDYN_EXPLORE_ADDRESS = 100 };
void ssldyn_explore_address(const struct ssldyn_explore *explore,
                            char text[SSLDYN_EXPLORE_ADDRESS]);
void ssldyn_explore_opening(const struct ssldyn_explore *explore,
                            char text[SSLDYN_EXPLORE_ADDRESS]);

/* Draws the token and opens the run. EIO: there are no random numbers; what is wrong with the run.
 * Clear it, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_explore_open(const struct ssldyn_explore_start *start,
                                                         struct ssldyn_explore *explore,
                                                         struct ssldyn_error *err);
void ssldyn_explore_clear(struct ssldyn_explore *explore);

/* Answers one request; answer is all zero. Any thread may call it. */
void ssldyn_explore_answer(struct ssldyn_explore *explore, const struct ssldyn_call *call,
                           struct ssldyn_call_answer *answer);

/* Serves on 127.0.0.1:port, 0: any free port, which is then in explore->port. Returns at once;
 * requests are answered by other threads until stop, which waits for them. EIO: the port cannot be
 * had. EINPUT: the program was built without libmicrohttpd (ssldyn_explore_http_built says so). */
bool ssldyn_explore_http_built(void);
const char *ssldyn_explore_http_name(void); /* "libmicrohttpd 0.9.75", or "none" */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_explore_http_start(struct ssldyn_explore *explore, unsigned port, struct ssldyn_error *err);
void ssldyn_explore_http_stop(struct ssldyn_explore *explore);

#endif
