#!/bin/sh
# The map of survival over weight decay and EMA: with a copied target the fold decides for every EMA;
# with a target that starts at zero a slow EMA collapses below it; with random targets some modes collapse at every
# slow EMA. The sweep and the bisection agree with each other and with known numbers.
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
run random sweep map-random
fold="(1 / (4 * 1.0009))"
holds "copy: the fold for every EMA" \
    "(($(least edge1/thresholds.tsv threshold)) - $fold)^2 < 1e-20 && (($(most edge1/thresholds.tsv threshold)) - $fold)^2 < 1e-20"
for tau0 in 0 -1; do
    holds "tau0 = $tau0: slower EMA, lower threshold" "$(of "edge$tau0/thresholds.tsv" '
        n > 1 && v["threshold"] < t { bad++ } { t = v["threshold"] } END { print bad + 0 }') == 0"
    holds "tau0 = $tau0: never beyond the fold" "($(most "edge$tau0/thresholds.tsv" threshold)) <= $fold"
done
holds "a target of opposite sign is worse than zero" "($(of edge-1/thresholds.tsv 'n == 31 { print v["threshold"] }')) < ($(of edge0/thresholds.tsv 'n == 31 { print v["threshold"] }'))"
# beta = 0.1 is row 21 of the 61 thresholds and row 31 of the 91 of the map: the sweep's fates change
# between the two points that enclose the threshold.
edge=$(of edge0/thresholds.tsv 'n == 21 { print v["threshold"] }')
holds "the sweep and the bisection agree on the threshold" "$(EDGE=$edge of map0/table.tsv '
    v["beta"] > 0.0999 && v["beta"] < 0.1001 { k++; want = v["eta"] < ENVIRON["EDGE"]; if (v["fate"] != want) bad++ }
    END { print bad + 0 " == 0 && " k }') == 121"
# Drawn independently: half the modes start with the opposite sign; tau(0) = 0 is the median. At most half
# collapse where none does from tau(0) = 0, at least half where that collapses; all beyond the fold.
# Both maps list the same 11,011 points in the same order.
paste "$DIR/map0/table.tsv" "$DIR/random/collapse.tsv" | grep -v '^#' | tail -n +2 >"$DIR/both"
holds "random target: tau(0) = 0 is the median" "$(awk -F '\t' '{ n++ } $3 == 1 ? $9 > 0.5 : $9 < 0.5 { bad++ }
    END { print bad + 0 " == 0 && " n }' "$DIR/both") == 11011"
holds "random target: all collapse beyond the fold" "$(of random/collapse.tsv 'v["eta"] > 0.25 { k++; if (v["probability"] != 1) bad++ } END { print bad + 0 " == 0 && " k }') > 1000"
holds "random target: a slow EMA collapses some far below the fold" \
    "$(of random/collapse.tsv 'v["eta"] == 0.04 && v["beta"] < 0.0101 { print v["low"] }') > 0.1"
holds "random target: each share has its interval" "$(of random/collapse.tsv 'v["low"] > v["probability"] + 1e-15 || v["high"] < v["probability"] - 1e-15 { bad++ } END { print bad + 0 }') == 0"

# The basin's edge on the parabola at eta = .04 from Wa(0) = 0, known to three digits for six EMA rates (one off in
# the last allowed).
run starts basin observation10 --axis.beta list:0.04,0.1,0.4,1,4
while read -r beta want; do
    holds "edge at eta = .04, beta = $beta" \
        "($(BETA=$beta of starts/thresholds.tsv 'v["beta"] == ENVIRON["BETA"] + 0 { print v["threshold"] }') - $want)^2 <= 1e-8"
done <<END
0.04 0.0789
0.1 0.0575
0.4 0.0459
1 0.0435
4 0.0422
END
holds "edge at eta = .04, tau = 1" "($("$SSLDYN" basin --model parabola --tau 1 --sigma2 0.0009 --eta 0.04 --threshold p0 --lo 0.001 --hi 1 |
    sed -n 's/^threshold = //p') - 0.04174)^2 <= (0.51e-5)^2"
finish
