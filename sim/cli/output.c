/* Shared by the commands: the mode of their answers, and the printing of results. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include <string.h>

/* Prints a line for people on stderr, after the name of the command. */
static void print_remark(void *context, const char *line)
{
    const struct ssldyn_spec *spec = context;
    fprintf(stderr, "ssldyn %s: %s\n", ssldyn_command_name(spec->given.command), line);
}

struct ssldyn_answer_mode ssldyn_cli_output_mode(const struct ssldyn_spec *spec)
{
    const union {
        const struct ssldyn_spec *read;
        void *context;
    } context = {.read = spec}; /* print_remark only reads it */
    return (struct ssldyn_answer_mode){.directory = true,
                                       .signals = true,
                                       .remark = spec->quiet ? NULL : print_remark,
                                       .context = context.context};
}

/* Quotes a word for a shell if it holds anything but letters, digits and ./_+=,:@%-. */
static void print_word(const char *word, FILE *stream)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "./_+=,:@%-";
    if (word[0] != '-' && word[strspn(word, plain)] == '\0') {
        fputs(word, stream);
        return;
    }
    fputs(word[0] == '-' ? "-- '" : "'", stream);
    for (const char *c = word; *c; c++) {
        if (*c == '\'') {
            fputs("'\\''", stream); /* close the quotes, an escaped quote, open them again */
        } else {
            fputc(*c, stream);
        }
    }
    fputc('\'', stream);
}

void ssldyn_cli_output_announce(const char *path, const char *remark)
{
    fprintf(stderr, "results: %s%s\nto plot them: ssldyn plot ", path, remark);
    print_word(path, stderr);
    fputc('\n', stderr);
}

/* Prints the closing report of a run, whether it succeeded or not. */
static void print_closing(const struct ssldyn_spec *spec, const struct ssldyn_result *result)
{
    static const char *const texts[] = {"report", "cost"};
    const char *took = ssldyn_result_text(result, "took");
    const char *directory = ssldyn_result_text(result, "directory");
    for (size_t i = 0; !spec->quiet && i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = ssldyn_result_text(result, texts[i]);
        fputs(text ? text : "", stderr);
    }
    if (!spec->quiet && directory) {
        ssldyn_cli_output_announce(directory, took ? took : "");
    }
}

/* Whether the result of an answer with that status is meaningful: complete, or a part that was
 * kept. */
static bool says_something(enum ssldyn_status status)
{
    return status != SSLDYN_EINPUT && status != SSLDYN_EDOMAIN && status != SSLDYN_ENOMEM &&
           status != SSLDYN_EIO;
}

enum ssldyn_status ssldyn_cli_output_answer(struct ssldyn_spec *spec, ssldyn_answer *answer,
                                            struct ssldyn_error *err)
{
    const struct ssldyn_answer_mode mode = ssldyn_cli_output_mode(spec);
    struct ssldyn_result *result = NULL;
    enum ssldyn_status status = ssldyn_result_create(&result, err);
    if (status == SSLDYN_OK) {
        status = answer(spec, &mode, result, err);
        print_closing(spec, result);
        if (says_something(status)) {
            ssldyn_result_print(result, stdout);
        }
    }
    ssldyn_result_free(result);
    return status;
}

bool ssldyn_cli_output_is_shared(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_SWEEP ||
           (spec->given.command == SSLDYN_COMMAND_BASIN && spec->sweep.axes &&
            !spec->sweep.threshold);
}
