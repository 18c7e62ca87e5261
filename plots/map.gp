# map.gp: fates over weight decay and EMA rate for starts of the target, the ratios of TAU0 and a random one. DIR holds the sweeps tau0_T and random, the thresholds edge_T, and theory.txt.
# SPDX-License-Identifier: MIT
SHOWN = words(TAU0) + 1
W = 1080; H = 430; PANELS = 3; COLUMNS = 3; LEAST = 190
LEFT = 64.8; RIGHT = 81; GAPX = 37.8; TOP = 86; BOTTOM = 62.35; GAPY = 92
LEGEND_X = "0.10 0.225 0.365 0.595"; LEGEND_Y = 0.945; LEGEND_CELL = 340
load "style.gp"
name_of(tau) = tau eq "1" ? "starts as a copy of the network" : tau eq "0" ? "starts at zero" \
    : sprintf("starts at  {/:Italic τ} = %s", tau)
set datafile separator whitespace; unset datafile columnheaders
stats DIR."/theory.txt" using (strcol(1) eq "eta_fold" ? column(3) : NaN) nooutput name "FOLD"
set datafile separator tab; set datafile columnheaders
fold = FOLD_max

set multiplot
set xrange [0:0.3]; set xtics 0.1; set format x "%g"
set logscale y; set yrange [0.01:10]; set format y "%g"
unset grid; unset key
set style fill solid 1 noborder
set xlabel "weight decay  {/:Italic η}"
box_h = py(15.48 / 2)
set object 1 rectangle from screen legend_x(1),legend_y(1) - box_h to screen legend_x(1) + px(27),legend_y(1) + box_h fc rgb "#9CCBE6"
set label 1 "survives" at screen legend_x(1) + px(35.64),legend_y(1) tc rgb INK
set object 2 rectangle from screen legend_x(2),legend_y(2) - box_h to screen legend_x(2) + px(27),legend_y(2) + box_h fc rgb "#F3B58F"
set label 2 "collapses" at screen legend_x(2) + px(35.64),legend_y(2) tc rgb INK
set arrow 3 from screen legend_x(3),legend_y(3) to screen legend_x(3) + px(32.4),legend_y(3) nohead lc rgb BLACK lw 1.8
set label 3 "edge, to twelve digits" at screen legend_x(3) + px(41.04),legend_y(3) tc rgb INK
set arrow 4 from screen legend_x(4),legend_y(4) to screen legend_x(4) + px(32.4),legend_y(4) nohead ls 13
set label 4 sprintf("fold  {/:Italic η}_c = 1/(4{/:Italic c}) = %.4f:  nothing survives beyond", fold) at screen legend_x(4) + px(41.04),legend_y(4) tc rgb INK
# Half a cell of the 121 x 91 points of experiments/map.conf, with a little overlap.
half = 0.3 / 120 / 2 * 1.02
step = 1000**(0.5 / 90 * 1.02)
# The share that collapses, between the two colors of the fates.
set palette defined (0 "#9CCBE6", 0.5 "#F7F3EE", 1 "#F3B58F")
set cbrange [0:1]; set cbtics 0.5 scale 0.4; set format cb "%g"
unset colorbox
do for [k = 1:SHOWN] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    set title sprintf("{/:Bold %s}   target %s", word(LETTERS, k), k == SHOWN ? "is random" : name_of(word(TAU0, k))) offset 0,-0.4
    if (is_leftmost(k)) { set ylabel "EMA rate  {/:Italic β}" offset 0.8,0; set format y "%g" } else { unset ylabel; set format y "" }
    set arrow 9 from fold, graph 0 to fold, graph 1 nohead front ls 13
    if (k == SHOWN) {
        set cblabel "share of modes that collapse" offset 0.8,0
        set colorbox user origin screen right(k) + px(16.2),bottom(k) size screen px(15.12),top(k) - bottom(k)
        plot DIR."/random/collapse.tsv" using "eta":"beta":(column("eta") - half):(column("eta") + half):(column("beta") / step):(column("beta") * step):"probability" \
            with boxxyerror lc palette
        continue
    }
    table = DIR."/tau0_".word(TAU0, k)."/table.tsv"
    plot for [f = 0:1] table using (column("fate") == f ? column("eta") : NaN):(column("beta")):(column("eta") - half):(column("eta") + half):(column("beta") / step):(column("beta") * step) \
            with boxxyerror lc rgb word("#F3B58F #9CCBE6", f + 1), \
         DIR."/edge_".word(TAU0, k)."/thresholds.tsv" using "threshold":"beta" with lines lc rgb BLACK lw 1.8
    unset label; unset object; unset arrow
}
unset multiplot
