# fig03.gp DIR: flow of the modes in the (p, s) plane at three weight decays.
# DIR holds eta_0, eta_0.01, eta_1, each a modes run with the tables fixedpoints.tsv and velocity.tsv.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1080; H = 420
load "style.gp"
RUNS = "eta_0 eta_0.01 eta_1"
VALUES = "0 0.01 1"
p(j) = column(sprintf("p_%d", j))
s(j) = column(sprintf("s_%d", j))

set multiplot
set tmargin at screen 0.80; set bmargin at screen 0.145
set xrange [-1:2]; set yrange [0:2]
set xtics 0.5; set ytics 0.5
set format "%g"
set xlabel "predictor eigenvalue  {/:Italic p_{j}}"
set ylabel "correlation eigenvalue  {/:Italic s_{j}}" offset 0.6,0
unset key
XSCALE = 3.0; YSCALE = 2.0; SPACING = 0.32

# The legend, over all three panels.
y = 0.945
set arrow 1 from screen 0.100,y to screen 0.130,y as 1
set label 1 "flow" at screen 0.138,y tc rgb INK
set arrow 2 from screen 0.225,y to screen 0.260,y nohead ls 13
set label 2 "invariant parabola  {/:Italic α_{p} s} = {/:Italic p}^{2}" at screen 0.268,y tc rgb INK
set label 3 "stable fixed point" at screen 0.520,y tc rgb INK point ls 11 offset 1.2,-0.2
set label 4 "unstable fixed point" at screen 0.720,y tc rgb INK point ls 12 offset 1.2,-0.2

do for [k = 1:3] {
    run = DIR."/".word(RUNS, k)
    trace = run."/trace.tsv"
    points = run."/fixedpoints.tsv"
    # t, then p, s, tau, c and k of each mode
    stats trace using "t" nooutput
    n = (STATS_columns - 1) / 5
    set lmargin at screen 0.060 + 0.320 * (k - 1); set rmargin at screen 0.345 + 0.320 * (k - 1)
    set title sprintf("{/:Bold %s}   weight decay  {/:Italic η} = %s", word("a b c", k), word(VALUES, k)) offset 0,-0.4
    plot for [j = 1:n] trace using (p(j)):(s(j)) with lines ls 14, \
         for [j = 1:n] trace using (ok = arrow(column(0), p(j), s(j)), ok ? bx - dx : NaN):(ok ? by - dy : NaN):(ok ? dx : NaN):(ok ? dy : NaN) with vectors as 1, \
         run."/velocity.tsv" using "p":"s" with lines ls 13, \
         points using "p":(column("stable") == 1 ? column("s") : NaN) with points ls 11, \
         points using "p":(column("stable") == 0 ? column("s") : NaN) with points ls 12
    unset label; unset arrow; unset ylabel
}

# Close to the origin at the middle weight decay, where the saddle guards the basin of collapse.
set lmargin at screen 0.418; set rmargin at screen 0.508
set tmargin at screen 0.770; set bmargin at screen 0.575
set object 1 rectangle from graph -0.36,-0.28 to graph 1.06,1.1 behind fillcolor rgb "white" fillstyle solid noborder
set border 15 lw 0.6; unset title; unset xlabel
set xrange [-0.02:0.04]; set yrange [0:0.0008]
set xtics (0, 0.02, 0.04) font ",10" offset 0,0.4; set ytics ("0" 0, "8·10^{-4}" 0.0008) font ",10" offset 0.5,0
XSCALE = 0.06; YSCALE = 0.0008; SPACING = 0.5; HEAD = 0.05
run = DIR."/origin"
trace = run."/trace.tsv"
stats trace using "t" nooutput
n = (STATS_columns - 1) / 5
plot for [j = 1:n] trace using (p(j)):(s(j)) with lines ls 14, \
     for [j = 1:n] trace using (ok = arrow(column(0), p(j), s(j)), ok ? bx - dx : NaN):(ok ? by - dy : NaN):(ok ? dx : NaN):(ok ? dy : NaN) with vectors as 1, \
     DIR."/eta_0.01/velocity.tsv" using "p":"s" with lines ls 13, \
     DIR."/eta_0.01/fixedpoints.tsv" using "p":(column("stable") == 1 ? column("s") : NaN) with points ls 11, \
     DIR."/eta_0.01/fixedpoints.tsv" using "p":(column("stable") == 0 ? column("s") : NaN) with points ls 12
unset multiplot
