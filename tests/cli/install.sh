#!/bin/sh
# make install into a scratch directory, and a separate program that uses the installed
# library; make uninstall removes everything.
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

skip() { # skip NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}
# Debian's gcc comes without its C++ compiler.
has_cxx() {
    command -v "${CXX:-c++}" >/dev/null 2>&1
}

# The installed tree has its own root, so that the built program is not used.
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
export LD_LIBRARY_PATH="$prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export DYLD_LIBRARY_PATH="$LD_LIBRARY_PATH"

# Public headers compile alone, in both languages, with all warnings.
headers_alone() { # headers_alone COMPILER LANGUAGE STANDARD
    for header in ssldyn.h ssldyn/theory.h $(cd "$prefix/include" && ls ssldyn/theory/*.h); do
        printf '#include <%s>\nextern int mine;\n' "$header" |
            "$1" -x "$2" -std="$3" -I"$prefix/include" -Wall -Wextra -Wpedantic -Wconversion -Wstrict-aliasing \
                -Werror -fsyntax-only - || return 1
    done
}
for compiler in "${CC:-cc}" clang; do
    command -v "$compiler" >/dev/null && check "public headers alone in C11 ($compiler)" headers_alone "$compiler" c c11
done
for compiler in "${CXX:-c++}" clang++; do
    command -v "$compiler" >/dev/null && check "and in C++17 ($compiler)" headers_alone "$compiler" c++ c++17
done
no_inside() {
    ! find "$prefix/include" -name '*.h' | sed "s|$prefix/include/||" |
        grep -vE '^ssldyn\.h$|^ssldyn/theory\.h$|^ssldyn/theory/[a-z_]*\.h$' &&
        ! grep -rnE '^#include "(sim|theory)/' "$prefix/include"
}
check "and nothing else is installed" no_inside

# The library exports exactly what the public headers declare.
exports() {
    printf '#include <ssldyn.h>\n#include <ssldyn/theory.h>\n' | "${CC:-cc}" -E -I"$prefix/include" - |
        grep -oE '\<[A-Za-z_][A-Za-z0-9_]*' | sort -u >"$TEST_DIR/declared"
    nm -D --defined-only "$prefix/lib/libssldyn.so" | awk '{ print $3 }' | sed 's/@.*//' | sort -u >"$TEST_DIR/exported"
    [ -z "$(comm -13 "$TEST_DIR/declared" "$TEST_DIR/exported")" ] || { comm -13 "$TEST_DIR/declared" "$TEST_DIR/exported"; return 1; }
    # The functions that sim/ssldyn.h declares, found by their mark.
    "${CC:-cc}" -E -I"$prefix/include" "$prefix/include/ssldyn.h" | tr '\n' ' ' | tr ';' '\n' |
        grep 'visibility("default")' | grep -oE '\<ssldyn_[a-z_]+ ?\(' | tr -d ' (' | sort -u >"$TEST_DIR/functions"
    [ "$(wc -l <"$TEST_DIR/functions")" -ge 30 ] && ! comm -23 "$TEST_DIR/functions" "$TEST_DIR/exported" | grep .
}
if [ -e "$prefix/lib/libssldyn.so" ]; then
    check "the shared library exports what the headers declare" exports
    check "under its own name" sh -c "readelf -d '$prefix/lib/libssldyn.so' | grep -q 'soname: \[libssldyn.so.0\]'"
    check "which leads to it" test -f "$prefix/lib/libssldyn.so.0"
    check "without MPI" sh -c "! readelf -d '$prefix/lib/libssldyn.so' | grep -i 'NEEDED.*mpi'"
fi

cat >"$TEST_DIR/mine.c" <<'END'
#include <ssldyn.h>
#include <ssldyn/theory.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
    struct ssldyn_rates rates;
    struct ssldyn_fixedpoints fixed;
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    char version[32];
    double p;

    sprintf(version, "%d.%d.%d", SSLDYN_VERSION_MAJOR, SSLDYN_VERSION_MINOR, SSLDYN_VERSION_PATCH);
    memset(&rates, 0, sizeof rates);
    rates.alpha_p = 1;
    rates.beta = 0.4;
    rates.eta_p = rates.eta_s = 0.04;
    rates.c = 1.25;
    ssldyn_fixedpoint_modes(&rates, 1.0, &fixed);
    ssldyn_init();
    if (strcmp(version, ssldyn_version()) != 0 ||
        ssldyn_request_create("flow", &request, &err) != SSLDYN_OK ||
        ssldyn_request_text(request, "model", "modes", &err) != SSLDYN_OK ||
        ssldyn_request_number(request, "p0", 0.5, &err) != SSLDYN_OK ||
        ssldyn_request_run(request, &result, &err) != SSLDYN_OK)
        return 1;
    p = ssldyn_result_rows(result)[ssldyn_result_row_count(result) * ssldyn_result_column_count(result) -
                                   ssldyn_result_column_count(result) + 1];
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    return fixed.p_plus > 0.757 && fixed.p_plus < 0.758 && p > 0.757 && p < 0.758 ? 0 : 1;
}
END
cp "$TEST_DIR/mine.c" "$TEST_DIR/mine.cpp"
say_flags() { # say_flags --static...
    PKG_CONFIG_PATH="$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}" PKG_CONFIG_SYSROOT_DIR="$root" \
        pkg-config "$@" --cflags --libs ssldyn
}
if command -v pkg-config >/dev/null; then
    flags=$(say_flags)
    # shellcheck disable=SC2086 # flags are words
    check "a program builds against it" "${CC:-cc}" -std=c11 -o "$TEST_DIR/mine" "$TEST_DIR/mine.c" $flags
    check "and gets the theory's numbers" "$TEST_DIR/mine"
    if has_cxx; then
        # shellcheck disable=SC2086
        check "one in C++ as well" "${CXX:-c++}" -std=c++17 -o "$TEST_DIR/minepp" "$TEST_DIR/mine.cpp" $flags
        check "which gets them too" "$TEST_DIR/minepp"
    else
        skip "one in C++ as well" "no C++ compiler"
    fi
    # The examples of the source tree, and their output.
    build_example() { # build_example FILE
        case $1 in
        *.cpp) compiler="${CXX:-c++} -std=c++17" ;;
        *) compiler="${CC:-cc} -std=c11" ;;
        esac
        # shellcheck disable=SC2086
        $compiler -Wall -Wextra -Wpedantic -Werror -o "$TEST_DIR/$(basename "$1").run" "$1" $flags &&
            "$TEST_DIR/$(basename "$1").run" >"$TEST_DIR/said"
    }
    for example in sim/examples/*.c*; do
        case $example in
        *.cpp) has_cxx || {
            skip "example $example" "no C++ compiler"
            continue
        } ;;
        esac
        check "example $example" build_example "$example"
        case $(basename "$example") in
        flow.c) expected='^2 of 3 eigenvalues of F survive' ;;
        fate_map.c) expected='^\.\{40,\}#\{20,\}$' ;;
        alignment.c) expected='^aligned = yes, cosine = 1\.000' ;;
        fold.cpp) expected='^eta = 0.9 fold: collapsed survives$' ;;
        *) expected='an example that the tests do not know' ;;
        esac
        check "and its answer" grep "$expected" "$TEST_DIR/said"
    done
    flags=$(say_flags --static | sed "s|-L[^ ]*/root/[^ ]* -lssldyn|$prefix/lib/libssldyn.a|")
    # shellcheck disable=SC2086
    check "and with the static library" "${CC:-cc}" -std=c11 -o "$TEST_DIR/mines" "$TEST_DIR/mine.c" $flags
    check "and runs without the shared one" env LD_LIBRARY_PATH= "$TEST_DIR/mines"
    check "MPI is not among the flags" sh -c "! echo '$flags' | grep -i mpi"
fi

# If nothing can be installed: one command line for each system, with each package once.
mkdir "$TEST_DIR/bin"
for tool in sh awk tr mktemp rm; do
    ln -s "$(command -v $tool)" "$TEST_DIR/bin/$tool"
done
PATH=$TEST_DIR/bin CC=false .ci/packages build >"$TEST_DIR/out" 2>"$TEST_DIR/packages"
check "what is missing is listed" test $? = 1
check "once for each system" awk '
    /^  (Debian, Ubuntu|Fedora|macOS): / { lines++; delete seen; for (i = 1; i <= NF; i++) if (seen[$i]++) bad = 1 }
    END { exit bad || lines != 3 || NR != 4 }' "$TEST_DIR/packages"
make_elsewhere() { # as a user types it, not from within the make that runs the tests
    (cd "$TEST_DIR" && ! env -u MAKEFLAGS -u MAKELEVEL make -f "$OLDPWD/Makefile" help >out 2>&1 && cat out && grep -q 'make -C' out &&
        [ "$(wc -l <out)" = 1 ])
}
check "make from another directory prints the command line" make_elsewhere
check "make uninstall" make -s DESTDIR="$root" uninstall
check "no file is left" test -z "$(find "$prefix" -type f -o -type l)"
echo "1..$number"
