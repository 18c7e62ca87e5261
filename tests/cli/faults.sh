#!/bin/sh
# Every command, killed and with failing calls while it replaces older results, and without memory:
# see tests/faults.inc. A sample of the calls; FAULTS_STEP=1 (make faults) tests all of them.
# shellcheck disable=SC1091
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/faults.inc
. "$(dirname "$0")/../faults.inc"
if ! strace -f -qq --seccomp-bpf -o /dev/null -e trace=rename -e inject=rename:error=EIO:when=99 true \
    >/dev/null 2>&1; then
    echo "1..0 # SKIP no strace that can inject faults"
    exit 0
fi
library=$(cd "$(dirname "$0")/../.." && pwd)/${SSLDYN_BUILD:-build/release}/tests/faults/memory.so
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# faults STEP NAME OLD... -- NEW...
faults() {
    every=${FAULTS_STEP:-$1} what=$2
    shift 2
    rm -rf case && mkdir case && cd case || exit 1
    scan "$what" "$every" "signal=KILL error=EIO error=ENOSPC error=EINTR" "$@"
    result $? "$what: all old or all new after each of $tried faults" "$mixed"
    cd "$scratch" || exit 1
}

# pages STEP NAME PAGE OLD... -- NEW...
pages() {
    every=${FAULTS_STEP:-$1} what=$2
    shift 2
    rm -rf case && mkdir case && cd case || exit 1
    scan_page "$what" "$every" "signal=KILL error=EIO error=ENOSPC error=EINTR" "$@"
    result $? "$what: the old file or the new one after each of $tried faults" "$mixed"
    cd "$scratch" || exit 1
}

# memory STEP NAME COMMAND...
memory() {
    every=${FAULTS_STEP:-$1} what=$2
    shift 2
    if [ ! -f "$library" ]; then
        skip "$what without memory: no library can be preloaded"
        return
    fi
    rm -rf case && mkdir case && cd case || exit 1
    scan_memory "$what" "$every" "$library" "$@"
    result $? "$what: a plain failure for each of $tried allocations" "$mixed"
    cd "$scratch" || exit 1
}

matrices="flow --n1 4 --n2 3 --t-end 1 --samples 4"
sgd="sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4"
modes="sweep --threads 1 --model modes --columns fate,p_end"
ladder="compare --ladder $scratch/ladder.conf"
"$SSLDYN" $matrices -q -o a >/dev/null
"$SSLDYN" $matrices --seed 2 -q -o b >/dev/null
"$SSLDYN" $matrices --seed 3 -q -o c >/dev/null
a=$scratch/a b=$scratch/b c=$scratch/c
printf 'n1 = 4\nn2 = 3\nlr = 0.05\nbatch = 8\nt_end = 1\nsamples = 4\n' >ladder.conf
images 40 >images
moments="moments $scratch/images --image-format idx --threads 1"

faults 67 flow $matrices -- $matrices --seed 2 --init-scale 0.5
faults 43 "flow of modes" flow --model modes --t-end 1 --samples 5 -- flow --model modes --t-end 1 --samples 5 --eta 0.1
faults 71 sgd $sgd -- sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 5
faults 149 ensemble $sgd --ensemble 3 -- $sgd --ensemble 4
faults 59 sweep $modes --axis.eta 0:0.3:30 -- sweep --threads 1 --model modes --axis.eta 0:0.3:31 --columns fate,s_end
faults 37 align align "$a" -- align "$b"
faults 29 compare compare "$a" "$a" -- compare "$a" "$b"
faults 211 ladder $ladder -- $ladder
faults 37 basin basin --model modes --no-ema --eta 0.1 -- basin --model modes --no-ema --eta 0.12
faults 47 moments $moments -- $moments --seed 2
pages 13 report page.html report "$a" -- report "$b"
if command -v gnuplot >/dev/null; then
    pages 31 plot page.svg plot "$a" -- plot "$b"
else
    skip "plot: no gnuplot"
fi
memory 17 flow $matrices
memory 41 ensemble $sgd --ensemble 2 --threads 1
memory 23 sweep $modes --axis.eta 0:0.3:3 --lines
memory 23 basin basin --model modes --no-ema --eta 0.1
memory 31 align align "$a"
memory 37 compare compare "$a" "$b"
memory 34 "table of runs" compare "$a" "$b" "$c"
mkdir -p folder/below && cp -r "$a" "$b" folder/below # looked for, with runs that are being written
memory 41 "folder of runs" compare "$scratch/folder"
memory 23 moments $moments
memory 97 ladder $ladder
finish
