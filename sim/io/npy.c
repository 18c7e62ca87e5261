/* Reads NumPy .npy files of every plain numeric type. A file is foreign until its header, its size
 * and its numbers have been checked, in that order. Format: numpy.lib.format, versions 1 to 3. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"

#include "sim/base/memory.h"
#include "sim/io/npy_format.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    MAGIC_SIZE = 8,           /* "\x93NUMPY", major, minor */
    MAXIMUM_HEADER = 1 << 16, /* NumPy's own are a few hundred bytes */
    CHUNK_ENTRIES = 4096,
    MAXIMUM_ITEM = 8
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
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: not a .npy file NumPy would write: %s",
                       parser->path, why);
}

static void skip_blanks(struct parser *parser)
{
    while (parser->at < parser->end && strchr(" \t\n", *parser->at) != NULL && *parser->at != '\0')
        parser->at++;
}

/* Whether the next character that is no blank is c; consumed if so. */
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

/* A quoted string without escapes, cut into text. */
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
    (void)take(parser, 'L'); /* Python 2 wrote its long integers so */
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
                           "%s: holds a structured type; plain numbers are needed", parser->path);
    if (!take_string(parser, text, sizeof text))
        return bad_header(parser, "the type is no string", err);
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
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: holds entries of type '%s'; booleans, integers and float16, float32, "
                       "float64 can be read",
                       parser->path, text);
}

static enum ssldyn_status parse_shape(struct parser *parser, struct ssldyn_array *array,
                                      struct ssldyn_error *err)
{
    size_t dimensions = 0;

    if (!take(parser, '('))
        return bad_header(parser, "the shape is no tuple", err);
    while (!take(parser, ')')) {
        if (dimensions == SSLDYN_NPY_MAXIMUM_DIMENSIONS)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: has more than %d dimensions", parser->path,
                               SSLDYN_NPY_MAXIMUM_DIMENSIONS);
        if (!take_size(parser, &array->shape[dimensions]))
            return bad_header(parser, "a size in the shape is no count", err);
        dimensions++;
        if (!take(parser, ',')) {
            if (!take(parser, ')'))
                return bad_header(parser, "the shape does not end", err);
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
        return bad_header(parser, "its header is no dictionary", err);
    while (!take(parser, '}')) {
        size_t k = 0;
        if (!take_string(parser, key, sizeof key) || !take(parser, ':'))
            return bad_header(parser, "its header is no dictionary of names", err);
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
                return bad_header(parser, "its header does not end", err);
            break;
        }
    }
    skip_blanks(parser);
    if (parser->at != parser->end)
        return bad_header(parser, "something follows its header's dictionary", err);
    if (!seen[0] || !seen[1] || !seen[2])
        return bad_header(parser, "its header lacks descr, fortran_order or shape", err);
    return SSLDYN_OK;
}

/* Magic, version and the header's text; *offset is where the numbers begin. */
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
                           "%s: is a .npy file of version %d.%d; 1.0, 2.0 and 3.0 can be read",
                           path, fixed[6], fixed[7]);
    size_t width = fixed[6] == 1 ? 2 : 4;
    if (fread(fixed + MAGIC_SIZE, 1, width, stream) != width)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: ends inside its header", path);
    size_t length = 0;
    for (size_t i = width; i-- > 0;)
        length = 256 * length + fixed[MAGIC_SIZE + i];
    if (length > MAXIMUM_HEADER)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: claims a header of %zu bytes, over %d", path,
                           length, MAXIMUM_HEADER);
    char *text = malloc(length + 1);
    if (text == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    if (fread(text, 1, length, stream) != length) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: ends inside its header", path);
    } else {
        parser.at = text;
        parser.end = text + length;
        status = parse_header(&parser, entries, array, err);
    }
    free(text);
    *offset = MAGIC_SIZE + width + length;
    return status;
}

/* Counts the entries and holds the count against the bytes that are there, so that no memory is
 * taken for what a header merely claims. */
enum ssldyn_status ssldyn_npy_check(const char *path, const struct ssldyn_entries *entries,
                                    size_t bytes, struct ssldyn_array *array,
                                    struct ssldyn_error *err)
{
    size_t count = 1;
    bool empty = false;

    for (size_t i = 0; i < array->dimensions; i++) {
        size_t size = array->shape[i];
        empty = empty || size == 0;
        /* Zero sizes are left out of the product: callers multiply some of the others. */
        if (size != 0 && count > SIZE_MAX / sizeof(double) / size)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: its shape is beyond any memory", path);
        count *= size != 0 ? size : 1;
    }
    array->count = empty ? 0 : count;
    if (array->count > bytes / entries->size || array->count * entries->size != bytes)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: %s: its header promises %zu entries of %zu bytes, %zu bytes follow",
                           path,
                           array->count > bytes / entries->size ? "is cut short" : "is too long",
                           array->count, entries->size, bytes);
    return SSLDYN_OK;
}

/* IEEE binary16; every value is exact in double. */
static double half_to_double(unsigned bits)
{
    unsigned exponent = bits >> 10 & 31;
    double fraction = (double)(bits & 1023);
    double magnitude = ldexp(1024.0 + fraction, (int)exponent - 25);

    if (exponent == 0)
        magnitude = ldexp(fraction, -24);
    if (exponent == 31)
        magnitude = fraction > 0.0 ? (double)NAN : (double)INFINITY;
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/* One entry of the file as a double. Assembled byte by byte: the host's order does not matter. */
double ssldyn_npy_decode(const struct ssldyn_entries *entries, const unsigned char bytes[])
{
    uint64_t bits = 0;

    for (size_t i = 0; i < entries->size; i++)
        bits = bits << 8 | bytes[entries->big_endian ? i : entries->size - 1 - i];
    if (entries->kind == 'b')
        return bits != 0 ? 1.0 : 0.0;
    if (entries->kind == 'u')
        return (double)bits;
    if (entries->kind == 'i') {
        uint64_t sign = (uint64_t)1 << (8 * entries->size - 1);
        /* Two's complement without a cast that would be the compiler's choice. */
        if ((bits & sign) == 0)
            return (double)bits;
        return -1.0 - (double)(~bits & (sign - 1));
    }
    if (entries->kind == 'g') {
        bits <<= 16; /* bfloat16 is the upper half of a float32 */
    } else if (entries->size == 2) {
        return half_to_double((unsigned)bits);
    }
    if (entries->size <= 4) {
        uint32_t low = (uint32_t)bits;
        float value = 0.0F;
        memcpy(&value, &low, sizeof value);
        return (double)value;
    }
    double value = 0.0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Row-major place of the entry after the one at place, in Fortran's order (first index fastest). */
static size_t next_fortran(const struct ssldyn_array *array, size_t index[], size_t place)
{
    size_t stride = array->count;

    for (size_t i = 0; i < array->dimensions; i++) {
        stride /= array->shape[i];
        place += stride;
        if (++index[i] < array->shape[i])
            return place;
        place -= index[i] * stride;
        index[i] = 0;
    }
    return place;
}

enum ssldyn_status ssldyn_npy_entries(const char *path, FILE *stream,
                                      const struct ssldyn_entries *entries, bool allow_nonfinite,
                                      struct ssldyn_array *array, struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK_ENTRIES * MAXIMUM_ITEM];
    size_t index[SSLDYN_NPY_MAXIMUM_DIMENSIONS] = {0};
    size_t place = 0;

    array->data = ssldyn_array_alloc(array->count, sizeof(double));
    if (array->data == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%s: no memory for its %zu entries", path,
                           array->count);
    for (size_t done = 0; done < array->count;) {
        size_t left = array->count - done;
        size_t some = left < CHUNK_ENTRIES ? left : CHUNK_ENTRIES;
        errno = 0;
        if (fread(chunk, entries->size, some, stream) != some)
            return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read: %s", path,
                               errno != 0 ? strerror(errno) : "it shrank while it was read");
        for (size_t i = 0; i < some; i++) {
            double value = ssldyn_npy_decode(entries, chunk + i * entries->size);
            if (!allow_nonfinite && !isfinite(value))
                return ssldyn_fail(err, SSLDYN_EINPUT,
                                   "%s: entry %zu (row-major, from 0) is %s; "
                                   "finite numbers are needed",
                                   path, place, isnan(value) ? "nan" : "infinite");
            array->data[place] = value;
            place = entries->fortran_order ? next_fortran(array, index, place) : place + 1;
        }
        done += some;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status read_stream(const char *path, FILE *stream, size_t file_size,
                                      bool allow_nonfinite, struct ssldyn_array *array,
                                      struct ssldyn_error *err)
{
    struct ssldyn_entries entries = {.size = 1};
    size_t offset = 0;

    enum ssldyn_status status = ssldyn_npy_header(path, stream, &entries, array, &offset, err);
    if (status != SSLDYN_OK)
        return status;
    status = ssldyn_npy_check(path, &entries, file_size - offset, array, err);
    if (status != SSLDYN_OK)
        return status;
    return ssldyn_npy_entries(path, stream, &entries, allow_nonfinite, array, err);
}

void ssldyn_array_clear(struct ssldyn_array *array)
{
    free(array->data);
    *array = (struct ssldyn_array){0};
}

enum ssldyn_status ssldyn_npy_read(const char *path, bool allow_nonfinite,
                                   struct ssldyn_array *array, struct ssldyn_error *err)
{
    struct stat info;

    *array = (struct ssldyn_array){0};
    /* Asked before opening: a device may have no end, a pipe no writer. */
    if (stat(path, &info) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a plain file", path);
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    enum ssldyn_status status =
        read_stream(path, stream, (size_t)info.st_size, allow_nonfinite, array, err);
    if (status != SSLDYN_OK)
        ssldyn_array_clear(array);
    fclose(stream);
    return status;
}

/* "(3, 4)" into text. */
static void shape_text(const struct ssldyn_array *array, char text[], size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < array->dimensions && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i > 0 ? " x " : "",
                                 array->shape[i]);
    if (array->dimensions == 0)
        snprintf(text, size, "a single number");
}

enum ssldyn_status ssldyn_npy_read_matrix(const char *path, const char *option, size_t rows,
                                          size_t columns, struct ssldyn_array *array,
                                          struct ssldyn_error *err)
{
    char shape[200];

    enum ssldyn_status status = ssldyn_npy_read(path, false, array, err);
    if (status != SSLDYN_OK)
        return status;
    if (array->dimensions == 2 && array->shape[0] == rows && array->shape[1] == columns)
        return SSLDYN_OK;
    shape_text(array, shape, sizeof shape);
    ssldyn_array_clear(array);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: has the shape %s; %zu x %zu is needed", option,
                       path, shape, rows, columns);
}
