/* In place of http.c where the program was built without libmicrohttpd. */
// SPDX-License-Identifier: MIT
#include "sim/explore/explore.h"

#include "sim/base/error.h"

bool ssldyn_explore_http_built(void)
{
    return false;
}

const char *ssldyn_explore_http_name(void)
{
    return "none (ssldyn explore needs libmicrohttpd)";
}

enum ssldyn_status ssldyn_explore_http_start(struct ssldyn_explore *explore, unsigned port,
                                             struct ssldyn_error *err)
{
    (void)explore;
    (void)port;
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "this program was built without libmicrohttpd, which serves the page: "
                       "install it (Debian: libmicrohttpd-dev) and build again");
}

void ssldyn_explore_http_stop(struct ssldyn_explore *explore)
{
    (void)explore;
}
