#!/bin/sh
# Power loss while a command replaces older results or writes the first ones (tests/faults/powerloss.c):
# in every state of the disk that it may leave, the directory contains all of the older results or all
# of the new ones, or readers refuse it or report it as unfinished; files that are not results stay; and
# the same command then gives the bytes of a run that was never interrupted. A sample of the states;
# POWERLOSS_STEP=1 (make powerloss) tests all of them.
# shellcheck disable=SC1091
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/faults.inc
. "$(dirname "$0")/../faults.inc"
library=$(cd "$(dirname "$0")/../.." && pwd)/${SSLDYN_BUILD:-build/release}/tests/faults/powerloss.so
if [ ! -f "$library" ] || "$SSLDYN" --version | grep -q sanitize; then
    echo "1..0 # SKIP no library to be preloaded (Linux, without sanitizers)"
    exit 0
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export OMP_NUM_THREADS=1

# run_in DIRECTORY COMMAND...: the command with its results in DIRECTORY/run; if $within is set, by the
# name "." from inside the directory, which then cannot be exchanged
run_in() {
    parent=$1
    shift
    if [ -n "${within:-}" ]; then
        (mkdir -p "$parent/run" && cd "$parent/run" && env $preload "$SSLDYN" "$@" -q -o .)
    else
        (cd "$parent" && env $preload "$SSLDYN" "$@" -q -o run)
    fi
}

# whole DIRECTORY OTHER: the same results; files of an unfinished replacement are allowed
whole() {
    diff -r -x journal -x '*.tmp' -x '.ssldyn.*' "$1" "$2" >/dev/null 2>&1
}

# wrong STATE COMMAND...: the problem of a state, an empty line if there is none
wrong() {
    state=$1
    shift
    if [ -d "$state/run" ] && ! whole "$state/run" older && ! whole "$state/run" newer; then
        "$SSLDYN" report "$state/run" -o "$state/page.html" >/dev/null 2>reader.err
        read=$?
        grep -q 'unfinished: [0-9]* of [0-9]* points' reader.err ||
            { [ $read = 2 ] && [ "$(grep -c '' reader.err)" = 1 ]; } || {
            echo "neither old nor new, and a reader exits $read: $(cat reader.err)"
            return
        }
    fi
    run_in "$state" "$@" >/dev/null 2>again.err || {
        echo "the next run fails: $(cat again.err)"
        return
    }
    diff -r "$state/run" newer >differs.txt 2>&1 || {
        echo "the next run gives other bytes: $(cat differs.txt)"
        return
    }
    ls -d "$state"/.run.* "$state"/run/.ssldyn* 2>/dev/null
}

# lose NAME STEP OLD... -- NEW...
lose() {
    what=$1 step=${POWERLOSS_STEP:-$2}
    shift 2
    rm -rf case && mkdir -p case/root case/states case/a case/b && cd case || exit 1
    preload=
    old=
    while [ "$1" != -- ]; do
        old="$old $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # words
    if [ -n "$old" ]; then
        run_in a $old >/dev/null && mkdir a/run/kept && echo mine >a/run/kept/notes.txt &&
            echo mine >a/run/notes.txt && cp -a a/run b/run && cp -a a/run root/run && mv a/run older
    fi
    run_in b "$@" >/dev/null && mv b/run newer
    preload="LD_PRELOAD=$library SSLDYN_POWERLOSS_ROOT=$PWD/root SSLDYN_POWERLOSS_STATES=$PWD/states"
    run_in root "$@" >/dev/null 2>lost.err
    status=$?
    preload=
    tried=0 bad=
    [ $status = 0 ] && diff -r root/run newer >/dev/null 2>&1 || bad="the run itself: $(cat lost.err)"
    states=0
    for state in states/*.txt; do
        states=$((states + 1))
        [ $((states % step)) -eq 0 ] || continue
        tried=$((tried + 1))
        found=$(wrong "${state%.txt}" "$@")
        [ -z "$found" ] || bad="$bad
$what: $(head -n 1 "$state"): $found"
    done
    [ -z "$bad" ] && [ $tried -gt 0 ]
    result $? "$what: old or new, and the same bytes again, in each of $tried of $states states" "$bad"
    cd "$scratch" || exit 1
}

matrices="flow --n1 4 --n2 3 --t-end 1 --samples 4"
"$SSLDYN" $matrices -q -o a >/dev/null
"$SSLDYN" $matrices --seed 2 -q -o b >/dev/null
a=$scratch/a b=$scratch/b
modes="sweep --threads 1 --model modes --columns fate,p_end"
printf 'n1 = 4\nn2 = 3\nlr = 0.05\nbatch = 8\nt_end = 1\nsamples = 4\n' >ladder.conf
sed "s/0.05/0.06/" ladder.conf >other.conf
images 40 >images
moments="moments $scratch/images --image-format idx --threads 1"

lose flow 61 $matrices -- $matrices --seed 2 --init-scale 0.5
lose "a first flow" 79 -- $matrices
lose sgd 97 sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4 -- sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 5
lose ensemble 251 sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4 --ensemble 3 -- \
    sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4 --ensemble 4
lose sweep 37 $modes --axis.eta 0:0.3:3 -- $modes --axis.eta 0:0.3:12001
lose "a first sweep" 41 -- $modes --axis.eta 0:0.3:12001
lose align 29 align "$a" -- align "$b"
lose compare 23 compare "$a" "$a" -- compare "$a" "$b"
lose basin 23 basin --model modes --no-ema --eta 0.1 -- basin --model modes --no-ema --eta 0.12
lose moments 29 $moments -- $moments --seed 2
# thousands of states: a sample of them, unless there is time for all
[ -z "${POWERLOSS_STEP:-}" ] || POWERLOSS_STEP=211 lose ladder 211 compare --ladder "$scratch/ladder.conf" -- compare --ladder "$scratch/other.conf"
within=yes
lose "flow into the current directory" 31 $matrices -- flow --model modes --t-end 1 --samples 4
lose "sweep into the current directory" 41 $modes --axis.eta 0:0.3:3 -- $modes --axis.eta 0:0.3:8193
finish
