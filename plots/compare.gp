# compare.gp OUTPUT DIR: two runs over each other and the gaps between them, from the directory that
# `ssldyn compare A B -o DIR` wrote; with the 5 ... 95 % band where one of the two is an ensemble.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 1080; H = 660
load "style.gp"
trace = DIR."/trace.tsv"
shown(stem) = int(system(sprintf("awk -F '\\t' '!/^#/ { for (i = 1; i <= NF; i++) n += $i ~ /^%s_[0-9]+_a$/; print n + 0; exit }' '%s'", stem, trace)))
n = shown("s")
band = has(trace, "s_1_low")
end = last(trace, "t")
# Columns that are not there may not even be named: the bands' part of a plot command, or nothing.
spectrum_band(stem) = band ? sprintf('for [j = 1:n] trace using "t":(column("%s_".j."_low")):(column("%s_".j."_high")) with filledcurves lc rgb SKY notitle, ', stem, stem) : ""
norm_band = band ? 'for [q in "norm_w norm_wp"] trace using "t":(column(q."_low")):(column(q."_high")) with filledcurves lc rgb SKY notitle, ' : ""

set multiplot
set xrange [0:end > 0 ? end : 1]
set xlabel "flow time  {/:Italic t}"
set format "%g"
set cbrange [1:n > 1 ? n : 2]; unset colorbox
set style fill transparent solid 0.25 noborder
set lmargin at screen 0.075; set rmargin at screen 0.465
set tmargin at screen 0.945; set bmargin at screen 0.590

set key top right Left reverse
set title "{/:Bold a}   eigenvalues of the correlation  {/:Italic F}" offset 0,-0.4
set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.5,0
set yrange [0:*]
bands = spectrum_band("s")
plot @bands \
     for [j = 1:n] trace using "t":(column(sprintf("s_%d_a", j))) with lines lw 1.8 lc rgb BLUE title j == 1 ? "first run" : "", \
     for [j = 1:n] trace using "t":(column(sprintf("s_%d_b", j))) with lines lw 1.6 dt (5,4) lc rgb RED title j == 1 ? "second run" : ""
set yrange [*:*]

set lmargin at screen 0.575; set rmargin at screen 0.965
set title "{/:Bold b}   predictor along them,  {/:Italic p_{j}}" offset 0,-0.4
set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0
unset key
bands = spectrum_band("p")
plot @bands \
     for [j = 1:n] trace using "t":(column(sprintf("p_%d_a", j))) with lines lw 1.8 lc rgb BLUE, \
     for [j = 1:n] trace using "t":(column(sprintf("p_%d_b", j))) with lines lw 1.6 dt (5,4) lc rgb RED

set tmargin at screen 0.445; set bmargin at screen 0.090
set lmargin at screen 0.075; set rmargin at screen 0.465
set ylabel rotate by 90 offset 0.4,0
bands = norm_band # before the block, which is read as a whole
if (has(trace, "norm_w_a")) {
    set title "{/:Bold c}   norms" offset 0,-0.4
    set ylabel "Frobenius norm"
    set yrange [0:*]
    set label 1 "‖{/:Italic W}‖" at graph 0.5, first middle(trace, "norm_w_a") offset 0,0.9 tc rgb INK
    set label 2 "‖{/:Italic W_{p}}‖" at graph 0.75, first last(trace, "norm_wp_a") offset 0,-0.9 tc rgb INK
    unset key
    plot @bands \
         for [q in "norm_w norm_wp"] trace using "t":(column(q."_a")) with lines lw 1.8 lc rgb BLUE, \
         for [q in "norm_w norm_wp"] trace using "t":(column(q."_b")) with lines lw 1.6 dt (5,4) lc rgb RED
    unset label
} else {
    set title "{/:Bold c}   ratio of target and online network" offset 0,-0.4
    set ylabel "{/:Italic τ}"
    unset key
    if (has(trace, "tau_gap")) { plot trace using "t":"tau_gap" with lines ls 1 } else {
        set label 1 "not in both runs" at graph 0.5,0.5 center tc rgb INK
        set yrange [0:1]; plot -1 notitle
        unset label
    }
}
set yrange [*:*]

set lmargin at screen 0.575; set rmargin at screen 0.965
set title "{/:Bold d}   the gap between the two runs" offset 0,-0.4
set ylabel "norm of the difference"
set key bottom right horizontal
set logscale y; set format y "10^{%L}"
positive(name) = (column(name) > 0 ? column(name) : NaN)
drawn = ""; titles = ""
do for [q in "s p norm_w loss tau"] {
    if (has(trace, q."_gap")) { drawn = drawn." ".q."_gap" }
}
title_of(x) = x eq "s_gap" ? "{/:Italic s_{j}}" : x eq "p_gap" ? "{/:Italic p_{j}}" : \
    x eq "norm_w_gap" ? "‖{/:Italic W}‖" : x eq "tau_gap" ? "τ" : "loss"
if (last(trace, "s_gap") + middle(trace, "s_gap") == 0) {
    unset logscale y; set format y "%g"; set yrange [-1:1]
    set label 1 "none" at graph 0.5,0.6 center tc rgb INK
    plot for [k = 1:words(drawn)] trace using "t":(column(word(drawn, k))) with lines ls k title title_of(word(drawn, k))
} else {
    plot for [k = 1:words(drawn)] trace using "t":(positive(word(drawn, k))) with lines ls k title title_of(word(drawn, k))
}
unset multiplot
