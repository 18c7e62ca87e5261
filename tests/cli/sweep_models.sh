#!/bin/sh
# Sweeps whose points are flows or SGD runs: axes of every kind, the same bytes for any number of threads
# and after six kills, changed input files, single points, collapse over random starts; and a
# large sweep in little memory.
# shellcheck disable=SC2016
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/kill.inc
. "$(dirname "$0")/../kill.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/files.inc
. "$here/files.inc"
make_files "$scratch"
cd "$scratch" || exit 1

# cell FILE ROW COLUMN: rows from 1, below the header
cell() {
    awk -F '\t' -v row="$2" -v name="$3" '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        ++n == row { print $c }' "$1"
}
rows() { grep -vc '^#' "$1"; }
# wait_for FILE BYTES: until the file is larger
wait_for() {
    tries=0
    while [ "$(cat "$1" 2>/dev/null | wc -c)" -le "$2" ] && [ $tries -lt 300 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
}

cat >population.conf <<'END'
n1 = 6
n2 = 5
t_end = 150
samples = 60
axis.eta = 0.02:0.24:6
axis.init_wa = list:zero,copy,random
axis.seed = 0:3:4
average = seed
END
cat >sgd.conf <<'END'
process = sgd
n1 = 6
n2 = 5
t_end = 30
lr = 0.02
samples = 15
axis.eta = list:0.05,0.25
axis.batch = list:16,64,inf
axis.symmetric = list:true,false
axis.seed = 0:4:5
END
for model in population sgd; do
    "$SSLDYN" sweep $model.conf -q --threads 1 -o $model >$model.out
    check "$model: one row per point" test "$(rows $model/table.tsv)" = "$([ $model = sgd ] && echo 61 || echo 73)"
    for threads in 2 7; do
        "$SSLDYN" sweep $model.conf -q --threads $threads -o $model$threads >$model$threads.out
        check "$model, $threads threads: same bytes" same $model $model$threads
        check "$model, $threads threads: same words" diff $model.out $model$threads.out
    done
    killed_sweep $model-killed "$SSLDYN" sweep $model.conf -q --threads 2
    check "$model, killed $kills times: same bytes" same $model $model-killed
    check "$model, killed $kills times: same words" diff $model.out $model-killed.out
    "$SSLDYN" sweep $model/spec.conf -q -o $model-again >/dev/null
    check "$model: spec.conf repeats it" same $model $model-again
done
check "every fate is decided" test "$(sed -n 's/^undecided = //p' population.out sgd.out | tr '\n' ' ')" = "0 0 "
check "words are in the table" grep -q '	random	' population/table.tsv

# beyond the fold at .2 every start collapses, far below it none; an interval contains its share
check "shares: one row for each point of the other axes" test "$(rows population/collapse.tsv)" = 19
check "shares: certain at both ends" \
    test "$(cell population/collapse.tsv 1 probability) $(cell population/collapse.tsv 18 probability)" = "0 1"
check "shares: the interval contains them" awk -F '\t' '/^#/ || $1 == "eta" { next } { n++ }
    $7 > $6 + 1e-15 || $8 < $6 - 1e-15 || $5 > $4 { exit 1 } END { exit n != 18 }' population/collapse.tsv
check "shares: counted from the table" test \
    "$(awk -F '\t' '/^#/ || $1 == "eta" { next } { n += $4 == 0 } END { print n }' population/table.tsv)" = \
    "$(awk -F '\t' '/^#/ || $1 == "eta" { next } { n += $5 } END { print n }' population/collapse.tsv)"

# the averaged axes vary fastest: the first group is the first rows of the table
check "shares: the mean of each column" sh -c '
    starts=$1; want=$2; got=$3
    awk -v s="$want" -v n="$starts" -v g="$got" "BEGIN { d = s / n - g; exit !(n > 1 && d * d < 1e-20) }"' - \
    "$(cell population/collapse.tsv 1 starts)" \
    "$(n=$(cell population/collapse.tsv 1 starts); i=0; total=0; while [ "$i" -lt "$n" ]; do i=$((i + 1))
        total=$(awk -v a="$total" -v b="$(cell population/table.tsv $i s_end)" 'BEGIN { printf "%.17g", a + b }'); done
        echo "$total")" "$(cell population/collapse.tsv 1 mean_s_end)"
# t_end is too early for the start in the middle: its fate widens the interval at both ends
"$SSLDYN" sweep -q --model modes --axis.p0 list:0.001,0.12,0.6 --axis.eta list:0.1 --s0 0.02 --t-end 0.5 --average eta \
    -o open >/dev/null 2>&1
check "shares: an undecided start can go either way" awk -F '\t' '/^#/ || $1 == "p0" { next }
    $3 == 0 { open++; bad += !($6 == 0 && $7 == 1) } END { exit !(open > 0 && bad == 0) }' open/collapse.tsv

# a single point gives the numbers of its row
for model in population sgd; do
    "$SSLDYN" sweep $model.conf -q --point 21 -o $model >/dev/null 2>&1
    last=$(tail -n 1 $model/point-21/trace.tsv | cut -f1)
    check "$model, point 21: its end" test "$last" = "$(cell $model/table.tsv 22 t_end)"
    s=$(awk -F '\t' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == "s_1") c = i; next }
        { v = $c } END { print v }' $model/point-21/trace.tsv)
    check "$model, point 21: the same s to the last bit" test "$s" = "$(cell $model/table.tsv 22 s_end)"
done
check "a point of an SGD sweep is a run of sgd" grep -q '^command = sgd' sgd/point-21/spec.conf

# other models, other options
"$SSLDYN" sweep -q --model reduced --n1 4 --n2 4 --t-end 400 --axis.tau list:0.5,1 \
    --axis.symmetric list:true,false --eta 0.07 -o reduced >/dev/null
check "reduced: the fold of tau decides" \
    test "$(for i in 1 2 3 4; do cell reduced/table.tsv $i fate; done | tr '\n' ' ')" = "0 0 1 1 "
"$SSLDYN" sweep -q --model modes --p0 0.02,0.5 --s0 0.0004,0.25 --tau 1 --axis.eta list:0.1,0.3 --columns rank,fate -o several >/dev/null
check "several modes: how many survive" \
    test "$(cell several/table.tsv 1 rank) $(cell several/table.tsv 2 rank)" = "1 0"
"$SSLDYN" sweep -q --model lowdim --no-predictor --tau 2 --axis.lambda-s list:1.5,2.5 -o bare >/dev/null
check "no predictor: the linear system decides" \
    test "$(cell bare/table.tsv 1 fate) $(cell bare/table.tsv 2 fate)" = "1 0"
"$SSLDYN" sweep -q --model modes --axis.rtol list:1e-5,1e-12 --columns fate,p_end -o accuracy >/dev/null
check "an option of the integrator" \
    test "$(cell accuracy/table.tsv 1 p_end)" != "$(cell accuracy/table.tsv 2 p_end)"

# the content of input files is part of the configuration
on_files() {
    "$SSLDYN" sweep -q --x data.npy --xprime xprime.npy --n2 2 --t-end 400 --axis.eta 0.01:0.4:40 \
        --axis.seed 0:9:10 -o files "$@"
}
cp x.npy data.npy
on_files --threads 1 >files.out 2>&1 &
pid=$!
wait_for files/journal 100
# shellcheck disable=SC2046 # words
kill -KILL $(descendants $pid) 2>/dev/null
wait $pid 2>/dev/null
if [ -f files/journal ]; then
    cp xprime.npy data.npy
    on_files >/dev/null 2>files.err
    check "a changed file is a changed configuration" test $? = 2
    check "a changed file: the message says why" grep -q 'another configuration' files.err
    cp x.npy data.npy
    on_files >/dev/null
    check "with the original file it resumes" test "$(rows files/table.tsv)" = 401
    eta_c=$("$SSLDYN" theory --x x.npy --xprime xprime.npy --eta 0.01 | sed -n 's/^eta_c = //p')
    check "the margin is that of the data" \
        awk "BEGIN { d = $eta_c - 0.01 - $(cell files/table.tsv 1 margin); exit !(d * d < 1e-24) }"
    check "beyond the data's threshold nothing survives" awk -F '\t' '/^#/ { next }
        !c { for (i = 1; i <= NF; i++) { if ($i == "margin") c = i; if ($i == "fate") f = i } next }
        $c < 0 { n++ } $c < 0 && $f != 0 { exit 1 } END { exit n < 1 }' files/table.tsv
else
    skip "the sweep was done before it could be killed"
fi

# the points share the input files: sizes, content and fingerprint take one read each
if strace -f -qq -o /dev/null -e trace=openat true >/dev/null 2>&1; then
    strace -f -qq -o opened -e trace=openat env ASAN_OPTIONS=detect_leaks=0 "$SSLDYN" sweep -q --x x.npy \
        --xprime xprime.npy --n2 2 --t-end 1 --axis.eta 0.01:0.4:20 --columns fate,margin -o shared >/dev/null
    check "20 points open X three times at most" awk '/"x.npy"/ { n++ } END { exit !(n >= 1 && n <= 3) }' opened
else
    skip "no strace that counts what is opened"
fi

# a sweep's spec.conf repeats it, also if n1, n2 and the size of the start come from the data or from an axis
repeats() {
    rm -rf first second
    what=$1
    shift
    "$SSLDYN" sweep -q "$@" -o first >/dev/null && "$SSLDYN" sweep -q first/spec.conf -o second >/dev/null
    check "spec.conf repeats the sweep: $what" same first second
    check "the same settings replace nothing: $what" sh -c '! "$1" sweep first/spec.conf -o first 2>&1 | grep replaces' - "$SSLDYN"
}
repeats "drawn vectors" --process sgd --data x.npy --lr 0.05 --steps 20 --batch 4 --axis.seed list:1,2
check "the size of the vectors is in spec.conf" grep -qx 'n1 = 2' first/spec.conf
repeats "vectors, and noise that an axis gives" --process sgd --data x.npy --lr 0.05 --steps 20 --axis.sigma2 0.1:1:2
repeats "vectors that an axis names" --process sgd --axis.data list:x.npy,xprime.npy --n2 3 --lr 0.05 --steps 20
check "no size that differs between points" sh -c '! grep -q "^n1\|^init_scale" first/spec.conf'
repeats "an axis of n1" --model population --n2 3 --axis.n1 list:4,9 --t-end 1

# nothing is written if the corners of the axes cannot be run
"$SSLDYN" sweep -q --process sgd --lr 0.1 --axis.beta list:0.1,100 -o never >/dev/null 2>never.err
check "a corner that cannot be run: exit 2" test $? = 2
check "a corner that cannot be run: nothing written" test ! -e never

# a second process does not interfere with a running sweep
"$SSLDYN" sweep population.conf -q --threads 1 --t-end 20000 -o busy >/dev/null 2>&1 &
pid=$!
wait_for busy/journal 0
"$SSLDYN" sweep population.conf -q --threads 1 --t-end 20000 -o busy >/dev/null 2>busy.err
status=$?
if kill -KILL $pid 2>/dev/null; then
    check "a second process: exit 2" test $status = 2
    check "a second process: the message says why" grep -q 'another process' busy.err
else
    skip "the first process was done before the second came"
fi
wait $pid 2>/dev/null

# Ctrl-C between and within points
"$SSLDYN" sweep population.conf -q --threads 2 -o interrupted >/dev/null 2>interrupted.err &
pid=$!
wait_for interrupted/journal 0
kill -INT $pid 2>/dev/null
wait $pid
status=$?
if [ $status != 0 ]; then
    check "Ctrl-C: status 130" test $status = 130
    check "Ctrl-C: the number of completed points" \
        grep -q 'stopped after [0-9]* of 72 points; rerun the same command to resume' interrupted.err
fi
"$SSLDYN" sweep population.conf -q -o interrupted >/dev/null
rm -rf population/point-21
check "Ctrl-C and resumed: same bytes" same population interrupted

# A start at which the loss has no gradient is a point without a fate, and the others are computed.
"$SSLDYN" sweep -q --loss cosine --model lowdim --wp0 0.5,0.3 --wa0 0.1 --axis.w0 0:1:3 --t-end 2 --columns fate -o nowhere >/dev/null
result $? "a sweep over starts of the cosine that includes 0"
[ "$(grep -v '^#' nowhere/table.tsv | tr '\t\n' '  ')" = "w0 fate 0 3 0.5 1 1 1 " ]
result $? "whose point is undecided" "$(cat nowhere/table.tsv)"

# Memory does not grow with the points: 16 million of them take less than 32 MB more than a thousand,
# measured by the peak that -v reports. One column of numbers would take 128 MB.
if ! "$SSLDYN" --version | grep -q sanitize; then
    large="sweep -v --model modes --columns fate --early-stop --threads 1 --axis.eta 0:0.3:40"
    # shellcheck disable=SC2086 # words
    peak() {
        "$SSLDYN" $large --axis.beta "$1" -o "$2" 2>&1 >/dev/null | sed -n 's/.* at most \([0-9.e+]*\) MB of memory$/\1/p'
    }
    least=$(peak 0.05:2:25 thousand)
    most=$(peak 0.05:2:400000 millions)
    echo "# $least MB, then $most MB"
    check "16 million points within 32 MB more than a thousand" sh -c 'test "$(wc -c <millions/fate.npy)" = 16000256 &&
        awk -v least="$1" -v most="$2" "BEGIN { exit !(least > 1 && most > 1 && most < least + 32) }"' - "$least" "$most"
    rm -rf millions
else
    skip "the sanitizers use additional memory"
fi
finish
