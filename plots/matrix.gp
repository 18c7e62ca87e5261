# matrix.gp: one run of a matrix model: spectrum, predictor, alignment and invariants against time.
# ssldyn plot writes $modes, $trace and the numbers; s_plus and p_plus, the levels that theory
# predicts, are drawn where the run directory holds theory.txt (what `ssldyn theory` printed).
# SPDX-License-Identifier: MIT
W = 1080; H = 660; PANELS = 4; COLUMNS = 2; LEAST = 250
LEFT = 81; RIGHT = 37.8; GAPX = 118.8; TOP = 36.3; BOTTOM = 59.4; GAPY = 95.7
load "style.gp"

set multiplot
unset key
set format "%g"
set cbrange [1:modes_modes > 1 ? modes_modes : 2]; unset colorbox
set xrange [0:end > 0 ? end : 1]
set xlabel "flow time  {/:Italic t}"
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)

set title "{/:Bold a}   eigenvalues of the correlation  {/:Italic F}" offset 0,-0.4
set logscale y; set yrange [1e-6:10]; set format y "10^{%L}"; set ytics 100
set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.5,0
if (s_plus == s_plus) {
    set label 1 "{/:Italic s}*_{+}" at graph 1, first s_plus left offset 0.4,0 tc rgb INK
    set arrow 1 from 0,s_plus to end,s_plus nohead front ls 13
}
plot $modes using "t":"s":"mode" with lines lw 1.6 lc palette
unset label; unset arrow; unset logscale y; unset yrange; set yrange [*:*]

set lmargin at screen left(2); set rmargin at screen right(2); set tmargin at screen top(2); set bmargin at screen bottom(2)
set title "{/:Bold b}   predictor,  {/:Italic p_{j}} = {/:Italic u_{j}}^{T}{/:Italic W_{p} u_{j}}" offset 0,-0.4
set format y "%g"; set ytics autofreq
set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0
if (p_plus == p_plus) {
    set label 1 "{/:Italic p}*_{+}" at graph 1, first p_plus left offset 0.4,0 tc rgb INK
    set arrow 1 from 0,p_plus to end,p_plus nohead front ls 13
}
if (p_high - p_low <= 1e-12 * (abs(p_high) + abs(p_low))) { set yrange [p_low - 1:p_high + 1] }
if (p_count == 0) { plot p_low - 2 notitle } else { plot $modes using "t":"p":"mode" with lines lw 1.6 lc palette }
unset label; unset arrow

set lmargin at screen left(3); set rmargin at screen right(3); set tmargin at screen top(3); set bmargin at screen bottom(3)
set title "{/:Bold c}   alignment of predictor and correlation" offset 0,-0.4
set ylabel "cos({/:Italic W_{p} u_{j}} , {/:Italic u_{j}})" rotate by 90 offset 1.5,0
set yrange [-1.05:1.05]; set ytics 0.5
# Where an eigenvalue is lost in rounding its direction means nothing.
if (cos_up_count == 0) { plot -2 notitle } else {
    plot $modes using "t":(column("s") > 1e-12 ? column("cos_up") : NaN):"mode" with lines lw 1.6 lc palette
}

set lmargin at screen left(4); set rmargin at screen right(4); set tmargin at screen top(4); set bmargin at screen bottom(4)
set title "{/:Bold d}   asymmetry, commutator, and balance" offset 0,-0.4
set ylabel "size" offset 1.5,0
set logscale y; set yrange [1e-14:PW < 400 ? 1e10 : 1e4]; set format y "10^{%L}"; set ytics 1e-12,1e4,1 # space for the key in a narrow panel
set key top right Left reverse
plot $trace using "t":(positive(column("asymmetry"))) with lines ls 2 title "asymmetry of {/:Italic W_{p}}", \
     $trace using "t":(positive(column("commutator"))) with lines ls 1 title "commutator  |[{/:Italic F}, {/:Italic W_{p}}]|", \
     $trace using "t":(positive(column("balance"))) with lines ls 3 title "drift of the balance (Thm 1)", \
     1e-30 notitle # below the range: a picture also where all three are nought
unset multiplot
