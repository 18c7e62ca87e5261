#!/bin/sh
# Figure 8: the skew part of the predictor fades under the flow that is not symmetrised, at every
# constant tau and weight decay.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

skew() { of "$1" "n == 1 || v[\"t\"] == $2 { b = v[\"asymmetry\"] * v[\"norm_wp\"] / 2 } v[\"t\"] == $2 { print b; exit }"; }
for tau in 0.2 0.5 1; do
    for eta in 0.001 0.01 0.05; do
        run "$tau-$eta" flow fig08 --tau $tau --eta $eta
        holds "tau = $tau, eta = $eta: the skew part falls to a fiftieth" \
            "($(skew "$tau-$eta/trace.tsv" 200)) < ($(skew "$tau-$eta/trace.tsv" 0)) / 50"
        holds "tau = $tau, eta = $eta: and does not grow between rows" "$(of "$tau-$eta/trace.tsv" '
            { b = v["asymmetry"] * v["norm_wp"] } n > 1 && b > last * (1 + 1e-6) + 1e-9 { bad++ } { last = b }
            END { print bad + 0 }') == 0"
    done
    holds "tau = $tau: faster with more weight decay, late" \
        "($(skew "$tau-0.05/trace.tsv" 50)) < ($(skew "$tau-0.001/trace.tsv" 50)) || $tau == 1"
done
# Beyond the fold tau^2/(4c) the symmetric part goes as well.
holds "tau = 0.2, eta = 0.05: beyond the fold, Wp collapses" "($(last 0.2-0.05/trace.tsv norm_wp)) < 1e-3"
holds "tau = 1, eta = 0.05: the symmetric part stays" "($(last 1-0.05/trace.tsv norm_wp)) > 3"
finish
