#!/bin/sh
# Water-filling: from one start, the end predicted by theory is the end of the flow under the cosine; one
# level without noise, and higher levels for small modes with it; weight decay changes only the unit.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for lambda_s in 1 2; do
    run "flow$lambda_s" flow waterfill --lambda-s $lambda_s
    "$SSLDYN" theory experiments/waterfill-theory.conf --lambda-s $lambda_s >"$DIR/theory$lambda_s.txt"
done
# end LAMBDA_S COLUMN: value at the end of the flow; predicted LAMBDA_S NAME: value by theory
end() { last "flow$1/trace.tsv" "$2"; }
predicted() { sed -n "s/^$2 = //p" "$DIR/theory$1.txt"; }
for j in 1 2 3 4 5 6 7 8; do
    for lambda_s in 1 2; do
        holds "lambda_s = $lambda_s, mode $j ends as predicted" \
            "($(end $lambda_s s_$j) - $(predicted $lambda_s w2_end_$j))^2 < 1e-6^2 && ($(end $lambda_s p_$j) - $(predicted $lambda_s p_end_$j))^2 < 1e-6^2"
        holds "lambda_s = $lambda_s, mode $j stays at its floor" \
            "($(end $lambda_s s_$j) - ($(end $lambda_s p_$j))^2 - $(predicted $lambda_s c_$j))^2 < 1e-8^2"
    done
done
for j in 2 4 5 6; do
    holds "without noise mode $j ends at the level of the first" "($(end 1 p_$j) - $(end 1 p_1))^2 < 1e-6^2"
    holds "with noise it ends higher" "($(end 2 p_$j)) > 1.01 * ($(end 2 p_1))"
done
for j in 3 7 8; do holds "without noise mode $j collapses" "($(end 1 s_$j)) < 1e-6"; done
holds "mode 3 has its floor below the level" "-($(predicted 1 c_3)) < ($(end 1 p_1))^2"
holds "modes 7 and 8 above it" "-($(predicted 1 c_7)) > ($(end 1 p_1))^2 && -($(predicted 1 c_8)) > ($(end 1 p_1))^2"
holds "with noise mode 7 survives, 3 and 8 do not" "($(end 2 s_7)) > 1e-3 && ($(end 2 s_3)) < 1e-6 && ($(end 2 s_8)) < 1e-6"
# Weight decay changes only the unit: by t = 20 the ratios of the survivors are those without it.
run decay flow waterfill --lambda-s 1 --eta 0.1 --t-end 20
for j in 2 4 5; do
    ratio="($(last decay/trace.tsv s_$j)) / ($(last decay/trace.tsv s_1))"
    holds "with weight decay mode $j keeps its ratio to the first" \
        "($ratio - $(predicted 1 w2_end_$j) / $(predicted 1 w2_end_1))^2 < 1e-3^2"
done
# Matrices, a random start that is not symmetric: on the living modes Wp is a multiple of the identity.
run matrix flow waterfill-matrix
holds "of four modes of matrices three survive" "$(of matrix/trace.tsv 'END { print (v["s_3"] > 0.1 && v["s_4"] < 1e-6) }') == 1"
holds "they started with a predictor that was not symmetric" "$(of matrix/trace.tsv 'n == 1 { print (v["asymmetry"] > 0.1); exit }') == 1"
for j in 2 3; do
    holds "mode $j of matrices ends at the level of the first" "($(last matrix/trace.tsv p_$j) - ($(last matrix/trace.tsv p_1)))^2 < 1e-8^2"
done
finish
