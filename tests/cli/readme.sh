#!/bin/sh
# Every command of the README's tour is run, in order, in one empty directory; each line that the
# README shows below it must appear in what it prints, numbers to six digits.
# SPDX-License-Identifier: MIT
set -u
root=$PWD
SSLDYN=${SSLDYN:-$root/ssldyn}
scratch=${TEST_DIR:-$(mktemp -d)}
mkdir -p "$scratch/bin" "$scratch/tour"
ln -sf "$SSLDYN" "$scratch/bin/ssldyn"
PATH=$scratch/bin:$PATH
SSLDYN_PLOTS=$root/plots
export PATH SSLDYN_PLOTS
cd "$scratch/tour" || exit 1
number=0
failures=0

report() { # STATUS WHAT
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        failures=$((failures + 1))
        echo "not ok $number - $2"
        sed 's/^/# /' ../stderr
    fi
}

# Lines "name = number" agree to 1e-6, all others to the letter.
shows() {
    WANT=$1 awk '
        BEGIN { split(ENVIRON["WANT"], want, " = ") }
        $0 == ENVIRON["WANT"] { found = 1 }
        index($0, want[1] " = ") == 1 && want[2] + 0 != 0 {
            d = ($3 - want[2]) / want[2]
            if (d < 1e-6 && d > -1e-6) found = 1
        }
        END { exit !found }' ../stdout
}

sed -n '/^```console$/,/^```$/p' "$root/README.md" | grep -v '^```' >../commands
while IFS= read -r line; do
    case $line in
    '$ ssldyn plot '* | '$ ssldyn report '*)
        if command -v gnuplot >/dev/null 2>&1; then
            sh -c "${line#\$ }" >../stdout 2>../stderr </dev/null
            report $? "${line#\$ }"
        else
            number=$((number + 1))
            echo "ok $number - ${line#\$ } # SKIP gnuplot is not installed"
            echo "${line##* }" >../stdout
        fi
        ;;
    '$ '*)
        sh -c "${line#\$ }" >../stdout 2>../stderr </dev/null
        report $? "${line#\$ }"
        ;;
    ?*)
        shows "$line"
        report $? "  shows: $line"
        ;;
    esac
done <../commands
echo "1..$number"
[ "$failures" -eq 0 ]
