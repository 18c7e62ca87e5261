/* The file of an answer that writes one: written into the directory of the results, or, where the
 * result is kept, first made as a text of the result, which can be saved later. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_FILE_H
#define SSLDYN_SIM_ANSWER_ANSWER_FILE_H

#include "sim/answer/answer.h"
#include "sim/io/file.h"

#include <stdio.h>

struct ssldyn_answer_file {
    FILE *stream; /* write here */
    const char *name, *directory;
    struct ssldyn_file file;      /* in the directory, where nothing is kept */
    struct ssldyn_result *result; /* of the text, while that is written; else NULL */
};

/* Opens the file of that name in directory (NULL: none is written), and in the result where the mode
 * keeps it. With it go the settings of spec, as spec.conf and as the text "spec". ENOMEM, EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_answer_file_open(struct ssldyn_answer_file *file, const struct ssldyn_spec *spec,
                        const struct ssldyn_answer_mode *mode, const char *directory,
                        const char *name, struct ssldyn_result *result, struct ssldyn_error *err);

/* Ends the file, which is whole then. ENOMEM, EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_file_close(struct ssldyn_answer_file *file,
                                                              struct ssldyn_error *err);

/* Gives up a file that is not closed; fine on one that is. */
void ssldyn_answer_file_abandon(struct ssldyn_answer_file *file);

/* The text "spec": what repeats the command. */
void ssldyn_answer_file_put_spec(const struct ssldyn_spec *spec, struct ssldyn_result *result);

/* A writer of results (ssldyn_result_set_writer): saves the text "spec" as spec.conf, and texts with
 * the name of a file, NAME.tsv, under it. It has no context. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_file_save(const struct ssldyn_result *result,
                                                             const void *unused,
                                                             const char *directory,
                                                             struct ssldyn_error *err);

#endif
