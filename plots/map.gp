# map.gp DIR: fates over weight decay and EMA rate for three starts of the target. DIR holds the
# sweeps tau0_1, tau0_0, random, the thresholds edge_1, edge_0, and theory.txt.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1080; H = 430
load "style.gp"
TAUS = "1 0"
TITLES = "'starts as a copy of the network' 'starts from nothing' 'is drawn apart'"
set datafile separator whitespace; unset datafile columnheaders
stats DIR."/theory.txt" using (strcol(1) eq "eta_fold" ? column(3) : NaN) nooutput name "FOLD"
set datafile separator tab; set datafile columnheaders
fold = FOLD_max

set multiplot
set tmargin at screen 0.80; set bmargin at screen 0.145
set xrange [0:0.3]; set xtics 0.1; set format x "%g"
set logscale y; set yrange [0.01:10]; set format y "%g"
unset grid; unset key
set style fill solid 1 noborder
set xlabel "weight decay  {/:Italic η}"
set ylabel "EMA rate  {/:Italic β}" offset 0.8,0
y = 0.945
set object 1 rectangle from screen 0.10,y - 0.018 to screen 0.125,y + 0.018 fc rgb "#9CCBE6"
set label 1 "survives" at screen 0.133,y tc rgb INK
set object 2 rectangle from screen 0.225,y - 0.018 to screen 0.250,y + 0.018 fc rgb "#F3B58F"
set label 2 "collapses" at screen 0.258,y tc rgb INK
set arrow 3 from screen 0.365,y to screen 0.395,y nohead lc rgb BLACK lw 1.8
set label 3 "edge, to twelve digits" at screen 0.403,y tc rgb INK
set arrow 4 from screen 0.595,y to screen 0.625,y nohead ls 13
set label 4 sprintf("fold  {/:Italic η}_c = 1/(4{/:Italic c}) = %.4f:  nothing survives beyond", fold) at screen 0.633,y tc rgb INK
# Half a cell of the 121 x 91 points of experiments/map.conf, with a little overlap.
half = 0.3 / 120 / 2 * 1.02
step = 1000**(0.5 / 90 * 1.02)
# The share that collapses, between the two colours of the fates.
set palette defined (0 "#9CCBE6", 0.5 "#F7F3EE", 1 "#F3B58F")
set cbrange [0:1]; set cbtics 0.5 scale 0.4; set format cb "%g"
unset colorbox
do for [k = 1:3] {
    set lmargin at screen 0.060 + 0.300 * (k - 1); set rmargin at screen 0.325 + 0.300 * (k - 1)
    set title sprintf("{/:Bold %s}   target %s", word("a b c", k), word(TITLES, k)) offset 0,-0.4
    if (k == 2) { unset ylabel; set format y "" }
    set arrow 9 from fold, graph 0 to fold, graph 1 nohead front ls 13
    if (k == 3) {
        set cblabel "share of modes that collapse" offset 0.8,0
        set colorbox user origin screen 0.940,0.145 size screen 0.014,0.655
        plot DIR."/random/collapse.tsv" using "eta":"beta":(column("eta") - half):(column("eta") + half):(column("beta") / step):(column("beta") * step):"probability" \
            with boxxyerror lc palette
        continue
    }
    table = DIR."/tau0_".word(TAUS, k)."/table.tsv"
    plot for [f = 0:1] table using (column("fate") == f ? column("eta") : NaN):(column("beta")):(column("eta") - half):(column("eta") + half):(column("beta") / step):(column("beta") * step) \
            with boxxyerror lc rgb word("#F3B58F #9CCBE6", f + 1), \
         DIR."/edge_".word(TAUS, k)."/thresholds.tsv" using "threshold":"beta" with lines lc rgb BLACK lw 1.8
    unset label; unset object; unset arrow
}
unset multiplot
