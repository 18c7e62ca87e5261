#!/bin/sh
# The same settings give the same bytes: when repeated, with other numbers of threads, with streamed
# images, and after a stop or a kill at any time.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images
files="spec.conf trace.tsv t.npy F.npy Wp.npy mean.npy count.npy checkpoint"
equal() {
    for file in $files; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}

OMP_NUM_THREADS=1 "$BYOL" small.conf --images 900 --epochs 3 --probe-every 2 --schedule cosine --warmup 1 \
    --freq 3 --predictor directset -q -o straight >/dev/null
result $? "a run with a cosine schedule, a warm-up, a closed-form predictor every third step"
OMP_NUM_THREADS=3 "$BYOL" straight/spec.conf -q -o again >/dev/null
check "its spec.conf repeats it, for any number of threads" equal straight again

# 6000 images of 192 bytes are more than one MiB: chunks of 64 steps.
"$BYOL" small.conf --epochs 1 --probe-every 1 -q -o held >/dev/null
"$BYOL" small.conf --epochs 1 --probe-every 1 --resident 1 -q -o streamed >/dev/null
check "streamed images give the same results" equal held streamed

# interrupt NAME SIGNAL WAIT: starts a run of 12 epochs, sends the signal WAIT seconds after its first
# checkpoint, and resumes the run to its end
long="small.conf --images 900 --epochs 12 --checkpoint 1 --probe-every 4 -q"
# shellcheck disable=SC2086 # words
"$BYOL" $long -o whole >/dev/null
interrupt() {
    # shellcheck disable=SC2086 # words
    "$BYOL" $long -o "$1" >/dev/null 2>"$1.err" &
    pid=$!
    tries=0
    while [ ! -s "$1/checkpoint" ] && [ $tries -lt 600 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    sleep "$3"
    kill "-$2" $pid
    wait $pid
    status=$?
    rows=$(grep -vc '^#' "$1/trace.tsv")
    # shellcheck disable=SC2086 # words
    "$BYOL" $long -o "$1" --resume >/dev/null 2>>"$1.err"
    resumed=$?
}
interrupt stopped INT 0.1
check "Ctrl-C: status 130" test $status = 130
check "Ctrl-C: the message says where" grep -q 'stopped ' stopped.err
check "Ctrl-C: before the end" test "$rows" -lt 14
check "Ctrl-C: the run resumes" test $resumed = 0
check "Ctrl-C: the results equal those of an uninterrupted run" equal whole stopped
interrupt killed KILL 0.2
check "kill: the results of every epoch were written" test "$rows" -gt 1
check "kill: status 137" test $status = 137
check "kill: the run resumes" test $resumed = 0
check "kill: the results equal those of an uninterrupted run" equal whole killed

# A run of 8 epochs that is continued to 12.
"$BYOL" small.conf --images 900 --epochs 8 --probe-every 4 -q -o longer >/dev/null
check "a shorter run" test "$(column longer/trace.tsv epoch -1)" = 8
# shellcheck disable=SC2086 # words
"$BYOL" $long -o longer --resume >/dev/null
check "a run can be lengthened: the same bytes as in one go" equal whole longer
"$BYOL" small.conf --images 900 --epochs 2 --schedule cosine -q -o cosine >/dev/null
"$BYOL" small.conf --images 900 --epochs 3 --schedule cosine -q -o cosine --resume >/dev/null 2>refused
status=$?
check "not with a schedule that ends with the run: status 2" test $status = 2
check "and the message names the setting" grep -q 'epochs' refused

# shellcheck disable=SC2086 # words
"$BYOL" $long -o whole --resume >out.txt
check "resuming a complete run succeeds" test $? = 0
check "and prints its results" grep -q '^accuracy = ' out.txt
check "and leaves its files unchanged" equal killed whole

# refused PATTERN DIR OPTION...: exit status 2 and a message
refused() {
    pattern=$1 directory=$2
    shift 2
    # shellcheck disable=SC2086 # words
    "$BYOL" $long -o "$directory" --resume "$@" >/dev/null 2>refused.err
    status=$?
    check "refused: $pattern" sh -c 'test "$1" = 2 && grep -q "$2" refused.err' - $status "$pattern"
}
refused 'other settings ("lr = 0.03", not "lr = 0.01"' whole --lr 0.01
cp -r whole damaged
printf x | dd of=damaged/checkpoint bs=1 seek=9000 conv=notrunc 2>/dev/null
refused 'checkpoint: is damaged' damaged
dd if=whole/checkpoint of=damaged/checkpoint bs=1000 count=3 2>/dev/null
refused 'checkpoint: is truncated' damaged
echo nonsense >damaged/checkpoint
refused 'not a checkpoint' damaged
cp whole/checkpoint damaged/checkpoint
awk '/^#/ || n++ < 4' whole/trace.tsv >damaged/trace.tsv
refused 'trace.tsv: has .* rows' damaged
finish
