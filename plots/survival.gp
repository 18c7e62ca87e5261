# survival.gp DIR: the rank that survives a weight decay, on images whose X and X' do not
# commute. DIR holds theory.tsv (eta, eta_c and the counts of ssldyn theory) and three tables of eta and
# rank: flow.tsv, sgd.tsv and noisy.tsv (SGD in small batches).
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 760; H = 440
load "style.gp"
flow = DIR."/flow.tsv"
sgd = DIR."/sgd.tsv"
noisy = DIR."/noisy.tsv"
theory = DIR."/theory.tsv"
stats theory using "eta_c" nooutput name "CRITICAL" # the same in every row
eta_c = CRITICAL_max

set lmargin at screen 0.09; set rmargin at screen 0.97
set tmargin at screen 0.93; set bmargin at screen 0.14
set logscale x
set xrange [0.03:8]; set yrange [-0.4:14]
set xtics (0.03, 0.1, 0.3, 1, 3) format "%g"; set ytics 2
set mxtics 1
set xlabel "weight decay  {/:Italic η}"
set ylabel "surviving modes" offset 1,0
set key top right at graph 0.98,0.97 Left reverse
set arrow 1 from eta_c, graph 0 to eta_c, graph 0.40 nohead ls 15 lw 1.2
set label 1 sprintf("{/:Italic η}_{c} = %.4f", eta_c) at eta_c, graph 0.40 right offset -0.6,-0.4 tc rgb INK
plot theory using "eta":"rank" with steps lc rgb BLUE lw 1.8 title "eigenvalues of {/:Italic X} ({/:Italic X} + {/:Italic X}′)^{–1}{/:Italic X} above 4{/:Italic η}", \
     theory using "eta":"rank_along_pair" with steps lc rgb GREY lw 1.4 dt (2,3) title "as if {/:Italic X} and {/:Italic X}′ commuted", \
     flow using "eta":"rank" with points pt 6 ps 1.9 lw 1.6 lc rgb BLACK title "flow", \
     sgd using "eta":"rank" with points pt 7 ps 0.9 lc rgb ORANGE title "SGD on the images, batches of 32", \
     noisy using "eta":"rank" with points pt 8 ps 1.3 lw 1.4 lc rgb ORANGE title "SGD on the images, batches of 4"
