#!/bin/sh
# From images to a trained network: the rank that theory computes from X and X' of a set of images equals the
# number of living modes that align finds in a linear network trained on views of those images; for a
# generated set, and for CIFAR-10 if available.
# SPDX-License-Identifier: MIT
set -u
. tests/tap.inc
scratch=${TEST_DIR:-$(mktemp -d)}
mkdir -p "$scratch" && cd "$scratch" || exit 1

value() { sed -n "s/^$1 = //p" "$2"; }

# trained MOMENTS ETA OPTIONS...: rank from theory, then living modes after training
trained() {
    moments=$1
    eta=$2
    shift 2
    "$SSLDYN" theory --x "$moments/x.npy" --xprime "$moments/xprime.npy" --no-ema --eta "$eta" \
        >theory.out 2>stderr || cat stderr >&2
    "$SSLDYN" sgd --moments "$moments" --no-ema --eta "$eta" --batch 32 -q -o run "$@" >sgd.out 2>stderr ||
        cat stderr >&2
    "$SSLDYN" align run -q -o aligned >align.out 2>stderr || cat stderr >&2
    echo "$(value rank theory.out) $(value alive align.out)"
}

# 400 gray images of 4 x 4 bytes: four Walsh patterns with amplitudes of 24, 12, 6 and 3 gray levels.
# Noise of .1 of the range is the augmentation, X' = .01 I, so that a pattern of variance
# x = 16 (amplitude/255)^2/3 lives below x^2/(4 (x + .01)).
LC_ALL=C awk 'BEGIN {
    srand(3)
    split("24 12 6 3", amplitude, " ")
    for (i = 0; i < 400; i++) {
        for (k = 1; k <= 4; k++) a[k] = amplitude[k] * (2 * rand() - 1)
        for (y = 0; y < 4; y++) for (x = 0; x < 4; x++) {
            h = x < 2 ? 1 : -1; v = y < 2 ? 1 : -1; c = x % 2 ? 1 : -1
            printf "%c", int(64.5 + a[1] * h + a[2] * v + a[3] * h * v + a[4] * c)
        }
    }
}' >pixels
{
    printf '\223NUMPY\001\000\166\000%-117s\n' \
        "{'descr': '|u1', 'fortran_order': False, 'shape': (400, 4, 4), }"
    cat pixels
} >images.npy
"$SSLDYN" moments images.npy --augmentation none --noise 0.1 --pairs 20000 --scale none -q -o moments \
    >moments.out 2>stderr
result $? "moments of generated images" "$(cat stderr)"
# Thresholds are near x^2/(4 (x + .01)): x = .0472, .0118, .0030, .0007 and so .0098, .0016, .00017,
# .00001. The decays are between them, a factor of two or more away; in 18 units of 1/eta of flow time
# W of collapsing modes falls by e^-9 or more if the threshold is half the decay.
for case in '0.004 1' '0.0006 2' '0.00006 3'; do
    eta=${case% *}
    got=$(trained moments "$eta" --n2 6 --init-scale 0.5 --lr 8 \
        --t-end "$(awk -v eta="$eta" 'BEGIN { print 18 / eta }')" --samples 20)
    [ "$got" = "${case#* } ${case#* }" ]
    result $? "weight decay $eta: rank from the moments, living modes in the network" \
        "rank and alive: $got"
done
"$SSLDYN" theory --x moments/x.npy --xprime moments/xprime.npy --eta 0.02 >theory.out &&
    [ "$(value rank theory.out)" = 0 ] &&
    "$SSLDYN" sgd --moments moments --no-ema --eta 0.02 --n2 6 --init-scale 0.5 --lr 4 --t-end 1200 \
        --batch 32 -q -o run >/dev/null &&
    awk '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == "s_1") c = i; next }
        first == "" { first = $c } { last = $c } END { exit !(last < 1e-8 * first) }' run/trace.tsv
result $? "beyond the threshold no mode lives in either"

batch=${SSLDYN_DATA:-}/cifar10/data_batch_1.bin.xz
if [ -z "${SSLDYN_DATA:-}" ] || [ ! -r "$batch" ] || ! command -v xz >/dev/null; then
    skip "no CIFAR-10 in SSLDYN_DATA"
else
    mkdir -p cifar && xz -dc "$batch" >cifar/data_batch_1.bin
    "$SSLDYN" moments cifar --augmentation weak --pool 4 --pairs 50000 --scale none -q -o cifar48 \
        >moments.out 2>stderr
    result $? "moments of CIFAR-10" "$(cat stderr)"
    # thresholds of the leading directions: 1.58, .69, .32, .26, .08
    for case in '1 1' '0.17 4'; do
        eta=${case% *}
        got=$(trained cifar48 "$eta" --n2 8 --init-scale 0.3 --lr 0.01 --samples 20 \
            --t-end "$(awk -v eta="$eta" 'BEGIN { print 12 / eta }')")
        [ "$got" = "${case#* } ${case#* }" ]
        result $? "CIFAR-10 at weight decay $eta: rank and living modes" "rank and alive: $got"
    done
fi
finish
