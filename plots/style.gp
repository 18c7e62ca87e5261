# style.gp: what all pictures share. A script sets OUT (the file to write, whose ending png, svg or
# pdf picks the terminal, or "window"), W and H (the size in pixels of a screen), then loads this
# file, then draws.
# SPDX-License-Identifier: MIT

if (OUT eq "") { printerr "usage: gnuplot -c SCRIPT OUTPUT DATA..."; exit status 2 }

FONT = "Liberation Sans"
ending = OUT eq "window" ? OUT : OUT[strlen(OUT) - 2:]
if (ending eq "png") {
    # Twice the pixels, for screens that have them; SSLDYN_SCALE says otherwise.
    scale = real("0".system("echo $SSLDYN_SCALE"))
    scale = scale > 0 ? scale : 2.0
    set terminal pngcairo size scale*W,scale*H enhanced font FONT.",13" fontscale 0.75*scale linewidth scale pointscale scale dashlength 0.8*scale rounded
}
if (ending eq "svg") {
    set terminal svg size W,H enhanced font FONT.",13" fontscale 1 linewidth 1 dashlength 1.2 rounded background rgb "white"
}
if (ending eq "pdf") {
    set terminal pdfcairo size W/96.0,H/96.0 enhanced font FONT.",13" fontscale 0.555 linewidth 1 pointscale 0.62 dashlength 1 rounded
}
if (ending eq "window" && strstrt(" x11 qt wxt aqua windows caca ", " ".GPVAL_TERM." ") == 0) {
    printerr "this gnuplot opens no window (it has no terminal for one, or there is no display): draw a file"
    exit status 2
}
if (ending eq "window") { set terminal GPVAL_TERM size W,H enhanced persist } else { set output OUT }

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
set border 3 lc rgb INK lw 0.9
set tics nomirror out scale 0.6 textcolor rgb INK
set grid back ls 20
set key samplen 2.2 spacing 1.25 textcolor rgb INK
set xlabel offset 0,0.3
set samples 2

set datafile separator tab
set datafile commentschars "#"
set datafile columnheaders

# Names of a table's columns, whether one is there, and how many modes a trace holds.
names(file) = system(sprintf("awk '!/^#/ { gsub(\"\\t\", \" \"); print; exit }' '%s'", file))
has(file, name) = strstrt(" ".names(file)." ", " ".name." ") > 0
modes(file) = int(system(sprintf("awk -F '\\t' '!/^#/ { for (i = 1; i <= NF; i++) n += $i ~ /^p_[0-9]+$/; print n + 0; exit }' '%s'", file)))

# One value of a table's first, last or middle row, or of a "name = value" list.
last(file, name) = real(system(sprintf("awk -F '\\t' -v n='%s' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { v = $c } END { print v }' '%s'", name, file)))
first(file, name) = real(system(sprintf("awk -F '\\t' -v n='%s' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { print $c; exit }' '%s'", name, file)))
middle(file, name) = real(system(sprintf("awk -F '\\t' -v n='%s' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { v[++k] = $c } END { print v[int((k + 1) / 2)] }' '%s'", name, file)))
# A stem's smallest and largest value over all modes and rows, and a range of y for what is constant
# but for rounding, in which gnuplot finds no tics: flat(file, stem) is whether one is needed.
extreme(file, stem, sign) = real(system(sprintf("awk -F '\\t' -v s='%s_' -v d=%d '/^#/ { next } !c { c = 1; for (i = 1; i <= NF; i++) w[i] = index($i, s) == 1; next } { for (i in w) if (w[i] && $i != \"nan\" && (m == \"\" || d * $i > d * m)) m = $i } END { print m == \"\" ? 0 : m }' '%s'", stem, sign, file)))
flat(file, stem) = (HIGH = extreme(file, stem, 1), LOW = extreme(file, stem, -1), HIGH - LOW <= 1e-12 * (abs(HIGH) + abs(LOW)))
printed(file, name) = real(system(sprintf("awk -v n='%s' '$1 == n && $2 == \"=\" { print $3; f = 1 } END { if (!f) print \"nan\" }' '%s'", name, file)))

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
