# observations.gp: the ten observations of the paper's Table 4, a panel each, from the
# directories 01 ... 10 below DIR that experiments/observation01.conf ... make.
# SPDX-License-Identifier: MIT
W = 1380; H = 660; PANELS = 10; COLUMNS = 5; LEAST = 96
LEFT = 75.9; RIGHT = 24.84; GAPX = 76.59; TOP = 49.5; BOTTOM = 72.6; GAPY = 115.5
load "style.gp"
at(k) = sprintf("%s/%02d", DIR, k)
sweep(k) = at(k)."/table.tsv"
thresholds(k) = at(k)."/thresholds.tsv"
COLLAPSE = "#F3B58F"
set style line 30 lc rgb BLUE lw 2.2
set style line 31 lc rgb INK lw 1.2 dt (6,4)
set style fill solid 1 noborder

stats at(5)."/lines.tsv" using (strcol(1) eq "fold" ? column(3) : NaN) nooutput name "FOLD"
fold = FOLD_min

set multiplot
unset key
set format "%g"
set title offset 0,-0.5
set xlabel offset 0,0.5
do for [k = 1:10] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    if (PW < 150) { set title font FONT10 }
    unset logscale; set xrange [*:*]; set yrange [*:*]; unset label; unset arrow; set grid back ls 20
    set xtics autofreq; set ytics autofreq; set format "%g"; unset xzeroaxis
    if (k == 1) {
        set title "{/:Bold 1}   fast predictor, small basin"
        set xlabel "predictor  {/:Italic p}"; set ylabel "correlation  {/:Italic s}" offset 0.4,0
        set logscale y; set yrange [3e-5:1]; set format y "10^{%L}"; set xrange [-0.2:1]; set xtics 0.4
        set label 1 "collapse" at graph 0.05,0.10 tc rgb INK
        set label 2 "{/:Italic α_p} = 0.25" at 0.40,0.026 tc rgb BLUE
        set label 3 "1" at 0.67,0.0017 tc rgb GREEN
        set label 4 "4" at 0.67,0.00043 tc rgb ORANGE
        plot for [i = 1:3] at(1)."/alpha-p_".word("0.25 1 4", i)."/separatrix.tsv" using "p":"s" with lines ls word("1 3 4", i) lw 2.2
    }
    if (k == 2) {
        set title "{/:Bold 2}   too fast: {/:Italic s} does not grow"
        set xlabel "{/:Italic α_p}"; set ylabel "{/:Italic s} at the end" offset 0.4,0
        set logscale xy; set xrange [0.1:100]; set yrange [3e-3:10]
        set arrow 1 from graph 0, first 0.1 to graph 1, first 0.1 nohead ls 31
        set label 1 "{/:Italic s}(0)" at 0.13,0.06 tc rgb INK
        plot sweep(2) using "alpha_p":"s_end" with lines ls 30
    }
    if (k == 3) {
        set title "{/:Bold 3}   decay ties {/:Italic s} to {/:Italic p}"
        set xlabel "flow time  {/:Italic t}"; set ylabel "{/:Italic s} - {/:Italic p}^2/{/:Italic α_p}" offset 0.4,0
        set logscale y; set yrange [1e-4:1]; set xrange [0:100]; set xtics 50; set format y "10^{%L}"
        set label 1 "{/:Italic η} = 0" at 34,0.5 tc rgb BLUE
        set label 2 "0.01" at 66,0.13 tc rgb GREEN
        set label 3 "0.04" at 58,0.007 tc rgb ORANGE
        plot for [i = 1:3] at(3)."/eta_".word("0 0.01 0.04", i)."/trace.tsv" using "t":"c_1" with lines ls word("1 3 4", i) lw 2.2
    }
    if (k == 4) {
        set title "{/:Bold 4}   decay widens the basin"
        set xlabel "weight decay  {/:Italic η}"; set ylabel "start  {/:Italic p}(0)" offset 0.4,0
        set xrange [0:0.2]; set yrange [0:0.5]; set xtics 0.1; set ytics 0.2
        set label 1 "collapse" at 0.12,0.05 tc rgb INK front
        set label 2 "survival" at 0.03,0.35 tc rgb INK
        plot thresholds(4) using "eta":"threshold" with filledcurves y1=0 lc rgb COLLAPSE, '' using "eta":"threshold" with lines ls 30
    }
    if (k == 5) {
        set title "{/:Bold 5}   beyond the fold: collapse"
        set xlabel "weight decay  {/:Italic η}"; set ylabel "{/:Italic p} at the end" offset 0.4,0
        set xrange [0:0.3]; set yrange [-0.03:0.85]; set xtics 0.1; set ytics 0.2
        set arrow 1 from fold, graph 0 to fold, graph 1 nohead ls 31
        set label 1 "fold" at fold, graph 0.92 offset 0.5,0 tc rgb INK
        set label 2 "unstable {/:Italic p}_-" at 0.015,0.24 tc rgb GREEN
        plot at(5)."/lines.tsv" using (strcol(1) eq "unstable" ? column(3) : NaN):4 with lines lc rgb GREEN lw 1.6 dt (6,4), \
            sweep(5) using "eta":"p_end" with points pt 7 ps 0.45 lc rgb BLUE
    }
    if (k == 6) {
        set title "{/:Bold 6}   fast predictor helps {/:Italic K} > 0"
        set xlabel "{/:Italic α_p}"; set ylabel "smallest {/:Italic K} of the run" offset 0.4,0
        set logscale x; set xrange [0.1:100]; set yrange [-0.1:0.45]; set ytics 0.2; set xzeroaxis ls 31
        plot sweep(6) using "alpha_p":"k_min" with lines ls 30
    }
    if (k == 7) {
        set title "{/:Bold 7}   decay helps {/:Italic K} > 0"
        set xlabel "weight decay  {/:Italic η}"; set ylabel "smallest {/:Italic K} of the run" offset 0.4,0
        set xrange [0:0.3]; set yrange [-0.1:0.35]; set xtics 0.1; set ytics 0.2; set xzeroaxis ls 31
        plot sweep(7) using "eta":"k_min" with lines ls 30
    }
    if (k == 8) {
        set title "{/:Bold 8}   slow EMA keeps {/:Italic K} > 0"
        set xlabel "EMA rate  {/:Italic β}"; set ylabel "smallest {/:Italic K} of the run" offset 0.4,0
        set logscale x; set xrange [0.01:10]; set yrange [-0.08:0.04]; set ytics 0.04; set xzeroaxis ls 31
        plot sweep(8) using "beta":"k_min" with lines ls 30
    }
    if (k == 9) {
        set title "{/:Bold 9}   slow EMA is slow"
        set xlabel "EMA rate  {/:Italic β}"; set ylabel "time of escape" offset 0.4,0
        set logscale xy; set xrange [0.01:10]; set yrange [1:200]
        plot sweep(9) using "beta":"t_escape" with lines ls 30
    }
    if (k == 10) {
        set title "{/:Bold 10}   slow EMA traps more modes"
        set xlabel "EMA rate  {/:Italic β}"; set ylabel "start  {/:Italic p}(0)" offset 0.4,0
        set logscale x; set xrange [0.03:10]; set yrange [0:0.1]; set ytics 0.05
        set label 1 "collapse" at 0.4,0.02 tc rgb INK front
        set label 2 "survival" at 0.4,0.07 tc rgb INK
        plot thresholds(10) using "beta":"threshold" with filledcurves y1=0 lc rgb COLLAPSE, '' using "beta":"threshold" with lines ls 30
    }
}
unset multiplot
