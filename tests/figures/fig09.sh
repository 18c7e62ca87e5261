#!/bin/sh
# Figure 9: the commutator of F and Wp decreases if K is positive definite (Theorem 3), grows at
# first if it is not, and decays in the end.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for eta in 0 0.05 0.2; do
    for tau in 0.5 1 2; do
        run "$eta-$tau" flow fig09 --eta $eta --tau $tau
        # Between rows with K > 0 at both ends the commutator must not grow, until it reaches
        # the integrator's error.
        holds "eta = $eta, tau = $tau: no growth where K > 0" "$(of "$eta-$tau/trace.tsv" '
            n > 1 && v["lambda_min_k"] > 0.02 && k > 0.02 && v["commutator"] > c && c > 1e-9 { bad++ }
            { c = v["commutator"]; k = v["lambda_min_k"] } END { print bad + 0 }') == 0"
        holds "eta = $eta, tau = $tau: smaller at the end" \
            "($(last "$eta-$tau/trace.tsv" commutator)) < ($(of "$eta-$tau/trace.tsv" 'n == 1 { print v["commutator"] }')) / 3"
    done
done
# The largest value divided by the first one, and by the smallest one before it, above the integrator's error.
peak() { of "$1" 'n == 1 { c = v["commutator"] } v["commutator"] > m { m = v["commutator"] } END { print m / c }'; }
growth() {
    of "$1" 'n == 1 || v["commutator"] < low { low = v["commutator"] } low > 1e-9 && v["commutator"] > m * low { m = v["commutator"] / low }
        END { print m }'
}
within() { holds "$1" "(($2) / ($3) - 1)^2 < 0.05^2"; }
within "no weight decay, tau = 1: grows to 1.6 times its start" "$(peak 0-1/trace.tsv)" 1.63
within "no weight decay, tau = 2: grows to 3 times its start" "$(peak 0-2/trace.tsv)" 3.06
within "eta = 0.05, tau = 2: doubles" "$(peak 0.05-2/trace.tsv)" 1.93
within "eta = 0.05, tau = 2: and grows to seven times what it had come down to" "$(growth 0.05-2/trace.tsv)" 6.78
within "while K falls to -0.6" "$(least 0.05-2/trace.tsv lambda_min_k)" -0.59
for pair in 0-0.5 0.05-0.5 0.05-1 0.2-0.5 0.2-1 0.2-2; do
    holds "eta-tau = $pair: never above its start" "$(peak $pair/trace.tsv) <= 1"
done
for pair in 0.05-0.5 0.2-0.5 0.2-1; do
    holds "eta-tau = $pair: K is positive throughout" "$(least $pair/trace.tsv lambda_min_k) > 0"
done
for pair in 0-0.5 0-1 0-2 0.05-1 0.05-2 0.2-2; do
    holds "eta-tau = $pair: K is negative for a while" "$(least $pair/trace.tsv lambda_min_k) < 0"
done
start() { of "$1" 'n == 1 { print v["lambda_min_k"] }'; }
for tau in 0.5 1 2; do
    holds "tau = $tau: weight decay raises K at the start" \
        "($(start 0-$tau/trace.tsv)) < ($(start 0.05-$tau/trace.tsv)) && ($(start 0.05-$tau/trace.tsv)) < ($(start 0.2-$tau/trace.tsv))"
done
finish
