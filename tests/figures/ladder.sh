#!/bin/sh
# The ladder: noise and step size have a small effect, the assumptions of the theory a large one; the assumptions
# change how many modes survive, but not their level.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
"$SSLDYN" compare --ladder experiments/ladder.conf -q -o "$DIR/ladder" >"$DIR/values" || exit 1
theory=$("$SSLDYN" theory --eta 0.04 --sigma2 0.25 | awk '$1 == "s_plus" { print $3 }')

value() { awk -v n="$1" '$1 == n { print $3 }' "$DIR/values"; }
# alive RUNG: modes above 0.03, a hundredth of the largest start; s RUNG J: eigenvalue J at the end
alive() {
    of ladder/trace.tsv "END { for (j = 1; (\"s_\" j \"_$1\") in v; j++)
        c += v[\"s_\" j \"_$1\"] > 0.03; print c + 0 }"
}
s() { last ladder/trace.tsv "s_$2_$1"; }

for rung in map m1; do
    holds "$rung: an effect of less than 1 % on average" "($(value $rung.s_mean)) < 0.01"
done
for rung in m2 m2_symmetric m3; do
    holds "$rung: an effect between 5 and 20 %" "($(value $rung.s_mean)) > 0.05 && ($(value $rung.s_mean)) < 0.2"
done
holds "m4: the largest effect" "($(value m4.s_mean)) > 0.2"
holds "the step size has its effect early" "($(value m1.s_end)) < 0.1 * ($(value m1.s_largest))"
for pair in sgd:7 map:7 m1:7 m2:6 m2_symmetric:7 m3:8 m4:8; do
    holds "${pair%:*}: ${pair#*:} of 8 modes survive" "($(alive "${pair%:*}")) == ${pair#*:}"
done
for rung in sgd map m1 m2 m2_symmetric m3 m4; do
    holds "$rung: all that live are within a fifth of the level of theory" "$(of ladder/trace.tsv "END {
        for (j = 1; (\"s_\" j \"_$rung\") in v; j++) { s = v[\"s_\" j \"_$rung\"] / ($theory)
            if (s > 0.05) { some++; if (s < 0.8 || s > 1.2) bad++ } }
        print bad + 0 \" == 0 && \" some + 0 }") > 5"
done
# The influence of the start decays as exp(-2 eta t), in s and in p^2.
left="2 * ($(of ladder/trace.tsv 'n == 1 { print v["s_1_sgd"] }')) * exp(-2 * 0.04 * 50)"
for rung in sgd map m1 m2 m2_symmetric m3 m4; do
    holds "$rung: its first mode ends on the level of theory, up to the influence of the start" \
        "(($(s $rung 1)) - ($theory))^2 < ($left)^2"
done
finish
