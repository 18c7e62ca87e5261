/* A hash of everything that determines the results of a run. */
// SPDX-License-Identifier: MIT
#include "sim/cli/jobs.h"

#include "sim/base/hash.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A missing file adds nothing. */
static uint64_t hash_file(uint64_t sum, const char *path)
{
    char bytes[8192] = "";
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    while (file && (got = fread(bytes, 1, sizeof bytes, file)) > 0)
        sum = ssldyn_hash(sum, bytes, got);
    if (file)
        fclose(file);
    return sum;
}

/* A large file of the user is identified by size and time. */
static uint64_t hash_stamp(uint64_t sum, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return sum;
    char stamp[64] = "";
    snprintf(stamp, sizeof stamp, "%lld %lld", (long long)info.st_size, (long long)info.st_mtime);
    return ssldyn_hash(sum, stamp, sizeof stamp);
}

/* Whether the word is the user's file of data, or one in the user's directory of them. */
static bool is_data(const struct ssldyn_recipe *recipe, const char *word)
{
    const size_t length = recipe->images ? strlen(recipe->images) : 0;
    return length > 0 && strncmp(word, recipe->images, length) == 0 &&
           (word[length] == '\0' || word[length] == '/');
}

void ssldyn_jobs_fill_keys(const struct ssldyn_recipe *recipe, const char *file, uint64_t keys[])
{
    const uint64_t program = hash_file(SSLDYN_HASH_START, file);
    uint64_t before = program;

    for (size_t i = 0; i < recipe->job_count; i++) {
        const struct ssldyn_recipe_job *job = &recipe->jobs[i];
        uint64_t key = job->waits ? before : program;
        for (size_t k = 0; k < job->word_count; k++) {
            const size_t length = strlen(job->words[k]);
            const bool experiment = length > 5 && strcmp(job->words[k] + length - 5, ".conf") == 0;
            if (experiment)
                key = hash_file(key, job->words[k]);
            else
                key = ssldyn_hash(key, job->words[k], length + 1);
            if (is_data(recipe, job->words[k]))
                key = hash_stamp(key, job->words[k]);
        }
        keys[i] = key;
        before = ssldyn_hash(before, &key, sizeof key);
    }
}
