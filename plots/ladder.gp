# ladder.gp: what each assumption of the theory costs, of the directory that `ssldyn compare --ladder
# FILE.conf -o DIR` wrote: the leading spectrum on every rung before the one above it, when each cost is
# paid, and how much it is. ssldyn plot writes $spectra, $gaps, RUNG[], ABOVE[], COST[], ALIVE[] and the
# numbers.
# SPDX-License-Identifier: MIT
W = 1280; H = 720
# The rungs, as many side by side as fit; below them the two panels of costs.
PANELS = rungs - 1; COLUMNS = rungs - 1; LEAST = 130
LEFT = 70.4; RIGHT = 19.2; GAPX = 15.36; TOP = 86.4; BOTTOM = 388.8; GAPY = 62
NARROW = WIDTH > 0 && WIDTH < 900
if (NARROW) { BOTTOM = 540; H = TOP + 190 + BOTTOM }
load "style.gp"
COLORS = BLACK." #4D4D4D ".BLUE." ".GREEN." ".PURPLE." ".ORANGE." ".RED
color_of(k) = word(COLORS, (k - 1) % 7 + 1)
census(k) = sprintf(more_modes ? "%d of the first %d alive" : "%d of %d alive", ALIVE[k], shown)
# Costs lie in round decades below 1.
least = 1.0
do for [k = 2:rungs] { least = COST[k] > 0 && COST[k] < least ? COST[k] : least }
least = 10**floor(log10(least / 3))

set multiplot
set format "%g"

SHADOW = "#CCCCCC"
# The ladder: each rung in color, the one above it as a gray shadow.
edge = left(1)
set xrange [0:end]; set yrange [0:1.04 * top]
set xtics nomirror offset 0,0.2 (0, "" end / 4, end / 2, "" 3 * end / 4, "" end)
set xlabel "flow time  {/:Italic t}" offset 0,0.6
set ytics nomirror
set key top right Left reverse samplen 1.4 spacing 1.15 font FONT11
set label 1 "{/:Bold a}   the leading eigenvalues of  {/:Italic F},  ".(NARROW ? "step by step" : "one assumption after the other") at screen (NARROW ? px(8) : edge),1 - py(25.2) left
do for [k = 2:rungs] {
    set lmargin at screen left(k - 1); set rmargin at screen right(k - 1); set tmargin at screen top(k - 1); set bmargin at screen bottom(k - 1)
    set title "{/:Bold ".RUNG[k]."}" offset 0,-0.4 textcolor rgb color_of(k)
    set label 2 census(k) at graph 0.985,0.80 right textcolor rgb INK
    set format y is_leftmost(k - 1) ? "%g" : ""
    if (is_lowest(k - 1)) { set xlabel "flow time  {/:Italic t}" offset 0,0.6; set format x "%g" } else { unset xlabel; set format x "" }
    if (k == rungs) { set xtics add (end) }
    plot $spectra using "t":(column(k)) with lines lw 4.5 lc rgb SHADOW title ABOVE[k - 1], \
         $spectra using "t":(column(k + 1)) with lines lw 1.6 lc rgb color_of(k) notitle
    unset label 1
}
set format y "%g"
unset title; unset label 2

# When it is paid.
if (NARROW) {
    set lmargin at screen edge; set rmargin at screen 1 - px(RIGHT)
    set tmargin at screen py(430); set bmargin at screen py(280)
} else {
    set lmargin at screen edge + 0.01; set rmargin at screen 0.560
    set tmargin at screen py(288); set bmargin at screen py(61.2)
}
set label 1 "{/:Bold b}   gap from the rung above, over time" at screen (NARROW ? px(8) : edge),(NARROW ? py(450) : py(316.8)) left
set xlabel "flow time  {/:Italic t}" offset 0,0.3
set xtics auto
set logscale y; set format y "10^{%L}"; set yrange [least:1]
unset key
plot for [k = 2:rungs] $gaps using "t":(positive(column(k))) with lines lw 2.2 lc rgb color_of(k)
unset label 1
unset logscale y; set format y "%g"

# How much.
if (NARROW) {
    set lmargin at screen px(130); set rmargin at screen 1 - px(50)
    set tmargin at screen py(200); set bmargin at screen py(60)
} else { set lmargin at screen 0.725; set rmargin at screen 1 - px(RIGHT) }
set label 1 "{/:Bold c}   mean of the gap over time" at screen (NARROW ? px(8) : 0.620),(NARROW ? py(220) : py(316.8)) left
set xlabel "gap from the rung above"
set logscale x; set format x "10^{%L}"; set xrange [least:1]
set yrange [rungs + 0.6:1.4]; unset ytics; set border 1
set style fill solid 1.0 noborder
do for [k = 2:rungs] { set label (10 + k) RUNG[k] at graph -0.02, first k right textcolor rgb INK }
do for [k = 2:rungs] {
    if (COST[k] > 0) {
        set object k rectangle from least,k - 0.32 to COST[k],k + 0.32 fc rgb color_of(k) fs solid 1 noborder
        set label (30 + k) sprintf(" %.2g %%", 100 * COST[k]) at COST[k],k left offset 0.3,0 tc rgb INK
    }
}
plot -1 notitle
unset multiplot
