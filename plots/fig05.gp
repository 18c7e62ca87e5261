# fig05.gp: weight decay and EMA in the decoupled modes. DIR holds one run of one mode for each weight
# decay of ETA (eta_E) and for each EMA rate of BETA (beta_B).
# SPDX-License-Identifier: MIT
W = 1200; H = 600; PANELS = 8; COLUMNS = 4; LEAST = 118
LEFT = 60; RIGHT = 25.2; GAPX = 51.6; TOP = 45; BOTTOM = 60; GAPY = 99
# On a narrow page the legend is above the panels, the weight decays first.
NARROW = WIDTH > 0 && WIDTH < 800
per_row = NARROW ? int((WIDTH - 20) / 84) : 1
rows_for(values) = (words(values) + per_row - 1) / per_row
if (NARROW) { TOP = TOP + 20 * (rows_for(ETA) + rows_for(BETA)) }
load "style.gp"
entry_x(i) = px(16 + ((i - 1) % per_row) * 84)
entry_y(r, i) = 1 - py(16 + 20 * ((r == 1 ? 0 : rows_for(ETA)) + (i - 1) / per_row))
QUANTITIES = "p_1 s_1 k_1 tau_1"
NAMES = "'{/:Italic p_{j}}   predictor' '{/:Italic s_{j}}   correlation' '{/:Italic K_{j}}   rate of alignment' '{/:Italic τ_{j}}   target / online'"

set multiplot
# The reference is drawn heavier.
REFERENCE = "0.04 0.4"
unset colorbox
set format "%g"
set key font FONT11 samplen 1.6 spacing 1.1 Left reverse
do for [r = 1:2] {
    values = r == 1 ? ETA : BETA
    n = words(values)
    low = 1 - 0.15 * (n - 1); high = n > 1 ? n + 0.275 * (n - 1) : 2.0
    set cbrange [low:high]
    stem = r == 1 ? "eta_" : "beta_"
    set xrange [0:r == 1 ? 60 : 150]
    set xtics r == 1 ? 20 : 50
    do for [k = 1:4] {
        set lmargin at screen left(4 * (r - 1) + k); set rmargin at screen right(4 * (r - 1) + k); set tmargin at screen top(4 * (r - 1) + k); set bmargin at screen bottom(4 * (r - 1) + k)
        set xlabel "flow time  {/:Italic t}"
        set title sprintf("{/:Bold %s}   %s", word(LETTERS, 4 * (r - 1) + k), word(NAMES, k)) offset 0,-0.4
        set yrange [*:*]; set ytics autofreq
        if (k == 1) { set yrange [-0.02:1.1]; set ytics 0.5 }
        if (k == 2) { set yrange [-0.02:1.2]; set ytics 0.5 }
        if (k == 3) { set yrange [-0.1:0.6]; set ytics 0.2; set xzeroaxis ls 15 } else { unset xzeroaxis }
        if (k == 4) { set yrange [0:1.2]; set ytics 0.5 }
        if (NARROW && k == 1) {
            do for [i = 1:n] {
                set arrow i from screen entry_x(i),entry_y(r, i) to screen entry_x(i) + px(22),entry_y(r, i) nohead lw (word(values, i) eq word(REFERENCE, r) ? 3.2 : 1.7) lc rgb viridis((i - low) / (high - low))
                set label i sprintf("{/:Italic %s} = %s", r == 1 ? "η" : "β", word(values, i)) at screen entry_x(i) + px(26),entry_y(r, i) font FONT11 tc rgb INK
            }
        }
        if (k == 2 && !NARROW) { set key at graph 0.97,0.64 top right } else { unset key }
        if (k == 2 && r == 2 && !NARROW) { set key at graph 0.99,0.56 top right }
        plot for [i = 1:n] DIR."/".stem.word(values, i)."/trace.tsv" using "t":(column(word(QUANTITIES, k))) \
            with lines lw (word(values, i) eq word(REFERENCE, r) ? 3.2 : 1.7) lc palette cb i \
            title sprintf("{/:Italic %s} = %s", r == 1 ? "η" : "β", word(values, i))
        unset arrow; unset label
    }
}
unset multiplot
