#!/bin/sh
# Figure 5: more weight decay lowers the final p and s and raises the smallest K; a slower EMA delays
# the growth and raises the smallest K; the final level does not depend on the EMA.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for eta in 0 0.01 0.04 0.1 0.2; do run "eta$eta" flow fig05 --eta $eta; done
for beta in 0.05 0.1 0.4 2 10; do run "beta$beta" flow fig05 --beta $beta; done
below() { # NAME COLUMN FUNCTION STEM A B: FUNCTION(A) < FUNCTION(B)
    holds "$1: $5 to $6" "($($3 "$4$5/trace.tsv" "$2")) < ($($3 "$4$6/trace.tsv" "$2"))"
}
for pair in "0.01 0" "0.04 0.01" "0.1 0.04" "0.2 0.1"; do
    # shellcheck disable=SC2086 # two words
    below "more weight decay, lower p at the end" p_1 last eta $pair
    # shellcheck disable=SC2086
    below "more weight decay, lower s at the end" s_1 last eta $pair
done
for pair in "0 0.01" "0.01 0.04" "0.04 0.1" "0.1 0.2"; do
    # shellcheck disable=SC2086
    below "more weight decay, higher smallest K" k_1 least eta $pair
done
half() { of "$1" 'v["p_1"] >= 0.478 && !t { t = v["t"] } END { print t }'; } # half of p*+ = .957
for pair in "2 10" "0.4 2" "0.1 0.4" "0.05 0.1"; do
    slow=${pair% *} fast=${pair#* }
    holds "slower EMA, later growth: $slow to $fast" "($(half "beta$slow/trace.tsv")) > ($(half "beta$fast/trace.tsv"))"
    holds "slower EMA, higher smallest K: $slow to $fast" \
        "($(least "beta$slow/trace.tsv" k_1)) > ($(least "beta$fast/trace.tsv" k_1))"
done
# p*+ = [1 + sqrt(1 - 4 eta c)]/(2c) at eta = 0.04, c = 1.0009, reached up to exp(-0.02 * 150) of the
# distance, by the slowest rate, with the fast EMAs.
# The slow ones are followed for longer than the figure shows.
for beta in 0.05 0.1; do run "beta$beta" flow fig05 --beta $beta --t-end 600; done
for beta in 0.05 0.1 0.4 2 10; do
    holds "beta = $beta: the level of theory is reached" \
        "(($(last "beta$beta/trace.tsv" p_1)) - (1 + sqrt(1 - 4 * 0.04 * 1.0009)) / (2 * 1.0009))^2 < 1e-8"
done
holds "eta = 0.2: collapse below the fold" "($(last eta0.2/trace.tsv s_1)) < 1e-6"
finish
