#!/bin/sh
# The overview: 12 of 16 modes reach the level of theory and 4 collapse; the directions of survivors become
# eigenvectors of the predictor; commutator and asymmetry decay; Theorem 1 holds to the integrator's error.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
run overview flow overview
s_plus=$("$SSLDYN" theory experiments/overview-theory.conf | sed -n 's/^s_plus = //p')
p_plus=$("$SSLDYN" theory experiments/overview-theory.conf | sed -n 's/^p_plus = //p')
row=overview/trace.tsv
# The influence of the start decays as exp(-2 eta t) = exp(-9.6) of 4 at most: 3e-4.
holds "12 modes are on the level of theory" "$(of $row "END { for (j = 1; j <= 16; j++) { s = v[\"s_\" j] - $s_plus; k += s * s < 1e-6 } print k }") == 12"
holds "so is the predictor along them" "$(of $row "END { for (j = 1; j <= 16; j++) { p = v[\"p_\" j] - $p_plus; k += p * p < 1e-6 } print k }") == 12"
holds "the others have collapsed" "$(of $row 'END { for (j = 13; j <= 16; j++) k += v["s_" j] < 1e-5; print k }') == 4"
holds "and continue to decay" "$(of $row 'v["t"] == 60 { a = v["s_13"] } END { print v["s_13"] / a }') < 1e-2"
holds "each surviving direction is an eigenvector of the predictor" "$(of $row 'END { for (j = 1; j <= 12; j++) k += v["cos_" j] > 0.999; print k }') == 12"
for name in commutator asymmetry; do
    holds "the $name decays to a hundredth" "$(last $row $name) < 0.01 * $(of $row "n == 1 { print v[\"$name\"] }")"
done
# 100 rtol of the matrices' size
holds "the balance of Theorem 1 holds" "$(most $row balance) < 1e-6"
finish
