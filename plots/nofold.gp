# nofold.gp: how many of eight modes a weight decay leaves, under the squared distance (the sweep DIR/l2, and
# theory.tsv) and under the cosine from two starts (wide.tsv and narrow.tsv, with theory's predictions in wide_theory.tsv and narrow_theory.tsv).
# SPDX-License-Identifier: MIT
NARROW = WIDTH > 0 && WIDTH < 560
W = 760; H = 420; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 68.4; RIGHT = 22.8; GAPX = 0; TOP = 84; BOTTOM = 61.6; GAPY = 0
if (NARROW) { TOP = 144; H = 500 }
load "style.gp"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set logscale x
set xrange [0.015:0.6]; set yrange [-0.4:8.6]
set xtics (0.02, 0.05, 0.1, 0.2, 0.5) format "%g"; set ytics 2
set mxtics 1
set xlabel "weight decay  {/:Italic η}"
set ylabel "surviving modes" offset 1,0
if (NARROW) { set key at screen px(14),1 - py(8) top left Left reverse maxrows 6 } else { set key at screen wide(0.09),0.99 top left Left reverse maxrows 3 width 2 }
plot DIR."/wide_theory.tsv" using "eta":"rank" with lines lc rgb GREEN lw 1.8 title "cosine, predicted, all modes starting at {/:Italic s} > {/:Italic p}^2", \
     DIR."/narrow_theory.tsv" using "eta":"rank" with lines lc rgb BLUE lw 1.8 title "cosine, predicted, two modes starting at {/:Italic s} << {/:Italic p}^2", \
     DIR."/theory.tsv" using "eta":"rank" with steps lc rgb INK lw 1.4 title "squared distance: {/:Italic λ}_d^{/*0.8 2}/(4{/:Italic λ}_s) above {/:Italic η}", \
     DIR."/wide.tsv" using "eta":"rank_at_end" with points pt 6 ps 1.2 lw 1.4 lc rgb GREEN title "flow", \
     DIR."/narrow.tsv" using "eta":"rank_at_end" with points pt 6 ps 1.2 lw 1.4 lc rgb BLUE title "flow", \
     DIR."/l2/table.tsv" using "eta":"rank" with points pt 7 ps 0.9 lc rgb RED title "flow"
