#!/bin/sh
# A small network learns from a thousand images of CIFAR-10: the loss falls, the probe is better than chance,
# and ssldyn align finds that predictor and correlation align. Skipped if the data are missing.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
packed=${SSLDYN_DATA:-}/cifar10
if [ ! -f "$packed/data_batch_1.bin.xz" ] || ! command -v xz >/dev/null; then
    echo "1..0 # SKIP no CIFAR-10 in \$SSLDYN_DATA, or no xz"
    exit 0
fi
# the first thousand records of 3073 bytes of a training file and of the test file
for name in data_batch_1 test_batch; do
    xz -dc "$packed/$name.bin.xz" 2>/dev/null | head -c 3073000 >"$name.bin"
done

"$BYOL" --data data_batch_1.bin --test test_batch.bin --width 8 --blocks 1,1 --hidden 64 --n2 32 \
    --epochs 4 --batch 50 --lr 0.05 --gamma-a 0.98 --init-wa copy --observe-images 500 \
    --probe-every 4 -o run >out.txt 2>err.txt
result $? "a run of 80 steps" "$(tail -n 3 err.txt)"
holds "the loss falls" "$(column run/trace.tsv loss -1) < $(column run/trace.tsv loss 2) - 0.5"
# 1000 guesses at 10 % are right 13 % of the time or more with probability 1/600
holds "the probe is better than chance, which is 10 %" "$(column run/trace.tsv accuracy -1) > 13"

"$SSLDYN" align run -o aligned >align.txt 2>align.err
result $? "ssldyn align reads the run" "$(cat align.err)"
# mean |cos_j| of the eight leading modes
aligned() {
    for j in 1 2 3 4 5 6 7 8; do column aligned/trace.tsv "cos_$j" "$1"; done |
        awk '{ sum += $1 < 0 ? -$1 : $1 } END { print NR == 8 ? sum / 8 : "nan" }'
}
holds "the eight leading modes align" "$(aligned -1) > $(aligned 1) + 0.2"
finish
