#!/bin/sh
# A tiny BYOL run from images to the alignment analysis: it learns, the predictor turns towards the
# eigenvectors of its input, and ssldyn's commands take the run as one of their own.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images

"$BYOL" small.conf --images 1536 --width 8 --epochs 20 --observe-every 4 --observe-images 512 \
    --probe-every 20 --probe-epochs 10 --lr 0.05 --decay 4e-3 --gamma-a 0.99 -o run >out.txt 2>err.txt
result $? "a run of 480 steps" "$(tail -n 3 err.txt)"
first=$(column run/trace.tsv loss 2)
last=$(column run/trace.tsv loss -1)
# -4 is the least; two random directions give 0.
holds "the loss falls" "$last < $first - 0.2 && $last < -3 && $last >= -4"
holds "the probe beats chance, which is 25 %" "$(column run/trace.tsv accuracy -1) > 60"
check "the accuracy is said" grep -q '^accuracy = ' out.txt
check "the pace is said" grep -q 'images/s.*TFLOP/s.*ETA' err.txt
holds "the predictor was not symmetric" "$(column run/trace.tsv asymmetry 1) > 1.2"
holds "it becomes more so" "$(column run/trace.tsv asymmetry -1) < 0.75 * $(column run/trace.tsv asymmetry 1)"
mean() { echo "($(column "$1" cos_1 "$2") + $(column "$1" cos_2 "$2") + $(column "$1" cos_3 "$2")) / 3"; }
holds "three leading eigenvectors were not the predictor's" "$(mean run/trace.tsv 1) < 0.6"
holds "they become so" "$(mean run/trace.tsv -1) > 0.9"

"$SSLDYN" align run -o aligned >align.txt 2>align.err
result $? "ssldyn align takes the run" "$(cat align.err)"
check "it sees every snapshot" grep -qx 'snapshots = 6' align.txt
check "it knows how many images are behind F" grep -q '512 samples per' align.err
check "and what share of F is the mean" grep -q '^mean_share = 0\.' align.txt
for column in s_1 s_9 cos_2 wpe_16 asymmetry commutator t step; do
    check "its $column is the trace's" test "$(column aligned/trace.tsv $column -1)" = "$(column run/trace.tsv $column -1)"
done
holds "the alignment rises in its table" "$(mean aligned/trace.tsv -1) > $(mean aligned/trace.tsv 1) + 0.3"
"$SSLDYN" compare run run >compare.txt 2>compare.err
result $? "ssldyn compare takes it" "$(cat compare.err)"
if command -v gnuplot >/dev/null; then
    "$SSLDYN" plot run -o run.png >plot.txt 2>plot.err
    result $? "ssldyn plot draws it" "$(cat plot.err)"
    check "a picture is there" test -s run.png
else
    skip "ssldyn plot: no gnuplot"
fi
finish
