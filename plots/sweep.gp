# sweep.gp OUTPUT DIR: a sweep or a map of fates: over one axis the end of p, over two a
# map of fates. DIR holds table.tsv, whose first columns are the axes.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 760; H = 560
load "style.gp"
table = DIR."/table.tsv"
header = names(table)
axes = int(system(sprintf("echo '%s' | tr ' ' '\\n' | awk '$1 == \"fate\" { print NR - 1; exit }'", header)))
pretty(name) = name eq "eta" ? "weight decay  {/:Italic η}" : name eq "eta_s" ? "weight decay of the network  {/:Italic η_s}" \
    : name eq "eta_p" ? "weight decay of the predictor  {/:Italic η_p}" : name eq "beta" ? "EMA rate  {/:Italic β}" \
    : name eq "alpha_p" ? "predictor's learning rate ratio  {/:Italic α_p}" : name eq "p0" ? "start  {/:Italic p}(0)" \
    : name eq "s0" ? "start  {/:Italic s}(0)" : name eq "tau0" ? "start  {/:Italic τ}(0)" : name eq "sigma2" ? "augmentation  {/:Italic σ}^2" : name
# Evenly spaced in the logarithm: the middle value is closer to the geometric mean.
measure(name, what) = real(system(sprintf("awk -F '\\t' -v n='%s' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { x = $c + 0; if (!k++ || x < lo) lo = x; if (k == 1 || x > hi) hi = x; if (!(x in seen)) { seen[x]; u[++m] = x } } END { mid = u[int((m + 1) / 2)]; logar = m > 2 && lo > 0 && (mid - sqrt(lo * hi))^2 < (mid - (lo + hi) / 2)^2; print %s }' '%s'", name, what, table)))

across = word(header, 1)
x_log = int(measure(across, "logar"))
set lmargin at screen 0.12; set rmargin at screen 0.96
set tmargin at screen 0.88; set bmargin at screen 0.13
set key outside above horizontal center samplen 1.5 width 2
if (x_log) { set logscale x; set format x "10^{%L}" }
set xrange [measure(across, "lo"):measure(across, "hi")]
set xlabel pretty(across)
if (axes == 1) {
    set ylabel "{/:Italic p} at the end" offset 1,0
    plot table using across:(column("fate") == 1 ? column("p_end") : NaN) with points ls 11 ps 0.6 title "survives", \
         table using across:(column("fate") == 0 ? column("p_end") : NaN) with points ls 12 ps 0.6 title "collapsed", \
         table using across:(column("fate") > 1 ? 0 : NaN) with points pt 2 ps 0.6 lc rgb GREY title "diverged or undecided"
} else {
    upward = word(header, 2)
    y_log = int(measure(upward, "logar"))
    if (y_log) { set logscale y; set format y "10^{%L}" }
    set yrange [measure(upward, "lo"):measure(upward, "hi")]
    set ylabel pretty(upward) offset 1,0
    unset grid
    set style fill solid 1 noborder
    # Each point is a cell that reaches half-way to the next ones.
    half(log, name) = log ? (measure(name, "hi") / measure(name, "lo"))**(0.5 / (measure(name, "m") - 1)) \
                          : 0.5 * (measure(name, "hi") - measure(name, "lo")) / (measure(name, "m") - 1)
    hx = half(x_log, across)
    hy = half(y_log, upward)
    lower(v, log, h) = log ? v / h : v - h
    upper(v, log, h) = log ? v * h : v + h
    set key reverse Left
    plot for [f = 0:2] table using ((f < 2 ? column("fate") == f : column("fate") > 1) ? column(across) : NaN):(column(upward)):(lower(column(across), x_log, hx)):(upper(column(across), x_log, hx)):(lower(column(upward), y_log, hy)):(upper(column(upward), y_log, hy)) \
        with boxxyerror lc rgb word("#F3B58F #9CCBE6 #B0B0B0", f + 1) title word("collapsed survives undecided", f + 1)
}
