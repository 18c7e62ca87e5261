# sgdrank.gp: the rank that SGD leaves under the cosine over lr eta/batch: the sweeps DIR/plain, decay and
# batch, whose learning rates are 64, 16 and 4 times it, and the count of ssldyn theory (theory.tsv, 64 times).
# SPDX-License-Identifier: MIT
NARROW = WIDTH > 0 && WIDTH < 560
W = 760; H = 420; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 68.4; RIGHT = 22.8; GAPX = 0; TOP = 30.8; BOTTOM = 61.6; GAPY = 0
if (NARROW) { TOP = 104; H = 500 }
load "style.gp"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set logscale x
set xrange [1.4e-5:8e-3]; set yrange [0:14]
set xtics 10 format "10^{%L}"; set ytics 2
set xlabel "lr {/:Italic η}/batch"
set ylabel "surviving modes" offset 1,0
if (NARROW) { set key at screen px(14),1 - py(8) top left Left reverse } else { set key top right at graph 0.98,0.97 Left reverse }
plot DIR."/theory.tsv" using (column("lr") / 64):"rank" with steps lc rgb INK lw 1.8 title "predicted", \
     DIR."/plain/table.tsv" using (column("lr") / 64):"rank_end" with points pt 6 ps 1.9 lw 1.4 lc rgb BLUE title "SGD, {/:Italic η} = 1, batches of 64", \
     DIR."/decay/table.tsv" using (column("lr") / 16):"rank_end" with points pt 7 ps 0.9 lc rgb ORANGE title "SGD, {/:Italic η} = 4, batches of 64", \
     DIR."/batch/table.tsv" using (column("lr") / 4):"rank_end" with points pt 8 ps 1.3 lw 1.4 lc rgb GREEN title "SGD, {/:Italic η} = 4, batches of 16"
