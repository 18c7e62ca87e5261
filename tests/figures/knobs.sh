#!/bin/sh
# Knobs: the fate changes at the end of each bar, the fold has its closed form, the edge of the start is the known
# one; and the tangents of the edge are differences of recomputed edges.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
run margins basin knobs
run edge basin knobs-edge
bar() { last margins/margins.tsv "$1"; }
holds "the mode survives" "$(bar fate) == 1"
holds "lambda_s: the fold, lambda_d^2/(4 eta)" "$(bar kind_lambda_s) == 1 && ($(bar there_lambda_s) - 6.25)^2 < 1e-26"
holds "the start: the edge, 0.04594214534353" "$(bar kind_start) == 2 && ($(bar x_start) * 0.15 / 0.04594214534353 - 1)^2 < 1e-12"
# survives OPTION VALUE: 1 if it does
survives() {
    "$SSLDYN" basin experiments/knobs.conf -q "--$1" "$2" -o "$DIR/side" >"$DIR/side.txt"
    grep -c '^fate = survives' "$DIR/side.txt"
}
for knob in eta lambda_d alpha_p beta; do
    there=$(bar there_$knob)
    option=$(echo $knob | tr _ -)
    up=$(awk "BEGIN { printf \"%.12g\", $there * 1.001 }")
    down=$(awk "BEGIN { printf \"%.12g\", $there / 1.001 }")
    more=$([ $knob = eta ] && echo 0 || echo 1)
    holds "$knob: the fate flips there" "$(survives "$option" "$up") == $more && $(survives "$option" "$down") == 1 - $more"
done
holds "the edge: one at each of 21 rates" "$(of edge/thresholds.tsv 'END { print n }') == 21"
# rows 6, 11, 16
for row in 6 11 16; do
    beta=$(of edge/thresholds.tsv "n == $row { print v[\"beta\"] }")
    pair=$(awk "BEGIN { printf \"list:%.15g,%.15g\", $beta / 1.001, $beta * 1.001 }")
    "$SSLDYN" basin experiments/knobs-edge.conf -q --axis.beta "$pair" -o "$DIR/pair" >/dev/null
    slope=$(of pair/thresholds.tsv '{ b[n] = v["beta"]; e[n] = v["threshold"] } END { printf "%.15g", (e[2] - e[1]) / (b[2] - b[1]) }')
    holds "the tangent at beta = $beta" "(($slope) / $(of edge/thresholds.tsv "n == $row { print v[\"derivative_beta\"] }") - 1)^2 < 1e-5^2"
done
finish
