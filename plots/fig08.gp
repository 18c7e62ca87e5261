# fig08.gp DIR: the symmetric and the skew part of the predictor in the flow that is not
# symmetrised, runs DIR/eta_E/tau_T.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1080; H = 400
load "style.gp"
ETAS = "0.001 0.01 0.05"
TAUS = "0.2 0.5 1"
# |Wp|^2 = |A|^2 + |B|^2 and asymmetry = 2 |B|/|Wp| give the two parts' norms.
skew(asymmetry, norm) = 0.5 * asymmetry * norm
even(asymmetry, norm) = sqrt(norm**2 - skew(asymmetry, norm)**2)

set multiplot
set tmargin at screen 0.80; set bmargin at screen 0.15
set logscale y; set yrange [1e-8:30]; set format y "10^{%L}"; set ytics 100
set xrange [0:200]; set xtics 50
set xlabel "flow time  {/:Italic t}"
set ylabel "norm" offset 1.5,0
unset key
y = 0.94
do for [i = 1:3] {
    x = 0.09 + 0.11 * i
    set arrow 10 + i from screen x,y to screen x + 0.03,y nohead lw 2.2 lc rgb word(BLUE." ".RED." ".GREEN, i)
    set label 10 + i sprintf("{/:Italic τ} = %s", word(TAUS, i)) at screen x + 0.037,y tc rgb INK
}
set arrow 20 from screen 0.56,y to screen 0.59,y nohead lw 1.8 lc rgb INK
set label 20 "symmetric part  |{/:Italic A}|_F" at screen 0.597,y tc rgb INK
set arrow 21 from screen 0.75,y to screen 0.78,y nohead lw 1.8 lc rgb INK dt (5,3)
set label 21 "skew part  |{/:Italic B}|_F" at screen 0.787,y tc rgb INK
do for [k = 1:3] {
    set lmargin at screen 0.068 + 0.320 * (k - 1); set rmargin at screen 0.345 + 0.320 * (k - 1)
    set title sprintf("{/:Bold %s}   weight decay  {/:Italic η} = %s", word("a b c", k), word(ETAS, k)) offset 0,-0.4
    plot for [i = 1:3] DIR."/eta_".word(ETAS, k)."/tau_".word(TAUS, i)."/trace.tsv" using "t":(even(column("asymmetry"), column("norm_wp"))) with lines ls i, \
         for [i = 1:3] DIR."/eta_".word(ETAS, k)."/tau_".word(TAUS, i)."/trace.tsv" using "t":(skew(column("asymmetry"), column("norm_wp"))) with lines ls i dt (5,3)
    unset label; unset arrow; unset ylabel
}
unset multiplot
