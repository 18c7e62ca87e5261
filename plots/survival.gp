# survival.gp: the rank that survives a weight decay, on images whose X and X' do not commute. DIR holds
# theory.tsv (eta, eta_c and the counts of ssldyn theory) and the sweeps flow, sgd, and noisy (SGD in small
# batches).
# SPDX-License-Identifier: MIT
NARROW = WIDTH > 0 && WIDTH < 560
W = 760; H = 440; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 68.4; RIGHT = 22.8; GAPX = 0; TOP = 30.8; BOTTOM = 61.6; GAPY = 0
if (NARROW) { TOP = 116; H = 525 }
load "style.gp"
flow = DIR."/flow/table.tsv"
sgd = DIR."/sgd/table.tsv"
noisy = DIR."/noisy/table.tsv"
theory = DIR."/theory.tsv"
stats theory using "eta_c" nooutput name "CRITICAL" # the same in every row
eta_c = CRITICAL_max

set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set logscale x
set xrange [0.03:8]; set yrange [-0.4:14]
set xtics (0.03, 0.1, 0.3, 1, 3) format "%g"; set ytics 2
set mxtics 1
set xlabel "weight decay  {/:Italic η}"
set ylabel "surviving modes" offset 1,0
if (NARROW) { set key at screen px(14),1 - py(8) top left Left reverse } else { set key top right at graph 0.98,0.97 Left reverse }
set arrow 1 from eta_c, graph 0 to eta_c, graph 0.40 nohead ls 15 lw 1.2
set label 1 sprintf("{/:Italic η}_{c} = %.4f", eta_c) at eta_c, graph 0.40 right offset -0.6,-0.4 tc rgb INK
plot theory using "eta":"rank" with steps lc rgb BLUE lw 1.8 title "eigenvalues of {/:Italic X} ({/:Italic X} + {/:Italic X}′)^{–1}{/:Italic X} above 4{/:Italic η}", \
     theory using "eta":"rank_along_pair" with steps lc rgb GRAY lw 1.4 dt (2,3) title "as if {/:Italic X} and {/:Italic X}′ commuted", \
     flow using "eta":"rank" with points pt 6 ps 1.9 lw 1.6 lc rgb BLACK title "flow", \
     sgd using "eta":"rank_end" with points pt 7 ps 0.9 lc rgb ORANGE title "SGD on the images, batches of 32", \
     noisy using "eta":"rank_end" with points pt 8 ps 1.3 lw 1.4 lc rgb ORANGE title "SGD on the images, batches of 4"
