#!/bin/sh
# The ablation table: without predictor or without stop-gradient everything collapses; with both the
# network survives unless only the network has weight decay.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
"$SSLDYN" figure ablation -q --runs "$DIR" -o "$DIR/picture.png" >/dev/null || exit 1
worst() { of table.tsv "$1 && (!k++ || v[\"rank\"] $2 m) { m = v[\"rank\"] } END { print m }"; }
holds "every combination is present" "$(of table.tsv 'END { print n }') == 50"
holds "no predictor: collapse" "$(worst 'v["predictor"] == 0' '>') == 0"
holds "no stop-gradient: collapse" "$(worst 'v["stop_grad"] == 0' '>') == 0"
holds "both, with weight decay on the network alone: collapse" \
    "$(worst 'v["predictor"] && v["stop_grad"] && v["eta_p"] == 0 && v["eta_s"] > 0' '>') == 0"
holds "both, all other decays, targets and symmetries: most modes survive" \
    "$(worst 'v["predictor"] && v["stop_grad"] && !(v["eta_p"] == 0 && v["eta_s"] > 0)' '<') >= 6"
holds "every cell has a certified verdict, and it is the one that the rank shows" "$(of table.tsv '
    v["survive"] == "nan" || (v["survive"] > 0) != (v["rank"] > 0) { bad++ }
    END { print bad + 0 }') == 0"
# With equal decays no mode evolves slowly at the end: certificates and rank agree mode by mode.
holds "certified fates count the rank" "$(of table.tsv '
    v["eta_p"] == 0.04 && v["eta_s"] == 0.04 && v["survive"] != v["rank"] { bad++ }
    END { print bad + 0 }') == 0"
finish
