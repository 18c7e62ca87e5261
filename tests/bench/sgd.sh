#!/bin/sh
# SGD steps per second of one core's time compared with alternatives: GSL's ziggurat with OpenBLAS in C,
# NumPy, PyTorch with gradients by hand and with autograd. Methods alternate in ROUNDS rounds
# (3) of SECONDS_EACH (0.5); medians are shown. SIZES (16 64 256), BATCHES (32 128 1024 16384).
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
B=${SSLDYN_BUILD:-build/release}
ROUNDS=${ROUNDS:-3}
SECONDS_EACH=${SECONDS_EACH:-0.5}
SIZES=${SIZES:-16 64 256}
BATCHES=${BATCHES:-32 128 1024 16384}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/bench/python.inc
. tests/bench/python.inc
find_python_peers "torch autograd"

for n in $SIZES; do
    for batch in $BATCHES; do
        round=0
        while [ "$round" -lt "$ROUNDS" ]; do
            for precision in double float; do
                for method in direct wishart gsl; do
                    [ "$method $precision" != "gsl float" ] || continue
                    "$B/tests/bench/sgd" "$method" "$precision" "$n" "$batch" "$SECONDS_EACH"
                done
                for method in $python_peers; do
                    "$PYTHON" tests/bench/sgd.py "$method" "$precision" "$n" "$batch" "$SECONDS_EACH"
                done
            done
            round=$((round + 1))
        done
    done
done >>"$work/results"

awk -F '\t' '
    function median(list, count,    i, j, t, a) {
        split(list, a, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        return a[int((count + 1) / 2)] + 0
    }
    {
        problem = $3 " " $4 " " $2
        if (!(problem in known)) { known[problem] = 1; problems[++total] = problem }
        run = problem " " $1
        if (!(run in rates)) methods[problem] = methods[problem] " " $1
        rates[run] = rates[run] " " $5
        count[run]++
        random[run] = $6
        products[run] = $7
    }
    END {
        print "\nSGD steps per second of processor time, one thread; direct and wishart are ours"
        for (i = 1; i <= total; i++) {
            problem = problems[i]
            split(problem, part, " ")
            printf "\nn = %d, B = %d, %s\n", part[1], part[2], part[3]
            printf "  %-10s %12s %10s %10s\n", "method", "steps/s", "random", "products"
            best = peer = 0
            m = split(methods[problem], list, " ")
            for (j = 1; j <= m; j++) {
                run = problem " " list[j]
                rate = median(rates[run], count[run])
                printf "  %-10s %12.0f %8.0f %% %8s %%\n", list[j], rate, 100 * random[run], products[run] == "nan" ? "-" : sprintf("%.0f", 100 * products[run])
                if (list[j] == "direct" || list[j] == "wishart") { if (rate > best) best = rate }
                else if (rate > peer) { peer = rate; name = list[j] }
            }
            if (peer > 0) printf "  ours is %.1f times the best peer (%s)\n", best / peer, name
        }
    }' "$work/results"
