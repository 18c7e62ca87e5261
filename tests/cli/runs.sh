#!/bin/sh
# Several runs in one table: compare of three, of a directory, of sweeps; the settings in which two differ.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. tests/tap.inc
cd "$TEST_DIR" || exit 1
for eta in 0.04 0.25 0.01; do
    "$SSLDYN" flow -q --model modes --p0 0.1,0.5 --s0 0.05 --eta $eta --t-end 60 -o "jobs/eta-$eta" >/dev/null
done
# cell TABLE RUN COLUMN
cell() {
    awk -F '\t' -v run="$2" -v column="$3" '/^#/ { next } !n { n = NF; for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == run { print column in at ? $at[column] : "none" }' "$1"
}
"$SSLDYN" compare jobs >table
result $? "a directory is compared"
check "the table has a title" grep -qx '# ssldyn runs 1' table
[ "$(grep -v '^#' table | cut -f 1 | tr '\n' ' ')" = "run eta-0.01 eta-0.04 eta-0.25 " ]
result $? "a row for each run, in the order of the varied setting" "$(cat table)"
[ "$(cell table eta-0.25 eta) $(cell table eta-0.25 survive) $(cell table eta-0.25 collapsed) $(cell table eta-0.25 rank_end)" = "0.25 0 2 0" ]
result $? "settings, fates and ranks" "$(cat table)"
[ "$(cell table eta-0.04 beta) $(cell table eta-0.04 loss_end)" = "none none" ]
result $? "without columns that are equal in all runs or missing in all" "$(cat table)"
[ "$(cell table eta-0.04 p_1_end)" = "$(awk -F '\t' '!/^#/ { last = $2 } END { print last }' jobs/eta-0.04/trace.tsv)" ]
result $? "the values at the end are those of the trace, to the last digit" "$(cat table)"
"$SSLDYN" compare jobs/eta-0.01 jobs/eta-0.25 >pair
[ "$(cell table eta-0.25 s_gap)" = "$(sed -n 's/^modes_s.relative = //p' pair)" ] && [ "$(cell table eta-0.01 s_gap)" = nan ]
result $? "the gaps are those of two at a time from the first" "$(cat table pair)"
check "two runs: the settings in which they differ" grep -qx 'settings = eta 0.01 0.25' pair
"$SSLDYN" compare jobs/eta-0.01 jobs/eta-0.01 >pair 2>said
result $? "a run and itself" "$(cat pair said)"
check "have the same settings" grep -qx 'settings = the same' pair
"$SSLDYN" compare jobs/eta-0.25 jobs/eta-0.01 jobs/eta-0.04 -o kept >other
check "three by name, kept" cmp other kept/runs.tsv
[ "$(grep -v '^#' other | sed -n 2p | cut -f 1)" = eta-0.25 ]
result $? "in the order they were given" "$(cat other)"
for w0 in 0.6 0.5; do
    "$SSLDYN" flow -q --model lowdim --loss cosine --wp0 0.3,0.4 --w0 $w0 --eta 0.5 --no-ema --t-end 20 -o "cosine/$w0" >/dev/null
done
"$SSLDYN" compare cosine >faded
[ "$(cell faded 0.6 rank_end) $(cell faded 0.5 rank_end)" = "2 2" ]
result $? "if all norms decay a mode counts relative to the others at the end" "$(cat faded)"
check "kept again over the older table" "$SSLDYN" compare jobs -o kept
for p0 in 0.1 0.3; do
    "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:7 --axis.beta log:0.1:10:5 --p0 $p0 -o "maps/$p0" >/dev/null
done
"$SSLDYN" compare maps >table
[ "$(cell table 0.3 points)" = 35 ] && [ "$(cell table 0.3 survive)" = "$(awk -F '\t' '!/^#/ && $3 == 1' maps/0.3/table.tsv | wc -l | tr -d ' ')" ] &&
    [ "$(cell table 0.3 other_fate)" = "$(grep -v '^#' maps/0.1/table.tsv | cut -f 3 >a; grep -v '^#' maps/0.3/table.tsv | cut -f 3 | paste a - | awk '$1 != $2' | wc -l | tr -d ' ')" ]
result $? "sweeps: points by fate, and those with another fate" "$(cat table)"

refused() { # WHAT PATTERN COMMAND...
    what=$1 pattern=$2
    shift 2
    "$@" >out 2>said
    [ $? = 2 ] && grep -q -e "$pattern" said && [ ! -s out ]
    result $? "$what" "$(cat out said)"
}
mkdir empty
refused "one run" 'is one run; name two or more' "$SSLDYN" compare jobs/eta-0.01
refused "no run" 'no run given' "$SSLDYN" compare -q
refused "a directory without runs" 'no directory below it is one' "$SSLDYN" compare empty
refused "runs and a ladder" 'computes its own runs' "$SSLDYN" compare jobs --ladder x.conf
cp -R jobs broken && rm broken/eta-0.25/report.txt && "$SSLDYN" compare broken >table
[ "$(cell table eta-0.25 survive) $(cell table eta-0.04 survive) $(cell kept/runs.tsv eta-0.04 survive)" = "nan 2 2" ]
result $? "a run without a report has no fates" "$(cat table)"
mkfifo broken/eta-0.25/report.txt
refused "a report that cannot be read" 'report.txt: is not a regular file' "$SSLDYN" compare broken/*
"$SSLDYN" compare broken >table 2>said && grep -q 'report.txt: is not a regular file' said
result $? "among the runs of a directory it is a remark" "$(cat said)"
finish
