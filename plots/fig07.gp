# fig07.gp OUTPUT DIR: correlation of target and online network, of ensembles DIR/eta_E/beta_B (the
# run directory holds means, its std/ the standard deviations).
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 900; H = 400
load "style.gp"
ETAS = "0 0.01 0.1"
BETAS = "0.05 0.1 0.2 0.4 1 2 5" # gamma_a = 1 - 0.01 beta: the tics of panel a
run(e, b) = DIR."/eta_".word(ETAS, e)."/beta_".b

# The lowest mean after t = 1, when the target has left zero, and the deviation at that time.
lowest(dir) = system(sprintf("awk -F '\\t' '/^#/ { next } FNR == NR { if (!c) { for (i = 1; i <= NF; i++) { if ($i == \"corr_wa_w\") c = i; if ($i == \"t\") x = i } next } n++; if ($x >= 1 && (m == \"\" || $c < m)) { m = $c; at = n }; next } !d { d = 1; next } { k++; if (k == at) print m, $c }' '%s/trace.tsv' '%s/std/trace.tsv'", dir, dir))

set multiplot
set style fill transparent solid 0.2 noborder
set yrange [0.98:1.001]; set ytics 0.005; set format y "%.3f"
set ylabel "⟨{/:Italic W}_a , {/:Italic W}⟩ / (‖{/:Italic W}_a‖ ‖{/:Italic W}‖)" offset 0.2,0
set tmargin at screen 0.90; set bmargin at screen 0.155
set lmargin at screen 0.105; set rmargin at screen 0.510
set key bottom left Left reverse
set title "{/:Bold a}   lowest during training" offset 0,-0.4
set xlabel "EMA  {/:Italic γ}_a"
set xtics ("0.9995" 0, "0.999" 1, "0.998" 2, "0.996" 3, "0.99" 4, "0.98" 5, "0.95" 6) font ",11"
set xrange [6.5:-0.5]
do for [e = 1:3] {
    eval sprintf("set print $lowest%d", e)
    print "x\tm\ts"
    do for [i = 1:7] {
        pair = lowest(run(e, word(BETAS, i)))
        print sprintf("%g\t%s\t%s", i - 1 + 0.12 * (e - 2), word(pair, 1), word(pair, 2))
    }
    unset print
}
plot $lowest1 using "x":"m":"s" with yerrorlines ls 1 title "{/:Italic η} = 0", \
     $lowest2 using "x":"m":"s" with yerrorlines ls 2 title "{/:Italic η} = 0.01", \
     $lowest3 using "x":"m":"s" with yerrorlines ls 3 title "{/:Italic η} = 0.1"

set lmargin at screen 0.570; set rmargin at screen 0.980
set title "{/:Bold b}   during training,  {/:Italic γ}_a = 0.996" offset 0,-0.4
set xlabel "flow time  {/:Italic t}"; unset ylabel
set xrange [0:50]; set xtics 10 font ",13"; set format x "%g"; set format y ""
set key bottom right
plot for [e = 1:3] sprintf("<awk -F '\\t' '/^#/ { next } FNR == NR { v[++n] = $7; next } { print $1 \"\\t\" v[++k] \"\\t\" $7 }' '%s/std/trace.tsv' '%s/trace.tsv'", run(e, "0.4"), run(e, "0.4")) using 1:($3 - $2):($3 + $2) with filledcurves lc rgb word(BLUE." ".RED." ".GREEN, e) notitle, \
     for [e = 1:3] run(e, "0.4")."/trace.tsv" using "t":"corr_wa_w" with lines ls e title sprintf("{/:Italic η} = %s", word(ETAS, e))
unset multiplot
