/* What requests and answers are asked for. */
// SPDX-License-Identifier: MIT
#include "sim/explore/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ssldyn_call_value(const struct ssldyn_call *call, const char *name)
{
    for (size_t i = 0; i < call->count; i++) {
        if (strcmp(call->pairs[i].name, name) == 0) {
            return call->pairs[i].value ? call->pairs[i].value : "";
        }
    }
    return NULL;
}

void ssldyn_call_refuse(struct ssldyn_call_answer *answer, unsigned status, const char *format, ...)
{
    char message[1024];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(message, sizeof message, format, list);
    va_end(list);
    ssldyn_bytes_clear(&answer->body);
    answer->status = status;
    answer->type = "application/json";
    ssldyn_bytes_json_begin(&answer->body, NULL, '{');
    ssldyn_bytes_json_text(&answer->body, "error", message);
    ssldyn_bytes_json_end(&answer->body, '}');
}
