#!/bin/sh
# checkpoints: matrices directly from files written by PyTorch and NumPy (tests/torch), sizes from
# their shapes, names with the special characters of patterns; and pickles that contain code.
# shellcheck disable=SC1091
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.inc"
torch=$here/../torch
scratch=${TEST_DIR:-$(mktemp -d)}
cd "$scratch" || exit 1

flow() {
    rm -rf out
    "$SSLDYN" flow --t-end 0.2 --samples 4 -q -o out "$@"
}

# refused WHAT PATTERN ARGUMENTS...: exit 2, one line that matches the pattern, nothing written
refused() {
    what=$1
    pattern=$2
    shift 2
    flow "$@" >stdout 2>stderr
    status=$?
    [ "$status" = 2 ] && [ "$(wc -l <stderr)" = 1 ] && grep -q -e "$pattern" stderr && [ ! -e out ]
    result $? "$what" "$(cat stderr)"
}

# sizes N1 N2: those of the run in out
sizes() {
    grep -qx "n1 = $1" out/spec.conf && grep -qx "n2 = $2" out/spec.conf
}

# ---- every kind of file gives the same run
key=expected.npz:state
check "from NumPy's arrays" flow --init-w "$torch/$key/encoder.weight" --init-wp "$torch/$key/predictor.weight"
check "n1 and n2 are those of the files" sizes 4 3
cp -r out numpy
for file in state legacy protocol4 nested ddp compiled; do
    check "from $file.pt" flow --init-w "$torch/$file.pt:encoder.weight" --init-wp "$torch/$file.pt:predictor.weight"
    check "the same run" cmp out/trace.tsv numpy/trace.tsv
done
cp out/spec.conf again.conf
check "a repeated run is the same" flow again.conf
check "to the byte" cmp out/trace.tsv numpy/trace.tsv
check "align reads a checkpoint" "$SSLDYN" align --wp "$torch/state.pt:predictor.weight" \
    --w "$torch/state.pt:encoder.weight" -q -o aligned
check "a single parameter does not need a name" flow --init-wp "$torch/parameter.pt"
check "sgd reads vectors from a checkpoint" "$SSLDYN" sgd --data "$torch/views.pt:steps" --batch 2 --steps 3 \
    --lr 0.01 -q -o drawn

# ---- names
cp "$torch/state.pt" 'odd%20d[1]:x.pt'
check "an existing file is not a pattern" flow --init-wp 'odd%20d[1]:x.pt:predictor.weight'
mkdir 'dir%20d[a]'
cp "$torch/bare.pt" 'dir%20d[a]/wp_3.pt'
check "nor is an existing directory" "$SSLDYN" align --wp 'dir%20d[a]/wp_%d.pt' --w 'dir%20d[a]/wp_*.pt' -q -o series
refused "the nearest name is suggested" \
    "no array 'predictor.wieght'; the closest of 3: predictor.weight (3 x 3)" --init-wp "$torch/state.pt:predictor.wieght"
refused "matching names are suggested" 'choose one as FILE:NAME among predictor.weight (3 x 3)$' --init-wp "$torch/state.pt"
refused "a name for several" "several arrays match the name 'weight'" --init-wp "$torch/state.pt:weight"

# ---- sizes
refused "sizes that contradict each other" \
    'is 3 x 4 (n2 x n1), but --n1 is 5: they must have the same n1' --n1 5 --init-w "$torch/state.pt:encoder.weight"
refused "a transposed matrix" 'is 4 x 3 (n2 x n1), but --init-wp is 3 x 3: it is transposed' \
    --init-wp "$torch/state.pt:predictor.weight" --init-w "$torch/views.pt:transposed"
refused "a vector for a matrix" 'has the shape 3; a square matrix is needed' --init-wp "$torch/state.pt:predictor.bias"

# ---- pickles with more than data
hostile() {
    # shellcheck disable=SC2059
    printf "$2" >hostile.pt
    refused "$1" "$3" --init-wp hostile.pt
    [ ! -e canary ]
    result $? "$1: no code is executed"
}
hostile "os.system" "(dS'Wp'\ncos\nsystem\n(S'touch canary'\ntRs." 'calls os.system: refused'
hostile "posix.system, protocol 4" '\200\004}\214\002Wp\214\005posix\214\006system\223\214\014touch canary\205Rs.' \
    'calls posix.system: refused'
hostile "eval" '\200\002c__builtin__\neval\nU\027open("canary","w")     \205R.' 'calls builtins.eval: refused'
hostile "getattr of a getattr" '\200\002c__builtin__\ngetattr\nc__builtin__\n__import__\nU\002os\205RU\006system\206R.' \
    'calls builtins.__import__: refused'
hostile "a class that runs" '\200\002csubprocess\nPopen\nU\014touch canary\205\201.' 'calls subprocess.Popen: refused'
hostile "an invalid persistent id" '\200\002}U\002Wpctorch._utils\n_rebuild_tensor_v2\n(U\001xQK\000K\001\205K\001\205\211NtRs.' \
    "tensor 'Wp' has entries of a type that cannot be read"
finish
