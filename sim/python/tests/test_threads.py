"""Several Python threads at once; Ctrl-C."""
# SPDX-License-Identifier: MIT
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy
import pytest

import ssldyn

LONG = "n1=24, n2=24, t_end=1e5, samples=20000, rtol=1e-12"


def test_two_flows_at_once():
    options = [dict(n1=16, n2=12, seed=seed, eta=0.03, t_end=60, samples=50) for seed in range(6)]
    alone = [ssldyn.flow(**option).table.rows for option in options]
    together = [None] * len(options)

    def work(first):
        for k in range(first, len(options), 2):
            together[k] = ssldyn.flow(**options[k]).table.rows

    threads = [threading.Thread(target=work, args=(first,)) for first in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ours, theirs in zip(together, alone):
        numpy.testing.assert_array_equal(ours, theirs)


def test_others_run_meanwhile():
    """The lock of Python is free while the library works: another thread counts on."""
    done, counted = threading.Event(), [0]

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    began = time.monotonic()
    try:
        ssldyn.flow(n1=48, n2=48, t_end=40, rtol=1e-10)
        took = time.monotonic() - began
    finally:
        done.set()
        thread.join()
    # It counts 1000 times a second at best, 50 times with the other threads of a busy machine, and
    # not at all while the lock is held.
    assert counted[0] - before > 50 * took


def test_a_watch_that_stops_one_run_leaves_others_alone():
    def stop(what, done, total):
        return True

    finished = []
    other = threading.Thread(target=lambda: finished.append(
        ssldyn.flow(n1=24, n2=24, t_end=100, rtol=1e-10, progress=lambda *unused: None)))
    other.start()
    with pytest.raises(ssldyn.RunError) as caught:
        ssldyn.flow(n1=24, n2=24, t_end=1e5, samples=20000, rtol=1e-12, progress=stop)
    other.join()
    assert finished and finished[0].t[-1] == 100
    assert caught.value.result is None or caught.value.result.t[-1] < 1e5


def test_an_exception_of_the_watch_comes_out():
    def fail(what, done, total):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        ssldyn.flow(n1=24, n2=24, t_end=1e5, samples=20000, rtol=1e-12, progress=fail)


def interrupted(call, after=1.5):
    """What a program that is sent SIGINT while it calls says; it must stop within ten seconds."""
    program = textwrap.dedent("""
        import signal, threading, numpy, ssldyn
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("ready", flush=True)
        try:
        CALL
            print("finished")
        except KeyboardInterrupt as stop:
            result = getattr(stop, "result", None)
            print("stopped", type(result).__name__, -1 if result is None else len(result.table.rows))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        print("rank", ssldyn.flow(n1=4, n2=2, t_end=1).rank_at_end)
        """).replace("CALL", textwrap.indent(textwrap.dedent(call), "    "))
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, encoding="utf-8",
                               env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert process.stdout.readline() == "ready\n"
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0 and err == "", err
    return out.splitlines()


def test_interrupt_of_a_flow():
    stopped, rank = interrupted(f"ssldyn.flow({LONG})")
    assert stopped.startswith("stopped Run") and int(stopped.split()[-1]) > 0
    assert rank.startswith("rank ")  # the library still works


def test_interrupt_of_sgd():
    stopped, _ = interrupted("ssldyn.sgd(n1=32, n2=16, lr=0.001, batch=64, t_end=1e5)")
    assert stopped.startswith("stopped Run") and int(stopped.split()[-1]) > 0


def test_interrupt_of_a_sweep():
    stopped, _ = interrupted("ssldyn.sweep(axes={'eta': numpy.linspace(0, .3, 400), 'seed': "
                             "numpy.arange(400)}, n1=16, n2=16, t_end=200)")
    assert stopped.startswith("stopped")


def test_an_interrupt_stops_no_other_thread():
    stopped, _ = interrupted(f"""
        kept = []
        thread = threading.Thread(target=lambda: kept.append(
            ssldyn.flow(n1=24, n2=24, t_end=100, rtol=1e-10)))
        thread.start()
        try:
            ssldyn.flow({LONG})
        finally:
            thread.join()
            assert kept[0].t[-1] == 100
        """)
    assert stopped.startswith("stopped Run")
