/* Messages that leave the library: inside they speak of options, "--init-w w.npy: ...",
 * outside of arguments, "init_w w.npy: ...". */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_API_MESSAGE_H
#define SSLDYN_SIM_API_MESSAGE_H

#include <stddef.h>

/* Rewrites a message, which holds at most size bytes. Names of files and values stay as they are,
 * unless they look like an option's name after two dashes. */
void ssldyn_message_translate(char message[], size_t size);

#endif
