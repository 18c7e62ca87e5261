# fig05.gp DIR: weight decay and EMA in the decoupled modes. DIR holds one run of one mode for
# each weight decay (eta_*) and for each EMA rate (beta_*).
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1200; H = 600
load "style.gp"
ETAS = "0 0.01 0.04 0.1 0.2"
BETAS = "0.05 0.1 0.4 2 10"
COLUMNS = "p_1 s_1 k_1 tau_1"
NAMES = "'{/:Italic p_{j}}   predictor' '{/:Italic s_{j}}   correlation' '{/:Italic K_{j}}   rate of alignment' '{/:Italic τ_{j}}   target / online'"

set multiplot
set cbrange [0.4:6.1]; unset colorbox
set format "%g"
set key font ",11" samplen 1.6 spacing 1.1 Left reverse
do for [r = 1:2] {
    values = r == 1 ? ETAS : BETAS
    stem = r == 1 ? "eta_" : "beta_"
    set xrange [0:r == 1 ? 60 : 150]
    set xtics r == 1 ? 20 : 50
    do for [k = 1:4] {
        set lmargin at screen 0.050 + 0.243 * (k - 1); set rmargin at screen 0.250 + 0.243 * (k - 1)
        set tmargin at screen r == 1 ? 0.925 : 0.430; set bmargin at screen r == 1 ? 0.595 : 0.100
        set xlabel "flow time  {/:Italic t}"
        set title sprintf("{/:Bold %s}   %s", word("a b c d e f g h", 4 * (r - 1) + k), word(NAMES, k)) offset 0,-0.4
        set yrange [*:*]; set ytics autofreq
        if (k == 1) { set yrange [-0.02:1.1]; set ytics 0.5 }
        if (k == 2) { set yrange [-0.02:1.2]; set ytics 0.5 }
        if (k == 3) { set yrange [-0.1:0.6]; set ytics 0.2; set xzeroaxis ls 15 } else { unset xzeroaxis }
        if (k == 4) { set yrange [0:1.2]; set ytics 0.5 }
        if (k == 2) { set key at graph 0.97,0.64 top right } else { unset key }
        if (k == 2 && r == 2) { set key at graph 0.99,0.56 top right }
        plot for [i = 1:5] DIR."/".stem.word(values, i)."/trace.tsv" using "t":(column(word(COLUMNS, k))) \
            with lines lw (word(values, i) eq (r == 1 ? "0.04" : "0.4") ? 3.2 : 1.7) lc palette cb i \
            title sprintf("{/:Italic %s} = %s", r == 1 ? "η" : "β", word(values, i))
    }
}
unset multiplot
