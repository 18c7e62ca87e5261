# fig07.gp: correlation of target and online network, of ensembles DIR/eta_E/beta_B for the weight decays
# of ETA and the EMA rates of BETA (the run directory holds means, its std/ the standard deviations).
# SPDX-License-Identifier: MIT
W = 900; H = 400; PANELS = 2; COLUMNS = 2; LEAST = 250
LEFT = 94.5; RIGHT = 18; GAPX = 54; TOP = 40; BOTTOM = 62; GAPY = 100
load "style.gp"
etas = words(ETA); betas = words(BETA)
# The rate that panel b shows: the paper's where it is there.
shown = 1
do for [i = 1:betas] { if (word(BETA, i) eq "0.4") { shown = i } }
middle = word(BETA, shown)
# gamma_a = 1 - 0.01 beta of the learning rate 0.01: the tics of panel a
gamma_of(i) = sprintf("%g", 1 - 0.01 * real(word(BETA, i)))
run(e, b) = DIR."/eta_".word(ETA, e)."/beta_".b

# The lowest mean after t = 1, when the target has left zero, and the deviation at that time.
set print $lowest
do for [e = 1:etas] {
    print "x\tm\ts"
    do for [i = 1:betas] {
        stats run(e, word(BETA, i))."/trace.tsv" using (column("t") >= 1 ? column("corr_wa_w") : NaN) nooutput name "LOW"
        stats run(e, word(BETA, i))."/trace.tsv" using (column("t") < 1 ? 1 : 0) nooutput name "EARLY"
        row = int(EARLY_sum) + LOW_index_min
        stats run(e, word(BETA, i))."/std/trace.tsv" using "corr_wa_w" every ::row::row nooutput name "STD"
        print sprintf("%g\t%.9g\t%.9g", i - 1 + 0.12 * (e - 0.5 * (etas + 1)), LOW_min, STD_max)
    }
    print ""; print ""
}
unset print
# The deviations are in a separate file, row by row.
array STD_OF[1000 * etas]
do for [e = 1:etas] {
    stats run(e, middle)."/std/trace.tsv" using (STD_OF[1000 * (e - 1) + int(column(0)) + 1] = column("corr_wa_w"), 1) nooutput
}

set multiplot
set style fill transparent solid 0.2 noborder
set yrange [0.98:1.001]; set ytics 0.005; set format y "%.3f"
set ylabel "{/:Italic W}_a · {/:Italic W} / (|{/:Italic W}_a| |{/:Italic W}|)" offset 0.2,0
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set key bottom left Left reverse
set title "{/:Bold a}   lowest during training" offset 0,-0.4
set xlabel "EMA  {/:Italic γ}_a"
set xtics (gamma_of(1) 0) font FONT11
do for [i = 2:betas] { if (PW > 300 || i % 2) { set xtics add (gamma_of(i) i - 1) } }
set xrange [betas - 0.5:-0.5]
plot for [e = 1:etas] $lowest index e - 1 using "x":"m":"s" with yerrorlines ls e title sprintf("{/:Italic η} = %s", word(ETA, e))

set lmargin at screen left(2); set rmargin at screen right(2); set tmargin at screen top(2); set bmargin at screen bottom(2)
set title "{/:Bold b}   during training,  {/:Italic γ}_a = ".gamma_of(shown) offset 0,-0.4
set xlabel "flow time  {/:Italic t}"; if (!is_leftmost(2)) { unset ylabel }
set xrange [0:50]; set xtics 10 font FONT13; set format x "%g"; set format y (is_leftmost(2) ? "%.3f" : "")
set key bottom right
deviation(e) = STD_OF[1000 * (e - 1) + int(column(0)) + 1]
plot for [e = 1:etas] run(e, middle)."/trace.tsv" using "t":(column("corr_wa_w") - deviation(e)):(column("corr_wa_w") + deviation(e)) with filledcurves lc rgb word(CURVES, (e - 1) % 7 + 1) notitle, \
     for [e = 1:etas] run(e, middle)."/trace.tsv" using "t":"corr_wa_w" with lines ls e title sprintf("{/:Italic η} = %s", word(ETA, e))
unset multiplot
