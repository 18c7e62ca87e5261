#!/bin/sh
# numpy: files written by NumPy are read entry by entry, and NumPy reads files written by ssldyn.
# SPDX-License-Identifier: MIT
set -u
reader=${SSLDYN_BUILD:-build/release}/tests/unit/test_npy
python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "1..0 # SKIP no python3 with numpy"
    exit 0
fi
# Separate from the directory where the program's tests write.
directory=$(mktemp -d "${TEST_DIR:-/tmp}/numpy-XXXXXX") || exit 1

"$python" - "$directory" <<'PYTHON'
import sys
import numpy as np
from numpy.lib import format as npyformat

directory = sys.argv[1]
rng = np.random.default_rng(2385)

def keep(name, array, version=None):
    with open(f"{directory}/{name}.npy", "wb") as stream:
        npyformat.write_array(stream, array, version=version)
    np.save(f"{directory}/{name}.want.npy", np.ascontiguousarray(array.astype("<f8")).reshape(array.shape))

for kind in ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
    for order in "<>":
        a = (rng.standard_normal((3, 4, 5)) * 50).astype(order + kind)
        tag = {"<": "little", ">": "big"}[order]
        keep(f"{kind}_{tag}_c", a)
        keep(f"{kind}_{tag}_f", np.asfortranarray(a))
keep("scalar", np.array(2.385))
keep("empty", np.zeros((0, 7)))
keep("vector", np.arange(1000, dtype="<i4"))
keep("nonfinite", np.array([np.nan, np.inf, -np.inf, 1e-310]))
keep("transposed", rng.standard_normal((4, 6)).T)
keep("version2", rng.standard_normal((2, 2)), version=(2, 0))
keep("version3", rng.standard_normal((2, 2)), version=(3, 0))
keep("large", rng.standard_normal((300, 301)).astype("f4", order="F"))
PYTHON
written=$?

unset CK_TAP_LOG_FILE_NAME
SSLDYN_NUMPY_DIR=$directory "$reader" >&2
read_back=$?

"$python" - "$directory" <<'PYTHON'
import sys
import numpy as np

a = np.load(f"{sys.argv[1]}/written.npy")
assert a.dtype == np.dtype("<f8") and a.shape == (2, 3, 4)
assert (a.ravel() == np.arange(24) / 7).all()
assert np.load(f"{sys.argv[1]}/empty.npy").shape == (0, 2, 3)
assert np.load(f"{sys.argv[1]}/written.npy", mmap_mode="r")[1, 2, 3] == 23 / 7
PYTHON
loaded=$?
rm -rf "$directory"

number=0
result() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}
echo "1..3"
result $written "NumPy writes arrays of every type"
result $read_back "each is read entry for entry"
result $loaded "NumPy loads what is written here"
