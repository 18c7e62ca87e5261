# thresholds.gp: the value at which the fate of a mode flips against one more parameter, or over two of
# them as a colored surface, that `ssldyn basin --threshold` found. ssldyn plot writes $thresholds,
# the labels, and in others the parameters beyond the second.
# SPDX-License-Identifier: MIT
W = 640; H = 480; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 89.6; RIGHT = axes < 2 ? 25.6 : 115.2; GAPX = 0; TOP = 67.2; BOTTOM = 67.2; GAPY = 0
load "style.gp"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set key at screen 0.55,1 - py(19.2) center horizontal Left reverse samplen 1.5
set xlabel x_label
if (x_log) { set logscale x; set format x "10^{%L}" }
if (strlen(others)) { set label 1 others at screen 0.55,1 - py(48) center tc rgb INK }
if (axes < 2) {
    set ylabel threshold_label offset 1,0
    # Of one value all over a range that shows it as one.
    stats $thresholds using "threshold" nooutput name "T"
    if (exists("T_max") && T_max - T_min <= 1e-6 * abs(T_max)) { set yrange [T_min - 0.2 * abs(T_min):T_max + (T_max == 0 ? 1 : 0.2 * abs(T_max))] }
    if (axes == 0) { set xtics 1; set xrange [-0.5:*] }
    if (axes == 0) {
        plot $thresholds using 0:"threshold" with points ls 1 title "where the fate flips"
    } else {
        plot $thresholds using "x":"threshold" with linespoints ls 1 ps 0.5 title "where the fate flips"
    }
} else {
    set ylabel y_label offset 1,0
    if (!x_log && PW < 260) {
        stats $thresholds using "x" nooutput name "X"
        set xtics tic_step(X_min, X_max, PW / 45.0)
    }
    if (y_log) { set logscale y; set format y "10^{%L}" }
    set cblabel threshold_label offset 1,0
    set colorbox user origin screen right(1) + px(19),bottom(1) size screen px(19),top(1) - bottom(1)
    set label 2 "where the fate flips" at screen 0.5 * (left(1) + right(1)),1 - py(28) center tc rgb INK
    plot $thresholds using "x":"y":"threshold" with points pt 5 ps 0.9 lc palette notitle
}
