#!/bin/sh
# Closures: the gradient of the cosine to leading and to next order in 1/n has errors of order 1/n and
# 1/n^2.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

# error CLOSURE MODES: relative error of its gradient
error() {
    "$SSLDYN" flow experiments/closures.conf --closure "$1" --wp0 "0.1:1:$2" --w0 "0.1:1:$2" -q -o "$DIR/$1-$2" |
        sed -n 's/^closure_error = //p'
}
for n in 4 16 64 128 256; do
    eval "leading_$n=$(error leading $n) next_$n=$(error next $n)"
done
# shellcheck disable=SC2154 # by eval
{
    holds "the leading order falls like 1/n" "$leading_128 / $leading_256 > 1.9 && $leading_128 / $leading_256 < 2.1"
    holds "with the next one it falls like 1/n^2" "$next_128 / $next_256 > 3.6 && $next_128 / $next_256 < 4.2"
    holds "at n = 64 it is off by 5 %, and by 0.5 %" "$leading_64 > 0.045 && $leading_64 < 0.055 && $next_64 > 0.0045 && $next_64 < 0.0055"
    holds "at n = 16 the next order is a third of the leading one" "$next_16 < 0.35 * $leading_16"
    holds "with four modes neither is useful" "$leading_4 > 0.4 && $next_4 > 0.2"
}
finish
