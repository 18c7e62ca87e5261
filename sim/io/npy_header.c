/* Parses the header of a .npy file, a Python dictionary literal, character by character, without
 * trusting any of it. Format: numpy.lib.format, versions 1 to 3. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy_format.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAGIC_SIZE = 8,          /* "\x93NUMPY", major, minor */
    MAXIMUM_HEADER = 1 << 16 /* those written by NumPy have a few hundred bytes */
};

/* A header being parsed: a Python dictionary literal. */
struct parser {
    const char *path;
    const char *at;
    const char *end;
};

static enum ssldyn_status bad_header(const struct parser *parser, const char *why,
                                     struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: invalid .npy file: %s", parser->path, why);
}

static void skip_blanks(struct parser *parser)
{
    while (parser->at < parser->end && strchr(" \t\n", *parser->at) != NULL && *parser->at != '\0')
        parser->at++;
}

/* Whether the next nonblank character is c; consumes it if so. */
static bool take(struct parser *parser, char c)
{
    skip_blanks(parser);
    if (parser->at >= parser->end || *parser->at != c)
        return false;
    parser->at++;
    return true;
}

static bool take_word(struct parser *parser, const char *word)
{
    size_t length = strlen(word);

    skip_blanks(parser);
    if ((size_t)(parser->end - parser->at) < length || memcmp(parser->at, word, length) != 0)
        return false;
    parser->at += length;
    return true;
}

/* A quoted string without escapes, copied to text and truncated if necessary. */
static bool take_string(struct parser *parser, char text[], size_t size)
{
    skip_blanks(parser);
    if (parser->at >= parser->end || (*parser->at != '\'' && *parser->at != '"'))
        return false;
    char quote = *parser->at++;
    size_t length = 0;
    while (parser->at < parser->end && *parser->at != quote) {
        if (*parser->at == '\\' || length + 1 >= size)
            return false;
        text[length++] = *parser->at++;
    }
    text[length] = '\0';
    return take(parser, quote);
}

static bool take_size(struct parser *parser, size_t *value)
{
    skip_blanks(parser);
    if (parser->at >= parser->end || *parser->at < '0' || *parser->at > '9')
        return false;
    *value = 0;
    while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9') {
        size_t digit = (size_t)(*parser->at++ - '0');
        if (*value > (SIZE_MAX - digit) / 10)
            return false;
        *value = 10 * *value + digit;
    }
    (void)take(parser, 'L'); /* suffix of long integers in Python 2 */
    return true;
}

static enum ssldyn_status parse_type(struct parser *parser, struct ssldyn_entries *entries,
                                     struct ssldyn_error *err)
{
    static const char *const known[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                        "u2", "u4", "u8", "f2", "f4", "f8"};
    char text[16];

    skip_blanks(parser);
    if (parser->at < parser->end && *parser->at == '[')
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: has a structured type; plain numbers are needed", parser->path);
    if (!take_string(parser, text, sizeof text))
        return bad_header(parser, "the type is not a string", err);
    char order = text[0];
    const char *type = order != '\0' && strchr("<>|=", order) != NULL ? text + 1 : text;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(type, known[i]) != 0)
            continue;
        entries->kind = known[i][0];
        entries->size = (size_t)(known[i][1] - '0');
        entries->big_endian = order == '>';
        return SSLDYN_OK;
    }
    if (strcmp(type, "O") == 0)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: contains Python objects (type '|O'), not numbers; save each array or tensor by "
            "itself, e.g. numpy.savez(FILE, **checkpoint['state_dict'])",
            parser->path);
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: has entries of type '%s'; booleans, integers and float16, float32, "
                       "float64 are supported",
                       parser->path, text);
}

static enum ssldyn_status parse_shape(struct parser *parser, struct ssldyn_array *array,
                                      struct ssldyn_error *err)
{
    size_t dimensions = 0;

    if (!take(parser, '('))
        return bad_header(parser, "the shape is not a tuple", err);
    while (!take(parser, ')')) {
        if (dimensions == SSLDYN_NPY_MAXIMUM_DIMENSIONS)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: has more than %d dimensions", parser->path,
                               SSLDYN_NPY_MAXIMUM_DIMENSIONS);
        if (!take_size(parser, &array->shape[dimensions]))
            return bad_header(parser, "a size in the shape is not a whole number", err);
        dimensions++;
        if (!take(parser, ',')) {
            if (!take(parser, ')'))
                return bad_header(parser, "the shape is incomplete", err);
            break;
        }
    }
    array->dimensions = dimensions;
    return SSLDYN_OK;
}

static enum ssldyn_status parse_order(struct parser *parser, struct ssldyn_entries *entries,
                                      struct ssldyn_error *err)
{
    entries->fortran_order = take_word(parser, "True");
    if (!entries->fortran_order && !take_word(parser, "False"))
        return bad_header(parser, "fortran_order is neither True nor False", err);
    return SSLDYN_OK;
}

/* {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } with its keys in any order. */
static enum ssldyn_status parse_header(struct parser *parser, struct ssldyn_entries *entries,
                                       struct ssldyn_array *array, struct ssldyn_error *err)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    bool seen[3] = {false, false, false};
    char key[16];

    if (!take(parser, '{'))
        return bad_header(parser, "its header is not a dictionary", err);
    while (!take(parser, '}')) {
        size_t k = 0;
        if (!take_string(parser, key, sizeof key) || !take(parser, ':'))
            return bad_header(parser, "its header is not a dictionary of names", err);
        while (k < 3 && strcmp(key, keys[k]) != 0)
            k++;
        if (k == 3 || seen[k])
            return bad_header(parser, "its header has an unknown or repeated key", err);
        seen[k] = true;
        enum ssldyn_status status = k == 0   ? parse_type(parser, entries, err)
                                    : k == 1 ? parse_order(parser, entries, err)
                                             : parse_shape(parser, array, err);
        if (status != SSLDYN_OK)
            return status;
        if (!take(parser, ',')) {
            if (!take(parser, '}'))
                return bad_header(parser, "its header is incomplete", err);
            break;
        }
    }
    skip_blanks(parser);
    if (parser->at != parser->end)
        return bad_header(parser, "there is text after its header's dictionary", err);
    if (!seen[0] || !seen[1] || !seen[2])
        return bad_header(parser, "its header lacks descr, fortran_order or shape", err);
    return SSLDYN_OK;
}

/* Magic, version and the header's text; *offset is the position of the numbers. */
enum ssldyn_status ssldyn_npy_header(const char *path, FILE *stream, struct ssldyn_entries *entries,
                                     struct ssldyn_array *array, size_t *offset,
                                     struct ssldyn_error *err)
{
    unsigned char fixed[MAGIC_SIZE + 4];
    struct parser parser = {.path = path};

    if (fread(fixed, 1, MAGIC_SIZE, stream) != MAGIC_SIZE || memcmp(fixed, "\x93NUMPY", 6) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a .npy file", path);
    if (fixed[6] < 1 || fixed[6] > 3 || fixed[7] != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is a .npy file of version %d.%d; 1.0, 2.0 and 3.0 are supported",
                           path, fixed[6], fixed[7]);
    size_t width = fixed[6] == 1 ? 2 : 4;
    if (fread(fixed + MAGIC_SIZE, 1, width, stream) != width)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is truncated inside its header", path);
    size_t length = 0;
    for (size_t i = width; i-- > 0;)
        length = 256 * length + fixed[MAGIC_SIZE + i];
    if (length > MAXIMUM_HEADER)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: declares a header of %zu bytes; at most %d are allowed", path,
                           length, MAXIMUM_HEADER);
    char *text = malloc(length + 1);
    if (text == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    if (fread(text, 1, length, stream) != length) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: is truncated inside its header", path);
    } else {
        parser.at = text;
        parser.end = text + length;
        status = parse_header(&parser, entries, array, err);
    }
    free(text);
    *offset = MAGIC_SIZE + width + length;
    return status;
}
