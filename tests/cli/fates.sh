#!/bin/sh
# Fates of whole networks that are proved: the trapping region of several layers and of MAE, and what the
# cosine keeps of matrices.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
# shellcheck source=tests/cli/files.inc
. "$(dirname "$0")/files.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
make_files . # x = (1 1/4; 1/4 1), xprime = (1/2 0; 0 1/4), skew = (1 1; 0 1)
npy flat.npy "$one" "$zero" "$zero" "$zero"

# rows COLUMN...: those columns of the points of a sweep
rows() {
    awk -F '\t' -v names="$*" '/^#/ { next }
        !n { n = split(names, want, " "); for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (i = 1; i <= n; i++) printf "%s%s", $(at[want[i]]), i < n ? " " : "\n" }' sweep/table.tsv
}

# ---- several layers: small starts are trapped at once, and do decay; large ones are not claimed
trapped() { # OPTIONS...
    "$SSLDYN" sweep -q --n2 2 --eta 0.3 --axis.init-scale list:0.02,0.2,0.8 --init-wa copy --t-end 60 \
        -o sweep "$@" >/dev/null || return 1
    rows fate rank t_decided s_end | awk 'NR == 1 && ($1 != 0 || $2 != 0 || $3 != 0) { bad = 1 }
        NR == 3 && $1 == 0 && $3 == 0 { bad = 1 }
        $1 == 0 && !($4 < 1e-10) { bad = 1 } $1 == 0 { seen++ } END { exit bad || seen < 1 || NR != 3 }'
}
check "two layers, average of the layers" trapped --depth 2 --n1 3
check "three layers, average of the product" trapped --depth 3 --ema-of product --n1 3
check "two layers, two decays" trapped --depth 2 --eta-p 0.5 --alpha-p 2 --n1 3
check "two layers of a pair" trapped --depth 2 --sxx x.npy --syx skew.npy
from_everywhere() { # MAE of one layer: sqrt(alpha_p) lambda = 1 below eta collapses from every start
    "$SSLDYN" sweep -q --n1 3 --n2 2 --target mae --eta 1.1 --axis.init-scale list:0.1,10 --t-end 1 -o sweep >/dev/null &&
        [ "$(rows fate rank t_decided | tr '\n' ';')" = "0 0 0;0 0 0;" ]
}
check "MAE of one layer beyond its fold collapses from every start" from_everywhere
below() { # and just below the fold nothing is claimed
    "$SSLDYN" sweep -q --n1 3 --n2 2 --target mae --eta 0.99 --axis.init-scale list:0.1,10 --t-end 1 -o sweep >/dev/null &&
        ! rows fate | grep -q '^0$'
}
check "MAE of one layer below its fold" below

# ---- the cosine: |W| is kept up to the decay, and all modes survive where W W^T > Wp^T Wp/alpha_p
survives() { # RANK OPTIONS...
    want=$1
    shift
    "$SSLDYN" sweep -q --loss cosine --n2 2 --axis.seed 1:1:1 --t-end 20 --early-stop -o sweep "$@" >/dev/null &&
        [ "$(rows fate rank t_decided)" = "$want" ]
}
small="--init-w wide.npy --init-wp xprime.npy"
npy wide.npy "$one" "$quarter" "$quarter" "$one"
# shellcheck disable=SC2086 # options
{
    check "the cosine: all modes survive" survives "1 2 0" $small --n1 2
    check "the cosine: all modes of data that do not commute" survives "1 2 0" $small --x x.npy --xprime xprime.npy
    check "the cosine: with two decays the network alone" survives "1 nan 0" $small --n1 2 --eta-p 0.1
    check "the cosine: from a start that may lose modes" survives "1 nan 0" --init-w xprime.npy --init-wp wide.npy --n1 2
    check "the cosine: data without a direction" survives "3 nan nan" $small --x flat.npy --xprime x.npy
}
written() { # in the report of a flow, and by the theory
    # shellcheck disable=SC2086 # options
    "$SSLDYN" flow --loss cosine --n1 2 --n2 2 $small --sigma2 0 --t-end 5 -o flow >flow.out 2>flow.err &&
        grep -q '^rank = 2$' flow.out &&
        "$SSLDYN" theory --loss cosine $small --sigma2 0 | grep -q '^exact = 1$'
}
check "the cosine: a flow reports the rank" written

finish
