#!/bin/sh
# The whole program with the emulated device (emulate/emulate.h), whose memory the host cannot access:
# it trains, probes, is killed and resumes to the same bytes, although steps that one run replays are
# executed directly in the other.
# SPDX-License-Identifier: MIT
set -u
program=$(cd "$BYOL_BUILD" && pwd)/byol_emulated
if [ ! -x "$program" ]; then
    echo "1..0 # SKIP built without CUDA"
    exit 0
fi
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images
EMULATE_GUARD=1
export EMULATE_GUARD
# the probe uses the images trained on: the 6000 of train.npy would take a minute
grep -v '^train' small.conf >few.conf
set -- few.conf --device cuda --images 96 --train-labels train-labels.npy --batch 16 --epochs 3 \
    --n2 8 --hidden 12 --observe-images 24 --probe-every 3 --checkpoint 1 --predictor directpred --freq 2 -q

"$program" "$@" -o whole >out.txt 2>whole.err
result $? "trains on the device"
check "prints nothing else" test ! -s whole.err
accuracy=$(awk '$1 == "accuracy" { print $3 }' out.txt)
holds "the probe runs" "${accuracy:-nan} >= 0"
holds "the loss is in its range" "$(column whole/trace.tsv loss -1) > -4"

SSLDYN_RECORD=no "$program" "$@" -o atonce >/dev/null
result $? "runs without recording"
for file in trace.tsv F.npy checkpoint; do
    check "without recording, the same $file" cmp whole/$file atonce/$file
done

"$program" "$@" -o killed >/dev/null 2>killed.err &
pid=$!
tries=0
while [ ! -s killed/checkpoint ] && [ $tries -lt 1200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
kill -KILL $pid
wait $pid 2>/dev/null
check "killed before the end" test "$(grep -vc '^#' killed/trace.tsv)" -lt 5
"$program" "$@" -o killed --resume >/dev/null 2>>killed.err
result $? "resumes"
for file in spec.conf trace.tsv t.npy F.npy Wp.npy checkpoint; do
    check "the same $file" cmp whole/$file killed/$file
done
"$SSLDYN" align whole -o align >/dev/null 2>&1
result $? "ssldyn align reads the run"
finish
