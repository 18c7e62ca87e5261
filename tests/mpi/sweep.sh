#!/bin/sh
# The same bytes for 1, 2 and 4 ranks as for none.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
if ! command -v mpirun >/dev/null || ! "$SSLDYN" sweep --help >/dev/null 2>&1; then
    echo "1..0 # SKIP no mpirun"
    exit 0
fi
if "$SSLDYN" --version | grep -q '^MPI no'; then
    echo "1..0 # SKIP built without MPI"
    exit 0
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# Open MPI wants to be told that this machine is shared, MPICH does not know the words.
words=
if mpirun --version 2>&1 | grep -q 'Open MPI\|OpenRTE'; then
    words="--oversubscribe"
    [ "$(id -u)" != 0 ] || words="$words --allow-run-as-root"
fi
launch() {
    n=$1
    shift
    # shellcheck disable=SC2086 # words
    mpirun $words -n "$n" "$SSLDYN" "$@"
}
if ! launch 1 --version >/dev/null 2>&1; then
    echo "1..0 # SKIP mpirun cannot start a process here"
    exit 0
fi

options="sweep -q --model modes --axis.eta 0:0.3:350 --axis.beta log:0.05:2:250 --threads 1"
# shellcheck disable=SC2086 # words
"$SSLDYN" $options -o none >none.out
for ranks in 1 2 4; do
    # shellcheck disable=SC2086
    launch $ranks $options -o "r$ranks" >"r$ranks.out" 2>"r$ranks.err"
    check "$ranks ranks: exit 0" test $? = 0
    check "$ranks ranks: same bytes" diff -r none "r$ranks"
    check "$ranks ranks: said once" diff none.out "r$ranks.out"
done
launch 2 sweep -q --model modes --axis.eta=-1:1:5 -o bad >/dev/null 2>bad.err
check "2 ranks, bad input: exit 2" test $? = 2
check "2 ranks, bad input: nothing written" test ! -e bad
check "2 ranks, bad input: said once" test "$(grep -c 'must be at least 0' bad.err)" = 1
finish
