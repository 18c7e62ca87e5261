# compare.gp: two runs over each other and the gaps between them, of the directory that
# `ssldyn compare A B -o DIR` wrote; with the 5 ... 95 % band where one of the two is an ensemble.
# ssldyn plot writes $modes, $trace, the names of the runs and the numbers.
# SPDX-License-Identifier: MIT
W = 1080; H = 660; PANELS = 4; COLUMNS = 2; LEAST = 250
LEFT = 81; RIGHT = 37.8; GAPX = 118.8; TOP = 36.3; BOTTOM = 59.4; GAPY = 95.7
load "style.gp"

set multiplot
set xrange [0:end > 0 ? end : 1]
set xlabel "flow time  {/:Italic t}"
set format "%g"
set style fill transparent solid 0.25 noborder
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set style line 50 lc rgb SKY
set style line 51 lw 1.8 lc rgb BLUE
set style line 52 lw 1.6 dt (5,4) lc rgb RED

set key top right Left reverse
set title "{/:Bold a}   eigenvalues of the correlation  {/:Italic F}" offset 0,-0.4
set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.5,0
set yrange [0:*]
if (s_low_count > 0) {
    plot $modes using "t":"s_low":"s_high" with filledcurves ls 50 notitle, \
         $modes using "t":"s_a" with lines ls 51 title RUN_A, $modes using "t":"s_b" with lines ls 52 title RUN_B
} else {
    plot $modes using "t":"s_a" with lines ls 51 title RUN_A, $modes using "t":"s_b" with lines ls 52 title RUN_B
}
set yrange [*:*]

set lmargin at screen left(2); set rmargin at screen right(2); set tmargin at screen top(2); set bmargin at screen bottom(2)
set title "{/:Bold b}   predictor,  {/:Italic p_{j}}" offset 0,-0.4
set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0
unset key
if (p_a_count == 0) {
    set label 1 "not in both runs" at graph 0.5,0.5 center tc rgb INK
    set yrange [0:1]; plot -1 notitle
    unset label; set yrange [*:*]
} else { if (p_low_count > 0) {
    plot $modes using "t":"p_low":"p_high" with filledcurves ls 50, \
         $modes using "t":"p_a" with lines ls 51, $modes using "t":"p_b" with lines ls 52
} else {
    plot $modes using "t":"p_a" with lines ls 51, $modes using "t":"p_b" with lines ls 52
} }

set lmargin at screen left(3); set rmargin at screen right(3); set tmargin at screen top(3); set bmargin at screen bottom(3)
set ylabel rotate by 90 offset 0.4,0
if (norm_w_a_there && norm_wp_a_there) {
    set title "{/:Bold c}   norms" offset 0,-0.4
    set ylabel "Frobenius norm"
    set yrange [0:*]
    stats $trace using "norm_w_a" nooutput name "N"
    set label 1 "|{/:Italic W}|" at graph 0.5, first N_median offset 0,0.9 tc rgb INK
    set label 2 "|{/:Italic W_{p}}|" at graph 0.75, first norm_wp_a_last offset 0,-0.9 tc rgb INK
    if (norm_w_low_there && norm_wp_low_there) {
        plot for [q in "norm_w norm_wp"] $trace using "t":(column(q."_low")):(column(q."_high")) with filledcurves ls 50, \
             for [q in "norm_w norm_wp"] $trace using "t":(column(q."_a")) with lines ls 51, \
             for [q in "norm_w norm_wp"] $trace using "t":(column(q."_b")) with lines ls 52
    } else {
        plot for [q in "norm_w norm_wp"] $trace using "t":(column(q."_a")) with lines ls 51, \
             for [q in "norm_w norm_wp"] $trace using "t":(column(q."_b")) with lines ls 52
    }
    unset label
} else {
    set title "{/:Bold c}   ratio of target and online network: the gap" offset 0,-0.4
    set ylabel "difference of {/:Italic τ}"
    if (tau_gap_there) { plot $trace using "t":"tau_gap" with lines ls 1 } else {
        set label 1 "not in both runs" at graph 0.5,0.5 center tc rgb INK
        set yrange [0:1]; plot -1 notitle
        unset label
    }
}
set yrange [*:*]

set lmargin at screen left(4); set rmargin at screen right(4); set tmargin at screen top(4); set bmargin at screen bottom(4)
set title "{/:Bold d}   the gap between the two runs" offset 0,-0.4
set ylabel "norm of the difference"
set key bottom right horizontal
NAMES = "s_gap".(p_gap_there ? " p_gap" : "").(norm_w_gap_there ? " norm_w_gap" : "").(loss_gap_there ? " loss_gap" : "").(tau_gap_there ? " tau_gap" : "")
title_of(x) = x eq "s_gap" ? "{/:Italic s_{j}}" : x eq "p_gap" ? "{/:Italic p_{j}}" : \
    x eq "norm_w_gap" ? "|{/:Italic W}|" : x eq "tau_gap" ? "τ" : "loss"
largest = 0
do for [q in NAMES] { stats $trace using (column(q)) nooutput name "G"; largest = G_max > largest ? G_max : largest }
if (largest == 0) {
    set yrange [-1:1]
    set label 1 "none" at graph 0.5,0.6 center tc rgb INK
    plot for [k = 1:words(NAMES)] $trace using "t":(column(word(NAMES, k))) with lines ls k title title_of(word(NAMES, k))
} else {
    set logscale y; set format y "10^{%L}"
    plot for [k = 1:words(NAMES)] $trace using "t":(positive(column(word(NAMES, k)))) with lines ls k title title_of(word(NAMES, k))
}
unset multiplot
