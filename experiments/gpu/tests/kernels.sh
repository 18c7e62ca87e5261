#!/bin/sh
# Every kernel must declare the size of its blocks, which is checked in the sources: without it the CUDA
# compiler may assign a thread too many registers for a block of 1024 to start, an error that appears only
# on a device.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. ../../tests/tap.inc
for source in *.cu; do
    bare=$(tr '\n' ' ' <"$source" | grep -oE '__global__[^(]*\([^(]*\(?' | grep -v '__launch_bounds__(')
    check "$source: every kernel declares the size of its blocks" test -z "$bare"
done
check "kernels are found" test "$(cat ./*.cu | grep -c __global__)" -gt 20
finish
