/* Saves a result as the directory that the command line would have written. */
// SPDX-License-Identifier: MIT
#include "sim/api/message.h"
#include "sim/io/output.h"
#include "sim/result/result.h"
#include "sim/sweep/columns.h"

#include <string.h>

enum ssldyn_status ssldyn_result_save(const struct ssldyn_result *result, const char *directory,
                                      struct ssldyn_error *err)
{
    struct ssldyn_output output;
    struct ssldyn_error local;
    struct ssldyn_error *const failure = err ? err : &local;
    const char *command = ssldyn_result_text(result, "command");
    *failure = (struct ssldyn_error){SSLDYN_OK, ""};
    if (!directory || directory[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "the name of a directory is empty");
    }
    enum ssldyn_status status = ssldyn_result_can_write(result, failure);
    if (status != SSLDYN_OK) {
        return status;
    }
    const bool sweeps = strcmp(command, "sweep") == 0 || strcmp(command, "basin") == 0;
    status = ssldyn_output_open(directory, command, sweeps ? ssldyn_columns_owns : NULL, &output,
                                failure);
    if (status == SSLDYN_OK) {
        status = ssldyn_result_write(result, output.work, failure);
        status = ssldyn_output_finish(&output, status == SSLDYN_OK, status, failure);
        ssldyn_output_close(&output);
    }
    if (status != SSLDYN_OK) {
        ssldyn_message_translate(failure->message, sizeof failure->message);
    }
    return status;
}
