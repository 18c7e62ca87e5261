#!/bin/sh
# experiments/gpu/small with a tiny network on the small set: runs, resuming after a signal, --quick; and its table,
# recomputed from the traces.
# SPDX-License-Identifier: MIT
set -u
scripts=$(pwd)
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images
export BYOL SSLDYN
tiny="$tiny --pool 2"

# shellcheck disable=SC2086 # words
"$scripts/small" $tiny --seeds 3 --epochs 5 --jobs 2 -o whole >out.txt 2>err.txt
result $? "small runs" "$(tail -n 3 err.txt)"
check "13 rows" test "$(grep -vc '^#' whole/table.tsv)" = 14
check "three runs of each" test "$(grep -vc '^#' whole/runs.tsv)" = 40
check "it prints the table" cmp out.txt whole/table.md
check "no error of gnuplot" sh -c '! grep -v "^small: .*seed . of 3$" err.txt | grep -v "gnuplot is not installed"'
command -v gnuplot >/dev/null && check "the picture exists" test -s whole/small.png

# cell ROW SEED COLUMN: an entry of runs.tsv; mean ROW COLUMN: one of table.tsv
cell() {
    awk -F '\t' -v row="$1" -v seed="$2" -v name="$3" '
        /^#/ { next }
        !named { for (i = 1; i <= NF; i++) c[$i] = i; named = 1; next }
        $c["row"] == row && $c["seed"] == seed { print $c[name] }' "${runs:-whole/runs.tsv}"
}
mean() {
    awk -F '\t' -v row="$1" -v name="$2" '
        /^#/ { next }
        !named { for (i = 1; i <= NF; i++) c[$i] = i; named = 1; next }
        $c["row"] == row { print $c[name] }' "${table:-whole/table.tsv}"
}

# ---- the numbers, from the traces
trace=whole/no-ema-symmetric/seed-2/trace.tsv
check "the accuracy is the probe's at the end" test "$(cell no-ema-symmetric 2 accuracy)" = "$(column $trace accuracy -1)"
check "the accuracy of the untrained network is that of its only row" \
    test "$(cell untrained 1 accuracy)" = "$(column whole/untrained/seed-1/trace.tsv accuracy 1)"
a=$(column whole/no-ema-symmetric/seed-1/trace.tsv accuracy -1)
b=$(column $trace accuracy -1)
c=$(column whole/no-ema-symmetric/seed-3/trace.tsv accuracy -1)
holds "its mean over the seeds" "($(mean no-ema-symmetric accuracy) - ($a + $b + $c) / 3) ^ 2 < 1e-4"
holds "its deviation over the seeds" "($(mean no-ema-symmetric accuracy_std) - sqrt((($a - $b) ^ 2 + ($b - $c) ^ 2 + ($c - $a) ^ 2) / 6)) ^ 2 < 1e-4"
check "the modes alive are those of ssldyn align" \
    test "$(cell no-ema-symmetric 2 alive)" = "$(column whole/no-ema-symmetric/aligned-2/trace.tsv alive -1)"
many=0 apart=0
total_end=0 total_start=0
for j in 1 2 3 4 5 6 7 8 9 10 11 12; do
    total_end="$total_end + $(column $trace s_$j -1)"
    total_start="$total_start + $(column $trace s_$j 3)"
    many="$many + ($(column $trace s_$j -1) > 1e-4 * $(column $trace s_1 -1))"
done
total_end=$(awk "BEGIN { printf \"%.17g\", $total_end }") total_start=$(awk "BEGIN { printf \"%.17g\", $total_start }")
for j in 1 2 3 4 5 6 7 8 9 10 11 12; do
    apart="$apart + sqrt(($(column $trace s_$j -1) / $total_end - $(column $trace s_$j 3) / $total_start) ^ 2) / 2"
done
holds "the rank is the number of eigenvalues above 1e-4" "$(cell no-ema-symmetric 2 rank) == $many"
holds "the size is the sum of the eigenvalues" "($(cell no-ema-symmetric 2 size) / $total_end - 1) ^ 2 < 1e-8"
holds "the size before is that of epoch 2" "($(cell no-ema-symmetric 2 size_before) / $total_start - 1) ^ 2 < 1e-8"
holds "the spectrum's distance from that of epoch 2" "($(cell no-ema-symmetric 2 moved) - ($apart)) ^ 2 < 1e-10"

# The forecasts start from the snapshot and know the settings.
flow=whole/no-ema-symmetric/forecast-2/flow.tsv
holds "the flow starts at the spectrum of epoch 2" "($(column $flow s_4 1) / $(column $trace s_4 3) - 1) ^ 2 < 1e-20"
holds "it takes the remaining steps" "$(column $flow t -1) == 12 * 4"
# 4 lr/(1 - mu) is 4 of flow time a step, the decay 1.5e-3/4; SGD forgets in 1/(2 * 4 * 1.5e-3/4) steps
holds "the memory is that of the settings" "($(cell no-ema-symmetric 2 memory_sgd) * 2 * 1.5e-3 - 1) ^ 2 < 1e-10"
check "SGD's rest is not known for closed-form predictors" test "$(cell directpred 1 rank_sgd)" = nan
check "nor without a decay" test "$(cell decay-none 1 size_sgd)" = nan
check "the reason is kept" grep -q 'both must be positive' whole/decay-none/forecast-1/why-sgd.txt
holds "the flow is known for all" "$(awk -F '\t' '/^#/ { next } !n { for (i = 1; i <= NF; i++) c[$i] = i; n = 1; next }
    $c["row"] != "untrained" && $c["size_flow"] == "nan" { k++ } END { print k + 0 }' whole/runs.tsv) == 0"

# Both ends p of an interval satisfy Wilson's equation, (k/n - p)^2 = z^2 p (1 - p)/n, with runs that are declared
# collapsed by hand: one alive of 12 is collapsed, two are not, and "full" is.
awk 'BEGIN { FS = OFS = "\t" }
    /^#/ { print; next }
    !named { for (i = 1; i <= NF; i++) c[$i] = i; named = 1; print; next }
    { if ($c["alive"] < 2) $c["alive"] = 2; $c["collapse"] = "none" }
    $c["row"] == "ema-regular" && $c["seed"] == 1 { $c["alive"] = 1 }
    $c["row"] == "target-zero" { $c["collapse"] = "full" }
    { print }' whole/runs.tsv >doctored.tsv
awk -f "$scripts/small.awk" doctored.tsv >table.tsv
table=table.tsv
check "one direction of 12 is a collapse" test "$(mean ema-regular collapsed)" = 1
check "a full collapse is one, however many directions are alive" test "$(mean target-zero collapsed)" = 3
check "two directions of 12 are not" test "$(mean no-ema-regular collapsed)" = 0
for row in ema-regular target-zero no-ema-regular; do
    for end in low high; do
        k=$(mean $row collapsed) p=$(mean $row collapsed_$end)
        holds "the interval of $row, $end" "(($k / 3 - $p) ^ 2 - 1.959964 ^ 2 * $p * (1 - $p) / 3) ^ 2 < 1e-5"
    done
    holds "the interval of $row contains the share" "$(mean $row collapsed_low) <= $(mean $row collapsed) / 3 && \
        $(mean $row collapsed) / 3 <= $(mean $row collapsed_high) && $(mean $row collapsed_high) > $(mean $row collapsed_low)"
done
table=
awk -F '\t' -v OFS='\t' '/^[^#l]/ && !done { $5 = ""; done = 1 } { print }' whole/runs.tsv >unknown.tsv
check "a run of unknown state is not counted as sound" sh -c '! awk -f "$1/small.awk" unknown.tsv >/dev/null 2>&1' - "$scripts"

# ---- the published results: tables that follow from the runs, and a README that quotes them
awk -f "$scripts/small.awk" "$scripts/results/runs.tsv" >published.tsv
check "results/table.tsv follows from results/runs.tsv" cmp published.tsv "$scripts/results/table.tsv"
awk -f "$scripts/small.awk" -v markdown=1 "$scripts/results/runs.tsv" >published.md
check "and so does table.md" cmp published.md "$scripts/results/table.md"
check "the README has these tables" sh -c '! grep . published.md | grep -vxFf "$1"' - "$scripts/README.md"
table=published.tsv
for row in untrained ema-regular ema-symmetric no-ema-regular decay-predictor; do
    check "no seed of $row is collapsed" test "$(mean $row collapsed)" = 0
done
holds "most seeds of no-ema-symmetric are" "$(mean no-ema-symmetric collapsed) > $(mean no-ema-symmetric seeds) / 2"
holds "predictors with EMA align" "$(mean ema-regular cosine) > 0.8 && $(mean ema-symmetric cosine) > 0.8"
table=

# ---- stopped, resumed
# shellcheck disable=SC2086 # words
"$scripts/small" $tiny --quick --epochs 5 --jobs 2 -o part >out.txt 2>err.txt &
process=$!
waited=0
until [ -d part/no-ema-regular/seed-1 ] || [ $waited -gt 600 ]; do
    sleep 0.1
    waited=$((waited + 1))
done
kill -TERM "$process"
wait "$process"
check "a signal stops it" test $? = 143
check "and its runs" sh -c '! ps -A -o args= | grep -q "[-]o part/"'
check "there is no table yet" test ! -e part/table.tsv
# shellcheck disable=SC2086 # words
"$scripts/small" $tiny --quick --epochs 5 --jobs 1 -o part >out.txt 2>err.txt
result $? "the same command continues" "$(tail -n 3 err.txt)"
check "the runs are the same" cmp part/runs.tsv whole/runs.tsv
check "the table is the same, and --quick takes three seeds" cmp part/table.tsv whole/table.tsv
rm -r part/target-zero/seed-2 part/directpred/forecast-1
touch -t 200001010000 part/ema-regular/seed-1/checkpoint
# shellcheck disable=SC2086 # words
"$scripts/small" $tiny --quick --epochs 5 -o part >out.txt 2>/dev/null
check "what is missing is run again" cmp part/table.tsv whole/table.tsv
check "complete runs are not repeated" sh -c 'test part/ema-regular/seed-1/checkpoint -ot small.conf'

# ---- faults, help, packed images
# refused MESSAGE OPTION...: ends with status 2 and the message
refused() {
    message=$1
    shift
    "$scripts/small" --data train.npy -o refused "$@" >/dev/null 2>said.txt
    check "refused: $message" sh -c 'test "$1" = 2 && grep -qe "$2" said.txt' - $? "$message"
}
refused 'must be at least 4' --epochs 3
refused 'must be one number' --epochs 4,5
refused '--jobs 0: must be a whole number above 0' --jobs 0
check "help explains the experiment" sh -c '"$1" --help | grep -q -- "--quick  *seeds 1 to 3"' - "$scripts/small"
BYOL=/nonexistent/byol "$scripts/small" --data train.npy -o refused >/dev/null 2>said.txt
check "a missing program is named" grep -q 'build it with make -C experiments/gpu' said.txt
"$scripts/small" --data nothing.npy --seeds 2 -q -o refused >/dev/null 2>said.txt
check "a run that fails ends the script" sh -c 'test "$1" = 2 && grep -q "nothing.npy" said.txt' - $?
finish
