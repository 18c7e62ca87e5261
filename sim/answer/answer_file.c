/* The file of an answer, in its directory or as a text of its result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/answer_file.h"

#include <string.h>

enum ssldyn_status ssldyn_answer_file_save(const struct ssldyn_result *result, const void *unused,
                                           const char *directory, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    (void)unused;
    for (size_t i = 0; status == SSLDYN_OK && i < ssldyn_result_text_count(result); i++) {
        const char *name = ssldyn_result_text_name(result, i);
        const char *text = ssldyn_result_text(result, name);
        if (strcmp(name, "spec") == 0) {
            status = ssldyn_file_print_text(directory, "spec.conf", text, err);
        } else if (strchr(name, '.')) {
            status = ssldyn_file_print_text(directory, name, text, err);
        }
    }
    return status;
}

void ssldyn_answer_file_put_spec(const struct ssldyn_spec *spec, struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "spec");
    if (stream) {
        ssldyn_spec_print(spec, stream);
        ssldyn_result_end_text(result);
    }
}

static enum ssldyn_status begin_text(struct ssldyn_answer_file *file,
                                     const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    ssldyn_answer_file_put_spec(spec, result);
    ssldyn_result_set_writer(result, ssldyn_answer_file_save, NULL, NULL);
    file->result = result;
    file->stream = ssldyn_result_begin_text(result, file->name);
    return ssldyn_result_check(result, err);
}

enum ssldyn_status ssldyn_answer_file_open(struct ssldyn_answer_file *file,
                                           const struct ssldyn_spec *spec,
                                           const struct ssldyn_answer_mode *mode,
                                           const char *directory, const char *name,
                                           struct ssldyn_result *result, struct ssldyn_error *err)
{
    *file = (struct ssldyn_answer_file){.name = name, .directory = directory};
    enum ssldyn_status status = directory ? ssldyn_spec_write(spec, directory, err) : SSLDYN_OK;
    if (status == SSLDYN_OK && (mode->keep || !directory)) {
        status = begin_text(file, spec, result, err);
    } else if (status == SSLDYN_OK) {
        status = ssldyn_file_open_in(&file->file, directory, name, err);
        file->stream = file->file.stream;
    }
    return status;
}

enum ssldyn_status ssldyn_answer_file_close(struct ssldyn_answer_file *file,
                                            struct ssldyn_error *err)
{
    const struct ssldyn_result *result = file->result;
    if (!result) {
        return ssldyn_file_commit(&file->file, err);
    }
    ssldyn_result_end_text(file->result);
    file->result = NULL;
    const enum ssldyn_status status = ssldyn_result_check(result, err);
    return status == SSLDYN_OK && file->directory
               ? ssldyn_file_print_text(file->directory, file->name,
                                        ssldyn_result_text(result, file->name), err)
               : status;
}

void ssldyn_answer_file_abandon(struct ssldyn_answer_file *file)
{
    if (file->result) {
        ssldyn_result_end_text(file->result);
        file->result = NULL;
    }
    ssldyn_file_abandon(&file->file);
}
