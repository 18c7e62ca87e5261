# closures.gp: what the cosine's gradient to leading and to next order in 1/modes is off by: DIR/leading.tsv
# and next.tsv.
# SPDX-License-Identifier: MIT
W = 640; H = 420; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 78; RIGHT = 22.8; GAPX = 0; TOP = 26; BOTTOM = 61.6; GAPY = 0
load "style.gp"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set logscale xy
set xrange [2.6:300]; set yrange [1e-4:3]
set xtics (3, 10, 30, 100, 300) format "%g"; set ytics 10 format "10^{%L}"
set mxtics 1; set mytics 1
set xlabel "modes  {/:Italic n}"
set ylabel "error of the gradient" offset 1,0
set key at graph 0.03,0.03 bottom left Left reverse
set arrow 1 from 12,0.42 to 240,0.021 nohead ls 15 lw 1.4
set label 1 "1/{/:Italic n}" at 70,0.115 left tc rgb INK
set arrow 2 from 20,0.018 to 240,0.000125 nohead ls 15 lw 1.4
set label 2 "1/{/:Italic n}^2" at 52,0.0018 right tc rgb INK
plot DIR."/leading.tsv" using "modes":"error" with linespoints ls 1 title "leading order", \
     DIR."/next.tsv" using "modes":"error" with linespoints ls 2 title "with the next order"
