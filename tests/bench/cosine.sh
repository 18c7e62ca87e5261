#!/bin/sh
# The exact gradient of the cosine loss: 64 aligned modes, and 64 x 64 matrices compared with the symmetric
# eigenproblems that their quadrature would need in LAPACK, both compared with the same formulas in NumPy; a sweep of
# 256 weight decays for 16 modes. One core. SIZE is another number than 64.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
B=${SSLDYN_BUILD:-build/release}
SIZE=${SIZE:-64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/bench/python.inc
. tests/bench/python.inc
numpy=
if python_with numpy NumPy python3-numpy; then
    numpy=$PYTHON
fi
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

# peer KIND: microseconds of NumPy, and its difference from ssldyn's gradient
peer() {
    [ -z "$numpy" ] || "$numpy" tests/bench/cosine.py "$1" "$SIZE" "$work/$1"
}
ours=$("$B/tests/bench/cosine" modes "$SIZE" "$work/modes")
peer modes >"$work/line"
read -r theirs apart <"$work/line" || theirs='' apart=''
echo "$SIZE aligned modes: $ours us${theirs:+; NumPy $theirs us, with a relative difference of $apart}"
"$B/tests/bench/cosine" matrices "$SIZE" "$work/matrices" >"$work/line"
read -r ours lapack nodes <"$work/line"
peer matrices >"$work/line"
read -r theirs apart <"$work/line" || theirs='' apart=''
ratio=$(awk "BEGIN { printf \"%.2f\", $ours / $lapack }")
echo "$SIZE x $SIZE matrices: $ours us, $ratio times the $lapack us of $nodes eigenproblems in LAPACK${theirs:+; NumPy $theirs us, with a relative difference of $apart}"
# seconds: user time of the children so far
seconds() {
    awk 'NR == 2 { split($1, part, "m"); print 60 * part[1] + part[2] }' "$work/times"
}
for target in --no-ema "--beta 0.4"; do
    times >"$work/times"
    began=$(seconds)
    # shellcheck disable=SC2086 # an option and its value
    "$B/ssldyn" sweep --model lowdim --loss cosine $target --lambda-s 1.2:2:16 --wp0 0.1:1:16 --w0 0.2:0.9:16 --t-end 100 \
        --axis.eta 0:1:256 --threads 1 -q -o "$work/sweep$target" >/dev/null
    times >"$work/times"
    awk "BEGIN { printf \"256 weight decays of 16 modes, $target, to t = 100: %.2g s\\n\", $(seconds) - $began }"
done
