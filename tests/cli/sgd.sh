#!/bin/sh
# ssldyn sgd and ssldyn compare on the command line: files, repetition, ensembles and their members,
# threads, data sets, divergence, Ctrl-C, bounded memory, every refusal.
# SPDX-License-Identifier: MIT
set -u
SSLDYN=${SSLDYN:-./ssldyn}
SSLDYN=$(cd "$(dirname "$SSLDYN")" && pwd)/$(basename "$SSLDYN")
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
number=0
failures=0

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        failures=$((failures + 1))
        echo "not ok $number - $2"
        [ ! -s stderr ] || sed 's/^/# /' stderr
    fi
}

# refused PATTERN ARGUMENTS...: exit 2, one line on stderr that matches, nothing on stdout or on disk
refused() {
    pattern=$1
    shift
    rm -rf never
    "$SSLDYN" "$@" >stdout 2>stderr
    status=$?
    [ "$status" = 2 ] && [ "$(wc -l <stderr)" -eq 1 ] && [ ! -s stdout ] && [ ! -e never ] &&
        grep -q -e "$pattern" stderr
    result $? "refused: $*"
}

# cell RUN NAME ROW: one number of a trace, rows from 1, "last" for the last one
cell() {
    awk -F '\t' -v name="$2" -v row="$3" '
        /^#/ { next }
        !found { for (i = 1; i <= NF; i++) if ($i == name) found = i; next }
        ++n == row || row == "last" { value = $found }
        END { print value }' "$1/trace.tsv"
}

rows() {
    awk '!/^#/' "$1/trace.tsv" | tail -n +2 | wc -l
}

# near A B RELATIVE
near() {
    awk -v a="$1" -v b="$2" -v r="$3" 'BEGIN { exit !(a != "" && b != "" && (a - b) ^ 2 <= (r * b) ^ 2) }'
}

# ---------------------------------------------------------------- one run
common="--n1 12 --n2 6 --t-end 10 --samples 20 --seed 5"
# shellcheck disable=SC2086
"$SSLDYN" sgd $common --lr 0.02 --batch 64 -o run 2>stderr
result $? "a run succeeds"
test -s run/spec.conf && test -s run/t.npy && test -s run/Wp.npy && test -s run/W.npy &&
    test -s run/Wa.npy && test -s run/F.npy && [ "$(rows run)" = 21 ] && [ ! -e run/trace.tsv.tmp ]
result $? "it writes the files of a flow, and 21 rows"
near "$(cell run t last)" 10 1e-12 && [ "$(cell run step last)" = 500 ]
result $? "flow time is lr times step"
"$SSLDYN" sgd run/spec.conf -q -o again 2>stderr && cmp run/trace.tsv again/trace.tsv &&
    cmp run/W.npy again/W.npy && cmp run/spec.conf again/spec.conf && cmp run/report.txt again/report.txt
result $? "its spec.conf repeats it byte for byte"
# shellcheck disable=SC2086
"$SSLDYN" flow $common -q -o flow >/dev/null 2>stderr
near "$(cell flow s_1 1)" "$(cell run s_1 1)" 0 && near "$(cell run s_1 last)" "$(cell flow s_1 last)" 0.1
result $? "it starts where the flow starts and stays near it"
# shellcheck disable=SC2086
"$SSLDYN" sgd $common --lr 0.01 --momentum 0.5 --batch inf -q -o heavy 2>stderr &&
    [ "$(cell heavy step last)" = 500 ] && near "$(cell heavy s_1 last)" "$(cell flow s_1 last)" 0.02
result $? "momentum rescales time"
# shellcheck disable=SC2086
"$SSLDYN" sgd $common --lr 0.02 --precision float -q -o float 2>stderr &&
    near "$(cell float s_1 last)" "$(cell flow s_1 last)" 0.1
result $? "single precision runs"
"$SSLDYN" sgd --n1 6 --n2 4 --lr 0.05 --steps 40 --warmup 5 --schedule-lr cosine --schedule-ema cosine \
    --schedule-decay linear --end-decay 0.5 --samples 40 -q -o scheduled 2>stderr &&
    [ "$(cell scheduled step last)" = 40 ] && near "$(cell scheduled t 2)" 0.01 1e-12
result $? "schedules run, and time follows lr"
for rule in directpred directset optimal; do
    "$SSLDYN" sgd --n1 6 --n2 4 --lr 0.02 --t-end 5 --predictor $rule --rho 0.3 --freq 5 --epsilon 0.1 \
        -q -o "set-$rule" 2>stderr
    result $? "predictor $rule runs"
done
"$SSLDYN" sgd --n1 6 --n2 4 --no-ema --no-stop-grad --symmetrize-loss --t-end 2 -q -o collapse 2>stderr
result $? "no stop-gradient, symmetrized loss"
"$SSLDYN" sgd --n1 5 --n2 5 --t-end 0 -q -o nothing 2>stderr && [ "$(rows nothing)" = 1 ]
result $? "t_end = 0 gives one row"

# ---------------------------------------------------------------- ensembles
# shellcheck disable=SC2086
"$SSLDYN" sgd $common --lr 0.05 --batch 16 --ensemble 5 --threads 1 -q -o band1 2>stderr &&
    "$SSLDYN" sgd $common --lr 0.05 --batch 16 --ensemble 5 --threads 3 -q -o band3 2>stderr &&
    cmp band1/trace.tsv band3/trace.tsv && cmp band1/std/trace.tsv band3/std/trace.tsv &&
    cmp band1/q95/trace.tsv band3/q95/trace.tsv
result $? "an ensemble is the same on one thread and on three"
sum=0
for i in 0 1 2 3 4; do
    "$SSLDYN" sgd band1/spec.conf --member $i -q -o member$i 2>>stderr
    sum=$(awk -v s="$sum" -v x="$(cell member$i s_1 last)" 'BEGIN { printf "%.17g", s + x }')
done
near "$(awk -v s="$sum" 'BEGIN { printf "%.17g", s / 5 }')" "$(cell band1 s_1 last)" 1e-13
result $? "its mean is that of its members, run separately"
[ "$(cell member0 s_1 1)" = "$(cell member1 s_1 1)" ] &&
    [ "$(cell member0 s_1 last)" != "$(cell member1 s_1 last)" ]
result $? "members have the same start and different batches"
# shellcheck disable=SC2086
"$SSLDYN" sgd $common --ensemble 3 --vary all -q -o varied 2>stderr &&
    [ "$(cell varied/std s_1 1)" != 0 ]
result $? "with --vary all the starts differ as well"

# ---------------------------------------------------------------- the cosine
for precision in double float; do
    # shellcheck disable=SC2086
    "$SSLDYN" sgd $common --loss cosine --lr 0.02 --batch 64 --precision $precision --strict -q -o cosine_$precision 2>stderr
    result $? "the cosine's steps keep their norms in $precision precision"
done
# What a run measures: the balance of noise and decay, each mode's fold, both ranks; nothing of an ensemble.
"$SSLDYN" sgd --n1 16 --n2 12 --loss cosine --no-ema --lr 0.05 --eta 0.05 --batch 64 --t-end 200 --samples 4 -o balance >values 2>stderr
near "$(sed -n 's/^norm2_w = //p' values)" "$(sed -n 's/^norm2_w_balance = //p' values)" 0.02 &&
    [ "$(grep -c '^lr_eta_fold_[0-9]* = ' values)" = 16 ] && grep -q '^rank_predicted = 12$' values &&
    [ "$(sed -n 's/^rank_at_end = //p' values)" = "$(awk -F'\t' '/^#/ { next } !h { h = 1; for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (j = 1; j <= 12; j++) s[j] = $(at["s_" j]); top = s[1] > top ? s[1] : top }
        END { for (j = 1; j <= 12; j++) n += s[j] > 1e-6 * top; print n }' balance/trace.tsv)" ] &&
    grep -q 'kappa_w = ' balance/report.txt && ! grep -q 'too short' balance/report.txt
result $? "a run under the cosine measures the growth of its norms, and the folds"
"$SSLDYN" sgd balance/spec.conf --t-end 10 -q -o brief >values 2>stderr && grep -q 'too short for this balance' brief/report.txt
result $? "a run that is shorter than its memory says so"
"$SSLDYN" sgd balance/spec.conf --t-end 2 --ensemble 3 -q -o no_balance >values 2>stderr && [ ! -s values ]
result $? "an ensemble does not claim any of this"
grep -q '^loss = cosine$' cosine_double/spec.conf && "$SSLDYN" sgd cosine_double/spec.conf -q -o cosine_again 2>stderr &&
    cmp cosine_double/trace.tsv cosine_again/trace.tsv && cmp cosine_double/report.txt cosine_again/report.txt
result $? "spec.conf names the loss and repeats the run"
# The two draw other numbers: each deviates by sqrt(lr/batch) = 1.8 %; 0.1 is five times that.
near "$(cell cosine_float s_1 last)" "$(cell cosine_double s_1 last)" 0.1
result $? "single precision runs on the cosine"
# shellcheck disable=SC2086
"$SSLDYN" flow $common --loss cosine -q -o cosine_flow >/dev/null 2>stderr &&
    "$SSLDYN" sgd $common --loss cosine --lr 0.002 --batch inf -q -o cosine_map 2>stderr &&
    near "$(cell cosine_map s_1 last)" "$(cell cosine_flow s_1 last)" 0.002 &&
    near "$(cell cosine_map loss last)" "$(cell cosine_flow loss last)" 0.002 # the step size
result $? "small steps of an infinite batch are near the flow"
# shellcheck disable=SC2086
"$SSLDYN" sgd $common --loss cosine --lr 0.05 --batch 16 --ensemble 5 --threads 1 -q -o cosine1 2>stderr &&
    "$SSLDYN" sgd $common --loss cosine --lr 0.05 --batch 16 --ensemble 5 --threads 3 -q -o cosine3 2>stderr &&
    cmp cosine1/trace.tsv cosine3/trace.tsv && cmp cosine1/q95/trace.tsv cosine3/q95/trace.tsv &&
    cmp cosine1/report.txt cosine3/report.txt && grep -q 'at every step: largest drift' cosine1/report.txt
result $? "an ensemble under the cosine is the same on one thread and on three"

# ---------------------------------------------------------------- compare
"$SSLDYN" compare run again >values 2>stderr && grep -q '^verdict = identical' values
result $? "equal runs are called identical"
"$SSLDYN" compare flow band1 -o gap >values 2>stderr && grep -q '^members = 5$' values &&
    grep -q '^modes_s.z_rms = ' values && grep -q '^verdict = .*band$' values && test -s gap/trace.tsv
result $? "a flow compared with an ensemble: z-scores and a verdict on the band"
# On the rows of the coarser run: all of them are rows of the flow, so that nothing is interpolated.
"$SSLDYN" flow flow/spec.conf --samples 80 -q -o fine >/dev/null 2>stderr
"$SSLDYN" compare fine flow >values 2>>stderr && grep -q '^rows = 21$' values
result $? "runs with different rows are compared on the coarser ones"
cat >ladder.conf <<'END'
n1 = 8
n2 = 4
lr = 0.02
t_end = 8
samples = 16
batch = 64
END
"$SSLDYN" compare --ladder ladder.conf -q -o ladder >values 2>stderr
result $? "a ladder runs"
for rung in sgd map m1 m2 m2_symmetric m3 m4; do test -s "ladder/$rung/trace.tsv" || echo "$rung"; done >missing
[ ! -s missing ] && grep -q '^m4.s_mean = ' values && test -s ladder/ladder.tsv
result $? "it has all seven rungs"
for rung in map m1 m2 m2_symmetric m3 m4; do
    awk -F'\t' '/^#/ { next } !h { h = 1; for (i = 1; i <= NF; i++) if ($i == "t") c = i } { print $c }' \
        "ladder/$rung/trace.tsv" >"times-$rung"
done
for rung in m1 m2 m2_symmetric m3 m4; do cmp -s times-map "times-$rung" || echo "$rung"; done >missing
[ ! -s missing ]
result $? "the flows have rows at the very times of the steps"
# With the rates of all schedules in the flow, the map differs by the error of Euler's method, of
# first order: half the lr on twice the steps halves it, within the 10 % allowed for the next order.
for lr in 0.02 0.01; do
    cat >scheduled.conf <<END
n1 = 8
n2 = 4
init_wa = copy
samples = 37
batch = inf
lr = $lr
steps = $(awk -v lr=$lr 'BEGIN { printf "%d", 10 / lr }')
warmup = $(awk -v lr=$lr 'BEGIN { printf "%d", 1 / lr }')
schedule_lr = cosine
end_lr = 0.1
schedule_ema = cosine
schedule_decay = linear
end_decay = 3
END
    "$SSLDYN" compare --ladder scheduled.conf -q -o scheduled 2>>stderr | sed -n 's/^m1.[sp]_largest = //p'
done | tr '\n' ' ' >gaps
awk '{ exit !(NF == 4 && $1 > 0 && $1 < 0.02 && $1 / $3 > 1.8 && $1 / $3 < 2.2 && $2 / $4 > 1.8 && $2 / $4 < 2.2) }' gaps
result $? "a ladder with schedules: the flow follows them, to first order in lr" "$(cat gaps)"
# With the correlation of one view, isotropic data give F c = 1.25 times as large: a network sqrt(c)
# times as small has the same predictor, and eigenvalues c times as small, at all times.
trace() { awk -F'\t' '/^#/ { next } !h { h = 1; for (i = 1; i <= NF; i++) { if ($i == "p_1") p = i; if ($i == "s_1") s = i }; next }
    { print $p, $s }' "$1/trace.tsv"; }
alike() { # alike SMALL LARGE: p equal, s c times as large, to the integrator's error
    trace "$1" >small
    trace "$2" >large
    paste -d' ' small large | awk 'function off(a, b) { return (a - b) ^ 2 > (1e-6 * b) ^ 2 }
        off($1, $3) || off(1.25 * $2, $4) { bad = 1 } END { exit bad || NR < 10 }'
}
for rule in "directpred --epsilon 0.02" "directset --set-power 0.8" "directpred --normalize largest"; do
    # shellcheck disable=SC2086
    "$SSLDYN" flow --model modes --predictor $rule --correlation same-view --s0 0.3,0.1 --tau0 1 --t-end 20 -q -o one-view &&
        "$SSLDYN" flow --model modes --predictor $rule --s0 0.375,0.125 --tau0 1 --t-end 20 -q -o two-views && alike one-view two-views
    result $? "modes: $rule from the correlation of one view"
    # shellcheck disable=SC2086
    "$SSLDYN" flow --n1 6 --n2 3 --predictor $rule --correlation same-view --init-scale 0.4 --t-end 20 -q -o one-view >/dev/null &&
        "$SSLDYN" flow --n1 6 --n2 3 --predictor $rule --init-scale 0.44721359549995794 --t-end 20 -q -o two-views >/dev/null &&
        alike one-view two-views
    result $? "matrices: $rule from the correlation of one view"
done
# DirectPred without epsilon: the edge of the basin at tau = 1 is c s = p_minus^2, on either side certain.
p_minus=$("$SSLDYN" theory --eta 0.04 --sigma2 0.25 | sed -n 's/^p_minus = //p')
for side in '0.999 collapsed' '1.001 survives'; do
    s0=$(awk -v p="$p_minus" -v f="${side% *}" 'BEGIN { printf "%.17g", f * p * p / 1.25 }')
    "$SSLDYN" flow --model modes --predictor directpred --correlation same-view --tau 1 --s0 "$s0" --t-end 400 -o edge 2>stderr &&
        grep -q "mode 1: ${side#* }, certain" edge/report.txt
    result $? "the basin's edge with the correlation of one view: ${side#* }"
done
# SGD follows the same correlation as the flow: half the lr halves the error of the map; that of the
# batches, 1.1 % of p from the first one alone (sqrt(2/4096)/2), is below the 12 % between correlations.
for lr in 0.02 0.01; do
    printf 'n1 = 8\nn2 = 4\nt_end = 10\nsamples = 20\nlr = %s\npredictor = directpred\ncorrelation = same-view\nbatch = 4096\n' \
        $lr >direct.conf
    "$SSLDYN" compare --ladder direct.conf -q -o direct 2>stderr | sed -n 's/^\(map\|m1\).p_largest = //p'
done | tr '\n' ' ' >gaps
awk '{ exit !(NF == 4 && $1 < 0.033 && $3 < 0.033 && $2 < 0.02 && $2 / $4 > 1.7 && $2 / $4 < 2.3) }' gaps
result $? "sgd with the correlation of one view converges to the flow's" "$(cat gaps)"
refused "applies only with --predictor directpred or directset" sgd --correlation same-view
printf 'no_stop_grad = true\nno_ema = true\nlr = 0.02\nt_end = 1\n' >short.conf
"$SSLDYN" compare --ladder short.conf -o short >values 2>stderr && grep -q 'ends here: .*stop-gradient' stderr &&
    [ ! -e short/m2 ]
result $? "a ladder ends where its assumptions cannot be imposed, with a message"
# Under the cosine: SGD, map, M1, aligned modes and their closures, each without the part of the norm.
printf 'n1 = 8\nn2 = 4\nlr = 0.02\nt_end = 4\nsamples = 8\nbatch = 64\nloss = cosine\n' >coupled.conf
"$SSLDYN" compare --ladder coupled.conf -q -o coupled >values 2>stderr
result $? "a ladder under the cosine"
for rung in sgd map m1 aligned next leading; do test -s "coupled/$rung/trace.tsv" || echo "$rung"; done >missing
[ ! -s missing ] && [ ! -e coupled/m2 ] && grep -q '^leading.share_end = ' values &&
    [ "$(awk -F '\t' '!/^#/ { print NF }' coupled/ladder.tsv | sort -u)" = 12 ] &&
    grep -q '^closure = leading$' coupled/leading/spec.conf && grep -q '^closure = none$' coupled/aligned/spec.conf
result $? "it has six rungs, and shares" "$(cat missing)"
"$SSLDYN" flow coupled/next/spec.conf -q -o next_again >/dev/null 2>stderr &&
    near "$(cell next_again p_1 last)" "$(cell coupled/next p_1 last)" 1e-6
result $? "a rung's spec.conf is its flow"
sed 's/loss = cosine/loss = iso-l2/' coupled.conf >iso.conf
"$SSLDYN" compare --ladder iso.conf -q -o iso >values 2>stderr && [ -s iso/aligned/trace.tsv ] && [ ! -e iso/next ] &&
    ! grep -q share values
result $? "IsoLoss of the squared distance has aligned modes and no closures"
refused "is one run; name two or more" compare run
"$SSLDYN" compare run flow band1 >values 2>stderr && [ "$(grep -c '^\(run\|flow\|band1\)	\(sgd\|flow\)	' values)" = 3 ]
result $? "an ensemble and two runs in one table" "$(cat stderr)"
refused "nowhere: no such directory" compare run nowhere
refused "cannot be read" compare --ladder nowhere.conf -o never
mkdir empty
printf '# ssldyn trace 1\nt\tother\n0\t1\n' >empty/trace.tsv
refused "no column in common" compare run empty
printf '# ssldyn trace 1\nt\tloss\n100\t1\n' >empty/trace.tsv
refused "no time in common" compare run empty
printf '# ssldyn trace 1\nt\tloss\n1\t1\n0\t1\n' >empty/trace.tsv
refused "does not increase" compare run empty

# ---------------------------------------------------------------- data sets
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate
done
if [ -n "$python" ]; then
    "$python" -c '
import numpy as np
r = np.random.default_rng(1)
np.save("data.npy", r.uniform(-1, 1, (500, 5)) @ r.normal(size=(5, 5)))
np.save("noise.npy", 0.2 * np.eye(5) + 0.05)
np.save("flat.npy", np.ones(7))
np.save("transposed.npy", r.normal(size=(3, 5)))'
    "$SSLDYN" sgd --data data.npy --n2 4 --lr 0.02 --t-end 5 -q -o from-data 2>stderr &&
        "$SSLDYN" sgd --data data.npy --xprime noise.npy --precision float --t-end 2 -q -o from-noisy 2>stderr
    result $? "data from a file, with isotropic noise and with a covariance"
    "$SSLDYN" sgd --data transposed.npy --n2 2 --lr 0.02 --t-end 1 -o from-transposed 2>stderr &&
        grep -q '3 vectors of 5 numbers: X is singular.*save its transpose' stderr
    result $? "fewer vectors than numbers are remarked upon"
    refused "must hold N x n1" sgd --data flat.npy -o never
    refused "does not fit" sgd --data data.npy --n1 6 -o never
    refused "supports Gaussian data only" sgd --data data.npy --sampler wishart -o never
    refused "nothing is sampled" sgd --data data.npy --batch inf -o never
    refused "for images give --augmentation" sgd --data flat.npy -o never
else
    result 0 "# SKIP no NumPy to write a data set with"
fi

# ---------------------------------------------------------------- images
# 60 images in CIFAR-10's format, each with a different shade in the halves of each channel.
awk 'BEGIN {
    srand(1)
    for (i = 0; i < 60; i++) {
        printf "%c", 1
        for (half = 0; half < 6; half++) {
            shade = 1 + 80 * rand()
            for (j = 0; j < 512; j++) printf "%c", int(shade + 40 * rand())
        }
    } }' >images.bin
views="--augmentation weak --pool 2 --pairs 600"
# shellcheck disable=SC2086
"$SSLDYN" moments images.bin $views --seed 4 -q -o estimate >/dev/null 2>stderr &&
    "$SSLDYN" sgd --data images.bin $views --seed 4 --n2 5 --lr 0.02 --batch 20 --t-end 1 -q -o views 2>>stderr
result $? "SGD on images runs"
mkdir foreign && : >foreign/mine
timeout 20 "$SSLDYN" sgd --data images.bin --augmentation weak --pool 2 --pairs 1000000000 --n2 5 -q -o foreign 2>stderr
[ $? = 2 ] && grep -q '^ssldyn sgd: -o foreign: ' stderr
result $? "a directory that cannot be used is refused before X and X' are estimated"
near "$(cell views t last)" 1 1e-12 && grep -q '^n1 = 12$' views/spec.conf && grep -q '^gain = 0.4' views/spec.conf &&
    grep -q '^crop_pad = 4$' views/spec.conf && ! grep -q sigma2 views/spec.conf
result $? "their size and the settings of the views are in spec.conf"
"$SSLDYN" sgd views/spec.conf --threads 2 -q -o views2 2>stderr && cmp views/trace.tsv views2/trace.tsv &&
    cmp views/spec.conf views2/spec.conf
result $? "which repeats the run byte for byte"
"$SSLDYN" sgd --moments estimate --seed 4 --n2 5 --lr 0.02 --batch 20 --t-end 1 -q -o views3 2>stderr &&
    near "$(cell views3 s_1 last)" "$(cell views s_1 last)" 1e-9 && near "$(cell views3 s_5 last)" "$(cell views s_5 last)" 1e-9 &&
    "$SSLDYN" sgd views3/spec.conf -q -o views4 2>stderr && cmp views3/trace.tsv views4/trace.tsv
result $? "an estimate's directory stands for its images and settings"
grep -q "^X and X' of the images were divided by .* means a weight decay of .* on the unscaled images" views/report.txt &&
    cmp views/data_scale.npy estimate/scale.npy &&
    "$SSLDYN" theory --x views/data_x.npy --xprime views/data_xprime.npy --no-ema >of-run 2>stderr &&
    "$SSLDYN" theory --x estimate/x.npy --xprime estimate/xprime.npy --no-ema >of-estimate 2>stderr &&
    near "$(sed -n 's/^eta_s_unscaled = //p' of-run)" "$(sed -n 's/^eta_s_unscaled = //p' of-estimate)" 1e-12
result $? "SGD on images states the unit of its weight decay, and stores it with X"
"$SSLDYN" sgd --data images.bin $views --scale none --n2 5 --batch 20 --t-end 1 -q -o unscaled 2>stderr &&
    [ ! -e unscaled/data_scale.npy ] && ! grep -q 'were divided' unscaled/report.txt
result $? "and not if the images are not scaled"
test -s views/data_x.npy && test -s views/data_xprime.npy &&
    "$SSLDYN" align views --predict 2 -q -o predicted >/dev/null 2>stderr &&
    "$SSLDYN" sgd --n2 5 --t-end 1 -q -o views4 2>>stderr && [ ! -e views4/data_x.npy ] && [ ! -e views4/data_scale.npy ]
result $? "X and X' of drawn data are kept with the run, and those of an older run are not"
"$SSLDYN" sgd --moments estimate --batch inf --n2 5 --seed 4 --t-end 1 -q -o views-map 2>stderr &&
    "$SSLDYN" sgd --x estimate/x.npy --xprime estimate/xprime.npy --batch inf --n2 5 --seed 4 --t-end 1 -q -o x-map 2>>stderr &&
    cmp views-map/trace.tsv x-map/trace.tsv
result $? "and for its X and X' where the batch is infinite"
"$SSLDYN" sgd --moments estimate --n2 5 --batch 8 --steps 5 --ensemble 3 --threads 2 -q -o crowd 2>stderr &&
    "$SSLDYN" sgd crowd/spec.conf --threads 1 -q -o crowd1 2>stderr && cmp crowd/trace.tsv crowd1/trace.tsv &&
    "$SSLDYN" sgd views/spec.conf --augmentation none --images 50 --precision float --predictor directpred --steps 5 -q -o plain 2>stderr &&
    grep -q '^gain = 0$' plain/spec.conf
result $? "ensembles, single precision, a closed-form predictor and another augmentation on images"
"$SSLDYN" sgd --moments estimate --n2 5 --batch 8 --steps 40 --loss cosine --strict -q -o imagined 2>stderr &&
    "$SSLDYN" sgd --moments estimate --n2 5 --batch 8 --steps 40 --loss iso-cosine --symmetrize-loss -q -o imagined 2>stderr
result $? "the cosine on images"
# The same X and X' from different sources: M1 and the map agree within the step size,
# and SGD within its noise.
for source in "moments = estimate" "data = data.npy"; do
    [ -e data.npy ] || [ "$source" = "moments = estimate" ] || continue
    printf '%s\nn2 = 4\nlr = 0.005\nt_end = 4\nsamples = 20\nbatch = 256\nensemble = 8\n' "$source" >drawn.conf
    "$SSLDYN" compare --ladder drawn.conf -q -o drawn >values 2>stderr && [ ! -e drawn/m2 ] &&
        near "$(cell drawn/m1 s_1 last)" "$(cell drawn/map s_1 last)" 0.03 &&
        near "$(cell drawn/m1 s_1 last)" "$(cell drawn/sgd s_1 last)" 0.15 &&
        test -s drawn/sgd/data_x.npy
    result $? "a ladder on $source"
done
refused "leave out --data" sgd --moments estimate --data images.bin -o never
refused "was not written by ssldyn moments" sgd --moments views -o never
refused "cannot be read" sgd --moments nowhere -o never
refused "X is computed from --moments" sgd --moments estimate --x estimate/x.npy --xprime estimate/xprime.npy -o never
refused "X' is computed from --data" sgd --data images.bin --xprime estimate/xprime.npy -o never
refused "applies to isotropic data only" sgd --data images.bin --sigma2 0.1 -o never
refused "applies only to images given by --data" sgd --pool 4 -o never
refused "applies only to images given by --data" sgd --moments estimate --pool 4 -o never
refused "must divide" sgd --data images.bin --pool 5 -o never
refused "does not fit --data, n1 = 12" sgd --data images.bin --pool 2 --pairs 60 --n1 6 -o never
refused "supports Gaussian data only" sgd --data images.bin --pool 2 --pairs 60 --sampler wishart -o never
cp -r estimate spoilt && cp estimate/mean.npy spoilt/x.npy
refused "does not match the other files in its directory" sgd --moments spoilt -o never

# ---------------------------------------------------------------- failures
"$SSLDYN" sgd --n1 8 --n2 8 --lr 2.4 --no-ema --init-scale 2 -o wild 2>stderr
[ $? = 1 ] && grep -q 'diverged at step [0-9]* .*--lr 2.4 is above the stability limit 2/lambda_max = ' stderr &&
    [ "$(rows wild)" -ge 1 ] && grep -q diverges wild/events.tsv && [ ! -e wild/trace.tsv.tmp ]
result $? "divergence: exit 1, step, lr and limit named, the rows before it kept"
test -s wild/spec.conf && ! grep -q 'nan\|inf' wild/spec.conf
result $? "its spec.conf can be read"
"$SSLDYN" sgd --n1 8 --n2 8 --lr 2.4 --no-ema --init-scale 2 --ensemble 3 -o wilder 2>stderr
[ $? = 1 ] && grep -q 'of member 0 diverged' stderr && [ "$(rows wilder)" -ge 1 ]
result $? "divergence in an ensemble names the member"
# A run that diverges, or whose steps are too long to follow the flow, has no fate of the mean flow.
kicked="--n1 8 --n2 4 --lr 0.3 --batch 4"
# shellcheck disable=SC2086
"$SSLDYN" sgd $kicked --t-end 200 -o kicked 2>stderr
[ $? = 1 ] && grep -q '^diverged at step 161 (t = 48.3)$' stderr && ! grep -q 'survive\|mode 1' stderr kicked/report.txt &&
    grep -q '^diverged at step 161' kicked/report.txt
result $? "a diverged run is reported once, without fates"
# shellcheck disable=SC2086
"$SSLDYN" sgd $kicked --t-end 48 -o kicked 2>stderr && grep -q 'these steps do not follow the flow$' stderr &&
    ! grep -q 'survive\|mode 1' stderr
result $? "no fates where lr is beyond its stability limit"
# shellcheck disable=SC2086
"$SSLDYN" sgd $kicked --t-end 200 --ensemble 6 -o kicked 2>stderr
[ $? = 1 ] && grep -q '^5 of 6 runs diverged; the rows that all of them reached are kept$' stderr
result $? "an ensemble counts the runs that diverged"
for stop in "" --early-stop; do
    # shellcheck disable=SC2086
    "$SSLDYN" sweep --process sgd --n1 8 --n2 4 --batch 4 --t-end 200 --axis.lr list:0.01,0.3 --columns fate,rank \
        $stop -q -o kicks >stdout 2>stderr &&
        [ "$(tail -1 kicks/table.tsv | cut -f 2,3)" = "2	nan" ] && grep -q '^survives = 1$' stdout
    result $? "a sweep $stop distinguishes the run that diverges from the one that survives"
done
"$SSLDYN" flow --n1 4 --n2 3 --no-predictor --tau 4 --t-end 1000 -o blown 2>stderr
[ $? = 1 ] && grep -q '^diverged at t = 130.69' stderr && ! grep -q 'survive\|mode 1' stderr && grep -q diverges blown/events.tsv
result $? "a flow of matrices that diverges has no fates"
# Thm 1 under a scheduled decay: the balance is zero for the flow; for SGD's map it is the error of
# the steps: of first order in lr.
scheduled="--n1 6 --n2 3 --eta 0.05 --init-wa copy --batch inf --samples 10 --schedule-decay linear --end-decay 3"
# shellcheck disable=SC2086
for lr in 0.002 0.001; do
    "$SSLDYN" sgd $scheduled --schedule-lr cosine --lr $lr --steps "$(awk "BEGIN { print 10 / $lr }")" -q -o scheduled-$lr 2>stderr
done
near "$(cell scheduled-0.002 balance last)" "$(awk "BEGIN { print 2 * $(cell scheduled-0.001 balance last) }")" 0.02
result $? "the balance follows a scheduled decay, to first order in lr"
"$SSLDYN" compare --ladder scheduled-0.002/spec.conf -q -o scheduled-rungs >/dev/null 2>stderr &&
    awk "BEGIN { exit !($(cell scheduled-rungs/m1 balance last) < 1e-7 * $(cell scheduled-rungs/m1 norm_w 1)^2) }"
result $? "and for the flow under it to its tolerance"
"$SSLDYN" align scheduled-0.002 -q -o scheduled-align >/dev/null 2>stderr && [ "$(cell scheduled-align balance last)" = nan ]
result $? "which an analysis of the snapshots does not know"

# stopped DIR PATTERN OPTIONS...: sends Ctrl-C to a run far too long to finish; its status is left in $status.
# The time until there are results depends on the machine: unless stderr reports some
# (PATTERN), the run is repeated with twice the time.
stopped() {
    out=$1
    pattern=$2
    shift 2
    for seconds in 1 2 4 8 16; do
        rm -rf "$out"
        "$SSLDYN" sgd "$@" -o "$out" 2>stderr &
        process=$!
        sleep $seconds
        kill -INT $process
        wait $process
        status=$?
        ! grep -q "$pattern" stderr || break
    done
}
stopped stopped 'stopped at step [1-9]' --n1 16 --n2 16 --lr 0.001 --t-end 100000 --samples 100000
[ "$status" = 130 ] && [ "$(rows stopped)" -gt 1 ] && grep -q 'stopped at step' stderr &&
    test -s stopped/spec.conf && [ ! -e stopped/trace.tsv.tmp ]
result $? "Ctrl-C leaves a readable trace"

stopped cut 'that were finished' --n1 8 --n2 8 --lr 0.001 --t-end 2 --ensemble 100000 --samples 2 --threads 2
[ "$status" = 130 ] && [ "$(rows cut)" = 3 ] && grep -q 'of the [0-9]* runs of 100000 that were finished' stderr
result $? "a stopped ensemble keeps the runs that were finished"

refused "must be more than 0" sgd --lr 0 -o never
refused "less than 1" sgd --momentum 1 -o never
refused "finite number" sgd --lr nan -o never
refused "must be a whole number from 1" sgd --batch 0 -o never
refused "must be a whole number from 1" sgd --batch 1.5 -o never
refused "whole number" sgd --steps many -o never
refused "at most 4294967295" sgd --lr 1e-9 --t-end 1e6 -o never
refused "in one step, which must not exceed 1" sgd --lr 3 -o never
refused "need --steps" sgd --schedule-lr cosine -o never
refused "need --steps" sgd --warmup 10 -o never
refused "longer than the run" sgd --warmup 10 --steps 5 -o never
refused "applies to --schedule-lr" sgd --end-lr 0.1 -o never
refused "applies to a closed-form predictor" sgd --rho 0.5 -o never
refused "must be below --ensemble" sgd --ensemble 3 --member 3 -o never
refused "applies only with --ensemble" sgd --member 3 -o never
refused "double only" sgd --batch inf --precision float -o never
refused "one of auto" sgd --sampler fast -o never
refused "is not an option of ssldyn sgd" sgd --rtol 1e-3 -o never
refused "cannot be read" sgd --data nowhere.npy -o never
refused "unknown option" sgd --learning-rate 0.1 -o never

echo "1..$number"
[ "$failures" -eq 0 ]
