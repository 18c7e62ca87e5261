/* Strict parsing of numbers and lists: the whole text must match, and values must be finite. */
// SPDX-License-Identifier: MIT
#include "sim/base/parse.h"

#include "sim/base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* strtod also accepts leading blanks, hexadecimal, "nan" and "inf"; only decimal notation is
 * accepted here. */
static bool is_decimal(const char *text)
{
    return text[0] != '\0' && strspn(text, "+-.0123456789eE") == strlen(text);
}

bool ssldyn_parse_double(const char *text, double *value)
{
    if (!is_decimal(text)) {
        return false;
    }
    char *end = NULL;
    const double number = strtod(text, &end);
    if (*end != '\0' || !isfinite(number)) {
        return false;
    }
    *value = number;
    return true;
}

bool ssldyn_parse_int64(const char *text, int64_t *value)
{
    const size_t sign = text[0] == '-' || text[0] == '+';
    if (text[sign] == '\0' || strspn(text + sign, "0123456789") != strlen(text + sign)) {
        return false;
    }
    errno = 0;
    const long long number = strtoll(text, NULL, 10);
    if (errno != 0) {
        return false;
    }
    *value = number;
    return true;
}

bool ssldyn_parse_uint64(const char *text, uint64_t *value)
{
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text)) {
        return false;
    }
    errno = 0;
    const unsigned long long number = strtoull(text, NULL, 10);
    if (errno != 0) {
        return false;
    }
    *value = number;
    return true;
}

/* Copies the next word, up to one of the separators, without surrounding blanks; false if too
 * long. */
static bool next_word(const char **text, const char *separators, char word[64])
{
    const size_t length = strcspn(*text, separators);
    const char *begin = *text;
    const char *end = begin + length;
    *text = *end ? end + 1 : end;
    begin += strspn(begin, " \t");
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    if (end - begin >= 64) {
        return false;
    }
    if (end > begin) {
        memcpy(word, begin, (size_t)(end - begin));
    }
    word[end > begin ? end - begin : 0] = '\0';
    return true;
}

/* from:to:points, evenly or geometrically spaced; the ends are exactly as typed. */
static bool parse_range(const char *text, bool geometric, struct ssldyn_list *list,
                        const char **fault)
{
    char word[64];
    double from = 0.0;
    double to = 0.0;
    int64_t points = 0;
    size_t colons = 0;
    for (const char *c = text; *c; c++) {
        colons += *c == ':';
    }
    *fault = "a range needs three numbers, from:to:points";
    if (colons != 2 || !next_word(&text, ":", word) || !ssldyn_parse_double(word, &from) ||
        !next_word(&text, ":", word) || !ssldyn_parse_double(word, &to) ||
        !next_word(&text, ":", word) || !ssldyn_parse_int64(word, &points)) {
        return false;
    }
    if (points < 1 || points > SSLDYN_LIST_MAXIMUM) {
        *fault = "a range has at least 1 and at most 10000000 points";
        return false;
    }
    if (geometric && !(from * to > 0.0)) {
        *fault = "the ends of a logarithmic range must have the same sign";
        return false;
    }
    if (geometric ? !isnormal(to / from) : !isfinite((to - from) * (double)points)) {
        *fault = "the ends of a range are too far apart for double precision";
        return false;
    }
    list->values = ssldyn_memory_array((size_t)points, sizeof *list->values);
    if (!list->values) {
        *fault = NULL;
        return false;
    }
    list->count = (size_t)points;
    for (size_t i = 0; i < list->count; i++) {
        const double last = points > 1 ? (double)(points - 1) : 1.0;
        /* multiplied before divided: 0:0.3:31 has 0.1, not 0.09999999999999999 */
        list->values[i] = geometric ? from * pow(to / from, (double)i / last)
                                    : from + (to - from) * (double)i / last;
    }
    list->values[points - 1] = points > 1 ? to : from;
    return true;
}

static bool parse_items(const char *text, struct ssldyn_list *list, const char **fault)
{
    size_t count = 1;
    for (const char *c = text; *c; c++) {
        count += *c == ',';
    }
    if (count > SSLDYN_LIST_MAXIMUM) {
        *fault = "a list has at most 10000000 entries";
        return false;
    }
    list->values = ssldyn_memory_array(count, sizeof *list->values);
    if (!list->values) {
        *fault = NULL;
        return false;
    }
    list->count = count;
    for (size_t i = 0; i < count; i++) {
        char word[64];
        if (!next_word(&text, ",", word) || !ssldyn_parse_double(word, &list->values[i])) {
            *fault = "each entry must be a finite number";
            free(list->values);
            *list = (struct ssldyn_list){0, NULL};
            return false;
        }
    }
    return true;
}

bool ssldyn_parse_list(const char *text, struct ssldyn_list *list, const char **fault)
{
    const char *ignored = NULL;
    if (!fault) {
        fault = &ignored;
    }
    *list = (struct ssldyn_list){0, NULL};
    if (strncmp(text, "list:", 5) == 0) {
        return parse_items(text + 5, list, fault);
    }
    if (strncmp(text, "log:", 4) == 0) {
        return parse_range(text + 4, true, list, fault);
    }
    if (strchr(text, ':')) {
        return parse_range(text, false, list, fault);
    }
    return parse_items(text, list, fault);
}

double ssldyn_parse_list_entry(const struct ssldyn_list *list, size_t j)
{
    return list->count == 1 ? list->values[0] : list->values[j];
}
