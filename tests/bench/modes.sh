#!/bin/sh
# 100,000 modes per core compared with alternatives at equal largest error: GSL, and if installed
# Boost.odeint with eight points in a vector, SUNDIALS with 64 points in a system, SciPy with 4096
# points in a system. Methods alternate in ROUNDS rounds (3); medians are shown.
# Then a map of fates with 1, 2, 4 ... threads and ranks.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
B=${SSLDYN_BUILD:-build/release}
ROUNDS=${ROUNDS:-3}
CXX=${CXX:-g++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
modes=$B/tests/bench/modes

boost=
if "$CXX" -O3 -march=native -o "$work/boost" tests/bench/modes_boost.cpp 2>"$work/log"; then
    boost=yes
else
    echo "Boost: left out, needs g++ and libboost-dev"
fi
sundials=
if "$CXX" -O3 -march=native -o "$work/sundials" tests/bench/modes_sundials.cpp -lsundials_arkode \
    -lsundials_nvecserial 2>"$work/log"; then
    sundials=yes
else
    echo "SUNDIALS: left out, needs g++ and libsundials-dev"
fi
# shellcheck source=tests/bench/python.inc
. tests/bench/python.inc
scipy=
if python_with scipy SciPy python3-scipy; then
    scipy=$PYTHON
fi
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

# NAME STRIDE COMMAND...: another program that writes its end states to $work/ends and prints its rate
peer() {
    name=$1
    stride=$2
    shift 2
    rate=$("$@")
    "$modes" judge "$name" "$rate" "$stride" "$work/ends" "$work/exact" >>"$work/results"
}

"$modes" exact "$work/exact"
round=0
while [ "$round" -lt "$ROUNDS" ]; do
    for name in ours-3e-4 ours-3e-4-no-tail ours-1e-6 ours-1e-6-no-tail ours-fate; do
        "$modes" ours "$name" "$work/exact" >>"$work/results"
    done
    if [ -n "$boost" ]; then
        for method in "ck54 1e-6" "ck54 1e-8" "fehlberg78 1e-8"; do
            # shellcheck disable=SC2086 # words
            peer "boost $method" 1 "$work/boost" $method "$work/ends"
        done
    fi
    "$modes" gsl gsl-rkck 1e-6 "$work/exact" >>"$work/results"
    "$modes" gsl gsl-rk8pd 1e-8 "$work/exact" >>"$work/results"
    for rtol in 1e-6 1e-8; do
        [ -z "$sundials" ] ||
            peer "sundials erk5 $rtol" 37 "$work/sundials" "$rtol" 37 "$work/ends"
    done
    if [ -n "$scipy" ]; then
        peer "scipy RK45 1e-6" 11 "$scipy" tests/bench/modes.py RK45 1e-6 11 "$work/ends"
        peer "scipy DOP853 1e-8" 11 "$scipy" tests/bench/modes.py DOP853 1e-8 11 "$work/ends"
    fi
    round=$((round + 1))
done

"$modes" peak >"$work/peak"
awk -F '\t' -v peak="$(cut -f 2 "$work/peak")" -v set="$(cut -f 1 "$work/peak")" '
    function median(list, count,    i, j, t, a) {
        split(list, a, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        return a[int((count + 1) / 2)] + 0
    }
    {
        if (!($1 in rates)) names[++total] = $1
        rates[$1] = rates[$1] " " $2
        flops[$1] = flops[$1] " " $7
        count[$1]++
        worst[$1] = $3; most[$1] = $4; half[$1] = $5; steps[$1] = $6
    }
    END {
        printf "instructions: %s; FMA peak of a core %.1f GFLOP/s\n", set, peak * 1e-9
        printf "%-22s %11s %9s %9s %9s  %s\n", "method", "points/s", "max", "99.9 %", "median", "peers as exact or less so: ours is"
        for (i = 1; i <= total; i++) {
            name = names[i]
            rate = median(rates[name], count[name])
            note = ""
            if (name ~ /^ours/) {
                note = sprintf("%.1f steps, %.0f %% of the peak", steps[name], 100 * median(flops[name], count[name]) / peak)
            } else {
                for (k = 1; k <= total; k++)
                    if (names[k] ~ /^ours/ && (names[k] ~ /fate/ || worst[names[k]] + 0 <= 1.05 * worst[name]))
                        note = note sprintf("%s %.2fx  ", substr(names[k], 6), median(rates[names[k]], count[names[k]]) / rate)
            }
            if (name ~ /fate/)
                printf "%-22s %11.0f %29s  %s\n", name, rate, "", note
            else
                printf "%-22s %11.0f %9s %9s %9s  %s\n", name, rate, worst[name], most[name], half[name], note
        }
    }' "$work/results"

# WHO COMMAND...: seconds of 4096 x 4096 points, according to $job; COMMAND is followed by the sweep's arguments
timed() {
    who=$1
    shift
    began=$(date +%s.%N)
    # shellcheck disable=SC2086 # words
    "$@" sweep -q --model modes --tau0 0.5 --axis.eta 0:0.3:4096 --axis.beta 0.05:2:4096 --columns fate \
        $job -o "$work/map" --threads "$threads" >/dev/null
    ended=$(date +%s.%N)
    rm -r "$work/map"
    echo "$began $ended $who" | awk '{ t = $2 - $1; $1 = ""; $2 = ""; printf "%6.2f s %s\n", t, $0 }'
}

processors=$(getconf _NPROCESSORS_ONLN)
unset OMP_NUM_THREADS
for job in --early-stop "--t-end 100"; do
    echo "4096 x 4096 points, $job:"
    threads=1
    while [ "$threads" -le "$processors" ]; do
        timed "$threads threads" "$B/ssldyn"
        threads=$((2 * threads))
    done
done
command -v mpirun >/dev/null && "$B/ssldyn" --version | grep -q '^MPI yes' || exit 0
# Open MPI needs options for a shared machine, which MPICH does not know
words=
if mpirun --version 2>&1 | grep -q 'Open MPI\|OpenRTE'; then
    words=--oversubscribe
    [ "$(id -u)" != 0 ] || words="$words --allow-run-as-root"
fi
workers=1
threads=1
while [ "$workers" -le "$processors" ]; do
    # shellcheck disable=SC2086 # words
    timed "$workers ranks and the one that directs them" mpirun $words -n $((workers + 1)) "$B/ssldyn"
    workers=$((2 * workers))
done
