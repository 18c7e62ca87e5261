# fig09.gp: the commutator of F and Wp and the rate of alignment in the symmetrized flow, runs
# DIR/eta_E/tau_T for the weight decays of ETA and the ratios of TAU.
# SPDX-License-Identifier: MIT
etas = words(ETA); taus = words(TAU)
# Two rows, a column for each weight decay; on a narrow page two panels for each, one below the other.
NARROW = WIDTH > 0 && WIDTH < 230 * etas
W = 1080 + (etas - 3) * 343.44; H = NARROW ? 704 : 600; PANELS = NARROW ? 2 : 2 * etas; COLUMNS = NARROW ? 1 : etas; LEAST = 150
SHOWN = 2 * etas
LEFT = 81; RIGHT = 15.12; GAPX = 46.44; TOP = 84; BOTTOM = 60; GAPY = NARROW ? 76 : 54
at(r, k) = NARROW ? 2 * (k - 1) + r : (r - 1) * etas + k
LEGEND_X = ""; do for [i = 1:taus] { LEGEND_X = LEGEND_X.sprintf("%g ", 0.24 + 0.13 * i) }
LEGEND_Y = 0.955; LEGEND_CELL = 110; LEGEND_WRAP = taus > 5
load "style.gp"
set multiplot
set xrange [0:40]; set xtics 10
do for [i = 1:taus] {
    set arrow 10 + i from screen legend_x(i),legend_y(i) to screen legend_x(i) + px(32.4),legend_y(i) nohead lw 2.2 lc rgb word(CURVES, (i - 1) % 7 + 1)
    set label 10 + i sprintf("{/:Italic τ} = %s", word(TAU, i)) at screen legend_x(i) + px(39.96),legend_y(i) tc rgb INK
}
unset key
do for [r = 1:2] {
    if (r == 1) { set logscale y; set yrange [1e-10:1]; set format y "10^{%L}"; set ytics 100; unset xlabel; set format x "" }
    if (r == 2) { unset logscale y; set yrange [-0.8:0.5]; set format y "%g"; set ytics 0.4; set xlabel "flow time  {/:Italic t}"; set format x "%g"; set xzeroaxis ls 15 }
    do for [k = 1:etas] {
        set lmargin at screen left(at(r, k)); set rmargin at screen right(at(r, k)); set tmargin at screen top(at(r, k)); set bmargin at screen bottom(at(r, k))
        if (r == 1) { set title sprintf("{/:Bold %s}   weight decay  {/:Italic η} = %s", word(LETTERS, k), word(ETA, k)) offset 0,-0.4 } else { unset title }
        if (is_leftmost(at(r, k))) { set ylabel (r == 1 ? "commutator  |[{/:Italic F}, {/:Italic W_{p}}]|_F" : "smallest eigenvalue of  {/:Italic K}") offset 1.2,0 } else { unset ylabel }
        plot for [i = 1:taus] DIR."/eta_".word(ETA, k)."/tau_".word(TAU, i)."/trace.tsv" using "t":(column(r == 1 ? "commutator" : "lambda_min_k")) with lines ls (i - 1) % 7 + 1
        unset label; unset arrow
    }
}
unset multiplot
