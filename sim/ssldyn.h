/* The library of ssldyn: the learning dynamics of non-contrastive self-supervised learning.
 *
 *     #include <ssldyn.h>
 *     cc mine.c $(pkg-config --cflags --libs ssldyn)
 *
 * A request (a command of the program and its arguments) is run and gives a result: values, rows,
 * arrays and strings (texts), each accessible by name. Commands and arguments are those of the
 * program ssldyn, whose help (ssldyn flow --help) explains each; an argument has the name of its
 * option, with _ or - between words. The library prints nothing, installs no signal handlers, and
 * never ends the process.
 *
 *     struct ssldyn_request *request = NULL;
 *     struct ssldyn_result *result = NULL;
 *     struct ssldyn_error err;
 *     enum ssldyn_status status = ssldyn_request_create("theory", &request, &err);
 *     if (status == SSLDYN_OK)
 *         status = ssldyn_request_number(request, "eta", 0.04, &err);
 *     if (status == SSLDYN_OK)
 *         status = ssldyn_request_run(request, &result, &err);
 *     if (status == SSLDYN_OK)
 *         printf("%g\n", ssldyn_result_value(result, "eta_fold"));
 *     else
 *         fprintf(stderr, "%s\n", err.message);
 *     ssldyn_result_free(result);
 *     ssldyn_request_free(request);
 *
 * Threads. A request may be used by one thread at a time; different requests may be filled and run
 * in different threads at once, and canceling one does not affect the others. A result never
 * changes: any number of threads may read it. A run starts further threads if the argument
 * "threads" allows it, and ends them before it returns. Call ssldyn_init before the first run.
 *
 * The pure functions of the theory, which need none of this, are in <ssldyn/theory.h>. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SSLDYN_H
#define SSLDYN_SIM_SSLDYN_H

#include "theory/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of this header; ssldyn_version() is that of the library. */
#define SSLDYN_VERSION_MAJOR 0
#define SSLDYN_VERSION_MINOR 2
#define SSLDYN_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* "0.2.0" */
SSLDYN_API const char *ssldyn_version(void);

/* Sets OpenBLAS, which is shared by the whole process, to one thread. Without it the last digits
 * of matrix models may depend on the number of its threads, and runs in several threads slow
 * each other down. Call it once, before the first run and before other threads use the library;
 * a second call does nothing. GSL's error handler is not changed, and may be called by GSL's own
 * steppers (--stepper gsl-...), and when GSL is out of memory. */
SSLDYN_API void ssldyn_init(void);

/* ------------------------------------------------------------------ requests
 *
 * These functions return SSLDYN_OK, SSLDYN_ENOMEM, or SSLDYN_EINPUT for an argument that the
 * command does not accept, with a message that begins with the argument's name. err may be NULL.
 * An argument that is set again is replaced. Texts and numbers are copied. */

struct ssldyn_request;
struct ssldyn_result;

/* command: "flow", "sgd", "sweep", "basin", "compare", "theory", "align", "moments". */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_create(const char *command, struct ssldyn_request **request,
                      struct ssldyn_error *err);
SSLDYN_API void ssldyn_request_free(struct ssldyn_request *request); /* NULL is allowed */

/* An argument as a text, as on the command line: "0.04", "modes", "0.1,0.2", "w.npy". An
 * argument that may be given several times gets one more value. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_request_text(struct ssldyn_request *request,
                                                                    const char *name,
                                                                    const char *text,
                                                                    struct ssldyn_error *err);

/* An argument as a number, without rounding; as a list of numbers; as a flag, such as "no_ema". */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_number(struct ssldyn_request *request, const char *name, double value,
                      struct ssldyn_error *err);
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_numbers(struct ssldyn_request *request, const char *name, size_t count,
                       const double values[], struct ssldyn_error *err);
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_request_flag(struct ssldyn_request *request,
                                                                    const char *name, bool on,
                                                                    struct ssldyn_error *err);

/* An array instead of a file: row-major, only read, borrowed until the request is freed. name:
 * that of the option, or W, Wp, Wa, F, X, Xprime, and t for the times of align. dimensions: 1 to
 * SSLDYN_DIMENSIONS. It is checked like a file: sizes and symmetry are checked when the request is run. For
 * align, stacks have the snapshots as their first dimension, each further wp is one more layer
 * of the predictor, and spectra is s, wpe and (with a third row) cosines, 2 x n or 3 x n, or a
 * stack of these. data: images of moments, N x height x width x channels or N x channels x
 * height x width, or the vectors of sgd, N x n1. A result that is saved keeps a copy,
 * given_NAME.npy. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_array(struct ssldyn_request *request, const char *name, size_t dimensions,
                     const size_t shape[], const double data[], struct ssldyn_error *err);
/* The same in single precision, and for the pixels of images. The results are those for a file
 * of that type: align takes the precision of the type into account. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_array_float(struct ssldyn_request *request, const char *name, size_t dimensions,
                           const size_t shape[], const float data[], struct ssldyn_error *err);
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_array_bytes(struct ssldyn_request *request, const char *name, size_t dimensions,
                           const size_t shape[], const uint8_t data[], struct ssldyn_error *err);

/* An axis of a sweep: the values of an argument. Axes form a grid in the order in which they are
 * given, the last varying fastest. As a text, with ssldyn_request_text: "axis.eta", "0:0.3:256". */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_request_axis(struct ssldyn_request *request,
                                                                    const char *name, size_t count,
                                                                    const double values[],
                                                                    struct ssldyn_error *err);

/* An operand, which has no name on the command line: a run (align), both runs (compare), images
 * (moments). */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_operand(struct ssldyn_request *request, const char *text, struct ssldyn_error *err);

/* An experiment file, or the directory of an earlier run: arguments take precedence over it, in
 * any order. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_request_read(struct ssldyn_request *request, const char *path, struct ssldyn_error *err);

/* Sets a callback: the run calls watch in its own thread, at its start and then at most ten times
 * a second. what: the present activity of the run, "" if unknown; done of total: how much of it is
 * done, in any units, with total 0 if unknown. A return value other than 0 cancels the run, which returns SSLDYN_EINTERRUPTED with
 * its results so far. watch may run other requests, but not this one. NULL: no callback. */
typedef int ssldyn_watch_function(void *context, const char *what, double done, double total);
SSLDYN_API void ssldyn_request_watch(struct ssldyn_request *request, ssldyn_watch_function *watch,
                                     void *context);

/* Runs the request, which may be changed and run again. Results are also written into the
 * directory of the argument "output", if it is given. *result: free it with ssldyn_result_free;
 * after SSLDYN_EDIVERGED, SSLDYN_EFAILED, SSLDYN_EIO and SSLDYN_EINTERRUPTED the results so far,
 * or NULL if there are none; NULL after other failures. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_request_run(struct ssldyn_request *request,
                                                                   struct ssldyn_result **result,
                                                                   struct ssldyn_error *err);

/* ------------------------------------------------------------------ results
 *
 * Returned pointers are borrowed and valid as long as the result. */

enum { SSLDYN_DIMENSIONS = 8 }; /* maximum number of dimensions of an array */

SSLDYN_API void ssldyn_result_free(struct ssldyn_result *result); /* NULL is allowed */

/* The values, which the command line prints as "name = value", in that order. value: NaN if
 * there is none of that name, or it is a word; word: NULL if there is none, or it is a number. */
SSLDYN_API size_t ssldyn_result_value_count(const struct ssldyn_result *result);
SSLDYN_API const char *ssldyn_result_value_name(const struct ssldyn_result *result, size_t i);
SSLDYN_API double ssldyn_result_value(const struct ssldyn_result *result, const char *name);
SSLDYN_API const char *ssldyn_result_word(const struct ssldyn_result *result, const char *name);

/* The rows of trace.tsv or of another table: row_count x column_count, row-major; NULL if
 * there are none. ssldyn_result_column copies one column, row_count numbers; SSLDYN_EINPUT if there is no
 * column of that name. */
SSLDYN_API size_t ssldyn_result_row_count(const struct ssldyn_result *result);
SSLDYN_API size_t ssldyn_result_column_count(const struct ssldyn_result *result);
SSLDYN_API const char *ssldyn_result_column_name(const struct ssldyn_result *result, size_t i);
SSLDYN_API const double *ssldyn_result_rows(const struct ssldyn_result *result);
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_result_column(const struct ssldyn_result *result, const char *name, double column[],
                     struct ssldyn_error *err);

/* The arrays, row-major: t, Wp, W, Wa, F of runs of matrices (the first index is time), fate of
 * their modes; for an ensemble std, q05, q25, q50, q75, q95, the standard deviation and
 * quantiles that belong to the means in its rows, in the same shape; fate, p_end, ... and
 * axis_NAME of sweeps; NAME for the values NAME_1, NAME_2, ... of theory. Sets the number of
 * dimensions (0: one number) and the shape. NULL, with no dimensions: there is none of that
 * name. */
SSLDYN_API size_t ssldyn_result_array_count(const struct ssldyn_result *result);
SSLDYN_API const char *ssldyn_result_array_name(const struct ssldyn_result *result, size_t i);
SSLDYN_API const double *ssldyn_result_array(const struct ssldyn_result *result, const char *name,
                                             size_t *dimensions, size_t shape[SSLDYN_DIMENSIONS]);

/* The texts: "command"; "spec", the settings in the format of spec.conf; "report", what the
 * command line prints at the end; "remarks", what it prints during the run, one line each;
 * "verdict" of align; "directory", where results were written. NULL: there is none of that name. */
SSLDYN_API size_t ssldyn_result_text_count(const struct ssldyn_result *result);
SSLDYN_API const char *ssldyn_result_text_name(const struct ssldyn_result *result, size_t i);
SSLDYN_API const char *ssldyn_result_text(const struct ssldyn_result *result, const char *name);

/* Writes the files of the command line into a directory, which is created, or in which results
 * of the same command are replaced in one step. SSLDYN_EINPUT if that is not allowed, or the
 * command writes no files (theory); SSLDYN_EIO. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_result_save(const struct ssldyn_result *result, const char *directory,
                   struct ssldyn_error *err);

/* Opens the results in a directory, from a run, a sweep or an analysis by the program or the
 * library. They have rows, arrays and texts, but no values, since directories do not contain the
 * values that the command printed. */
SSLDYN_API SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_result_open(const char *directory, struct ssldyn_result **result, struct ssldyn_error *err);

#ifdef __cplusplus
}
#endif

#endif
