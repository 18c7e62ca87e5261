#!/bin/sh
# Figure 7: the target keeps the direction of the online network, for every EMA and weight decay.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

# lowest NAME: the lowest mean after t = 1, and the standard deviation at that time
lowest() {
    grep -v '^#' "$DIR/$1/trace.tsv" >"$DIR/mean"
    grep -v '^#' "$DIR/$1/std/trace.tsv" | paste "$DIR/mean" - | awk -F '\t' '
        !c { for (i = 1; i <= NF / 2; i++) if ($i == "corr_wa_w") c = i; next }
        $1 >= 1 && (!m || $c < m) { m = $c; s = $(c + NF / 2) } END { print m, s }'
}
mean() { echo "$1" | cut -d ' ' -f 1; }
deviation() { echo "$1" | cut -d ' ' -f 2; }
for eta in 0 0.01 0.1; do
    for beta in 0.05 0.1 0.2 0.4 1 2 5; do
        run "$eta-$beta" sgd fig07 --eta $eta --beta $beta
        point=$(lowest "$eta-$beta")
        holds "eta = $eta, beta = $beta: above 0.98, minus the deviation" \
            "($(mean "$point")) - ($(deviation "$point")) > 0.98"
    done
    holds "eta = $eta: a fast target keeps it best" \
        "($(mean "$(lowest "$eta-5")")) > ($(mean "$(lowest "$eta-0.05")"))"
done
holds "the fifty networks differ" "($(of 0-0.4/std/trace.tsv 'n == 10 { print v["corr_wa_w"] }')) > 1e-5"
# Fifty other networks have the same mean and deviation: a deviation from 50 samples has a relative error of
# 1/sqrt(98) = 0.10 for normal samples, the difference of two 0.14; 0.5 allows for tails. The error of the
# mean is deviation/sqrt(50), of a difference deviation/5; four times that is allowed.
run others sgd fig07 --eta 0.1 --beta 0.05 --seed 8
point=$(lowest 0.1-0.05) other=$(lowest others)
holds "another fifty have the deviation in the figure" \
    "(log(($(deviation "$point")) / ($(deviation "$other"))))^2 < 0.5^2"
holds "and the mean" "(($(mean "$point")) - ($(mean "$other")))^2 < (4 * ($(deviation "$other")) / 5)^2"
finish
