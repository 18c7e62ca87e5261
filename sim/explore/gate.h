/* Who may ask, and what a request may look like: checked before anything else is read. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_GATE_H
#define SSLDYN_SIM_EXPLORE_GATE_H

#include "sim/explore/call.h"

enum { SSLDYN_GATE_TOKEN = 32 }; /* hexadecimal digits: 128 random bits */

/* Draws a token from the system's random numbers; false: it has none. */
bool ssldyn_gate_draw(char token[SSLDYN_GATE_TOKEN + 1]);

/* Whether a text is the token, in a time that depends on neither. */
bool ssldyn_gate_is_token(const char *token, const char *text);

/* Whether the request comes from the page itself: Host and Origin are 127.0.0.1:PORT or
 * localhost:PORT, the token is right (as a parameter, a header, or in a path /page/TOKEN/NAME;
 * /open/KEY needs none), the method only reads, and lengths are within their limits. Otherwise the answer says why not. */
bool ssldyn_gate_admits(const struct ssldyn_call *call, unsigned port, const char *token,
                        const char *key, struct ssldyn_call_answer *answer);

/* Whether it is the path /open/KEY, which needs no token. */
bool ssldyn_gate_opens(const char *path, const char *key);

/* NAME of a path /page/TOKEN/NAME; NULL: another kind of path, or another token. */
const char *ssldyn_gate_asset(const char *path, const char *token);

#endif
