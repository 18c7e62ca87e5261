#!/bin/sh
# Figure 3: without weight decay there are lines of fixed points; with a little, collapse and one other point, and
# every orbit is close to the parabola; with too much only collapse.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for eta in 0 0.01 1; do
    run "$eta" flow fig03 --eta $eta
    table "points-$eta" fig03-theory --eta $eta --table fixedpoints --p0=-1:2:31 --s0 0.1:2:20
done
# Each orbit conserves c_j = s - p^2/alpha_p, to 100 rtol of the terms' size (4 at most).
holds "eta = 0: every orbit conserves its balance" "$(of 0/trace.tsv '
    n == 1 { for (k in v) if (k ~ /^c_/) c[k] = v[k] }
    { for (k in c) { d = v[k] - c[k]; if (d < 0) d = -d; if (d > m) m = d } } END { print m }') < 4e-7"
# c = 1.0009: the right line is at p = 1/c, and the bottom one is s = 0.
holds "eta = 0: every orbit ends on one of the two lines" "$(of 0/trace.tsv '
    END { for (k in v) if (k ~ /^p_/) { j = substr(k, 3); d = v[k] - 1 / 1.0009; if (d < 0) d = -d
          if (d > 1e-6 && v["s_" j] > 1e-6) bad++ } print bad + 0 }') == 0"
holds "eta = 0: unstable points lie on s = 0 between 0 and 1/c" "$(of points-0.tsv '
    v["stable"] == 0 && !(v["s"] == 0 && v["p"] > -1e-12 && v["p"] < 1 / 1.0009 + 1e-12) { bad++ }
    v["stable"] == 0 { some++ } END { print bad + 0 " == 0 && " some + 0 }') > 5"
holds "eta = 0.01: three fixed points, the middle one unstable" "$(of points-0.01.tsv '
    { found = found v["stable"] } END { print (n == 3 && found == "101") }') == 1"
# At t = 300 the balance has decayed by exp(-6) from at most |0.3 - 2^2|: to 0.009172.
holds "eta = 0.01: every orbit is close to the parabola" "$(of 0.01/trace.tsv '
    END { for (k in v) if (k ~ /^c_/) { d = v[k]; if (d < 0) d = -d; if (d > m) m = d } print m }') < 0.009172"
holds "eta = 1: every orbit collapses" "$(of 1/trace.tsv '
    END { for (k in v) if (k ~ /^s_/ && v[k] > m) m = v[k]; print m + 0 }') < 1e-12"
holds "eta = 1: only the origin remains" "$(of points-1.tsv 'END { print n }') == 1"
finish
