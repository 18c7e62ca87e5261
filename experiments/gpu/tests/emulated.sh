#!/bin/sh
# The tests of the CUDA backend without a GPU: the same programs with an emulated device
# (emulate/emulate.h), which runs the threads of a kernel one after another.
# SPDX-License-Identifier: MIT
ran=0
for source in tests/gpu_*.c; do
    name=$(basename "$source" .c)_emulated
    program=$BYOL_BUILD/tests/$name
    [ -x "$program" ] || continue
    "$program" >"$TEST_DIR/$name.tap"
    status=$?
    grep -E '^(not )?ok' "$TEST_DIR/$name.tap"
    ran=$((ran + $(grep -cE '^(not )?ok' "$TEST_DIR/$name.tap") + 1))
    if [ "$status" = 0 ] && grep -q '^1\.\.' "$TEST_DIR/$name.tap"; then
        echo "ok - $name"
    else
        echo "not ok - $name: exit status $status"
    fi
done
[ "$ran" -gt 0 ] || { echo "1..0 # SKIP built without CUDA" && exit 0; }
echo "1..$ran"
