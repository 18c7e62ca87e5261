#!/bin/sh
# Figure 4: two, three and one zero of dp/dt on the parabola, with the signs that determine their stability.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

for eta in 0 0.16 0.3; do
    table "v-$eta" fig04 --eta $eta --table velocity --p0=-0.25:1.25:30001
done
# sign changes from left to right; "- +" means from minus to plus
signs() {
    of "$1" '{ s = v["velocity"] > 0 ? "+" : v["velocity"] < 0 ? "-" : "" } s != "" && s != p { all = all s; p = s }
        END { print "\"" all "\"" }'
}
holds "eta = 0: p grows up to 1/c, half-stable origin" "$(signs v-0.tsv) == \"+-\""
holds "below the fold: stable, unstable, stable" "$(signs v-0.16.tsv) == \"+-+-\""
holds "above the fold: only collapse" "$(signs v-0.3.tsv) == \"+-\""
holds "above the fold: p falls at every positive value" "$(of v-0.3.tsv 'v["p"] > 1e-9 && (n2++ == 0 || v["velocity"] > m) { m = v["velocity"] } END { print m }') < 0"
finish
