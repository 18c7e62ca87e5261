/* The outcomes of every function that can fail: one list gives the enum, its text and the exit
 * status. The functions of theory/ report failures only by their status; those above them also
 * fill a struct ssldyn_error. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_STATUS_H
#define SSLDYN_THEORY_STATUS_H

/* X(name, exit status of the program, meaning) */
#define SSLDYN_STATUS_LIST(X)                                                                      \
    X(SSLDYN_OK, 0, "done")                                                                        \
    X(SSLDYN_EINPUT, 2, "an option, a file or its contents are invalid")                           \
    X(SSLDYN_EDOMAIN, 2, "a parameter is outside the model's domain")                              \
    X(SSLDYN_EDIVERGED, 1, "the solution left the range of double precision")                      \
    X(SSLDYN_EFAILED, 1, "a computation could not continue")                                       \
    X(SSLDYN_EIO, 1, "a file could not be read or written")                                        \
    X(SSLDYN_ENOMEM, 1, "out of memory")                                                           \
    X(SSLDYN_EINTERRUPTED, 130, "stopped by the user; the results so far are kept")

enum ssldyn_status {
#define SSLDYN_STATUS_ENUM(name, exit_status, text) name,
    SSLDYN_STATUS_LIST(SSLDYN_STATUS_ENUM)
#undef SSLDYN_STATUS_ENUM
};

/* A failure. message: one line that says what is wrong, where, and what is allowed. */
struct ssldyn_error {
    enum ssldyn_status status;
    char message[512];
};

/* Attributes: for functions whose status must not be ignored, for those that format like printf,
 * and for symbols that the shared library exports. */
#if defined(__GNUC__)
#define SSLDYN_API __attribute__((visibility("default")))
#define SSLDYN_MUST_CHECK __attribute__((warn_unused_result))
#define SSLDYN_PRINTF(format_index, first_argument)                                                \
    __attribute__((format(printf, format_index, first_argument)))
#else
#define SSLDYN_API
#define SSLDYN_MUST_CHECK
#define SSLDYN_PRINTF(format_index, first_argument)
#endif

#endif
