#!/bin/sh
# Training settings from a script to a map of fates and back: a sweep over weight decay and EMA, the
# edge of one of its rows by basin and by the rates, a run on either side of it, and the same network
# by SGD with those settings; every run repeated from its spec.conf.
# shellcheck disable=SC1091,SC2016
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

script="--train-lr 0.05 --train-momentum 0.9 --train-weight-decay 5e-4 --train-ema 0.996"
optimizer="--train-lr 0.05 --train-momentum 0.9"

# value NAME FILE: of name = value lines
value() {
    sed -n "s/^$1 = //p" "$2"
}
# near A B RELATIVE: numbers that agree
near() {
    awk -v a="$1" -v b="$2" -v tol="$3" 'BEGIN {
        if (a !~ /^-?[0-9]/ || b !~ /^-?[0-9]/) exit 1
        d = a - b; if (d < 0) d = -d; s = b < 0 ? -b : b; exit !(d <= tol * s) }'
}

# shellcheck disable=SC2086
"$SSLDYN" theory $script --p0 0.01 --p-end 0.7 >theory.txt 2>note.txt
result $? "theory accepts them"
check "a step takes lr/(1 - momentum)" test "$(value step_time theory.txt)" = 0.5
check "beta is (1 - ema)/step" near "$(value beta theory.txt)" 0.008 1e-15
check "eta is the weight decay" near "$(value eta_s theory.txt)" 5e-4 1e-15
check "the fold as a weight decay" near "$(value train_weight_decay_fold theory.txt)" 0.2 1e-15
check "a time in steps" near "$(value steps theory.txt)" \
    "$(awk -v t="$(value time theory.txt)" 'BEGIN { printf "%.17g", t / 0.5 }')" 1e-14
check "the derived rates are printed" grep -q \
    "training settings: alpha_p = 1, beta = 0.008, eta_p = 0.0005, eta_s = 0.0005; a step is 0.5 units of" note.txt
"$SSLDYN" theory --train-weight-decay 5e-4 --train-loss-factor 4 >factor.txt 2>&1
check "a factor of the loss divides the decay" near "$(value eta_s factor.txt)" 1.25e-4 1e-15
check "and multiplies the fold" near "$(value train_weight_decay_fold factor.txt)" 0.8 1e-15
"$SSLDYN" theory --train-lr 0.1 --train-ema 0.99 >defaults.txt 2>&1
check "a decay that was not given is named" grep -q "note: eta = 0.04 is the default" defaults.txt

# A map in those units, its edge by basin in terms of settings and of rates, and the sweep's line.
map="--model modes --p0 0.5 --s0 0.25"
# shellcheck disable=SC2086
"$SSLDYN" sweep -q $map $optimizer --axis.train-weight-decay 0.005:0.295:30 --axis.train-ema 0.9:0.99:10 \
    --lines --t-end 1e4 -o map >map.txt
result $? "a map of weight decay and EMA"
check "with axes of those names" grep -q "^train_weight_decay	train_ema	fate" map/table.tsv
check "on both sides of the edge" awk '/^(collapsed|survives) = 0$/ { exit 1 }' map.txt
"$SSLDYN" sweep -q map/spec.conf -o again >/dev/null
check "and the steps after which fates were certain" awk -F '\t' '
    /^#/ { next } !t { for (i = 1; i <= NF; i++) { if ($i == "t_decided") t = i; if ($i == "step_decided") s = i }
        if (!s) exit 1; next }
    ($s - $t / 0.5)^2 > 1e-20 * $s^2 { exit 1 }' map/table.tsv
check "spec.conf repeats it" same map/table.tsv again/table.tsv
# shellcheck disable=SC2086
"$SSLDYN" basin $map $optimizer --train-ema 0.96 --threshold train-weight-decay --lo 0 --hi 0.3 \
    >edge.txt 2>/dev/null
# shellcheck disable=SC2086
"$SSLDYN" basin $map --beta 0.08 --threshold eta --lo 0 --hi 0.3 >rates.txt
edge=$(value threshold edge.txt)
check "the edge is that of the rates" near "$edge" "$(value threshold rates.txt)" 1e-11
# shellcheck disable=SC2086
"$SSLDYN" basin $map $optimizer --train-ema 0.96 --threshold eta --lo 0 --hi 0.3 \
    >back.txt 2>/dev/null
check "a threshold of a rate is given as a setting" near "$(value threshold_train_weight_decay back.txt)" \
    "$edge" 1e-11
check "the map's line goes through it" awk -v edge="$edge" -F '\t' '
    $1 == "edge" && ($4 - 0.96)^2 < 1e-20 { found = 1; if (($3 / edge - 1)^2 > 1e-20) exit 1 } END { exit !found }' \
    map/lines.tsv
for side in 0.999 1.001; do
    decay=$(awk -v e="$edge" -v f="$side" 'BEGIN { printf "%.17g", e * f }')
    # shellcheck disable=SC2086
    "$SSLDYN" flow $map $optimizer --train-ema 0.96 --train-weight-decay "$decay" \
        --train-steps 40000 -o "run-$side" 2>"report-$side"
done
check "below it the mode survives" grep -q "mode 1: survives, certain from t = .* (step " report-0.999
check "above it collapses" grep -q "mode 1: collapsed" report-1.001
check "the report gives times in steps" grep -q "^in training: 40000 steps of 0.5 units of flow time each" report-0.999
check "and of the weight decay at the fold" grep -q "in training: weight decay 0.*, fold 0.2$" report-0.999

# The other settings as thresholds, each compared with the rates derived from it.
# shellcheck disable=SC2086
"$SSLDYN" basin $map --train-momentum 0.9 --train-ema 0.97 --train-weight-decay 0.1 --threshold train-lr \
    --lo 0.01 --hi 1 >lr.txt 2>/dev/null
# shellcheck disable=SC2086
"$SSLDYN" basin $map --eta 0.1 --threshold beta --lo 0.001 --hi 0.3 >beta.txt
check "a threshold of the learning rate is one of beta" near \
    "$(awk -v l="$(value threshold lr.txt)" 'BEGIN { printf "%.17g", 0.03 * 0.1 / l }')" \
    "$(value threshold beta.txt)" 1e-11
# shellcheck disable=SC2086
"$SSLDYN" basin $map $optimizer --no-ema --threshold train-weight-decay --lo 0 --hi 0.6 --train-loss-factor 2 \
    >fold.txt 2>/dev/null
check "beyond the edges the fold decides" grep -q "^threshold_mechanism = fold" fold.txt
check "at twice the weight decay for twice the loss" near "$(value threshold fold.txt)" 0.4 1e-14

# Steps of different lengths end at different times.
"$SSLDYN" sweep -q --model modes --axis.train-lr list:0.01,0.02 --train-ema 0.99 --train-steps 1000 -o ends >/dev/null
check "a number of steps ends where its learning rate takes it" awk -F '\t' '
    /^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == "t_end") c = i; next }
    { if (($c - 1000 * $1)^2 > 1e-18) exit 1; n++ } END { exit n != 2 }' ends/table.tsv

# Also for matrices, both flow and process, times are given in steps.
for process in flow sgd; do
    "$SSLDYN" sweep -q --process $process --n1 3 --n2 2 --axis.train-lr list:0.02,0.04 --train-ema 0.9 \
        --train-weight-decay 0.01 --t-end 20 --columns t_escape,step_escape -o $process >/dev/null
    check "of $process too" awk -F '\t' '/^#/ || /^train_lr/ { next } ($4 - $3 / $1)^2 > 1e-20 * $4^2 { exit 1 }
        { n++ } END { exit n != 2 }' $process/table.tsv
done

# The process with those settings, compared with the flow: half the learning rate, at the same rates,
# halves the distance.
run() {
    settings="--train-lr $2 --train-momentum 0.9 --train-weight-decay 0.05 --train-ema $3 --train-steps $4"
    sizes="--n1 6 --n2 4 --init-wa copy --init-scale 0.5"
    # shellcheck disable=SC2086
    "$SSLDYN" flow -q $sizes $settings -o "flow-$1" >/dev/null
    # shellcheck disable=SC2086
    "$SSLDYN" sgd -q $sizes $settings --batch inf -o "sgd-$1"
    "$SSLDYN" compare "flow-$1" "sgd-$1" -q | sed -n 's/^norm_w.mean = //p'
}
coarse=$(run coarse 0.0004 0.998 2000)
fine=$(run fine 0.0002 0.999 4000)
check "the flow is the same at both" same flow-coarse/trace.tsv flow-fine/trace.tsv
# 2 + O(lr), where the memory of the momentum, 10 steps, is a hundredth of the time scale of the dynamics
check "sgd follows the flow at first order" near "$(awk -v a="$coarse" -v b="$fine" 'BEGIN { print a / b }')" 2 0.1
check "within a few hundredths on average" awk -v a="$fine" 'BEGIN { exit !(a > 0 && a < 0.03) }'
"$SSLDYN" sgd -q sgd-fine/spec.conf -o again-sgd
check "and repeats from its spec.conf" same sgd-fine/W.npy again-sgd/W.npy

# A user's network is judged at its training settings: X = I, sigma2 = 0.25.
"$SSLDYN" align --wp flow-fine/Wp.npy --f flow-fine/F.npy --train-lr 0.05 --train-momentum 0.9 \
    --train-weight-decay 0.01 --train-ema 0.99 --train-loss-factor 2 -o align >align.txt 2>/dev/null
check "align gives the fold as a weight decay" near "$(value train_weight_decay_fold align.txt)" 0.4 1e-12
check "and its spec.conf keeps the settings" grep -q "^train_loss_factor = 2" align/spec.conf
finish
