#!/bin/sh
# Figure 9: the commutator of F and Wp shrinks wherever K is positive definite (Theorem 3), grows at
# first where it is not, and fades in the end.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for eta in 0 0.05 0.2; do
    for tau in 0.5 1 2; do
        run "$eta-$tau" flow fig09 --eta $eta --tau $tau
        # Between rows where K > 0 at both ends the commutator may not grow, until it is lost in
        # the integrator's error.
        holds "eta = $eta, tau = $tau: no growth where K > 0" "$(of "$eta-$tau/trace.tsv" '
            n > 1 && v["lambda_min_k"] > 0.02 && k > 0.02 && v["commutator"] > c && c > 1e-9 { bad++ }
            { c = v["commutator"]; k = v["lambda_min_k"] } END { print bad + 0 }') == 0"
        holds "eta = $eta, tau = $tau: smaller at the end" \
            "($(last "$eta-$tau/trace.tsv" commutator)) < ($(of "$eta-$tau/trace.tsv" 'n == 1 { print v["commutator"] }')) / 3"
    done
done
peak() { of "$1" 'n == 1 { c = v["commutator"] } v["commutator"] > m { m = v["commutator"] } END { print m / c }'; }
holds "no weight decay, large tau: alignment fails at first" "($(peak 0-2/trace.tsv)) > 2"
holds "no weight decay, tau = 1: too" "($(peak 0-1/trace.tsv)) > 1.3"
holds "weight decay 0.2 prevents it at every tau" \
    "($(peak 0.2-2/trace.tsv)) <= 1 && ($(peak 0.2-1/trace.tsv)) <= 1 && ($(peak 0.2-0.5/trace.tsv)) <= 1"
holds "K is negative where it grows" "($(least 0-2/trace.tsv lambda_min_k)) < 0"
finish
