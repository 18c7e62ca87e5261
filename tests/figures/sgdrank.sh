#!/bin/sh
# The modes that SGD keeps under the cosine on the moments of images: lr eta/batch decides, and theory predicts their
# number within one, and exactly far from its steps. Skipped without the data.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

images=${SSLDYN_DATA:-}/cifar10/data_batch_1.bin.xz
if [ ! -r "$images" ] || ! command -v xz >/dev/null; then
    echo "1..0 # SKIP no images of CIFAR-10 in SSLDYN_DATA"
    exit 0
fi
xz -dc "$images" >"$DIR/images.bin"
"$SSLDYN" moments "$DIR/images.bin" --augmentation weak --pool 4 --scale none -q -o "$DIR/moments" >/dev/null
moments="--x $DIR/moments/x.npy --xprime $DIR/moments/xprime.npy"
# trained NAME OPTION...: the ranks of three seeds
trained() {
    name=$1
    shift
    # shellcheck disable=SC2086 # options, apart
    run "$name" sweep cosine-rank $moments --columns rank_end "$@"
}
for lr in 0.02048 0.0433 0.1937; do
    # shellcheck disable=SC2086
    theory=$("$SSLDYN" theory --loss cosine --no-ema $moments --eta 1 --batch 64 --lr $lr | sed -n 's/^sgd_rank_next = //p')
    trained "plain$lr" --axis.lr list:$lr
    trained "decay$lr" --eta 4 --t-end 2.5 --axis.lr list:"$(awk "BEGIN { print $lr / 4 }")"
    trained "batch$lr" --eta 4 --t-end 2.5 --batch 16 --axis.lr list:"$(awk "BEGIN { print $lr / 16 }")"
    for name in plain decay batch; do
        table=$name$lr/table.tsv
        holds "$name at lr eta = $lr of a batch of 64: every seed within one of theory" \
            "($(least "$table" rank_end)) >= $theory - 1 && ($(most "$table" rank_end)) <= $theory + 1"
        [ $lr = 0.02048 ] || holds "$name at lr eta = $lr of a batch of 64, far from a step: two seeds of three as counted" \
            "($(of "$table" "v[\"rank_end\"] == $theory { k++ } END { print k + 0 }")) >= 2"
    done
done
# What a run measures about itself: its count is within one of the modes that it has left.
for lr in 0.003 0.01 0.03; do
    # shellcheck disable=SC2086
    "$SSLDYN" sgd --loss cosine --no-ema $moments --n2 24 --eta 1 --batch 64 --init-scale 0.05 --t-end 10 --samples 10 --lr $lr -q \
        -o "$DIR/measured" >"$DIR/values"
    value() { sed -n "s/^$1 = //p" "$DIR/values"; }
    holds "a run at lr eta = $lr: the rank by its own folds within one of that at its end" \
        "($(value rank_predicted) - $(value rank_at_end))^2 <= 1"
    holds "and its norms are where decay balances the measured growth" \
        "($(value norm2_w) / $(value norm2_w_balance) - 1)^2 <= 0.03^2"
done
# Weight decay alone does not decide: sixteen times it at a sixteenth of lr keeps as many modes, at the same lr
# far fewer.
trained strong --eta 16 --t-end 0.625 --axis.lr list:0.02048
trained moved --eta 16 --t-end 0.625 --axis.lr list:0.00128
holds "at the same lr sixteen times the weight decay leaves fewer" "($(most strong/table.tsv rank_end)) <= ($(least plain0.02048/table.tsv rank_end)) - 2"
holds "at a sixteenth of lr it leaves as many" \
    "(($(most moved/table.tsv rank_end)) - ($(most plain0.02048/table.tsv rank_end)))^2 <= 1"
finish
