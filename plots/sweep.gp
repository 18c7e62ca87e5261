# sweep.gp: a sweep. Over one axis a bifurcation diagram, p at the end with the fixed points' branches;
# over two a map of fates, or of ranks where more than one mode can survive, with theory's lines over
# it; over more a map for each value of the others; with --average the share that collapses. ssldyn plot
# writes the layout and quantity, axes, $points or $cells and $unknown, the lines and the numbers.
# SPDX-License-Identifier: MIT
single = layout eq "map" ? panels == 1 : 1
PANELS = single ? 1 : panels
COLUMNS = single ? 1 : panels <= 3 ? panels : panels <= 4 ? 2 : panels <= 9 ? 3 : 4
scaled = (layout eq "map" && quantity ne "fate") || (layout eq "sobol" && quantity eq "column")
explained = note.(strlen(note) && layout eq "map" && strlen(panels_note) ? "; " : "").(layout eq "map" ? panels_note : "")
# How many of the points neither survive nor collapse.
open_points = 0
if (layout eq "diagram" || layout eq "sobol") {
    set datafile separator tab; set datafile columnheaders
    stats $points using (column("fate") > 1 ? (open_points = open_points + 1) : 0) nooutput
}
# The text of the tics where an axis is one of words, 6.6 pixels a letter (gnuplot expects more of an svg).
longest = 4
if (y_words > 0) { do for [k = 1:y_words] { longest = strlen(Y_WORD[k]) > longest ? strlen(Y_WORD[k]) : longest } }
TIC_WIDTH = (FORMAT eq "svg" ? 8.2 : 6.6) * (longest - 4)
longest_x = 0
if (x_words > 0) { do for [k = 1:x_words] { longest_x = strlen(X_WORD[k]) > longest_x ? strlen(X_WORD[k]) : longest_x } }
# On a narrow page the entries of the key are below one another.
lines_drawn = (fold_count > 0) + (alignment_count > 0) + (ema_count > 0) + (edge_count > 0)
entries = sweeps > 1 && layout ne "map" ? sweeps : layout eq "shares" ? 1 : layout eq "diagram" ? (zero_count > 0 ? 4 : 2) + (open_points > 0) : layout eq "sobol" ? 2 + (open_points > 0) : \
    (quantity eq "fate" ? 2 : 0) + has_unknown + lines_drawn
NARROW = WIDTH > 0 && WIDTH < 600
if (single) {
    LEFT = 91.2; RIGHT = scaled ? 114 : 30.4; GAPX = 0; BOTTOM = 72.8; GAPY = 0; LEAST = 100
    TOP = NARROW ? 14 + 17.5 * entries + (strlen(explained) ? 26 : 6) : 78.4
    W = 760; H = TOP + 481.6
} else {
    LEFT = 75; RIGHT = scaled ? 100 : 20; GAPX = 28; BOTTOM = 70; GAPY = 34; LEAST = 110
    TOP = NARROW ? (scaled ? 34 : 44) + 17.5 * entries + (strlen(explained) ? 16 : 0) : 60
    W = 120 + 320 * COLUMNS; H = 140 + 270 * ((PANELS + COLUMNS - 1) / COLUMNS)
}
# Words under an axis that are too long for their places are written upright, the narrowest panel given.
x_width = single ? (WIDTH > 0 ? WIDTH : W) - LEFT - TIC_WIDTH - RIGHT : WIDTH > 0 ? LEAST : 320 - GAPX
upright = x_words > 0 && 6.6 * longest_x + 4 > x_width / (1.0 * x_words)
if (upright) { BOTTOM = BOTTOM + 6.6 * longest_x - 10; H = H + 6.6 * longest_x - 10 }
load "style.gp"
if (upright) { set xtics rotate by 90 right }
SERIES = BLUE." ".RED." ".GREEN." ".ORANGE." ".PURPLE." ".SKY." ".BLACK; SHAPES = "7 5 9 13 11 6 4"
share_label = "share of starts that collapse".(NARROW ? "" : sprintf(" (of the decided ones among %d)", starts))
COLLAPSE = "#F3B58F"; SURVIVAL = "#9CCBE6"; UNKNOWN = "#B0B0B0"
if (fold_count > 0) { stats $fold using "x" nooutput name "F" } # before there are ranges, which it obeys
TITLES = "'fold: nothing survives beyond' '{/:Italic K} > 0 border (Eq. 17)' 'EMA survival: the largest start' 'edge of the basin'"
set style line 41 lc rgb INK lw 1.6 dt (7,4)
set style line 42 lc rgb PURPLE lw 2.2 dt (4,4)
set style line 43 lc rgb BLUE lw 1.8 dt (9,3,2,3)
set style line 44 lc rgb BLACK lw 1.8
set style line 45 lc rgb "white" lw 3.8

set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
middle = NARROW ? 0.5 * (left(1) + right(1)) : scaled ? 0.48 : 0.54
set key at screen middle,1 - py(8.4) top center vertical maxrows (NARROW ? 7 : 3) width 1 samplen 1.8 Left reverse
set xlabel x_label
set xrange [x_low:x_high]
# On a logarithmic axis of two decades or less, where powers of ten are few: 1, 2 and 5 times them.
steps(low, high) = high / low > 100 ? "10^{%L}" : "%g"
x_format = x_log ? steps(x_low, x_high) : "%g"
y_format = y_log ? steps(y_low, y_high) : "%g"
if (x_log) {
    set logscale x; set format x x_format
    if (x_format eq "%g") {
        # 1, 2 and 5; where those would touch 1 and 3
        crowded = 0.3 * PW / log10(x_high / x_low) < 34
        set xtics (1); do for [k = floor(log10(x_low)):floor(log10(x_high))] { do for [m = 0:(crowded ? 1 : 2)] { set xtics add ((1 + (crowded ? 2 : m) * m) * 10.0**k) } }
    }
}
if (!x_log && PW < 260) { set xtics tic_step(x_low, x_high, PW / 45.0) }
if (x_words > 0) { set xtics (X_WORD[1] 0); do for [k = 2:x_words] { set xtics add (X_WORD[k] k - 1) } }

open_title = open_points > 0 ? "diverged or undecided" : ""
if (layout eq "shares") {
    set ylabel share_label offset 1,0
    set yrange [-0.03:1.03]
    if (y_words == 0 && !strlen(x_label)) { unset xtics }
    set title explained offset 0,-0.4
    set key at screen middle,1 - py(8.4) top center horizontal
    if (quantity eq "column") { set ylabel "mean of ".column_label; set yrange [*:*] }
    plot for [k = 1:sweeps] $points using "x":(column("run") == k ? column("probability") : NaN):"low":"high" with yerrorbars pt 7 ps 0.7 lc rgb word(SERIES, 1 + (k - 1) % 7) lw 1.4 \
         title sweeps > 1 ? SWEEP[k] : quantity eq "column" ? "" : "share, and its 95 % interval"
}
if (layout eq "diagram") {
    if (has_p) { set ylabel "{/:Italic p} at the end" offset 1,0 } else { if (quantity eq "column") { set ylabel column_label offset 1,0 } else {
        set ylabel "fate"; set yrange [-0.5:3.5]; set ytics 1
    } }
    if (fold_count > 0) {
        set arrow 1 from F_min, graph 0 to F_min, graph 1 nohead ls 41
        set label 1 "fold" at F_min, graph 0.97 offset 0.6,0 tc rgb INK
    }
    set title explained offset 0,-0.4
    fate_is(k) = column("fate") == k ? column("value") : NaN
    if (sweeps > 1) {
        of_run(k, y) = column("run") == k ? y : NaN
        plot for [k = 1:sweeps] $points using "x":(of_run(k, column("value"))) with points pt int(word(SHAPES, 1 + (k - 1) % 7)) ps 0.7 lc rgb word(SERIES, 1 + (k - 1) % 7) title SWEEP[k]
    } else { if (zero_count > 0 && quantity ne "column") {
        plot $stable using "x":"y" with lines lc rgb RED lw 2 title "stable {/:Italic p}_+", \
             $unstable using "x":"y" with lines lc rgb GREEN lw 2 dt (6,4) title "unstable {/:Italic p}_-: edge of the basin", \
             $zero using "x":"y" with lines lc rgb GRAY lw 1.2 notitle, \
             $points using "x":(fate_is(1)) with points pt 7 ps 0.55 lc rgb BLUE title "survives", \
             $points using "x":(fate_is(0)) with points pt 6 ps 0.7 lc rgb ORANGE title "collapsed", \
             $points using "x":(column("fate") > 1 ? column("value") : NaN) with points pt 2 ps 0.6 lc rgb GRAY title open_title
    } else {
        plot $points using "x":(fate_is(1)) with points pt 7 ps 0.55 lc rgb BLUE title "survives", \
             $points using "x":(fate_is(0)) with points pt 6 ps 0.7 lc rgb ORANGE title "collapsed", \
             $points using "x":(column("fate") > 1 ? column("value") : NaN) with points pt 2 ps 0.6 lc rgb GRAY title open_title
    } }
}
if (layout eq "sobol" || layout eq "map") {
    # the label keeps clear of tics that are set one by one
    y_offset = y_log && y_words == 0 && y_format eq "%g" ? 0 : 1
    set ylabel y_label offset y_offset,0
    set yrange [y_low:y_high]
    if (y_log) {
        set logscale y; set format y y_format
        if (y_format eq "%g") { set ytics (1); do for [k = floor(log10(y_low)):floor(log10(y_high))] { do for [m = 0:2] { set ytics add ((1 + m * m) * 10.0**k) } } }
    }
    if (y_words > 0) { set ytics (Y_WORD[1] 0); do for [k = 2:y_words] { set ytics add (Y_WORD[k] k - 1) } }
}
if (layout eq "sobol") {
    set title explained offset 0,-0.4
    size = 25.0 / sqrt(|$points|)
    size = size > 0.9 ? 0.9 : size < 0.3 ? 0.3 : size
    fate_at(k) = column("fate") == k ? column("y") : NaN
    if (!NARROW) { set key horizontal maxrows 1 }
    if (quantity eq "column") {
        set cblabel column_label offset 1.2,0
        set colorbox user origin screen right(1) + px(19),bottom(1) size screen px(19),top(1) - bottom(1)
        plot $points using "x":"y":"value" with points pt 7 ps size lc palette notitle
    } else {
    plot $points using "x":(fate_at(1)) with points pt 7 ps size lc rgb BLUE notitle, \
         $points using "x":(fate_at(0)) with points pt 7 ps size lc rgb ORANGE notitle, \
         $points using "x":(fate_at(2)) with points pt 7 ps size lc rgb GRAY notitle, \
         keyentry with points pt 7 ps 0.9 lc rgb BLUE title "survives", \
         keyentry with points pt 7 ps 0.9 lc rgb ORANGE title "collapsed", \
         keyentry with points pt 7 ps 0.9 lc rgb GRAY title open_title
    }
}
if (layout eq "map") {
    unset grid
    set style fill solid 1 noborder
    # The colors: of the two fates, of a share between them, or one for each rank.
    if (quantity eq "fate" || quantity eq "share") { set palette defined (0 SURVIVAL, 0.5 "#F7F3EE", 1 COLLAPSE); set cbrange [0:1] }
    if (quantity eq "fate") { set palette defined (0 COLLAPSE, 0.5 COLLAPSE, 0.5 SURVIVAL, 1 SURVIVAL) }
    if (quantity eq "share") { set cblabel share_label offset 1.2,0; set cbtics 0.5 scale 0.4 }
    if (quantity eq "column") {
        set cbrange [value_low:value_high > value_low ? value_high : value_low + 1]; set cblabel (sweeps == 1 && starts > 1 ? "mean of " : "").column_label offset 1.2,0
        if (value_log) { set logscale cb; set format cb "10^{%L}" }
    }
    if (quantity eq "rank") {
        set cbrange [-0.5:top + 0.5]; set cbtics 1 scale 0
        if (top > 12) { set cbtics 4 }
        set cblabel "modes that survive" offset 1.2,0
        # one color per rank, as far as they can be distinguished
        if (top <= 8) {
            part(k, i) = int("0x".word(VIRIDIS, 1 + int(8.0 * k / top + 0.5))[2 * i:2 * i + 1]) / 255.0
            rank(level) = level < 1 ? int(level * (top + 1)) : int(top)
            set palette functions part(rank(gray),1), part(rank(gray),2), part(rank(gray),3)
        }
    }
    if (!value_log) { set format cb "%g" }
    if (scaled) {
        set colorbox user origin screen right(1) + px(19),bottom(1) size screen px(19),top(1) - bottom(1)
    } else { unset colorbox }
    array COUNT[4] = [fold_count, alignment_count, ema_count, edge_count]
    label(i) = COUNT[i] > 0 ? word(TITLES, i) : ""
    known = quantity eq "fate"
    missing = quantity eq "column" ? "'no value'" : "undecided"
    if (!NARROW && COUNT[1] + COUNT[2] + COUNT[3] + COUNT[4] == 0) { set key horizontal maxrows 1 } # space for the title
    legend = quantity eq "fate" || has_unknown
    if (single) {
        set label 1 explained at graph 0.5, screen 1 - py(8.4) center tc rgb INK
        if (legend || COUNT[1] + COUNT[2] + COUNT[3] + COUNT[4] > 0) { unset label 1; set title explained offset 0,-0.4 font FONT11 }
        plot $cells using "x":"y":"x1":"x2":"y1":"y2":"value" with boxxyerror lc palette notitle, \
             $unknown using "x":"y":"x1":"x2":"y1":"y2" with boxxyerror lc rgb UNKNOWN notitle, \
             for [k = 0:2] keyentry with boxes lc rgb word(COLLAPSE." ".SURVIVAL." ".UNKNOWN, k + 1) \
                 title (k < 2 ? known : has_unknown) ? word("collapsed survives ".missing, k + 1) : "", \
             $fold using "x":"y" with lines ls 45 notitle, $alignment using "x":"y" with lines ls 45 notitle, \
             $ema using "x":"y" with lines ls 45 notitle, $edge using "x":"y" with lines ls 45 notitle, \
             $fold using "x":"y" with lines ls 41 notitle, $alignment using "x":"y" with lines ls 42 notitle, \
             $ema using "x":"y" with lines ls 43 notitle, $edge using "x":"y" with lines ls 44 notitle, \
             for [i = 1:4] keyentry with lines ls 40 + i title label(i)
    } else {
        set multiplot
        if (NARROW) { set key at screen px(16),1 - py(2) top left vertical maxrows 7 width 0 } else { set key at screen 0.5,1 - py(2) top center horizontal maxrows 1 }
        set colorbox user origin screen right(COLUMNS) + px(25),bottom(PANELS) size screen px(18),1 - py(70) - bottom(PANELS)
        if (!scaled) { unset colorbox }
        set label 1 explained at screen px(16),1 - py(NARROW ? TOP - 28 : 18) tc rgb INK font FONT11
        do for [k = 1:PANELS] {
            set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
            set title PANEL[k] offset 0,-0.6 font FONT12
            if (is_leftmost(k)) { set ylabel y_label offset y_offset,0 } else { unset ylabel }
            if (is_lowest(k)) { set xlabel x_label } else { unset xlabel }
            set format x (is_lowest(k) ? x_format : "")
            set format y (is_leftmost(k) ? y_format : "")
            if (x_words > 0 && !is_lowest(k)) { set xtics ("" 0) }
            if (x_words > 0 && is_lowest(k)) { do for [i = 1:x_words] { set xtics add (X_WORD[i] i - 1) } }
            if (y_words > 0 && !is_leftmost(k)) { set ytics ("" 0) }
            if (y_words > 0 && is_leftmost(k)) { do for [i = 1:y_words] { set ytics add (Y_WORD[i] i - 1) } }
            plot $cells index k - 1 using "x":"y":"x1":"x2":"y1":"y2":"value" with boxxyerror lc palette notitle, \
                 $unknown index k - 1 using "x":"y":"x1":"x2":"y1":"y2" with boxxyerror lc rgb UNKNOWN notitle, \
                 for [i = 0:2] keyentry with boxes lc rgb word(COLLAPSE." ".SURVIVAL." ".UNKNOWN, i + 1) \
                     title k == 1 && (i < 2 ? known : has_unknown) ? word("collapsed survives ".missing, i + 1) : ""
            unset colorbox; unset label 1; unset key
        }
        unset multiplot
    }
}
