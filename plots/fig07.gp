# fig07.gp DIR: correlation of target and online network, of ensembles DIR/eta_E/beta_B (the
# run directory holds means, its std/ the standard deviations).
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 900; H = 400
load "style.gp"
ETAS = "0 0.01 0.1"
BETAS = "0.05 0.1 0.2 0.4 1 2 5" # gamma_a = 1 - 0.01 beta: the tics of panel a
run(e, b) = DIR."/eta_".word(ETAS, e)."/beta_".b

# The lowest mean after t = 1, when the target has left zero, and the deviation at that time.
set print $lowest
do for [e = 1:3] {
    print "x\tm\ts"
    do for [i = 1:7] {
        stats run(e, word(BETAS, i))."/trace.tsv" using (column("t") >= 1 ? column("corr_wa_w") : NaN) nooutput name "LOW"
        stats run(e, word(BETAS, i))."/trace.tsv" using (column("t") < 1 ? 1 : 0) nooutput name "EARLY"
        row = int(EARLY_sum) + LOW_index_min
        stats run(e, word(BETAS, i))."/std/trace.tsv" using "corr_wa_w" every ::row::row nooutput name "STD"
        print sprintf("%g\t%.9g\t%.9g", i - 1 + 0.12 * (e - 2), LOW_min, STD_max)
    }
    print ""; print ""
}
unset print
# The deviations stand in a file of their own, row by row.
array STD_OF[3000]
do for [e = 1:3] {
    stats run(e, "0.4")."/std/trace.tsv" using (STD_OF[1000 * (e - 1) + int(column(0)) + 1] = column("corr_wa_w"), 1) nooutput
}

set multiplot
set style fill transparent solid 0.2 noborder
set yrange [0.98:1.001]; set ytics 0.005; set format y "%.3f"
set ylabel "{/:Italic W}_a · {/:Italic W} / (|{/:Italic W}_a| |{/:Italic W}|)" offset 0.2,0
set tmargin at screen 0.90; set bmargin at screen 0.155
set lmargin at screen 0.105; set rmargin at screen 0.510
set key bottom left Left reverse
set title "{/:Bold a}   lowest during training" offset 0,-0.4
set xlabel "EMA  {/:Italic γ}_a"
set xtics ("0.9995" 0, "0.999" 1, "0.998" 2, "0.996" 3, "0.99" 4, "0.98" 5, "0.95" 6) font ",11"
set xrange [6.5:-0.5]
plot for [e = 1:3] $lowest index e - 1 using "x":"m":"s" with yerrorlines ls e title sprintf("{/:Italic η} = %s", word(ETAS, e))

set lmargin at screen 0.570; set rmargin at screen 0.980
set title "{/:Bold b}   during training,  {/:Italic γ}_a = 0.996" offset 0,-0.4
set xlabel "flow time  {/:Italic t}"; unset ylabel
set xrange [0:50]; set xtics 10 font ",13"; set format x "%g"; set format y ""
set key bottom right
deviation(e) = STD_OF[1000 * (e - 1) + int(column(0)) + 1]
plot for [e = 1:3] run(e, "0.4")."/trace.tsv" using "t":(column("corr_wa_w") - deviation(e)):(column("corr_wa_w") + deviation(e)) with filledcurves lc rgb word(BLUE." ".RED." ".GREEN, e) notitle, \
     for [e = 1:3] run(e, "0.4")."/trace.tsv" using "t":"corr_wa_w" with lines ls e title sprintf("{/:Italic η} = %s", word(ETAS, e))
unset multiplot
