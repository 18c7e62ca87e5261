# sweep.gp OUTPUT DIR: a sweep or a map of fates. Over one axis a bifurcation diagram, p at the end with
# the fixed points' branches; over two a map of fates, or of ranks where more than one mode can survive,
# with theory's lines over it where DIR holds lines.tsv. The first columns of table.tsv are the axes.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 760; H = 560
load "style.gp"
table = DIR."/table.tsv"
lines = DIR."/lines.tsv"
header = names(table)
axes = int(system(sprintf("echo '%s' | tr ' ' '\\n' | awk '$1 == \"fate\" { print NR - 1; exit }'", header)))
# The words of an axis in the order in which they come; none where it varies numbers.
NUMBER = "/^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$/"
words_of(name) = system(sprintf("awk -F '\t' -v n='%s' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } $c !~ %s && !($c in seen) { seen[$c]; printf \"%%s \", $c }' '%s'", name, NUMBER, table))
# They are drawn at 0, 1, 2 ...: a copy of the table has these numbers.
x_words = words_of(word(header, 1)); y_words = axes > 1 ? words_of(word(header, 2)) : ""
if (x_words.y_words ne "") {
    numbered = system("mktemp")
    call = system(sprintf("awk -F '\t' -v OFS='\t' -v axes=%d '/^#/ || !c { print; c = c || !/^#/; next } { for (i = 1; i <= axes; i++) if ($i !~ %s) { if (!((i, $i) in at)) at[i, $i] = count[i]++; $i = at[i, $i] } print }' '%s' >'%s'", axes, NUMBER, table, numbered))
    table = numbered
}
pretty(name) = name eq "eta" ? "weight decay  {/:Italic η}" : name eq "eta_s" ? "weight decay of the network  {/:Italic η_s}" \
    : name eq "eta_p" ? "weight decay of the predictor  {/:Italic η_p}" : name eq "beta" ? "EMA rate  {/:Italic β}" \
    : name eq "alpha_p" ? "predictor's learning rate ratio  {/:Italic α_p}" : name eq "p0" ? "start  {/:Italic p}(0)" \
    : name eq "s0" ? "start  {/:Italic s}(0)" : name eq "tau0" ? "start  {/:Italic τ}(0)" : name eq "sigma2" ? "augmentation  {/:Italic σ}^2" \
    : name eq "tau" ? "target ratio  {/:Italic τ}" : name eq "lr" ? "learning rate" : system(sprintf("echo '%s' | tr _ ' '", name))
# Evenly spaced in the logarithm: the middle value is closer to the geometric mean.
measure(name, what) = real(system(sprintf("awk -F '\\t' -v n='%s' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { x = $c + 0; if (!k++ || x < lo) lo = x; if (k == 1 || x > hi) hi = x; if (!(x in seen)) { seen[x]; u[++m] = x } } END { mid = u[int((m + 1) / 2)]; logar = m > 2 && lo > 0 && (mid - sqrt(lo * hi))^2 < (mid - (lo + hi) / 2)^2; print %s }' '%s'", name, what, table)))
# How many points lines.tsv has of a line.
drawn(line) = int(system(sprintf("awk -F '\\t' -v n='%s' '$1 == n { k++ } END { print k + 0 }' '%s' 2>/dev/null || echo 0", line, lines)))

across = word(header, 1)
x_log = int(measure(across, "logar"))
set lmargin at screen 0.12; set rmargin at screen 0.96
set tmargin at screen 0.86; set bmargin at screen 0.13
set key at screen 0.54,0.985 top center vertical maxrows 3 width 1 samplen 1.8 Left reverse
if (x_log) { set logscale x; set format x "10^{%L}" }
lowest = measure(across, "lo"); highest = measure(across, "hi")
if (lowest == highest || x_words ne "") { set xrange [lowest - 0.5:highest + 0.5] } else { set xrange [lowest:highest] }
if (x_words ne "") { set xtics (word(x_words, 1) 0); do for [k = 2:words(x_words)] { set xtics add (word(x_words, k) k - 1) } }
set xlabel pretty(across)
LINES = "fold alignment ema edge"
TITLES = "'fold: nothing survives beyond' '{/:Italic K} > 0 border (Eq. 17)' 'EMA survival: the largest start' 'edge of the basin'"
set style line 41 lc rgb INK lw 1.6 dt (7,4)
set style line 42 lc rgb PURPLE lw 2.0 dt (2,3)
set style line 43 lc rgb BLUE lw 1.8 dt (9,3,2,3)
set style line 44 lc rgb BLACK lw 1.8
if (axes == 1) {
    # what to draw where p at the end was not kept
    value = has(table, "p_end") ? "p_end" : "fate"
    if (value eq "p_end") { set ylabel "{/:Italic p} at the end" offset 1,0 } else {
        set ylabel "fate"; set yrange [-0.5:3.5]; set ytics 1
    }
    if (drawn("fold")) {
        fold = real(system(sprintf("awk -F '\\t' '$1 == \"fold\" { print $3; exit }' '%s'", lines)))
        set arrow 1 from fold, graph 0 to fold, graph 1 nohead ls 41
        set label 1 "fold" at fold, graph 0.97 offset 0.6,0 tc rgb INK
    }
    branch(name) = strcol(1) eq name
    if (drawn("zero")) {
        plot lines using (branch("stable") ? column(3) : NaN):4 with lines lc rgb RED lw 2 title "stable {/:Italic p}_+", \
             lines using (branch("unstable") ? column(3) : NaN):4 with lines lc rgb GREEN lw 2 dt (6,4) title "unstable {/:Italic p}_-: edge of the basin", \
             lines using (branch("zero") ? column(3) : NaN):4 with lines lc rgb GREY lw 1.2 notitle, \
             table using across:(column("fate") == 1 ? column(value) : NaN) with points pt 7 ps 0.55 lc rgb BLUE title "survives", \
             table using across:(column("fate") == 0 ? column(value) : NaN) with points pt 6 ps 0.7 lc rgb ORANGE title "collapsed", \
             table using across:(column("fate") > 1 ? (value eq "fate" ? column(value) : 0) : NaN) with points pt 2 ps 0.6 lc rgb GREY title "diverged or undecided"
    } else {
        plot table using across:(column("fate") == 1 ? column(value) : NaN) with points pt 7 ps 0.55 lc rgb BLUE title "survives", \
             table using across:(column("fate") == 0 ? column(value) : NaN) with points pt 6 ps 0.7 lc rgb ORANGE title "collapsed", \
             table using across:(column("fate") > 1 ? (value eq "fate" ? column(value) : 0) : NaN) with points pt 2 ps 0.6 lc rgb GREY title "diverged or undecided"
    }
} else {
    upward = word(header, 2)
    y_log = int(measure(upward, "logar"))
    if (y_log) { set logscale y; set format y "10^{%L}" }
    set yrange [measure(upward, "lo"):measure(upward, "hi")]
    if (y_words ne "") {
        set yrange [-0.5:words(y_words) - 0.5]
        set ytics (word(y_words, 1) 0); do for [k = 2:words(y_words)] { set ytics add (word(y_words, k) k - 1) }
    }
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
    # A line of one name and branch; strings of several branches lie one behind the other.
    on(line, k) = strcol(1) eq line && column(2) == k
    ranked = has(table, "rank") ? measure("rank", "hi") > 1 : 0
    if (ranked) {
        set rmargin at screen 0.85
        top = int(measure("rank", "hi"))
        set cbrange [-0.5:top + 0.5]; set cbtics 1 scale 0
        if (top > 12) { set cbtics 4 }
        # one colour a rank, as far as they can be told apart
        if (top <= 8) {
            step(k) = sprintf("%d '%s', %d '%s'", k, word(VIRIDIS, 1 + int(8.0 * k / top + 0.5)), k + 1, word(VIRIDIS, 1 + int(8.0 * k / top + 0.5)))
            steps = step(0)
            do for [k = 1:top] { steps = steps.", ".step(k) }
            eval "set palette defined (".steps.")"
        }
        set cblabel "modes that survive" offset 1.2,0
        set key at screen 0.48,0.985
        set colorbox user origin screen 0.875,0.13 size screen 0.025,0.73
    } else { unset colorbox }
    colour(f) = word("#F3B58F #9CCBE6 #B0B0B0", f + 1)
    array COUNT[4]; array DRAW[4]
    do for [i = 1:4] { COUNT[i] = drawn(word(LINES, i)) }
    # where a line is not there, nothing is drawn from nothing
    have(i) = COUNT[i] > 0
    file(i) = have(i) ? lines : table
    x(i, k) = have(i) ? (on(word(LINES, i), k) ? column(3) : NaN) : NaN
    y(i) = have(i) ? column(4) : NaN
    label(i) = word(TITLES, i)
    if (ranked) {
        plot table using (column(across)):(column(upward)):(lower(column(across), x_log, hx)):(upper(column(across), x_log, hx)):(lower(column(upward), y_log, hy)):(upper(column(upward), y_log, hy)):(column("fate") > 1 ? NaN : column("rank")) \
            with boxxyerror lc palette notitle, \
            table using (column("fate") > 1 ? column(across) : NaN):(column(upward)):(lower(column(across), x_log, hx)):(upper(column(across), x_log, hx)):(lower(column(upward), y_log, hy)):(upper(column(upward), y_log, hy)) \
            with boxxyerror lc rgb colour(2) title "undecided", \
            for [i = 1:4] for [k = 0:3] file(i) using (x(i, k)):(y(i)) with lines lc rgb "white" lw 4 notitle, \
            for [i = 1:4] for [k = 0:3] file(i) using (x(i, k)):(y(i)) with lines ls 40 + i title have(i) && k == 0 ? label(i) : ""
    } else {
        plot for [f = 0:2] table using ((f < 2 ? column("fate") == f : column("fate") > 1) ? column(across) : NaN):(column(upward)):(lower(column(across), x_log, hx)):(upper(column(across), x_log, hx)):(lower(column(upward), y_log, hy)):(upper(column(upward), y_log, hy)) \
            with boxxyerror lc rgb colour(f) title word("collapsed survives undecided", f + 1), \
            for [i = 1:4] for [k = 0:3] file(i) using (x(i, k)):(y(i)) with lines lc rgb "white" lw 3.4 notitle, \
            for [i = 1:4] for [k = 0:3] file(i) using (x(i, k)):(y(i)) with lines ls 40 + i title have(i) && k == 0 ? label(i) : ""
    }
}
if (x_words.y_words ne "") { call = system(sprintf("rm -f '%s'", numbered)) }
