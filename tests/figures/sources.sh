#!/bin/sh
# The plot scripts as texts: they cannot run a command or execute a text, and every
# character that they draw is in both fonts that .ci/packages installs.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc

# code FILE...: gnuplot's lines with file and number, without comments
code() { grep -nH '' "$@" | sed 's/:[[:space:]]*#.*$/:/; s/[[:space:]]# .*$//'; }
none() { # WHAT PATTERN FILE...
    what=$1 pattern=$2
    shift 2
    found=$(code "$@" | grep -E -e "$pattern")
    [ -z "$found" ]
    result $? "$what" "$found"
}
none "no system, shell, eval or pipe" '\b(system|shell|eval|evaluate|popen|import)\b' plots/*.gp
none "no backquote" '`' plots/*.gp
none "no macro" '@' plots/*.gp
none "no name that is a command" "[\"'][[:space:]]*<|(plot|stats|load|output|print|\]|,)[[:space:]]+[\"'][[:space:]]*\|" plots/*.gp
none "no line for the shell" ':[[:space:]]*!' plots/*.gp
holds "no output but the standard one, and one file that the program names" \
    "$(cat plots/*.gp | grep -c '^[^#]*set output') == 1 && $(grep -cx '    set output OUTPUT' plots/style.gp) == 1"
[ -z "$(code plots/*.gp | grep -E '\b(load|call)\b' | grep -v 'load "style.gp"$')" ]
result $? "no script but style.gp is loaded"
# The program that runs them: no text is built for a shell, and text for gnuplot only from checked words.
none "the program calls no shell" '\b(system|popen) ?\(|"/?(bin/)?sh"' sim/*/*.c
# The characters beyond ASCII, and their numbers.
allowed='· b7
α 3b1
β 3b2
γ 3b3
η 3b7
λ 3bb
σ 3c3
τ 3c4
– 2013
′ 2032
→ 2192'
strip=$(echo "$allowed" | sed 's|^\(.*\) .*$|s/\1//g;|')
[ -z "$(code plots/*.gp sim/cli/gnuplot*.c sim/cli/picture*.c | LC_ALL=C sed "$strip" | LC_ALL=C grep -a '[^ -~	]')" ]
result $? "every character drawn is one of the list" \
    "$(code plots/*.gp sim/cli/gnuplot*.c sim/cli/picture*.c | LC_ALL=C sed "$strip" | LC_ALL=C grep -a '[^ -~	]')"
for font in "Liberation Sans:style=Regular" "Liberation Sans:style=Italic" "Liberation Sans:style=Bold" "DejaVu Sans:style=Book"; do
    if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list ":family=$font" 2>/dev/null)" ]; then
        skip "$font: not installed, or no fc-list"
        continue
    fi
    missing=$(echo "$allowed" | while read -r character number; do
        [ -n "$(fc-list ":family=$font:charset=$number")" ] || echo "$character"
    done)
    [ -z "$missing" ]
    result $? "$font has them all" "$missing"
done
finish
