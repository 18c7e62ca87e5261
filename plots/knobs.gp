# knobs.gp: by what factor each knob alone collapses a start (DIR/margins/margins.tsv), and the edge of
# the basin over the EMA rate with its tangents (DIR/edge/thresholds.tsv).
# SPDX-License-Identifier: MIT
W = 980; H = 400; PANELS = 2; COLUMNS = 2; LEAST = 260
LEFT = 64; RIGHT = 22; GAPX = 96; TOP = 84; BOTTOM = 60; GAPY = 96
load "style.gp"
KNOBS = "eta eta_s eta_p lambda_s lambda_d alpha_p beta start"
least(f) = f < 1 ? f : 1
most(f) = f > 1 ? f : 1
set multiplot
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set title "{/:Bold a}   factor at which the mode collapses" offset 0,2.2
set logscale x
set xrange [0.005:20]; set yrange [words(KNOBS) + 0.6:0.4]
set xtics (0.01, 0.03, 0.1, 0.3, 1, 3, 10) format "%g"; set mxtics 1
array SHOWN_AS[8] = ["{/:Italic η}", "{/:Italic η_s}", "{/:Italic η_p}", "{/:Italic λ_s}", "{/:Italic λ_d}", "{/:Italic α_p}", "{/:Italic β}", "start"]
set ytics scale 0 (SHOWN_AS[1] 1)
do for [k = 2:8] { set ytics add (SHOWN_AS[k] k) }
set xlabel "factor of this parameter alone"
set style fill solid 0.85 noborder
set arrow 1 from 1, graph 0 to 1, graph 1 nohead front lc rgb INK lw 1.4
set key at graph 0.5,1.1 center horizontal Left reverse samplen 1.2
plot for [k = 1:8] DIR."/margins/margins.tsv" using (column("kind_".word(KNOBS, k)) == 1 ? 1 : NaN):(k):(least(column("x_".word(KNOBS, k)))):(most(column("x_".word(KNOBS, k)))):(k - 0.3):(k + 0.3) with boxxyerror lc rgb BLUE title k == 1 ? "the fold" : "", \
     for [k = 1:8] DIR."/margins/margins.tsv" using (column("kind_".word(KNOBS, k)) == 2 ? 1 : NaN):(k):(least(column("x_".word(KNOBS, k)))):(most(column("x_".word(KNOBS, k)))):(k - 0.3):(k + 0.3) with boxxyerror lc rgb RED title k == 1 ? "the edge of the basin" : ""
unset arrow 1
set lmargin at screen left(2); set rmargin at screen right(2); set tmargin at screen top(2); set bmargin at screen bottom(2)
set title "{/:Bold b}   the edge from {/:Italic W}_a(0) = 0, and its tangents" offset 0,2.2
set xrange [0.05:5]; set yrange [0.04:0.08]
unset ytics; set ytics 0.01 scale 0.6 nomirror out textcolor rgb INK format "%g"
set xtics (0.05, 0.1, 0.2, 0.5, 1, 2, 5) format "%g"
set xlabel "EMA rate  {/:Italic β}"
set ylabel "start  {/:Italic p}_0" offset 0.6,0
set style arrow 9 nohead lc rgb RED lw 1.8
# a tangent over a factor of e^{±0.35} of beta
slope = "derivative_beta"
plot DIR."/edge/thresholds.tsv" using "beta":"threshold" with lines ls 1 title "edge", \
     DIR."/edge/thresholds.tsv" every 4 using (column("beta") * exp(-0.35)):(column("threshold") - 0.35 * column("beta") * column(slope)):(column("beta") * (exp(0.35) - exp(-0.35))):(0.7 * column("beta") * column(slope)) with vectors arrowstyle 9 title "tangents"
unset multiplot
