/* Messages of the library: internally they name options, "--init-w w.npy: ...", for the caller
 * arguments, "init_w w.npy: ...". */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_API_MESSAGE_H
#define SSLDYN_SIM_API_MESSAGE_H

#include <stddef.h>

/* Rewrites a message in a buffer of that size. File names and values do not change, unless they
 * look like an option's name after two dashes. */
void ssldyn_message_translate(char message[], size_t size);

#endif
