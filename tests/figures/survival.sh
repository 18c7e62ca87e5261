#!/bin/sh
# The number of modes of real images that survive: the prediction is within one of the flow, exact at the top
# threshold; SGD on the images agrees with the flow if noise is small. Skipped without the data.
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
"$SSLDYN" moments "$DIR/images.bin" --augmentation weak --pool 4 --pairs 50000 -q -o "$DIR/moments" >/dev/null

# rank COMMAND-LINE...: the number that a command prints as rank
rank() { "$SSLDYN" "$@" | sed -n 's/^rank = //p'; }
moments="--x $DIR/moments/x.npy --xprime $DIR/moments/xprime.npy"
# shellcheck disable=SC2086 # options, apart
eta_c=$("$SSLDYN" theory --model population $moments --eta 1 | sed -n 's/^eta_c = //p')
for eta in 0.14 0.5 1.4 3 "$(awk "BEGIN { print 0.97 * $eta_c }")" "$(awk "BEGIN { print 1.03 * $eta_c }")"; do
    # shellcheck disable=SC2086
    flow=$(rank flow experiments/survival.conf $moments --eta "$eta" -q -o "$DIR/flow")
    # shellcheck disable=SC2086
    theory=$(rank theory --model population $moments --eta "$eta")
    case $eta in
    0.14 | 0.5 | 1.4 | 3) holds "eta = $eta: within one of the flow" "($theory - $flow)^2 <= 1" ;;
    *) holds "eta = $eta, near eta_c: exact" "$theory == $flow && $flow == ($eta < $eta_c)" ;;
    esac
done

# Images as the data, at a quarter of the figure's time: sufficient far from thresholds.
for eta in 0.4 1.4; do
    run "sgd$eta" sgd survival-sgd --moments "$DIR/moments" --eta $eta --t-end 100
    # shellcheck disable=SC2086
    flow=$(rank flow experiments/survival.conf $moments --eta $eta -q -o "$DIR/flow")
    modes=$(of "sgd$eta/trace.tsv" 'END { for (j = 1; j <= 24; j++) k += v["s_" j] > 1e-4; print k + 0 }')
    holds "eta = $eta: SGD on the images keeps as many modes as the flow" "($modes) == $flow"
done
finish
