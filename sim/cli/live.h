/* Pictures of runs in progress. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_LIVE_H
#define SSLDYN_SIM_CLI_LIVE_H

#include "sim/base/error.h"
#include "sim/cli/picture.h"

/* Redraws the request on the page as its runs grow, until none is being written, and then once
 * more; prints the file's name after the first picture. EINTERRUPTED on Ctrl-C, with the last
 * picture kept. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_live_follow(const struct ssldyn_picture_request *request, const struct ssldyn_page *page,
                   struct ssldyn_error *err);

#endif
