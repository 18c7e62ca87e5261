# style.gp: what all pictures share. Whoever runs gnuplot sets FORMAT ("png", "svg", "pdf", or
# "window") and SCALE (pixels of a png for each of the screen's); a script sets W and H (the size in
# pixels of a screen), loads this file, and draws. The picture goes to standard output.
# What a file holds is data: no script builds a command or an expression from it.
# SPDX-License-Identifier: MIT

FONT = "Liberation Sans"
if (FORMAT eq "png") {
    set terminal pngcairo size SCALE*W,SCALE*H enhanced font FONT.",13" fontscale 0.75*SCALE linewidth SCALE pointscale SCALE dashlength 0.8*SCALE rounded
}
if (FORMAT eq "svg") {
    set terminal svg size W,H enhanced font FONT.",13" fontscale 1 linewidth 1 dashlength 1.2 rounded background rgb "white"
}
if (FORMAT eq "pdf") {
    set terminal pdfcairo size W/96.0,H/96.0 enhanced font FONT.",13" fontscale 0.555 linewidth 1 pointscale 0.62 dashlength 1 rounded
}
if (FORMAT eq "window" && strstrt(" x11 qt wxt aqua windows caca ", " ".GPVAL_TERM." ") == 0) {
    printerr "this gnuplot opens no window (it has no terminal for one, or there is no display): draw a file"
    exit status 2
}
if (FORMAT eq "window") { set terminal GPVAL_TERM size W,H enhanced persist }

# Colours of Okabe and Ito, which every kind of colour vision tells apart.
BLACK = "#000000"; ORANGE = "#E69F00"; SKY = "#56B4E9"; GREEN = "#009E73"
YELLOW = "#F0E442"; BLUE = "#0072B2"; RED = "#D55E00"; PURPLE = "#CC79A7"
GREY = "#8A8A8A"; LIGHT = "#E4E4E4"; INK = "#333333"

# Roles. Stable and unstable differ in shape and filling as well as in colour.
set style line 1 lc rgb BLUE lw 1.8 pt 7 ps 0.8
set style line 2 lc rgb RED lw 1.8 pt 5 ps 0.8
set style line 3 lc rgb GREEN lw 1.8 pt 9 ps 0.9
set style line 4 lc rgb ORANGE lw 1.8 pt 13 ps 1.0
set style line 5 lc rgb PURPLE lw 1.8 pt 11 ps 0.9
set style line 6 lc rgb SKY lw 1.8 pt 6 ps 0.8
set style line 7 lc rgb BLACK lw 1.8 pt 4 ps 0.8
set style line 11 lc rgb RED pt 7 ps 1.0 lw 1                # a stable fixed point
set style line 12 lc rgb GREEN pt 8 ps 1.25 lw 1.8           # an unstable one
set style line 13 lc rgb INK lw 1.4 dt (6,4)                 # what theory predicts
set style line 14 lc rgb GREY lw 0.9                         # flow lines
set style line 15 lc rgb GREY lw 0.8 dt (2,3)                # a guide to the eye
set style line 20 lc rgb LIGHT lw 0.6
set style arrow 1 head filled size screen 0.007,20,70 lc rgb GREY lw 0.9
set style arrow 2 head filled size screen 0.008,20,70 lc rgb INK lw 1.2
set style arrow 3 head filled size screen 0.011,25,70 lc rgb INK lw 1.2
set style arrow 4 head filled size screen 0.005,20,70 lc rgb GREY lw 0.8

# viridis
VIRIDIS = "#440154 #472d7b #3b528b #2c728e #21918c #28ae80 #5ec962 #addc30 #fde725"
set palette defined (0 "#440154", 1 "#472d7b", 2 "#3b528b", 3 "#2c728e", 4 "#21918c", \
                     5 "#28ae80", 6 "#5ec962", 7 "#addc30", 8 "#fde725")

set encoding utf8
# Of a run that is not finished: how far it is.
if (exists("NOTE")) { set label 99 NOTE at screen 0.995,0.012 right front tc rgb INK }
set border 3 lc rgb INK lw 0.9
set tics nomirror out scale 0.6 textcolor rgb INK
set grid back ls 20
set key samplen 2.2 spacing 1.25 textcolor rgb INK
set xlabel offset 0,0.3
set samples 2

set datafile separator tab
set datafile commentschars "#"
set datafile columnheaders

# What is not positive has no place on a logarithmic axis.
positive(x) = x > 0 ? x : NaN

# Arrow heads along a curve: arrow(row, x, y), called for each of its points in turn, is true each
# time another SPACING of the picture was walked, the first after FIRST; then an arrow from
# (bx - dx, by - dy) by (dx, dy) shows the direction. XSCALE and YSCALE are the lengths of the axes.
SPACING = 0.25; FIRST = 0.1; HEAD = 0.02; XSCALE = 1.0; YSCALE = 1.0
arrow(row, x, y) = (row == 0 ? (walked = SPACING - FIRST, bx = NaN, by = NaN) : 0, \
    ax = bx, ay = by, bx = x, by = y, \
    stride = (ax == ax) ? sqrt(((x - ax) / XSCALE)**2 + ((y - ay) / YSCALE)**2) : 0, \
    walked = walked + stride, \
    walked > SPACING && stride > 0 \
        ? (walked = 0, dx = (bx - ax) * HEAD / stride, dy = (by - ay) * HEAD / stride, 1) : 0)
