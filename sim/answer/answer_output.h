/* The directory into which an answer writes its files, if requested. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_OUTPUT_H
#define SSLDYN_SIM_ANSWER_ANSWER_OUTPUT_H

#include "sim/answer/answer.h"
#include "sim/io/output.h"

/* Opens the directory of the results: --output, else out/COMMAND-what (out/COMMAND if what is
 * NULL), with a number if that one is in use or holds results of other settings. EINPUT if it
 * cannot be a results directory: not writable, a file, one with foreign files or of another
 * command, or one that another process is writing. Write into output->work, then call
 * ssldyn_answer_output_finish, and at the end ssldyn_output_close. If the mode wants no
 * directory, output->path and output->work are NULL, and the functions below do nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_answer_output_open(const struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode,
                          const char *what, struct ssldyn_output *output, struct ssldyn_error *err);

/* Remarks that results of other settings in that directory will be replaced. Call it after the
 * inputs have been checked. */
void ssldyn_answer_output_note_replaced(const struct ssldyn_spec *spec,
                                        const struct ssldyn_answer_mode *mode,
                                        const struct ssldyn_output *output);

/* Saves the result's text "report" as report.txt, where "ssldyn report" finds it. Returns the
 * run's status, or that of the file if the run succeeded. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_output_report(const struct ssldyn_result *result,
                                                                 const char *directory,
                                                                 enum ssldyn_status status,
                                                                 struct ssldyn_error *err);

/* Publishes the files, as ssldyn_output_finish does, if the result is complete, and adds the
 * text "directory" to it. Adding anything afterwards may fail with the results already in place:
 * add everything before. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_output_finish(struct ssldyn_output *output,
                                                                 bool results,
                                                                 struct ssldyn_result *result,
                                                                 enum ssldyn_status status,
                                                                 struct ssldyn_error *err);

/* Finds the default directory, out/COMMAND or one with a number, that holds results of the same
 * settings, for a command that adds to them; false if there is none. */
enum { SSLDYN_ANSWER_OUTPUT_SIZE = 160 };
bool ssldyn_answer_output_find_default(const struct ssldyn_spec *spec,
                                       char path[SSLDYN_ANSWER_OUTPUT_SIZE]);

#endif
