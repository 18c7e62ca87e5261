"""make_cifar_pickle.py BINARY PICKLE: a file of CIFAR-10's binary version as the pickled batch that the
Python version has: protocol 2 as Python 2 wrote it, with byte strings and an array of NumPy 1. Needs
no NumPy. With --100 the file and the batch are those of CIFAR-100."""
# SPDX-License-Identifier: MIT
import struct
import sys

labels = 1
if sys.argv[1] == "--100":
    labels = 2
    del sys.argv[1]
data = open(sys.argv[1], "rb").read()
record = labels + 3072
count = len(data) // record
assert count * record == len(data), "not whole records"


def text(word):
    return b"U" + bytes([len(word)]) + word.encode()


def number(n):
    return b"J" + struct.pack("<i", n)


def column(k):
    return b"](" + b"".join(b"K" + data[i * record + k : i * record + k + 1] for i in range(count)) + b"e"


pixels = b"".join(data[i * record + labels : (i + 1) * record] for i in range(count))
array = (
    b"cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85"
    + text("b") + b"\x87R(K\x01" + number(count) + number(3072) + b"\x86"
    + b"cnumpy\ndtype\n" + text("u1") + b"K\x00K\x01\x87R(K\x03" + text("|") + b"NNN"
    + number(-1) + number(-1) + b"K\x00tb\x89T" + struct.pack("<i", len(pixels)) + pixels + b"tb"
)
names = ["labels"] if labels == 1 else ["coarse_labels", "fine_labels"]
with open(sys.argv[2], "wb") as out:
    out.write(b"\x80\x02}q\x01(" + text("batch_label") + text("training batch"))
    for k, name in enumerate(names):
        out.write(text(name) + column(k))
    out.write(text("data") + array + text("filenames") + b"](")
    out.write(b"".join(text("image_%d.png" % i) for i in range(count)) + b"eu.")
