# depth.gp: the fold over lambda_d/lambda_s for encoders of one to six layers, DIR/fold_L.tsv, with the
# modes of CIFAR-10 (modes.tsv), and how many of those survive by theory (rank.tsv) and
# in the sweeps flow_L.
# SPDX-License-Identifier: MIT
W = 980; H = 420; PANELS = 2; COLUMNS = 2; LEAST = 260
LEFT = 84; RIGHT = 22; GAPX = 74; TOP = 44; BOTTOM = 60; GAPY = 90
load "style.gp"
set multiplot
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set title "{/:Bold a}   the fold" offset 0,-0.4
set logscale xy
set xrange [0.1:1]; set yrange [1e-5:1]
set xtics (0.1, 0.2, 0.5, 1) format "%g"; set ytics 10 format "10^{%L}"
set mxtics 1; set mytics 1
set xlabel "{/:Italic λ}_d/{/:Italic λ}_s"
set ylabel "weight decay  {/:Italic η}_c/{/:Italic λ}_d" offset -0.2,0
unset key
set label 1 "CIFAR-10" at graph 0.03,0.06 left tc rgb INK
plot for [l = 1:6] DIR."/fold_".l.".tsv" using (1 / column("lambda_s")):"eta" with lines ls l, \
     DIR."/modes.tsv" using (4 * column("p_turn") / 3):(1.5e-5) with points pt 2 ps 0.8 lw 1.2 lc rgb INK
unset label 1
set lmargin at screen left(2); set rmargin at screen right(2); set tmargin at screen top(2); set bmargin at screen bottom(2)
set title "{/:Bold b}   modes of CIFAR-10, of 16" offset 0,-0.4
set xrange [0.001:4]; unset logscale y; set yrange [-0.5:16.5]
set xtics (0.001, 0.01, 0.1, 1); set ytics 4 format "%g"
set xlabel "weight decay  {/:Italic η}"
set ylabel "surviving modes" offset 1,0
set key top right Left reverse
plot for [l = 1:6] DIR."/rank.tsv" using "eta":sprintf("rank_%d", l) with steps ls l title l == 1 ? "1 layer" : sprintf("%d", l), \
     for [l = 1:6] DIR."/flow_".l."/table.tsv" using "eta":"rank" with points pt 6 ps 0.8 lw 1.2 lc rgb word(CURVES, l) notitle
unset multiplot
