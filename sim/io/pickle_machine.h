/* Internals of the pickle interpreter: its state, and the opcodes as functions of it and of one
 * operand (the width of a length, a number of values, a kind). For sim/io/pickle*.c only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PICKLE_MACHINE_H
#define SSLDYN_SIM_IO_PICKLE_MACHINE_H

#include "sim/io/pickle_internal.h"

struct ssldyn_pickle_machine {
    const char *path;
    const unsigned char *bytes;
    size_t size;
    size_t at;
    size_t steps;
    struct ssldyn_pickle *pickle;
    struct ssldyn_pickle_value **stack;
    size_t depth, stack_capacity;
    size_t *marks; /* stack depths */
    size_t mark_count, mark_capacity;
    struct ssldyn_pickle_value **memo;
    size_t memo_capacity, memo_used;
    const struct ssldyn_pickle_value *mentioned; /* the first name to be refused, NULL: none */
    bool stopped;
    struct ssldyn_error *err;
};
/* EINPUT with what is wrong, and where. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_bad(struct ssldyn_pickle_machine *m,
                                                       const char *what);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_no_memory(struct ssldyn_pickle_machine *m);

/* Counts steps; EINPUT beyond the limit. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_charge(struct ssldyn_pickle_machine *m,
                                                          size_t steps);

/* EINPUT for a name: "calls os.system: refused". */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_refuse(struct ssldyn_pickle_machine *m,
                                                          const char *verb,
                                                          const struct ssldyn_pickle_value *name);

/* The next count bytes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_take(struct ssldyn_pickle_machine *m,
                                                        size_t count, const unsigned char **start);

/* An unsigned little-endian number of width bytes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_take_number(struct ssldyn_pickle_machine *m,
                                                               size_t width, uint64_t *number);

/* A string whose length precedes it in width bytes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_take_string(struct ssldyn_pickle_machine *m,
                                                               size_t width, const char **start,
                                                               size_t *length);

/* The text up to the next line feed, without it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_take_line(struct ssldyn_pickle_machine *m,
                                                             const char **start, size_t *length);

/* Pushes value; NULL: ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_push(struct ssldyn_pickle_machine *m,
                                                        struct ssldyn_pickle_value *value);
/* Whether there are count values above the last mark. */
bool ssldyn_pickle_holds(const struct ssldyn_pickle_machine *m, size_t count);

/* Pops the last mark; *count values are above it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pickle_unmark(struct ssldyn_pickle_machine *m,
                                                          size_t *count);

/* New values; NULL: out of memory. */
struct ssldyn_pickle_value *ssldyn_pickle_fresh(struct ssldyn_pickle_machine *m,
                                                enum ssldyn_pickle_kind kind);
struct ssldyn_pickle_value *ssldyn_pickle_fresh_text(struct ssldyn_pickle_machine *m,
                                                     enum ssldyn_pickle_kind kind,
                                                     const char *start, size_t length);

/* Replaces the top count values by one container. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_pickle_gather(struct ssldyn_pickle_machine *m, enum ssldyn_pickle_kind kind, size_t count);

/* An opcode: reads its arguments and works on the stack, which has the operands it needs
 * (pickle.c). */
typedef enum ssldyn_status ssldyn_pickle_opcode(struct ssldyn_pickle_machine *m, int operand);
ssldyn_pickle_opcode ssldyn_pickle_run_none, ssldyn_pickle_run_bool, ssldyn_pickle_run_number_line,
    ssldyn_pickle_run_integer, ssldyn_pickle_run_long, ssldyn_pickle_run_real,
    ssldyn_pickle_run_text, ssldyn_pickle_run_bytes, ssldyn_pickle_run_text_line,
    ssldyn_pickle_run_mark, ssldyn_pickle_run_empty, ssldyn_pickle_run_gather,
    ssldyn_pickle_run_tuple, ssldyn_pickle_run_append, ssldyn_pickle_run_add, ssldyn_pickle_run_pop,
    ssldyn_pickle_run_pop_mark, ssldyn_pickle_run_dup, ssldyn_pickle_run_memoize,
    ssldyn_pickle_run_put, ssldyn_pickle_run_get, ssldyn_pickle_run_memo_line,
    ssldyn_pickle_run_name, ssldyn_pickle_run_stack_name, ssldyn_pickle_run_call,
    ssldyn_pickle_run_instance, ssldyn_pickle_run_old_instance, ssldyn_pickle_run_build,
    ssldyn_pickle_run_persistent;

#endif
