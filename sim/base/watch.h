/* Who watches long work: hears how far it is, and may stop it. A watch belongs to the thread that
 * began it and to the threads that help that one (parallel.h); work of others never hears of it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_WATCH_H
#define SSLDYN_SIM_BASE_WATCH_H

#include <stdbool.h>

/* what: what is going on, "flow", or "" where that is not known; done of total, in the
 * units of that work, total 0 where it is not known. A result other than 0 stops the work. */
typedef int ssldyn_watch_function(void *context, const char *what, double done, double total);

struct ssldyn_watch;

/* Begins a watch of what the calling thread does from here on, in place of an earlier one, which is
 * back after ssldyn_watch_end. Only the thread that began the watch calls `call`: at once, then
 * at most ten times a second, when the work asks whether it is to stop; NULL: nobody is to be
 * called, not even an earlier watch. Returns NULL where memory is out. */
struct ssldyn_watch *ssldyn_watch_begin(ssldyn_watch_function *call, void *context);
void ssldyn_watch_end(struct ssldyn_watch *watch);

/* The watch of the calling thread, NULL: nobody watches. */
struct ssldyn_watch *ssldyn_watch_current(void);

/* Has the calling thread, a new one, help in work that is watched (NULL: is not). */
void ssldyn_watch_help(struct ssldyn_watch *watch);

/* Whether the work of the calling thread is to stop. Cheap enough to ask at every step. */
bool ssldyn_watch_stopped(void);

/* Tells what is going on and how far it is, until the end. what is borrowed. false, and nothing is
 * told, where the work is a part of work that tells already: a run of a sweep. */
bool ssldyn_watch_tell(struct ssldyn_watch *watch, const char *what, double total);
void ssldyn_watch_tell_done(struct ssldyn_watch *watch, double done);
void ssldyn_watch_tell_end(struct ssldyn_watch *watch);

#endif
