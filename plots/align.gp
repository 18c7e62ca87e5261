# align.gp: what `ssldyn align` measured: eigenvalues of the correlation, with the forecast of --predict,
# and of the predictor, their alignment and the predictor's asymmetry against time, and the
# last snapshot's predictor over its correlation, with the invariant parabola, or with plateau and
# tail if the analysis distinguishes them. ssldyn plot writes $modes, $last, $prediction, $trace and
# the numbers.
# SPDX-License-Identifier: MIT
W = 1080; H = 660; PANELS = 4; COLUMNS = 2; LEAST = 250
LEFT = 91.8; RIGHT = 37.8; GAPX = 129.6; TOP = 36.3; BOTTOM = 59.4; GAPY = 95.7
load "style.gp"
one = end <= begin
margin = one ? 0.5 : 0

set multiplot
unset key
set cbrange [1:modes_modes > 1 ? modes_modes : 2]; unset colorbox
set xrange [begin - margin:end + margin]
set xlabel "time of the snapshot  {/:Italic t}"
set style line 30 lw 1.4 pt 7 ps 0.5
set style line 31 lc rgb BLACK lw 1.6 dt (4,4)
constant(low, high) = high - low <= 1e-12 * (abs(high) + abs(low))

set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set title "{/:Bold a}   eigenvalues of ".(PW < 320 ? "" : "the correlation ")." {/:Italic F}".(prediction_modes > 0 ? "  (dashed: predicted)" : "") offset 0,-0.4
set logscale y; set format y "10^{%L}"
set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.5,0
if (constant(s_low, s_high) && s_high > 0) { set yrange [s_high / 10:s_high * 10] }
if (s_high <= 0) {
    set label 2 "no eigenvalue above 0" at graph 0.5,0.5 center tc rgb INK
    set yrange [1:10]; plot 0.1 notitle
    unset label 2
} else { if (one) {
    plot $modes using "t":(positive(column("s"))):"mode" with points ls 30 lc palette
} else { if (prediction_modes > 0) {
    plot $modes using "t":(positive(column("s"))):"mode" with lines ls 30 lw 2.4 lc palette, \
         $prediction using "t":(positive(column("sp"))) with lines ls 31
} else {
    plot $modes using "t":(positive(column("s"))):"mode" with lines ls 30 lc palette
} } }
unset logscale y; unset yrange; set yrange [*:*]

set lmargin at screen left(2); set rmargin at screen right(2); set tmargin at screen top(2); set bmargin at screen bottom(2)
set title "{/:Bold b}   eigenvalues of the predictor  {/:Italic W_{p}}" offset 0,-0.4
set format y "%g"
set ylabel "" norotate
# Without a predictor there is nothing of one to draw.
if (constant(wpe_low, wpe_high)) { set yrange [wpe_low - 1:wpe_high + 1] }
if (wpe_count == 0) {
    set label 2 "no predictor" at graph 0.5,0.5 center tc rgb INK
    plot -10 notitle
    unset label 2
} else { if (one) {
    plot $modes using "t":"wpe":"mode" with points ls 30 lc palette
} else {
    plot $modes using "t":"wpe":"mode" with lines ls 30 lc palette
} }

unset yrange; set yrange [*:*]
set lmargin at screen left(3); set rmargin at screen right(3); set tmargin at screen top(3); set bmargin at screen bottom(3)
set title "{/:Bold c}   alignment, and asymmetry of  {/:Italic W_{p}}  (dashed)" offset 0,-0.4
set ylabel "cos({/:Italic W_{p} u_{j}} , {/:Italic u_{j}})" rotate by 90 offset 1.5,0
set yrange [-1.05:1.5]; set ytics 0.5
if (cos_up_count == 0) {
    set label 2 "alignment undefined" at graph 0.5,0.5 center tc rgb INK
    plot -10 notitle
    unset label 2
} else { if (one) {
    plot $modes using "t":"cos_up":"mode" with points ls 30 lc palette, $trace using "t":"asymmetry" with points ls 7
} else {
    plot $modes using "t":"cos_up":"mode" with lines ls 30 lc palette, $trace using "t":"asymmetry" with lines lc rgb BLACK lw 2.2 dt (6,3)
} }

set lmargin at screen left(4); set rmargin at screen right(4); set tmargin at screen top(4); set bmargin at screen bottom(4)
broken_line = exists("cosine_break_s")
set title "{/:Bold d}   ".(broken_line ? "plateau and tail" : "on the parabola")." at the last snapshot".(broken_line ? "" : "?") offset 0,-0.4
set xlabel "{/:Italic s_{j}}"
set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0
set logscale xy; set format xy "10^{%L}"; set ytics autofreq
set xrange [*:*]; set yrange [*:*]
# Where only spectra are known p_j is nan, and the analysis itself takes wpe_j.
measured = last_p_count > 0 ? "last_p" : "last_wpe"
set key bottom right Left reverse
# Modes that a logarithmic plane has a place for.
if ((last_p_count > 0 ? positive_p : positive_wpe) == 0) {
    unset logscale; set xrange [0:1]; set yrange [0:1]; unset xtics; unset ytics
    set label 1 "no mode with {/:Italic s} > 0 and {/:Italic p} > 0" at graph 0.5,0.5 center tc rgb INK
    plot -1 notitle
} else {
    # At least a decade around the modes that are drawn, so that each axis has a number. The ranges
    # come after stats, which leaves out what lies outside of them.
    drawn(x) = column(measured) > 0 ? positive(x) : NaN
    stats $last using (drawn(column("last_s"))) nooutput name "D"
    stats $last using (column("last_s") > 0 ? positive(column(measured)) : NaN) nooutput name "P"
    # The parabola over the modes that the slope and alpha_p speak of: the upper ones of a broken line;
    # plateau and tail over theirs.
    fitted = broken_line ? cosine_usable : upper_last > 0 ? upper_last : alive_last > 0 ? alive_last : 1
    # It counts those with p > 0 alone.
    drawn_so_far = 0
    counted(x) = x == x ? (drawn_so_far = drawn_so_far + 1, drawn_so_far <= fitted ? x : NaN) : NaN
    stats $last using (counted(drawn(column("last_s")))) nooutput name "S"
    set xrange [D_min / 3.2:D_max * 3.2]; set yrange [P_min / 3.2:P_max * 3.2]
    # Over few powers of ten also 2 and 5 times them.
    if (D_max < 10 * D_min) { set format x "%g"; set xtics (1); do for [k = floor(log10(D_min)) - 1:floor(log10(D_max)) + 1] { do for [m = 0:2] { set xtics add ((1 + m * m) * 10.0**k) } } }
    if (P_max < 10 * P_min) { set format y "%g"; set ytics (1); do for [k = floor(log10(P_min)) - 1:floor(log10(P_max)) + 1] { do for [m = 0:2] { set ytics add ((1 + m * m) * 10.0**k) } } }
    parabola(s) = sqrt(alpha_p_last * s)
    slope = upper_last > 0 ? slope_upper_last : slope_last
    broken = upper_last > 0 && slope_upper_last != slope_last && slope_last == slope_last
    set label 1 (slope == slope ? sprintf("slope %.3f", slope).(broken ? sprintf(" (%g upper modes)", upper_last) : "") : "") at graph 0.04,0.93 tc rgb INK
    if (broken_line) {
        # The lines over the modes that they were fitted to; guides through the break.
        above(s) = exp(cosine_height_plateau + cosine_slope_plateau * log(s))
        below(s) = exp(cosine_height_tail + cosine_slope_tail * log(s))
        set clip two # a guide may begin and end outside
        guide(s, slope) = cosine_break_p * (s / cosine_break_s)**slope
        if (cosine_slope_plateau == cosine_slope_plateau) { set arrow 1 from cosine_break_s,above(cosine_break_s) to S_max,above(S_max) nohead front lc rgb RED lw 2 }
        if (cosine_slope_tail == cosine_slope_tail) { set arrow 2 from S_min,below(S_min) to cosine_break_s,below(cosine_break_s) nohead front lc rgb RED lw 2 }
        set label 1 sprintf("plateau %.3f (%g modes)\ntail %.2f (%g modes)", cosine_slope_plateau, cosine_plateau, cosine_slope_tail, cosine_tail) at graph 0.04,0.93 tc rgb INK
        plot $last using (drawn(column("last_s"))):(positive(column(measured))):"mode" with points ls 30 ps 0.7 lc palette notitle, \
             guide(x, 0) with lines ls 15 title "slopes 0, 1/2, 1", guide(x, 0.5) with lines ls 15 notitle, guide(x, 1) with lines ls 15 notitle
    } else {
    if (alpha_p_last > 0 && exists("S_min")) { set arrow 1 from S_min / 1.8,parabola(S_min / 1.8) to S_max * 1.8,parabola(S_max * 1.8) nohead front ls 13 }
    plot $last using (drawn(column("last_s"))):(positive(column(measured))):"mode" with points ls 30 ps 0.7 lc palette notitle, \
         keyentry with lines ls 13 title "slope 1/2"
    }
}
unset multiplot
