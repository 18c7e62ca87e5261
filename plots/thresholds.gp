# thresholds.gp: the value at which the fate of a mode flips against one more parameter, or over two of
# them as a coloured surface, that `ssldyn basin --threshold` found. ssldyn plot writes $thresholds,
# the labels, and in others the parameters beyond the second.
# SPDX-License-Identifier: MIT
W = 640; H = 480
load "style.gp"
set lmargin at screen 0.14; set rmargin at screen 0.96
set tmargin at screen 0.86; set bmargin at screen 0.14
set key at screen 0.55,0.96 center horizontal samplen 1.5
set xlabel x_label
if (x_log) { set logscale x; set format x "10^{%L}" }
if (strlen(others)) { set label 1 others at screen 0.55,0.90 center tc rgb INK }
if (axes < 2) {
    set ylabel "threshold" offset 1,0
    if (axes == 0) { set xtics 1; set xrange [-0.5:*] }
    if (axes == 0) {
        plot $thresholds using 0:"threshold" with points ls 1 title "the fate flips"
    } else {
        plot $thresholds using "x":"threshold" with linespoints ls 1 ps 0.5 title "the fate flips"
    }
} else {
    set rmargin at screen 0.82
    set ylabel y_label offset 1,0
    if (y_log) { set logscale y; set format y "10^{%L}" }
    set cblabel "threshold" offset 1,0
    plot $thresholds using "x":"y":"threshold" with points pt 5 ps 0.9 lc palette title "where the fate flips"
}
