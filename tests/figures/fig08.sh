#!/bin/sh
# Figure 8: the skew part of the predictor decays under the flow without symmetrization, at every
# constant tau and weight decay; the symmetric part remains, except beyond the fold.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

# skew TAU ETA T, even TAU ETA T: the norms of the two parts at a time
skew() { of "$1-$2/trace.tsv" "v[\"t\"] == $3 { print v[\"asymmetry\"] * v[\"norm_wp\"] / 2; exit }"; }
even() {
    of "$1-$2/trace.tsv" "v[\"t\"] == $3 { b = v[\"asymmetry\"] * v[\"norm_wp\"] / 2; print sqrt(v[\"norm_wp\"]^2 - b^2); exit }"
}
for tau in 0.2 0.5 1; do
    for eta in 0.001 0.01 0.05; do
        run "$tau-$eta" flow fig08 --tau $tau --eta $eta
        holds "tau = $tau, eta = $eta: the skew part falls to a fiftieth" \
            "($(skew $tau $eta 200)) < ($(skew $tau $eta 0)) / 50"
        holds "tau = $tau, eta = $eta: and does not grow between rows" "$(of "$tau-$eta/trace.tsv" '
            { b = v["asymmetry"] * v["norm_wp"] } n > 1 && b > last * (1 + 1e-6) + 1e-9 { bad++ } { last = b }
            END { print bad + 0 }') == 0"
        case $tau-$eta in
        0.2-0.01 | 0.2-0.05) ;;
        *) holds "tau = $tau, eta = $eta: the symmetric part is of order one" "$(even $tau $eta 200) > 0.5" ;;
        esac
    done
    for t in 10 25; do
        holds "tau = $tau: at t = $t the smaller the larger the weight decay" \
            "$(skew $tau 0.05 $t) < $(skew $tau 0.01 $t) && $(skew $tau 0.01 $t) < $(skew $tau 0.001 $t)"
    done
done
# Later the order is different: the skew part decays slowly where a mode has not grown or has collapsed.
holds "tau = 1, t = 200: largest at the largest weight decay" \
    "$(skew 1 0.05 200) > $(skew 1 0.01 200) && $(skew 1 0.05 200) > $(skew 1 0.001 200)"
holds "where a mode has collapsed it fades like exp(-eta t)" \
    "(log($(skew 1 0.05 150) / $(skew 1 0.05 200)) / (50 * 0.05) - 1)^2 < 0.01^2"
# Beyond the fold tau^2/(4c) = 0.00999 both parts vanish; just beyond it only after a long time.
holds "tau = 0.2, eta = 0.05: beyond the fold, Wp collapses" "($(last 0.2-0.05/trace.tsv norm_wp)) < 1e-3"
holds "tau = 0.2, eta = 0.01: at t = 200 not yet" "$(even 0.2 0.01 200) > 0.3"
run late flow fig08 --tau 0.2 --eta 0.01 --t-end 30000
holds "tau = 0.2, eta = 0.01: in the end as well" "($(last late/trace.tsv norm_wp)) < 1e-3"
finish
