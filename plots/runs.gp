# runs.gp: several runs over each other, a panel for each column, a color for each run; or chosen
# columns of one run. ssldyn plot writes $curves (one index per panel), the names and the numbers.
# SPDX-License-Identifier: MIT
named = runs > 1 && !by_value
side = runs == 1 ? 0 : by_value ? 110 : 60 + 8 * legend_width
NARROW = WIDTH > 0 && WIDTH < 640
# On a narrow page the runs' names are above the panels.
above = NARROW && named ? 12 + 18 * (legend < 12 ? legend : 12) : 0
if (NARROW && named) { side = 0 }
PANELS = panels; COLUMNS = panels == 1 ? 1 : panels <= 4 ? 2 : 3; LEAST = 150
LEFT = 86; RIGHT = 14 + side; GAPX = 86; TOP = 34 + above; BOTTOM = 46; GAPY = 80
W = (panels == 1 ? 700 : 520 * COLUMNS) + side
H = (panels == 1 ? 480 : 40 + 310 * ((panels + COLUMNS - 1) / COLUMNS)) + above
load "style.gp"
RUN_COLORS = BLUE." ".RED." ".GREEN." ".ORANGE." ".PURPLE." ".SKY." ".BLACK
# viridis at a position from 0 to 1, without the yellow at its end, which is hard to see on white
part(k, i) = int("0x".word(VIRIDIS, k + 1)[2 * i:2 * i + 1])
mixed(x, i) = int(part(int(x), i) + (x - int(x)) * (part(int(x) < 7 ? int(x) + 1 : 7, i) - part(int(x), i)) + 0.5)
ramp(x) = 65536 * mixed(x, 1) + 256 * mixed(x, 2) + mixed(x, 3)
few = runs <= 7 && !by_value
shade(k) = few ? int("0x".word(RUN_COLORS, int(k))[2:7]) : ramp(6.999 * POSITION[int(k)])

set multiplot
unset colorbox
set format "%g"
set label 90 note at screen 1.0 - px(8),py(6) right tc rgb INK font FONT10
do for [k = 1:panels] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    unset logscale
    set xlabel (is_lowest(k) ? x_label : "")
    if (log_time) { set logscale x; set format x "10^{%L}"; set xrange [*:*] } else { set format x "%g"; set xrange [begin:end > begin ? end : begin + 1] }
    clock(t) = log_time ? positive(t) : t
    if (LOG[k]) { set logscale y; set format y "10^{%L}" } else { set format y "%g" }
    # for a curve that is constant up to rounding gnuplot finds no tics
    if (HIGH[k] - LOW[k] <= 1e-12 * (abs(HIGH[k]) + abs(LOW[k]))) {
        set yrange [LOG[k] ? LOW[k] / 10 : LOW[k] - 1:LOG[k] ? HIGH[k] * 10 : HIGH[k] + 1]
    } else { if (LOG[k]) { set yrange [LOW[k]:*] } else { set yrange [*:*] } }
    set title TITLE[k] offset 0,-0.4
    unset key
    if (k == 1 && named) {
        if (NARROW) {
            set key at screen px(16),1.0 - py(6) top left Left reverse samplen 1.6 width 0 vertical maxrows 12
        } else { set key at screen 1.0 - px(side) + px(20),1.0 - py(34) top left Left reverse samplen 1.6 width 0 }
    }
    if (k == 1 && by_value) {
        set colorbox
        set palette functions mixed(6.999*gray,1)/255.0, mixed(6.999*gray,2)/255.0, mixed(6.999*gray,3)/255.0
        set colorbox user origin screen 1.0 - px(side) + px(30),py(46) size screen px(16),1.0 - py(80)
        set cbrange [value_low:value_high]
        if (value_log) { set logscale cb; set format cb "%g" }
        set cblabel value_label offset 1,0
    }
    height_of(y) = LOG[k] ? positive(y) : y
    if (k == 1) {
        plot $curves index k - 1 using (clock(column("t"))):(height_of(column("y"))):(shade(column("run"))) with lines lw line_width lc rgb variable notitle, \
             for [i = 1:named ? legend : 0] keyentry with lines lw 2.4 lc rgb shade(LEGEND[i]) title NAME[i], \
             for [i = 1:by_value] NaN with lines lc palette notitle
    } else {
        plot $curves index k - 1 using (clock(column("t"))):(height_of(column("y"))):(shade(column("run"))) with lines lw line_width lc rgb variable notitle
    }
    unset colorbox; unset label 90; unset label 99
}
unset multiplot
