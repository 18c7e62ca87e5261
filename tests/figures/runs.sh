#!/bin/sh
# Several runs in one picture: a directory of runs is drawn, every run is named by the settings in which
# it differs from the others, and runs that cannot be in the picture are reported.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
flow() { # NAME OPTION...
    name=$1
    shift
    "$SSLDYN" flow -q -o "$DIR/$name" "$@" >/dev/null
}
# drawn WHAT PICTURE RUN...: one test
drawn() {
    what=$1 picture=$2
    shift 2
    "$SSLDYN" plot "$@" -o "$DIR/$picture.svg" >/dev/null 2>"$DIR/said"
    result $? "$what" "$(cat "$DIR/said")"
}
# entry PICTURE TEXT: the number of texts in a picture that equal it, without markup and blanks
entry() {
    tr -d '\n' <"$DIR/$1.svg" | sed 's|</text>|\n|g' | sed 's/.*<text>//; s/<[^>]*>//g; s/[[:space:]]//g' | grep -cx "$2"
}

# A job array, in any order of its jobs: numbers are sorted by value.
for eta in 0.01 0.25 0.1; do
    flow "array/job-$eta" --model modes --p0 0.1,0.5 --s0 0.05 --eta $eta --t-end 20 --samples 20
done
drawn "a directory of runs" array "$DIR/array"
for eta in 0.01 0.1 0.25; do
    holds "its run of eta = $eta is named" "$(entry array "η=$eta") == 1"
done
holds "in the order of eta" "$(tr -d '\n' <"$DIR/array.svg" | sed 's/<[^>]*>//g; s/[[:space:]]//g' | grep -c 'η=0.01.*η=0.1[^0-9].*η=0.25') == 1"
holds "and by nothing else: no beta, no name" "$(sed 's/<[^>]*>//g' "$DIR/array.svg" | grep -c 'β\|job-') == 0"
"$SSLDYN" plot "$DIR/array" >"$DIR/said"
holds "its picture is in the folder" "$(grep -cx "$DIR/array/plot.png" "$DIR/said") == 1 && $([ -s "$DIR/array/plot.png" ]; echo $?) == 0"
drawn "the same runs by name" named "$DIR/array/job-0.01" "$DIR/array/job-0.1/" "$DIR/array/job-0.25"
check "are the same picture" cmp "$DIR/array.svg" "$DIR/named.svg"
drawn "a run given twice is one run" twice "$DIR/array/job-0.1" "$DIR/array/job-0.1"
drawn "as alone" alone "$DIR/array/job-0.1"
check "and is the same picture" cmp "$DIR/alone.svg" "$DIR/twice.svg"

holds "every run has its color" "$(grep -c 'rgb(  0, 114, 178)' "$DIR/array.svg") > 0 && $(grep -c 'rgb(213,  94,   0)' "$DIR/array.svg") > 0 && $(grep -c 'rgb(  0, 158, 115)' "$DIR/array.svg") > 0 && $(grep -c 'rgb(230, 159,   0)' "$DIR/array.svg") == 0"

# Runs several directories deep; two models of one network; the difference is the model.
flow deep/1/a --n1 4 --n2 3 --t-end 5 --samples 5 --seed 1
flow deep/2/b --n1 4 --n2 3 --t-end 5 --samples 5 --seed 12
drawn "runs at any depth" deep "$DIR/deep"
holds "named by what differs" "$(entry deep 'seed=1') == 1 && $(entry deep 'seed=12') == 1"
"$SSLDYN" sgd -q --n1 4 --n2 3 --t-end 5 --samples 5 --seed 1 -o "$DIR/process" >/dev/null
drawn "a flow and the process" both "$DIR/deep/1/a" "$DIR/process"
holds "are named by their commands" "$(entry both 'command=flow') == 1 && $(entry both 'command=sgd') == 1"
flow again --n1 4 --n2 3 --t-end 5 --samples 5 --seed 1
drawn "two runs of the same settings" same "$DIR/deep/1/a" "$DIR/again"
holds "are named by their directories" "$(entry same 'deep/1/a') == 1 && $(entry same 'again') == 1"
"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:4 --axis.beta 0.1:1:3 -o "$DIR/array/map" >/dev/null
drawn "a directory that contains a sweep too" mixed "$DIR/array"
holds "leaves it out with a message" "$(grep -c 'left out.*map' "$DIR/said") == 1"
check "and is the same picture" cmp "$DIR/array.svg" "$DIR/mixed.svg"

mkdir "$DIR/array/broken"
cp "$DIR/array/job-0.1/spec.conf" "$DIR/array/broken" && echo garbage >"$DIR/array/broken/trace.tsv"
drawn "a directory with a broken run" broken "$DIR/array"
check "and is the same picture again" cmp "$DIR/array.svg" "$DIR/broken.svg"
holds "leaves that out with a message too" "$(grep -c 'left out: .*broken/trace.tsv: has no rows' "$DIR/said") == 1"

# For many runs over one number, colors show that number; for other sets of many runs some are named.
for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    flow "many/run-$k" --model modes --t-end 5 --samples 5 --beta "0.$k"
    flow "seeds/run-$k" --n1 3 --n2 2 --t-end 2 --samples 3 --seed $k --eta "0.0$((1 + k % 2))"
done
drawn "15 runs over one number" many "$DIR/many"
holds "have a scale instead of a legend" "$(entry many 'EMArateβ') == 1 && $(entry many '15runs') == 1"
drawn "15 runs over two" seeds "$DIR/seeds"
holds "have a legend of some" "$(entry seeds '15runs,14ofthemnamed') == 1"
for k in $(seq 15); do
    [ "$k" -gt 7 ] && set -- flow || set -- sgd --lr 0.1
    "$SSLDYN" "$@" -q --n1 3 --n2 2 --t-end 1 --samples 3 -o "$DIR/words/run-$k" >/dev/null
done
drawn "15 runs over a word" words "$DIR/words"
finish
