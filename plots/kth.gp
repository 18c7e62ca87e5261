# kth.gp: eigenvalues of Wp over those of F in four trained networks (DIR/byol and so on, ssldyn align of their
# spectra) with the line of plateau and tail; the same of the stationary modes of SGD under the cosine (DIR/sgd_LR.txt,
# ssldyn theory); the slopes between neighbors of both.
# SPDX-License-Identifier: MIT
W = 1040; H = 690; PANELS = 6; COLUMNS = 3; LEAST = 230
LEFT = 76; RIGHT = 22; GAPX = 80; TOP = 76; BOTTOM = 60; GAPY = 96
LEGEND_X = "0.065 0.180 0.295 0.410 0.540 0.750"; LEGEND_Y = 0.965; LEGEND_CELL = 200
load "style.gp"
RUNS = "byol byol_symmetric simsiam simsiam_symmetric"
title_of(r) = r == 1 ? "BYOL" : r == 2 ? "BYOL, symmetric predictor" : r == 3 ? "SimSiam" : "SimSiam, symmetric predictor"
COLORS = SKY." ".GREEN." ".ORANGE." ".BLUE   # of the epochs
RUN_COLORS = BLUE." ".GREEN." ".RED." ".ORANGE
RUN_POINTS = "7 9 5 13"
N = 128        # modes of a network
M = 32         # modes of theory, with lambda_d from 1 to 0.01
K = words(EPOCH)
SLOPES_AT = 75 # the epoch whose slopes are drawn
HALF = 3       # a slope is that of the 7 modes around one

# ---- what the tables hold
array S[N * K]; array P[N * K]
array FIT[7 * K]                       # as follows
JUSTIFIED = 1; ABOVE = 2; USABLE = 3   # whether there are two lines; modes on the plateau; modes in all
PLATEAU = 4; TAIL = 6                  # height, and next to it the slope
take(k) = sum [j = 1:N] (S[(k - 1) * N + j] = column(sprintf("s_%d", j)), P[(k - 1) * N + j] = column(sprintf("wpe_%d", j)), 0)
fit(k) = (FIT[7 * k - 6] = column("justified"), FIT[7 * k - 5] = column("plateau"), FIT[7 * k - 4] = column("usable"), \
    FIT[7 * k - 3] = column("height_plateau"), FIT[7 * k - 2] = column("slope_plateau"), \
    FIT[7 * k - 1] = column("height_tail"), FIT[7 * k] = column("slope_tail"), 0)
fitted(k, i) = FIT[7 * (k - 1) + i]
# Entry i of S and P belongs to epoch owner(i), mode mode(i); both relative to the largest.
owner(i) = int(i - 1) / N + 1
mode(i) = int(i - 1) % N + 1
first(i) = (owner(i) - 1) * N + 1
s_of(i) = S[i] > 0 ? S[i] / S[first(i)] : NaN
p_of(i) = P[i] > 0 ? P[i] / P[first(i)] : NaN
line_of(i, part) = exp(fitted(owner(i), part) + fitted(owner(i), part + 1) * log(S[i])) / P[first(i)]
on_plateau(i) = fitted(owner(i), JUSTIFIED) == 1 && mode(i) <= fitted(owner(i), ABOVE)
in_tail(i) = fitted(owner(i), JUSTIFIED) == 1 && mode(i) > fitted(owner(i), ABOVE) && mode(i) <= fitted(owner(i), USABLE)

# ---- slopes: least squares through the modes around entry i of two arrays of logarithms
array X[N]; array Y[N]; array SUMS[4]
add(j) = (SUMS[1] = SUMS[1] + X[j], SUMS[2] = SUMS[2] + Y[j], SUMS[3] = SUMS[3] + X[j] * X[j], SUMS[4] = SUMS[4] + X[j] * Y[j], 0)
slope_at(j) = (SUMS[1] = 0, SUMS[2] = 0, SUMS[3] = 0, SUMS[4] = 0, total = sum [i = j - HALF:j + HALF] add(i), \
    ((2 * HALF + 1) * SUMS[4] - SUMS[1] * SUMS[2]) / ((2 * HALF + 1) * SUMS[3] - SUMS[1] * SUMS[1]))
array AT[N * 4]; array SLOPE[N * 4]    # of the networks: place relative to the break, slope
array LR_AT[M * words(LR)]; array LR_SLOPE[M * words(LR)]
array LR_S[M * words(LR)]; array LR_P[M * words(LR)]

array PRINTED[2 * M + 1]
set datafile separator whitespace; unset datafile columnheaders
do for [l = 1:words(LR)] {
    stats DIR."/sgd_".word(LR, l).".txt" using (strcol(1) eq "sgd_rank" ? (PRINTED[2 * M + 1] = column(3)) : (sum [j = 1:M] \
        (strcol(1) eq sprintf("sgd_p_%d", j) ? (PRINTED[j] = column(3)) : strcol(1) eq sprintf("sgd_w2_%d", j) ? (PRINTED[M + j] = column(3)) : 0))) nooutput
    kept = int(PRINTED[2 * M + 1])
    do for [j = 1:kept] {
        X[j] = log(PRINTED[M + j] * 0.01**((j - 1.0) / (M - 1))); Y[j] = log(PRINTED[j])
        LR_S[(l - 1) * M + j] = exp(X[j] - X[1]); LR_P[(l - 1) * M + j] = exp(Y[j] - Y[1])
    }
    do for [j = 1:M] {
        LR_AT[(l - 1) * M + j] = 1.0 * j / kept
        LR_SLOPE[(l - 1) * M + j] = j > HALF && j <= kept - HALF ? slope_at(j) : NaN
        if (j > kept) { LR_S[(l - 1) * M + j] = NaN; LR_P[(l - 1) * M + j] = NaN }
    }
}
set datafile separator tab; set datafile columnheaders
is_lr(i, l) = int(i - 1) / M + 1 == l

# ---- the four networks
array G[2]; G[1] = 2e-3; G[2] = 1      # where the guides begin and end
panel(k, text) = sprintf("{/:Bold %s}   %s", word(LETTERS, k), text)
set multiplot
do for [k = 1:K] {
    set label k "" at screen legend_x(k) + px(6),legend_y(k) point pt 7 ps 0.8 lc rgb word(COLORS, k)
    set label 10 + k sprintf("epoch %s", word(EPOCH, k)) at screen legend_x(k) + px(18),legend_y(k) tc rgb INK
}
set arrow 1 from screen legend_x(5),legend_y(5) to screen legend_x(5) + px(26),legend_y(5) nohead lc rgb INK lw 1.2
set label 5 "two lines, where justified" at screen legend_x(5) + px(34),legend_y(5) tc rgb INK
set arrow 2 from screen legend_x(6),legend_y(6) to screen legend_x(6) + px(26),legend_y(6) nohead ls 15
set label 6 "slopes 0, 1/2 and 1" at screen legend_x(6) + px(34),legend_y(6) tc rgb INK
unset key
set logscale xy
set xrange [1e-7:2]; set yrange [1e-5:2]
set xtics 100 format "10^{%L}"; set ytics 10 format "10^{%L}"
set mxtics 1; set mytics 1
do for [r = 1:4] {
    set lmargin at screen left(r); set rmargin at screen right(r); set tmargin at screen top(r); set bmargin at screen bottom(r)
    do for [k = 1:K] {
        stats DIR."/".word(RUNS, r)."/trace.tsv" using (column("t") == int(word(EPOCH, k)) ? 1 + take(k) : 1) nooutput
        stats DIR."/".word(RUNS, r)."/cosine.tsv" using (column("t") == int(word(EPOCH, k)) ? 1 + fit(k) : 1) nooutput
        if (int(word(EPOCH, k)) == SLOPES_AT) {
            last = int(fitted(k, USABLE))
            do for [j = 1:last] { X[j] = log(S[(k - 1) * N + j]); Y[j] = log(P[(k - 1) * N + j]) }
            do for [j = 1:N] {
                AT[(r - 1) * N + j] = j / fitted(k, ABOVE)
                SLOPE[(r - 1) * N + j] = j > HALF && j <= last - HALF ? slope_at(j) : NaN
            }
        }
    }
    unset datafile columnheaders # of the arrays that are drawn
    set xlabel "eigenvalue of {/:Italic F} over the largest"
    if (is_leftmost(r)) { set ylabel "eigenvalue of {/:Italic W}_p over the largest" offset 1,0 } else { unset ylabel }
    set title panel(r, title_of(r)) offset 0,-0.4
    plot for [a = 0:2] G using (G[$1]):(1e-4 * (G[$1] / G[1])**(0.5 * a)) with lines ls 15, \
         for [k = 1:K] S using (owner($1) == k ? s_of($1) : NaN):(p_of($1)) with points pt 7 ps 0.4 lc rgb word(COLORS, k), \
         for [k = 1:K] S using (owner($1) == k && on_plateau($1) ? s_of($1) : NaN):(line_of($1, PLATEAU)) with lines lc rgb INK lw 1.2, \
         for [k = 1:K] S using (owner($1) == k && in_tail($1) ? s_of($1) : NaN):(line_of($1, TAIL)) with lines lc rgb INK lw 1.2
    unset label; unset arrow
    set datafile columnheaders
}
unset datafile columnheaders

# ---- what SGD's stationary state has
r = 5
set lmargin at screen left(r); set rmargin at screen right(r); set tmargin at screen top(r); set bmargin at screen bottom(r)
if (is_leftmost(r)) { set ylabel "eigenvalue of {/:Italic W}_p over the largest" offset 1,0 } else { unset ylabel }
set title panel(5, "theory: SGD, one layer in the predictor") offset 0,-0.4
set xrange [3e-3:1.5]; set yrange [0.5:1.1]
set xtics 10; set ytics (0.5, 0.6, 0.7, 0.8, 0.9, 1) format "%g"
set key at graph 0.97,0.05 bottom right Left reverse
plot for [l = 1:words(LR)] LR_S using (is_lr($1, l) ? LR_S[$1] : NaN):(LR_P[$1]) with linespoints pt 6 ps 0.7 lw 1.2 dt (6,4) lc rgb word(CURVES, l) \
         title sprintf("lr {/:Italic η} = %g", 0.05 * real(word(LR, l)))

# ---- the slopes
r = 6
set lmargin at screen left(r); set rmargin at screen right(r); set tmargin at screen top(r); set bmargin at screen bottom(r)
unset logscale
set xrange [0:3]; set yrange [-0.1:3.6]
set xtics 1 format "%g"; set ytics 0.5 format "%g"
set xlabel "mode, relative to the last one on the plateau"
set ylabel "slope between neighbors" offset 1,0
set title panel(6, sprintf("slopes at epoch %d", SLOPES_AT)) offset 0,-0.4
set key at graph 1.0,1.02 top right Left reverse
set arrow 1 from 1,graph 0 to 1,2 nohead ls 15
set arrow 2 from graph 0,first 0.5 to graph 1,first 0.5 nohead ls 15
set arrow 3 from graph 0,first 1 to graph 1,first 1 nohead ls 15
plot for [i = 1:4] SLOPE using (int($1 - 1) / N + 1 == i ? AT[$1] : NaN):(SLOPE[$1]) with points pt int(word(RUN_POINTS, i)) ps 0.5 lc rgb word(RUN_COLORS, i) title title_of(i), \
     for [l = 2:2] LR_SLOPE using (is_lr($1, l) ? LR_AT[$1] : NaN):(LR_SLOPE[$1]) with lines lc rgb INK lw 1.6 dt (6,4) title "theory: SGD"
unset multiplot
