#!/bin/sh
# A small network learns from a thousand images of CIFAR-10: the loss falls, the probe beats chance,
# and ssldyn align sees predictor and correlation align.
# SPDX-License-Identifier: MIT
set -u
data=${SSLDYN_DATA:-}/cifar10
if [ ! -f "$data/data_batch_1.bin.xz" ] || ! command -v xz >/dev/null; then
    echo "1..0 # SKIP no CIFAR-10 in \$SSLDYN_DATA, or no xz"
    exit 0
fi
cd "$TEST_DIR" || exit 1
export OMP_WAIT_POLICY=passive
# the first records of 3073 bytes of a training and of the test file
images=1000
xz -dc "$data/data_batch_1.bin.xz" 2>/dev/null | head -c $((images * 3073)) >train.bin
xz -dc "$data/test_batch.bin.xz" 2>/dev/null | head -c $((images * 3073)) >test.bin

number=0
# ok NAME: says whether the command before it succeeded
ok() {
    status=$?
    number=$((number + 1))
    [ $status = 0 ] || printf 'not '
    echo "ok $number - $1"
}
# below A B: whether both are numbers and A < B
below() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 == a && b + 0 == b && a < b) }'
}
# column NAME FILE ROW: that row (first or last) of a column of a trace
column() {
    awk -F '\t' -v name="$1" -v row="$3" '
        /^#/ { next }
        !n { for (i = 1; i <= NF; i++) if ($i == name) n = i; next }
        { value = $n; if (row == "first") exit }
        END { print value }' "$2"
}
# aligned FILE ROW: mean |cos_j| of the eight leading modes of that row
aligned() {
    for j in 1 2 3 4 5 6 7 8; do column "cos_$j" "$1" "$2"; done |
        awk '{ sum += $1 < 0 ? -$1 : $1 } END { print NR == 8 ? sum / 8 : "nan" }'
}

"$BYOL" --data train.bin --test test.bin --width 8 --blocks 1,1 --hidden 64 --n2 32 --epochs 4 \
    --batch 50 --lr 0.05 --gamma-a 0.98 --init-wa copy --observe-images 500 --probe-every 4 \
    -o run >out 2>err
ok "it trains"
# the loss of a row is the mean over the epoch before it; the first row has none
first=$(awk -F '\t' '/^#/ { next } !n { for (i = 1; i <= NF; i++) if ($i == "loss") n = i; next }
    $n != "nan" { print $n; exit }' run/trace.tsv)
last=$(column loss run/trace.tsv last)
below "$last" "$first"
ok "the loss falls from $first to $last"
# 1000 guesses at 10 % are right 13 % of the time or more in one case of 600
accuracy=$(awk '$1 == "accuracy" { print $3 }' out)
below 13 "$accuracy"
ok "the probe's accuracy, $accuracy %, beats chance"

"$SSLDYN" align run -o align >verdict 2>/dev/null
ok "ssldyn align takes the run directory"
start=$(aligned align/trace.tsv first)
end=$(aligned align/trace.tsv last)
below "$(echo "$start" | awk '{ print $1 + 0.1 }')" "$end"
ok "the leading modes align: mean |cos| from $start to $end"
echo "1..$number"
