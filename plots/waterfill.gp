# waterfill.gp: where each mode ends under the cosine, as water over the ground -c: DIR/clean.tsv and
# noisy.tsv (mode, c, p, w2 of ssldyn theory), and the ends of the runs flow_clean and flow_noisy.
# SPDX-License-Identifier: MIT
W = 980; H = 420; PANELS = 2; COLUMNS = 2; LEAST = 260
LEFT = 73.44; RIGHT = 22; GAPX = 56; TOP = 84; BOTTOM = 58; GAPY = 90
LEGEND_X = "0.08 0.33 0.62"; LEGEND_Y = 0.945; LEGEND_CELL = 250
load "style.gp"
set multiplot
set style fill solid 1.0 noborder
set boxwidth 0.8
set xrange [0.4:8.6]; set yrange [-0.4:1.4]
set xtics 1; set ytics 0.4 format "%g"
set xlabel "mode"
unset key
set object 1 rectangle from screen legend_x(1),legend_y(1) - py(5) to screen legend_x(1) + px(26),legend_y(1) + py(5) fc rgb LIGHT fs solid 1.0 noborder
set label 1 "ground  –{/:Italic c} = {/:Italic p}^2 – {/:Italic w}^2, conserved" at screen legend_x(1) + px(34),legend_y(1) tc rgb INK
set object 2 rectangle from screen legend_x(2),legend_y(2) - py(5) to screen legend_x(2) + px(26),legend_y(2) + py(5) fc rgb SKY fs solid 1.0 noborder
set label 2 "water  {/:Italic w}^2, predicted from the start" at screen legend_x(2) + px(34),legend_y(2) tc rgb INK
set label 3 "" at screen legend_x(3) + px(13),legend_y(3) point pt 7 ps 1.0 lc rgb BLACK
set label 4 "end of the flow" at screen legend_x(3) + px(26),legend_y(3) tc rgb INK
do for [k = 1:2] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    if (is_leftmost(k)) { set ylabel "level  {/:Italic p}^2" offset 1.5,0 } else { unset ylabel }
    set title sprintf("{/:Bold %s}   %s", word(LETTERS, k), k == 1 ? "identical views" : "with noise,  {/:Italic λ}_s = 2{/:Italic λ}_d") offset 0,-0.4
    level = DIR.(k == 1 ? "/clean.tsv" : "/noisy.tsv")
    end = DIR.(k == 1 ? "/flow_clean" : "/flow_noisy")."/trace.tsv"
    set label 5 "{/:Italic p} < 0 at the start" at 3,0.13 left rotate by 90 tc rgb INK
    plot level using "mode":(-0.4):(column("mode") - 0.4):(column("mode") + 0.4):(-0.4):(-column("c")) with boxxyerror fc rgb LIGHT, \
         level using "mode":(-column("c")):(column("mode") - 0.4):(column("mode") + 0.4):(-column("c")):(column("w2") - column("c")) with boxxyerror fc rgb SKY, \
         for [j = 1:8] end using (j):(column(sprintf("s_%d", j)) - column(sprintf("c_%d", j))) every ::20 with points pt 7 ps 1.0 lc rgb BLACK
    unset label; unset object
}
unset multiplot
