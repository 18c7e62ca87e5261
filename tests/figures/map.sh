#!/bin/sh
# The map of survival over weight decay and EMA: with a copied target the fold decides for every EMA;
# from nothing, and more so opposed, a slow EMA collapses below it. The sweep and the bisection agree.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for tau0 in 1 0 -1; do
    run "map$tau0" sweep map --tau0 $tau0
    run "edge$tau0" basin map-edge --tau0 $tau0
    holds "tau0 = $tau0: every fate is decided" "$(of "map$tau0/table.tsv" 'v["fate"] > 1 { bad++ } END { print bad + 0 }') == 0"
    holds "tau0 = $tau0: one threshold for each EMA" "$(of "edge$tau0/thresholds.tsv" 'END { print n }') == 61"
done
fold="(1 / (4 * 1.0009))"
holds "copy: the fold for every EMA" \
    "(($(least edge1/thresholds.tsv threshold)) - $fold)^2 < 1e-20 && (($(most edge1/thresholds.tsv threshold)) - $fold)^2 < 1e-20"
for tau0 in 0 -1; do
    holds "tau0 = $tau0: slower EMA, lower threshold" "$(of "edge$tau0/thresholds.tsv" '
        n > 1 && v["threshold"] < t { bad++ } { t = v["threshold"] } END { print bad + 0 }') == 0"
    holds "tau0 = $tau0: never beyond the fold" "($(most "edge$tau0/thresholds.tsv" threshold)) <= $fold"
done
holds "an opposed target is worse than none" "($(of edge-1/thresholds.tsv 'n == 31 { print v["threshold"] }')) < ($(of edge0/thresholds.tsv 'n == 31 { print v["threshold"] }'))"
# beta = 0.1 is row 21 of the 61 thresholds and row 31 of the 91 of the map: the sweep's fates flip
# between the two points that enclose the threshold.
edge=$(of edge0/thresholds.tsv 'n == 21 { print v["threshold"] }')
holds "the sweep flips where the bisection says" "$(EDGE=$edge of map0/table.tsv '
    v["beta"] > 0.0999 && v["beta"] < 0.1001 { k++; want = v["eta"] < ENVIRON["EDGE"]; if (v["fate"] != want) bad++ }
    END { print bad + 0 " == 0 && " k }') == 121"
finish
