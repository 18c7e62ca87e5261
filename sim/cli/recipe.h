/* Recipes of figures, experiments/figures/NAME.conf: the runs that a figure needs, as data.
 *
 *   title = one line                    description of the figure
 *   eta   = 0,0.01,0.1                  values, which an option of that name changes
 *   take  = seed,sigma2                 options that are passed to every run whose command has them
 *   data  = what is needed              the figure needs --image-data, {data} in its runs
 *   spectra = what is needed            the figure needs --spectra-data, {data} in its runs
 *   run   = TARGET: COMMAND OPTIONS     a run in the directory TARGET, or its output in TARGET
 *                                       if that ends in .tsv or .txt
 *   row   = TABLE.tsv CELLS: COMMAND OPTIONS   a row of a table; a cell is name=text, name=@printed
 *                                       (the number that the run prints as "printed = "), or name
 *                                       for name=@name
 *   plot  = TARGET                      drawn as by "ssldyn plot"; otherwise by plots/NAME.gp
 *
 * {eta} stands for each of the values in turn, {eta...} for all of them separated by commas, {runs}
 * for the directory of the runs. A word NAME.conf is a file of experiments/. No word is passed to a
 * shell. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_RECIPE_H
#define SSLDYN_SIM_CLI_RECIPE_H

#include "sim/base/error.h"
#include "sim/io/conf.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_recipe_list {
    const char *name;
    char **values; /* numbers as text, owned */
    size_t count;
};

/* One run: words are the arguments of the program. All strings belong to the recipe. */
struct ssldyn_recipe_job {
    const char *target; /* relative to the directory of runs */
    char **words;
    size_t word_count;
    const char *table; /* for a row: the table's name, else NULL */
    const char *cells; /* for a row: "name=text name=@printed ..." */
    bool waits;        /* waits for all jobs before it: it reads their results, or writes next to
                        * them */
};

struct ssldyn_recipe {
    const char *name;                                 /* borrowed */
    const char *title, *data, *spectra, *take, *plot; /* NULL: not given */
    const char *images; /* borrowed: the images, or the directory of spectra, given by the user */
    struct ssldyn_conf conf;
    struct ssldyn_recipe_list *lists;
    size_t list_count;
    const char **extra; /* options passed to every run: name, value, name, value, ... */
    size_t extra_count;
    struct ssldyn_recipe_job *jobs; /* set by ssldyn_recipe_expand */
    size_t job_count;
    char **owned; /* strings that are freed with the recipe */
    size_t owned_count;
};

/* Reads a recipe. EINPUT with file:line for an invalid one. Free with ssldyn_recipe_clear. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_recipe_read(const char *path, const char *name,
                                                        struct ssldyn_recipe *recipe,
                                                        struct ssldyn_error *err);
void ssldyn_recipe_clear(struct ssldyn_recipe *recipe);

/* Changes values, "eta=0.01,0.04;seed=3", before the runs are made. EINPUT for an option that
 * the figure does not have, naming those that it has, and for values that are not numbers. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_recipe_change(struct ssldyn_recipe *recipe, const char *values, struct ssldyn_error *err);

/* Makes the jobs. runs: absolute path of the directory of runs; experiments: that of experiment
 * files; data: the user's images or spectra, or NULL. EINPUT if data are needed and not given. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_recipe_expand(struct ssldyn_recipe *recipe,
                                                          const char *runs, const char *experiments,
                                                          const char *data,
                                                          struct ssldyn_error *err);

#endif
