/* Options of the trainer: its experiment file (after an empty line) and its command line. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "experiments/gpu/options.h"

#include <stdlib.h>
#include <string.h>

/* Required by options_configure, which is not called here. */
void byol_defaults(struct byol_config *config)
{
    memset(config, 0, sizeof *config);
}

static char *settings(const struct options *options)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    FUZZ_CHECK(stream != NULL);
    options_print(options, stream);
    FUZZ_CHECK(fclose(stream) == 0);
    return text;
}

/* The spec.conf of accepted options is accepted, and is written again with the same text. */
static void round_trip(const struct options *options)
{
    struct options again = {0};
    struct ssldyn_error err;
    char name[] = "spec.conf";
    char *words[] = {name};
    char *text = settings(options);
    (void)fuzz_file("spec.conf", (const uint8_t *)text, strlen(text));
    FUZZ_CHECK(ssldyn_settings_init(&again.given, &options_schema, 1, &err) == SSLDYN_OK);
    enum ssldyn_status status = ssldyn_settings_parse(&again.given, 1, words, &err);
    if (status == SSLDYN_OK) {
        status = options_check(&again, &err);
    }
    char *copy = settings(&again);
    if (status != SSLDYN_OK || strcmp(text, copy) != 0) {
        fprintf(stderr, "%s\n%s---\n%s", status == SSLDYN_OK ? "" : err.message, text, copy);
    }
    FUZZ_CHECK(status == SSLDYN_OK && strcmp(text, copy) == 0);
    free(copy);
    free(text);
    ssldyn_settings_clear(&again.given);
}

static void run(int argc, char *argv[])
{
    struct options options = {0};
    struct ssldyn_error err;
    FUZZ_CHECK(ssldyn_settings_init(&options.given, &options_schema, 1, &err) == SSLDYN_OK);
    enum ssldyn_status status = ssldyn_settings_parse(&options.given, argc, argv, &err);
    if (status == SSLDYN_OK) {
        status = options_check(&options, &err);
    }
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        round_trip(&options);
    }
    ssldyn_settings_clear(&options.given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_command command;
    if (fuzz_command_init(&command, data, size)) {
        run(command.count, command.words);
    }
    fuzz_command_clear(&command);
    return 0;
}
