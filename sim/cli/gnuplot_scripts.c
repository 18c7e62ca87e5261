/* Locates the plot scripts: relative to the program, never to the working directory. */
// SPDX-License-Identifier: MIT
#include "sim/cli/gnuplot.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#ifndef SSLDYN_PLOTS_DIRECTORY
#define SSLDYN_PLOTS_DIRECTORY "/usr/local/share/ssldyn/plots"
#endif

char *ssldyn_gnuplot_scripts_program(void)
{
    char name[4096];
#ifdef __APPLE__
    uint32_t size = sizeof name;
    return _NSGetExecutablePath(name, &size) == 0 ? realpath(name, NULL) : NULL;
#else
    const ssize_t length = readlink("/proc/self/exe", name, sizeof name - 1);
    if (length <= 0)
        return NULL;
    name[length] = '\0';
    return ssldyn_memory_copy(name);
#endif
}

/* Whether the scripts are in the directory; if not, its name is freed. */
static bool holds_scripts(char **directory)
{
    char *style = *directory ? ssldyn_file_path_join(*directory, "style.gp") : NULL;
    const bool there = style && access(style, R_OK) == 0;

    free(style);
    if (!there) {
        free(*directory);
        *directory = NULL;
    }
    return there;
}

/* Removes the last component of a path, in place; returns it, or NULL if there is none. */
static const char *split(char *path)
{
    char *slash = path ? strrchr(path, '/') : NULL;

    if (!slash)
        return NULL;
    *slash = '\0';
    return slash + 1;
}

/* For TREE/build/VARIANT/ssldyn returns TREE/plots, for PREFIX/bin/ssldyn
 * PREFIX/share/ssldyn/plots. */
static char *near_program(void)
{
    char *file = ssldyn_gnuplot_scripts_program();
    char *found = NULL;

    if (split(file)) {
        split(file); /* bin, or the variant */
        char *upper = ssldyn_memory_copy(file);
        const char *name = split(upper);
        if (name && strcmp(name, "build") == 0)
            found = ssldyn_file_path_join(upper, "plots");
        if (!holds_scripts(&found)) {
            found = ssldyn_file_path_join(file, "share/ssldyn/plots");
            (void)holds_scripts(&found);
        }
        free(upper);
    }
    free(file);
    return found;
}

enum ssldyn_status ssldyn_gnuplot_scripts(char **directory, struct ssldyn_error *err)
{
    const char *named = getenv("SSLDYN_PLOTS");

    if (named && named[0] != '\0') {
        *directory = ssldyn_memory_copy(named);
        if (holds_scripts(directory))
            return SSLDYN_OK;
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "SSLDYN_PLOTS names %.200s, where there are no plot scripts", named);
    }
    *directory = near_program();
    if (*directory)
        return SSLDYN_OK;
    *directory = ssldyn_memory_copy(SSLDYN_PLOTS_DIRECTORY);
    if (holds_scripts(directory))
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EFAILED,
                       "the plot scripts are neither near the program nor in %s; set SSLDYN_PLOTS "
                       "to their directory",
                       SSLDYN_PLOTS_DIRECTORY);
}
