#!/bin/sh
# The command line: help, and bad input, which is refused with one line before anything is written.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images

"$BYOL" --help >help.txt
check "help: exit status 0" test $? = 0
check "help: lists the options" grep -q -- '--gamma-a SHARE' help.txt
check "help: no line beyond 80 columns" awk 'length > 80 { exit 1 }' help.txt
"$BYOL" >/dev/null 2>usage.txt
check "no arguments: usage, exit status 2" sh -c 'test "$1" = 2 && grep -q "missing arguments; usage: byol" usage.txt' - $?
check "version" sh -c '"$1" --version | grep -q "^byol [0-9]"' - "$BYOL"

# refuse PATTERN ARGUMENT...: one line, exit status 2, nothing written
refuse() {
    pattern=$1
    shift
    "$BYOL" "$@" -o never >/dev/null 2>message.txt
    status=$?
    check "$pattern" sh -c 'test "$1" = 2 && test "$(wc -l <message.txt)" = 1 && grep -q -- "$2" message.txt && test ! -e never' \
        - $status "$pattern"
}
refuse 'no images: give --data' --epochs 1
refuse '--epoch: unknown option; did you mean --epochs?' --epoch 1
refuse '--gamma_a: unknown option' --gamma_a 0.9
refuse '--lr: needs a value (RATE), not "--quiet"' small.conf --lr --quiet
refuse '--lr = fast: must be a finite number' small.conf --lr fast
refuse '--lr = -1: must be at least 0' small.conf --lr -1
refuse '--momentum = 1: must be at least 0 and less than 1' small.conf --momentum 1
refuse '--lr: is given twice' small.conf --lr 1 --lr 2
refuse '--predictor optimal: byol supports a trained predictor' small.conf --predictor optimal
refuse '--rho: applies to closed-form predictors only' small.conf --rho 0.5
refuse '--set-power: applies to --predictor directset only' small.conf --predictor directpred --set-power 2
refuse '--gamma-a: has no effect with --no-ema' small.conf --no-ema --gamma-a 0.9
refuse '--no-stop-grad: requires --no-ema' small.conf --no-stop-grad
refuse '--symmetric: has no effect' small.conf --symmetric --predictor directpred
refuse 'a closed-form rule requires a linear predictor' small.conf --predictor-layers 2 --predictor directpred
refuse '--hue: has no effect unless --jitter is above 0' small.conf --jitter 0 --hue 0.1
refuse '--hue = 0.6: must be at least 0 and at most 0.5' small.conf --hue 0.6
refuse 'set the decay twice' small.conf --decay 1e-3 --decay-p 1e-3 --decay-s 1e-3
refuse '--blocks: has 5 entries' small.conf --blocks 1,1,1,1,1
refuse '--blocks: 1.5: must be a whole number' small.conf --blocks 1.5
refuse '--probe-epochs: has no effect with --probe-every 0' small.conf --probe-every 0 --probe-epochs 4
refuse 'blur-kernel 4: must be odd' small.conf --blur 1 --blur-kernel 4
refuse '--batch 999: leaves one of 1000 images' small.conf --images 1000 --batch 999
refuse 'are fewer than a batch' small.conf --images 100 --batch 200 --drop-last
refuse 'small.conf and other.conf: give only one experiment file' small.conf other.conf
refuse 'give --test for the linear probe' --data train.npy
refuse 'gone.npy' --data gone.npy
refuse 'holds no labels: give --test-labels' --data train.npy --train-labels train-labels.npy --test test.npy
refuse '--precision bf16: --device cpu computes in float or double' small.conf --precision bf16
refuse '--precision double: --device cuda computes in bf16 or float' small.conf --device cuda --precision double
case $("$BYOL" --version) in
*cuda*) skip "a program without CUDA refuses --device cuda: this one has CUDA" ;;
*) refuse 'this program was built without CUDA' small.conf --device cuda --epochs 1 ;;
esac

# wrong FILE LINE PATTERN: a file with that line is refused; the message has file and line number
wrong() {
    printf '# a comment\n%s\n' "$2" >"$1"
    refuse "$3" "$1"
}
wrong unknown.conf 'epocs = 3' 'unknown.conf:2: epocs: unknown option; did you mean epochs?'
wrong range.conf 'batch = 1' 'range.conf:2: batch = 1: must be at least 2'
wrong other.conf 'command = flow' 'other.conf:2: command = flow: this is byol'
wrong form.conf 'batch 3' 'form.conf:2: "batch 3" is not of the form'
printf 'data = x\nepochs = 1\nepochs = 2\n' >twice.conf
refuse 'twice.conf:3: epochs: duplicate key (first on line 2)' twice.conf

mkdir other
echo mine >other/notes.txt
"$BYOL" small.conf --epochs 1 -o other 2>message.txt
check "a directory with other files is left unchanged" sh -c 'test "$1" = 2 && grep -q "files that are not from a run" message.txt' - $?
"$SSLDYN" flow -q --model modes --t-end 1 -o flow 2>/dev/null
"$BYOL" small.conf --epochs 1 -o flow 2>message.txt
check "and so is a run directory of ssldyn" sh -c 'test "$1" = 2 && grep -q "holds results of ssldyn flow" message.txt' - $?

# The command line overrides a file.
printf 'predictor = directpred\nrho = 0.5\n' | cat small.conf - >rule.conf
"$BYOL" rule.conf --predictor gradient --images 128 --epochs 1 --probe-every 0 --observe-images 0 -q -o gradient >/dev/null 2>message.txt
result $? "the command line overrides the rule in a file" "$(cat message.txt)"
check "and drops the settings of that rule" sh -c '! grep -q "^rho" gradient/spec.conf'
"$BYOL" small.conf --lr 1e3 --loss l2 --momentum 0 --images 128 --epochs 8 --probe-every 0 -q -o diverged >/dev/null 2>message.txt
check "a run that diverges fails with a message" sh -c 'test "$1" = 1 && grep -q "not finite" message.txt' - $?
check "and keeps its rows" test -s diverged/trace.tsv
finish
