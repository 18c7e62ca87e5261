#!/bin/sh
# A small BYOL run from images to the alignment analysis: the loss falls, the predictor aligns with the
# eigenvectors of F, and ssldyn's commands read the run directory.
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
# the minimum is -4; two random directions give 0
holds "the loss falls" "$last < $first - 0.2 && $last < -3 && $last >= -4"
holds "the probe is better than chance, which is 25 %" "$(column run/trace.tsv accuracy -1) > 60"
check "the accuracy is printed" grep -q '^accuracy = ' out.txt
check "the speed is printed" grep -q 'images/s.*TFLOP/s.*ETA' err.txt
holds "the predictor is not symmetric at the start" "$(column run/trace.tsv asymmetry 1) > 1.2"
holds "it becomes more symmetric" "$(column run/trace.tsv asymmetry -1) < 0.75 * $(column run/trace.tsv asymmetry 1)"
mean() { echo "($(column "$1" cos_1 "$2") + $(column "$1" cos_2 "$2") + $(column "$1" cos_3 "$2")) / 3"; }
holds "the three leading modes are not aligned at the start" "$(mean run/trace.tsv 1) < 0.6"
holds "they align" "$(mean run/trace.tsv -1) > 0.9"

# what two views have in common: all of it without augmentation, most of the mean's direction with it
sed -i.old '/crop_scale/d' small.conf # it has no effect without a crop
"$BYOL" small.conf --images 512 --augmentation none --probe-every 0 --epochs 0 -q -o same >/dev/null 2>same.err
result $? "a run without augmentation" "$(cat same.err)"
check "equal views have everything in common" awk -F '\t' '
    /^#/ { next }
    !named { for (i = 1; i <= NF; i++) if ($i ~ /^share_/) c[++n] = i; named = 1; next }
    { for (j = 1; j <= n; j++) if (($c[j] - 1) ^ 2 > 1e-10) exit 1 }
    END { if (n != 16) exit 1 }' same/trace.tsv
holds "different views do not" "$(column run/trace.tsv share_1 -1) > 0.3 && $(column run/trace.tsv share_1 -1) < 0.9999"

"$SSLDYN" align run -o aligned >align.txt 2>align.err
result $? "ssldyn align reads the run" "$(cat align.err)"
check "ssldyn align reads every snapshot" grep -qx 'snapshots = 6' align.txt
check "it reports the number of images that F is averaged over" grep -q '512 samples per' align.err
check "and the share of the mean in F" grep -q '^mean_share = 0\.' align.txt
for column in s_1 s_9 cos_2 wpe_16 asymmetry commutator t step; do
    check "its $column equals that of the trace" test "$(column aligned/trace.tsv $column -1)" = "$(column run/trace.tsv $column -1)"
done
holds "the alignment increases in its table" "$(mean aligned/trace.tsv -1) > $(mean aligned/trace.tsv 1) + 0.3"
"$SSLDYN" compare run run >compare.txt 2>compare.err
result $? "ssldyn compare reads the run" "$(cat compare.err)"
if command -v gnuplot >/dev/null; then
    "$SSLDYN" plot run -o run.png >plot.txt 2>plot.err
    result $? "ssldyn plot draws the run" "$(cat plot.err)"
    check "the picture exists" test -s run.png
else
    skip "ssldyn plot: no gnuplot"
fi
finish
