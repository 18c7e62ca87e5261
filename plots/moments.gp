# moments.gp: the spectra of X and X' that `ssldyn moments` estimated, and the weight decay that each
# direction survives, with its standard error. ssldyn plot writes $spectra
# and whether there are errors.
# SPDX-License-Identifier: MIT
W = 1080; H = 420; PANELS = 2; COLUMNS = 2; LEAST = 250
LEFT = 86.4; RIGHT = 32.4; GAPX = 118.8; TOP = 40; BOTTOM = 62; GAPY = 95.7
load "style.gp"

set multiplot
set offsets 0, 0.5, 0, 0
set xlabel "direction  {/:Italic j}"
do for [k = 1:2] {
    set lmargin at screen left(k); set rmargin at screen right(k); set tmargin at screen top(k); set bmargin at screen bottom(k)
    set title k == 1 ? "{/:Bold a}   spectra" : "{/:Bold b}   weight decay that a direction survives" offset 0,-0.4
    set logscale y; set format y "10^{%L}"; set format x "%g"
    set key top right
    if (k == 1) {
        set ylabel "eigenvalue" offset 1.0,0
        plot $spectra using "j":(positive(column("sum"))) with linespoints ls 2 pt 7 ps 0.4 title "{/:Italic X} + {/:Italic X}'", \
            $spectra using "j":(positive(column("xprime"))) with linespoints ls 3 pt 7 ps 0.4 title "{/:Italic X}'", \
            $spectra using "j":(positive(column("x"))) with linespoints ls 1 pt 7 ps 0.4 title "{/:Italic X}"
    } else {
        set ylabel "weight decay  {/:Italic η}" offset 1.0,0
        plot $spectra using "j":(positive(column("eta_sum"))):(errors ? column("se_sum") : 0) with yerrorbars ls 2 pt 7 ps 0.5 title "of {/:Italic X} + {/:Italic X}'", \
            $spectra using "j":(positive(column("eta_x"))):(errors ? column("se_x") : 0) with yerrorbars ls 1 pt 7 ps 0.5 title "of {/:Italic X}"
    }
    unset label 99 # of style.gp: once is enough
}
unset multiplot
