# align.gp OUTPUT DIR: what `ssldyn align` measured: eigenvalues of the correlation and of the
# predictor, their alignment and the predictor's asymmetry against time, and the last snapshot's
# predictor over its correlation, with the invariant parabola.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 1080; H = 660
load "style.gp"
trace = DIR."/trace.tsv"
n = modes(trace)
end = last(trace, "t")
begin = real(system(sprintf("awk -F '\\t' '/^#/ { next } !c++ { next } { print $1; exit }' '%s'", trace)))
one = end <= begin
margin = one ? 0.5 : 0

# The smallest and the largest of a column stem over all rows and modes.
bound(stem, sign) = real(system(sprintf("awk -F '\\t' -v s='%s' -v d=%d '/^#/ { next } !c { c = 1; for (i = 1; i <= NF; i++) w[i] = index($i, s \"_\") == 1; next } { for (i in w) if (w[i] && $i != \"nan\" && (m == \"\" || d * $i > d * m)) m = $i } END { print m == \"\" ? 0 : m }' '%s'", stem, sign, trace)))
low(stem) = bound(stem, -1); high(stem) = bound(stem, 1)

set multiplot
unset key
set cbrange [1:n > 1 ? n : 2]; unset colorbox
set xrange [begin - margin:end + margin]
set xlabel "time of the snapshot  {/:Italic t}"
set style line 30 lw 1.4 pt 7 ps 0.5
# What is not positive has no place on a logarithmic axis.
positive(x) = x > 0 ? x : NaN

set rmargin at screen 0.465; set lmargin at screen 0.085
set tmargin at screen 0.945; set bmargin at screen 0.590
set title "{/:Bold a}   eigenvalues of the correlation  {/:Italic F}" offset 0,-0.4
set logscale y; set format y "10^{%L}"
set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.5,0
if (low("s") == high("s") && high("s") > 0) { set yrange [high("s") / 10:high("s") * 10] }
if (high("s") <= 0) {
    set label 2 "no eigenvalue above 0" at graph 0.5,0.5 center tc rgb INK
    set yrange [1:10]; plot 0.1 notitle
    unset label 2
} else { if (one) {
    plot for [j = 1:n] trace using "t":(positive(column(sprintf("s_%d", j)))) with points ls 30 lc palette cb j
} else {
    plot for [j = 1:n] trace using "t":(positive(column(sprintf("s_%d", j)))) with lines ls 30 lc palette cb j
} }
unset logscale y; unset yrange; set yrange [*:*]

set lmargin at screen 0.585; set rmargin at screen 0.965
set title "{/:Bold b}   eigenvalues of the predictor  {/:Italic W_{p}}" offset 0,-0.4
set format y "%g"
set ylabel "" norotate
# Without a predictor there is nothing of one to draw.
named(stem) = int(system(sprintf("awk -F '\\t' -v s='%s_1' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == s) c = i; next } $c != \"nan\" { n++ } END { print n + 0 }' '%s'", stem, trace)))
if (low("wpe") == high("wpe")) { set yrange [low("wpe") - 1:high("wpe") + 1] }
if (named("wpe") == 0) {
    set label 2 "no predictor" at graph 0.5,0.5 center tc rgb INK
    plot -10 notitle
    unset label 2
} else { if (one) {
    plot for [j = 1:n] trace using "t":(column(sprintf("wpe_%d", j))) with points ls 30 lc palette cb j
} else {
    plot for [j = 1:n] trace using "t":(column(sprintf("wpe_%d", j))) with lines ls 30 lc palette cb j
} }

unset yrange; set yrange [*:*]
set tmargin at screen 0.445; set bmargin at screen 0.090
set lmargin at screen 0.085; set rmargin at screen 0.465
set title "{/:Bold c}   alignment, and asymmetry of  {/:Italic W_{p}}  (dashed)" offset 0,-0.4
set ylabel "cos∠({/:Italic W_{p} u_{j}} , {/:Italic u_{j}})" rotate by 90 offset 1.5,0
set yrange [-1.05:1.5]; set ytics 0.5
if (named("cos") == 0) {
    set label 2 "no alignment to tell" at graph 0.5,0.5 center tc rgb INK
    plot -10 notitle
    unset label 2
} else { if (one) {
    plot for [j = 1:n] trace using "t":(column(sprintf("cos_%d", j))) with points ls 30 lc palette cb j, \
         trace using "t":"asymmetry" with points ls 7
} else {
    plot for [j = n:1:-1] trace using "t":(column(sprintf("cos_%d", j))) with lines ls 30 lc palette cb j, \
         trace using "t":"asymmetry" with lines lc rgb BLACK lw 2.2 dt (6,3)
} }

set lmargin at screen 0.585; set rmargin at screen 0.965
set title "{/:Bold d}   on the parabola at the last snapshot?" offset 0,-0.4
set xlabel "{/:Italic s_{j}}"
set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0
set logscale xy; set format xy "10^{%L}"; set ytics autofreq
set xrange [*:*]; set yrange [*:*]
if (low("s") == high("s") && high("s") > 0) { set xrange [high("s") / 10:high("s") * 10] }
rate = last(trace, "alpha_p"); slope = last(trace, "slope"); alive = int(last(trace, "alive"))
shown = alive > 0 ? alive : 1
row = int(system(sprintf("awk '!/^#/ { n++ } END { print n - 2 }' '%s'", trace)))
# Where only spectra are known p_j is nan, and the analysis itself takes wpe_j.
stem = system(sprintf("awk -F '\\t' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == \"p_1\") c = i; next } { v = $c } END { print v == \"nan\" ? \"wpe\" : \"p\" }' '%s'", trace))
# Modes of the last snapshot that a logarithmic plane has a place for.
drawn = int(system(sprintf("awk -F '\\t' -v p='%s_' '/^#/ { next } !c { c = 1; for (i = 1; i <= NF; i++) place[$i] = i; next } { n = 0; for (j = 1; (\"s_\" j) in place; j++) { a = $place[\"s_\" j]; b = $place[p j]; n += a != \"nan\" && b != \"nan\" && a > 0 && b > 0 } } END { print n + 0 }' '%s'", stem, trace)))
if (low(stem) == high(stem) && high(stem) > 0) { set yrange [high(stem) / 10:high(stem) * 10] }
p(j) = column(sprintf("%s_%d", stem, j))
at(j) = positive(column(sprintf("s_%d", j)))
set key bottom right Left reverse
if (drawn == 0) {
    unset logscale; set xrange [0:1]; set yrange [0:1]; unset xtics; unset ytics
    set label 1 "no mode with {/:Italic s} > 0 and {/:Italic p} > 0" at graph 0.5,0.5 center tc rgb INK
    plot -1 notitle
} else {
set label 1 sprintf("slope %.3f", slope) at graph 0.04,0.93 tc rgb INK
plot trace every ::row::row using (at(shown)):(positive(sqrt(rate * at(shown)))):(at(1) - at(shown)):(sqrt(rate * at(1)) - sqrt(rate * at(shown))) with vectors nohead ls 13 title "slope 1/2", \
     for [j = 1:n] trace every ::row::row using (at(j)):(positive(p(j))) with points ls 30 ps 0.7 lc palette cb j notitle
}
unset multiplot
