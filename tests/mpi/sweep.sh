#!/bin/sh
# The same bytes for 1, 2 and 4 ranks as without MPI, also after six kills of all ranks.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/kill.inc
. "$(dirname "$0")/../kill.inc"
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

# Open MPI needs options for a shared machine, which MPICH does not know.
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

# Points of the vectorized kernel, points that are flows, points that are runs of SGD.
cat >modes.conf <<'END'
model = modes
axis.eta = 0:0.3:350
axis.beta = log:0.05:2:250
END
cat >population.conf <<'END'
n1 = 5
n2 = 4
t_end = 100
samples = 40
axis.eta = 0.02:0.24:8
axis.seed = 0:15:16
average = seed
END
cat >sgd.conf <<'END'
process = sgd
n1 = 5
n2 = 4
t_end = 20
samples = 10
axis.eta = 0.02:0.24:5
axis.batch = list:16,inf
axis.seed = 0:4:5
END
KILL_AFTER=0.12
for model in modes population sgd; do
    sweep="sweep $model.conf -q --threads 1"
    # shellcheck disable=SC2086 # words
    "$SSLDYN" $sweep -o $model >$model.out
    for ranks in 1 2 4; do
        # shellcheck disable=SC2086
        launch $ranks $sweep -o $model$ranks >$model$ranks.out 2>$model$ranks.err
        check "$model, $ranks ranks: exit 0" test $? = 0
        check "$model, $ranks ranks: same bytes" same $model $model$ranks
        check "$model, $ranks ranks: said once" diff $model.out $model$ranks.out
        [ $model != sgd ] || continue
        # shellcheck disable=SC2086
        killed_sweep $model-killed$ranks launch $ranks $sweep
        check "$model, $ranks ranks, killed $kills times: same bytes" same $model $model-killed$ranks
    done
done
map="basin --model modes --axis.p0 0:1:40 --axis.s0 0:1:30 --eta 0.1 --threads 1"
# shellcheck disable=SC2086 # words
"$SSLDYN" $map -o map >map.out 2>map.err
# shellcheck disable=SC2086
launch 2 $map -o map2 >map2.out 2>map2.err
check "a map of the basin, 2 ranks: exit 0" test $? = 0
check "a map of the basin, 2 ranks: same bytes" same map map2
check "a map of the basin, 2 ranks: said once" diff map.out map2.out
check "a map of the basin, 2 ranks: announced once" test "$(grep -c 'to plot' map2.err)" = 1
launch 2 sweep -q --model modes --axis.eta=-1:1:5 -o bad >/dev/null 2>bad.err
check "2 ranks, bad input: exit 2" test $? = 2
check "2 ranks, bad input: nothing written" test ! -e bad
check "2 ranks, bad input: said once" test "$(grep -c 'must be at least 0' bad.err)" = 1
finish
