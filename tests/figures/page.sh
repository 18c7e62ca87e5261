#!/bin/sh
# Pictures for papers: a page of the requested size in every format, text of the requested size, and at 3.25 in with
# 8-pt text every word on the page, for every script.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
quiet() { "$SSLDYN" "$@" -q >/dev/null 2>&1; }
plot() { "$SSLDYN" plot "$@" >"$DIR/said" 2>"$DIR/stderr"; }
run modes flow fig05 --t-end 10
run matrix flow overview --t-end 5 --samples 20

# Sizes. A png has 96 pixels per inch for each screen pixel, twice as many unless --dpi is given.
png_size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print ($1 * 256 + $2) * 65536 + $3 * 256 + $4 "x" ($5 * 256 + $6) * 65536 + $7 * 256 + $8 }'; }
size() { # WHAT WANT OPTION...: of a png of the modes
    what=$1 want=$2
    shift 2
    plot "$DIR/modes" -o "$DIR/size.png" "$@"
    [ "$(png_size "$DIR/size.png")" = "$want" ]
    result $? "$what" "$(png_size "$DIR/size.png") $(cat "$DIR/stderr")"
}
size "the page of a screen" 2160x1320
size "inches" 1440x960 --width 7.5in --height 5in
size "millimetres, at 300 dpi" 1800x1800 --width 152.4mm --height 152.4mm --dpi 300
size "pixels" 800x600 --width 800px --height 600px
size "points and centimetres" 1440x960 --width 540pt --height 12.7cm
size "the same page with smaller text" 1440x960 --width 7.5in --height 5in --font-size 7
plot "$DIR/modes" -o "$DIR/m.eps" --width 3.25in --height 7in --font-size 8
holds "an eps" "$(grep -c '^%%BoundingBox: 0 0 234 504$' "$DIR/m.eps") == 1 && $(grep -c '^%%EOF' "$DIR/m.eps") == 1"
# Dashes must be visible: the round line ends take one line width of a gap, so that a gap of 2.5 widths leaves more
# than the line width. If gaps closed, dashed curves would look solid.
"$SSLDYN" sweep --model modes --axis.eta 0:0.3:5 --axis.sigma2 0:1:5 --lines -q -o "$DIR/lines" >/dev/null
for text in 8 9.75 20; do
    plot "$DIR/lines" -o "$DIR/lines.eps" --font-size $text
    holds "dashes at $text pt" "$(awk '/^[0-9.]+ w$/ { width = $1 } /^\[ *[0-9]/ { gsub(/[][]/, " ")
        for (i = 2; i <= NF - 2; i += 2) if (!least || $i / width < least) least = $i / width } END { print least }' "$DIR/lines.eps") >= 2.5"
done
plot "$DIR/modes" -o "$DIR/m.pdf" --width 3.25in --height 7in --font-size 8
holds "a pdf" "$(grep -ac '/MediaBox \[ 0 0 234 504 \]' "$DIR/m.pdf") == 1"
plot "$DIR/modes" -o "$DIR/m.svg" --width 3.25in --height 7in --font-size 8
holds "an svg" "$(grep -c ' width="312" height="672"' "$DIR/m.svg") == 1 && $(tail -n 2 "$DIR/m.svg" | grep -c '</svg>') == 1"
plot "$DIR/modes" -o "$DIR/one.pdf" --font-size 8
plot "$DIR/modes" -o "$DIR/two.pdf" --font-size 8
check "the same run gives the same bytes" cmp "$DIR/one.pdf" "$DIR/two.pdf"
plot "$DIR/modes" -o "$DIR/font.svg" --font "DejaVu Sans"
holds "another typeface" "$(grep -c 'font-family="DejaVu Sans"' "$DIR/font.svg") > 0 && $(grep -c 'Liberation' "$DIR/font.svg") == 0"

# LaTeX: the text in one file, the lines in the other, whose name it contains; no gnuplot markup,
# no temporary name.
mkdir "$DIR/tex"
TMPDIR=$DIR/tex plot "$DIR/matrix" -o "$DIR/m.tex" --width 3.25in --font-size 8
holds "a tex and its lines" "$? == 0 && $(grep -c 'begin{picture}(4680' "$DIR/m.tex") == 1 && $(head -c 4 "$DIR/m-inc.pdf" | grep -c '%PDF') == 1"
holds "which it reads" "$(grep -c 'put(0,0){.includegraphics\[[^]]*\]{m-inc.pdf}}' "$DIR/m.tex") == 1 && $(grep -c "$DIR\|/tmp" "$DIR/m.tex") == 0 && $(find "$DIR/tex" -mindepth 1 | wc -l) == 0"
holds "the text in LaTeX markup" "$(grep -c 'textbf{a}   eigenvalues of the correlation  \$F\$' "$DIR/m.tex") == 1 && $(grep -c '10\$^{-6}\$' "$DIR/m.tex") == 1 && $(grep -c 'cos(\$W_{p}\\ u_{j}\$' "$DIR/m.tex") == 1"
holds "and nothing else" "$(grep -c '{/:' "$DIR/m.tex") == 0 && $(LC_ALL=C grep -c '[^ -~]' "$DIR/m.tex") == 0"
holds "of that size" "$(grep -c 'fontsize{8}{9.6}' "$DIR/m.tex") == 1"
holds "its use is explained" "$(grep -c 'input{.*m.tex}' "$DIR/stderr") == 1"
holds "its braces are even" "$(tr -cd '{' <"$DIR/m.tex" | wc -c) == $(tr -cd '}' <"$DIR/m.tex" | wc -c)"
if command -v pdflatex >/dev/null 2>&1; then
    printf '%s\n' '\documentclass{article}' '\usepackage{graphicx,xcolor}' '\begin{document}' '\input{m.tex}' '\end{document}' >"$DIR/doc.tex"
    check "LaTeX reads it" sh -c "cd '$DIR' && pdflatex -halt-on-error -interaction=batchmode doc.tex >/dev/null"
else
    skip "LaTeX reads it: no pdflatex"
fi

# Every word of an SVG on its page. The width of a text is that of average letters, half of their
# height; a tenth of the page is left for wider ones.
words_outside() {
    awk '
        /^ viewBox=/ { split($0, box, /[ "]+/); w = box[5]; h = box[6] }
        /<g transform="translate\(/ {
            at = $0; sub(/.*translate\(/, "", at); split(at, place, /[,)]/)
            anchor = $0 ~ /text-anchor="middle"/ ? 0.5 : $0 ~ /text-anchor="end"/ ? 1 : 0
            turned = $0 ~ /rotate\((270|-90)\)/
            size = $0; sub(/.*font-size="/, "", size)
        }
        /<text/ {
            text = $0; gsub(/<[^>]*>/, "", text); gsub(/&[a-z]*;/, "x", text); sub(/^[ \t]*/, "", text)
            if (text == "") next
            length_of = 0.48 * (size + 0) * length(text)
            if (turned) { low = h - place[2] - anchor * length_of; end = h; across = place[1] }
            else { low = place[1] - anchor * length_of; end = w; across = place[2] }
            words++
            if (low < -0.02 * end || low + length_of > 1.02 * end || across < 0 || across > (turned ? w : h)) print "outside: " text
        }
        END { if (words < 8) print "few words: " words + 0 }' "$1"
}
on_page() { # WHAT COMMAND...: at 3.25 in with 8-pt text
    what=$1
    shift
    "$@" --width 3.25in --font-size 8 -o "$DIR/page.svg" >"$DIR/said" 2>"$DIR/stderr"
    found=$([ $? = 0 ] || cat "$DIR/stderr"; words_outside "$DIR/page.svg")
    [ -z "$found" ]
    result $? "$what: every word is on the page" "$found"
    if command -v pdftotext >/dev/null 2>&1; then
        "$@" --width 3.25in --font-size 8 -o "$DIR/page.pdf" >/dev/null 2>&1
        found=$(pdftotext -bbox "$DIR/page.pdf" - 2>/dev/null | awk -F '"' '
            /<page / { w = $2; h = $4 }
            /<word / { words++; if ($2 < -1 || $6 > w + 1 || $4 < -1 || $8 > h + 1) print $0 }
            END { if (w != 234 || words < 8) print "page of " w ", words: " words + 0 }')
        [ -z "$found" ]
        result $? "$what: also as measured" "$found"
    fi
}
quiet align "$DIR/matrix" --predict 2 -o "$DIR/align"
quiet compare "$DIR/matrix" "$DIR/matrix" -o "$DIR/compare"
quiet sweep --model modes --axis.eta 0:0.3:7 --axis.beta log:0.1:10:5 --lines -o "$DIR/map"
quiet sweep --n1 4 --n2 4 --t-end 60 --axis.eta 0.05:0.3:4 --axis.tau 0.5:1:3 --lines -o "$DIR/ranks"
quiet sweep --model parabola --tau 1 --p0 0.3 --axis.eta 0:0.3:9 --lines -o "$DIR/branches"
quiet sweep --model modes --axis.eta 0:0.3:4 --axis.beta 0.1:1:3 --axis.sigma2 0:1:4 -o "$DIR/panels"
quiet basin --model parabola --threshold p0 --lo 0.01 --hi 1 --scan 32 --axis.beta log:0.1:10:5 -o "$DIR/curve"
for kind in modes matrix align compare map ranks branches panels curve; do on_page $kind "$SSLDYN" plot "$DIR/$kind"; done
on_page "two runs" "$SSLDYN" plot "$DIR/modes" "$DIR/matrix"
on_page "chosen columns" "$SSLDYN" plot "$DIR/matrix" --column s,loss
on_page fig03 "$SSLDYN" figure fig03 --runs "$DIR/fig03" --eta 0,0.01 -q
on_page fig04 "$SSLDYN" figure fig04 --runs "$DIR/fig04" -q
on_page fig05 "$SSLDYN" figure fig05 --runs "$DIR/fig05" -q
on_page fig07 "$SSLDYN" figure fig07 --runs "$DIR/fig07" --n1 4 --n2 2 --ensemble 2 -q
on_page fig08 "$SSLDYN" figure fig08 --runs "$DIR/fig08" --n2 4 -q
on_page fig09 "$SSLDYN" figure fig09 --runs "$DIR/fig09" --n1 4 --n2 4 -q
on_page fig10 "$SSLDYN" figure fig10 --runs "$DIR/fig10" -q
on_page observations "$SSLDYN" figure observations --runs "$DIR/observations" -q
for figure in nofold waterfill closures depth; do on_page $figure "$SSLDYN" figure $figure --runs "$DIR/$figure" -q; done
on_page ladder "$SSLDYN" figure ladder --runs "$DIR/ladder" --n1 4 --n2 2 --t-end 4 --samples 8 --ensemble 2 -q

refused() { # WHAT PATTERN OPTION...
    what=$1 pattern=$2
    shift 2
    "$SSLDYN" plot "$DIR/modes" "$@" >/dev/null 2>"$DIR/stderr"
    got=$?
    holds "$what" "$got == 2 && $(grep -Ec -e "$pattern" "$DIR/stderr") == 1 && $(wc -l <"$DIR/stderr") == 1 && $(find "$DIR" -name 'x*.*' | wc -l) == 0"
}
refused "a length without a unit" '--width 3.25: must be a length with a unit' --width 3.25 -o "$DIR/x.pdf"
refused "an unknown unit" '3.25inch: must be' --width 3.25inch -o "$DIR/x.pdf"
refused "no length" '--height in: must be' --height in -o "$DIR/x.pdf"
refused "pixels of a pdf" 'pdf has no pixels' --width 800px -o "$DIR/x.pdf"
refused "dots of an svg" 'svg has no pixels' --dpi 300 -o "$DIR/x.svg"
refused "a page of size zero" 'from 0.1in to 200in' --width 0in -o "$DIR/x.png"
refused "a page that is too large" 'from 0.1in to 200in' --width 1e6mm -o "$DIR/x.png"
refused "a png of a gigapixel" 'more than 20000 pixels' --width 40in --dpi 600 -o "$DIR/x.png"
refused "a page too small for its text" 'the page is too small.*need a width of [0-9]*pt' --width 1in -o "$DIR/x.png"
refused "a page too low for its text" 'the page is too small.*a height of [0-9]*pt' --height 1in -o "$DIR/x.png"
refused "a typeface that is a command" 'name of a typeface' --font '`touch MARK`' -o "$DIR/x.png"
refused "a typeface with a size" 'name of a typeface' --font 'Arial,30' -o "$DIR/x.png"
refused "text of no size" 'font-size' --font-size 0 -o "$DIR/x.png"
refused "an unknown column, with the nearest name" 'did you mean loss|did you mean p' --column pp -o "$DIR/x.png"
finish
