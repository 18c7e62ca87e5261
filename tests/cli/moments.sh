#!/bin/sh
# moments: spec.conf repeats the files of the command, for any number of threads; a stop keeps
# the results so far; and, if the data are available, CIFAR-10 gives the moments stored with them.
# SPDX-License-Identifier: MIT
set -u
SSLDYN=${SSLDYN:-$PWD/ssldyn}
tests=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

number=0
result() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}
same() {
    for file in x.npy xprime.npy mean.npy scale.npy spectra.tsv spec.conf; do
        cmp "$1/$file" "$2/$file" >&2 || return 1
    done
}

# 200 images in CIFAR-10's format; their content does not matter here.
awk 'BEGIN { srand(1); for (i = 0; i < 200 * 3073; i++) printf "%c", 1 + int(rand() * 126) }' >images.bin
size=$(wc -c <images.bin)
[ "$size" -eq $((200 * 3073)) ] || echo "# awk wrote $size bytes" >&2

"$SSLDYN" moments images.bin --pool 4 --pairs 1000 --threads 1 -o one >one.out 2>one.err
result $? "moments of a file"
grep -q '^eta_c = ' one.out && grep -q '^n1 = 48$' one.out && grep -q 'CIFAR-10' one.err
result $? "prints its results"
"$SSLDYN" moments images.bin --pool 4 --pairs 1000 --threads 3 -q -o three >three.out 2>three.err &&
    same one three && cmp one.out three.out && [ ! -s three.err ]
result $? "the result does not depend on the number of threads"
"$SSLDYN" moments one/spec.conf -q -o again >/dev/null && same one again
result $? "spec.conf repeats it"
"$SSLDYN" moments images.bin --pool 4 --pairs 1000 -o one >/dev/null 2>repeated.err && ! grep -q 'other settings' repeated.err
result $? "a repeated command has no other settings"
for data in '--moments one' '--data images.bin --augmentation weak --pool 4'; do
    for words in '' '--seed 2'; do
        rm -rf sgd
        # shellcheck disable=SC2086 # words
        { "$SSLDYN" sgd $data --lr 0.0001 --batch 8 --steps 10 -q -o sgd &&
            "$SSLDYN" sgd $data --lr 0.0001 --batch 8 --steps 10 $words -o sgd >/dev/null 2>repeated.err; }
        [ "$(grep -o 'other settings (.*)' repeated.err)" = "${words:+other settings (seed 1 -> 2)}" ]
        result $? "sgd on images, repeated${words:+ with $words}: settings that differ are reported" "$(cat repeated.err)"
    done
done
"$SSLDYN" moments images.bin --pool 4 --pairs 1000 --augmentation none --flip 0.5 -q -o flip >/dev/null &&
    grep -q '^flip = 0.5$' flip/spec.conf && grep -q '^jitter = ' flip/spec.conf
result $? "settings of the augmentation are all in spec.conf"
if command -v gnuplot >/dev/null; then
    "$SSLDYN" plot one -o one.svg >/dev/null 2>plot.err && grep -q 'weight decay' one.svg && [ ! -s plot.err ]
    result $? "plot draws the spectra" "$(cat plot.err)"
fi
"$SSLDYN" theory --x one/x.npy --xprime one/xprime.npy --eta 0.01 >theory.out 2>theory.err
result $? "theory reads the result"

# The unit of weight decay: divided moments have divided thresholds, and theory prints both.
"$SSLDYN" moments images.bin --pool 4 --pairs 1000 --scale none -q -o raw >raw.out &&
    "$SSLDYN" theory --x raw/x.npy --xprime raw/xprime.npy --eta 0.01 >theory-raw.out 2>theory-raw.err
awk -F' = ' '
    { value[FILENAME, $1] = $2 }
    function near(a, b) { return a > 0 && (a - b) ^ 2 <= (1e-10 * b) ^ 2 }
    END {
        scale = value["one.out", "scale"]
        exit !(near(value["raw.out", "eta_c"], value["one.out", "eta_c_unscaled"]) &&
            near(value["theory-raw.out", "eta_c"], value["theory.out", "eta_c_unscaled"]) &&
            near(value["theory.out", "scale"], scale) &&
            near(value["theory.out", "eta_s_unscaled"], 0.01 * scale) && scale != 1)
    }' one.out raw.out theory.out theory-raw.out
result $? "thresholds of divided moments are also printed for the images themselves"
grep -q 'note: X and X. were divided by .* weight decay of' theory.err && [ ! -s theory-raw.err ]
result $? "a command on divided moments states the unit of its weight decay"
"$SSLDYN" flow --x one/x.npy --xprime one/xprime.npy --n2 2 --t-end 1 -o flow >/dev/null 2>flow.err &&
    grep -q 'note: X and X. were divided by' flow.err &&
    "$SSLDYN" sgd --moments one --n2 2 --t-end 0.1 -o sgd >/dev/null 2>sgd.err &&
    grep -q 'note: X and X. were divided by' sgd.err
result $? "so do flow and sgd"
printf 'moments = one\nn2 = 2\nbatch = inf\nt_end = 0.1\n' >scaled.conf
"$SSLDYN" compare --ladder scaled.conf -o scaled >/dev/null 2>ladder.err &&
    grep -q 'note: X and X. were divided by .*; eta_s = 0.04 means a weight decay of' ladder.err
result $? "and a ladder, of its experiment"
printf '# ssldyn spec 1\nmoments = one\nbatch = inf\nn2 = 2\nlr = 1e-4\nt_end = 0.5\n' >moments.conf
"$SSLDYN" compare --ladder moments.conf -q -o same >same.values 2>/dev/null &&
    awk '/^m1.s_largest = / { seen = 1; small = $3 < 1e-2 } END { exit !(seen && small) }' same.values
result $? "a ladder of moments without batches: the flow has the X and X' of the map"
"$SSLDYN" sweep --model population --x one/x.npy --xprime one/xprime.npy --n2 2 --axis.eta 0.01:0.02:2 --t-end 0.1 \
    -o swept >/dev/null 2>swept.err &&
    grep -q 'note: X and X. were divided by .*; a weight decay eta means .* eta on the unscaled images' swept.err &&
    ! grep -q 'eta_s =' swept.err
result $? "and a sweep, of every eta on its axis"

# The same images as bytes and as fractions in single precision, under color jitter.
array() { # array TYPE FILE: 40 images of 8 x 8 x 3
    header="{'descr': '$1', 'fortran_order': False, 'shape': (40, 8, 8, 3), }"
    printf '\223NUMPY\001\000\166\000%-117s\n' "$header"
    cat "$2"
}
awk 'BEGIN { srand(2); for (i = 0; i < 40 * 192; i++) printf "%c", 1 + int(rand() * 126) }' >bytes
awk 'BEGIN { srand(2); for (i = 0; i < 40 * 192; i++) printf "%c%c", 1 + int(rand() * 126), 0 }' >shorts 2>/dev/null
array '|u1' bytes >bytes.npy
if [ "$(wc -c <shorts)" -eq $((2 * 40 * 192)) ]; then
    array '<i2' shorts >shorts.npy
    for file in bytes shorts; do
        "$SSLDYN" moments $file.npy --augmentation cifar --pool 2 --pairs 2000 -o from-$file >$file.out 2>$file.err
    done
    cmp from-bytes/x.npy from-shorts/x.npy && cmp from-bytes/xprime.npy from-shorts/xprime.npy &&
        grep -q '^white = 255$' shorts.out && grep -q 'pixels from 0 to 255' shorts.err
    result $? "bytes and wider integers give the same moments"
else
    result 0 "bytes and wider integers give the same moments # SKIP this awk writes no zero bytes"
fi

# On a busy machine a second may be too short for the first pairs, so the time is increased.
for patience in 1 4 16; do
    "$SSLDYN" moments images.bin --pool 8 --pairs 1000000000 -q -o stopped >stopped.out \
        2>stopped.err &
    job=$!
    sleep "$patience"
    kill -INT "$job"
    wait "$job"
    status=$?
    [ -s stopped/x.npy ] && break
done
[ "$status" -eq 130 ] && [ -s stopped/x.npy ] && grep -q 'stopped after' stopped.err
result $? "a stop keeps what was computed (exit $status)"

bad() {
    pattern=$1
    shift
    "$SSLDYN" moments "$@" >bad.out 2>bad.err
    status=$?
    [ "$status" -eq 2 ] && [ ! -s bad.out ] && [ "$(wc -l <bad.err)" -eq 1 ] && [ ! -e out ] &&
        grep -q -e "$pattern" bad.err
    result $? "refused: moments $*"
}
# 40 vectors of 12 numbers, and the same array transposed.
vectors() {
    header="{'descr': '|u1', 'fortran_order': False, 'shape': ($1), }"
    printf '\223NUMPY\001\000\166\000%-117s\n' "$header"
    head -c 480 bytes
}
vectors '40, 12' >vectors.npy
vectors '12, 40' >transposed.npy
bad 'vectors of 12 numbers cannot be cropped.*--augmentation none' vectors.npy
bad 'pool 4: applies to images' vectors.npy --augmentation none --noise 0.5 --pool 4
bad 'transpose of a d x N array' transposed.npy --augmentation none --noise 0.5
"$SSLDYN" moments vectors.npy --augmentation none --noise 0.5 --pairs 4000 -q -o vectors >vectors.out &&
    grep -q '^n1 = 12$' vectors.out &&
    "$SSLDYN" moments transposed.npy --augmentation none --noise 0.5 --pairs 500 --image-format vectors -q -o transposed |
    grep -q '^n1 = 40$'
result $? "vectors, and by name those that look transposed"

bad 'no images' --pool 4
bad 'cannot be read' absent.bin
bad 'one file or directory' images.bin images.bin
bad 'give only one' images.bin --data images.bin
bad '--pool' images.bin --pool 5
bad '--pca' images.bin
bad '--pca' images.bin --pool 2 --pca 13
bad '--crop-pad' images.bin --pool 4 --crop-pad 33
bad '--pairs' images.bin --pool 4 --pairs 0
bad '--flip' images.bin --pool 4 --flip 1.5
bad '3074' images.bin --pool 4 --image-format cifar100
bad 'blur-kernel' images.bin --pool 4 --blur 1 --blur-kernel 4

# All of CIFAR-10 under the weak augmentation, compared with moments that another program estimated
# from 200,000 pairs: thresholds and eigenvalues agree within their errors.
batch=${SSLDYN_DATA:-}/cifar10/data_batch_1.bin.xz
if [ -z "${SSLDYN_DATA:-}" ] || [ ! -r "$batch" ] || ! command -v xz >/dev/null; then
    number=$((number + 1))
    echo "ok $number - CIFAR-10 # SKIP no data in SSLDYN_DATA"
else
    mkdir cifar10
    for i in 1 2 3 4 5; do
        xz -dc "$SSLDYN_DATA/cifar10/data_batch_$i.bin.xz" >"cifar10/data_batch_$i.bin"
    done
    "$SSLDYN" moments cifar10 --augmentation weak --pool 4 --pairs 100000 -q -o cifar >cifar.out
    "$SSLDYN" theory --x "$SSLDYN_DATA/cifar10-moments/x48.npy" \
        --xprime "$SSLDYN_DATA/cifar10-moments/xprime48.npy" >kept.out
    awk -F' = ' '
        $1 == "eta_c" { eta[FILENAME] = $2 }
        $1 == "eta_c_error" { error = $2 }
        END {
            difference = eta["cifar.out"] - eta["kept.out"]
            if (difference < 0) difference = -difference
            print "eta_c", eta["cifar.out"], "+-", error, "kept", eta["kept.out"] > "/dev/stderr"
            exit !(eta["kept.out"] > 4 && error > 0 && difference < 4 * error)
        }' cifar.out kept.out
    result $? "CIFAR-10 gives the threshold known for it"
    # The same images as torchvision's pickled batches, in its directory and as the archive.
    if command -v python3 >/dev/null; then
        mkdir -p data/cifar-10-batches-py
        for i in 1 2 3 4 5; do
            python3 "$tests/make_cifar_pickle.py" "cifar10/data_batch_$i.bin" "data/cifar-10-batches-py/data_batch_$i"
        done
        tar -czf cifar-10-python.tar.gz -C data cifar-10-batches-py
        for set in cifar10 data cifar-10-python.tar.gz; do
            "$SSLDYN" moments $set --augmentation none --flip 0.5 --pool 4 --pairs 50000 -q -o "of-$set" >"of-$set.out"
        done
        cmp of-cifar10.out of-data.out && cmp of-cifar10.out of-cifar-10-python.tar.gz.out &&
            cmp of-cifar10/x.npy of-data/x.npy && cmp of-cifar10/xprime.npy of-data/xprime.npy &&
            cmp of-cifar10/x.npy of-cifar-10-python.tar.gz/x.npy && grep -q '^images = 50000$' of-data.out
        result $? "pickled batches and their archive give the moments of the binary version"
    fi
fi
echo "1..$number"
