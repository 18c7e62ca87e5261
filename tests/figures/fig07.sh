#!/bin/sh
# Figure 7: the target keeps the direction of the online network, for every EMA and weight decay.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

lowest() { of "$1" 'v["t"] >= 1 && (!m || v["corr_wa_w"] < m) { m = v["corr_wa_w"] } END { print m }'; }
for eta in 0 0.01 0.1; do
    for beta in 0.05 0.4 5; do
        run "$eta-$beta" sgd fig07 --eta $eta --beta $beta
        holds "eta = $eta, beta = $beta: correlation above 0.98" "($(lowest "$eta-$beta/trace.tsv")) > 0.98"
    done
    holds "eta = $eta: a fast target keeps it best" \
        "($(lowest "$eta-5/trace.tsv")) > ($(lowest "$eta-0.05/trace.tsv"))"
done
holds "the ten networks differ" "($(of 0-0.4/std/trace.tsv 'n == 10 { print v["corr_wa_w"] }')) > 1e-5"
finish
