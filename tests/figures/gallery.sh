#!/bin/sh
# The README's pictures were drawn from the scripts and experiments as they are now.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
now=$(for file in plots/fig*.gp plots/style.gp plots/matrix.gp experiments/fig*.conf experiments/overview*.conf \
    plots/survival.gp plots/map.gp plots/ladder.gp plots/ablation.gp experiments/survival.conf experiments/map.conf \
    experiments/ladder.conf experiments/ablation.conf plots/observations.gp experiments/map-random.conf \
    experiments/survival-sgd.conf experiments/observation*.conf; do
    [ ! -f "$file" ] || echo "$file"
done | LC_ALL=C sort | xargs cat | cksum)
holds "plots/gallery is up to date (make gallery)" "\"$now\" == \"$(cat plots/gallery/inputs.txt)\""
for picture in $(grep -o 'plots/gallery/[a-z0-9]*\.png' README.md); do
    holds "$picture, shown by the README, is there" "$(find "$picture" -size +1k | wc -l) == 1"
done
finish
