#!/bin/sh
# Ctrl-C and other signals: a run that is stopped keeps its results and reports it; one that is killed
# leaves an older run unchanged; a closed or full stdout or stderr does not affect results.
# shellcheck disable=SC1091,SC2016
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
# A run that takes minutes unless stopped, and writes rows at once.
long="flow --n1 96 --n2 96 --t-end 1e6 --samples 100000 --rtol 1e-12"

# written DIR NAME: waits until the run that writes DIR has written something to file NAME
written() {
    tries=0
    until [ -n "$(find . -path "./.$1.*/$2.*.tmp" -size +0)" ] || [ $tries -ge 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

# alone DIR: no file that a run needs only while it works remains in DIR or next to it
alone() {
    ! find . -name "*.tmp" -o -name ".$1.*" -o -name ".ssldyn*" | grep .
}

# stopped_by SIGNAL DIR: starts the long run, sends the signal once it writes, status in $status
stopped_by() {
    # shellcheck disable=SC2086 # words
    "$SSLDYN" $long -o "$2" 2>"$2.err" &
    pid=$!
    written "$2" trace.tsv
    sleep 0.3
    kill "-$1" $pid
    wait $pid
    status=$?
}

stopped_by INT a
check "Ctrl-C: status 130" test $status = 130
check "Ctrl-C: reported" grep -q 'stopped at t = .*kept' a.err
check "Ctrl-C: the trace is there, with rows" sh -c 'test "$(grep -vc "^#" a/trace.tsv)" -ge 2'
check "Ctrl-C: every row is complete" awk -F '\t' '/^#/ { next } !n { n = NF } NF != n { exit 1 }' a/trace.tsv
check "Ctrl-C: spec.conf repeats it" grep -q '^command = flow' a/spec.conf
check "Ctrl-C: no temporary file" alone a
check "Ctrl-C: no report of success" sh -c '! grep -q "^ssldyn flow: warning" a.err'

stopped_by TERM b
check "SIGTERM: status 143" test $status = 143
check "SIGTERM: the trace is there" test -s b/trace.tsv

stopped_by HUP hup
check "SIGHUP (the terminal is gone): status 129" test $status = 129
check "SIGHUP: the trace is there" test -s hup/trace.tsv
# Signals with which batch systems announce the end of a job. SIGXCPU is repeated every second.
for signal in USR1 USR2 XCPU; do
    stopped_by $signal job$signal
    check "SIG$signal: the status is that of the signal" test "$(kill -l $status)" = $signal
    check "SIG$signal: one line names it" grep -q "^ssldyn flow: SIG$signal: stopped at t = .*kept" job$signal.err
    check "SIG$signal: the trace is there" test -s job$signal/trace.tsv
done
# as under nohup: the signal is ignored from the start
# shellcheck disable=SC2086 # words
(trap '' HUP && exec "$SSLDYN" $long -o nohup 2>nohup.err) &
pid=$!
written nohup trace.tsv
kill -HUP $pid
sleep 0.5
check "SIGHUP under nohup: the run continues" kill -0 $pid
kill -TERM $pid
wait $pid
check "SIGHUP under nohup: until it is stopped" test $? = 143

"$SSLDYN" flow -q --model modes --t-end 1 -o c
cp -r c kept
stopped_by KILL c
check "SIGKILL: status 137" test $status = 137
check "SIGKILL: the older run is unchanged" same c kept
"$SSLDYN" flow -q --n1 2 --n2 2 --t-end 1 -o c >/dev/null
check "SIGKILL: the next run cleans up" alone c

# A table of thresholds that would take minutes.
"$SSLDYN" basin -q --model modes --threshold eta --lo 0.01 --hi 0.3 --axis.p0 0.01:1:100000 -o t 2>t.err &
pid=$!
written t thresholds.tsv
kill -INT $pid
wait $pid
check "Ctrl-C in a table of thresholds: status 130" test $? = 130
check "Ctrl-C in a table of thresholds: its rows are kept" sh -c '
    test "$(grep -vc "^#" t/thresholds.tsv)" -ge 2 && grep -q "rows are kept" t.err'

# head exits after one line; the program on the other end of the pipe must stay silent.
"$SSLDYN" theory --table velocity --p0 0:1:100000 2>pipe.err | head -n 1 >pipe.out
check "a pipe that closes early: no message" test ! -s pipe.err
check "a pipe that closes early: its line" grep -q '^# ssldyn' pipe.out
check "stdout closed: a run does not need it" sh -c '
    "$1" flow -q --model modes --t-end 1 -o d >&- && diff d/trace.tsv kept/trace.tsv' - "$SSLDYN"
check "stderr closed: results are complete" sh -c '
    "$1" flow --model modes --t-end 1 -o e 2>&- && diff e/trace.tsv kept/trace.tsv' - "$SSLDYN"
check "all streams closed: results are complete" sh -c '
    "$1" flow -q --model modes --t-end 1 -o f <&- >&- 2>&- ; diff f/trace.tsv kept/trace.tsv' - "$SSLDYN"
if [ -e /dev/full ]; then
    check "/dev/full: exit 1, reported" sh -c '
        "$1" theory >/dev/full 2>full.err; test $? = 1 && grep -q "No space left" full.err' - "$SSLDYN"
fi

# A disk that is full in the middle of a run, simulated by a limit on the size of files: existing results
# stay intact, the new rows are stored next to them; without existing results the new rows are the run.
limited() { (
    ulimit -f 40
    exec "$SSLDYN" "$@"
) }
"$SSLDYN" flow -q --n1 8 --n2 1 --t-end 1 --samples 20 -o g >/dev/null
cp -r g older
limited flow -q --n1 8 --n2 1 --t-end 2 --samples 400 -o g 2>g.err
check "a full disk: exit 1" test $? = 1
check "a full disk: the time is reported" grep -q '^ssldyn flow: at t = [01]\..*: g/trace.tsv: cannot be written' g.err
check "a full disk: the older run is intact" sh -c 'diff -r older g'
check "a full disk: the new rows are next to it" sh -c '
    grep -q "kept in g.partial$" g.err && test "$(grep -vc "^#" g.partial/trace.tsv)" -gt 20 &&
    "$1" align g.partial -q -o g-aligned' - "$SSLDYN"
limited flow -q --n1 8 --n2 1 --t-end 2 --samples 400 -o h 2>h.err
check "a full disk: the rows so far can be read" sh -c '
    test "$(grep -vc "^#" h/trace.tsv)" -gt 20 && "$1" align h -q -o h-aligned' - "$SSLDYN"
limited sgd -q --n1 8 --n2 1 --t-end 8 --samples 400 -o i 2>i.err
check "a full disk under SGD: the time is reported" grep -q '^ssldyn sgd: at t = .*: i/trace.tsv: cannot' i.err
(
    ulimit -f 2
    exec "$SSLDYN" basin -q --model modes --no-ema --eta 0.1 -o j >j.out 2>j.err
)
check "a full disk while writing a curve: exit 1, and no values" sh -c '
    test $1 = 1 && test ! -s j.out && grep -q "^ssldyn basin: j/separatrix.tsv: cannot be written" j.err' - $?

finish
