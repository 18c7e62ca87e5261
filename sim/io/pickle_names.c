/* Which Python names a pickle may call or mention, and Python's escapes in old pickles
 * (pickle_internal.h). Nothing is ever called; the lists only serve to reject files that request
 * it. */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_internal.h"

#include <string.h>

/* Calls become opaque objects. A trailing star matches any rest without a dot: pathlib.os.system is
 * not a member of pathlib. */
static const char *const called[] = {
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.Counter",
    "collections.deque",
    "_codecs.encode",
    "copyreg._reconstructor",
    "builtins.set",
    "builtins.frozenset",
    "builtins.bytearray",
    "builtins.complex",
    "builtins.slice",
    "builtins.range",
    "builtins.xrange",
    "numpy.dtype",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy.core.numeric._frombuffer",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy._core.numeric._frombuffer",
    "numpy.random._pickle.*",
    "numpy.random.bit_generator.*",
    "torch.device",
    "torch.Size",
    "torch._utils._rebuild_*",
    "torch._tensor._rebuild_from_type_v2",
    "torch.serialization._get_layout",
    "torch.storage._load_from_bytes",
    "datetime.*",
    "decimal.Decimal",
    "fractions.Fraction",
    "functools.partial",
    "pathlib.*",
};

/* Not even mentioned: modules that run programs or code, or change files. A legitimate file does
 * not need their names, and the message reports which one was found. */
static const char *const refused[] = {
    "os.*",
    "posix.*",
    "nt.*",
    "subprocess.*",
    "sys.*",
    "importlib.*",
    "runpy.*",
    "pty.*",
    "shutil.*",
    "socket.*",
    "ctypes.*",
    "pickle.*",
    "_pickle.*",
    "cPickle.*",
    "code.*",
    "commands.*",
    "popen2.*",
    "webbrowser.*",
    "timeit.*",
    "pdb.*",
    "bdb.*",
    "profile.*",
    "cProfile.*",
    "asyncio.*",
    "multiprocessing.*",
    "threading.*",
    "_thread.*",
    "signal.*",
    "builtins.*",

    "operator.*",
    "_operator.*",
    "pip.*",
    "pkgutil.*",
    "imp.*",
    "zipimport.*",
    "marshal.*",
    "tempfile.*",
    "urllib.*",
    "requests.*",
    "posixpath.*",
    "ntpath.*",
    "io.*",
    "_io.*",
    "inspect.*",
    "torch.hub.*",
    "numpy.testing.*",
    "torch.load",
    "torch.serialization.load",
    "numpy.load",
    "types.CodeType",
    "types.FunctionType",
};

/* Plain types that are members of a refused module. */
static const char *const harmless[] = {
    "builtins.object", "builtins.dict",    "builtins.list",  "builtins.tuple",
    "builtins.int",    "builtins.long",    "builtins.float", "builtins.bool",
    "builtins.str",    "builtins.unicode", "builtins.bytes", "builtins.type",
};

/* deep: a star also matches members of members. */
static bool matches(const char *pattern, bool deep, const char *name, size_t length)
{
    const size_t fixed = strlen(pattern) - (pattern[strlen(pattern) - 1] == '*' ? 1 : 0);
    if (length < fixed || memcmp(pattern, name, fixed) != 0)
        return false;
    if (pattern[fixed] == '\0')
        return length == fixed;
    return length > fixed && (deep || memchr(name + fixed, '.', length - fixed) == NULL);
}

#define ANY(list, deep, name, length) any(list, sizeof(list) / sizeof(list)[0], deep, name, length)
static bool any(const char *const list[], size_t count, bool deep, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (matches(list[i], deep, name, length))
            return true;
    }
    return false;
}

enum ssldyn_pickle_use ssldyn_pickle_name_use(const char *name, size_t length)
{
    if (ANY(called, false, name, length))
        return SSLDYN_PICKLE_CALLED;
    if (ANY(refused, true, name, length) && !ANY(harmless, false, name, length))
        return SSLDYN_PICKLE_REFUSED;
    return SSLDYN_PICKLE_MENTIONED;
}

/* The value of `digits` hexadecimal digits; -1 for other characters. */
static long hexadecimal(const char *text, size_t digits)
{
    long value = 0;
    for (size_t i = 0; i < digits; i++) {
        static const char known[] = "0123456789abcdef0123456789ABCDEF";
        const char *at = text[i] != '\0' ? strchr(known, text[i]) : NULL;
        if (at == NULL)
            return -1;
        value = 16 * value + (at - known) % 16;
    }
    return value;
}

size_t ssldyn_pickle_decode_quoted(const char *text, size_t length, char to[])
{
    static const char letters[] = "abfnrtv";
    static const char codes[] = "\a\b\f\n\r\t\v";
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\\' || i + 1 == length) {
            to[used++] = text[i];
            continue;
        }
        i++;
        const char *letter = text[i] != '\0' ? strchr(letters, text[i]) : NULL;
        const long code = text[i] == 'x' && length - i > 2 ? hexadecimal(text + i + 1, 2) : -1;
        if (code >= 0) {
            to[used++] = (char)(unsigned char)code;
            i += 2;
        } else {
            to[used] = text[i];
            if (letter != NULL)
                to[used] = codes[letter - letters];
            used++;
        }
    }
    return used;
}

static size_t put_utf8(unsigned long code, char to[])
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    const size_t bytes = more + 1;
    to[0] = (char)(unsigned char)(leads[more] | code >> 6 * more);
    for (size_t i = 1; i < bytes; i++)
        to[i] = (char)(unsigned char)(0x80 | (code >> 6 * (bytes - 1 - i) & 0x3f));
    return bytes;
}

size_t ssldyn_pickle_decode_raw(const char *text, size_t length, char to[])
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        const size_t digits = text[i] != '\\' || i + 1 == length ? 0
                              : text[i + 1] == 'u'               ? 4
                              : text[i + 1] == 'U'               ? 8
                                                                 : 0;
        const long code =
            digits > 0 && length - i > digits + 1 ? hexadecimal(text + i + 2, digits) : -1;
        if (code >= 0 && code <= 0x10ffff) {
            used += put_utf8((unsigned long)code, to + used);
            i += digits + 1;
        } else {
            used += put_utf8((unsigned char)text[i], to + used);
        }
    }
    return used;
}

size_t ssldyn_pickle_encode_latin1(const char *text, size_t length, char to[])
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned char lead = (unsigned char)text[i];
        if (lead < 0x80) {
            to[used++] = text[i];
            continue;
        }
        const unsigned char next = i + 1 < length ? (unsigned char)text[i + 1] : 0;
        if ((lead != 0xc2 && lead != 0xc3) || (next & 0xc0) != 0x80)
            return SIZE_MAX;
        to[used++] = (char)(unsigned char)((lead & 3) << 6 | (next & 0x3f));
        i++;
    }
    return used;
}
