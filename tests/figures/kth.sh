#!/bin/sh
# Four networks trained with the cosine loss: the predictor's eigenvalues over those of F are a broken line, with
# the slopes of theory. Skipped without their spectra.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

spectra=${SSLDYN_DATA:-}/kth-cifar10
if [ ! -r "$spectra/byol.tsv" ]; then
    echo "1..0 # SKIP no spectra of trained networks (kth-cifar10) in SSLDYN_DATA"
    exit 0
fi
# One command, with or without gnuplot at its end.
"$SSLDYN" figure kth --spectra-data "$spectra" --runs "$DIR/runs" -q -o "$DIR/kth.png" >"$DIR/printed" 2>"$DIR/said"
drawn=$?
if command -v gnuplot >/dev/null 2>&1; then
    holds "one command computes and draws it" "$drawn == 0 && $(find "$DIR/kth.png" -size +20k | wc -l) == 1"
fi

# at RUN EPOCH COLUMN: of cosine.tsv
at() { of "runs/$1/cosine.tsv" "v[\"t\"] == $2 { printf \"%.17g\", v[\"$3\"] }"; }
near() { # RUN EPOCH COLUMN VALUE: to half a unit of its last decimal
    holds "$1, epoch $2: $3 = $4" "($(at "$1" "$2" "$3") - $4)^2 <= ${5}^2"
}
# The table of THEORY section 10: slopes, modes on the plateau.
while read -r run epoch plateau tail count; do
    near "$run" "$epoch" slope_plateau "$plateau" 0.0051
    near "$run" "$epoch" slope_tail "$tail" 0.0051
    near "$run" "$epoch" plateau "$count" 0
done <<END
byol 75 0.210 0.96 49
byol 100 0.195 0.82 58
byol_symmetric 50 0.210 0.97 86
byol_symmetric 75 0.147 0.99 91
byol_symmetric 100 0.137 0.73 101
simsiam 75 0.137 0.75 26
simsiam 100 0.120 0.44 27
simsiam_symmetric 75 0.183 0.86 6
END
# What the figure says, at the epoch whose slopes it draws.
for run in byol byol_symmetric simsiam simsiam_symmetric; do
    holds "$run: two lines are justified" "$(at $run 75 justified) == 1 && $(at $run 75 plateau_bic) > 30"
    holds "$run: they leave less than a fifth of the squares of one line" \
        "5 * $(at $run 75 squares_two) < $(at $run 75 squares_one)"
    holds "$run: the plateau is between 0 and 1/2, as SGD under the cosine has it" \
        "$(at $run 75 slope_plateau_low) > 0 && $(at $run 75 slope_plateau_high) < 0.5"
    holds "$run: the tail is steeper than the 1/2 of the squared distance, at most about the 1 of two layers" \
        "$(at $run 75 slope_tail_low) > 0.5 && $(at $run 75 slope_tail) < 1.01"
done
# Theory's stationary modes of SGD: slopes from 0 for large modes to below 1/2 at the fold, fewer modes at larger lr.
# slopes LR: the least, the largest, whether they rise, and the number of modes
slopes() {
    awk -F ' = ' 'sub(/^sgd_p_/, "", $1) { p[$1] = $2 } sub(/^sgd_w2_/, "", $1) { s[$1] = $2 * 0.01 ^ (($1 - 1) / 31) }
        END { rises = 1
              for (j = 2; p[j] > 0; j++) {
                  slope = log(p[j] / p[j - 1]) / log(s[j] / s[j - 1])
                  if (j > 2 && slope < last) rises = 0
                  if (j == 2) first = slope
                  last = slope
              }
              printf "%.6f %.6f %d %d\n", first, last, rises, j - 1 }' "$DIR/runs/sgd_$1.txt"
}
before=33
for lr in 0.01 0.04 0.1; do
    slopes $lr >"$DIR/slopes"
    read -r first last rises count <"$DIR/slopes"
    holds "SGD in theory, lr = $lr: slopes rise from about 0 to below 1/2" \
        "$rises == 1 && $first > 0 && $first < 0.02 && $last > 0.2 && $last < 0.5"
    holds "and fewer modes are left ($count)" "$count < $before && $count > 1"
    before=$count
done
finish
