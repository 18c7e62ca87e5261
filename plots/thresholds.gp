# thresholds.gp OUTPUT DIR: the value at which the fate of a mode flips against one more parameter, or over
# two of them as a coloured surface, from the directory that `ssldyn basin --threshold` wrote.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 640; H = 480
load "style.gp"
table = DIR."/thresholds.tsv"
header = names(table)
across = word(header, 1)
spread(name) = first(table, name) > 0 && last(table, name) > 100 * first(table, name)
set lmargin at screen 0.14; set rmargin at screen 0.96
set tmargin at screen 0.88; set bmargin at screen 0.14
set key outside above horizontal center samplen 1.5
set xlabel across noenhanced
if (spread(across)) { set logscale x; set format x "10^{%L}" }
if (word(header, 2) eq "threshold") {
    set ylabel "threshold" offset 1,0
    plot table using across:"threshold" with linespoints ls 1 ps 0.5 title "the fate flips"
} else {
    upward = word(header, 2)
    set rmargin at screen 0.82
    set ylabel upward noenhanced offset 1,0
    if (spread(upward)) { set logscale y; set format y "10^{%L}" }
    set cblabel "threshold" offset 1,0
    plot table using across:upward:"threshold" with points pt 5 ps 0.9 lc palette title "where the fate flips"
}
