/* Recipes of figures, experiments/figures/NAME.conf: the runs that a figure is drawn from, as data.
 *
 *   title = one line                    what the figure shows
 *   eta   = 0,0.01,0.1                  values, which an option of that name changes
 *   take  = seed,sigma2                 options that go to every run whose command has them
 *   data  = what is needed              the figure needs --image-data, {data} in its runs
 *   run   = TARGET: COMMAND OPTIONS     a run in the directory TARGET, or what it prints in TARGET
 *                                       where that ends in .tsv or .txt
 *   row   = TABLE.tsv CELLS: COMMAND OPTIONS   a row of a table; a cell is name=text, name=@printed
 *                                       (the number that the run prints as "printed = "), or name
 *                                       for name=@name
 *   plot  = TARGET                      drawn as "ssldyn plot" does; else by plots/NAME.gp
 *
 * {eta} stands for each of the values in turn, {eta...} for all of them with commas between, {runs}
 * for the directory of the runs. A word NAME.conf is a file of experiments/. No word reaches a
 * shell.
 */
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

/* One run: words are what follows the program's name. All strings are the recipe's. */
struct ssldyn_recipe_job {
    const char *target; /* below the directory of runs */
    char **words;
    size_t word_count;
    const char *table; /* of a row: the table's name, else NULL */
    const char *cells; /* of a row: "name=text name=@printed ..." */
    bool waits;        /* for all jobs before it: it reads what they wrote, or writes beside it */
};

struct ssldyn_recipe {
    const char *name;                       /* borrowed */
    const char *title, *data, *take, *plot; /* NULL: not given */
    const char *images;                     /* borrowed: the data that were given */
    struct ssldyn_conf conf;
    struct ssldyn_recipe_list *lists;
    size_t list_count;
    const char **extra; /* options that go to every run: name, value, name, value, ... */
    size_t extra_count;
    struct ssldyn_recipe_job *jobs; /* after ssldyn_recipe_expand */
    size_t job_count;
    char **owned; /* strings that are freed with it */
    size_t owned_count;
};

/* Reads a recipe. EINPUT with file:line for what is none. Free with ssldyn_recipe_clear. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_recipe_read(const char *path, const char *name,
                                                        struct ssldyn_recipe *recipe,
                                                        struct ssldyn_error *err);
void ssldyn_recipe_clear(struct ssldyn_recipe *recipe);

/* Changes values, "eta=0.01,0.04;seed=3", before the runs are made. EINPUT for an option that the
 * figure does not know, naming those that it does, and for values that are no numbers. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_recipe_change(struct ssldyn_recipe *recipe, const char *values, struct ssldyn_error *err);

/* The jobs. runs: absolute path of the directory of runs; experiments: of experiment files; data:
 * the user's images, or NULL. EINPUT where data are needed and not given. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_recipe_expand(struct ssldyn_recipe *recipe,
                                                          const char *runs, const char *experiments,
                                                          const char *data,
                                                          struct ssldyn_error *err);

#endif
