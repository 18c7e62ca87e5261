#!/bin/sh
# The renderer: complete pictures or none, a warning is a failure, foreign files are refused; ssldyn
# plot finds the script for a run and reports what is missing.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
# shellcheck source=tests/cli/files.inc
. tests/cli/files.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
run modes flow fig05 --t-end 10
run matrix flow overview --t-end 5 --samples 20
kind() { # FILE WORD: whether the file begins like a picture of that kind
    case $2 in
    png) printf '\211PNG' | cmp -s -n 4 - "$1" ;;
    eps) head -c 4 "$1" | grep -q '%!PS' ;;
    pdf) head -c 4 "$1" | grep -q '%PDF' ;;
    svg) head -n 3 "$1" | grep -q '<svg' ;;
    esac && echo 1 || echo 0
}
for run in modes matrix; do
    for ending in png pdf svg eps; do
        "$SSLDYN" plot "$DIR/$run" -o "$DIR/$run.$ending" >/dev/null
        holds "plot of $run as $ending" "$(kind "$DIR/$run.$ending" $ending) == 1"
    done
done

# A predictor that is negative on the leading modes: the slope applies to the leading modes with p > 0.
zero='\000\000\000\000\000\000\000\000'
npy "$DIR/wp.npy" '\000\000\000\000\000\000\360\277' "$zero" "$zero" '\000\000\000\000\000\000\340\077'
npy "$DIR/f.npy" '\000\000\000\000\000\000\360\077' "$zero" "$zero" '\000\000\000\000\000\000\320\077'
"$SSLDYN" align --wp "$DIR/wp.npy" --f "$DIR/f.npy" -q -o "$DIR/reversed" >/dev/null
"$SSLDYN" plot "$DIR/reversed" -o "$DIR/reversed.png" >/dev/null
holds "plot of a predictor that reverses the leading modes" "$(kind "$DIR/reversed.png" png) == 1"
holds "no date in a picture: the same run gives the same bytes" "$(cat "$DIR/modes.pdf" "$DIR/matrix.pdf" "$DIR/modes.eps" | grep -ac CreationDate) == 0"
"$SSLDYN" plot "$DIR/modes" >"$DIR/said"
holds "plot names the file it wrote" "$(grep -cx "$DIR/modes/plot.png" "$DIR/said") == 1"

# Sweeps and basins of every shape: maps with and without theory's lines, ranks, one axis, surfaces.
# shellcheck disable=SC2086 # words
sweep_of() { "$SSLDYN" sweep -q -o "$DIR/$1" $2 >/dev/null; }
sweep_of fates "--model modes --axis.eta 0:0.3:7 --axis.beta log:0.1:10:5 --lines"
sweep_of bare "--model modes --axis.eta 0:0.3:7 --axis.beta log:0.1:10:5"
sweep_of starts "--model modes --tau 1 --axis.p0=-0.5:1:7 --axis.s0 0:1:5 --lines"
sweep_of ranks "--n1 4 --n2 4 --t-end 60 --axis.eta 0.05:0.3:4 --axis.tau 0.5:1:3 --lines"
sweep_of bifurcation "--model parabola --tau 1 --p0 0.3 --axis.eta 0:0.3:9 --lines"
sweep_of matrices "--n1 4 --n2 4 --t-end 60 --axis.eta 0.05:0.3:4 --lines"
"$SSLDYN" basin -q --model modes --no-ema --eta 0.1 -o "$DIR/edge" >/dev/null
"$SSLDYN" basin -q --model parabola --threshold p0 --lo 0.01 --hi 1 --scan 32 --axis.beta log:0.1:10:5 -o "$DIR/curve" >/dev/null
"$SSLDYN" basin -q --model lowdim --eta 0.05 --threshold wp0 --lo=-0.5 --hi 1 --scan 32 --axis.w0 0.01:0.2:4 --axis.wa0 0:0.3:4 -o "$DIR/surface" >/dev/null
"$SSLDYN" basin -q --model modes --p0 0.3 --s0 0.1 --margins -o "$DIR/margins" >/dev/null
for kind in fates bare starts ranks bifurcation matrices edge curve surface margins; do
    "$SSLDYN" plot "$DIR/$kind" -o "$DIR/$kind.svg" >/dev/null
    holds "plot of $kind" "$(kind "$DIR/$kind.svg" svg) == 1"
done
for line in "fold" "border (Eq. 17)" "EMA survival" "edge of the basin"; do
    holds "a map of fates names: $line" "$(grep -c "$line" "$DIR/fates.svg") > 0 && $(grep -c "$line" "$DIR/bare.svg") == 0"
done
holds "bars of margins: each knob, fold and edge, the fold's factor" "$(grep -c 'at the fold</tspan' "$DIR/margins.svg") == 1 && $(grep -c 'basin.s edge</tspan' "$DIR/margins.svg") == 1 && $(grep -c '> *21 *<' "$DIR/margins.svg") == 1 && $(grep -c 'no factor up to 1024' "$DIR/margins.svg") == 1"
holds "a map of ranks names its fold" "$(grep -c 'fold: nothing survives' "$DIR/ranks.svg") > 0 && $(grep -c 'modes that survive' "$DIR/ranks.svg") > 0"
holds "a bifurcation diagram names fold and branches" "$(grep -c '>fold<' "$DIR/bifurcation.svg") > 0 && $(grep -c 'edge of the basin' "$DIR/bifurcation.svg") > 0"

# Runs with little to show are drawn as well: one row, constant or missing quantities, no mode.
drawn() { # WHAT DIR
    "$SSLDYN" plot "$DIR/$2" -o "$DIR/drawn.svg" >/dev/null
    holds "plot of $1" "$(kind "$DIR/drawn.svg" svg) == 1"
    rm -f "$DIR/drawn.svg"
}
# shellcheck disable=SC2086 # words
flow_of() { "$SSLDYN" flow -q -o "$DIR/$1" $2 >/dev/null; }
flow_of bare-flow "--n1 3 --n2 2 --t-end 3 --no-predictor"
flow_of bare-modes "--model lowdim --t-end 3 --no-predictor"
flow_of start "--n1 3 --n2 2 --t-end 0"
flow_of start-modes "--model modes --t-end 0"
flow_of rest "--model modes --p0 0 --s0 0 --t-end 3"
drawn "a network without predictor" bare-flow
drawn "modes without predictor" bare-modes
drawn "a start" start
drawn "a start of modes" start-modes
drawn "stationary modes" rest
sweep_of point "--model modes --axis.eta 0:0.3:1"
sweep_of words "--model modes --axis.no-ema list:true,false"
sweep_of words-up "--n1 4 --n2 3 --t-end 20 --axis.eta 0.05:0.3:3 --axis.init-wa list:zero,copy"
sweep_of fate-alone "--model modes --axis.eta 0:0.3:5 --columns fate"
drawn "a sweep of one point" point
drawn "a sweep over words" words
drawn "a sweep over numbers and words" words-up
drawn "a sweep that kept only fates" fate-alone
mkdir "$DIR/weights"
cp "$DIR/bare-flow/F.npy" "$DIR/weights"
"$SSLDYN" align --f "$DIR/weights/F.npy" -q -o "$DIR/no-predictor" >/dev/null
drawn "spectra without predictor" no-predictor
for pair in "start start" "matrix modes"; do
    "$SSLDYN" compare "$DIR/${pair% *}" "$DIR/${pair#* }" -q -o "$DIR/gap" >/dev/null
    drawn "the gap of $pair" gap
done
cp -r "$DIR/modes" "$DIR/it's"
drawn "a directory with a quote in its name" "it's"

"$SSLDYN" report "$DIR/matrix" >"$DIR/said"
holds "report names the file it wrote" "$(grep -cx "$DIR/matrix/report.html" "$DIR/said") == 1"
holds "report holds one picture, and needs no other file" \
    "$(grep -c '<svg' "$DIR/matrix/report.html") == 1 && $(grep -cE '(src|href)="(http|[a-z]+\.)' "$DIR/matrix/report.html") == 0"
holds "report holds the settings" "$(grep -c '^n2 = 16' "$DIR/matrix/report.html") == 1"
holds "report holds the closing report" "$(grep -c '^margin to the fold' "$DIR/matrix/report.html") == 1"
holds "report has a row for each mode" "$(grep -c '^<tr><td>16</td>' "$DIR/matrix/report.html") == 1"

# With two populations the picture names the slope that the verdict uses; a spectrum that vanished,
# with values that a range of p would exclude, is drawn too.
awk 'BEGIN {
    for (j = 1; j <= 40; j++) { s[j] = exp(-0.1 * j); wpe[j] = j <= 25 ? 0.2 * s[j]^0.15 : 0.9 * s[j] }
    for (j = 1; j <= 40; j++) printf "s_%d\twpe_%d%s", j, j, j < 40 ? "\t" : "\n"
    for (j = 1; j <= 40; j++) printf "%.9g\t%.9g%s", s[j], wpe[j], j < 40 ? "\t" : "\n"
}' >"$DIR/two.tsv"
"$SSLDYN" align --spectra "$DIR/two.tsv" --loss l2 -q -o "$DIR/two" >/dev/null
"$SSLDYN" plot "$DIR/two" -o "$DIR/two.svg" >/dev/null
holds "the slope drawn is that of the upper modes" "$(grep -c 'slope 0\.1[0-9]* ([0-9]* upper modes)' "$DIR/two.svg") == 1"
# Under the cosine loss it names both slopes from which the table was made.
"$SSLDYN" align --spectra "$DIR/two.tsv" -q -o "$DIR/tail" >/dev/null
"$SSLDYN" plot "$DIR/tail" -o "$DIR/tail.svg" >/dev/null
holds "plateau and tail are drawn with their slopes" \
    "$(grep -c 'plateau 0\.150 (25 modes)' "$DIR/tail.svg") == 1 && $(grep -c 'tail 1\.00 (15 modes)' "$DIR/tail.svg") == 1 && $(grep -c '<text>.*slopes 0, 1/2, 1' "$DIR/tail.svg") == 1"
"$SSLDYN" flow --n1 3 --n2 2 --no-predictor --no-ema --t-end 200 -q -o "$DIR/vanished" >/dev/null
"$SSLDYN" align "$DIR/vanished" -q -o "$DIR/nothing" >/dev/null
"$SSLDYN" plot "$DIR/nothing" -o "$DIR/nothing.png" >/dev/null
holds "plot of a spectrum that vanished" "$(kind "$DIR/nothing.png" png) == 1"

# A report has only the applicable parts: no column without a value, no kinds of files, and for
# a ladder its table.
"$SSLDYN" align -q "$DIR/matrix" -o "$DIR/measured" >/dev/null && "$SSLDYN" report "$DIR/measured" >/dev/null
holds "report of an analysis has no empty column" \
    "$(grep -c '<th>p</th>' "$DIR/measured/report.html") == 1 && $(grep -c '<th>se</th>' "$DIR/measured/report.html") == 0"
holds "report shows no kinds of files" "$(cat "$DIR/measured/report.html" "$DIR/matrix/report.html" | grep -c '# ssldyn') == 0"
printf 'n1 = 4\nn2 = 2\nlr = 0.05\nt_end = 2\nsamples = 4\n' >"$DIR/rungs.conf"
"$SSLDYN" compare -q --ladder "$DIR/rungs.conf" -o "$DIR/rungs" >/dev/null && "$SSLDYN" report "$DIR/rungs" >/dev/null
holds "report of a ladder has its rungs, and no column for every mode of each" \
    "$(grep -c '^<tr><td>m3</td><td>aligned eigenvectors' "$DIR/rungs/report.html") == 1 && $(grep -c 's_1_m1' "$DIR/rungs/report.html") == 0"

# Title and first line describe the run; the verdict is text; symbols are explained; values common to all
# modes are one line, and no column repeats the mode's number; foreign text is not markup.
holds "a report describes its run" \
    "$(grep -c '<title>matrix: flow, population flow (M1); .*t-end = 5' "$DIR/matrix/report.html") == 1 && $(grep -c '<title>measured: align of .*matrix' "$DIR/measured/report.html") == 1"
holds "the verdict is in paragraphs" "$(grep -c '<div class="verdict">' "$DIR/measured/report.html") == 1 && $(sed -n '/class="verdict"/,/<.div>/p' "$DIR/measured/report.html" | grep -c '^<p>.*[.]</p>$') > 3"
holds "symbols are explained" "$(grep -c '<td>cos</td><td class="means">u_j^T Wp u_j' "$DIR/measured/report.html") == 1"
holds "the number of the mode comes once" "$(grep -o "<th>j<" "$DIR/measured/report.html" | wc -l) == 1 && $(grep -o "<th>mode<" "$DIR/measured/report.html" | wc -l) <= 1"
holds "no gnuplot text under the pointer" "$(grep -c '<title>' "$DIR/measured/report.html") == 1"
"$SSLDYN" flow --model modes --p0 0.3,0.3 --s0 0.1,0.2 --t-end 900 -q -o "$DIR/alike" >/dev/null && "$SSLDYN" report "$DIR/alike" >/dev/null
holds "values common to all modes are one line" "$(grep -c '^<p>For every mode: .*tau = 1' "$DIR/alike/report.html") == 1 && $(grep -c '<th>tau</th>' "$DIR/alike/report.html") == 0"
mkdir "$DIR/<b>&"
cp -r "$DIR/modes/." "$DIR/<b>&"
printf '# x <script>alert(1)</script>\n' >>"$DIR/<b>&/spec.conf"
"$SSLDYN" report "$DIR/<b>&" -o "$DIR/escaped.html" >/dev/null
holds "names and texts are not markup, and there are no scripts" "$(grep -ic '<script' "$DIR/escaped.html") == 0 && $(grep -c '<h1>&lt;b&gt;&amp;</h1>' "$DIR/escaped.html") == 1"
mkdir "$DIR/jobs"
cp -r "$DIR/modes" "$DIR/jobs/a" && sed 's/^beta = .*/beta = 7/' "$DIR/modes/spec.conf" >"$DIR/jobs/a/spec.conf"
cp -r "$DIR/modes" "$DIR/jobs/b"
"$SSLDYN" report "$DIR/jobs" >"$DIR/said"
holds "a report of a folder has a row for each run" "$(grep -c '<title>jobs: 2 runs' "$DIR/jobs/report.html") == 1 && $(grep -c '^<tr><td>[ab]</td><td>[0-9.]*</td>' "$DIR/jobs/report.html") == 2 && $(grep -c '<svg' "$DIR/jobs/report.html") == 1"

# align's forecast is drawn over the measured values, in plot and report.
"$SSLDYN" align "$DIR/matrix" --predict 3 -q -o "$DIR/foreseen" >/dev/null
"$SSLDYN" plot "$DIR/foreseen" -o "$DIR/foreseen.svg" >/dev/null
"$SSLDYN" report "$DIR/foreseen" >/dev/null
holds "a prediction is drawn" "$(grep -c 'dashed: predicted' "$DIR/foreseen.svg") > 0 && $(grep -c 'dashed: predicted' "$DIR/foreseen/report.html") > 0"
sed 's/sp_2/other/' "$DIR/foreseen/prediction.tsv" >"$DIR/prediction" && mv "$DIR/prediction" "$DIR/foreseen/prediction.tsv"
"$SSLDYN" plot "$DIR/foreseen" -o "$DIR/foreseen.svg" >/dev/null
holds "one of which a column is missing shows the modes that are there" "$? == 0"
"$SSLDYN" plot "$DIR/modes" -o "$DIR/large.PNG" >/dev/null
holds "a file name ending in capitals is accepted" "$(kind "$DIR/large.PNG" png) == 1"

refused() { # WHAT STATUS PATTERN COMMAND...
    what=$1 want=$2 pattern=$3
    shift 3
    "$@" >"$DIR/stdout" 2>"$DIR/stderr"
    got=$?
    holds "$what" "$got == $want && $(grep -Ec -e "$pattern" "$DIR/stderr") > 0 && $(find "$DIR" -name 'x.*' | wc -l) == 0"
}
refused "no such run" 2 'No such file' "$SSLDYN" plot "$DIR/none"
refused "a file is not a run" 2 'not a directory' "$SSLDYN" plot "$DIR/said"
mkdir "$DIR/empty"
refused "nothing to draw" 2 'nothing to draw' "$SSLDYN" plot "$DIR/empty"
refused "another ending" 2 'must end in .png, .svg, .pdf, .eps or .tex' "$SSLDYN" plot "$DIR/modes" -o "$DIR/x.gif"
refused "ending and format disagree" 2 'does not match --format svg' "$SSLDYN" plot "$DIR/modes" -o "$DIR/x.png" --format svg
refused "window and file" 2 'writes no file' "$SSLDYN" plot "$DIR/modes" -o "$DIR/x.png" --format window
refused "no directory for the file" 2 'No such file' "$SSLDYN" plot "$DIR/modes" -o "$DIR/none/x.png"
refused "a report is html" 2 'must end in' "$SSLDYN" report "$DIR/modes" -o "$DIR/x.txt"
refused "no run" 2 'no run' "$SSLDYN" plot -o "$DIR/x.png"
refused "a run and a folder without one" 2 'empty: is not a run, and no directory below it' "$SSLDYN" plot "$DIR/modes" "$DIR/empty" -o "$DIR/x.png"
refused "a run and one that is not there" 2 'none: No such file' "$SSLDYN" plot "$DIR/modes" "$DIR/none" -o "$DIR/x.png"
refused "scripts that are not there" 1 'SSLDYN_PLOTS' env SSLDYN_PLOTS="$DIR/empty" "$SSLDYN" plot "$DIR/modes" -o "$DIR/x.png"
"$SSLDYN" basin -q --model modes --no-ema --threshold p0 --lo 0.001 --hi 0.002 --scan 8 --axis.eta 0.01:0.1:2 -o "$DIR/none-found" >/dev/null
refused "a table without rows" 2 'has no rows' "$SSLDYN" plot "$DIR/none-found" -o "$DIR/x.png"
refused "a window where there is none" 1 'cannot open a window' env -u DISPLAY -u WAYLAND_DISPLAY GNUTERM=dumb "$SSLDYN" plot "$DIR/modes" --format window
mkdir "$DIR/bin"
for tool in sh dirname head grep awk rm; do ln -s "$(command -v $tool)" "$DIR/bin/$tool"; done
refused "no gnuplot" 1 'gnuplot is not installed' env PATH="$DIR/bin" "$SSLDYN" plot "$DIR/modes" -o "$DIR/x.png"

printf '#!/bin/sh\necho "line 7: a fault of gnuplot" >&2\nexit 1\n' >"$DIR/bin/gnuplot"
chmod +x "$DIR/bin/gnuplot"
refused "gnuplot's message is shown" 1 'gnuplot: line 7: a fault' env PATH="$DIR/bin" "$SSLDYN" plot "$DIR/modes" -o "$DIR/x.png"
rm "$DIR/bin/gnuplot"

cp -r "$DIR/modes" "$DIR/broken"
sed 's/s_1/other/' "$DIR/modes/trace.tsv" >"$DIR/broken/trace.tsv"
refused "a missing column is a failure" 2 'trace.tsv: has no column s_1' "$SSLDYN" plot "$DIR/broken" -o "$DIR/x.png"
sed '1s/trace 1/trace 9/' "$DIR/modes/trace.tsv" >"$DIR/broken/trace.tsv"
refused "another version is refused" 2 'trace.tsv:1: expected "# ssldyn KIND 1" on the first line, found "# ssldyn trace 9"' "$SSLDYN" plot "$DIR/broken" -o "$DIR/x.png"
finish
