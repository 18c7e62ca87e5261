# ladder.gp OUTPUT DIR: what each assumption of the theory costs, from the directory that
# `ssldyn compare --ladder FILE.conf -o DIR` wrote: the leading spectrum on every rung before the one
# above it, when each cost is paid, and how much it is.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 1280; H = 720
load "style.gp"
trace = DIR."/trace.tsv"
table = DIR."/ladder.tsv"
rungs = system(sprintf("awk -F '\\t' '!/^#/ && n++ { printf \"%%s \", $1 }' '%s'", table))
n = words(rungs)
rung(k) = word(rungs, k)
label_of(rung) = rung eq "map" ? "no noise" : rung eq "m1" ? "lr → 0  (M1)" : \
    rung eq "m2" ? "{/:Italic W_{a}} = τ{/:Italic W}  (M2)" : rung eq "m2_symmetric" ? "{/:Italic W_{p}} symmetric" : \
    rung eq "m3" ? "aligned  (M3)" : "parabola  (M4)"
above_of(rung) = rung eq "sgd" ? "SGD" : rung eq "map" ? "no noise" : rung eq "m1" ? "M1" : rung eq "m2" ? "M2" : \
    rung eq "m2_symmetric" ? "M2, symmetric" : "M3"
colours = BLACK." #4D4D4D ".BLUE." ".GREEN." ".PURPLE." ".ORANGE." ".RED
colour(k) = word(colours, k)
cost(k) = 100 * real(system(sprintf("awk -F '\\t' '$1 == \"%s\" { print $4 }' '%s'", rung(k), table)))
end = last(trace, "t")
shown = 0
do for [j = 1:8] { if (has(trace, sprintf("s_%d_%s", j, rung(1)))) { shown = j } }
stats trace using (column("s_1_".rung(1))) nooutput name "S"
top = S_max
do for [k = 2:n] {
    stats trace using (column("s_1_".rung(k))) nooutput name "S"
    top = S_max > top ? S_max : top
}
# How many of the modes are alive at the end: above a hundredth of what the largest ever was.
alive(k) = int(system(sprintf("awk -F '\\t' -v r=%s -v top=%g '/^#/ { next } !n { n = split($0, name); next } { for (i = 1; i <= n; i++) v[name[i]] = $i } END { for (j = 1; (\"s_\" j \"_\" r) in v; j++) c += v[\"s_\" j \"_\" r] > 0.01 * top; print c + 0 }' '%s'", rung(k), top, trace)))
census(k) = shown < modes(DIR."/".rung(1)."/trace.tsv") ? sprintf("%d of the first %d alive", alive(k), shown) : sprintf("%d of %d alive", alive(k), shown)
# Costs lie in round decades below 1.
least = 1.0
do for [k = 2:n] { least = cost(k) > 0 && cost(k) / 100 < least ? cost(k) / 100 : least }
least = 10**floor(log10(least / 3))

set multiplot
set format "%g"

SHADOW = "#CCCCCC"
# The ladder: each rung in colour, the one above it as a grey shadow.
left = 0.055; right = 0.985; between = 0.012
width = (right - left - (n - 2) * between) / (n - 1)
set tmargin at screen 0.880; set bmargin at screen 0.540
set xrange [0:end]; set yrange [0:1.04 * top]
set xtics nomirror offset 0,0.2 (0, "" end / 4, end / 2, "" 3 * end / 4, "" end)
set xlabel "flow time  {/:Italic t}" offset 0,0.6
set ytics nomirror
set key top right Left reverse samplen 1.4 spacing 1.15 font ",11"
set label 1 "{/:Bold a}   the leading eigenvalues of  {/:Italic F},  one assumption after the other" at screen left,0.965 left
do for [k = 2:n] {
    at = left + (k - 2) * (width + between)
    set lmargin at screen at; set rmargin at screen at + width
    set title "{/:Bold ".label_of(rung(k))."}" offset 0,-0.4 textcolor rgb colour(k)
    set label 2 census(k) at graph 0.985,0.80 right textcolor rgb INK
    if (k > 2) { set format y "" }
    if (k == n) { set xtics add (end) }
    plot for [j = 1:shown] trace using "t":(column(sprintf("s_%d_%s", j, rung(k - 1)))) with lines lw 4.5 lc rgb SHADOW \
             title (j == 1 ? above_of(rung(k - 1)) : ""), \
         for [j = 1:shown] trace using "t":(column(sprintf("s_%d_%s", j, rung(k)))) with lines lw 1.6 lc rgb colour(k) notitle
    unset label 1
}
set format y "%g"
unset title; unset label 2

# When it is paid.
set lmargin at screen left + 0.01; set rmargin at screen 0.560
set tmargin at screen 0.400; set bmargin at screen 0.085
set label 1 "{/:Bold b}   when it is paid: the gap from the rung above" at screen left,0.440 left
set xlabel "flow time  {/:Italic t}" offset 0,0.3
set xtics auto
set logscale y; set format y "10^{%L}"; set yrange [least:1]
unset key
gap(k) = column("s_gap_".rung(k))
plot for [k = 2:n] trace using "t":(gap(k) > 0 ? gap(k) : NaN) with lines lw 2.2 lc rgb colour(k)
unset label 1
unset logscale y; set format y "%g"

# How much.
set lmargin at screen 0.725; set rmargin at screen right
set label 1 "{/:Bold c}   how much: its mean over time" at screen 0.620,0.440 left
set xlabel "gap from the rung above"
set logscale x; set format x "10^{%L}"; set xrange [least:1]
set yrange [n + 0.6:1.4]; unset ytics; set border 1
set style fill solid 1.0 noborder
do for [k = 2:n] { set label (10 + k) label_of(rung(k)) at graph -0.02, first k right textcolor rgb INK }
plot for [k = 2:n] table using (least):(k):(least):4:(k - 0.32):(k + 0.32) every ::(k - 1)::(k - 1) with boxxyerror lc rgb colour(k), \
     for [k = 2:n] table using 4:(k):(sprintf(" %.2g %%", 100 * $4)) every ::(k - 1)::(k - 1) with labels left offset 0.3,0 tc rgb INK
unset multiplot
