/* Bytes that grow, and JSON. */
// SPDX-License-Identifier: MIT
#include "sim/explore/bytes.h"

#include "sim/base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ssldyn_bytes_clear(struct ssldyn_explore_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct ssldyn_explore_bytes){0};
}

void *ssldyn_bytes_put_space(struct ssldyn_explore_bytes *bytes, size_t count)
{
    if (bytes->lost || count > SIZE_MAX / 4 - bytes->size) {
        bytes->lost = true;
        return NULL;
    }
    if (bytes->size + count > bytes->capacity) {
        const size_t capacity = 2 * (bytes->size + count) + 64;
        char *more = realloc(bytes->data, capacity);
        if (!more) {
            bytes->lost = true;
            return NULL;
        }
        bytes->data = more;
        bytes->capacity = capacity;
    }
    char *space = bytes->data + bytes->size;
    memset(space, 0, count);
    bytes->size += count;
    return space;
}

void ssldyn_bytes_put(struct ssldyn_explore_bytes *bytes, const void *from, size_t count)
{
    void *space = ssldyn_bytes_put_space(bytes, count);
    if (space && count > 0) {
        memcpy(space, from, count);
    }
}

void ssldyn_bytes_put_string(struct ssldyn_explore_bytes *bytes, const char *text)
{
    ssldyn_bytes_put(bytes, text, strlen(text));
}

void ssldyn_bytes_put_u32(struct ssldyn_explore_bytes *bytes, size_t value)
{
    const uint32_t number = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    unsigned char little[4];
    for (unsigned i = 0; i < 4; i++) {
        little[i] = (unsigned char)(number >> (8 * i));
    }
    ssldyn_bytes_put(bytes, little, sizeof little);
}

void ssldyn_bytes_put_doubles(struct ssldyn_explore_bytes *bytes, size_t count,
                              const double values[])
{
    const union {
        uint16_t word;
        unsigned char first;
    } order = {.word = 1};
    unsigned char *space = count <= SIZE_MAX / 16 ? ssldyn_bytes_put_space(bytes, 8 * count) : NULL;
    if (!space) {
        bytes->lost = true;
        return;
    }
    if (order.first == 1) {
        memcpy(space, values, 8 * count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &values[i], sizeof bits);
        for (unsigned k = 0; k < 8; k++) {
            space[8 * i + k] = (unsigned char)(bits >> (8 * k));
        }
    }
}

/* ---- JSON */

/* The length of the UTF-8 sequence at text; 0: there is none. */
static size_t sequence(const unsigned char *text)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } kinds[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t kind = 0; kind < 3; kind++) {
        if ((text[0] & kinds[kind].mask) != kinds[kind].lead) {
            continue;
        }
        uint32_t code = text[0] & (unsigned char)~kinds[kind].mask;
        for (size_t i = 1; i <= kind + 1; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return 0;
            }
            code = (code << 6) | (text[i] & 0x3fU);
        }
        const bool fine =
            code >= kinds[kind].least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        return fine ? kind + 2 : 0;
    }
    return text[0] < 0x80 ? 1 : 0;
}

static void put_quoted(struct ssldyn_explore_bytes *bytes, const char *text)
{
    ssldyn_bytes_put_string(bytes, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        const size_t length = sequence(at);
        if (length == 0) {
            ssldyn_bytes_put_string(bytes, "\xef\xbf\xbd"); /* U+FFFD */
            at++;
            continue;
        }
        if (*at == '"' || *at == '\\' || *at < 0x20 || *at == 0x7f) {
            char escape[8];
            (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*at);
            ssldyn_bytes_put_string(bytes, escape);
        } else {
            ssldyn_bytes_put(bytes, at, length);
        }
        at += length;
    }
    ssldyn_bytes_put_string(bytes, "\"");
}

/* Writes what precedes a value: a comma, and its name. */
static void begin_value(struct ssldyn_explore_bytes *bytes, const char *name)
{
    if (!bytes->open && bytes->size > 0) {
        ssldyn_bytes_put_string(bytes, ",");
    }
    bytes->open = false;
    if (name) {
        put_quoted(bytes, name);
        ssldyn_bytes_put_string(bytes, ":");
    }
}

void ssldyn_bytes_json_begin(struct ssldyn_explore_bytes *bytes, const char *name, char bracket)
{
    begin_value(bytes, name);
    ssldyn_bytes_put(bytes, &bracket, 1);
    bytes->open = true;
}

void ssldyn_bytes_json_end(struct ssldyn_explore_bytes *bytes, char bracket)
{
    ssldyn_bytes_put(bytes, &bracket, 1);
    bytes->open = false;
}

void ssldyn_bytes_json_text(struct ssldyn_explore_bytes *bytes, const char *name, const char *text)
{
    begin_value(bytes, name);
    if (text) {
        put_quoted(bytes, text);
    } else {
        ssldyn_bytes_put_string(bytes, "null");
    }
}

void ssldyn_bytes_json_number(struct ssldyn_explore_bytes *bytes, const char *name, double value)
{
    begin_value(bytes, name);
    ssldyn_bytes_put_string(bytes, isfinite(value) ? SSLDYN_DECIMAL(value) : "null");
}

void ssldyn_bytes_json_bool(struct ssldyn_explore_bytes *bytes, const char *name, bool value)
{
    begin_value(bytes, name);
    ssldyn_bytes_put_string(bytes, value ? "true" : "false");
}

void ssldyn_bytes_json_numbers(struct ssldyn_explore_bytes *bytes, const char *name, size_t count,
                               const double values[])
{
    ssldyn_bytes_json_begin(bytes, name, '[');
    for (size_t i = 0; i < count; i++) {
        ssldyn_bytes_json_number(bytes, NULL, values[i]);
    }
    ssldyn_bytes_json_end(bytes, ']');
}
