#!/bin/sh
# No fold: under the squared distance modes collapse at lambda_d^2/(4 lambda_s), one after the other; the cosine
# keeps those of its start at every weight decay.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

wide="--w0 0.9,0.8,0.7,0.6,0.5,0.5,0.4,0.4 --wp0 0.3"
narrow="--w0 0.9,0.8,0.7,0.6,0.5,0.5,0.3,0.2 --wp0 0.6,0.6,0.6,0.6,0.6,0.6,0.9,1"
# printed NAME COMMAND...: the number that a command prints with that name
printed() {
    wanted=$1
    shift
    "$SSLDYN" "$@" | sed -n "s/^$wanted = //p"
}
# Between the folds, 0.0484 to 0.25, and beyond them.
for eta in 0.02 0.047 0.05 0.1 0.2 0.24 0.26 0.5; do
    run "l2-$eta" sweep nofold --w0 0.7 --wp0 0.7 --t-end 4000 --early-stop --axis.eta list:$eta --columns fate,rank
    l2=$(last "l2-$eta/table.tsv" rank)
    theory=$(printed rank theory experiments/nofold-theory.conf --eta $eta)
    count=$(sed -n 's/^lambda_d *= //p' experiments/nofold.conf | tr ',' '\n' | awk "\$1 * \$1 / 4 > $eta { k++ } END { print k + 0 }")
    holds "eta = $eta: the squared distance keeps the modes above lambda_d^2/4" "($l2) == $count && ($theory) == $count"
    case $eta in 0.047 | 0.05 | 0.24 | 0.26) continue ;; esac
    # shellcheck disable=SC2086 # options, apart
    rank=$(printed rank flow experiments/nofold.conf --loss cosine --eta $eta $wide -q -o "$DIR/wide-$eta")
    holds "eta = $eta: under the cosine all survive, certified" "($rank) == 8"
    # shellcheck disable=SC2086
    "$SSLDYN" flow experiments/nofold.conf --loss cosine --eta $eta $narrow -q -o "$DIR/narrow-$eta" >"$DIR/narrow.txt"
    rank=$(sed -n 's/^rank_at_end = //p' "$DIR/narrow.txt")
    holds "eta = $eta: with noise their collapse is not proved, and the rank is undecided" "$(grep -cx 'rank = nan' "$DIR/narrow.txt") == 1"
    # shellcheck disable=SC2086
    theory=$(printed rank theory experiments/nofold-theory.conf --loss cosine --eta $eta $narrow)
    holds "eta = $eta: from the other start all but two, as predicted" "($rank) == 6 && ($theory) == 6"
    holds "eta = $eta: which are the last two" \
        "$(of "narrow-$eta/trace.tsv" 'END { print (v["s_6"] > 1e6 * v["s_7"] && v["s_6"] > 1e6 * v["s_8"]) }') == 1"
done
finish
