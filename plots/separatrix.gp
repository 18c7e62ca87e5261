# separatrix.gp: the edge of the basin of collapse at constant tau, that `ssldyn basin` found. ssldyn
# plot writes $edge.
# SPDX-License-Identifier: MIT
W = 640; H = 480; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 76.8; RIGHT = 25.6; GAPX = 0; TOP = 48; BOTTOM = 67.2; GAPY = 0
load "style.gp"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
unset key
set yrange [0:*]
set xlabel "predictor eigenvalue  {/:Italic p}"
set ylabel "correlation eigenvalue  {/:Italic s}" offset 1,0
set label 1 "collapse" at graph 0.06,0.06 tc rgb INK
set title "separatrix: the stable manifold of the saddle" offset 0,-0.4
plot $edge using "p":"s" with lines ls 2 lw 2.2
