#!/bin/sh
# What the CUDA compiler has to be told of each kernel, read from the sources: without the size of its
# blocks it may give a thread so many registers that a block of 1024 cannot start, which shows on a device
# alone.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. ../../tests/tap.inc
for source in *.cu; do
    bare=$(tr '\n' ' ' <"$source" | grep -oE '__global__[^(]*\([^(]*\(?' | grep -v '__launch_bounds__(')
    check "$source: every kernel says how large its blocks are" test -z "$bare"
done
check "kernels are found" test "$(cat ./*.cu | grep -c __global__)" -gt 20
finish
