/* For tests: a command answered in memory, and the same command on the command line. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_ANSWER_RUN_H
#define SSLDYN_TESTS_ANSWER_RUN_H

#include "sim/answer/answer.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_REMARKS = 2000, ANSWER_LINE = 2000 };

static inline void answer_take_remark(void *context, const char *line)
{
    char *remarks = context;
    const size_t used = strlen(remarks);
    (void)snprintf(remarks + used, ANSWER_REMARKS - used, "%s\n", line);
}

/* Answers the prepared spec, which it clears, in a new result. directory: receives the results,
 * NULL: none; keep: rows are kept. remarks: receives the remarks, ANSWER_REMARKS bytes, or NULL. */
static inline enum ssldyn_status answer_spec(ssldyn_answer *answer, struct ssldyn_spec *spec,
                                             bool keep, const char *directory, char remarks[],
                                             struct ssldyn_result **result,
                                             struct ssldyn_error *err)
{
    const struct ssldyn_answer_mode mode = {.keep = keep,
                                            .directory = directory != NULL,
                                            .remark = remarks ? answer_take_remark : NULL,
                                            .context = remarks};
    if (remarks) {
        remarks[0] = '\0';
    }
    if (directory) {
        ck_assert_int_eq(ssldyn_spec_set(spec, "output", directory, "--output", err), SSLDYN_OK);
    }
    ck_assert_int_eq(ssldyn_result_create(result, err), SSLDYN_OK);
    const enum ssldyn_status status = answer(spec, &mode, *result, err);
    ssldyn_spec_clear(spec);
    return status;
}

/* The same for the options (name, value, ..., NULL) of a command. */
static inline enum ssldyn_status answer_run(ssldyn_answer *answer, enum ssldyn_command command,
                                            const char *const options[], bool keep,
                                            const char *directory, char remarks[],
                                            struct ssldyn_result **result, struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    spec_make(&spec, command, options);
    return answer_spec(answer, &spec, keep, directory, remarks, result, err);
}

/* The entry of a column in a row. */
static inline double answer_cell(const struct ssldyn_result *result, size_t row, const char *column)
{
    double *values = malloc(ssldyn_result_row_count(result) * sizeof *values + 1);
    ck_assert_ptr_nonnull(values);
    ck_assert_uint_lt(row, ssldyn_result_row_count(result));
    ck_assert_msg(ssldyn_result_column(result, column, values, NULL) == SSLDYN_OK, "%s", column);
    const double value = values[row];
    free(values);
    return value;
}

/* The text that the result prints, in a new string. */
static inline char *answer_printed(const struct ssldyn_result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ssldyn_result_print(result, stream);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

/* The standard output of the program for the same options, in a new string; NULL if there is no
 * program. */
static inline char *answer_of_program(const char *command, const char *const options[])
{
    const char *program = getenv("SSLDYN");
    char line[ANSWER_LINE];
    char *text = NULL;
    size_t size = 0;
    int used = snprintf(line, sizeof line, "'%s' %s", program ? program : "", command);
    for (size_t i = 0; options[i]; i += 2) {
        used += snprintf(line + used, sizeof line - (size_t)used, " --%s=%s", options[i],
                         options[i + 1]);
    }
    (void)snprintf(line + used, sizeof line - (size_t)used, " 2>/dev/null");
    FILE *from = program ? popen(line, "r") : NULL;
    FILE *to = from ? open_memstream(&text, &size) : NULL;
    for (int c = 0; to && (c = fgetc(from)) != EOF;) {
        fputc(c, to);
    }
    if (to) {
        ck_assert_msg(pclose(from) == 0, "%s", line);
        ck_assert_int_eq(fclose(to), 0);
    }
    return text;
}

/* Checks that the program and the result print the same text for the same options. */
static inline void answer_check_program(const struct ssldyn_result *result, const char *command,
                                        const char *const options[])
{
    char *printed = answer_printed(result);
    char *program = answer_of_program(command, options);
    if (program) {
        ck_assert_str_eq(printed, program);
    }
    free(printed);
    free(program);
}

/* A file in a results directory, zero-terminated, in a fixed buffer. */
static inline void answer_file(const char *directory, const char *name, char text[],
                               size_t capacity)
{
    char path[SCRATCH_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    scratch_read(path, text, capacity);
}

/* Checks that every value equals its printed line: numbers to the bit, words letter by letter. */
static inline void answer_check_lines(const struct ssldyn_result *result)
{
    char *text = answer_printed(result);
    size_t i = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), i++) {
        char *sign = strstr(line, " = ");
        ck_assert_ptr_nonnull(sign);
        *sign = '\0';
        ck_assert_str_eq(line, ssldyn_result_value_name(result, i));
        ck_assert_str_ne(sign + 3, "");
    }
    ck_assert_uint_eq(i, ssldyn_result_value_count(result));
    free(text);
}

#endif
