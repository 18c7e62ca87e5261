#!/bin/sh
# Encoders of several layers through the commands: folds and hitting times of the theory compared with flows,
# edges under both averages compared with reference values, laws, repetition, sweeps over depth.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# value NAME: of a printed "NAME = VALUE"
value() { sed -n "s/^$1 = //p"; }
# close A B TOLERANCE: relative
close() {
    awk -v a="$1" -v b="$2" -v r="$3" 'BEGIN { d = a - b; if (d < 0) d = -d
        if (b < 0) { s = -b } else { s = b }; exit !(a != "" && b != "" && d <= r * s) }'
}
# end FILE COLUMN: of the last row
end() {
    awk -F '\t' -v name="$2" '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        { last = $c } END { print last }' "$1"
}

# ---- the time between two points of the balanced manifold is the flow's (p from 1.1 p_- to .95 p_+)
hits() { # DEPTH ETA TIME
    p=$("$SSLDYN" theory --depth "$1" --no-ema --eta "$2")
    from=$(echo "$p" | value p_minus | awk '{ printf "%.15g", 1.1 * $1 }')
    to=$(echo "$p" | value p_plus | awk '{ printf "%.15g", .95 * $1 }')
    time=$("$SSLDYN" theory --depth "$1" --no-ema --eta "$2" --p0 "$from" --p-end "$to" | value time)
    "$SSLDYN" flow -q --strict --model parabola --depth "$1" --no-ema --eta "$2" --p0 "$from" \
        --t-end "$time" --samples 1 --rtol 1e-12 -o "hits$1" &&
        close "$time" "$3" 1e-12 && close "$(end "hits$1/trace.tsv" p_1)" "$to" 1e-10
}
check "two layers: time of the theory, p of the flow" hits 2 0.02 40.43312355672
check "three layers: time of the theory, p of the flow" hits 3 0.01 40.07576397309

# ---- where the cosine's flow ends is the closed form of its start, --w0 the product of the layers
ends() { # LOSS DEPTH RATIOS WP0 W0
    "$SSLDYN" theory --model lowdim --loss "$1" --depth "$2" --layers0 "$3" --wp0 "$4" --w0 "$5" --lambda-s 1 \
        --alpha-p 1.5 --no-ema --eta 0 >end.theory &&
        "$SSLDYN" flow -q --strict --model lowdim --loss "$1" --depth "$2" --layers0 "$3" --wp0 "$4" --w0 "$5" \
            --lambda-s 1 --alpha-p 1.5 --no-ema --eta 0 --t-end 3000 --samples 1 -o "end$1$2" >end.flow || return 1
    [ "$(value rank <end.theory)" = "$(value rank <end.flow)" ] || return 1
    for j in 1 2 3; do
        close "$(end "end$1$2/trace.tsv" s_$j)" "$(value w2_product_end_$j <end.theory)" 1e-8 || return 1
        close "$(end "end$1$2/trace.tsv" p_$j)" "$(value p_end_$j <end.theory)" 1e-8 || return 1
    done
}
check "two layers under the cosine end where theory says" ends cosine 2 1,2 0.9,0.5,0.3 1.2,0.9,0.8
check "three layers under the cosine end where theory says" ends cosine 3 1,1.5,0.8 0.9,0.5,0.3 1.2,0.9,0.8
check "two layers under IsoLoss end where theory says" ends iso-cosine 2 1,2 0.9,0.5,0.3 1.2,0.9,0.8
collapses() { # the smallest layer has c <= -level^2/alpha_p
    "$SSLDYN" theory --model lowdim --loss cosine --depth 2 --layers0 1,4 --wp0 0.9,0.5,0.8 --w0 1.2,0.9,0.1 \
        --lambda-s 1 --no-ema >small.theory &&
        [ "$(value rank <small.theory)" = 2 ] && [ "$(value w2_product_end_3 <small.theory)" = 0 ] &&
        "$SSLDYN" flow --model lowdim --loss cosine --depth 2 --layers0 1,4 --wp0 0.9,0.5,0.8 --w0 1.2,0.9,0.1 \
            --lambda-s 1 --no-ema --t-end 60 -o small >small.flow 2>small.report && [ "$(value rank <small.flow)" = 2 ] &&
        margin=$(sed -n 's/^  mode 3: .* margin = //p' small.report) && close "$margin" "$(value margin_3 <small.theory)" 1e-5
}
check "a mode with one small layer collapses" collapses

# ---- edges of the basin for a target that starts at zero; references with nine digits, 5e-10 of .325
edge() { # EMA_OF BETA P0
    "$SSLDYN" basin --model parabola --depth 2 --ema-of "$1" --beta "$2" --eta 0.02 \
        --threshold p0 --lo 0.2 --hi 0.9 --scan 9 >edge.out 2>edge.err &&
        close "$(value threshold <edge.out)" "$3" 2e-9 &&
        [ "$(value threshold_mechanism <edge.out)" = "EMA lag" ]
}
while read -r of beta p0; do
    check "edge under an average of the $of, beta = $beta" edge "$of" "$beta" "$p0"
done <<'END'
layers .1 .622613961
layers .4 .365263239
layers 1 .338851875
layers 4 .326423775
product .1 .434829083
product .4 .348877938
product 1 .333045541
product 4 .325049973
END
copy() {
    "$SSLDYN" basin --model parabola --depth 2 --beta 0.1 --tau0 1 --eta 0.02 --threshold p0 \
        --lo 0.2 --hi 0.9 --scan 9 >copy.out &&
        close "$(value threshold <copy.out)" .322358675701512 1e-11
}
check "a target that starts as a copy leaves the edge at p_-" copy

# ---- folds: where a strong start no longer survives
fold() { # ETA OPTIONS...
    want=$1
    shift
    "$SSLDYN" basin "$@" --threshold eta --lo 0.001 --hi 0.6 --scan 9 >fold.out 2>fold.err &&
        close "$(value threshold <fold.out)" "$want" 1e-9 &&
        [ "$(value threshold_mechanism <fold.out)" = fold ]
}
check "JEPA, two layers: the fold is 27/256 /1.25^3" fold .054 --model parabola --depth 2 --no-ema --p0 0.8
check "JEPA, three layers" fold .0219478738 --model parabola --depth 3 --no-ema --p0 0.9
check "JEPA, four layers, moving target" fold .0102942875 --model parabola --depth 4 --p0 0.9 --tau0 1
check "MAE, two layers" fold .339909800966 --model lowdim --depth 2 --target mae --lambda-d .8 --lambda-s 1.1 \
    --wp0 0.9 --w0 0.81
check "MAE, three layers" fold .262595180756 --model lowdim --depth 3 --target mae --lambda-d .8 --lambda-s 1.1 \
    --wp0 0.9 --w0 0.729

# ---- two decays: there is no certificate, but the flow has the fold in eta_s, .03 sqrt 2 at eta_p = .05
two_decays() {
    for share in 0.995 1.005; do
        eta=$(awk -v s="$share" 'BEGIN { printf "%.12g", s * 0.03 * sqrt(2) }')
        "$SSLDYN" flow -q --model lowdim --depth 2 --no-ema --alpha-p 1.5 --eta-p 0.05 --eta-s "$eta" \
            --wp0 0.7 --w0 0.36 --t-end 6000 -o "two$share" || return 1
    done
    grep -q "undecided: the criteria for a deep encoder need equal decays" two0.995/report.txt &&
        awk -v a="$(end two0.995/trace.tsv p_1)" -v b="$(end two1.005/trace.tsv p_1)" \
            'BEGIN { exit !(a > 0.5 && b < 1e-3) }'
}
check "two decays: the flow's fate on both sides of the fold" two_decays

# ---- laws of unequal layers over t = 100, which hold under every average
laws() { # OPTIONS...
    "$SSLDYN" flow -q --strict --model lowdim --depth 3 --layers0 1,2,0.7 --wp0 .9,.6,-.5 --w0 .5,-.6,.4 \
        --lambda-d 1,.8,.9 --lambda-s 1.25,1.1,1.2 --eta 0.01 -o laws "$@" &&
        grep -q '^balance of the layers: .*allowed' laws/report.txt &&
        grep -q '^balance of layers and predictor: .*allowed' laws/report.txt
}
check "laws: average of the layers" laws --wa0 .5,.6,.2
check "laws: average of the product" laws --wa0 .5,.6,.2 --ema-of product
check "laws: SimSiam" laws --no-ema
check "laws: MAE" laws --target mae

# ---- matrices of isotropic data: surviving modes have the predictor eigenvalues of the theory, for every average
eigenvalues() { # OPTIONS...
    "$SSLDYN" flow -q --strict --n1 5 --n2 4 --depth 2 --eta 0.02 --init-scale 0.5 --t-end 3000 --samples 20 \
        --init-wa copy -o matrices "$@" >matrices.out &&
        [ "$(value rank_at_end <matrices.out)" = 3 ] && grep -q '^balance of the layers: ' matrices/report.txt &&
        for j in 1 2 3; do close "$(end matrices/trace.tsv p_$j)" .764140874951432 1e-9 || return 1; done
}
# ---- IsoLoss has a fold with several layers: below it a flow ends at p_+, beyond it at 0
iso_ends() { # DEPTH: decays of 0.9 and 1.1 of the fold
    for side in 0.9 1.1; do
        fold=$("$SSLDYN" theory --loss iso-l2 --depth "$1" --no-ema | value eta_fold)
        eta=$(echo "$fold" | awk -v side=$side '{ printf "%.15g", side * $1 }')
        want=$("$SSLDYN" theory --loss iso-l2 --depth "$1" --no-ema --eta "$eta" | value p_plus)
        [ $side = 1.1 ] && want=0
        "$SSLDYN" flow -q --model modes --loss iso-l2 --depth "$1" --no-ema --eta "$eta" --p0 0.6 --s0 0.5 --t-end 20000 \
            --samples 2 -o iso >/dev/null && end iso/trace.tsv p_1 >iso.out || return 1
        awk -v want="$want" '{ d = $1 - want; exit !(d < 1e-6 && d > -1e-6) }' iso.out || return 1
    done
}
check "IsoLoss of two layers" iso_ends 2
check "matrices of two layers end at p_+" eigenvalues
check "matrices of two layers, average of the product" eigenvalues --ema-of product
check "matrices of two layers with different starts" eigenvalues --layers0 1,1.5
collapsed() { # what an integrator leaves of weights far below its absolute tolerance is not a drift
    "$SSLDYN" flow -q --strict --n1 5 --n2 4 --depth "$1" --eta "$2" --init-scale "$3" --t-end 100 -o gone >gone.out &&
        [ "$(value rank <gone.out)" = 0 ] && grep -q '^balance of the layers: ' gone/report.txt
}
check "matrices of two layers that collapse keep their balance" collapsed 2 0.3 0.05
check "matrices of two layers that collapse at once keep their balance" collapsed 2 1 0.05
check "matrices of three layers that collapse keep their balance" collapsed 3 0.3 0.3
one_layer() {
    "$SSLDYN" flow -q --n1 5 --n2 4 --t-end 20 -o flat >/dev/null &&
        "$SSLDYN" flow -q --n1 5 --n2 4 --t-end 20 --depth 1 -o one >/dev/null && cmp flat/trace.tsv one/trace.tsv
}
check "one layer gives M1" one_layer
aligned() { # the rates of one layer do not apply to a deep run
    "$SSLDYN" align matrices >aligned.out && ! grep -q '^eta_fold' aligned.out &&
        ! "$SSLDYN" align matrices --predict 5 2>aligned.err && grep -q 'supports one layer; the run has several' aligned.err
}
check "margins and forecasts of a deep run are not those of one layer" aligned

# ---- settings that were not given are not written; spec.conf repeats a run
quiet_spec() {
    "$SSLDYN" flow -q --model lowdim --t-end 1 -o plain && ! grep -q 'depth\|target\|ema_of\|layers0' plain/spec.conf &&
        "$SSLDYN" flow -q laws/spec.conf -o again && cmp laws/trace.tsv again/trace.tsv
}
check "settings of depth are written where they are given" quiet_spec

# ---- fates in a sweep over depth: deep encoders need larger starts
depths() {
    "$SSLDYN" sweep -q --axis.depth 1:4:4 --model parabola --no-ema --eta .01 --p0 .6 -o depths >/dev/null &&
        [ "$(awk '!/^#/ && NR > 1 && $1 + 0 > 0 { printf "%s ", $2 }' depths/table.tsv)" = "1 1 1 0 " ]
}
check "fates by depth" depths

finish
