#!/bin/sh
# Depth: the fold of L layers is k_L lambda_d (lambda_d/lambda_s)^(2L-1), and the modes of CIFAR-10 that
# survive are those whose fold is above the weight decay: fewer with every layer.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

# fold DEPTH LAMBDA_S: at lambda_d = 1
fold() { "$SSLDYN" theory --no-ema --depth "$1" --lambda-d 1 --lambda-s "$2" | sed -n 's/^eta_fold = //p'; }
for l in 1 2 3 4 5 6; do
    k="(2 * $l - 1)^(2 * $l - 1) / (2 * $l)^(2 * $l)"
    for lambda_s in 1 2.5; do
        holds "$l layers, lambda_s = $lambda_s: k_L (lambda_d/lambda_s)^(2L-1)" \
            "($(fold $l $lambda_s) / ($k / $lambda_s^(2 * $l - 1)) - 1)^2 < 1e-12^2"
    done
done

# In the flow the fold of each of two modes is there, to a tenth of a percent.
for l in 1 2 3 6; do
    for side in 0.999:1 1.001:0; do
        run "side$l-$side" sweep depth --model lowdim --depth $l --lambda-d 1,0.8 --lambda-s 1.25 --wp0 0.9 --w0 0.9 --t-end 1e5 --early-stop \
            --columns fate,rank --axis.eta list:"$(awk "BEGIN { printf \"%.17g\", ${side%:*} * $(fold $l 1.25) }")"
        holds "$l layers: at ${side%:*} of the fold ${side#*:} of two modes survives" "($(last "side$l-$side/table.tsv" rank)) == ${side#*:}"
    done
done

for eta in 0.001 0.01 0.1; do
    "$SSLDYN" theory experiments/depth.conf --depth 6 --eta $eta >"$DIR/ranks.txt"
    before=17
    for l in 1 2 3 4 5 6; do
        rank=$(sed -n "s/^rank_depth_$l = //p; $([ $l = 6 ] && echo 's/^rank = //p')" "$DIR/ranks.txt")
        count=$("$SSLDYN" theory experiments/depth.conf --depth $l --eta $eta | awk -v eta=$eta '/^eta_fold_/ { k += $3 > eta } END { print k + 0 }')
        holds "eta = $eta, $l layers: as many as have their fold above, no more than with fewer layers" \
            "($rank) == $count && ($rank) <= $before"
        run "flow$l-$eta" sweep depth --model lowdim --depth $l --wp0 0.9 --w0 0.9 --t-end 4000 --early-stop --axis.eta list:$eta --columns fate,rank
        holds "eta = $eta, $l layers: a flow keeps them, certified" "($(last "flow$l-$eta/table.tsv" rank)) == ($rank)"
        [ "$eta" = 0.01 ] && eval "rank_$l=$rank"
        before=$rank
    done
done
# shellcheck disable=SC2154 # by eval
holds "at 0.01: 11, 6 and one" "$rank_1 == 11 && $rank_2 == 6 && $rank_6 == 1"

# The modes are those of the images.
images=${SSLDYN_DATA:-}/cifar10/data_batch_1.bin.xz
if [ -r "$images" ] && command -v xz >/dev/null; then
    xz -dc "$images" >"$DIR/images.bin"
    "$SSLDYN" moments "$DIR/images.bin" --augmentation weak --pool 4 --scale none -q -o "$DIR/moments" >/dev/null
    j=0
    for lambda_d in $(sed -n 's/^lambda_d *= *//p' experiments/depth.conf | tr ',' ' '); do
        j=$((j + 1))
        lambda_s=$(sed -n 's/^lambda_s *= *//p' experiments/depth.conf | cut -d, -f$j)
        holds "direction $j is that of the images" "$(of moments/spectra.tsv "v[\"j\"] == $j {
            d = v[\"lambda_x\"]; s = d * d / (4 * v[\"eta_x\"]); print (d / $lambda_d - 1)^2 < 1e-3^2 && (s / $lambda_s - 1)^2 < 1e-3^2 }") == 1"
    done
else
    skip "the modes are those of the images: no CIFAR-10 in SSLDYN_DATA"
fi
finish
