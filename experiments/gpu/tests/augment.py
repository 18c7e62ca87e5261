#!/usr/bin/env python3
"""Writes augment.tsv: views of one image by torchvision, with fixed parameters.

    python3 augment.py > augment.tsv

A row is one view: box, mirror, order of the color jitter (brightness 0, contrast 1, saturation 2,
hue 3; -1 none), its factors, gray, blur, whether it is normalized; then its pixels, channel by channel.
The image is the one of augment.c: bytes from an integer formula.
On stderr: the difference between these views and torchvision's views of 8-bit PIL images, which are
rounded after every step and which the authors' program trains on.
"""
# SPDX-License-Identifier: MIT
import sys

import torch
from torchvision.transforms import functional as F

SIDE = 12
MEAN, DEVIATION = [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]
#        row col  h   w flip  order          bright contr satur hue   gray blur normal
VIEWS = [
    (0, 0, 12, 12, 0, (-1, -1, -1, -1), 1, 1, 1, 0, 0, 0, 0),
    (2, 3, 7, 9, 0, (-1, -1, -1, -1), 1, 1, 1, 0, 0, 0, 0),
    (5, 1, 4, 3, 1, (-1, -1, -1, -1), 1, 1, 1, 0, 0, 0, 1),
    (0, 2, 11, 10, 1, (0, 1, 2, 3), 1.37, 0.71, 1.21, 0.083, 0, 0, 1),
    (1, 0, 10, 12, 0, (3, 2, 1, 0), 0.64, 1.33, 0.62, -0.097, 0, 0, 1),
    (3, 4, 6, 8, 1, (2, 0, 3, 1), 1.71, 1.62, 1.77, 0.19, 0, 0, 0),
    (0, 0, 12, 12, 0, (1, 3, 0, 2), 0.25, 0.31, 0.28, -0.2, 1, 0, 0),
    (4, 2, 8, 7, 0, (-1, -1, -1, -1), 1, 1, 1, 0, 0, 0.73, 0),
    (1, 1, 9, 10, 1, (3, 1, 0, 2), 1.12, 0.9, 1.4, 0.05, 0, 1.91, 1),
]


def image():
    """Waves with a little noise, in integers: smooth like a picture, but no two pixels are equal."""
    pixels = torch.zeros(3, SIDE, SIDE, dtype=torch.uint8)
    for c in range(3):
        for y in range(SIDE):
            for x in range(SIDE):
                noise = (7919 * (c * SIDE * SIDE + y * SIDE + x) + 104729) % 61
                pixels[c, y, x] = (30 + 17 * c + (11 + c) * y + (7 - 2 * c) * x + 3 * x * y % 40 + noise) % 256
    return pixels


def jitter(picture, view):
    for step in view[5]:
        if step == 0:
            picture = F.adjust_brightness(picture, view[6])
        elif step == 1:
            picture = F.adjust_contrast(picture, view[7])
        elif step == 2:
            picture = F.adjust_saturation(picture, view[8])
        elif step == 3:
            picture = F.adjust_hue(picture, view[9])
    return picture


def show(picture, view):
    picture = F.resized_crop(picture, *view[:4], (SIDE, SIDE), F.InterpolationMode.BILINEAR)
    if view[4]:
        picture = F.hflip(picture)
    picture = jitter(picture, view)
    if view[10]:
        picture = F.rgb_to_grayscale(picture, 3)
    if view[11]:
        picture = F.gaussian_blur(picture, [9, 9], [view[11]] * 2)
    if not isinstance(picture, torch.Tensor):
        picture = F.to_tensor(picture)
    return F.normalize(picture, MEAN, DEVIATION) if view[12] else picture


def row(view, picture):
    numbers = list(view[:5]) + list(view[5]) + list(view[6:])
    print("\t".join(f"{n:g}" for n in numbers), end="\t")
    print("\t".join(f"{p:.5f}" for p in picture.flatten().tolist()))


print("# ssldyn augment 1")
bytes_ = image()
for v in VIEWS:
    row(v, show(bytes_.double() / 255, v))
worst = 0.0
for v in VIEWS:
    plain = v[:12] + (0,)
    difference = show(F.to_pil_image(bytes_), plain).double() - show(bytes_.double() / 255, plain)
    worst = max(worst, difference.abs().max().item())
print(f"largest difference to 8-bit images of PIL: {255 * worst:.2f}/255", file=sys.stderr)
