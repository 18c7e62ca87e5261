#!/bin/sh
# Every command, killed and with failing calls while it replaces older results: see tests/faults.inc.
# A sample of the calls; FAULTS_STEP=1 (make faults) takes all of them.
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
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# faults STEP NAME OLD... -- NEW...
faults() {
    every=${FAULTS_STEP:-$1} what=$2
    shift 2
    rm -rf case && mkdir case && cd case || exit 1
    scan "$what" "$every" "signal=KILL error=EIO error=ENOSPC" "$@"
    result $? "$what: all old or all new after each of $tried faults" "$mixed"
    cd "$scratch" || exit 1
}

matrices="flow --n1 4 --n2 3 --t-end 1 --samples 4"
"$SSLDYN" $matrices -q -o a >/dev/null
"$SSLDYN" $matrices --seed 2 -q -o b >/dev/null
a=$scratch/a b=$scratch/b

faults 29 flow $matrices -- $matrices --seed 2 --init-scale 0.5
faults 17 "flow of modes" flow --model modes --t-end 1 --samples 5 -- flow --model modes --t-end 1 --samples 5 --eta 0.1
faults 31 sgd sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4 -- sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 5
faults 43 ensemble sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4 --ensemble 3 -- \
    sgd --n1 4 --n2 3 --lr 0.1 --t-end 1 --samples 4 --ensemble 4
faults 29 sweep sweep --threads 1 --model modes --axis.eta 0:0.3:30 --columns fate,p_end -- \
    sweep --threads 1 --model modes --axis.eta 0:0.3:31 --columns fate,s_end
faults 17 align align "$a" -- align "$b"
faults 17 compare compare "$a" "$a" -- compare "$a" "$b"
faults 17 basin basin --model modes --no-ema --eta 0.1 -- basin --model modes --no-ema --eta 0.12
finish
