# fig03.gp: flow of the modes in the (p, s) plane at each weight decay of ETA. DIR holds for each a run
# of modes, eta_E, one from close to the origin, origin_E, and the tables points_E.tsv and velocity_E.tsv.
# SPDX-License-Identifier: MIT
W = 1080; H = 420; PANELS = 3; COLUMNS = 3; LEAST = 200; SHOWN = words(ETA)
LEFT = 64.8; RIGHT = 16.2; GAPX = 37.8; TOP = 84; BOTTOM = 60.9; GAPY = 90
LEGEND_X = "0.100 0.225 0.520 0.720"; LEGEND_Y = 0.945; LEGEND_CELL = 230
load "style.gp"
p(j) = column(sprintf("p_%d", j))
s(j) = column(sprintf("s_%d", j))

set multiplot
set xrange [-1:2]; set yrange [0:2]
set xtics 0.5; set ytics 0.5
set format "%g"
set xlabel "predictor eigenvalue  {/:Italic p_{j}}"
set ylabel "correlation eigenvalue  {/:Italic s_{j}}" offset 0.6,0
unset key
XSCALE = 3.0; YSCALE = 2.0; SPACING = 0.32

# The legend, over all panels.
set arrow 1 from screen legend_x(1),legend_y(1) to screen legend_x(1) + px(32.4),legend_y(1) as 1
set label 1 "flow" at screen legend_x(1) + px(41.04),legend_y(1) tc rgb INK
set arrow 2 from screen legend_x(2),legend_y(2) to screen legend_x(2) + px(37.8),legend_y(2) nohead ls 13
set label 2 "invariant parabola  {/:Italic α_{p} s} = {/:Italic p}^{2}" at screen legend_x(2) + px(46.44),legend_y(2) tc rgb INK
set label 3 "stable fixed point" at screen legend_x(3),legend_y(3) tc rgb INK point ls 11 offset 1.2,-0.2
set label 4 "unstable fixed point" at screen legend_x(4),legend_y(4) tc rgb INK point ls 12 offset 1.2,-0.2

do for [k = 1:SHOWN] {
    eta = word(ETA, k)
    trace = DIR."/eta_".eta."/trace.tsv"
    points = DIR."/points_".eta.".tsv"
    # t, then p, s, tau, c and k of each mode
    stats trace using "t" nooutput
    n = (STATS_columns - 1) / 5
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    set title sprintf("{/:Bold %s}   weight decay  {/:Italic η} = %s", word(LETTERS, k), eta) offset 0,-0.4
    if (is_leftmost(k)) { set ylabel "correlation eigenvalue  {/:Italic s_{j}}" offset 0.6,0 } else { unset ylabel }
    plot for [j = 1:n] trace using (p(j)):(s(j)) with lines ls 14, \
         for [j = 1:n] trace using (ok = arrow(column(0), p(j), s(j)), ok ? bx - dx : NaN):(ok ? by - dy : NaN):(ok ? dx : NaN):(ok ? dy : NaN) with vectors as 1, \
         DIR."/velocity_".eta.".tsv" using "p":"s" with lines ls 13, \
         points using "p":(column("stable") == 1 ? column("s") : NaN) with points ls 11, \
         points using "p":(column("stable") == 0 ? column("s") : NaN) with points ls 12
    unset label; unset arrow
}

# Close to the origin at the least weight decay, where the saddle guards the basin of collapse.
inset = 0
do for [k = SHOWN:1:-1] { if (real(word(ETA, k)) > 0) { inset = k } }
if (inset > 0) {
eta = word(ETA, inset)
across_panel(x) = share(left(inset) + x * (right(inset) - left(inset)))
up_panel(y) = share(bottom(inset) + y * (top(inset) - bottom(inset)))
set lmargin at screen across_panel(0.038 / 0.285); set rmargin at screen across_panel(0.128 / 0.285)
set tmargin at screen up_panel(0.625 / 0.655); set bmargin at screen up_panel(0.43 / 0.655)
set object 1 rectangle from graph -0.36,-0.28 to graph 1.06,1.1 behind fillcolor rgb "white" fillstyle solid noborder
set border 15 lw 0.6; unset title; unset xlabel; unset ylabel
set xrange [-0.02:0.04]; set yrange [0:0.0008]
set xtics (0, 0.02, 0.04) font FONT10 offset 0,0.4; set ytics ("0" 0, "8·10^{-4}" 0.0008) font FONT10 offset 0.5,0
XSCALE = 0.06; YSCALE = 0.0008; SPACING = 0.5; HEAD = 0.05
trace = DIR."/origin_".eta."/trace.tsv"
points = DIR."/points_".eta.".tsv"
stats trace using "t" nooutput
n = (STATS_columns - 1) / 5
plot for [j = 1:n] trace using (p(j)):(s(j)) with lines ls 14, \
     for [j = 1:n] trace using (ok = arrow(column(0), p(j), s(j)), ok ? bx - dx : NaN):(ok ? by - dy : NaN):(ok ? dx : NaN):(ok ? dy : NaN) with vectors as 1, \
     DIR."/velocity_".eta.".tsv" using "p":"s" with lines ls 13, \
     points using "p":(column("stable") == 1 ? column("s") : NaN) with points ls 11, \
     points using "p":(column("stable") == 0 ? column("s") : NaN) with points ls 12
}
unset multiplot
