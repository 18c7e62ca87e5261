# margins.gp: by what factor each knob alone must change for the fate of a start to flip, that `ssldyn
# basin --margins` found. ssldyn plot writes $margins (bar, factor, fold: 0 no flip, 1 at the fold, 2 at
# the edge), how many knobs there are, their names, the fate now, and the range of factors.
# SPDX-License-Identifier: MIT
W = 460; H = 118 + 30 * knobs; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 24; RIGHT = 40; GAPX = 0; TOP = 70; BOTTOM = 48; GAPY = 0; TIC_WIDTH = 260
load "style.gp"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set logscale x
set xrange [x_low:x_high]
set yrange [knobs + 0.6:0.4]
set ytics (KNOB[1] 1)
do for [k = 2:knobs] { set ytics add (KNOB[k] k) }
set ytics scale 0
set xlabel "factor of this parameter alone"
set title "where the fate of a mode that ".(fate_now eq "survives" ? "survives" : fate_now eq "collapsed" ? "collapses" : "is undecided")." changes" offset 0,1.6
set key at screen 0.5,1 - py(46) center horizontal Left reverse samplen 1.5
set arrow 1 from 1, graph 0 to 1, graph 1 nohead front lc rgb INK lw 1.4
set style fill solid 0.85 noborder
least(f) = f < 1 ? f : 1
most(f) = f > 1 ? f : 1
is(kind) = column("fold") == kind && column("factor") > 0
plot $margins using (is(1) ? 1 : NaN):"bar":(least(column("factor"))):(most(column("factor"))):(column("bar") - 0.3):(column("bar") + 0.3) with boxxyerror lc rgb BLUE title "at the fold", \
    $margins using (is(2) ? 1 : NaN):"bar":(least(column("factor"))):(most(column("factor"))):(column("bar") - 0.3):(column("bar") + 0.3) with boxxyerror lc rgb RED title "at the basin's edge", \
    $margins using (column("fold") > 0 && column("factor") >= 1 ? column("factor") : NaN):"bar":(sprintf(" %.3g", column("factor"))) with labels left tc rgb INK notitle, \
    $margins using (column("fold") > 0 && column("factor") < 1 ? column("factor") : NaN):"bar":(sprintf("%.3g ", column("factor"))) with labels right tc rgb INK notitle, \
    $margins using (column("fold") == 0 ? 1 : NaN):"bar":(" no factor up to 1024") with labels left tc rgb GRAY notitle
