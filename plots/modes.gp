# modes.gp: a run of decoupled modes (modes, parabola, lowdim) against time: predictor and correlation
# eigenvalues, the target's ratio, and the rate of alignment. ssldyn plot writes $modes and the numbers.
# SPDX-License-Identifier: MIT
W = 1080; H = 660; PANELS = 4; COLUMNS = 2; LEAST = 250
LEFT = 86.4; RIGHT = 32.4; GAPX = 118.8; TOP = 36.3; BOTTOM = 59.4; GAPY = 95.7
load "style.gp"

set multiplot
unset key; unset colorbox
set cbrange [1:modes_modes > 1 ? modes_modes : 2]
set format "%g"
set xlabel "flow time  {/:Italic t}"
if (log_time) { set logscale x; set format x "10^{%L}" } else { set xrange [0:end > 0 ? end : 1] }
clock(t) = log_time ? positive(t) : t
array LOW[4] = [p_low, s_low, tau_low, k_low]
array HIGH[4] = [p_high, s_high, tau_high, k_high]
array COUNT[4] = [p_count, s_count, tau_count, k_count]

do for [k = 1:4] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    if (k == 1) { set title "{/:Bold a}   predictor"; set ylabel "{/:Italic p_{j}}" rotate by 0 offset 1.0,0 }
    if (k == 2) { set title "{/:Bold b}   correlation"; set ylabel "{/:Italic s_{j}}" rotate by 0 offset 1.0,0 }
    if (k == 3) { set title "{/:Bold c}   target over online network"; set ylabel "{/:Italic τ_{j}}" rotate by 0 offset 1.0,0 }
    if (k == 4) { set title "{/:Bold d}   rate of alignment (Thm 3)"; set ylabel "{/:Italic K_{j}}" rotate by 0 offset 1.0,0 }
    set title offset 0,-0.4
    if (k > 2) { set xzeroaxis ls 15 }
    # for a curve that is constant up to rounding gnuplot finds no tics
    if (HIGH[k] - LOW[k] <= 1e-12 * (abs(HIGH[k]) + abs(LOW[k]))) { set yrange [LOW[k] - 1:HIGH[k] + 1] } else { set yrange [*:*] }
    if (COUNT[k] == 0) { # K of other data than isotropic ones, or of a predictor that is not trained
        set label 98 "not defined for this run" at graph 0.5,0.6 center tc rgb INK
        plot LOW[k] - 2 notitle
        unset label 98
    } else {
        plot $modes using (clock(column("t"))):(column(k + 1)):"mode" with lines lw 1.6 lc palette
    }
    unset label 99 # of style.gp: once is enough
}
unset multiplot
