# ablation.gp DIR: how many of 8 modes survive for every combination of the ingredients, from
# DIR/table.tsv of experiments/ablation.
# SPDX-License-Identifier: MIT
DIR = ARG1; W = 1000; H = 520
load "style.gp"
table = DIR."/table.tsv"

# Row: what the loss is made of, from the top. Column: symmetric predictor or not, and the decays.
target_row(target) = target == 1 ? 0 : target == 2 ? 1 : target == 3 ? 2 : 3
row_of(predictor, stop, target) = 9 - (predictor == 1 && stop == 1 ? target_row(target) : predictor == 1 ? 4 \
    : stop == 1 ? 5 + target_row(target) : 9)
column_of(symmetric, eta_p, eta_s) = 4 * symmetric + (eta_p > 0 && eta_s > 0 ? 0 : eta_p > 0 ? 1 : eta_s > 0 ? 2 : 3)
# Without a predictor its decay and its symmetry do not exist: two cells in the first columns.
place(predictor, symmetric, eta_p, eta_s) = predictor == 1 ? column_of(symmetric, eta_p, eta_s) : (eta_s > 0 ? 0 : 1)

unset key; unset border; unset grid; unset xlabel
set lmargin at screen 0.335; set rmargin at screen 0.985
set tmargin at screen 0.80; set bmargin at screen 0.05
set xrange [-0.5:7.5]; set yrange [-0.5:9.5]
unset xtics; unset ytics
ROWS = "'copy of the network' 'from nothing' 'drawn apart' 'no EMA' 'no EMA' 'copy of the network' 'from nothing' 'drawn apart' 'no EMA' 'no EMA'"
do for [i = 1:10] { set label i word(ROWS, i) at screen 0.325, first 10 - i right tc rgb INK }
set label 21 "predictor," at screen 0.02, first 8.0 tc rgb INK
set label 22 "stop-gradient" at screen 0.02, first 7.45 tc rgb INK
set label 23 "no stop-gradient" at screen 0.02, first 5 tc rgb INK
set label 24 "no predictor" at screen 0.02, first 2.5 tc rgb INK
set label 25 "neither" at screen 0.02, first 0 tc rgb INK
do for [k = 0:1] {
    do for [i = 0:3] {
        set label 30 + 4 * k + i sprintf("{/:Italic η_p} = %s\n{/:Italic η_s} = %s", word("0.04 0.04 0 0", i + 1), word("0.04 0 0.04 0", i + 1)) at first 4 * k + i, screen 0.868 center font ",11" tc rgb INK
    }
}
set label 40 "{/:Bold predictor as it is trained}" at first 1.5, screen 0.955 center tc rgb INK
set label 41 "{/:Bold kept symmetric}" at first 5.5, screen 0.955 center tc rgb INK
set label 42 "{/:Bold target starts as}" at screen 0.325, screen 0.868 right tc rgb INK
do for [y in "5.5 4.5 0.5"] { set arrow from screen 0.02, first real(y) to screen 0.985, first real(y) nohead ls 20 lw 1.2 }
set palette defined (0 "#F3B58F", 0.5 "#F3B58F", 0.51 "#DCEBF5", 8 "#5FA8D3")
set cbrange [0:8]; unset colorbox
set style fill solid 1 noborder
plot table using (place(column("predictor"), column("symmetric"), column("eta_p"), column("eta_s"))):(row_of(column("predictor"), column("stop_grad"), column("target"))):(0.44):(0.40):(column("rank")) with boxxyerror lc palette, \
     table using (place(column("predictor"), column("symmetric"), column("eta_p"), column("eta_s"))):(row_of(column("predictor"), column("stop_grad"), column("target"))):(sprintf("%d", int(column("rank")))) with labels tc rgb BLACK
