#!/bin/sh
# Help: every command and every option is documented, in lines that fit, on stdout; man reads the
# man page without a warning; each option of flow and theory has a case in cases.tsv.
# shellcheck disable=SC1091,SC2013,SC2016
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

narrow() {
    ! awk 'length > 79 && NF > 1 && !/^  ssldyn/ { print; wide = 1 } END { exit !wide }' "$1"
}
# The short help consists of lines of the long one and refers to it.
part_of() {
    "$SSLDYN" help "$2" >"$scratch/short" && narrow "$scratch/short" || return 1
    cmp -s "$scratch/short" "$1" || {
        grep -q "^These are the common options; \"ssldyn $2 --help\" lists all of them" "$scratch/short" &&
            [ "$(grep -Ec '^  (-[a-z], )?--' "$scratch/short")" -le 16 ] &&
            ! grep -E '^  (-[a-z], )?--' "$scratch/short" | grep -vxFf "$1"
    }
}
# Each name in the table of common options is an option of the command.
all_common() {
    tr -d '\n' <"sim/cli/$2.c" | sed -n 's/.*\.common = *"|\([^,]*\)|",.*/\1/p' | sed 's/" *"//g' |
        tr '|' '\n' >"$scratch/common"
    [ -s "$scratch/common" ] || cmp -s "$scratch/short" "$1" || return 1
    while read -r option; do
        "$SSLDYN" help "$2" | grep -Eq -- "^  (-[a-z], )?--$option( |\$)" || { echo "$option"; return 1; }
    done <"$scratch/common"
}
has_examples() {
    [ "$(grep -c "^  ssldyn $2" "$1")" -ge 2 ]
}
# Every option has a meaning that ends in a full stop or a default.
documented() {
    awk '/^  (-[a-z], )?--/ { if (open) bad = bad "\n" name; name = $0; open = 1 }
         open && /(\.|\])$/ { open = 0 }
         /^$/ { if (open) bad = bad "\n" name; open = 0 }
         END { if (bad) { print bad; exit 1 } }' "$1"
}
# A list of models makes no sense where none can be chosen.
models_with_choice() {
    grep -q '^  --model ' "$1" || ! grep 'Models:' "$1"
}
examples_parse() {
    # With a missing operand or file an example is refused only for that reason.
    grep "^  ssldyn $2" "$1" | sed 's/^  ssldyn//' | while read -r line; do
        # shellcheck disable=SC2086 # words
        (cd "$scratch" && "$program" $line >out 2>err </dev/null)
        if grep -E 'unknown option|not an option of|needs a value|must be' "$scratch/err"; then
            exit 1
        fi
    done
}
program=$(cd "$(dirname "$SSLDYN")" && pwd)/$(basename "$SSLDYN")

"$SSLDYN" --help >"$scratch/overview"
check "the overview fits in the lines" narrow "$scratch/overview"
for word in help --help -h; do
    check "help $word prints the overview" sh -c '"$1" help "$2" | cmp -s - "$3"' - "$SSLDYN" "$word" "$scratch/overview"
done
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$scratch/overview" | grep -v help)
check "there are flow and theory" sh -c 'echo "$1" | grep -q flow && echo "$1" | grep -q theory' - "$commands"
for command in $commands; do
    "$SSLDYN" "$command" --help >"$scratch/$command" 2>"$scratch/err"
    check "$command --help prints nothing on stderr" test ! -s "$scratch/err"
    check "$command --help fits" narrow "$scratch/$command"
    check "$command: ssldyn help $command is a part of it" part_of "$scratch/$command" "$command"
    check "$command: the common options are options of the command" all_common "$scratch/$command" "$command"
    check "$command: two examples" has_examples "$scratch/$command" "$command"
    check "$command: every option is documented" documented "$scratch/$command"
    check "$command: lists models only if it takes --model" models_with_choice "$scratch/$command"
done
for command in flow theory; do
    check "$command: the examples use existing options" examples_parse "$scratch/$command" "$command"
    for option in $(sed -n 's/^  \(-[a-z], \)\{0,1\}--\([a-z0-9-]*\).*/\2/p' "$scratch/$command"); do
        [ "$option" = help ] && continue
        check "$command --$option has a case" \
            grep -Eq "^[0-9]+	[^	]*	$command .*--$option([ =]|\$)" "$here/cases.tsv"
    done
done

"$SSLDYN" help --man >"$scratch/ssldyn.1"
check "help --man help prints it too" sh -c '"$1" help --man help | cmp -s - "$2"' - "$SSLDYN" "$scratch/ssldyn.1"
check "the man page names itself" grep -q '^\.TH SSLDYN 1' "$scratch/ssldyn.1"
for command in $commands; do
    check "the man page has $command" grep -q "^\.SH SSLDYN $command" "$scratch/ssldyn.1"
done
if command -v man >/dev/null 2>&1 && man --version 2>/dev/null | grep -q man; then
    check "man reads it without a warning" sh -c '
        LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 "$1" 2>&1 >/dev/null | { ! grep .; }' \
        - "$scratch/ssldyn.1"
else
    skip "no man"
fi
for command in $commands; do
    "$SSLDYN" help --man "$command" >"$scratch/page.1"
    check "$command has a man page" grep -q "^\.SH SYNOPSIS" "$scratch/page.1"
    sed -n 's/^ *\(-[a-z], \)\{0,1\}--\([a-z0-9-]*\).*/\2/p' "$scratch/$command" | grep -vx help >"$scratch/options"
    check "$command: it has every option" sh -c '
        while read -r option; do
            grep -qF -- "\\-\\-$(echo "$option" | sed "s/-/\\\\-/g")" "$2" || { echo "$option"; exit 1; }
        done <"$1"' - "$scratch/options" "$scratch/page.1"
done

# Completion: the scripts parse, and bash completes commands, options and choices.
for shell in bash zsh fish; do
    "$SSLDYN" help --completion "$shell" >"$scratch/completion.$shell"
    if command -v "$shell" >/dev/null 2>&1; then
        check "$shell parses its completion" "$shell" -n "$scratch/completion.$shell"
    else
        skip "no $shell"
    fi
    for command in $commands; do
        check "$shell completes the options of $command" sh -c '
            sed -n "s/^  \(-[a-z], \)\{0,1\}--\([a-z0-9-]*\).*/\2/p" "$1" | grep -vx help | while read -r option; do
                grep -qE -- "(--|-l )$option([^a-z0-9-]|\$)" "$2" || { echo "$option"; exit 1; }
            done' - "$scratch/$command" "$scratch/completion.$shell"
    done
done
# completes WORDS EXPECTED: bash's completions of the last of the words
completes() {
    bash -c '. "$1"; read -ra COMP_WORDS <<<"$2"; [[ $2 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _ssldyn; echo "${COMPREPLY[*]}"' - "$scratch/completion.bash" "$1" |
        tee "$scratch/offered" | grep -qx -e "$2" || { cat "$scratch/offered"; false; }
}
if command -v bash >/dev/null 2>&1; then
    check "bash completes commands" completes "ssldyn th" theory
    check "bash completes options" completes "ssldyn flow --init-w" "--init-w --init-wp --init-wa"
    check "bash completes choices" completes "ssldyn flow --loss iso" "iso-l2 iso-cosine"
    check "bash leaves operands to file names" completes "ssldyn align tra" ""
    check "bash completes the value, not the option" completes "ssldyn sweep --process " "flow sgd"
else
    skip "no bash"
fi

"$SSLDYN" --version >"$scratch/version"
for word in '^ssldyn [0-9]' '^built with' '^GSL [0-9]' '^BLAS ' '^MPI (yes|no)'; do
    check "--version prints $word" grep -Eq "$word" "$scratch/version"
done

finish
