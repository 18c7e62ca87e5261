/* A request to the page's server and its answer, as plain values: what HTTP carries, without HTTP. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_CALL_H
#define SSLDYN_SIM_EXPLORE_CALL_H

#include "sim/explore/bytes.h"

#include "theory/status.h"

/* Limits of every request; /api/options reports them to the page. */
enum {
    SSLDYN_CALL_ADDRESS = 8192,   /* characters of the address with its parameters */
    SSLDYN_CALL_PARAMETERS = 128, /* how many */
    SSLDYN_CALL_VALUE = 4096,     /* characters of one value */
    SSLDYN_CALL_SIDE = 1024,      /* points of an axis of a map */
    SSLDYN_CALL_CELLS = 1024 * 1024,
    SSLDYN_CALL_TABLE = 65536,             /* cells of a table as text */
    SSLDYN_CALL_NUMBERS = 4 * 1024 * 1024, /* of a map's columns, the fate's included */
    SSLDYN_CALL_ROWS = 500000,             /* samples of a trajectory times its modes */
    SSLDYN_CALL_SAMPLES = 20000,           /* of a trajectory */
    SSLDYN_CALL_MODES = 64,
    SSLDYN_CALL_PLANE = 64,   /* points along a side of the phase plane's field */
    SSLDYN_CALL_SECONDS = 20, /* of computing */
    SSLDYN_CALL_AT_ONCE = 8   /* requests that compute at the same time */
};

struct ssldyn_call_pair {
    const char *name, *value; /* borrowed; value NULL: a name without "=" */
};

/* All texts are borrowed; NULL: there is none. */
struct ssldyn_call {
    const char *method;                /* "GET" */
    const char *path;                  /* "/api/map", without parameters, decoded */
    const char *host, *origin, *token; /* headers; token: X-Ssldyn-Token */
    size_t address;                    /* characters of the address as it came */
    bool has_body;
    bool malformed; /* a name or value holds a zero byte, or there are too many */
    size_t count;
    struct ssldyn_call_pair pairs[SSLDYN_CALL_PARAMETERS];
};

/* The value of a parameter, NULL: it was not given. */
const char *ssldyn_call_value(const struct ssldyn_call *call, const char *name);

/* The body is owned; clear it. */
struct ssldyn_call_answer {
    unsigned status;  /* of HTTP */
    const char *type; /* of the content */
    struct ssldyn_explore_bytes body;
    double seconds;     /* of computing */
    char location[100]; /* where to go instead, "": nowhere */
};

/* Makes the answer {"error": message} with that status in place of what it was. */
void ssldyn_call_refuse(struct ssldyn_call_answer *answer, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
