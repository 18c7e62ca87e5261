#!/bin/sh
# Pictures of sweeps: cells that touch on any axis, the average over random
# starts, a panel for each value of a third axis, samples of more than two axes, and large grids.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
# drawn NAME OPTION...: a sweep in $DIR/NAME and its picture $DIR/NAME.svg
drawn() {
    name=$1
    shift
    "$SSLDYN" sweep -q -o "$DIR/$name" "$@" >/dev/null && "$SSLDYN" plot "$DIR/$name" -o "$DIR/$name.svg" >/dev/null
    result $? "$name is drawn"
}
# cells NAME: the rectangles of a map, "x1 x2 y1 y2" per line, without those of legends (of one size)
cells() {
    sed -n "s/.*<polygon fill = '\(rgb([^)]*)\)' points = '\([^']*\)'.*/\2/p" "$DIR/$1.svg" | awk -F '[ ,]' '
        { x1 = x2 = $1; y1 = y2 = $2
          for (i = 1; i < NF; i += 2) { x1 = $i < x1 ? $i : x1; x2 = $i > x2 ? $i : x2
              y1 = $(i + 1) < y1 ? $(i + 1) : y1; y2 = $(i + 1) > y2 ? $(i + 1) : y2 }
          if (x2 > x1 && y2 > y1 && !(x2 - x1 < 27 && y2 - y1 < 10)) print x1, x2, y1, y2 }'
}
# uncovered NAME: the number of points of a 400 x 400 raster between the outermost edges that no cell covers
uncovered() {
    cells "$1" | awk '
        { x1[NR] = $1; x2[NR] = $2; y1[NR] = $3; y2[NR] = $4
          if (NR == 1 || $1 < l) l = $1; if (NR == 1 || $2 > r) r = $2
          if (NR == 1 || $3 < t) t = $3; if (NR == 1 || $4 > b) b = $4 }
        END { for (i = 0; i < 400; i++) for (j = 0; j < 400; j++) {
                  x = l + (r - l) * (i + 0.5) / 400; y = t + (b - t) * (j + 0.5) / 400
                  for (k = 1; k <= NR; k++) if (x >= x1[k] && x <= x2[k] && y >= y1[k] && y <= y2[k]) break
                  empty += k > NR }
              print NR ? empty + 0 : "()" }'
}
drawn list --model modes --axis.eta list:0.01,0.02,0.05,0.2 --axis.beta list:0.05,0.1,1,3,10
drawn uneven --model modes --axis.eta list:0.2,0.01,0.05,0.19 --axis.p0=list:-0.5,0,0.02,0.3,2
drawn mixed --model modes --axis.eta list:0.05,0.1,0.3 --axis.beta log:0.01:10:6
drawn range --model modes --axis.eta 0:0.3:7 --axis.s0 0:1:5
drawn words --n1 4 --n2 3 --t-end 20 --axis.eta list:0.01,0.05,0.3 --axis.init-wa list:zero,copy
for name in list uneven mixed range words; do
    holds "$name: no stripe between the cells" "$(uncovered $name) == 0"
done
# Cells meet half-way, in the logarithm on a logarithmic axis: eta = .01 .02 .05 .2 spans the width
# as edges .00707 .01414 .03162 .1 .4, so the last edge but one lies at log(.1/.00707)/log(.4/.00707).
holds "list: cells of a logarithmic axis meet half-way in the logarithm" "$(cells list | awk '
    { if (NR == 1 || $1 < l) l = $1; if (NR == 1 || $2 > r) r = $2; if ($1 > m) m = $1 }
    END { want = log(0.1 / 0.00707107) / log(0.4 / 0.00707107); d = (m - l) / (r - l) - want; print d * d }') < 1e-6"

# Words at an axis push its label to the left, but not over the edge of the page: half of a vertical text of 13
# pixels is on either side of its middle. Words that are too long for their space below an axis are vertical.
drawn long --n1 4 --n2 3 --t-end 1 --axis.eta list:0.01,0.1 --axis.predictor list:gradient,directset,directpred,optimal
for width in 3.25in 10in; do
    "$SSLDYN" plot "$DIR/long" -o "$DIR/long.svg" --width $width >/dev/null
    holds "tick labels do not touch the axis label at $width" "$(sed -n 's/.*translate(\([-0-9.]*\),.*rotate(270.*/\1/p' "$DIR/long.svg" | sort -g | head -n 1 | grep . || echo '()') >= 9"
done
drawn below --n1 4 --n2 3 --t-end 1 --axis.predictor list:gradient,directset,directpred,optimal --axis.eta list:0.01,0.1
"$SSLDYN" plot "$DIR/below" -o "$DIR/below.svg" --width 3.25in >/dev/null
holds "long words below an axis are upright" "$(grep -A3 'rotate(-90' "$DIR/below.svg" | grep -c '>directpred<') == 1"

# A range without log: is drawn linearly, also with an even number of values; a short logarithmic axis has
# more labels than its powers of ten; an axis of one positive value stays positive.
drawn linear --model modes --axis.eta 0.01:0.02:10 --axis.beta 0.1:0.9:6 --t-end 0.2
holds "linear axes: columns of one width" "$(cells linear | awk '{ print $1 }' | sort -g | uniq | awk '
    NR > 2 { d = $1 - last - width; worst = d * d > worst ? d * d : worst } { width = $1 - last; last = $1 } END { print NR == 10 ? 0 + worst : 9 }') < 0.01"
drawn short --model modes --axis.eta log:0.01:0.1:5 --axis.beta log:0.2:0.9:4
holds "short logarithmic axes: labels at 2 and 5 times a power of ten" "$(grep -c '>[ ]*0.05<' "$DIR/short.svg") == 1 && $(grep -c '>[ ]*0.5<' "$DIR/short.svg") == 1"
drawn single --model modes --axis.eta 0:0.3:5 --axis.beta list:0.1
holds "an axis of one positive value: nothing negative" "$(grep -c '>[ ]*[-−]0' "$DIR/single.svg") == 0"

# Undecided points are drawn at their final value, near 0.5 here, not at p = 0.
drawn early --model modes --axis.eta 0.15:0.19:5 --p0 0.5 --t-end 0.01
holds "undecided points at their p" "$(grep -c '>[ ]*[-−]0.5<' "$DIR/early.svg") == 0 && $(awk -F '\t' '$3 == 3 || $2 == 3' "$DIR/early/table.tsv" | wc -l) == 5"

# The average: its picture does not depend on the order of the seeds, as that of the last seed would.
average="--n1 4 --n2 4 --t-end 60 --axis.eta list:0.05,0.14,0.3 --axis.beta list:0.1,1 --average seed"
# shellcheck disable=SC2086 # words
{
    drawn average $average --axis.seed list:1,2,3,4,5,6
    drawn reversed $average --axis.seed list:6,5,4,3,2,1
}
check "the average is the same in any order of the seeds" cmp "$DIR/average.svg" "$DIR/reversed.svg"
holds "its title says that it is an average" "$(grep -c 'average over seed' "$DIR/average.svg") == 1 && $(grep -c 'share of starts that collapse (of the decided ones among 6)' "$DIR/average.svg") == 1"
awk -F '\t' -v OFS='\t' '/^#/ || !named { named = named || !/^#/; print; next } { $6 = 1 - $6; print }' \
    "$DIR/average/collapse.tsv" >"$DIR/other"
mv "$DIR/other" "$DIR/average/collapse.tsv"
"$SSLDYN" plot "$DIR/average" -o "$DIR/other.svg" >/dev/null
holds "and draws collapse.tsv" "$(cmp -s "$DIR/average.svg" "$DIR/other.svg"; echo $?) == 1"
drawn shares --model modes --axis.eta 0:0.3:7 --axis.tau0=-1:1:9 --average tau0 --beta 0.1
holds "over one axis the share has its interval" "$(grep -c 'its 95 % interval' "$DIR/shares.svg") > 0"
drawn shares-process --process sgd --n1 3 --n2 2 --lr 0.05 --batch 4 --t-end 5 --axis.eta 0:0.3:3 --axis.seed 1:3:3 --average seed
drawn all-averaged --model modes --axis.tau0=-1:1:9 --average tau0 --beta 0.1

# More axes than two: a panel for each value of the others, or for twelve of them, with a note.
drawn three --model modes --axis.eta 0:0.3:4 --axis.beta log:0.1:10:3 --axis.alpha_p list:0.5,2,4
for value in 0.5 2 4; do
    holds "a panel for alpha_p = $value" "$(grep -c "> = $value<" "$DIR/three.svg") == 1"
done
drawn four --model modes --axis.eta 0:0.3:4 --axis.beta log:0.1:10:3 --axis.p0 0.1:1:5 --axis.alpha_p 1:4:4
holds "of twenty panels twelve are drawn, with a note" "$(grep -c '12 of 20 panels' "$DIR/four.svg") == 1"
drawn sobol --model modes --sobol 300 --axis.p0 0:0.5 --axis.s0 0:0.5 --axis.beta log:0.01:10 --eta 0.1
holds "a sample over a third axis names it" "$(grep -c 'all values of' "$DIR/sobol.svg") == 1"

# Maps do not need a table. A cell of a long axis shows the most frequent fate of its points, collapsed if
# equally frequent; the picture has the share of collapsed cells that the table gives by this rule.
drawn large --model modes --axis.eta 0:0.3:1500 --axis.beta log:0.1:10:4 --columns fate --early-stop
holds "a long axis has cells of three points, with a note" "$(grep -c 'each cell: the most frequent value of 3 by 1 points' "$DIR/large.svg") == 1"
want=$(of large/table.tsv '{ i = int((n - 1) / 12); j = (n - 1) % 4; v["fate"] == 0 ? zero[i, j]++ : one[i, j]++ }
    END { for (i = 0; i < 500; i++) for (j = 0; j < 4; j++) sum += zero[i, j] >= one[i, j]; print sum / 2000 }')
# the cells overlap from left to right: a raster with the last cell that covers each point
got=$(grep '<polygon fill' "$DIR/large.svg" | awk -F "'" '
        { m = split($4, at, "[ ,]+"); x1 = x2 = at[1]; y1 = y2 = at[2]
          for (i = 1; i < m; i += 2) { x1 = at[i] < x1 ? at[i] : x1; x2 = at[i] > x2 ? at[i] : x2
              y1 = at[i + 1] < y1 ? at[i + 1] : y1; y2 = at[i + 1] > y2 ? at[i + 1] : y2 }
          if (y2 - y1 < 11 || x2 <= x1) next
          if (!n++ || x1 < l) l = x1; if (x2 > r) r = x2; if (n == 1 || y1 < t) t = y1; if (y2 > b) b = y2
          a[n] = x1; c[n] = x2; d[n] = y1; e[n] = y2; f[n] = $2 }
        END { for (i = 0; i < 500; i++) for (j = 0; j < 4; j++) {
                  x = l + (r - l) * (i + 0.5) / 500; y = t + (b - t) * (j + 0.5) / 4
                  for (k = n; k >= 1; k--) if (x >= a[k] && x <= c[k] && y >= d[k] && y <= e[k]) break
                  sum += f[k] ~ /243.*181.*143/ }
              print sum / 2000 }')
holds "and show the most frequent fate" "($got) == ($want) && ($want) > 0.1 && ($want) < 0.9"
rm "$DIR/large/table.tsv"
"$SSLDYN" report "$DIR/large" >/dev/null
page() { tr -d '\n' <"$1"; }
holds "a report counts the fates, with their shares" \
    "$(page "$DIR/large/report.html" | grep -c '<td>points</td><td>6000</td>') == 1 && $(grep -c '<td>survives</td><td>[0-9]*</td><td>[0-9.]* %</td>' "$DIR/large/report.html") == 1"
: >"$DIR/large/journal"
"$SSLDYN" plot "$DIR/large" -o "$DIR/unfinished.png" >/dev/null 2>"$DIR/said"
holds "an unfinished sweep is refused" "$? == 2 && $(grep -c 'unfinished sweep' "$DIR/said") == 1"
rm "$DIR/large/journal"
check "no table.tsv is needed" "$SSLDYN" plot "$DIR/large" -o "$DIR/large.png"

# A sweep that was killed is drawn as far as it is complete, with a note in the picture and next to it.
"$SSLDYN" sweep --n1 8 --n2 4 --t-end 200 --axis.eta 0:0.3:40 --axis.beta log:0.01:10:40 --threads 1 -q -o "$DIR/stopped" >/dev/null 2>&1 &
killed=$!
for _ in $(seq 600); do
    [ "$(wc -c <"$DIR/stopped/journal" 2>/dev/null || echo 0)" -gt 512 ] && break
    sleep 0.1
done
kill -9 $killed
wait $killed 2>/dev/null
"$SSLDYN" plot "$DIR/stopped" -o "$DIR/stopped.svg" >/dev/null 2>"$DIR/said"
holds "an unfinished sweep is drawn, and reported as unfinished" "$? == 0 && $(grep -c 'stopped: unfinished: [1-9][0-9]* of 1600 points' "$DIR/said") == 1 && $(grep -c 'unfinished: [1-9][0-9]* of 1600 points' "$DIR/stopped.svg") == 1"
sed 's/^n2 = 4/n2 = 3/' "$DIR/stopped/spec.conf" >"$DIR/other" && mv "$DIR/other" "$DIR/stopped/spec.conf"
"$SSLDYN" plot "$DIR/stopped" -o "$DIR/stopped.svg" >/dev/null 2>"$DIR/said"
holds "but not by the settings of another" "$? == 2 && $(grep -c 'unfinished sweep' "$DIR/said") == 1"

# Several sweeps: over one axis in one diagram, over two axes one panel each, over others refused.
for p0 in 0.1 0.3; do
    "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:9 --p0 $p0 -o "$DIR/lines/$p0" >/dev/null
    "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:9 --axis.beta log:0.1:10:5 --p0 $p0 -o "$DIR/maps/$p0" >/dev/null
done
for folder in lines maps; do
    "$SSLDYN" plot "$DIR/$folder" -o "$DIR/$folder.svg" >/dev/null
    holds "$folder of two sweeps, each named" "$? == 0 && $(grep -c '>(0) = 0.1<' "$DIR/$folder.svg") == 1 && $(grep -c '>(0) = 0.3<' "$DIR/$folder.svg") == 1"
done
"$SSLDYN" plot "$DIR/maps/0.1" "$DIR/lines/0.1" -o "$DIR/none.svg" 2>"$DIR/said"
holds "sweeps over different axes are not drawn together" "$? == 2 && $(grep -c 'over different axes' "$DIR/said") == 1"

cp -r "$DIR/lines/0.1" "$DIR/maps/line"
"$SSLDYN" plot "$DIR/maps" -o "$DIR/others.svg" >/dev/null 2>"$DIR/said"
holds "sweeps over other axes in a directory are left out, with a message" "$? == 0 && $(grep -c 'skipped line.*: its axes differ' "$DIR/said") == 1"
check "and the others are drawn as alone" cmp "$DIR/maps.svg" "$DIR/others.svg"

# A column instead of the fates: a map with its scale, a diagram, and the nearest name is suggested.
"$SSLDYN" plot "$DIR/maps/0.1" --column t_decided -o "$DIR/column.svg" >/dev/null
holds "a map of a column has a scale with its name" "$? == 0 && $(grep -c 't_decided' "$DIR/column.svg") > 0 && $(grep -c '>survives<' "$DIR/column.svg") == 0"
"$SSLDYN" plot "$DIR/lines/0.1" --column s_end -o "$DIR/column.svg" >/dev/null
holds "a diagram of a column too" "$? == 0 && $(grep -c 's_end' "$DIR/column.svg") > 0"
"$SSLDYN" plot "$DIR/maps" --column p_nd -o "$DIR/none.svg" 2>"$DIR/said"
holds "a mistyped column is refused, with the nearest one" "$? == 2 && $(grep -c 'did you mean p_end?' "$DIR/said") == 1"

# Many modes: all curves are present, and the work grows with their number, not its square: each value
# is written to gnuplot once. Otherwise 600 modes would take minutes.
"$SSLDYN" flow --model modes --p0 0.002:1:600 --s0 0.05 --samples 100 -q -o "$DIR/many" >/dev/null
check "a picture of 600 modes" "$SSLDYN" plot "$DIR/many" -o "$DIR/many.png"
# A killed plot leaves no picture: gnuplot's output is a pipe, and so is its input.
"$SSLDYN" plot "$DIR/many" -o "$DIR/killed.png" >/dev/null 2>&1 &
sleep 0.2
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
holds "a killed plot leaves no file" "$(find "$DIR" -name 'killed*' ! -name killed.png | wc -l) == 0"
# LaTeX output takes two of gnuplot's files, in a temporary directory, which is removed after a kill too:
# a process of the plot cleans up, and holds the pipe until it is done. A plot that was complete before
# it was killed may stay.
mkdir "$DIR/temporary"
mkfifo "$DIR/pipe"
for pause in 0 0.1 0.2; do
    cat "$DIR/pipe" >/dev/null &
    ended=$!
    TMPDIR=$DIR/temporary "$SSLDYN" plot "$DIR/many" -o "$DIR/killed.tex" >"$DIR/pipe" 2>&1 &
    tries=0
    until [ -n "$(ls "$DIR/temporary")" ] || [ $tries -ge 600 ]; do
        sleep 0.01
        tries=$((tries + 1))
    done
    sleep $pause
    kill -9 $! 2>/dev/null
    wait $! $ended 2>/dev/null
    holds "a plot for LaTeX had a temporary directory" "$tries < 600"
    ! tail -n 1 "$DIR/killed.tex" 2>/dev/null | grep -q '^.endgroup$' || rm "$DIR/killed.tex" "$DIR/killed-inc.pdf"
done
holds "a killed plot for LaTeX leaves no file" "$(find "$DIR/temporary" -mindepth 1 | wc -l) == 0 && $(find "$DIR" -name 'killed*' ! -name killed.png | wc -l) == 0"

# The legend has only fates that occur in the picture.
"$SSLDYN" plot "$DIR/lines/0.1" -o "$DIR/decided.svg" >/dev/null
holds "no legend of undecided points without one" "$(grep -c 'undecided' "$DIR/decided.svg") == 0"
"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:5 --t-end 0 -o "$DIR/open" >/dev/null && "$SSLDYN" plot "$DIR/open" -o "$DIR/open.svg" >/dev/null
holds "one where there are some" "$(grep -c undecided "$DIR/open.svg") > 0"

# Thresholds are named by the varied option, comparisons by their runs.
"$SSLDYN" basin -q --model modes --threshold eta --lo 0 --hi 0.3 --axis.p0 0.1:1:3 --s0 0.25 -o "$DIR/flips" >/dev/null &&
    "$SSLDYN" plot "$DIR/flips" -o "$DIR/flips.svg" >/dev/null
holds "the threshold of a weight decay" "$? == 0 && $(grep -c 'weight decay' "$DIR/flips.svg") >= 1 && $(grep -c '>threshold<' "$DIR/flips.svg") == 0"

# Maps of basins are sweeps of starts, and axes may be training settings.
"$SSLDYN" basin -q --model modes --axis.p0 0:1:8 --axis.train-weight-decay 0.01:0.29:8 --s0 0.25 \
    --train-lr 0.1 --train-ema 0.99 -o "$DIR/basin" >/dev/null 2>&1 &&
    "$SSLDYN" plot "$DIR/basin" -o "$DIR/basin.svg" >/dev/null
result $? "a map of a basin is drawn"
holds "with a training setting in words" "$(grep -c 'weight decay (training)' "$DIR/basin.svg") >= 1"
finish
