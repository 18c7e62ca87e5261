/* Runs of this program by this program: several at a time, each once. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_JOBS_H
#define SSLDYN_SIM_CLI_JOBS_H

#include "sim/base/error.h"
#include "sim/cli/recipe.h"

#include <stdbool.h>
#include <stdint.h>

/* Runs the recipe's jobs, count of them at a time (0: as many as there are processors), into
 * directory, which it makes. A job that directory/made.tsv says was done with the same program,
 * words and files is not done again. EFAILED with the first complaint of a run that failed;
 * EINTERRUPTED where a stop was asked for. What was done stays done. *ran: how many were not there.
 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_jobs_run(const struct ssldyn_recipe *recipe,
                                                     const char *directory, int64_t threads,
                                                     bool quiet, bool verbose, size_t *ran,
                                                     struct ssldyn_error *err);

/* A number of each job for all that decides its results: the program's file, its words, its
 * experiment file, the size and time of images, and of one that waits all jobs before it. */
void ssldyn_jobs_fill_keys(const struct ssldyn_recipe *recipe, const char *file, uint64_t keys[]);

/* Writes every table whose rows the jobs were, whole, from what they printed into directory. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_jobs_write_tables(const struct ssldyn_recipe *recipe,
                                                              const char *directory,
                                                              struct ssldyn_error *err);

#endif
