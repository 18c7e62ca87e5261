#!/bin/sh
# The README's pictures were drawn from the present scripts and experiments (comments do not matter).
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
now=$(printf '%s\n' plots/*.gp experiments/*.conf experiments/figures/*.conf | LC_ALL=C sort |
    xargs sed 's/^ *#.*//; s/ # .*//' | cksum)
holds "plots/gallery is up to date (make gallery)" "\"$now\" == \"$(cat plots/gallery/inputs.txt)\""
for picture in $(grep -o 'plots/gallery/[a-z0-9]*\.png' README.md); do
    holds "$picture, shown by the README, exists" "$(find "$picture" -size +1k | wc -l) == 1"
done
finish
