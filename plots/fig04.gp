# fig04.gp DIR: velocity of p on the invariant parabola in the three regimes of weight decay.
# DIR holds none, below, above, each with the tables velocity.tsv and fixedpoints.tsv and
# what `ssldyn theory` printed, theory.txt.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1080; H = 330
load "style.gp"
RUNS = "none below above"
# The numbers that `ssldyn theory` printed as "name = value"; NaN: not printed.
NAMES = "eta_s eta_fold p_minus p_plus"
array PRINTED[12]
set datafile separator whitespace; unset datafile columnheaders
do for [k = 1:3] {
    do for [i = 1:4] { PRINTED[4 * (k - 1) + i] = NaN }
    stats DIR."/".word(RUNS, k)."/theory.txt" using (sum [i = 1:4] (strcol(1) eq word(NAMES, i) ? (PRINTED[4 * (k - 1) + i] = column(3)) : 0)) nooutput
}
set datafile separator tab; set datafile columnheaders
printed(k, i) = PRINTED[4 * (k - 1) + i]

set multiplot
set tmargin at screen 0.76; set bmargin at screen 0.18
set xrange [-0.25:1.25]; set yrange [-0.10:0.17]
set xtics 0.25 format "%g"; set ytics 0.05 format "%g"
set xlabel "predictor eigenvalue  {/:Italic p}"
set ylabel "velocity  {/:Italic p}′" offset 1.2,0
unset key
y = 0.935
set arrow 1 from screen 0.205,y to screen 0.235,y as 2
set label 1 "direction of flow" at screen 0.243,y tc rgb INK
set label 3 "stable fixed point" at screen 0.440,y tc rgb INK point ls 11 offset 1.2,-0.2
set label 4 "unstable fixed point" at screen 0.630,y tc rgb INK point ls 12 offset 1.2,-0.2

do for [k = 1:3] {
    run = DIR."/".word(RUNS, k)
    eta = printed(k, 1)
    fold = printed(k, 2)
    set lmargin at screen 0.064 + 0.321 * (k - 1); set rmargin at screen 0.344 + 0.321 * (k - 1)
    name = k == 1 ? "no weight decay,  {/:Italic η} = 0" \
         : k == 2 ? sprintf("below the fold,  {/:Italic η} = %g", eta) \
         : sprintf("above the fold,  {/:Italic η} = %g > {/:Italic η}_{c} = %.4f", eta, fold)
    set title sprintf("{/:Bold %s}   %s", word("a b c", k), name) offset 0,-0.4
    if (k == 2) {
        set label 11 "{/:Italic p}*_{–}" at printed(k, 3),0 offset 0.4,-0.9 tc rgb INK
        set label 12 "{/:Italic p}*_{+}" at printed(k, 4),0 offset 0.8,0.8 tc rgb INK
    }
    set arrow 9 from graph 0, first 0 to graph 1, first 0 nohead back lc rgb INK lw 0.8
    plot run."/velocity.tsv" using "p":"velocity" with lines ls 1 lw 2.4, \
         run."/velocity.tsv" every 24::18 using (column("p") - 0.02 * sgn(column("velocity"))):(0):(0.04 * sgn(column("velocity"))):(0) with vectors as 3, \
         run."/fixedpoints.tsv" using "p":(column("stable") == 1 ? 0 : NaN) with points ls 11 ps 1.3, \
         run."/fixedpoints.tsv" using "p":(column("stable") == 0 ? 0 : NaN) with points ls 12 ps 1.6
    unset label; unset arrow; unset ylabel
}
unset multiplot
