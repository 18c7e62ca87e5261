#!/bin/sh
# spec.conf repeats every run bit for bit, and the command line overrides a file.
# shellcheck disable=SC1091,SC2016
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
. "$here/files.inc"
make_files "$scratch"
cd "$scratch" || exit 1



# repeats OPTIONS...: checks that a run and one from its spec.conf are the same
repeats() {
    rm -rf first second
    "$SSLDYN" flow -q -o first "$@" || return 1
    "$SSLDYN" flow -q -o second first/spec.conf || return 1
    same first second
}

check "modes with lists" repeats --model modes --p0 0.1:0.3:20 --s0 0.1234567890123456789 --t-end 3
for rule in directpred directset optimal; do # whose eta_p is not a setting: K would depend on it
    check "modes with $rule" repeats --model modes --predictor $rule --s0 0.1,0.5 --eta 0.1 --t-end 5
done
check "modes with DirectPred" repeats --model modes --predictor directpred --s0 0.1,0.2 --t-end 3
check "SimSiam" repeats --model modes --no-ema --t-end 3
check "a held target" repeats --model modes --tau 0.87 --t-end 3
check "parabola, logarithmic times" repeats --model parabola --log-time --t-end 1e3
check "lowdim" repeats --model lowdim --lambda-s 1.7 --lambda-d 0.6 --wa0 0.3 --t-end 3
check "lowdim without predictor" repeats --model lowdim --no-predictor --t-end 3
check "drawn matrices" repeats --n1 5 --n2 4 --seed 18446744073709551615 --init-wa random --t-end 3
check "symmetric predictor" repeats --n1 5 --n2 4 --symmetric --eta-p 0.01 --t-end 3
check "no stop-gradient" repeats --n1 5 --n2 4 --no-ema --no-stop-grad --t-end 3
check "DirectSet" repeats --n1 5 --n2 4 --predictor directset --set-power 0.7 --epsilon 0.1 --t-end 1
check "reduced with closure" repeats --model reduced --n2 4 --closure parabola --tau 1 --t-end 3
cp x.npy 'x #1.npy'
check "data from files, one of an awkward name" \
    repeats --x 'x #1.npy' --xprime xprime.npy --n2 3 --stepper radau5 --t-end 3

"$SSLDYN" flow -q -o three run.conf
check "a list over several lines" grep -q '^p0 = 0.1,0.2,0.3' three/spec.conf
check "the command line overrides the file" sh -c '
    "$1" flow -q -o four run.conf --beta 0.7 --p0 0.5 && grep -q "^beta = 0.7$" four/spec.conf &&
    grep -q "^p0 = 0.5$" four/spec.conf' - "$SSLDYN"
check "--no-ema overrides beta of a file" sh -c '
    "$1" flow -q -o five three/spec.conf --no-ema && grep -q "^tau = 1$" five/spec.conf &&
    ! grep -q beta five/spec.conf' - "$SSLDYN"
check "--beta overrides tau of a file" sh -c '
    "$1" flow -q -o six five/spec.conf --beta 0.2 && ! grep -q "^tau =" six/spec.conf' - "$SSLDYN"
check "--eta overrides both decays of a file" sh -c '
    "$1" flow -q -o seven decays.conf --eta 0.125 && grep -q "^eta_p = 0.125$" seven/spec.conf &&
    grep -q "^eta_s = 0.125$" seven/spec.conf' - "$SSLDYN"
check "--eta-s overrides eta of a file, for one network" sh -c '
    printf "model = modes\neta = 0.5\nt_end = 1\n" >eta.conf
    "$1" flow -q -o eight eta.conf --eta-p 0.25 --eta-s 0.125 &&
    grep -q "^eta_p = 0.25$" eight/spec.conf' - "$SSLDYN"
check "--eta-p overrides eta of a file for one network, and leaves the other" sh -c '
    "$1" flow -q -o eighth eta.conf --eta-p 0.25 &&
    grep -q "^eta_p = 0.25$" eighth/spec.conf && grep -q "^eta_s = 0.5$" eighth/spec.conf' - "$SSLDYN"
check "other data override the size in a file" sh -c '
    printf "n1 = 7\nt_end = 1\n" >size.conf
    "$1" flow -q -o ninth size.conf --x x.npy --xprime xprime.npy &&
    grep -q "^n1 = 2$" ninth/spec.conf' - "$SSLDYN"
# a directory whose arrays were given in memory names them as @/given_NAME.npy
check "matrices next to an experiment file" sh -c '
    mkdir next_to && cp x.npy next_to/given_x.npy && cp xprime.npy next_to/other.npy &&
    printf "x = @/given_x.npy\nxprime = @/other.npy\nt_end = 1\n" >next_to/a.conf &&
    "$1" flow -q -o tenth next_to/a.conf && cmp x.npy tenth/given_x.npy &&
    grep -qx "x = @/given_x.npy" tenth/spec.conf && grep -qx "xprime = next_to/other.npy" tenth/spec.conf &&
    mv tenth moved && "$1" flow -q -o moved moved/spec.conf && cmp x.npy moved/given_x.npy &&
    "$1" flow -q -o eleventh moved/spec.conf && cmp moved/spec.conf eleventh/spec.conf &&
    cmp moved/trace.tsv eleventh/trace.tsv' - "$SSLDYN"
check "one that is missing is named" sh -c '
    rm moved/given_x.npy && "$1" flow -q -o twelfth moved/spec.conf 2>message
    [ $? = 2 ] && grep -q "moved/given_x.npy: cannot be read" message' - "$SSLDYN"
check "an older run is replaced" sh -c '
    "$1" flow -q -o nine --n1 2 --n2 2 --t-end 1 && test -f nine/W.npy &&
    "$1" flow -q -o nine --model modes --t-end 1 && ! test -f nine/W.npy' - "$SSLDYN"
check "a refused run leaves the older one unchanged" sh -c '
    cp -r nine kept && ! "$1" flow -q -o nine --eta -1 && diff -r nine kept' - "$SSLDYN"
check "no temporary file is left" sh -c '! find . -name "*.tmp" | grep .'
check "no time, host, path or process in the results" sh -c '
    ! grep -r -e "$(hostname)" -e "$(date +%Y-%m)" -e "$(date +%H:%M)" -e "$PWD" nine'

finish
