# style.gp: what all pictures share. The program sets, before any script,
#   FORMAT  "png", "svg", "pdf", "eps", "tex", or "window"
#   SCALE   pixels of a png for each pixel of a screen
#   UNIT    size of the text over that of a screen, 13 pixels
#   WIDTH, HEIGHT  of the page in pixels of which the text has 13; 0: what the script asks for
#   FONT    its name; OUTPUT: the file of a tex, whose text LaTeX sets
# All else is in those pixels. A script describes its page as on a screen, loads this file, and draws;
# the picture goes to standard output. What a file holds is data: no script builds a command or an
# expression from it.
#   W, H              the page
#   PANELS, COLUMNS   how many panels it has, in how many columns
#   LEFT, RIGHT, TOP, BOTTOM  around them, with tics and labels; GAPX, GAPY between them
#   LEAST             the narrowest panel; where more do not fit, there are fewer columns
#   SHOWN             panels that are drawn this time, where not PANELS
#   TIC_WIDTH         of tics that are words at the left, beyond that of numbers
#   LEGEND_X, LEGEND_Y  where the entries of a legend over the panels begin, in shares of the page;
#   LEGEND_CELL       what the longest takes: where they do not fit, or LEGEND_WRAP is set, they get
#                     separate rows
# SPDX-License-Identifier: MIT

if (!exists("LEGEND_X")) { LEGEND_X = ""; LEGEND_Y = 1; LEGEND_CELL = 1 }
if (!exists("LEGEND_WRAP")) { LEGEND_WRAP = 0 }
if (!exists("SHOWN")) { SHOWN = PANELS }
if (!exists("TIC_WIDTH")) { TIC_WIDTH = 0 }
smaller(a, b) = a < b ? a : b
larger(a, b) = a > b ? a : b
rows_of(panels, columns) = (panels + columns - 1) / columns
across(width, columns) = (1.0 * width - LEFT - RIGHT - (columns - 1) * GAPX) / columns
LEFT = LEFT + TIC_WIDTH; W = W + TIC_WIDTH
PW = across(W, COLUMNS)
PH = (1.0 * H - TOP - BOTTOM - (rows_of(PANELS, COLUMNS) - 1) * GAPY) / rows_of(PANELS, COLUMNS)
SCREEN_W = W; SCREEN_H = H; SCREEN_PW = PW
if (WIDTH > 0) {
    W = WIDTH; RIGHT = RIGHT > 60 ? RIGHT : smaller(RIGHT, 24); LEFT = smaller(LEFT, 74 + TIC_WIDTH); GAPX = smaller(GAPX, LEFT - TIC_WIDTH + 16); GAPY = smaller(GAPY, 86)
} else {
    if (SHOWN < COLUMNS) { W = W - (COLUMNS - SHOWN) * (PW + GAPX) }
}
COLUMNS = smaller(COLUMNS, larger(SHOWN, 1))
while (COLUMNS > 1 && across(W, COLUMNS) < smaller(LEAST, SCREEN_PW)) { COLUMNS = COLUMNS - 1 }
ROWS = rows_of(larger(SHOWN, 1), COLUMNS)
PW = across(W, COLUMNS)
# The legend: as it is on a screen, or in as many rows as it needs.
LEGEND_FITS = W >= 0.98 * SCREEN_W && !LEGEND_WRAP
LEGEND_COLUMNS = larger(1, smaller(words(LEGEND_X), int((W - 20) / LEGEND_CELL)))
if (words(LEGEND_X) > 0 && !LEGEND_FITS) { TOP = TOP + 20 * (rows_of(words(LEGEND_X), LEGEND_COLUMNS) - 1) }
# The height follows from the width, except for panels that would be too flat, unless it is given.
PH = PH * larger(smaller(PW / SCREEN_PW, 4), 0.62)
H = HEIGHT > 0 ? HEIGHT : TOP + ROWS * PH + (ROWS - 1) * GAPY + BOTTOM
if (W == floor(W + 0.5) || WIDTH == 0) { W = floor(W + 0.5) }
if (HEIGHT == 0) { H = floor(H + 0.5) }
PH = (1.0 * H - TOP - BOTTOM - (ROWS - 1) * GAPY) / ROWS
if (PW < 60 || PH < 40) {
    # in points of 1/72 in
    printerr sprintf("the page is too small: with this text its %d panels need a width of %.0fpt and a height of %.0fpt", SHOWN, \
        0.75 * UNIT * larger(W, W + COLUMNS * (60 - PW)), 0.75 * UNIT * larger(H, H + ROWS * (40 - PH)))
    exit status 2
}
# Where panel k is, row by row from the top, in shares of the page.
share(x) = floor(1e9 * x + 0.5) / 1e9
left(k) = share((LEFT + ((k - 1) % COLUMNS) * (PW + GAPX)) / W)
right(k) = share((LEFT + ((k - 1) % COLUMNS) * (PW + GAPX) + PW) / W)
top(k) = share(1 - (TOP + ((k - 1) / COLUMNS) * (PH + GAPY)) / H)
bottom(k) = share(1 - (TOP + ((k - 1) / COLUMNS) * (PH + GAPY) + PH) / H)
is_lowest(k) = k + COLUMNS > SHOWN
is_leftmost(k) = (k - 1) % COLUMNS == 0
# Where entry i of the legend begins; a distance of that many shares of a screen's page from there.
legend_x(i) = LEGEND_FITS ? share(real(word(LEGEND_X, i)) * SCREEN_W / W) : px(16 + ((i - 1) % LEGEND_COLUMNS) * LEGEND_CELL)
legend_y(i) = LEGEND_FITS ? share(1 - (1 - LEGEND_Y) * SCREEN_H / H) : 1 - py(15 + 20 * ((i - 1) / LEGEND_COLUMNS))
# What is a share of a screen's page as one of this page; what are pixels.
wide(x) = share(x * SCREEN_W / W)
high(y) = share(y * SCREEN_H / H)
px(x) = share(1.0 * x / W)
py(y) = share(1.0 * y / H)

# A step of tics, 1, 2 or 5 times a power of ten, so that there are about that many.
step_size(rough, unit) = unit * (rough / unit <= 1 ? 1 : rough / unit <= 2 ? 2 : rough / unit <= 5 ? 5 : 10)
tic_step(low, high, most) = high > low ? step_size((high - low) / most, 10.0**floor(log10((high - low) / most))) : 1

# Dashes: round ends take a line's width of each gap, and shorter ones close.
# Sizes of text. Those of a tex are LaTeX's own, in the document's fonts.
sized(size) = sprintf(",%g", FORMAT eq "tex" ? 0.75 * UNIT * size : size)
FONT10 = sized(10); FONT11 = sized(11); FONT12 = sized(12); FONT13 = sized(13)
if (FORMAT eq "png") {
    set terminal pngcairo size floor(SCALE*UNIT*W + 0.001),floor(SCALE*UNIT*H + 0.001) enhanced font FONT.",13" fontscale 0.75*SCALE*UNIT linewidth SCALE*UNIT pointscale SCALE*UNIT dashlength 1.6 rounded
}
if (FORMAT eq "svg") {
    set terminal svg size W,H enhanced font FONT.",13" fontscale 1 linewidth 1 dashlength 1.6 rounded background rgb "white"
}
if (FORMAT eq "pdf") {
    set terminal pdfcairo size UNIT*W/96.0,UNIT*H/96.0 enhanced font FONT.",13" fontscale 0.5625*UNIT linewidth UNIT pointscale 0.62*UNIT dashlength 1.6*larger(UNIT, 1) rounded
}
if (FORMAT eq "eps") {
    set terminal epscairo size UNIT*W/96.0,UNIT*H/96.0 enhanced font FONT.",13" fontscale 0.5625*UNIT linewidth UNIT pointscale 0.62*UNIT dashlength 1.6*larger(UNIT, 1) rounded
}
if (FORMAT eq "tex") {
    set terminal cairolatex pdf size UNIT*W/96.0,UNIT*H/96.0 font sprintf(",%g", 9.75 * UNIT) linewidth 2*UNIT pointscale 0.62*UNIT dashlength 1.6*larger(UNIT, 1) rounded
    set output OUTPUT
}
if (FORMAT eq "window" && strstrt(" x11 qt wxt aqua windows caca ", " ".GPVAL_TERM." ") == 0) {
    printerr "this gnuplot cannot open a window (no terminal for it, or no display): draw a file instead"
    exit status 2
}
if (FORMAT eq "window") { set terminal GPVAL_TERM size W,H enhanced persist }

# Colors of Okabe and Ito, which remain distinct for every kind of color vision.
BLACK = "#000000"; ORANGE = "#E69F00"; SKY = "#56B4E9"; GREEN = "#009E73"
YELLOW = "#F0E442"; BLUE = "#0072B2"; RED = "#D55E00"; PURPLE = "#CC79A7"
GRAY = "#8A8A8A"; LIGHT = "#E4E4E4"; INK = "#333333"

# Curves one after the other, as the line styles 1 to 7 have them; panels.
CURVES = BLUE." ".RED." ".GREEN." ".ORANGE." ".PURPLE." ".SKY." ".BLACK
LETTERS = "a b c d e f g h i j k l m n o p q r s t u v w x y z"

# Roles. Stable and unstable differ in shape and filling as well as in color.
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
set style line 14 lc rgb GRAY lw 0.9                         # flow lines
set style line 15 lc rgb GRAY lw 0.8 dt (2,3)                # a guide to the eye
set style line 20 lc rgb LIGHT lw 0.6
set style arrow 1 head filled size screen 0.007,20,70 lc rgb GRAY lw 0.9
set style arrow 2 head filled size screen 0.008,20,70 lc rgb INK lw 1.2
set style arrow 3 head filled size screen 0.011,25,70 lc rgb INK lw 1.2
set style arrow 4 head filled size screen 0.005,20,70 lc rgb GRAY lw 0.8

# viridis
VIRIDIS = "#440154 #472d7b #3b528b #2c728e #21918c #28ae80 #5ec962 #addc30 #fde725"
# and its colors at a position from 0 to 1, as numbers
viridis_part(k, i) = int("0x".word(VIRIDIS, k + 1)[2 * i:2 * i + 1])
viridis_at(x, i) = int(viridis_part(int(x), i) + (x - int(x)) * (viridis_part(int(x) < 8 ? int(x) + 1 : 8, i) - viridis_part(int(x), i)) + 0.5)
viridis(x) = 65536 * viridis_at(8.0 * x, 1) + 256 * viridis_at(8.0 * x, 2) + viridis_at(8.0 * x, 3)
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

# Values that are not positive cannot be drawn on a logarithmic axis.
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
