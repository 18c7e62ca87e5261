/* The file of an answer that writes one: written into the directory of the results or, if the
 * result is kept, first created as a text of the result, which can be saved later. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_FILE_H
#define SSLDYN_SIM_ANSWER_ANSWER_FILE_H

#include "sim/answer/answer.h"
#include "sim/io/file.h"

#include <stdio.h>

struct ssldyn_answer_file {
    FILE *stream; /* write here */
    const char *name, *directory;
    struct ssldyn_file file;      /* in the directory, if nothing is kept */
    struct ssldyn_result *result; /* of the text, while it is written; else NULL */
};

/* Opens the file of that name in directory (NULL: none is written), and in the result if the
 * mode keeps it. The settings of spec are added, too, as spec.conf and as the text "spec".
 * ENOMEM, EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_answer_file_open(struct ssldyn_answer_file *file, const struct ssldyn_spec *spec,
                        const struct ssldyn_answer_mode *mode, const char *directory,
                        const char *name, struct ssldyn_result *result, struct ssldyn_error *err);

/* Ends the file, which is then complete. ENOMEM, EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_file_close(struct ssldyn_answer_file *file,
                                                              struct ssldyn_error *err);

/* Discards a file that is not closed; allowed on a closed one. */
void ssldyn_answer_file_abandon(struct ssldyn_answer_file *file);

/* The text "spec": the settings that reproduce the results. */
void ssldyn_answer_file_put_spec(const struct ssldyn_spec *spec, struct ssldyn_result *result);

/* A writer of results (ssldyn_result_set_writer): saves the text "spec" as spec.conf, and texts
 * named like a file, NAME.tsv, under that name. It has no context. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_file_save(const struct ssldyn_result *result,
                                                             const void *unused,
                                                             const char *directory,
                                                             struct ssldyn_error *err);

#endif
