#!/bin/sh
# Pairs (x, y) with different distributions, --sxx, --syx and --syy, through the commands: two views given as a pair
# are two views, modes in common have the folds of their lists, flows end there, steps follow the flow.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/cli/files.inc
. "$(dirname "$0")/files.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
make_files . # x = (1 1/4; 1/4 1), xprime = (1/2 0; 0 1/4), skew = (1 1; 0 1)

more='\000\000\000\000\000\000\364\077'  # 1.25
three='\000\000\000\000\000\000\370\077' # 1.5
npy sum.npy "$three" "$quarter" "$quarter" "$more"
npy wide.npy "$three" "$zero" "$zero" "$three"
npy syy.npy '\000\000\000\000\000\000\020\100' "$zero" "$zero" '\000\000\000\000\000\000\020\100' # 4 I

# values FILE: name and value of each line "NAME = VALUE"
values() { sed -n 's/ = / /p' "$1"; }
# near A B TOLERANCE: every name of A with a number has the same in B, relatively
near() {
    awk -v r="$3" 'NR == FNR { want[$1] = $2; n++; next } ($1 in want) { seen++
        d = $2 - want[$1]; if (d < 0) d = -d; s = want[$1] < 0 ? -want[$1] : want[$1]
        if ($2 + 0 != $2 ? $2 != want[$1] : d > r * s) bad = 1 }
        END { exit bad || n == 0 || seen != n }' "$1" "$2"
}
# column FILE NAME: all rows
column() {
    awk -F '\t' -v name="$2" '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print NR, $c }' "$1"
}

# ---- two views as a pair: the same flows to the integrator's tolerance
as_views() { # OPTIONS...
    "$SSLDYN" flow -q --x x.npy --xprime xprime.npy --n2 2 --t-end 10 --samples 5 -o views "$@" &&
        "$SSLDYN" flow -q --sxx sum.npy --syx x.npy --syy sum.npy --n2 2 --t-end 10 --samples 5 -o pair "$@" &&
        for name in loss norm_w norm_wp s_1 s_2; do
            column views/trace.tsv $name >want && column pair/trace.tsv $name >got && near want got 1e-6 || return 1
        done
}
check "two views as a pair: the squared distance" as_views --init-wa random
check "two views as a pair: several layers" as_views --depth 2 --init-wa copy
check "two views as a pair: the cosine" as_views --loss cosine --init-wa random --seed 3
check "two views as a pair: IsoLoss of the cosine" as_views --loss iso-cosine --seed 5
check "two views as a pair: the best prediction" as_views --predictor optimal --epsilon 0.01 --init-wa copy
through_target() {
    for loss in l2 cosine; do
        "$SSLDYN" flow -q --x x.npy --xprime xprime.npy --n2 2 --no-ema --no-stop-grad --loss $loss --t-end 5 \
            --samples 5 -o views && column views/trace.tsv norm_w >want &&
            "$SSLDYN" flow -q --sxx sum.npy --syx x.npy --syy sum.npy --n2 2 --no-ema --no-stop-grad --loss $loss \
                --t-end 5 --samples 5 -o pair && column pair/trace.tsv norm_w >got && near want got 1e-7 || return 1
    done
}
check "two views as a pair: without stop-gradient" through_target

# ---- modes in common: eigenvalues 1.25 and .75 of Sxx, 5/4 and 3/4 of Syx
of_modes() { # OPTIONS...
    "$SSLDYN" theory --sxx x.npy --syx x.npy --no-ema "$@" | grep -v '^lambda' >data.out &&
        "$SSLDYN" theory --lambda-s 1.25,0.75 --lambda-d 1.25,0.75 --no-ema "$@" | grep -v '_noise\|elasticity' >lists.out &&
        values data.out >got && values lists.out >want && near want got 1e-12
}
check "folds of a pair's modes are those of lists" of_modes --eta 0.1
check "folds of a pair's modes, three layers" of_modes --eta 0.01 --depth 3
deep_end() { # what survives of two layers has the theory's p_+
    "$SSLDYN" theory --sxx x.npy --syx x.npy --no-ema --eta 0.03 --depth 2 >theory.out &&
        "$SSLDYN" flow -q --strict --sxx x.npy --syx x.npy --n2 2 --no-ema --eta 0.03 --depth 2 --init-w x.npy \
            --init-wp x.npy --t-end 2000 --samples 10 -o deep >/dev/null || return 1
    for j in 1 2; do
        sed -n "s/^p_plus_$j = /p /p" theory.out >want
        column deep/trace.tsv p_$j | tail -n 1 | awk '{ print "p", $2 }' >got
        near want got 1e-9 || return 1
    done
}
check "two layers end at the theory's p_+" deep_end
mirrored() { # Syx = diag(1, -1): the second mode is learnt with a negative Wp, at the fold of its mirror
    "$SSLDYN" theory --sxx wide.npy --syx indefinite.npy --eta 0.1 >theory.out &&
        grep -q '^rank = 2$' theory.out && grep -q '^lambda_d_2 = -1$' theory.out || return 1
    sed -n 's/^eta_fold_1 = /fold /p' theory.out >want
    sed -n 's/^eta_fold_2 = /fold /p' theory.out >got
    near want got 1e-15
}
check "a negative correlation has the fold of its mirror" mirrored
whole() {
    "$SSLDYN" theory --sxx wide.npy --syx skew.npy --eta 0.1 >skew.out && grep -q '^exact = 0$' skew.out &&
        "$SSLDYN" theory --x x.npy --xprime xprime.npy --eta 0.1 | grep '^eta_c\|^rank =\|^b_c' >views.out &&
        "$SSLDYN" theory --sxx sum.npy --syx x.npy --eta 0.1 >pair.out && grep -q '^exact = 1$' pair.out &&
        values views.out >want && values pair.out >got && near want got 1e-7
}
check "the threshold of data without modes" whole

# ---- laws, for any Syx
laws() { # OPTIONS...
    "$SSLDYN" flow -q --strict --sxx wide.npy --syx skew.npy --syy syy.npy --n2 2 --t-end 50 -o laws "$@"
}
check "laws: no symmetry of Syx" laws
check "laws: several layers" laws --depth 3 --ema-of product
check "laws: the cosine" laws --loss cosine
check "laws: without stop-gradient" laws --no-ema --no-stop-grad

# ---- steps: at lr -> 0 the flow, to order lr; batches keep the cosine's norms; the samplers have their own test
follows() {
    "$SSLDYN" flow -q --sxx wide.npy --syx skew.npy --n2 2 --t-end 4 --samples 1 -o flow || return 1
    column flow/trace.tsv norm_w | tail -n 1 >want
    for lr in 0.01 0.001; do
        "$SSLDYN" sgd -q --sxx wide.npy --syx skew.npy --n2 2 --batch inf --lr $lr --t-end 4 --samples 1 -o steps ||
            return 1
        column steps/trace.tsv norm_w | tail -n 1 >got
        awk 'NR == FNR { want = $2; next } { d = $2 / want - 1; print (d < 0 ? -d : d) }' want got
    done >gaps
    awk '{ gap[NR] = $1 } END { exit !(gap[1] < 0.02 && gap[2] < gap[1] / 9 && gap[2] > gap[1] / 11) }' gaps
}
check "steps of the population follow the flow to order lr" follows
norms() {
    "$SSLDYN" sgd -q --strict --sxx wide.npy --syx skew.npy --syy syy.npy --n2 2 --loss cosine --t-end 5 -o cosine
}
check "batches keep the cosine's norms" norms

# ---- the data themselves are predicted: a Wp of as many rows as y has numbers
data_fold() { # both modes of isotropic data end at the theory's p_+, |Wp|^2 = 2 p_+^2, and there is no target
    "$SSLDYN" theory --target mae --depth 2 --eta 0.1 --lambda-s 1.25 --lambda-d 1 >theory.out &&
        "$SSLDYN" flow -q --strict --target mae --depth 2 --eta 0.1 --n1 3 --n2 2 --seed 2 --init-scale 0.6 --t-end 400 \
            --samples 4 -o data >data.out && ! [ -e data/Wa.npy ] && grep -q '^rank = 2$' data.out || return 1
    sed -n 's/^p_plus = /p /p' theory.out >want
    column data/trace.tsv norm_wp | tail -n 1 | awk '{ printf "p %.15g\n", $2 / sqrt(2) }' >got
    column data/trace.tsv p_1 | tail -n 1 | grep -q nan && near want got 1e-9
}
check "MAE of matrices ends at the theory's p_+" data_fold
data_of_views() {
    "$SSLDYN" flow -q --strict --target mae --x x.npy --xprime xprime.npy --n2 2 --t-end 10 --samples 5 -o views &&
        "$SSLDYN" flow -q --strict --target mae --sxx sum.npy --syx x.npy --syy sum.npy --n2 2 --t-end 10 --samples 5 -o pair &&
        for name in loss norm_w norm_wp s_1 s_2; do
            column views/trace.tsv $name >want && column pair/trace.tsv $name >got && near want got 1e-6 || return 1
        done
    head -c 120 pair/Wp.npy | grep -q '(6, 2, 2)' && "$SSLDYN" flow -q pair/spec.conf -o again &&
        cmp pair/trace.tsv again/trace.tsv
}
check "MAE of two views as that of a pair, and again" data_of_views
data_folds() {
    "$SSLDYN" theory --target mae --depth 3 --eta 0.05 --sxx x.npy --syx x.npy | grep -v '^lambda' >data.out &&
        "$SSLDYN" theory --target mae --depth 3 --eta 0.05 --lambda-s 1.25,0.75 --lambda-d 1.25,0.75 |
        grep -v '_noise\|elasticity' >lists.out && values data.out >got && values lists.out >want && near want got 1e-12
}
check "folds of MAE's modes are those of lists" data_folds

# ---- and in steps: at lr -> 0 the flow, to order lr, for views that do not commute, and y of another size
npy_header() { # ROWS COLUMNS: of a C-ordered matrix of doubles
    header="{'descr': '<f8', 'fortran_order': False, 'shape': ($1, $2), }"
    printf '\223NUMPY\001\000\166\000%-117s\n' "$header"
}
half='\000\000\000\000\000\000\340\077'
{ npy_header 3 2 && printf "$half$quarter$zero$half$quarter$zero"; } >three.npy
{ npy_header 3 3 && printf "$three$zero$zero$zero$three$zero$zero$zero$three"; } >spread.npy
data_steps() { # OPTIONS...
    "$SSLDYN" flow -q "$@" --t-end 4 --samples 1 --n2 2 --target mae -o flow || return 1
    for lr in 0.01 0.001; do
        "$SSLDYN" sgd -q "$@" --batch inf --lr $lr --t-end 4 --samples 1 --n2 2 --target mae -o steps || return 1
        for name in norm_w norm_wp s_1; do
            column flow/trace.tsv $name | tail -n 1 >want
            column steps/trace.tsv $name | tail -n 1 >got
            awk 'NR == FNR { want = $2; next } { d = $2 / want - 1; print (d < 0 ? -d : d) }' want got
        done
    done >gaps
    head -c 120 steps/Wp.npy >header && ! [ -e steps/Wa.npy ] || return 1
    awk '{ gap[NR] = $1 } END { for (i = 1; i <= 3; i++)
        if (!(gap[i] < 0.05 && gap[i + 3] < gap[i] / 8 && gap[i + 3] > gap[i] / 12)) exit 1 }' gaps
}
check "MAE in steps, one layer" data_steps --x x.npy --xprime xprime.npy
check "MAE in steps, three layers" data_steps --x x.npy --xprime xprime.npy --depth 3 --init-scale 0.8
check "MAE in steps, a y of three numbers" data_steps --sxx sum.npy --syx three.npy --syy spread.npy --depth 2
check "MAE in steps, the cosine" data_steps --x x.npy --xprime xprime.npy --loss cosine
check "MAE in steps, the cosine, three layers" data_steps --x x.npy --xprime xprime.npy --loss cosine --depth 3
check "MAE in steps, the cosine, a y of three numbers" \
    data_steps --sxx sum.npy --syx three.npy --syy spread.npy --loss cosine --depth 2
check "... and their Wp has three rows" grep -q '(2, 3, 2)' header
data_batches() { # large batches end near the flow: of views and of a pair, by both samplers, in both precisions
    for data in "--x x.npy --xprime xprime.npy" "--sxx sum.npy --syx three.npy --syy spread.npy"; do
        # shellcheck disable=SC2086
        "$SSLDYN" flow -q $data --t-end 3 --samples 1 --n2 2 --depth 2 --target mae -o flow || return 1
        column flow/trace.tsv norm_wp | tail -n 1 >want
        for sampler in direct wishart; do
            for precision in float double; do
                # shellcheck disable=SC2086
                "$SSLDYN" sgd -q $data --t-end 3 --samples 1 --n2 2 --depth 2 --target mae --batch 4000 --lr 0.01 \
                    --sampler $sampler --precision $precision -o steps || return 1
                column steps/trace.tsv norm_wp | tail -n 1 >got
                near want got 2e-2 || return 1
            done
        done
    done
}
check "MAE in batches" data_batches
cosine_batches() { # each pair is normalized by itself: another way to the mean gradient than that of the flow
    for depth in 1 2; do
        data="--n1 5 --n2 4 --target mae --loss cosine --init-scale 0.8 --depth $depth --t-end 3 --samples 1"
        # shellcheck disable=SC2086
        "$SSLDYN" flow -q --strict $data -o flow && "$SSLDYN" sgd -q --strict $data --batch 2000 --lr 0.003 -o steps || return 1
        for name in loss norm_w s_1 s_2 s_3 s_4; do
            column flow/trace.tsv $name | tail -n 1 >want
            column steps/trace.tsv $name | tail -n 1 >got
            near want got 1e-2 || return 1
        done
    done
}
check "MAE in batches, the cosine" cosine_batches

# ---- what was not given is not written, runs repeat themselves, points of sweeps are runs
repeats() {
    "$SSLDYN" flow -q --n1 3 --n2 2 --t-end 1 -o plain && ! grep -q 'sxx\|syx\|syy' plain/spec.conf &&
        "$SSLDYN" flow -q laws/spec.conf -o again && cmp laws/trace.tsv again/trace.tsv &&
        "$SSLDYN" flow -q laws/spec.conf --x x.npy --xprime xprime.npy -o other && ! grep -q 'sxx\|syx\|syy' other/spec.conf
}
check "settings of pairs are written where they are given" repeats
points() {
    "$SSLDYN" sweep -q --sxx wide.npy --syx skew.npy --n2 2 --axis.eta 0.01:0.1:2 --t-end 20 -o sweep >/dev/null &&
        "$SSLDYN" sweep -q sweep/spec.conf --point 1 -o point >/dev/null &&
        "$SSLDYN" flow -q --sxx wide.npy --syx skew.npy --n2 2 --eta 0.1 --t-end 20 -o one &&
        cmp point/point-1/trace.tsv one/trace.tsv
}
check "points of a sweep are flows" points
not_aligned() {
    ! "$SSLDYN" align laws 2>align.err && grep -q 'laws: was made with --sxx and --syx' align.err
}
check "what is not understood of pairs is refused" not_aligned

finish
