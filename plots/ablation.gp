# ablation.gp: how many of 8 modes survive for every combination of the ingredients, from DIR/table.tsv.
# SPDX-License-Identifier: MIT
if (words(ETA_P) != 2 || words(ETA_S) != 2 || !(real(word(ETA_P, 1)) > 0) || !(real(word(ETA_S, 1)) > 0) || real(word(ETA_P, 2)) != 0 || real(word(ETA_S, 2)) != 0) {
    printerr "eta-p and eta-s must be two values each, of which the second is 0: 0.04,0"
    exit status 2
}
NARROW = WIDTH > 0 && WIDTH < 800
W = 1000; H = 520; PANELS = 1; COLUMNS = 1; LEAST = 100
LEFT = 335; RIGHT = 15; GAPX = 0; TOP = 104; BOTTOM = 26; GAPY = 0
if (NARROW) { TOP = 136; H = 640 }
load "style.gp"
if (NARROW) { LEFT = 126; PW = across(W, 1) } # the rows' names take more than tics do
table = DIR."/table.tsv"

# Row: what the loss is made of, from the top. Column: symmetric predictor or not, and the decays.
target_row(target) = target == 1 ? 0 : target == 2 ? 1 : target == 3 ? 2 : 3
row_of(predictor, stop, target) = 9 - (predictor == 1 && stop == 1 ? target_row(target) : predictor == 1 ? 4 \
    : stop == 1 ? 5 + target_row(target) : 9)
column_of(symmetric, eta_p, eta_s) = 4 * symmetric + (eta_p > 0 && eta_s > 0 ? 0 : eta_p > 0 ? 1 : eta_s > 0 ? 2 : 3)
# Without a predictor its decay and its symmetry do not exist: two cells in the first columns.
place(predictor, symmetric, eta_p, eta_s) = predictor == 1 ? column_of(symmetric, eta_p, eta_s) : (eta_s > 0 ? 0 : 1)

unset key; unset border; unset grid; unset xlabel
set lmargin at screen left(1); set rmargin at screen right(1); set tmargin at screen top(1); set bmargin at screen bottom(1)
set xrange [-0.5:7.5]; set yrange [-0.5:9.5]
unset xtics; unset ytics
ROWS = NARROW \
    ? "'a copy' 'nothing' 'random' 'no EMA' 'no stop-gradient' 'a copy' 'nothing' 'random' 'no EMA' 'neither'" \
    : "'copy of the network' 'zero' 'random' 'no EMA' 'no EMA' 'copy of the network' 'from nothing' 'drawn separately' 'no EMA' 'no EMA'"
do for [i = 1:10] { set label i word(ROWS, i) at screen left(1) - px(NARROW ? 4 : 10), first 10 - i right tc rgb INK }
if (NARROW) {
    set label 21 "predictor, stop-gradient" at screen px(14), first 7.5 center rotate by 90 tc rgb INK
    set label 24 "no predictor" at screen px(14), first 2.5 center rotate by 90 tc rgb INK
} else {
    set label 21 "predictor," at screen 0.02, first 8.0 tc rgb INK
    set label 22 "stop-gradient" at screen 0.02, first 7.45 tc rgb INK
    set label 23 "no stop-gradient" at screen 0.02, first 5 tc rgb INK
    set label 24 "no predictor" at screen 0.02, first 2.5 tc rgb INK
    set label 25 "neither" at screen 0.02, first 0 tc rgb INK
}
decays = NARROW ? "{/:Italic η_p} = %s, {/:Italic η_s} = %s" : "{/:Italic η_p} = %s\n{/:Italic η_s} = %s"
do for [k = 0:1] {
    do for [i = 0:3] {
        decay = sprintf(decays, word(ETA_P, i < 2 ? 1 : 2), word(ETA_S, i % 2 == 0 ? 1 : 2))
        if (NARROW) {
            set label 30 + 4 * k + i decay at first 4 * k + i, screen top(1) + py(4) left rotate by 90 font FONT11 tc rgb INK
        } else { set label 30 + 4 * k + i decay at first 4 * k + i, screen 1 - py(68.64) center font FONT11 tc rgb INK }
    }
}
set label 40 (NARROW ? "{/:Bold as trained}" : "{/:Bold predictor as it is trained}") at first 1.5, screen 1 - py(NARROW ? 14 : 23.4) center tc rgb INK
set label 41 (NARROW ? "{/:Bold symmetric}" : "{/:Bold kept symmetric}") at first 5.5, screen 1 - py(NARROW ? 14 : 23.4) center tc rgb INK
set label 42 "{/:Bold target starts as}" at screen left(1) - px(10), screen 1 - py(68.64) right tc rgb INK
do for [y in "5.5 4.5 0.5"] { set arrow from screen wide(0.02), first real(y) to screen 1 - px(15), first real(y) nohead ls 20 lw 1.2 }
set palette defined (0 "#F3B58F", 0.5 "#F3B58F", 0.51 "#DCEBF5", 8 "#5FA8D3")
set cbrange [0:8]; unset colorbox
set style fill solid 1 noborder
plot table using (place(column("predictor"), column("symmetric"), column("eta_p"), column("eta_s"))):(row_of(column("predictor"), column("stop_grad"), column("target"))):(0.44):(0.40):(column("rank")) with boxxyerror lc palette, \
     table using (place(column("predictor"), column("symmetric"), column("eta_p"), column("eta_s"))):(row_of(column("predictor"), column("stop_grad"), column("target"))):(sprintf("%d", int(column("rank")))) with labels tc rgb BLACK
