# modes.gp OUTPUT RUN: a run of decoupled modes (modes, parabola, lowdim) against time: predictor and
# correlation eigenvalues, the target's ratio, and the rate of alignment.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 1080; H = 660
load "style.gp"
trace = DIR."/trace.tsv"
n = modes(trace)
end = last(trace, "t")
logarithmic = end > 100 * middle(trace, "t")

set multiplot
unset key; unset colorbox
set cbrange [1:n > 1 ? n : 2]
set format "%g"
set xlabel "flow time  {/:Italic t}"
if (logarithmic) { set logscale x; set format x "10^{%L}" } else { set xrange [0:end > 0 ? end : 1] }
positive(x) = x > 0 ? x : NaN
clock(t) = logarithmic ? positive(t) : t

do for [k = 1:4] {
    set lmargin at screen k % 2 ? 0.080 : 0.580; set rmargin at screen k % 2 ? 0.470 : 0.970
    set tmargin at screen k < 3 ? 0.945 : 0.445; set bmargin at screen k < 3 ? 0.590 : 0.090
    name = word("p s tau k", k)
    if (k == 1) { set title "{/:Bold a}   predictor"; set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0 }
    if (k == 2) { set title "{/:Bold b}   correlation"; set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.0,0 }
    if (k == 3) { set title "{/:Bold c}   target to online network"; set ylabel "{/:Italic τ_{j}}" rotate by 0 offset 1.0,0 }
    if (k == 4) { set title "{/:Bold d}   rate of alignment (Thm 3)"; set ylabel "{/:Italic K_{j}}" rotate by 0 offset 1.0,0 }
    set title offset 0,-0.4
    if (k > 2) { set xzeroaxis ls 15 }
    if (flat(trace, name)) { set yrange [LOW - 1:HIGH + 1] } else { set yrange [*:*] }
    plot for [j = 1:n] trace using (clock(column("t"))):(column(sprintf("%s_%d", name, j))) with lines lw 1.6 lc palette cb j
}
unset multiplot
