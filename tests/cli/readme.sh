#!/bin/sh
# Every command of the README is run, in order, in one empty directory: the tour, where each line that
# the README shows below a command must appear in its output or report, numbers to six digits; the first example
# for images, on CIFAR-10 if it is available, otherwise on a small set of noise; and the commands of its table of
# statements.
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

runs() { # COMMAND
    sh -c "$1" >../stdout 2>../stderr </dev/null
    report $? "$1"
}

# Lines "name = number" agree to 1e-6, all others exactly.
shows() {
    WANT=$1 awk '
        BEGIN { split(ENVIRON["WANT"], want, " = ") }
        $0 == ENVIRON["WANT"] { found = 1 }
        index($0, want[1] " = ") == 1 && want[2] + 0 != 0 {
            d = ($3 - want[2]) / want[2]
            if (d < 1e-6 && d > -1e-6) found = 1
        }
        END { exit !found }' ../stdout ../stderr
}

sed -n '/^```console$/,/^```$/p' "$root/README.md" | grep -v '^```' >../commands
while IFS= read -r line; do
    case $line in
    '$ ssldyn plot '* | '$ ssldyn report '*)
        if command -v gnuplot >/dev/null 2>&1; then
            runs "${line#\$ }"
        else
            number=$((number + 1))
            echo "ok $number - ${line#\$ } # SKIP gnuplot is not installed"
            echo "${line##* }" >../stdout
        fi
        ;;
    '$ '*)
        runs "${line#\$ }"
        ;;
    ...) ;;
    ?*)
        shows "$line"
        report $? "  shows: $line"
        ;;
    esac
done <../commands

# CIFAR-10's format: a label and 3072 bytes per record.
mkdir cifar-10-batches-bin
awk 'BEGIN {
    for (i = 0; i < 20 * 3073; i++) printf "%c", i % 3073 ? 1 + (i * i + 7 * i) % 126 : 1 + i % 9
}' >cifar-10-batches-bin/data_batch_1.bin
for i in 2 3 4 5; do
    cp cifar-10-batches-bin/data_batch_1.bin cifar-10-batches-bin/data_batch_$i.bin
done
# The first example, on CIFAR-10 if available: the output shown must appear. Otherwise it runs on the noise.
real=${SSLDYN_DATA:-}/cifar10
if [ -n "${SSLDYN_DATA:-}" ] && [ -r "$real/data_batch_5.bin.xz" ] && command -v xz >/dev/null; then
    for i in 1 2 3 4 5; do
        xz -dc "$real/data_batch_$i.bin.xz" >cifar-10-batches-bin/data_batch_$i.bin
    done
else
    real=
fi
sed -n '/^```console cifar$/,/^```$/p' "$root/README.md" | grep -v '^```' >../commands
while IFS= read -r line; do
    case $line in
    '$ ssldyn '*)
        runs "${line#\$ }"
        ;;
    '$ '* | ... | '') ;;
    *)
        [ -z "$real" ] || {
            shows "$line"
            report $? "  shows: $line"
        }
        ;;
    esac
done <../commands

sed -n '/^```sh$/,/^```$/p' "$root/README.md" | grep '^ssldyn ' >../commands
while IFS= read -r line; do
    runs "$line"
done <../commands

# The commands of the table; targets of the Makefile that draw a picture are run by the figures' tests.
ln -s "$root/experiments" experiments
sed -n 's/^|[^|]*| `\(ssldyn [^`]*\)` |.*/\1/p' "$root/README.md" >../commands
while IFS= read -r line; do
    runs "$line"
done <../commands

# Its glossary is that of the program.
"$SSLDYN" help words | awk '
    /^[^ ]/ { if (line) print line
              word = substr($0, 16, 2) == "  " ? substr($0, 1, 17) : $0
              rest = substr($0, 16, 2) == "  " ? substr($0, 18) : ""
              sub(/ +$/, "", word); line = "- **" word "**:" (rest == "" ? "" : " ") rest; next }
    { sub(/^ +/, ""); line = line " " $0 }
    END { print line }' >../words
grep '^- \*\*[^*]*\*\*: ' "$root/README.md" | grep -v '^- \*\*You ' | diff - ../words >../stderr
report $? "the glossary is that of ssldyn help words"
echo "1..$number"
[ "$failures" -eq 0 ]
