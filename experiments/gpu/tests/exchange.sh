#!/bin/sh
# Networks to and from other programs: byol reads the file that it wrote, with the same bytes and features; if
# Python has torch and torchvision, their resnet18 computes the same features from the same weights.
# SPDX-License-Identifier: MIT
set -u
script=$PWD/tests/exchange.py
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
write_images

"$BYOL" small.conf --images 640 --epochs 2 -q -o first --export first.safetensors --features first.npy >first.txt
result $? "a network is written"
"$BYOL" small.conf --images 640 --epochs 0 --import first.safetensors -o again --export again.safetensors \
    --features again.npy >again.txt 2>again.err
result $? "and read" "$(cat again.err)"
check "all of it" grep -q '30 tensors of the encoder, 6 of the projector, 1 of the predictor, 36 of the target' again.err
check "it is written to the same bytes" cmp first.safetensors again.safetensors
check "and has the same features" cmp first.npy again.npy
for name in accuracy knn; do
    check "its $name is that of the run it came from" test "$(grep "^$name =" first.txt)" = "$(grep "^$name =" again.txt)"
done
"$BYOL" small.conf --images 640 --epochs 1 --import again/spec.conf -q -o wrong >/dev/null 2>wrong.err
check "a file without a network is refused" test $? = 2
"$BYOL" small.conf --images 640 --blocks 1,1,1 --import first.safetensors -q -o wrong 2>wrong.err
check "a network of fewer blocks is refused" grep -q 'lacks the tensor encoder.layer3.0.conv1.weight' wrong.err
"$BYOL" small.conf --images 640 --blocks 1,2 --epochs 0 --probe-every 0 -q -o deep --export deep.safetensors >/dev/null
"$BYOL" small.conf --images 640 --import deep.safetensors -q -o wrong 2>wrong.err
check "and one of more" grep -q 'holds encoder.layer2.1.*, which this network lacks' wrong.err
"$BYOL" small.conf --images 640 --width 8 --import first.safetensors -q -o wrong 2>wrong.err
check "and one of another width" grep -q 'encoder.conv1.weight is 4 x 3 x 3 x 3, but this network needs 8 x 3 x 3 x 3' wrong.err
"$BYOL" small.conf --images 640 --import first.safetensors:module. -q -o wrong 2>wrong.err
check "and one under other names" grep -q 'holds no tensor module.conv1.weight' wrong.err
"$BYOL" small.conf --images 640 --export gone/x.safetensors -q -o wrong 2>wrong.err
check "a missing directory is refused first" grep -q -- '--export gone/x.safetensors: gone: No such file' wrong.err
check "these leave no files" test ! -e wrong

python=${PYTHON:-python3}
if ! "$python" -c 'import numpy, torch, torchvision' 2>/dev/null; then
    skip "torchvision's resnet18: $python has no torch and torchvision"
    finish
    exit
fi
resnet="--train train.npy --train-labels train-labels.npy --test test.npy --test-labels test-labels.npy --image-format npy --images 64
    --channels none --width 64 --blocks 2,2,2,2 --hidden 32 --n2 16 --batch 32 --probe-epochs 1 --knn 0 --observe-images 32"
# shellcheck disable=SC2086 # words
"$BYOL" --data train.npy $resnet --epochs 1 -q -o out --export out.safetensors --features out.npy >/dev/null
"$python" "$script" check out.safetensors out.npy test.npy >out.txt 2>out.err
result $? "torchvision's resnet18 loads every tensor of the encoder" "$(cat out.err)"
check "the file has the heads and the target too" grep -qx 'heads = encoder,predictor,projector,target' out.txt
holds "its features are byol's" "$(sed -n 's/^off = //p' out.txt) < 1e-5"
"$python" "$script" make in.pt torch.npy test.npy >/dev/null 2>in.err
result $? "torchvision's resnet18, saved" "$(cat in.err)"
# shellcheck disable=SC2086 # words
"$BYOL" --data train.npy $resnet --epochs 0 --import in.pt -o in --export in.safetensors --features in.npy >/dev/null 2>in.err
check "is read" grep -q '100 tensors of the encoder, 0 of the projector' in.err
"$python" "$script" check in.safetensors torch.npy test.npy >in.txt 2>in.err
result $? "and written" "$(cat in.err)"
holds "it computes the same features in torchvision" "$(sed -n 's/^off = //p' in.txt) < 1e-6"
"$python" "$script" check in.safetensors in.npy test.npy >in.txt
holds "and in byol" "$(sed -n 's/^off = //p' in.txt) < 1e-5"
finish
