#!/bin/sh
# -o with a directory that is not empty: older results of other settings are announced,
# links are not followed for writing, the lock of a killed run is released, and a point of an
# unfinished sweep is run among its results without changing them.
# shellcheck disable=SC1091,SC2086
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. tests/tap.inc
cd "$TEST_DIR" || exit 1
replaces='replaces an earlier run with other settings'
small="--n1 4 --n2 3 --t-end 1 --samples 4"
"$SSLDYN" flow -q $small -o a >/dev/null
"$SSLDYN" flow -q $small --seed 2 -o b >/dev/null

# announced COMMAND WHAT OLD... -- NEW...: no message if OLD replaces OLD; if NEW does, the changed settings
announced() {
    command=$1 what=$2
    shift 2
    old=
    while [ "$1" != -- ]; do
        old="$old $1"
        shift
    done
    shift
    "$SSLDYN" $command $old -o "$command" >/dev/null 2>&1
    "$SSLDYN" $command $old -o "$command" 2>same.err >/dev/null
    "$SSLDYN" $command "$@" -o "$command" 2>other.err >/dev/null
    ! grep -q "$replaces" same.err && grep -q "^ssldyn $command: $command: $replaces ($what" other.err
    result $? "$command: other settings are announced, the same ones are not" "$(cat same.err other.err)"
}
announced flow t_end --model modes --t-end 1 -- --model modes --t-end 2
announced sgd lr $small --lr 0.1 -- $small --lr 0.05
announced basin eta --model modes --no-ema --eta 0.1 -- --model modes --no-ema --eta 0.12
announced sweep axis.eta --model modes --axis.eta 0:0.3:3 -- --model modes --axis.eta 0:0.3:4
# For a command that measures runs, they are settings.
"$SSLDYN" flow -q $small --seed 3 -o c >/dev/null
announced align 'of a -> b' a -- b
announced compare 'of b -> c' a b -- a c
"$SSLDYN" align b --floor 0.1 --x missing.npy -o align >/dev/null 2>fault.err
! grep -q "$replaces" fault.err && grep -q . fault.err
result $? "a run that fails on its inputs replaces and announces nothing" "$(cat fault.err)"
# Settings that a run of sgd derives from its steps and its data are the same the next time.
rm -r sgd && announced sgd steps --n1 4 --n2 3 --lr 0.1 --steps 20 -- --n1 4 --n2 3 --lr 0.1 --steps 30
# The same holds for a sweep over such runs, whose spec.conf has an end determined by the steps of each point.
steps="--process sgd --n1 4 --n2 3 --lr 0.1 --axis.eta 0:0.1:2 --steps"
rm -r sweep && announced sweep steps $steps 20 -- $steps 30
"$SSLDYN" flow -q --model modes --t-end 1 -o flow 2>quiet.err
check "--quiet: no message" test ! -s quiet.err

# A result that is a link is replaced, not its target; the argument of -o may be a link.
echo mine >outside
rm flow/trace.tsv && ln -s ../outside flow/trace.tsv && ln -s a link
"$SSLDYN" flow -q --model modes --t-end 2 -o flow && "$SSLDYN" flow -q $small --seed 3 -o link >/dev/null
[ ! -L flow/trace.tsv ] && [ "$(cat outside)" = mine ] && [ -L link ] && grep -q 'seed = 3' a/spec.conf
result $? "links in results are replaced; a link to a directory is that directory"

# A lock belongs to its holder: the file remains after a kill and blocks nobody.
sweep="--n1 6 --n2 5 --t-end 400 --threads 1 --axis.eta 0:0.3:40 --axis.seed 0:9:10 --columns fate"
"$SSLDYN" sweep -q $sweep -o half >/dev/null 2>&1 &
pid=$!
tries=0
until [ -s half/journal ] || [ $tries -ge 300 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
"$SSLDYN" sweep -q $sweep -o half >/dev/null 2>second.err
status=$?
kill -KILL $pid
wait $pid 2>/dev/null
check "a second sweep is refused while the first lives" test $status = 2
check "a second sweep: why" grep -q 'half: another process is writing' second.err
cp -r half kept
"$SSLDYN" sweep $sweep --point 3 -o half >/dev/null 2>point.err
check "a point of an unfinished sweep, whose lock is free after its end" test -s half/point-3/trace.tsv
check "what the killed sweep left next to its directory is gone" sh -c 'test -z "$(ls -d .half.* 2>/dev/null)"'
diff -r -x point-3 half kept >differs
result $? "it leaves the sweep unchanged" "$(cat differs)"
"$SSLDYN" sweep $sweep --rtol 1e-8 --point 3 -o half >/dev/null 2>point.err
check "a point of other settings: announced" grep -q 'half: holds a sweep with other settings (rtol 1e-09 -> 1e-08)' point.err
"$SSLDYN" report half -o half.html >/dev/null 2>report.err
check "a report says that it is unfinished" grep -q '^ssldyn report: half: unfinished: [0-9]* of 400 points' report.err
finish
