#!/bin/sh
# Contents of files, their names, and arguments of options are data: neither gnuplot nor a shell executes
# them, and names may contain any characters. Whether a picture is drawn or refused, no hidden command
# has been executed.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
HOME=$DIR/home
mkdir "$HOME"
export HOME
cd "$DIR" || exit 1 # the file that a hidden command would create
program() { "$SSLDYN" "$@" >/dev/null 2>&1; }
program flow --model modes --t-end 3 --samples 4 -o modes
program flow --n1 3 --n2 2 --t-end 3 --samples 4 -o matrix
program align matrix --predict 2 -o align
program compare matrix matrix -o compare
cat >ladder.conf <<END
n1 = 3
n2 = 2
t_end = 2
samples = 4
lr = 0.1
batch = 4
ensemble = 2
END
program compare --ladder ladder.conf -o ladder
program sweep --model modes --axis.eta 0:0.3:4 --axis.beta log:0.1:10:3 --lines -o sweep
program sweep --model modes --axis.eta 0:0.3:4 --axis.tau0 0:1:2 --average tau0 -o average
program sweep --n1 3 --n2 2 --t-end 5 --axis.eta 0:0.3:3 --axis.init-wa list:zero,copy -o words
program basin --model modes --no-ema --eta 0.1 -o edge
program basin --model parabola --threshold p0 --lo 0.01 --hi 1 --scan 32 --axis.beta log:0.1:10:4 -o curve
runs="modes matrix align compare ladder sweep average words edge curve"

# try DIRECTORY: draws it and writes its report; both may be refused
try() {
    program plot -o picture.svg -- "$1"
    program report -o page.html -- "$1"
}
# marks: the number of files created by hidden commands
marks() { find . -name 'MARK*' | wc -l; }
for run in $runs; do
    program plot "$run" -o plain.svg
    holds "$run is drawn" "$? == 0 && $(grep -c '<svg' plain.svg) == 1"
done

# Headers, cells, comments and settings: every table of every kind of run, with commands for a shell,
# gnuplot's backquotes, macros and pipes, and markup.
attack() { # KIND: hidden commands
    case $1 in
    1) echo "x';touch MARK1;'\$(touch MARK2)\`touch MARK3\`" ;;
    2) echo "\"; system(\"touch MARK4\"); \"'.system('touch MARK5').'@MARK" ;;
    3) echo '<touch MARK6|touch MARK7' ;;
    4) printf 'END_OF_DATA\rsystem("touch MARK8")<script>alert(1)</script>&{/:Bold x}%%s%%n\\\n' ;;
    esac
}
for kind in 1 2 3 4; do
    for run in $runs; do
        # instead of the first name and the first cells of all tables, in the settings, the reports
        rm -rf bad
        cp -r "$run" bad
        for file in "$run"/*.tsv "$run"/*.txt "$run"/spec.conf; do
            [ ! -f "$file" ] || ATTACK=$(attack $kind) awk -F '\t' -v OFS='\t' -v file="${file##*/}" '
                BEGIN { attack = ENVIRON["ATTACK"] }
                file == "spec.conf" { if (/^axis|^average|^model/) $0 = $0 attack; print; next }
                /^#/ { print; next }
                { $1 = attack; print }' "$file" >"bad/${file##*/}"
        done
        try bad
        # as an additional column in all tables, which is allowed
        rm -rf bad
        cp -r "$run" bad
        for file in "$run"/*.tsv; do
            ATTACK=$(attack $kind) awk -F '\t' -v OFS='\t' '
                /^#/ { print; next } { print $0, named++ ? "1" : ENVIRON["ATTACK"] }' "$file" >"bad/${file##*/}"
        done
        attack $kind >bad/report.txt
        rm -f page.html
        try bad
        if [ $kind = 4 ]; then
            holds "$run: its report shows markup as text" \
                "$(grep -c '</html>' page.html) == 1 && $(grep -c '<script' page.html) == 0"
        fi
    done
    holds "kind $kind of hidden commands leaves no mark" "$(marks) == 0"
done
printf '# ssldyn sweep 1\neta%s\tfate\tp_end\n0\t0\t0\n1\t1\t1\n' "';touch MARK10;'" >words/table.tsv
mkdir table
cp words/table.tsv table
try table
try words
holds "nor does a table alone" "$(marks) == 0"

# Names of directories and pictures.
newline=$(printf 'new\nline')
for name in '<touch MARK11' '|touch MARK12; cat #' '-dash' "it's" 'two "words"' 'back\slash' '%s%n' '`touch MARK13`' \
    '$(touch MARK14)' '@macro' 'Größe' '<touch MARK15; cat #' '{Bold x}' '~' 'a;b&c'; do
    cp -r modes "./$name"
    "$SSLDYN" plot -o "./$name.png" -- "$name" >/dev/null 2>said
    got=$?
    "$SSLDYN" report -o "./$name.html" -- "$name" >/dev/null 2>>said
    got=$got$?
    "$SSLDYN" plot -- "$name" >/dev/null 2>>said
    got=$got$?
    [ "$got" = 000 ] && [ -s "./$name.png" ] && [ -s "./$name.html" ] && [ -s "./$name/plot.png" ]
    result $? "a directory and pictures named $(printf '%s' "$name" | tr '\n' ' ')" "$got $(cat said)"
done
cp -r modes "$newline"
check "a directory with a newline in its name" "$SSLDYN" plot -o newline.png -- "$newline"
mkdir '<touch MARK16'
cp modes/* '<touch MARK16'
cp -r average/. '|touch MARK17'
try '<touch MARK16'
SSLDYN_SCALE='2; system("touch MARK18")' program plot modes -o picture.png
SSLDYN_PLOTS='$(touch MARK19)' program plot modes -o picture.png
GNUPLOT_LIB='|touch MARK20' program plot modes -o picture.png
program plot modes -o '$(touch MARK21).png'
holds "no name leaves a mark" "$(marks) == 0"

# A directory's own plots, and a user's gnuplot settings, are not executed.
mkdir plots
for script in style modes fig04; do echo 'system("touch MARK30"); exit' >"plots/$script.gp"; done
echo 'system("touch MARK31")' >"$HOME/.gnuplot"
cp "$HOME/.gnuplot" .gnuplot
"$SSLDYN" plot modes -o here.png >/dev/null 2>said
result $? "plot in a directory that contains plots" "$(cat said)"
holds "which are not executed" "$(marks) == 0"
finish
