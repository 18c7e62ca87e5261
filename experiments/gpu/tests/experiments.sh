#!/bin/sh
# The experiments' scripts, each with a tiny network on the small set: runs, tables, and resuming.
# SPDX-License-Identifier: MIT
set -u
scripts=$(pwd)
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images
export BYOL SSLDYN
tiny="$tiny --crop-scale 0.3 --observe-every 1"

# experiment NAME ROWS OPTION...: runs it and checks its table
experiment() {
    script=$1 rows=$2
    shift 2
    # shellcheck disable=SC2086 # words
    "$scripts/$script" $tiny --seeds 2 --epochs 1,3 -o "$script" "$@" >"$script.txt" 2>"$script.err"
    result $? "$script runs" "$(tail -n 3 "$script.err")"
    check "$script: $rows rows at 2 epochs each" test "$(grep -vc '^#' "$script/table.tsv")" = $((2 * rows + 1))
    check "$script: every row has 2 seeds, a mean and a deviation" awk -F '\t' '
        /^#/ || /^row/ { next } $3 < 0 || $3 > 100 || $3 == "nan" || $4 == "nan" || $5 != 2 { exit 1 }' "$script/table.tsv"
}
experiment table08 3
experiment fig02 2
check "fig02: both halves are analyzed" test -s fig02/regular/aligned-2/trace.tsv -a -s fig02/symmetric/aligned-1/verdict.txt
check "fig02: the symmetric predictor is symmetric" awk -F '\t' '$1 == "symmetric" && $2 > 0 && $4 != 0 { exit 1 }' fig02/alignment.tsv
experiment fig06 7
experiment table03 4
experiment table05 4

# The mean is that of the traces; the deviation is the sample standard deviation.
a=$(column table08/trained/seed-1/trace.tsv accuracy -1)
b=$(column table08/trained/seed-2/trace.tsv accuracy -1)
mean=$(awk -F '\t' '$1 == "trained" && $2 == 3 { print $3 }' table08/table.tsv)
std=$(awk -F '\t' '$1 == "trained" && $2 == 3 { print $4 }' table08/table.tsv)
holds "the mean is that over the seeds" "($mean - ($a + $b) / 2) ^ 2 < 1e-6"
holds "the deviation is that over the seeds" "($std - sqrt(($a - $b) ^ 2 / 2)) ^ 2 < 1e-6"

# One run is cut short and one is removed: only these are run again, and the table is the same.
cp -r table08 whole
rm -r table08/trained/seed-2
touch -t 200001010000 table08/directpred/seed-1/checkpoint
# shellcheck disable=SC2086 # words
"$scripts/table08" $tiny --seeds 2 --epochs 1,3 -o table08 >again.txt 2>/dev/null
check "an experiment resumes" cmp table08/table.tsv whole/table.tsv
check "complete runs are not repeated" sh -c 'test table08/directpred/seed-1/checkpoint -ot small.conf'
"$scripts/table08" --data train.npy --seeds none >/dev/null 2>said.txt
check "bad seeds are refused" sh -c 'test "$1" = 2 && grep -q "whole number above 0" said.txt' - $?
"$scripts/table08" --data train.npy --epochs 10,x >/dev/null 2>said.txt
check "bad epochs are refused" sh -c 'test "$1" = 2 && grep -q "for example 100,300" said.txt' - $?
check "help describes the experiment" sh -c '"$1" --help | grep -q "Table 8 on CIFAR-10"' - "$scripts/table08"
finish
