#!/bin/sh
# Snapshots per second of processor time of the alignment analysis by its observer, compared with plain calls of
# LAPACK and CBLAS (bare; full adds the eigenvalues of Wp, which are also columns of the observer), NumPy and
# PyTorch. Programs alternate in ROUNDS rounds (3) of SECONDS_EACH (1), and the C methods alternate per
# snapshot; medians are shown. SIZES (128 512).
# Then whole analyses of files (read, observed and written) on one thread and on all.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
B=${SSLDYN_BUILD:-build/release}
ROUNDS=${ROUNDS:-3}
SECONDS_EACH=${SECONDS_EACH:-1}
SIZES=${SIZES:-128 512}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/bench/python.inc
. tests/bench/python.inc
find_python_peers torch

for n in $SIZES; do
    for kind in mid late; do
        round=0
        while [ "$round" -lt "$ROUNDS" ]; do
            "$B/tests/bench/align" "$n" "$kind" "$SECONDS_EACH"
            for method in $python_peers; do
                "$PYTHON" tests/bench/align.py "$method" "$n" "$kind" "$SECONDS_EACH"
            done
            round=$((round + 1))
        done
    done
done >"$work/results"

awk -F '\t' '
    function median(list,    i, j, t, a, count) {
        count = split(list, a, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        return a[int((count + 1) / 2)] + 0
    }
    {
        problem = "n = " $2 ", " $3
        if (!(problem in known)) { known[problem] = 1; problems[++total] = problem }
        if (!((problem, $1) in rates)) methods[problem] = methods[problem] " " $1
        rates[problem, $1] = rates[problem, $1] " " $4
        shares[problem, $1] = shares[problem, $1] " " $5
    }
    END {
        print "snapshots per second of processor time; time per snapshot as a multiple of bare; share in LAPACK"
        for (i = 1; i <= total; i++) {
            print problems[i]
            m = split(methods[problems[i]], list, " ")
            bare = median(rates[problems[i], "bare"])
            for (j = 1; j <= m; j++) {
                rate = median(rates[problems[i], list[j]])
                printf "  %-8s %10.1f  %5.2f  %4.0f %%\n", list[j], rate, bare / rate, 100 * median(shares[problems[i], list[j]])
            }
        }
    }' "$work/results"

[ -n "$python_peers" ] || exit 0
unset OMP_NUM_THREADS
echo "whole analyses of .npy stacks (read, observed, written)"
"$PYTHON" - "$work" <<'PYTHON'
import sys
import numpy as np

rng = np.random.default_rng(5)
n, T = 128, 600
A = rng.standard_normal((T, n, n)) / np.sqrt(n)
np.save(f"{sys.argv[1]}/F.npy", A @ A.transpose(0, 2, 1))
np.save(f"{sys.argv[1]}/Wp.npy", A)
PYTHON
for threads in 1 2 4; do
    [ "$threads" -le "$(getconf _NPROCESSORS_ONLN)" ] || continue
    began=$(date +%s.%N)
    "$B/ssldyn" align --wp "$work/Wp.npy" --f "$work/F.npy" --threads "$threads" -q -o "$work/out" >/dev/null
    date +%s.%N | awk -v b="$began" -v k="$threads" '{ printf "  n = 128, %d thread(s): %.0f snapshots/s\n", k, 600 / ($1 - b) }'
done
