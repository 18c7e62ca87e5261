#!/bin/sh
# Sweeps: the same bytes for any number of threads and after any number of kills, refusal of a
# changed configuration, single points, what spec.conf repeats, Ctrl-C.
# shellcheck disable=SC2012,SC2016
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/kill.inc
. "$(dirname "$0")/../kill.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

cat >map.conf <<'END'
model = modes
axis.eta = 0:0.3:400
axis.beta = 0.05:2:300
tau0 = 0.5
END

"$SSLDYN" sweep map.conf -q --threads 1 -o one >one.out
check "one thread" test -s one/table.tsv
check "every point has a row" test "$(grep -vc '^#' one/table.tsv)" = 120001
for threads in 2 7; do
    "$SSLDYN" sweep map.conf -q --threads $threads -o "t$threads" >other.out
    check "$threads threads: same bytes" same one "t$threads"
    check "$threads threads: same words" diff one.out other.out
done

for threads in 1 2 7; do
    killed_sweep "killed$threads" "$SSLDYN" sweep map.conf -q --threads $threads
    check "$threads threads, killed $kills times: same bytes" same one "killed$threads"
    check "$threads threads, killed $kills times: same words" diff one.out "killed$threads.out"
done

# An unfinished sweep of another configuration is not changed.
"$SSLDYN" sweep map.conf -q -o half >/dev/null 2>&1 &
pid=$!
while kill -0 $pid 2>/dev/null && [ ! -s half/journal ]; do :; done
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
if [ -f half/journal ]; then
    cp -r half kept
    "$SSLDYN" sweep map.conf -q --alpha-p 2 -o half >/dev/null 2>half.err
    check "changed configuration: refused" test $? = 2
    check "changed configuration: the message says why" grep -q 'unfinished sweep of another configuration' half.err
    check "changed configuration: nothing changed" same half kept
else
    skip "the sweep was done before it could be killed"
fi

"$SSLDYN" sweep one/spec.conf -q -o repeated >/dev/null
check "spec.conf repeats the sweep" same one repeated
check "spec.conf repeats a sweep over eta with a closed-form predictor" sh -c '
    "$1" sweep -q --n1 3 --n2 2 --t-end 1 --predictor directset --axis.eta 0:0.3:3 -o set >/dev/null &&
    "$1" sweep -q set/spec.conf -o set2 >/dev/null && diff -r set set2' - "$SSLDYN"

"$SSLDYN" sweep map.conf -q --point 31234 -o one >/dev/null 2>point.err
check "one point: its trace" test -s one/point-31234/trace.tsv
row=$(grep -v '^#' one/table.tsv | sed -n 31236p | cut -f4)
last=$(tail -n 1 one/point-31234/trace.tsv | cut -f2)
check "one point: the report of its run" grep -q '^# ssldyn report 1' one/point-31234/report.txt
check "one point: same end" awk "BEGIN { d = $row - $last; exit !(d * d < 1e-12) }"
"$SSLDYN" sweep map.conf -q --point 120000 -o one >/dev/null 2>point.err
check "no such point: exit 2" test $? = 2

# Without -o a point is written to the results of its sweep, or to out; later sweeps are not affected
# by it.
"$SSLDYN" sweep one/spec.conf -q --point 7 >/dev/null 2>point.err
check "a point of a sweep's spec.conf: with its results" test -s one/point-7/trace.tsv
mkdir maps
cp map.conf maps
"$SSLDYN" sweep maps/map.conf -q --point 7 >/dev/null 2>point.err
check "a point of an experiment file without results: in out" test -s out/point-7/trace.tsv
check "nothing next to the experiment file" test "$(ls maps)" = map.conf
"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:4 --point 1 >/dev/null 2>point.err
check "a point of no file: in out" test -s out/point-1/trace.tsv
"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:5 >/dev/null 2>point.err &&
    "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:4 >/dev/null 2>point.err
check "sweeps without -o after points without -o" test $? = 0
check "they have their directories" test -s out/sweep/table.tsv -a -s out/sweep-2/table.tsv
"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:4 --point 1 >/dev/null 2>point.err
check "a point of a sweep without -o: with its results" test -s out/sweep-2/point-1/trace.tsv
"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:4 --point 1 -o before >/dev/null 2>point.err &&
    "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:4 -o before >/dev/null 2>point.err
check "a point first, then its sweep: one directory" test -s before/table.tsv -a -s before/point-1/trace.tsv
"$SSLDYN" sweep --model modes --axis.eta 0:0.3:5 -o before >/dev/null 2>point.err
check "other settings: the earlier point's run is named" grep -q 'before/point-1 is kept' point.err
check "other settings: announced" grep -q 'replaces an earlier run with other settings (axis.eta' point.err
"$SSLDYN" sweep --model modes --axis.eta 0:0.3:4 --point 1 -o before >/dev/null 2>point.err
check "a point among results of other settings: announced" grep -q 'before: holds a sweep with other settings (axis.eta' point.err

# A point is run among the results of its sweep, which no sweep may replace meanwhile.
if command -v flock >/dev/null; then
    flock -x before "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:5 --point 2 -o before >/dev/null 2>point.err
    check "a point while a sweep writes: exit 2" test $? = 2
    check "a point while a sweep writes: why" grep -q 'before: another process is writing' point.err
    flock -s before "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:5 --point 2 -o before >/dev/null 2>point.err
    check "a point while another is run" test -s before/point-2/trace.tsv
    flock -s before "$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:6 -o before >/dev/null 2>point.err
    check "a sweep while a point is run: exit 2" test $? = 2
else
    skip "no flock"
fi

# More than any disk can hold: refused before the work.
for huge in "sweep --axis.p0 0:1:10000000 --axis.s0 0:1:10000000" \
    "sweep --axis.p0 0:1:10000000 --axis.s0 0:1:100000 --columns fate --all-rows" \
    "basin --threshold eta --lo 0.01 --hi 0.3 --axis.p0 0:1:10000000 --axis.s0 0:1:10000000"; do
    # shellcheck disable=SC2086 # words
    "$SSLDYN" $huge -q --model modes -o huge >/dev/null 2>huge.err
    check "${huge%% *} of too many points: exit 2, one line" test $? = 2 -a "$(grep -c 'need at least .* GB of disk' huge.err)" = 1
    check "${huge%% *} of too many points: no file left" test ! -e huge
done

"$SSLDYN" sweep -q --model modes --sobol 5000 --axis.p0 0:0.5 --axis.s0 0:0.5 --eta 0.1 -o sobol >sobol.out
check "Sobol: one row per point" test "$(grep -vc '^#' sobol/table.tsv)" = 5001
check "Sobol: a Wilson interval" awk '/^collapse_/ { v[$1] = $3 } END { exit !(v["collapse_low"] < v["collapse_probability"] && v["collapse_probability"] < v["collapse_high"]) }' sobol.out

"$SSLDYN" sweep -q --model modes --axis.eta 0:0.3:100 --columns fate --early-stop -o few >/dev/null
check "columns: only those requested" test "$(ls few | tr '\n' ' ')" = "eta.npy fate.npy spec.conf table.tsv "

# Columns of the trace as outcomes, also of SGD: those of a point are those of its run.
noisy="sweep -q --process sgd --axis.seed 0:1:2 --n1 4 --n2 3 --steps 200 --columns loss_max,t_p_1_above_0.3"
# shellcheck disable=SC2086
"$SSLDYN" $noisy -o noisy >/dev/null && "$SSLDYN" $noisy -o noisy --point 1 2>/dev/null
check "columns of the trace: the largest of SGD's run" test \
    "$(awk '$1 == 1 { print $3 }' noisy/table.tsv)" = "$(awk '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == "loss") c = i; next }
        !n++ || $c + 0 > m + 0 { m = $c } END { print m }' noisy/point-1/trace.tsv)"
# Steps give the end of a run of SGD, or a time does: not both, and the later source overrides.
printf 'process = sgd\nn1 = 4\nn2 = 2\nsteps = 5\naxis.eta = 0:1:2\n' >steps.conf
for both in "--process sgd --axis.eta 0:1:2 --steps 5 --t-end 1" "steps.conf --axis.t-end list:1,2" \
    "--process sgd --axis.steps list:1,2 --t-end 1" "--process sgd --axis.t-end list:1,2 --axis.steps list:1,2"; do
    # shellcheck disable=SC2086
    "$SSLDYN" sweep -q $both -o never >/dev/null 2>both.err
    check "an end by steps and in time, $both: refused with one line" test $? = 2 -a "$(grep -c 'steps' both.err)" = 1 -a ! -e never
done
"$SSLDYN" sgd -q --n1 4 --n2 2 --steps 5 --t-end 1 -o never 2>both.err
check "the same for sgd" test $? = 2
"$SSLDYN" sweep -q steps.conf --t-end 0.05 -o later >/dev/null && "$SSLDYN" sweep -q later/spec.conf --steps 7 -o steps >/dev/null
check "an end given by a later source" sh -c '
    grep -q "^t_end = 0.05$" later/spec.conf && grep -q "^steps = 0$" later/spec.conf && grep -q "^steps = 7$" steps/spec.conf'
"$SSLDYN" sweep -q steps/spec.conf -o steps2 >/dev/null
check "spec.conf repeats a sweep whose runs end by steps" same steps steps2
"$SSLDYN" sweep --model modes --axis.eta 0:0.3:3 --columns nosuch_max -o nofold >/dev/null 2>none.err
check "columns of the trace: an unknown name" grep -q "has no column nosuch" none.err

# The axes as arrays: a header of 128 bytes, then doubles as od reads them.
doubles() {
    head=$((10 + $(od -An -tu2 -j8 -N2 "$1")))
    od -An -v -tf8 -w8 -j$head "$1" | awk '{ printf("%s%.17g", (NR > 1 ? " " : ""), $1) }'
}
"$SSLDYN" sweep -q --model modes --axis.beta log:0.1:10:3 --axis.eta-s list:0.1,0.3 --eta-p 0.2 -o grid >/dev/null
check "an array for each axis of a grid" test "$(doubles grid/beta.npy) / $(doubles grid/eta_s.npy)" = \
    "$(awk 'BEGIN { printf "%.17g %.17g %.17g / %.17g %.17g", 0.1, 1, 10, 0.1, 0.3 }')"
check "Sobol: one value of an axis per point" test "$(doubles sobol/p0.npy)" = \
    "$(awk -F '\t' '/^#/ || $1 == "p0" { next } { printf("%s%.17g", (n++ ? " " : ""), $1) }' sobol/table.tsv)"
"$SSLDYN" sweep -q --model modes --axis.t-end list:1,30 --axis.eta 0.1:0.3:3 -o times >/dev/null
check "t_end as an axis: one column of that name" test \
    "$(sed -n '/^[^#]/{p;q;}' times/table.tsv | tr '\t' '\n' | grep -c '^t_end$')" = 1
check "t_end as an axis: its values" test "$(doubles times/t_end.npy)" = "1 30"
check "t_end as an axis: the time reached has another name" test -s times/t_reached.npy

"$SSLDYN" sweep --model modes --axis.eta 0.1:0.3:3 --t-end 1 -o short >/dev/null 2>short.err
check "without an earlier run none is mentioned" sh -c '! grep -q "earlier run\|already" short.err'
check "undecided points: what would decide them" grep -q 'of them undecided: .*--t-end' short.err

"$SSLDYN" basin -q --model parabola --tau 1 --sigma2 0.25 --p0 0.6 --threshold eta --lo 0.01 --hi 0.3 >basin.out
check "threshold: the fold" awk '/^threshold = / { d = $3 - 0.2; if (d * d < 1e-32) good = 1 } END { exit !good }' basin.out
check "threshold: named" grep -q '^threshold_mechanism = fold' basin.out
edge="--model parabola --eta 0.04 --sigma2 0.0009 --tau0 0 --threshold p0 --lo 0.02 --hi 0.2 --scan 16 --derivatives"
"$SSLDYN" basin -q $edge >by.out
check "threshold: its derivative with respect to each knob" awk '/^threshold_derivative_/ { by[substr($1, 22)] = $3 }
    END { exit !(by["eta"] > 1.30806226 && by["eta"] < 1.30806228 && by["beta"] > -0.0101622911 &&
                 by["beta"] < -0.0101622909 && by["sigma2"] > 0.0023133471 && by["sigma2"] < 0.0023133472 &&
                 by["lambda_d"] < -0.05057 && by["alpha_p"]^2 < 1e-24 && !("p0" in by) && !("lambda_s" in by)) }' by.out
"$SSLDYN" basin -q $edge --axis.beta list:0.1,0.4 -o by >/dev/null
check "thresholds over axes: the derivatives of each" awk -F '\t' '/^#/ { next }
    !c { for (i = 1; i <= NF; i++) n[$i] = i; c = n["derivative_eta"]; next }
    { good += $n["beta"] == 0.1 ? ($c - 1.89818626)^2 < 1e-16 : ($c - 1.30806227)^2 < 1e-16 }
    END { exit !(good == 2 && ("derivative_sigma2" in n)) }' by/thresholds.tsv
check "a run without derivatives does not mention them" sh -c '
    "$SSLDYN" basin -q --model parabola --axis.beta list:0.1,0.4 --threshold p0 --lo 0.02 --hi 0.2 --scan 16 -o plain >/dev/null &&
    ! grep -q deriv plain/spec.conf && ! grep -q deriv plain/thresholds.tsv && grep -q "^derivatives = " by/spec.conf'
start="--model modes --p0 0.3 --s0 0.1"
"$SSLDYN" basin -q $start --margins -o margins >margins.out
"$SSLDYN" basin -q $start --threshold eta --lo 0.01 --hi 0.19 --scan 16 >there.out
check "margins: the fold exactly, an edge as its threshold" awk '
    FNR == NR { if ($1 == "threshold") there = $3; next }
    { at[$1] = $3 }
    END { exit !(at["fate"] == "survives" && at["x_sigma2"] == 21 && at["mechanism_sigma2"] == "fold" &&
                 at["mechanism_eta"] == "basin" && (at["there_eta"] / there - 1)^2 < 1e-12 &&
                 at["x_start"] < 1 && at["x_beta"] < 1 && !("x_tau" in at)) }' there.out margins.out
"$SSLDYN" flow --model modes --p0 0.3,0.04 --s0 0.1,0.001 --t-end 5 --margins -o both >/dev/null 2>both.err
check "margins of a flow: a row for each mode, as in basin" awk -F '\t' '
    FNR == 1 { file++ } /^#/ { next } $1 == "mode" { split("", n); for (i = 1; i <= NF; i++) n[$i] = i; next }
    { fate[file, $1] = $n["fate"]; x[file, $1] = $n["x_eta"] }
    END { exit !(fate[2, 1] == 1 && fate[2, 2] == 0 && x[1, 1] == x[2, 1] && x[2, 2] < 1) }' \
    margins/margins.tsv both/margins.tsv
check "margins of a flow: in the report" sh -c '
    grep -q "^  mode 1: survives; .*sigma2 x 21 (sigma2 = 5.25, fold)" both.err && grep -q "^  mode 2: collapsed; " both/report.txt'
"$SSLDYN" flow -q --n1 6 --n2 3 --t-end 20 -o network >/dev/null && "$SSLDYN" align -q network --margins -o aligned >/dev/null
check "margins of a network: of align" sh -c '
    grep -q "x_sigma2" aligned/margins.tsv && grep -q "smallest single change in margins.tsv" aligned/verdict.txt'
"$SSLDYN" flow -q --n1 6 --n2 3 --t-end 2 --loss cosine -o cosine >/dev/null && "$SSLDYN" align -q cosine --margins -o nofold >/dev/null 2>none.err
check "margins of a network without a fold: none, and why" sh -c '
    test ! -e nofold/margins.tsv && grep -q "no margins.tsv: margins need a trained predictor" none.err'
"$SSLDYN" basin -q --model modes --no-ema --eta 0.1 -o edge >/dev/null
"$SSLDYN" basin -q --model modes --threshold sigma2 --eta-p 0.3 --eta-s 0.137 --p0 0.7 --s0 2 --tau0 1 \
    --lo 0.01 --hi 2 --scan 200 >basin.out 2>/dev/null
check "threshold in sigma2 at unequal decays: the fold, to rounding" awk '
    /^threshold = / { d = $3 - (1 / (4 * 0.137) - 1); good = d * d < 1e-30 }
    /^threshold_width = / { good = good && $3 < 1e-14 } END { exit !good }' basin.out
"$SSLDYN" basin -q --model modes --threshold eta-s --eta-p 0.1 --p0 1e6 --s0 1e12 --tau0 1 --lo 0.01 \
    --hi 0.3 --scan 65 >basin.out 2>basin.err
check "threshold: no digits without a narrow bracket" awk '
    /^threshold = / { value = $3 } /^threshold_width = / { width = $3 }
    END { exit !(value == "nan" ? width > 1e-7 : width < 1e-6 * value) }' basin.out
"$SSLDYN" basin -q --model modes --threshold p0 --axis.s0 0.005:0.015:3 --tau 1 --eta 0.1 --lo 0 --hi 2 \
    --scan 100 -o surface >/dev/null
"$SSLDYN" basin -q --model modes --axis.beta 0.1:1:3 --threshold eta --lo 0.21 --hi 0.3 -o none >none.out
check "thresholds over axes: counted, none too" sh -c '
    grep -q "^thresholds = 0$" none.out && grep -q "^points_without_threshold = 3$" none.out'
check "thresholds.tsv: a width for each" awk -F '\t' '/^#/ { next } !c { for (i = 1; i <= NF; i++) n[$i] = i; c = n["width"]; next }
    { rows++; bad += !($c <= 1e-11 && $n["low"] <= $n["threshold"] && $n["threshold"] <= $n["high"]) }
    END { exit !(rows >= 3 && bad == 0) }' surface/thresholds.tsv
check "separatrix: a curve" test "$(grep -vc '^#' edge/separatrix.tsv)" -gt 100

finish
