#!/bin/sh
# Flows compared with alternatives at equal achieved error: the others run at rtol 1e-6, ssldyn on a ladder of
# tolerances, and its fastest run that is at least as accurate is compared. Methods alternate in ROUNDS
# rounds (3); medians of CPU time are shown. SIZES (16 64 128 256) are the matrices.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
B=${SSLDYN_BUILD:-build/release}
ROUNDS=${ROUNDS:-3}
SIZES=${SIZES:-16 64 128 256}
[ -n "${OPENBLAS_NUM_THREADS:-}" ] || export OPENBLAS_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flows=$B/tests/bench/flows
peers="gsl-rkck gsl-rk8pd"
if "$flows" --features | grep -q cvode; then
    peers="$peers cvode"
else
    echo "SUNDIALS: not found, CVODE is left out (install libsundials-dev)"
fi
CXX=${CXX:-g++}
# shellcheck disable=SC2046 # words
if "$CXX" -O3 -march=native -o "$work/boost" tests/bench/flows_boost.cpp $(pkg-config --cflags --libs openblas) \
    2>"$work/log"; then
    peers="$peers boost-ck54 boost-fehlberg78"
else
    echo "Boost: left out, needs g++ and libboost-dev"
fi
# shellcheck source=tests/bench/python.inc
. tests/bench/python.inc
if python_with scipy SciPy python3-scipy; then
    peers="$peers scipy-DOP853"
fi

# one line of results: METHOD N KIND RTOL
measure() {
    case $1 in
    boost-*) "$work/boost" "$1" "$2" "$3" "$work/$2-$3" "$4" ;;
    scipy-*) "$PYTHON" tests/bench/flows.py "$1" "$2" "$3" "$work/$2-$3" "$4" ;;
    *) "$flows" "$1" "$2" "$3" "$work/$2-$3" "$4" ;;
    esac >>"$work/results"
}

for problem in 0-modes $(for n in $SIZES; do echo "$n-iso" "$n-gen" "$n-mix"; done); do
    n=${problem%-*}
    kind=${problem#*-}
    "$flows" make "$n" "$kind" "$work/$problem"
    round=0
    while [ "$round" -lt "$ROUNDS" ]; do
        for rtol in 1e-4 3e-5 1e-5 3e-6 1e-6 3e-7 1e-7 3e-8 1e-8; do
            measure ssldyn "$n" "$kind" "$rtol"
        done
        for peer in $peers; do
            # CVODE takes minutes on the large ones; neither supports one mode after another here
            case $peer-$n in
            cvode-0 | cvode-128 | cvode-256 | boost-*-0) continue ;; # modes.sh has the best variant of Boost for modes
            esac
            measure "$peer" "$n" "$kind" 1e-6
        done
        round=$((round + 1))
    done
    rm -f "$work/$problem"
done

"$flows" peak >"$work/peak"
awk -F '\t' -v peaks="$(cat "$work/peak")" '
    function median(list, count,    i, j, t, a) {
        split(list, a, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        return a[int((count + 1) / 2)] + 0
    }
    {
        problem = $2 " " $3
        if (!(problem in known)) { known[problem] = 1; problems[++problem_count] = problem }
        run = problem " " $1 " " $4
        if (!(run in times)) { runs[problem] = runs[problem] (runs[problem] ? "\n" : "") $1 " " $4 }
        times[run] = times[run] " " $5
        count[run]++
        evaluations[run] = $6
        error[run] = $7
        share[run] = $8
    }
    END {
        split(peaks, rate, " ")
        peak = rate[1] > rate[2] ? rate[1] : rate[2]
        printf "\nflows, one thread, CPU time; products at 256 x 256: dgemm %.1f GFLOP/s, ours %.1f\n", rate[1], rate[2]
        for (i = 1; i <= problem_count; i++) {
            problem = problems[i]
            split(problem, name, " ")
            printf "\n%s\n", name[1] == 0 ? "modes: 2000 trajectories one by one, t = 100" : "matrices " name[1] " x " name[1] ", " (name[2] == "iso" ? "X = I" : name[2] == "gen" ? "general X" : "X and X'"'"' that do not commute") ", t = 50"
            printf "  %-14s %8s %12s %12s %10s %10s\n", "method", "rtol", "ms", "evaluations", "error", "ours is"
            total = split(runs[problem], list, "\n")
            for (j = 1; j <= total; j++) {
                run = problem " " list[j]
                split(list[j], part, " ")
                ms = 1e3 * median(times[run], count[run])
                ratio = ""
                if (part[1] != "ssldyn") {
                    best = 0
                    for (k = 1; k <= total; k++) {
                        split(list[k], ours, " ")
                        other = problem " " list[k]
                        if (ours[1] == "ssldyn" && error[other] + 0 <= error[run] + 0) {
                            t = 1e3 * median(times[other], count[other])
                            if (best == 0 || t < best) { best = t; at = ours[2] }
                        }
                    }
                    ratio = best > 0 ? sprintf("%.2fx faster (rtol %s)", ms / best, at) : "less accurate on this ladder"
                } else if (name[1] > 0) {
                    ratio = sprintf("%.0f %% of the peak, %.0f %% in products", 100 * (name[2] == "mix" ? 8 : 6) * name[1]^3 * evaluations[run] / (ms * 1e-3) * 1e-9 / peak, 100 * share[run])
                }
                printf "  %-14s %8s %12.4g %12d %10.1e   %s\n", part[1], part[2], ms, evaluations[run], error[run], ratio
            }
        }
        print "\n(peak: the faster of the two rates above, for the three products an evaluation that ours needs, four where X"
        print "and X'"'"' do not commute; in products: share of the time of a run inside them, clocked as it goes)"
    }' "$work/results"
