/* What the answers to commands share. An answer is a function from the spec of a command to a
 * result (sim/result/result.h): it prints nothing, and whoever asked, the command line or the
 * library, does with the result what is wanted. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_H
#define SSLDYN_SIM_ANSWER_ANSWER_H

#include "sim/base/error.h"
#include "sim/options/spec.h"
#include "sim/result/result.h"

#include <stdbool.h>

/* Where an answer goes. */
struct ssldyn_answer_mode {
    bool keep;      /* rows and arrays are kept in the result */
    bool directory; /* also, or instead, written into the directory of --output or a default one */
    bool signals;   /* signals are caught from where there is something to keep: of a program */
    /* Takes a line for people along the way, "warning: ..."; NULL: nobody reads them. */
    void (*remark)(void *context, const char *line);
    void *context;
};

/* An answer: fills a result, which is empty, from a spec that is prepared. Where the run went wrong
 * after a part of it was computed (EDIVERGED, EFAILED, EINTERRUPTED, EIO), the result has that
 * part; after EINPUT, EDOMAIN and ENOMEM it means nothing. Texts that all of them may put: "report",
 * the closing report; "cost", what it took, for a terminal alone; "took", " (0.2 s)"; "directory",
 * where the results are. */
typedef enum ssldyn_status ssldyn_answer(struct ssldyn_spec *spec,
                                         const struct ssldyn_answer_mode *mode,
                                         struct ssldyn_result *result, struct ssldyn_error *err);

/* Hands a remark, made as by printf, to whoever reads them. */
void ssldyn_answer_remark(const struct ssldyn_answer_mode *mode, const char *format, ...)
    SSLDYN_PRINTF(2, 3);

/* Catches signals where the mode asks for it. */
void ssldyn_answer_begin(const struct ssldyn_answer_mode *mode);

/* Sets spec->threads to the number that the command can have. Where the system refuses to start some
 * of them, it runs with fewer, and a remark says so: the results are the same. */
void ssldyn_answer_limit_threads(struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode);

/* EFAILED where spec asks for --strict and a law was broken (NULL: none was). The message says where
 * the results are, by the result's text "directory". */
struct ssldyn_drift;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_strict(const struct ssldyn_spec *spec,
                                                          const struct ssldyn_drift *broken,
                                                          const struct ssldyn_result *result,
                                                          struct ssldyn_error *err);

#endif
