/* Unsupported kinds of files (foreign.h), recognized by their first bytes. */
// SPDX-License-Identifier: MIT
#include "sim/io/foreign.h"

#include <ctype.h>
#include <string.h>

enum { TAR_MAGIC = 257 };

static const struct {
    size_t place;
    const char *bytes;
    size_t length;
    const char *what;
} kinds[] = {
    {0, "MATLAB 5.0", 10,
     "is a MATLAB file; in Python: numpy.savez(\"x.npz\", **{k: v for k, v in "
     "scipy.io.loadmat(FILE).items() if k[0] != \"_\"})"},
    {0, "\x89HDF\r\n\x1a\n", 8,
     "is an HDF5 file (.h5, MATLAB 7.3); in Python: numpy.save(\"x.npy\", "
     "h5py.File(FILE)[NAME][:])"},
    {0, "\x1f\x8b", 2, "is compressed by gzip: unpack it with gunzip (tar xzf for a .tar.gz)"},
    {0, "BZh", 3, "is compressed by bzip2: unpack it with bunzip2 (tar xjf for a .tar.bz2)"},
    {0,
     "\xfd"
     "7zXZ",
     5, "is compressed by xz: unpack it with unxz (tar xJf for a .tar.xz)"},
    {0, "\x28\xb5\x2f\xfd", 4, "is compressed by zstd: unpack it with unzstd"},
    {TAR_MAGIC, "ustar", 5, "is a tar archive: unpack it with tar xf"},
    {0, "version https://git-lfs", 23,
     "is a pointer of Git LFS, not the file itself: run git lfs pull"},
    {0, "<!DOCTYPE", 9, "is a web page instead of the file: download it again"},
    {0, "<html", 5, "is a web page instead of the file: download it again"},
    {0, "GGUF", 4, "is a GGUF file; convert the tensors to .safetensors or .npy"},
};

/* joblib writes raw numbers between the opcodes of a pickle. */
static bool is_joblib(const unsigned char head[], size_t size)
{
    static const char word[] = "joblib.numpy_pickle";
    for (size_t i = 0; i + sizeof word - 1 <= size; i++) {
        if (memcmp(head + i, word, sizeof word - 1) == 0)
            return true;
    }
    return false;
}

/* If the line at `at` is a Python name and nothing else, the start of the next line; else 0. */
static size_t name_line(const unsigned char head[], size_t size, size_t at)
{
    const size_t start = at;
    while (at < size && (isalnum(head[at]) || head[at] == '_' || head[at] == '.'))
        at++;
    return at > start && at < size && head[at] == '\n' ? at + 1 : 0;
}

bool ssldyn_foreign_is_pickle(const unsigned char head[], size_t size)
{
    if (is_joblib(head, size))
        return false;
    if (size >= 2 && head[0] == 0x80)
        return head[1] >= 2 && head[1] <= 5; /* the version of protocols from 2 on */
    if (size >= 3 && head[0] == '(')
        return head[1] == 'd' || head[1] == 'l' || head[1] == 'c' || head[1] == 'i';
    if (size >= 2 && (head[0] == '}' || head[0] == ']'))
        return head[1] == 'q' || head[1] == '(' || head[1] == '.';
    const size_t module = head[0] == 'c' ? name_line(head, size, 1) : 0;
    const size_t name = module != 0 ? name_line(head, size, module) : 0;
    return name != 0 && name < size && strchr("(pq)", head[name]) != NULL && head[name] != '\0';
}

static bool is_text(const unsigned char head[], size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (head[i] < 0x20 && !isspace(head[i]))
            return false;
    }
    return size > 0;
}

const char *ssldyn_foreign_advice(const unsigned char head[], size_t size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (size >= kinds[i].place + kinds[i].length &&
            memcmp(head + kinds[i].place, kinds[i].bytes, kinds[i].length) == 0)
            return kinds[i].what;
    }
    if (is_text(head, size))
        return "is a text file; in Python: numpy.save(\"x.npy\", numpy.loadtxt(FILE)), with "
               "delimiter=\",\" for a .csv";
    if (is_joblib(head, size))
        return "was written by joblib; in Python: numpy.save(\"x.npy\", joblib.load(FILE))";
    return NULL;
}

enum ssldyn_status ssldyn_foreign_refuse(const char *path, const unsigned char head[], size_t size,
                                         struct ssldyn_error *err)
{
    const char *advice = ssldyn_foreign_advice(head, size);
    if (advice == NULL)
        advice = size == 0 ? "is empty"
                           : "is not one of the supported files (.npy, .npz, .safetensors, "
                             "PyTorch's .pt, pickles of NumPy arrays)";
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s", path, advice);
}
