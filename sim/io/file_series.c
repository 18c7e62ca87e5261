/* Patterns of file names (file_series.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/file_series.h"

#include "sim/base/memory.h"

#include <ctype.h>
#include <glob.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Runs of digits compare as numbers, everything else as bytes: epoch_9 comes before epoch_10. */
static int natural(const void *a, const void *b)
{
    const unsigned char *x = *(const unsigned char *const *)a;
    const unsigned char *y = *(const unsigned char *const *)b;
    while (*x != '\0' && *y != '\0') {
        if (isdigit(*x) && isdigit(*y)) {
            size_t m = 0;
            size_t n = 0;
            while (*x == '0')
                x++;
            while (*y == '0')
                y++;
            while (isdigit(x[m]))
                m++;
            while (isdigit(y[n]))
                n++;
            if (m != n)
                return m < n ? -1 : 1;
            const int order = memcmp(x, y, m);
            if (order != 0)
                return order;
            x += m;
            y += n;
        } else if (*x != *y) {
            return *x < *y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    return (*x != '\0') - (*y != '\0');
}

/* The part of a pattern after its leading directories that exist literally, even if their names
 * contain wildcards. */
static const char *after_directories(const char *pattern)
{
    char *path = ssldyn_memory_copy(pattern);
    const char *rest = pattern;
    struct stat info;
    for (char *slash = path != NULL ? strrchr(path, '/') : NULL; slash != NULL;
         slash = strrchr(path, '/')) {
        *slash = '\0';
        if (slash == path || (stat(path, &info) == 0 && S_ISDIR(info.st_mode))) {
            rest = pattern + (slash - path) + 1;
            break;
        }
    }
    free(path);
    return rest;
}

/* The conversion %d, %3d or %03d in a pattern; its length through *length. NULL: none. */
static const char *find_number(const char *pattern, size_t *length)
{
    for (const char *at = strchr(pattern, '%'); at != NULL; at = strchr(at + 1, '%')) {
        const char *end = at + 1;
        while (isdigit((unsigned char)*end))
            end++;
        if (*end == 'd') {
            *length = (size_t)(end - at) + 1;
            return at;
        }
    }
    return NULL;
}

/* The glob for a pattern: its conversion, if there is one, becomes *, and literal parts are
 * escaped: all before rest, and everything else next to a conversion. */
static char *to_glob(const char *pattern, const char *rest, const char *number, size_t length)
{
    char *text = ssldyn_memory_array(2 * strlen(pattern) + 2, 1);
    size_t used = 0;
    for (const char *at = pattern; text != NULL && *at != '\0'; at++) {
        if (at == number) {
            text[used++] = '*';
            at += length - 1;
            continue;
        }
        if ((number != NULL || at < rest) && strchr("*?[]\\", *at) != NULL)
            text[used++] = '\\';
        text[used++] = *at;
    }
    return text;
}

/* The number in path at the position of the conversion; NaN if there is none. */
static double number_in(const char *path, const char *pattern, const char *number, size_t length)
{
    const size_t before = (size_t)(number - pattern);
    const size_t after = strlen(pattern) - before - length;
    const size_t total = strlen(path);
    if (total <= before + after)
        return (double)NAN;
    double value = 0.0;
    for (size_t i = before; i < total - after; i++) {
        if (!isdigit((unsigned char)path[i]))
            return (double)NAN;
        value = 10.0 * value + (path[i] - '0');
    }
    return value;
}

/* The number of leading (or trailing) characters that all paths share, without cutting a number:
 * the 1 of epoch_10 and epoch_12 belongs to the numbers, and so does the .5 of 0.5 and 1.5. */
static size_t shared_head(const struct ssldyn_file_series *series)
{
    const char *first = series->paths[0];
    size_t head = strlen(first);
    for (size_t i = 1; i < series->count; i++) {
        size_t same = 0;
        while (same < head && series->paths[i][same] == first[same])
            same++;
        head = same;
    }
    while (head > 0 && isdigit((unsigned char)first[head - 1]))
        head--;
    return head;
}

/* Labels the files by the first number in which their names differ; NaN if there is none, or if two
 * are equal. */
static void label_glob(struct ssldyn_file_series *series)
{
    const size_t head = series->count > 1 ? shared_head(series) : 0;
    bool known = series->count > 1;
    for (size_t i = 0; i < series->count && known; i++) {
        known = isdigit((unsigned char)series->paths[i][head]);
        series->labels[i] = known ? strtod(series->paths[i] + head, NULL) : (double)NAN;
        known = known && isfinite(series->labels[i]) &&
                (i == 0 || series->labels[i] > series->labels[i - 1]);
    }
    for (size_t i = 0; i < series->count && !known; i++)
        series->labels[i] = (double)NAN;
}

enum ssldyn_status ssldyn_file_series_single(const char *path, struct ssldyn_file_series *series,
                                             struct ssldyn_error *err)
{
    series->paths = ssldyn_memory_array(1, sizeof(char *));
    series->labels = ssldyn_memory_array(1, sizeof(double));
    if (series->paths != NULL)
        series->paths[0] = ssldyn_memory_copy(path);
    if (series->paths == NULL || series->labels == NULL || series->paths[0] == NULL) {
        ssldyn_file_series_clear(series);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    series->count = 1;
    series->labels[0] = (double)NAN;
    return SSLDYN_OK;
}

/* The matches of glob that have a number for %d, sorted. */
static enum ssldyn_status collect(const glob_t *found, const char *option, const char *pattern,
                                  const char *number, size_t length,
                                  struct ssldyn_file_series *series, struct ssldyn_error *err)
{
    series->paths = ssldyn_memory_array(found->gl_pathc, sizeof(char *));
    series->labels = ssldyn_memory_array(found->gl_pathc, sizeof(double));
    if (series->paths == NULL || series->labels == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < found->gl_pathc; i++) {
        if (number != NULL && isnan(number_in(found->gl_pathv[i], pattern, number, length)))
            continue;
        char *copy = ssldyn_memory_copy(found->gl_pathv[i]);
        if (copy == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        series->paths[series->count++] = copy;
    }
    qsort(series->paths, series->count, sizeof(char *), natural);
    if (number == NULL) {
        label_glob(series);
        return SSLDYN_OK;
    }
    for (size_t i = 0; i < series->count; i++) {
        series->labels[i] = number_in(series->paths[i], pattern, number, length);
        if (i > 0 && series->labels[i] == series->labels[i - 1])
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: %s and %s have the same number", option,
                               pattern, series->paths[i - 1], series->paths[i]);
    }
    return SSLDYN_OK;
}

/* Number of path components with a wildcard. */
static size_t wild_parts(const char *path)
{
    size_t parts = 0;
    for (const char *part = path; *part != '\0'; part += strspn(part, "/")) {
        const size_t length = strcspn(part, "/");
        parts += strcspn(part, "*?[") < length ? 1 : 0;
        part += length;
    }
    return parts;
}

enum ssldyn_status ssldyn_file_series_find(const char *pattern, const char *option,
                                           struct ssldyn_file_series *series,
                                           struct ssldyn_error *err)
{
    memset(series, 0, sizeof *series);
    struct stat info;
    size_t length = 0;
    const char *rest = after_directories(pattern);
    const char *number = find_number(rest, &length);
    if (stat(pattern, &info) == 0 || (number == NULL && strpbrk(rest, "*?[") == NULL))
        return ssldyn_file_series_single(pattern, series, err);
    size_t ignored = 0;
    if (number != NULL && find_number(number + length, &ignored) != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s %s: only one %%d is allowed; for names with several numbers use a "
                           "glob such as epoch=*-step=*.npz, in quotes",
                           option, pattern);
    /* Each wildcard component multiplies the number of directories to read. */
    if (number == NULL && wild_parts(rest) > SSLDYN_FILE_SERIES_WILD_PARTS)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s %s: wildcards may be in at most %d parts of a path", option, pattern,
                           SSLDYN_FILE_SERIES_WILD_PARTS);
    char *text = to_glob(pattern, rest, number, length);
    if (text == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    glob_t found;
    memset(&found, 0, sizeof found);
    const int outcome = glob(text, 0, NULL, &found);
    enum ssldyn_status status = SSLDYN_OK;
    if (outcome == 0)
        status = collect(&found, option, pattern, number, length, series, err);
    else if (outcome == GLOB_NOSPACE)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK && series->count == 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: no file matches this pattern%s", option,
                             pattern,
                             number != NULL && strpbrk(rest, "*?[") != NULL
                                 ? " (with %d in it, *, ? and [ are literal)"
                                 : "");
    globfree(&found);
    free(text);
    if (status != SSLDYN_OK)
        ssldyn_file_series_clear(series);
    return status;
}

bool ssldyn_file_series_fits(const char *pattern)
{
    struct ssldyn_file_series series;
    size_t length = 0;
    if (find_number(pattern, &length) == NULL && strpbrk(pattern, "*?[") == NULL)
        return false;
    const bool fits = ssldyn_file_series_find(pattern, "", &series, NULL) == SSLDYN_OK;
    ssldyn_file_series_clear(&series);
    return fits;
}

void ssldyn_file_series_clear(struct ssldyn_file_series *series)
{
    for (size_t i = 0; series->paths != NULL && i < series->count; i++)
        free(series->paths[i]);
    free(series->paths);
    free(series->labels);
    memset(series, 0, sizeof *series);
}
