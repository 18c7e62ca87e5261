/* Shared by the answers to commands. An answer is a function from the spec of a command to a
 * result (sim/result/result.h): it prints nothing; the caller, the command line or the library,
 * decides what to do with the result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_H
#define SSLDYN_SIM_ANSWER_ANSWER_H

#include "sim/base/error.h"
#include "sim/options/spec.h"
#include "sim/result/result.h"

#include <stdbool.h>

/* Where the output of an answer goes. */
struct ssldyn_answer_mode {
    bool keep;      /* rows and arrays are kept in the result */
    bool directory; /* also, or instead, written into the directory of --output or a default one */
    bool signals;   /* catch signals while there is something to keep: for a program */
    /* Receives remarks for people during the run, one line each, "warning: ..."; NULL: ignored. */
    void (*remark)(void *context, const char *line);
    void *context;
};

/* An answer: fills an empty result from a prepared spec. If the run failed after a part of it
 * was computed (EDIVERGED, EFAILED, EINTERRUPTED, EIO), the result has that part; after EINPUT,
 * EDOMAIN and ENOMEM it is meaningless. Texts that all of them may add: "report", the closing
 * report; "cost", time and memory, only for a terminal; "took", " (0.2 s)"; "directory", where
 * the results are. */
typedef enum ssldyn_status ssldyn_answer(struct ssldyn_spec *spec,
                                         const struct ssldyn_answer_mode *mode,
                                         struct ssldyn_result *result, struct ssldyn_error *err);

/* Passes on a remark, formatted as by printf. */
void ssldyn_answer_remark(const struct ssldyn_answer_mode *mode, const char *format, ...)
    SSLDYN_PRINTF(2, 3);

/* Catches signals if the mode asks for it. */
void ssldyn_answer_begin(const struct ssldyn_answer_mode *mode);

/* Sets spec->threads to the number of threads that the command can have. If the system refuses
 * to start that many, it runs with fewer, and a remark says so: the results are the same. */
void ssldyn_answer_limit_threads(struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode);

/* EFAILED if the spec has --strict and a law was broken (NULL: none was). The message says where
 * the results are, from the result's text "directory". */
struct ssldyn_drift;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_strict(const struct ssldyn_spec *spec,
                                                          const struct ssldyn_drift *broken,
                                                          const struct ssldyn_result *result,
                                                          struct ssldyn_error *err);

#endif
