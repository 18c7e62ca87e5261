#!/bin/sh
# Runs every line of cases.tsv in an empty directory: checks the exit status and stderr,
# and that bad input (exit 2) is reported with one line and leaves no files.
# shellcheck disable=SC1091,SC2016
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
SSLDYN=${SSLDYN:-./ssldyn}
SSLDYN=$(cd "$(dirname "$SSLDYN")" && pwd)/$(basename "$SSLDYN")
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
F=$scratch/files
mkdir "$F"
. "$here/files.inc"
make_files "$F"

tab=$(printf '\t')
number=0
failures=0
while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    want=${line%%"$tab"*}
    rest=${line#*"$tab"}
    pattern=${rest%%"$tab"*}
    arguments=${rest#*"$tab"}
    number=$((number + 1))
    place=$scratch/$number
    mkdir "$place"
    (
        cd "$place" || exit 99
        eval "\"\$SSLDYN\" $arguments" 2>"$scratch/stderr" >"$scratch/stdout" </dev/null
    )
    status=$?
    fault=
    [ "$status" = "$want" ] || fault="exit $status, not $want"
    if [ "$pattern" = - ]; then
        [ ! -s "$scratch/stderr" ] || fault="$fault; stderr is not empty"
    else
        grep -Eq -e "$pattern" "$scratch/stderr" || fault="$fault; stderr does not match /$pattern/"
    fi
    if [ "$want" = 2 ]; then
        [ "$(wc -l <"$scratch/stderr")" -eq 1 ] || fault="$fault; stderr is not one line"
        [ -z "$(ls -A "$place")" ] || fault="$fault; it left $(ls -A "$place")"
        [ ! -s "$scratch/stdout" ] || fault="$fault; stdout is not empty"
    fi
    rm -rf "$place"
    if [ -z "$fault" ]; then
        echo "ok $number - ssldyn $arguments"
    else
        failures=$((failures + 1))
        echo "not ok $number - ssldyn $arguments ($fault)"
        sed 's/^/# /' "$scratch/stderr"
    fi
done <"$here/cases.tsv"
echo "1..$number"
[ "$failures" -eq 0 ]
