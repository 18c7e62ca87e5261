# fig10.gp: the low-dimensional dynamics (SM D.4): learning with a predictor, collapse
# without. DIR holds plane, tied, bare, each with the tables field.tsv, nullclines.tsv and
# fixedpoints.tsv of ssldyn theory.
# SPDX-License-Identifier: MIT
W = 1080; H = 410; PANELS = 3; COLUMNS = 3; LEAST = 200
LEFT = 62.64; RIGHT = 14.04; GAPX = 50.76; TOP = 82; BOTTOM = 59.45; GAPY = 92
LEGEND_X = "0.060 0.225 0.467 0.543 0.722 0.840"; LEGEND_Y = 0.945; LEGEND_CELL = 190
load "style.gp"

set multiplot
unset key
set format "%g"
HEADING = "{/:Bold %s}   %s"
# An arrow of one length for the direction (vx, vy) at its middle.
shaft(vx, vy, length) = sqrt(vx**2 + vy**2) > 0 ? length * vx / sqrt(vx**2 + vy**2) : NaN
set arrow 1 from screen legend_x(1),legend_y(1) to screen legend_x(1) + px(27),legend_y(1) as 1
set label 1 "direction of flow" at screen legend_x(1) + px(34.56),legend_y(1) tc rgb INK
set arrow 2 from screen legend_x(2),legend_y(2) to screen legend_x(2) + px(32.4),legend_y(2) nohead ls 2
set label 2 "line of stable fixed points" at screen legend_x(2) + px(39.96),legend_y(2) tc rgb INK
set label 3 "stable" at screen legend_x(3),legend_y(3) tc rgb INK point ls 11 offset 1.2,-0.2
set label 4 "unstable fixed point" at screen legend_x(4),legend_y(4) tc rgb INK point ls 12 offset 1.2,-0.2
set arrow 5 from screen legend_x(5),legend_y(5) to screen legend_x(5) + px(32.4),legend_y(5) nohead ls 1
set label 5 "{/:Italic w}′ = 0" at screen legend_x(5) + px(39.96),legend_y(5) tc rgb INK
set arrow 6 from screen legend_x(6),legend_y(6) to screen legend_x(6) + px(32.4),legend_y(6) nohead ls 4 dt (5,3)
set label 6 "{/:Italic w}_a′ = 0" at screen legend_x(6) + px(39.96),legend_y(6) tc rgb INK

# Panels b and c are a little narrower than a, for their labels.
set lmargin at screen left(1); set rmargin at screen left(1) + px(COLUMNS == 3 ? 307.8 * PW / SCREEN_PW : PW); set tmargin at screen top(1); set bmargin at screen bottom(1)
set xrange [-2:2]; set yrange [-2:2]; set xtics 1; set ytics 1
set xlabel "online weight  {/:Italic w}"
set ylabel "predictor  {/:Italic w_p}" offset 1.2,0
set title sprintf(HEADING, "a", "target fixed,  {/:Italic w}_a = 1") offset 0,-0.4
plot DIR."/plane/field.tsv" using (column("w") - shaft(column("dw"), column("dwp"), 0.1)):(column("wp") - shaft(column("dwp"), column("dw"), 0.1)):(shaft(column("dw"), column("dwp"), 0.2)):(shaft(column("dwp"), column("dw"), 0.2)) with vectors as 4, \
     DIR."/plane/fixedpoints.tsv" using (column("w") < 0 ? column("w") : NaN):(column("stable") == 1 ? column("wp") : NaN) with lines ls 2 lw 2.4, \
     DIR."/plane/fixedpoints.tsv" using (column("w") > 0 ? column("w") : NaN):(column("stable") == 1 ? column("wp") : NaN) with lines ls 2 lw 2.4, \
     DIR."/plane/fixedpoints.tsv" using "w":(column("stable") == 0 ? column("wp") : NaN) with points ls 12 ps 1.5
unset label; unset arrow

set xrange [-0.07:1.05]; set yrange [-0.07:1.05]; set xtics 0.5; set ytics 0.5
set ylabel "target  {/:Italic w}_a" offset 0.8,0
do for [k = 1:2] {
    run = DIR."/".word("tied bare", k)
    from = COLUMNS == 3 && WIDTH == 0 ? share(0.074 + 0.320 * k) : left(k + 1)
    set lmargin at screen from; set rmargin at screen (COLUMNS == 3 && WIDTH == 0 ? share(0.347 + 0.320 * k) : right(k + 1)); set tmargin at screen top(k + 1); set bmargin at screen bottom(k + 1)
    if (k == 1 || is_leftmost(k + 1)) { set ylabel "target  {/:Italic w}_a" offset 0.8,0 } else { unset ylabel }
    set xlabel k == 1 ? "online weight and predictor  {/:Italic w} = {/:Italic w_p}" : "online weight  {/:Italic w}"
    set title sprintf(HEADING, word("b c", k), k == 1 ? "predictor trained,  {/:Italic w_p} = {/:Italic w}" : "no predictor,  {/:Italic w_p} = 1") offset 0,-0.4
    plot run."/field.tsv" using (column("w") - shaft(column("dw"), column("dwa"), 0.02)):(column("wa") - shaft(column("dwa"), column("dw"), 0.02)):(shaft(column("dw"), column("dwa"), 0.04)):(shaft(column("dwa"), column("dw"), 0.04)) with vectors as 4, \
         run."/nullclines.tsv" using "w":"w_still" with lines ls 1, \
         run."/nullclines.tsv" using "w":"wa_still" with lines ls 4 dt (5,3), \
         run."/fixedpoints.tsv" using "w":(column("stable") == 1 ? column("wa") : NaN) with points ls 11 ps 1.4, \
         run."/fixedpoints.tsv" using "w":(column("stable") == 0 ? column("wa") : NaN) with points ls 12 ps 1.6
}
unset multiplot
