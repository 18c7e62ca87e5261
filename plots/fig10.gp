# fig10.gp DIR: the low-dimensional dynamics (SM D.4): learning with a predictor, collapse
# without. DIR holds plane, tied, bare, each with the tables field.tsv, nullclines.tsv and
# fixedpoints.tsv of ssldyn theory.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1080; H = 410
load "style.gp"

set multiplot
set tmargin at screen 0.80; set bmargin at screen 0.145
unset key
set format "%g"
HEADING = "{/:Bold %s}   %s"
# An arrow of one length for the direction (vx, vy) at its middle.
shaft(vx, vy, length) = sqrt(vx**2 + vy**2) > 0 ? length * vx / sqrt(vx**2 + vy**2) : NaN
y = 0.945
set arrow 1 from screen 0.060,y to screen 0.085,y as 1
set label 1 "direction of flow" at screen 0.092,y tc rgb INK
set arrow 2 from screen 0.225,y to screen 0.255,y nohead ls 2
set label 2 "line of stable fixed points" at screen 0.262,y tc rgb INK
set label 3 "stable" at screen 0.467,y tc rgb INK point ls 11 offset 1.2,-0.2
set label 4 "unstable fixed point" at screen 0.543,y tc rgb INK point ls 12 offset 1.2,-0.2
set arrow 5 from screen 0.722,y to screen 0.752,y nohead ls 1
set label 5 "{/:Italic w}′ = 0" at screen 0.759,y tc rgb INK
set arrow 6 from screen 0.840,y to screen 0.870,y nohead ls 4 dt (5,3)
set label 6 "{/:Italic w}_a′ = 0" at screen 0.877,y tc rgb INK

set lmargin at screen 0.058; set rmargin at screen 0.343
set xrange [-2:2]; set yrange [-2:2]; set xtics 1; set ytics 1
set xlabel "online weight  {/:Italic w}"
set ylabel "predictor  {/:Italic w_p}" offset 1.2,0
set title sprintf(HEADING, "a", "target held,  {/:Italic w}_a = 1") offset 0,-0.4
plot DIR."/plane/field.tsv" using (column("w") - shaft(column("dw"), column("dwp"), 0.1)):(column("wp") - shaft(column("dwp"), column("dw"), 0.1)):(shaft(column("dw"), column("dwp"), 0.2)):(shaft(column("dwp"), column("dw"), 0.2)) with vectors as 4, \
     DIR."/plane/fixedpoints.tsv" using (column("w") < 0 ? column("w") : NaN):(column("stable") == 1 ? column("wp") : NaN) with lines ls 2 lw 2.4, \
     DIR."/plane/fixedpoints.tsv" using (column("w") > 0 ? column("w") : NaN):(column("stable") == 1 ? column("wp") : NaN) with lines ls 2 lw 2.4, \
     DIR."/plane/fixedpoints.tsv" using "w":(column("stable") == 0 ? column("wp") : NaN) with points ls 12 ps 1.5
unset label; unset arrow

set xrange [-0.07:1.05]; set yrange [-0.07:1.05]; set xtics 0.5; set ytics 0.5
set ylabel "target  {/:Italic w}_a" offset 0.8,0
do for [k = 1:2] {
    run = DIR."/".word("tied bare", k)
    set lmargin at screen 0.074 + 0.320 * k; set rmargin at screen 0.347 + 0.320 * k
    set xlabel k == 1 ? "online weight and predictor  {/:Italic w} = {/:Italic w_p}" : "online weight  {/:Italic w}"
    set title sprintf(HEADING, word("b c", k), k == 1 ? "predictor learned,  {/:Italic w_p} = {/:Italic w}" : "no predictor,  {/:Italic w_p} = 1") offset 0,-0.4
    plot run."/field.tsv" using (column("w") - shaft(column("dw"), column("dwa"), 0.02)):(column("wa") - shaft(column("dwa"), column("dw"), 0.02)):(shaft(column("dw"), column("dwa"), 0.04)):(shaft(column("dwa"), column("dw"), 0.04)) with vectors as 4, \
         run."/nullclines.tsv" using "w":"w_still" with lines ls 1, \
         run."/nullclines.tsv" using "w":"wa_still" with lines ls 4 dt (5,3), \
         run."/fixedpoints.tsv" using "w":(column("stable") == 1 ? column("wa") : NaN) with points ls 11 ps 1.4, \
         run."/fixedpoints.tsv" using "w":(column("stable") == 0 ? column("wa") : NaN) with points ls 12 ps 1.6
    unset ylabel
}
unset multiplot
