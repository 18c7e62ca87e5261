# small.gp: the experiments in small, DIR/table.tsv, runs.tsv and the alignment analyses: modes alive and accuracy
# of every seed, alignment over time, and the size of F by the flow against the trained one.
# SPDX-License-Identifier: MIT
W = 980; H = 760; PANELS = 4; COLUMNS = 2; LEAST = 300
LEFT = 70; RIGHT = 22; GAPX = 140; TOP = 44; BOTTOM = 60; GAPY = 90; TIC_WIDTH = 70
load "style.gp"
TABLE = DIR."/table.tsv"; RUNS = DIR."/runs.tsv"
stats TABLE using "line" nooutput
LAST = STATS_max
spread(line, seed) = -line - 0.24 + 0.48 * (SEEDS > 1 ? (seed - 1) / (SEEDS - 1.0) : 0.5)
gone(alive, limit) = 8 * alive <= limit
set multiplot
do for [k = 1:2] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    set yrange [-LAST - 0.6:0.6]; set xrange [*:*]
    set ytics scale 0 noenhanced
    unset key
    set title (k == 1 ? "{/:Bold a}   modes alive, each seed" : "{/:Bold b}   linear probe, each seed") offset 0,-0.4
    set xlabel (k == 1 ? "directions" : "accuracy in %")
    if (k == 1) { set xrange [0:33] }
    plot RUNS using (gone(column("alive"), column("limit")) ? NaN : column(k == 1 ? "alive" : "accuracy")):(spread(column("line"), column("seed"))) with points ls 1, \
         RUNS using (gone(column("alive"), column("limit")) ? column(k == 1 ? "alive" : "accuracy") : NaN):(spread(column("line"), column("seed"))) with points ls 12, \
         TABLE using (NaN):(-column("line")):ytic(stringcolumn("row")) with points notitle
}
unset ytics; set ytics auto scale 0.6 nomirror out enhanced
set lmargin at screen left(3); set rmargin at screen right(3); set tmargin at screen top(3); set bmargin at screen bottom(3)
set title "{/:Bold c}   alignment with EMA, each seed" offset 0,-0.4
set xlabel "flow time"; set ylabel "mean cosine of the leading 8 alive" offset 1,0
set xrange [*:*]; set yrange [*:1]
set key bottom right Left reverse
plot for [s = 1:SEEDS] DIR."/ema-regular/aligned-".s."/trace.tsv" using "t":"cosine" with lines ls 1 title s == 1 ? "regular" : "", \
     for [s = 1:SEEDS] DIR."/ema-symmetric/aligned-".s."/trace.tsv" using "t":"cosine" with lines ls 2 title s == 1 ? "symmetric" : ""
set lmargin at screen left(4); set rmargin at screen right(4); set tmargin at screen top(4); set bmargin at screen bottom(4)
set ytics auto
set title "{/:Bold d}   predicted against trained" offset 0,-0.4
set xlabel "sum of the eigenvalues of F, trained"; set ylabel "by the flow from epoch 2" offset 1,0
set logscale xy; set xrange [*:*]; set yrange [*:*]
set key top left Left reverse
plot RUNS using (gone(column("alive"), column("limit")) ? NaN : column("size")):"size_flow" with points ls 1 title "sound", \
     RUNS using (gone(column("alive"), column("limit")) ? column("size") : NaN):"size_flow" with points ls 12 title "collapsed", \
     x with lines ls 13 notitle
unset multiplot
