#!/bin/sh
# A run is drawn while it is in progress: plot shows how far it is, --follow redraws it until it has ended.
# The run is so slow that it cannot end before it was examined; the test does not depend on how slow.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
# begin NAME: a run in the background, by its number in $run; returns when its trace has rows
begin() {
    "$SSLDYN" sgd --n1 16 --n2 8 --lr 1e-6 --batch 64 --t-end 100 --samples 100000 --threads 1 -q -o "$DIR/$1" >/dev/null 2>&1 &
    run=$!
    for _ in $(seq 600); do
        [ "$(cat "$DIR/.$1".*/trace.tsv.*.tmp 2>/dev/null | grep -vc '^#')" -gt 2 ] && return
        sleep 0.1
    done
}
begin first
"$SSLDYN" plot "$DIR/first" >"$DIR/stdout" 2>"$DIR/said"
holds "a run without results so far is drawn, and reported as unfinished" \
    "$? == 0 && $(grep -Ec 'first: unfinished: t = [^ ]* of 100, [0-9]* rows' "$DIR/said") == 1"
holds "its picture is not in its directory, which has no results yet" \
    "$(grep -cx "$DIR/first-plot.png" "$DIR/stdout") == 1 && $(find "$DIR/first" -type f | wc -l) == 0"
"$SSLDYN" plot "$DIR/first" -o "$DIR/first.svg" >/dev/null 2>&1
holds "the picture says so too" "$(grep -c 'unfinished: t = ' "$DIR/first.svg") == 1"
mkdir "$DIR/folder"
"$SSLDYN" flow -q --n1 16 --n2 8 --t-end 1 -o "$DIR/folder/done" >/dev/null
"$SSLDYN" plot "$DIR/first" "$DIR/folder" -o "$DIR/both.svg" >/dev/null 2>"$DIR/said"
holds "also among several runs" "$? == 0 && $(grep -c 'unfinished: 1 of 2 runs' "$DIR/both.svg") == 1"

"$SSLDYN" plot --follow "$DIR/first" -o "$DIR/live.svg" >"$DIR/stdout" 2>"$DIR/said" &
follower=$!
rows() { sed -n 's/.*unfinished: t = [^ ]* of 100, \([0-9]*\) rows.*/\1/p' "$DIR/live.svg" 2>/dev/null; }
# later THAN: waits until the picture has more rows
later() {
    for _ in $(seq 600); do
        [ "$(rows)" ] && [ "$(rows)" -gt "$1" ] && return 0
        kill -0 $follower 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}
later 0
result $? "following draws the rows so far" "$(cat "$DIR/said")"
later "$(rows)"
result $? "and again as it grows" "$(cat "$DIR/said")"
kill -INT $run
wait $run 2>/dev/null
wait $follower
holds "it ends when the run has ended" "$? == 0 && $(grep -cx "$DIR/live.svg" "$DIR/stdout") == 1"
"$SSLDYN" plot "$DIR/first" -o "$DIR/end.svg" >/dev/null
check "with the picture of the run as it is" cmp "$DIR/end.svg" "$DIR/live.svg"
check "following a run that has ended draws it once" "$SSLDYN" plot --follow "$DIR/first" -o "$DIR/live.svg"

# Over an older run in the same directory: the older one stays complete, the newer one is followed.
begin first
"$SSLDYN" plot "$DIR/first" -o "$DIR/older.svg" >/dev/null 2>&1
check "without following it the older results are drawn" cmp "$DIR/end.svg" "$DIR/older.svg"
rm -f "$DIR/live.svg"
"$SSLDYN" plot --follow "$DIR/first" -o "$DIR/live.svg" >/dev/null 2>"$DIR/said" &
follower=$!
later 0
result $? "following draws the newer ones" "$(cat "$DIR/said")"
kill -INT $follower
wait $follower
holds "Ctrl-C ends it" "$? == 130"
kill -9 $run
wait $run 2>/dev/null
"$SSLDYN" plot --follow "$DIR/first" -o "$DIR/live.svg" >/dev/null 2>"$DIR/said"
result $? "after a kill the older results exist" "$(cat "$DIR/said")"
check "and drawn" cmp "$DIR/end.svg" "$DIR/live.svg"
"$SSLDYN" plot --follow "$DIR/first" --format window 2>"$DIR/said"
holds "a window is not followed" "$? == 2 && $(grep -c 'writes a file' "$DIR/said") == 1"
finish
