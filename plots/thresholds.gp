# thresholds.gp OUTPUT DIR: the value at which the fate of a mode flips against one more parameter, by
# what decides there, from the directory that `ssldyn basin --threshold` wrote.
# SPDX-License-Identifier: MIT
OUT = ARG1; DIR = ARG2; W = 640; H = 480
load "style.gp"
table = DIR."/thresholds.tsv"
across = word(names(table), 1)
set lmargin at screen 0.14; set rmargin at screen 0.96
set tmargin at screen 0.88; set bmargin at screen 0.14
set key outside above horizontal center samplen 1.5
set xlabel across noenhanced
set ylabel "threshold" offset 1,0
if (last(table, across) > 100 * first(table, across) && first(table, across) > 0) { set logscale x; set format x "10^{%L}" }
plot table using across:"threshold" with linespoints ls 1 ps 0.5 title "the fate flips"
