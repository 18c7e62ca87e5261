# fig09.gp DIR: the commutator of F and Wp and the rate of alignment in the symmetrised flow,
# runs DIR/eta_E/tau_T.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1080; H = 600
load "style.gp"
ETAS = "0 0.05 0.2"
TAUS = "0.5 1 2"

set multiplot
set xrange [0:40]; set xtics 10
y = 0.955
do for [i = 1:3] {
    x = 0.24 + 0.13 * i
    set arrow 10 + i from screen x,y to screen x + 0.03,y nohead lw 2.2 lc rgb word(BLUE." ".RED." ".GREEN, i)
    set label 10 + i sprintf("{/:Italic τ} = %s", word(TAUS, i)) at screen x + 0.037,y tc rgb INK
}
unset key
do for [r = 1:2] {
    set tmargin at screen r == 1 ? 0.860 : 0.430; set bmargin at screen r == 1 ? 0.520 : 0.100
    if (r == 1) { set logscale y; set yrange [1e-10:1]; set format y "10^{%L}"; set ytics 100; unset xlabel; set format x "" }
    if (r == 2) { unset logscale y; set yrange [-0.8:0.5]; set format y "%g"; set ytics 0.4; set xlabel "flow time  {/:Italic t}"; set format x "%g"; set xzeroaxis ls 15 }
    do for [k = 1:3] {
        set lmargin at screen 0.075 + 0.318 * (k - 1); set rmargin at screen 0.350 + 0.318 * (k - 1)
        if (r == 1) { set title sprintf("{/:Bold %s}   weight decay  {/:Italic η} = %s", word("a b c", k), word(ETAS, k)) offset 0,-0.4 } else { unset title }
        if (k == 1) { set ylabel (r == 1 ? "commutator  |[{/:Italic F}, {/:Italic W_{p}}]|_F" : "smallest eigenvalue of  {/:Italic K}") offset 1.2,0 } else { unset ylabel }
        plot for [i = 1:3] DIR."/eta_".word(ETAS, k)."/tau_".word(TAUS, i)."/trace.tsv" using "t":(column(r == 1 ? "commutator" : "lambda_min_k")) with lines ls i
        unset label; unset arrow
    }
}
unset multiplot
