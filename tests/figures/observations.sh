#!/bin/sh
# The ten observations of Table 4: the numbers in each panel agree with the paper's statement.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

# steps FILE COLUMN EXPRESSION [CONDITION]: the pairs of neighboring rows (that satisfy the condition) for which the
# expression in their values a, b fails, and the number of pairs
steps() {
    of "$1" "(${4:-1}) { b = v[\"$2\"]; if (seen++) { pairs++; if (!($3)) bad++ } a = b } END { print bad + 0 \" == 0 && \" pairs }"
}

# 1: the same p, and s decreasing with alpha_p. In (p, sqrt(alpha_p s)) they are one curve: alpha_p s
# at the minimum of each, where the curve is flat, is the same.
for alpha_p in 0.25 1 4; do run "alpha_$alpha_p" basin observation01 --alpha-p $alpha_p; done
# The points are those of the integrator, so the minimum is that of the parabola through the lowest three
# in (p, ln s); the lowest point alone would have an error of the square of their distance.
bottom() {
    of "alpha_$1/separatrix.tsv" '{ p[n] = v["p"]; l[n] = v["ln_s"]; if (n == 1 || l[n] < l[k]) k = n }
        END {
            a = p[k - 1] - p[k]; b = p[k + 1] - p[k]; d = l[k - 1] - l[k]; e = l[k + 1] - l[k]
            curve = (d / a - e / b) / (a - b); slope = d / a - curve * a
            printf "%.17g", exp(l[k] - slope * slope / (4 * curve))
        }'
}
holds "1: a faster predictor, a lower edge" "$(bottom 4) < $(bottom 1) && $(bottom 1) < $(bottom 0.25)"
holds "1: by exactly that factor" "(4 * $(bottom 4) / $(bottom 1) - 1)^2 < 1e-8 && (0.25 * $(bottom 0.25) / $(bottom 1) - 1)^2 < 1e-8"

# 2: every one of these modes survives, at s = p+^2/alpha_p; from alpha_p = p+^2/s(0) on that is less than s(0)
run 02 sweep observation02
holds "2: s falls with alpha_p" "$(steps 02/table.tsv s_end 'b < a') == 60"
holds "2: to p^2/alpha_p" "$(of 02/table.tsv '{ d = v["s_end"] * v["alpha_p"] / v["p_end"]^2 - 1; if (d * d > 1e-12) bad++ } END { print bad + 0 " == 0 && " n }') == 61"
holds "2: below the start beyond alpha_p = 5.742" "$(of 02/table.tsv '(v["s_end"] < 0.1) != (v["alpha_p"] > 5.742167) { bad++ } END { print bad + 0 " == 0 && " n }') == 61"

# 3: c(t) = c(0) exp(-2 eta t), c(0) = .29
for eta in 0 0.01 0.04; do
    run "eta_$eta" flow observation03 --eta $eta
    holds "3: s - p^2/alpha_p decays at twice eta = $eta" "$(ETA=$eta of "eta_$eta/trace.tsv" '{ d = v["c_1"] / (0.29 * exp(-2 * ENVIRON["ETA"] * v["t"])) - 1; if (d * d > 1e-10) bad++ } END { print bad + 0 " == 0 && " n }') == 201"
done

# 4: the edge is p*-, and rises with eta
run 04 basin observation04
holds "4: more decay, a higher edge" "$(steps 04/thresholds.tsv threshold 'b > a') == 97"
holds "4: the edge is p-" "$(of 04/thresholds.tsv '{ d = 1.25 * v["threshold"]^2 - v["threshold"] + v["eta"]; if (d * d > 1e-20) bad++ } END { print bad + 0 " == 0 && " n }') == 98"

# 5: survivors up to the fold at .2, none beyond
run 05 sweep observation05
holds "5: nothing beyond the fold, all below" "$(of 05/table.tsv 'v["eta"] < 0.1999 && v["fate"] != 1 { bad++ } v["eta"] > 0.2001 && (v["fate"] != 0 || v["p_end"] + 0 > 1e-6) { bad++ } END { print bad + 0 " == 0 && " n }') == 61"

# 6, 7: K grows with alpha_p and with eta, from negative to positive
run 06 sweep observation06
holds "6: a faster predictor, a larger K" "$(steps 06/table.tsv k_min 'b > a') == 60"
holds "6: from negative to positive" "$(least 06/table.tsv k_min) < 0 && $(last 06/table.tsv k_min) > 0"
run 07 sweep observation07
holds "7: more decay, a larger K" "$(steps 07/table.tsv k_min 'b > a') == 60"
holds "7: from negative to positive" "$(least 07/table.tsv k_min) < 0 && $(last 07/table.tsv k_min) > 0"

# 8: K stays positive if the EMA is slow, and not if it is fast
run 08 sweep observation08
holds "8: a slow EMA keeps K positive" "$(of 08/table.tsv 'v["beta"] < 0.4 { k++; if (v["k_min"] <= 0) bad++ } END { print bad + 0 " == 0 && " k }') > 30"
holds "8: a fast one does not" "$(of 08/table.tsv 'v["beta"] > 0.6 { k++; if (v["k_min"] >= 0) bad++ } END { print bad + 0 " == 0 && " k }') > 20"
holds "8: the faster the less" "$(steps 08/table.tsv k_min 'b < a' 'v["beta"] > 0.09') > 38"

# 9: slower EMA, later escape; for slow EMAs in proportion to 1/beta
run 09 sweep observation09
holds "9: a slower EMA, a later escape" "$(steps 09/table.tsv t_escape 'b < a') == 60"
holds "9: everything escapes" "$(of 09/table.tsv 'v["fate"] != 1 { bad++ } END { print bad + 0 }') == 0"
holds "9: ten times slower, about ten times later" "$(of 09/table.tsv 'n == 1 { a = v["t_escape"] } n == 21 { print a / v["t_escape"] }') > 5"

# 10: slower EMA, higher edge, only because of its lag
run 10 basin observation10
holds "10: a slower EMA traps more" "$(steps 10/thresholds.tsv threshold 'b < a') == 60"
holds "10: the lag decides" "$(of 10/thresholds.tsv 'v["mechanism"] != 2 { bad++ } END { print bad + 0 " == 0 && " n }') == 61"
finish
