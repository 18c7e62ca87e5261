#!/bin/sh
# Figure 10: with a predictor the collapsed point is repelling and another one is attracting; without, only
# collapse is possible.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

table plane fig10 --table fixedpoints --w0=-2:2:200 --wa0 1
table tied fig10 --table fixedpoints --tied
table bare fig10 --table fixedpoints --no-predictor
table lines fig10 --table nullclines --tied --w0 0:1:101
# wp w lambda_s = wa lambda_d, with rounding of a quotient
holds "plane: the stable points form the hyperbola wp w = 1/2" "$(of plane.tsv '
    v["stable"] == 1 { d = v["wp"] * v["w"] - 0.5; if (d < 0) d = -d; if (d > m) m = d; k++ }
    END { print (k >= 199 ? m : 1) }') < 1e-14"
holds "plane: the origin is a saddle" "$(of plane.tsv 'v["w"] == 0 && v["wp"] == 0 { print v["stable"] }') == 0"
holds "tied: the origin repels" "$(of tied.tsv 'v["w"] == 0 { print v["stable"] }') == 0"
holds "tied: the point lambda_d/lambda_s attracts" "$(of tied.tsv 'v["stable"] == 1 { print v["w"] }') == 0.5"
holds "tied: the nullclines cross there" "$(of lines.tsv 'v["w"] == 0.5 { print v["w_still"] - v["wa_still"] }') == 0"
holds "no predictor: the origin is alone" "$(of bare.tsv 'END { print n }') == 1"
holds "no predictor: and attracts" "$(last bare.tsv stable) == 1"
for start in 0.05,0.1 0.9,0.1 0.3,1; do
    run "tied-$start" flow fig10 --wp0 "${start%,*}" --w0 "${start%,*}" --wa0 "${start#*,}" --t-end 400
    run "bare-$start" flow fig10 --no-predictor --w0 "${start%,*}" --wa0 "${start#*,}" --t-end 400
    # s = w^2 of the only mode; the slowest rates there are about 1/4 and 0.29
    holds "from $start with predictor: to 1/2" "(($(last "tied-$start/trace.tsv" s_1)) - 0.25)^2 < 1e-12"
    holds "from $start without: collapse" "($(last "bare-$start/trace.tsv" s_1)) < 1e-12"
done
finish
