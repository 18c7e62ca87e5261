# survival.gp OUTPUT DIR: the rank that survives a weight decay, on data whose X and X' do not
# commute. DIR holds flow.tsv (eta, rank: what flows ended with) and theory.tsv (eta, eta_c and the
# counts of ssldyn theory).
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 760; H = 440
load "style.gp"
flow = DIR."/flow.tsv"
theory = DIR."/theory.tsv"
eta_c = last(theory, "eta_c")

set lmargin at screen 0.09; set rmargin at screen 0.97
set tmargin at screen 0.93; set bmargin at screen 0.14
set logscale x
set xrange [0.03:8]; set yrange [-0.4:16]
set xtics (0.03, 0.1, 0.3, 1, 3) format "%g"; set ytics 2
set mxtics 1
set xlabel "weight decay  {/:Italic η}"
set ylabel "surviving modes" offset 1,0
set key top right at graph 0.98,0.97 Left reverse
set arrow 1 from eta_c, graph 0 to eta_c, graph 0.60 nohead ls 15 lw 1.2
set label 1 sprintf("{/:Italic η}_{c} = %.4f", eta_c) at eta_c, graph 0.60 right offset -0.6,-0.4 tc rgb INK
plot theory using "eta":"rank_along_x" with steps lc rgb BLUE lw 1.6 title "eigenvectors {/:Italic v} of {/:Italic X} with ({/:Italic v}^{T}{/:Italic X v})^{2} > 4{/:Italic η v}^{T}({/:Italic X} + {/:Italic X}′){/:Italic v}", \
     theory using "eta":"rank_pairs" with steps lc rgb ORANGE lw 1.6 dt (5,3) title "positive pairs of  det({/:Italic b}^{2}({/:Italic X} + {/:Italic X}′) – {/:Italic bX} + {/:Italic η I}) = 0", \
     theory using "eta":"rank_along_pair" with steps lc rgb GREY lw 1.6 dt (2,3) title "common eigenvectors of ({/:Italic X}, {/:Italic X} + {/:Italic X}′), as if they commuted", \
     flow using "eta":"rank" with points pt 7 ps 1.2 lc rgb BLACK title "flow, from a large start"
