#!/bin/sh
# Threads that the system refuses to start: fewer are used, one line reports it, and the bytes are those
# of one thread.
# shellcheck disable=SC1091,SC2016,SC3045 # the shells of Linux limit stacks and memory
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
if [ "$(uname -s)" != Linux ] || ! (ulimit -s 8192 && ulimit -v 1500000) 2>/dev/null ||
    "$SSLDYN" --version | grep -q sanitize; then
    echo "1..0 # SKIP no limit on memory here"
    exit 0
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# With stacks of 8 MiB only a few of 2000 threads fit.
limited() { (
    ulimit -s 8192
    ulimit -v 1500000
    exec "$SSLDYN" "$@" --threads 2000
) }

# few NAME ARGUMENTS...
few() {
    name=$1
    shift
    "$SSLDYN" "$@" --threads 1 -q -o "$name" >"$name.out"
    limited "$@" -o "$name-few" >"$name-few.out" 2>"$name.err"
    check "$name: exit 0" test $? = 0
    check "$name: one line reports it" test "$(grep -c "^ssldyn $1: warning: the system cannot start 2000 threads .*; using [0-9]*$" "$name.err")" = 1
    check "$name: same bytes" same "$name" "$name-few"
    check "$name: same words" diff "$name.out" "$name-few.out"
}

few sweep sweep --model modes --axis.eta 0:0.3:300 --axis.p0 0:1:30
few ensemble sgd --n1 4 --n2 3 --lr 0.1 --t-end 2 --samples 5 --ensemble 64
"$SSLDYN" flow --n1 6 --n2 5 --t-end 4 --samples 80 -q -o run >/dev/null
few align align run
# 400 images of 8 x 8, with bytes from a small generator
# shellcheck disable=SC2059 # the escapes are the bytes
printf "$(awk 'BEGIN {
    printf "\\000\\000\\010\\003\\000\\000\\001\\220\\000\\000\\000\\010\\000\\000\\000\\010"
    for (i = 0; i < 25600; i++) { x = (x * 421 + 17117) % 65536; printf "\\%03o", int(x / 256) }
}')" >images-idx3-ubyte
few moments moments images-idx3-ubyte

# OpenBLAS determines the number of its threads when it is loaded, so the program must set it before.
LD_DEBUG=bindings "$SSLDYN" --version 2>&1 | sed -n "s/.*binding file .* to \(.*\) \[.*symbol .openblas_num_threads_env'.*/\1/p" >asked
if [ -s asked ]; then
    check "OpenBLAS starts no threads" sh -c '! grep -v "/ssldyn$" asked'
else
    skip "no OpenBLAS that asks"
fi

# Threads started by a linear algebra library count as well: one process suffices.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && command -v prlimit >/dev/null &&
    setpriv --reuid=65534 --clear-groups test -x "$SSLDYN" 2>/dev/null; then
    chmod 711 . && mkdir open && chmod 777 open
    setpriv --reuid=65534 --clear-groups prlimit --nproc=1 "$SSLDYN" sweep --model modes \
        --axis.eta 0:0.3:300 --axis.p0 0:1:30 --threads 4 -o open/one >/dev/null 2>one.err
    check "one process alone: exit 0" test $? = 0
    check "one process alone: same bytes" same sweep open/one
else
    skip "no right to be another user, with a limit on processes"
fi
finish
