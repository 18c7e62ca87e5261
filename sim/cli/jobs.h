/* Runs other commands of this program: several at a time, each once. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_JOBS_H
#define SSLDYN_SIM_CLI_JOBS_H

#include "sim/base/error.h"
#include "sim/cli/recipe.h"

#include <stdbool.h>
#include <stdint.h>

/* Runs the recipe's jobs, `threads` of them at a time (0: one per processor), in directory, which
 * is created. A job is skipped if directory/made.tsv lists it with the same program, arguments
 * and files. EFAILED with the error message of a run that failed; EINTERRUPTED if a stop was
 * requested. Finished jobs stay finished. *ran: number of jobs that were not skipped. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_jobs_run(const struct ssldyn_recipe *recipe,
                                                     const char *directory, int64_t threads,
                                                     bool quiet, bool verbose, size_t *ran,
                                                     struct ssldyn_error *err);

/* A hash for each job of everything that determines its results: the program file, its
 * arguments, its experiment file, the size and time of images, and, if it waits, all jobs before
 * it. */
void ssldyn_jobs_fill_keys(const struct ssldyn_recipe *recipe, const char *file, uint64_t keys[]);

/* Writes every table whose rows are jobs, as a whole, from their output into directory. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_jobs_write_tables(const struct ssldyn_recipe *recipe,
                                                              const char *directory,
                                                              struct ssldyn_error *err);

#endif
