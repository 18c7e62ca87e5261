#!/bin/sh
# Directories of pictures become arrays that byol reads: classes in order, pictures in order, whole arrays or
# none. Skipped without NumPy and Pillow.
# SPDX-License-Identifier: MIT
set -u
pack=$PWD/pack
# shellcheck source=experiments/gpu/tests/common.inc
. tests/common.inc
PYTHON=${PYTHON:-python3}
if ! "$PYTHON" -c 'import numpy, PIL' 2>/dev/null; then
    echo "1..0 # SKIP $PYTHON has no NumPy and Pillow"
    exit 0
fi
# 40 pictures of 3 classes and several sizes; the mean of a picture is its number, times two
"$PYTHON" - <<'END' || exit 1
import pathlib
import numpy
from PIL import Image
number = 0
for name, count in (("cat", 15), ("ant", 20), ("dog", 5)):
    for i in range(count):
        path = pathlib.Path("pictures", name, "deeper" if i % 2 else ".", f"{i:02d}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        value = numpy.full((16 + i, 24, 3), 2 * number, numpy.uint8)
        Image.fromarray(value).save(path)
        number += 1
END
"$PYTHON" "$pack" pictures packed --size 8 >packed.txt
result $? "pictures are packed"
"$PYTHON" - <<'END'
import numpy
images, labels = numpy.load("packed-images.npy"), numpy.load("packed-labels.npy")
assert images.shape == (40, 8, 8, 3) and images.dtype == numpy.uint8, images.shape
assert labels.tolist() == 20 * [0] + 15 * [1] + 5 * [2]
assert open("packed-classes.txt").read() == "ant\ncat\ndog\n"
# ant: numbers 15 ... 34; paths are sorted
assert sorted(images[:20, 0, 0, 0].tolist()) == [2 * (15 + i) for i in range(20)]
assert (images == images[:, :1, :1, :1]).all()
END
result $? "classes and pictures are in order, and each picture is what it was"
"$BYOL" --data packed-images.npy --train packed-images.npy --train-labels packed-labels.npy --test packed-images.npy \
    --test-labels packed-labels.npy --augmentation none --channels none --width 4 --blocks 1 --n2 4 --hidden 8 --batch 20 \
    --epochs 1 --observe-images 0 -q -o packed >trained.txt 2>trained.err
result $? "byol trains on them" "$(cat trained.err)"
"$PYTHON" "$pack" pictures gray --size 8 --gray >/dev/null
check "gray images have one channel" "$PYTHON" -c 'import numpy; assert numpy.load("gray-images.npy").shape == (40, 8, 8)'
cp packed-images.npy before.npy
echo text >pictures/dog/broken.png
"$PYTHON" "$pack" pictures packed --size 16 >/dev/null 2>broken.err
check "a broken picture is named" grep -q '^pack: pictures/dog/broken.png: cannot be read' broken.err
check "and leaves the earlier arrays" cmp packed-images.npy before.npy
check "and nothing else" test -z "$(ls ./*.new 2>/dev/null)"
mkdir pictures/empty
"$PYTHON" "$pack" pictures packed >/dev/null 2>empty.err
check "a class without pictures is named" grep -q '^pack: pictures/empty: holds no picture' empty.err
"$PYTHON" "$pack" pictures packed --size 1 >/dev/null 2>size.err
check "a size out of range is refused" test $? = 2
finish
