# ladder.gp OUTPUT DIR: what each assumption of the theory costs, from the directory that
# `ssldyn compare --ladder FILE.conf -o DIR` wrote: the leading eigenvalue on every rung, the cost of
# each step, and when it is paid.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 1180; H = 640
load "style.gp"
trace = DIR."/trace.tsv"
table = DIR."/ladder.tsv"
low = DIR."/sgd/q05/trace.tsv"; high = DIR."/sgd/q95/trace.tsv"
band = system(sprintf("test -f '%s' && echo 1 || echo 0", low)) + 0
rungs = system(sprintf("awk -F '\\t' '!/^#/ && n++ { printf \"%%s \", $1 }' '%s'", table))
n = words(rungs)
label_of(rung) = rung eq "sgd" ? "SGD" : rung eq "map" ? "no noise" : rung eq "m1" ? "lr → 0  (M1)" : \
    rung eq "m2" ? "{/:Italic W_{a}} = τ{/:Italic W}  (M2)" : rung eq "m2_symmetric" ? "{/:Italic W_{p}} symmetric" : \
    rung eq "m3" ? "aligned  (M3)" : "parabola  (M4)"
colours = BLACK." ".GREY." ".BLUE." ".GREEN." ".PURPLE." ".ORANGE." ".RED
colour(k) = word(colours, k)
end = last(trace, "t")

set multiplot
set style fill solid 1.0 noborder
set format "%g"

set lmargin at screen 0.065; set rmargin at screen 0.470
set tmargin at screen 0.920; set bmargin at screen 0.105
set title "{/:Bold a}   the leading eigenvalue of  {/:Italic F}  on every rung" offset 0,-0.3
set xlabel "flow time  {/:Italic t}"; set ylabel "{/:Italic s}_{1}" rotate by 0 offset 1.5,0
set xrange [0:end]; set yrange [0:*]
set key top right Left reverse spacing 1.35
# Both quantiles of s_1 beside each other, under a header of their own.
quantiles = sprintf("< awk -F '\\t' 'BEGIN { print \"t\\tlow\\thigh\" } /^#/ { next } FNR < last { f++ } { last = FNR } !($0 + 0) && /s_1/ { for (i = 1; i <= NF; i++) if ($i == \"s_1\") c = i; next } !f { low[$1] = $c; next } { print $1 \"\\t\" low[$1] \"\\t\" $c }' '%s' '%s'", low, high)
plot for [k = 1:band] quantiles using "t":"low":"high" with filledcurves lc rgb "#D0D0D0" title "SGD, 90 % of the runs", \
     for [k = 1:n] trace using "t":(column("s_1_".word(rungs, k))) with lines lw (k == 1 ? 3 : 1.9) lc rgb colour(k) title label_of(word(rungs, k))
set yrange [*:*]

set lmargin at screen 0.670; set rmargin at screen 0.975
set tmargin at screen 0.920; set bmargin at screen 0.600
set title "{/:Bold b}   what each assumption costs in the spectrum of  {/:Italic F}" offset -6,-0.3
set xlabel "gap from the rung above, mean over time" offset 0,0.2; unset ylabel; unset key
set logscale x; set xrange [*:1]; set format x "10^{%L}"
set yrange [n + 0.6:1.4]; unset ytics; set border 1
do for [k = 2:n] {
    set label k label_of(word(rungs, k)) at graph -0.02, first k right textcolor rgb "#333333"
}
least = real(system(sprintf("awk -F '\\t' '!/^#/ && n++ > 1 && $4 > 0 && (!m || $4 < m) { m = $4 } END { print m ? m / 3 : 1e-3 }' '%s'", table)))
set xrange [least:1]
plot for [k = 2:n] table using (least):(k):(least):4:(k - 0.32):(k + 0.32) every ::(k - 1)::(k - 1) with boxxyerror lc rgb colour(k), \
     for [k = 2:n] table using 4:(k):(sprintf(" %.2g %%", 100 * $4)) every ::(k - 1)::(k - 1) with labels left offset 0.3,0 tc rgb INK
unset label
unset logscale x; set border 3; set ytics nomirror

set lmargin at screen 0.570; set rmargin at screen 0.975
set tmargin at screen 0.465; set bmargin at screen 0.105
set title "{/:Bold c}   when it is paid" offset 0,-0.3
set xlabel "flow time  {/:Italic t}" offset 0,0.3; set ylabel "gap from the rung above" rotate by 90 offset 1.5,0
set xrange [0:end]; set yrange [1e-5:*]; set format x "%g"
set logscale y; set format y "10^{%L}"
unset key
plot for [k = 2:n] trace using "t":(column("s_gap_".word(rungs, k)) > 0 ? column("s_gap_".word(rungs, k)) : NaN) with lines lw 1.9 lc rgb colour(k)
unset multiplot
