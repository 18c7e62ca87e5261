#!/bin/sh
# 100,000 modes per core against GSL and, where a C++ compiler and Boost are, against Boost.odeint
# with eight points in a vector; then the time of a 4096 x 4096 map of fates with all processors.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
B=${SSLDYN_BUILD:-build/release}
CXX=${CXX:-g++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$B/tests/bench/modes"
if "$CXX" -O3 -march=native -o "$work/boost" tests/bench/modes_boost.cpp 2>"$work/log"; then
    for method in "ck54 1e-6" "fehlberg78 1e-9"; do
        # shellcheck disable=SC2086 # words
        rate=$("$work/boost" $method "$work/ends")
        "$B/tests/bench/modes" judge "Boost $method, 8 lanes" "$rate" "$work/ends"
    done
else
    echo "Boost: left out, needs g++ and libboost-dev"
fi
began=$(date +%s.%N)
"$B/ssldyn" sweep -q --model modes --tau0 0.5 --axis.eta 0:0.3:4096 --axis.beta 0.05:2:4096 \
    --columns fate --early-stop -o "$work/map" >/dev/null
ended=$(date +%s.%N)
echo "$began $ended" | awk '{ printf "4096 x 4096 map of fates: %.2f s on all processors\n", $2 - $1 }'
