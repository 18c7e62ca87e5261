#!/bin/sh
# make install into a directory of our own, and a program of somebody else's that uses the library from
# there; make uninstall takes everything away again.
# SPDX-License-Identifier: MIT
set -u
number=0
check() { # check NAME COMMAND...
    name=$1
    shift
    number=$((number + 1))
    if "$@" >"$TEST_DIR/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$TEST_DIR/log"
    fi
}

# The installed tree stands below a root of its own, so that the built program stays as it is.
root=$TEST_DIR/root
prefix=$root/usr/local
case ${SSLDYN_BUILD:-build/release} in
build/release) ;;
*)
    echo "1..0 # SKIP only the release build is installed"
    exit 0
    ;;
esac
check "make install" make -s DESTDIR="$root" install
check "the program runs from there" "$prefix/bin/ssldyn" --version
check "the man page is there" test -s "$prefix/share/man/man1/ssldyn.1"
check "one for each command, too" sh -c 'for c in flow sgd theory align figure; do test -s "$1/ssldyn-$c.1" || exit 1; done' - "$prefix/share/man/man1"
check "and completion for three shells" test -s "$prefix/share/bash-completion/completions/ssldyn" -a \
    -s "$prefix/share/zsh/site-functions/_ssldyn" -a -s "$prefix/share/fish/vendor_completions.d/ssldyn.fish"
check "CITATION.cff names this version" grep -qx "version: $("$prefix/bin/ssldyn" --version | sed -n 's/^ssldyn //p')" CITATION.cff
cat >"$TEST_DIR/mine.c" <<'END'
#include <sim/ssldyn.h>
#include <stdio.h>
int main(void)
{
    const struct ssldyn_rates rates = {.alpha_p = 1, .beta = 0.4, .eta_p = 0.04, .eta_s = 0.04, .c = 1.25};
    struct ssldyn_fixedpoints fixed;
    struct ssldyn_ode *ode = NULL;
    ssldyn_fixedpoint_modes(&rates, 1.0, &fixed);
    ssldyn_ode_free(ode);
    return fixed.p_plus > 0.757 && fixed.p_plus < 0.758 ? 0 : 1;
}
END
if command -v pkg-config >/dev/null; then
    flags=$(PKG_CONFIG_PATH="$prefix/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" \
        pkg-config --cflags --libs ssldyn)
    # shellcheck disable=SC2086 # flags are words
    check "a program builds against it" "${CC:-cc}" -std=c11 -o "$TEST_DIR/mine" "$TEST_DIR/mine.c" $flags
    check "and gets the theory's numbers" "$TEST_DIR/mine"
fi

# Where nothing can be installed: one line to type for each system, each package in it once.
mkdir "$TEST_DIR/bin"
for tool in sh awk tr mktemp rm; do
    ln -s "$(command -v $tool)" "$TEST_DIR/bin/$tool"
done
PATH=$TEST_DIR/bin CC=false .ci/packages build >"$TEST_DIR/out" 2>"$TEST_DIR/packages"
check "what is missing is listed" test $? = 1
check "once for each system" awk '
    /^  (Debian, Ubuntu|Fedora|macOS): / { lines++; delete seen; for (i = 1; i <= NF; i++) if (seen[$i]++) bad = 1 }
    END { exit bad || lines != 3 || NR != 4 }' "$TEST_DIR/packages"
make_elsewhere() { # as typed by a person, not by the make that runs the tests
    (cd "$TEST_DIR" && ! env -u MAKEFLAGS -u MAKELEVEL make -f "$OLDPWD/Makefile" help >out 2>&1 && cat out && grep -q 'make -C' out &&
        [ "$(wc -l <out)" = 1 ])
}
check "make from another folder says what to type" make_elsewhere
check "make uninstall" make -s DESTDIR="$root" uninstall
check "nothing is left" test -z "$(find "$prefix" -type f)"
echo "1..$number"
