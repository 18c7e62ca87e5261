#!/bin/sh
# ssldyn figure: the paper's figures from the program alone, with values given by options, in the tree and in an
# installed copy; existing runs are reused; errors are reported.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
unset SSLDYN_PLOTS
root=$PWD
cd "$DIR" || exit 1
figure() { "$SSLDYN" figure "$@" 2>said; }

# Every script except those of "ssldyn plot" has a recipe, every recipe a caption.
figure >list
for recipe in "$root"/experiments/figures/*.conf; do
    name=$(basename "$recipe" .conf)
    holds "$name is listed, and has a script and a caption" \
        "$(grep -c "^  $name  *[A-Za-z]" list) == 1 && $(find "$root/plots/$name.gp" "$root/experiments/$name.conf" 2>/dev/null | wc -l) > 0 && $(find "$root/plots/$name.txt" -size +100c | wc -l) == 1"
done

figure fig04 >printed
holds "it names the picture" "$? == 0 && $(grep -cx fig04.png printed) == 1 && $(find fig04.png -size +10k | wc -l) == 1"
cp fig04.png first.png
# The runs exist: nothing is run again, and the picture is the same.
rm -f fig04.png
check "drawn again" figure fig04
check "the same bytes" cmp first.png fig04.png

# The same as by hand: the bytes of the run that the same options give.
figure fig05 --eta 0.04 --beta 0.4 --runs five -o five.svg >/dev/null
"$SSLDYN" flow "$root/experiments/fig05.conf" --eta 0.04 -q -o five-by-hand
check "a run of a figure is the run that its options make" cmp five/eta_0.04/trace.tsv five-by-hand/trace.tsv
holds "one curve for each value" "$(grep -c '= 0.04<' five.svg) > 0 && $(grep -c '= 0.2<' five.svg) == 0 && $(find five -name trace.tsv | wc -l) == 2"
stamp=$(ls -i five/eta_0.04/trace.tsv)
figure fig05 --eta 0.04,0.3 --beta 0.4 --runs five -o five.svg >/dev/null
[ "$stamp" = "$(ls -i five/eta_0.04/trace.tsv)" ]
result $? "an existing run is reused"
holds "the new one is drawn" "$(grep -c '>0.3<\|= 0.3<' five.svg) > 0 && $(find five -name trace.tsv | wc -l) == 3"
rm -r five/eta_0.3
figure fig05 --eta 0.3 --beta 0.4 --runs five -o five.svg >/dev/null
holds "a deleted run is run again" "$(find five/eta_0.3 -name spec.conf | wc -l) == 1"
stamp=$(ls -i five/eta_0.04/trace.tsv)
figure fig05 --eta 0.04 --beta 0.4 --p0 0.3 --runs five -o five.svg >/dev/null
[ "$stamp" != "$(ls -i five/eta_0.04/trace.tsv)" ]
result $? "other settings are another run"
holds "with that setting" "$(grep -c '^p0 = 0.3$' five/eta_0.04/spec.conf) == 1"
figure fig05 --eta 0.04 --beta 0.4 --p0 0.3 --runs five --threads 1 -o one.svg >/dev/null
check "any number at a time" cmp five.svg one.svg
figure ladder --n1 4 --n2 2 --t-end 2 --samples 4 --ensemble 2 --runs rungs -o rungs.svg >/dev/null
holds "one that is drawn as a run" "$? == 0 && $(grep -c '<svg' rungs.svg) == 1"

# An installed copy, called from any directory, draws the same bytes.
mkdir -p prefix/bin prefix/share/ssldyn/experiments elsewhere
cp "$SSLDYN" prefix/bin/
cp -r "$root/plots" prefix/share/ssldyn/
cp -r "$root"/experiments/*.conf "$root/experiments/figures" prefix/share/ssldyn/experiments/
(cd elsewhere && "$DIR/prefix/bin/ssldyn" figure fig04 -q >/dev/null)
check "an installed copy draws the same bytes" cmp first.png elsewhere/fig04.png

refused() { # WHAT STATUS PATTERN ARGUMENT...
    what=$1 want=$2 pattern=$3
    shift 3
    "$SSLDYN" figure "$@" >printed 2>said
    got=$?
    holds "$what" "$got == $want && $(tail -n 1 said | grep -Ec -e "$pattern") == 1 && $(find . -name 'x.*' | wc -l) == 0"
}
refused "an unknown figure, with the nearest name" 2 'unknown figure "fig93"; did you mean fig03' fig93 -o x.png
holds "and the list of all" "$(grep -c '^  fig0' said) == 6"
refused "a path is not a figure" 2 'unknown figure' ../fig03 -o x.png
refused "two figures" 2 'one figure' fig03 fig04 -o x.png
refused "a value that the figure does not have" 2 'is not an option of figure fig05; its options are eta, beta, alpha-p' fig05 --tau 1 -o x.png
refused "no number" 2 'eta: "x" ' fig05 --eta x -o x.png
refused "a value twice" 2 '0.1 is given twice' fig05 --eta 0.1,0.1 -o x.png
refused "a value out of range, by the run's own words" 2 'eta_-1: .*must be at least 0' fig05 --eta=-1 --runs bad -o x.png
refused "an option of no command" 2 'unknown option' fig05 --etaa 1 -o x.png
refused "images that are not given" 2 'needs --image-data FILE' survival -o x.png
refused "spectra that are not given" 2 'needs --spectra-data DIR: a directory with byol.tsv' kth -o x.png
refused "images instead of spectra" 2 'needs --spectra-data DIR' kth --image-data first.png -o x.png
refused "nothing to draw from" 2 'does not exist' fig04 --draw-only --runs none -o x.png
refused "a page that is too small" 2 'the page is too small' fig04 --runs out/figure-fig04 --width 0.5in -o x.png
refused "a directory of runs that is a file" 1 '.' fig04 --runs list -o x.png
sed '1s/ 1$/ 9/' out/figure-fig04/points_0.tsv >points && cp points out/figure-fig04/points_0.tsv
refused "a table of another version" 2 'does not begin with' fig04 --draw-only --runs out/figure-fig04 -o x.png

# Words of a recipe are data: none reaches a shell, and no target is outside the directory of runs.
mkdir hostile
cp -r "$root/plots" hostile/
cp -r "$root/experiments" hostile/
hostile() { # RECIPE-LINES: the message
    printf '%s\n' "title = x" "$1" >hostile/experiments/figures/bad.conf
    SSLDYN_PLOTS=hostile/plots "$SSLDYN" figure bad -o x.png >printed 2>said
}
# shellcheck disable=SC2016 # not to be expanded
for line in 'run = a: flow fig05.conf --eta $(touch MARK1)' 'run = `touch MARK2`: flow fig05.conf' 'run = ../a: flow fig05.conf' \
    'run = /tmp/a: flow fig05.conf' 'run = a: system touch MARK3' 'run = a; touch MARK4: flow fig05.conf' 'row = t.tsv x=1;touch: rm -rf x' \
    'eta = 1;touch MARK5' 'run = a: flow {nothing}' 'run' 'run = a'; do
    hostile "$line"
    holds "refused: $line" "$? != 0 && $(wc -l <said) == 1 && $(find . -name 'MARK*' | wc -l) == 0"
done
finish
