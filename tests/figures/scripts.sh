#!/bin/sh
# ssldyn plot and report find their scripts from the location of the program: in the tree it was built in,
# through links, in any current directory, and in an installed copy that was moved.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
unset SSLDYN_PLOTS
plots=$PWD/plots
run modes flow fig05 --t-end 3
cd "$DIR" || exit 1

# draws PROGRAM: whether it draws and reports of the run from here
draws() {
    rm -f picture.png page.html
    "$1" plot modes -o picture.png && "$1" report modes -o page.html &&
        [ -s picture.png ] && grep -q '<svg' page.html
}
check "the program by its path, from another directory" draws "$SSLDYN"
mkdir links elsewhere
ln -s "$SSLDYN" links/other-name
ln -s "$DIR/links/other-name" link
check "a link to a link to it" draws "$DIR/link"
check "a link, named from here" draws ./link
check "found in PATH" env PATH="$DIR/links:$PATH" sh -c 'other-name plot modes -o picture.png'

# Installed by "make install", and then moved. A program that was built elsewhere and finds nothing
# nearby uses the directory in which it would have been installed.
mkdir -p prefix/bin prefix/share/ssldyn
cp "$SSLDYN" prefix/bin/
cp -r "$plots" "$plots/../experiments" prefix/share/ssldyn/
check "an installed copy" draws "$DIR/prefix/bin/ssldyn"
mv prefix "moved it's"
check "an installed copy that was moved" draws "$DIR/moved it's/bin/ssldyn"
cp "$SSLDYN" elsewhere/ssldyn
cp -r "$plots" elsewhere/
cd elsewhere || exit 1
if [ ! -e /usr/local/share/ssldyn/plots ]; then
    "$DIR/elsewhere/ssldyn" plot ../modes -o x.png 2>said
    holds "neither nearby nor installed: refused, although the current directory has plots" \
        "$? == 1 && $(grep -c 'neither near the program nor in' said) == 1"
fi
check "unless SSLDYN_PLOTS names them" env SSLDYN_PLOTS=plots "$DIR/elsewhere/ssldyn" plot ../modes -o y.png
finish
