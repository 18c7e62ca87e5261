# fig08.gp: the symmetric and the skew part of the predictor in the flow that is not symmetrized, runs
# DIR/eta_E/tau_T for the weight decays of ETA and the ratios of TAU.
# SPDX-License-Identifier: MIT
W = 1080; H = 400; PANELS = 3; COLUMNS = 3; LEAST = 200; SHOWN = words(ETA)
LEFT = 73.44; RIGHT = 16.2; GAPX = 46.44; TOP = 80; BOTTOM = 60; GAPY = 90
taus = words(TAU)
LEGEND_X = ""; do for [i = 1:taus] { LEGEND_X = LEGEND_X.sprintf("%g ", 0.09 + 0.11 * i) }
LEGEND_X = LEGEND_X."0.56 0.75"; LEGEND_Y = 0.94; LEGEND_CELL = 180; LEGEND_WRAP = taus > 3
load "style.gp"
# |Wp|^2 = |A|^2 + |B|^2 and asymmetry = 2 |B|/|Wp| give the two parts' norms.
skew(asymmetry, norm) = 0.5 * asymmetry * norm
even(asymmetry, norm) = sqrt(norm**2 - skew(asymmetry, norm)**2)

set multiplot
set logscale y; set yrange [1e-8:30]; set format y "10^{%L}"; set ytics 100
set xrange [0:200]; set xtics 50
set xlabel "flow time  {/:Italic t}"
set ylabel "norm" offset 1.5,0
unset key
do for [i = 1:taus] {
    set arrow 10 + i from screen legend_x(i),legend_y(i) to screen legend_x(i) + px(32.4),legend_y(i) nohead lw 2.2 lc rgb word(CURVES, (i - 1) % 7 + 1)
    set label 10 + i sprintf("{/:Italic τ} = %s", word(TAU, i)) at screen legend_x(i) + px(39.96),legend_y(i) tc rgb INK
}
a = taus + 1; b = taus + 2
set arrow 30 from screen legend_x(a),legend_y(a) to screen legend_x(a) + px(32.4),legend_y(a) nohead lw 1.8 lc rgb INK
set label 30 "symmetric part  |{/:Italic A}|_F" at screen legend_x(a) + px(39.96),legend_y(a) tc rgb INK
set arrow 31 from screen legend_x(b),legend_y(b) to screen legend_x(b) + px(32.4),legend_y(b) nohead lw 1.8 lc rgb INK dt (5,3)
set label 31 "skew part  |{/:Italic B}|_F" at screen legend_x(b) + px(39.96),legend_y(b) tc rgb INK
do for [k = 1:SHOWN] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    if (is_leftmost(k)) { set ylabel "norm" offset 1.5,0 } else { unset ylabel }
    set title sprintf("{/:Bold %s}   weight decay  {/:Italic η} = %s", word(LETTERS, k), word(ETA, k)) offset 0,-0.4
    plot for [i = 1:taus] DIR."/eta_".word(ETA, k)."/tau_".word(TAU, i)."/trace.tsv" using "t":(even(column("asymmetry"), column("norm_wp"))) with lines ls (i - 1) % 7 + 1, \
         for [i = 1:taus] DIR."/eta_".word(ETA, k)."/tau_".word(TAU, i)."/trace.tsv" using "t":(skew(column("asymmetry"), column("norm_wp"))) with lines ls (i - 1) % 7 + 1 dt (5,3)
    unset label; unset arrow
}
unset multiplot
