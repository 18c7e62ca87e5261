# fig04.gp: velocity of p on the invariant parabola at each weight decay of ETA: without, below the fold,
# above it. DIR holds for each the tables velocity_E.tsv and points_E.tsv and what `ssldyn theory`
# printed, theory_E.txt.
# SPDX-License-Identifier: MIT
W = 1080; H = 330; PANELS = 3; COLUMNS = 3; LEAST = 250; SHOWN = words(ETA)
LEFT = 69.12; RIGHT = 15.12; GAPX = 44.28; TOP = 79.2; BOTTOM = 59.4; GAPY = 90
LEGEND_X = "0.205 0.440 0.630"; LEGEND_Y = 0.935; LEGEND_CELL = 170
load "style.gp"
# The numbers that `ssldyn theory` printed as "name = value"; NaN: not printed.
NAMES = "eta_s eta_fold p_minus p_plus"
array PRINTED[4 * SHOWN]
set datafile separator whitespace; unset datafile columnheaders
do for [k = 1:SHOWN] {
    do for [i = 1:4] { PRINTED[4 * (k - 1) + i] = NaN }
    stats DIR."/theory_".word(ETA, k).".txt" using (sum [i = 1:4] (strcol(1) eq word(NAMES, i) ? (PRINTED[4 * (k - 1) + i] = column(3)) : 0)) nooutput
}
set datafile separator tab; set datafile columnheaders
printed(k, i) = PRINTED[4 * (k - 1) + i]

set multiplot
set xrange [-0.25:1.25]; set yrange [-0.10:0.17]
set xtics 0.25 format "%g"; set ytics 0.05 format "%g"
set xlabel "predictor eigenvalue  {/:Italic p}"
set ylabel "velocity  {/:Italic p}′" offset 1.2,0
unset key
set arrow 1 from screen legend_x(1),legend_y(1) to screen legend_x(1) + px(32.4),legend_y(1) as 2
set label 1 "direction of flow" at screen legend_x(1) + px(41.04),legend_y(1) tc rgb INK
set label 3 "stable fixed point" at screen legend_x(2),legend_y(2) tc rgb INK point ls 11 offset 1.2,-0.2
set label 4 "unstable fixed point" at screen legend_x(3),legend_y(3) tc rgb INK point ls 12 offset 1.2,-0.2

do for [k = 1:SHOWN] {
    velocity = DIR."/velocity_".word(ETA, k).".tsv"
    points = DIR."/points_".word(ETA, k).".tsv"
    eta = printed(k, 1)
    fold = printed(k, 2)
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    if (is_leftmost(k)) { set ylabel "velocity  {/:Italic p}′" offset 1.2,0 } else { unset ylabel }
    name = eta == 0 ? "no weight decay,  {/:Italic η} = 0" \
         : eta < fold ? sprintf("below the fold,  {/:Italic η} = %g", eta) \
         : sprintf("above the fold,  {/:Italic η} = %g > {/:Italic η}_{c} = %.4f", eta, fold)
    set title sprintf("{/:Bold %s}   %s", word(LETTERS, k), name) offset 0,-0.4
    if (eta > 0 && eta < fold) {
        set label 11 "{/:Italic p}*_{–}" at printed(k, 3),0 offset 0.4,-0.9 tc rgb INK
        set label 12 "{/:Italic p}*_{+}" at printed(k, 4),0 offset 0.8,0.8 tc rgb INK
    }
    set arrow 9 from graph 0, first 0 to graph 1, first 0 nohead back lc rgb INK lw 0.8
    plot velocity using "p":"velocity" with lines ls 1 lw 2.4, \
         velocity every 24::18 using (column("p") - 0.02 * sgn(column("velocity"))):(0):(0.04 * sgn(column("velocity"))):(0) with vectors as 3, \
         points using "p":(column("stable") == 1 ? 0 : NaN) with points ls 11 ps 1.3, \
         points using "p":(column("stable") == 0 ? 0 : NaN) with points ls 12 ps 1.6
    unset label; unset arrow
}
unset multiplot
