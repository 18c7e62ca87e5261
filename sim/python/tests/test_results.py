"""What results are like: arrays without copies, their lifetime, how they show themselves."""
# SPDX-License-Identifier: MIT
import copy
import gc
import importlib.util
import io
import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

import ssldyn

has = {name: importlib.util.find_spec(name) is not None
       for name in ("pandas", "xarray", "tqdm", "torch")}


def needs(name):
    return pytest.mark.skipif(not has[name], reason=f"{name} is not installed")


@pytest.fixture(scope="module")
def modes():
    return ssldyn.flow(model="modes", p0=[0.02, 0.1, 0.5], s0=0.05, eta=0.04)


def test_columns(modes, network):
    assert modes.columns[:2] == ["t", "p_1"] and modes.t.shape == (201,)
    numpy.testing.assert_array_equal(modes["p"], numpy.stack([modes[f"p_{j}"] for j in (1, 2, 3)],
                                                             axis=1))
    assert network["s"].shape == (21, 4) and "p_1" in network and "q_1" not in network
    assert list(network.table) == network.columns
    with pytest.raises(KeyError, match="norm_wp"):
        network["norm_wq"]
    with pytest.raises(KeyError):
        modes.table["s_9"]
    with pytest.raises(KeyError):
        modes[3]
    with pytest.raises(AttributeError, match="no snapshots"):
        modes.W
    with pytest.raises(AttributeError):
        modes.no_such_thing


def test_arrays_are_views_that_live_on():
    run = ssldyn.flow(n1=6, n2=4, t_end=5, samples=10)
    W, column = run.W, run["norm_w"]
    assert not W.flags.owndata and not W.flags.writeable and not column.flags.owndata
    assert numpy.shares_memory(column, run.table.rows)
    with pytest.raises(ValueError):
        W[0] = 0
    kept = W.copy(), column.copy()
    del run
    gc.collect()
    others = [ssldyn.flow(n1=6, n2=4, t_end=5, samples=10, seed=k) for k in range(20)]
    numpy.testing.assert_array_equal(W, kept[0])
    numpy.testing.assert_array_equal(column, kept[1])
    assert len(others) == 20


def test_no_copy_is_freed_twice(network):
    for other in (copy.copy(network), copy.deepcopy(network)):
        numpy.testing.assert_array_equal(other.t, network.t)
        del other
    gc.collect()
    assert network.t[0] == 0
    with pytest.raises(TypeError, match="save"):
        pickle.dumps(network)


def test_shows_itself(modes, network):
    assert "3 survive" in repr(modes) and "201 rows" in repr(modes)
    assert "<b>run</b>" in modes._repr_html_() and "3 survive" in modes._repr_html_()
    assert "rank = " in repr(network)
    theory = ssldyn.theory(eta=0.04, sigma2=0.25)
    assert "eta_fold = 0.2" in repr(theory) and "eta_fold" in dir(theory)
    sweep = ssldyn.sweep(axes={"eta": [0.02, 0.3]}, p0=0.5, s0=0.25)
    assert "2 eta: 1 collapsed, 1 survive" in repr(sweep)
    assert "<table>" in sweep._repr_html_() and "<table>" in network.table._repr_html_()
    a = ssldyn.align(Wp=numpy.eye(4), F=numpy.eye(4))
    assert " ".join(a.verdict.split()) in " ".join(repr(a).split())
    assert "<alignment: collapse: " in repr(a)


def test_program_of_the_package():
    text = ssldyn.options("flow")
    assert "t_end" in text and "--" not in text.replace("---", "")
    said = subprocess.run([sys.executable, "-m", "ssldyn", "--version"], stdout=subprocess.PIPE,
                          encoding="utf-8", check=True).stdout
    assert ssldyn.__version__ in said


@needs("pandas")
def test_pandas(modes):
    frame = modes.to_pandas()
    assert list(frame.columns) == modes.columns
    numpy.testing.assert_array_equal(frame["p_2"], modes["p_2"])
    assert ssldyn.theory(eta=0.04, sigma2=0.25).to_pandas()["eta_fold"] == 0.2
    sweep = ssldyn.sweep(axes={"eta": [0.02, 0.1, 0.3], "beta": [0.1, 1]}, p0=0.5, s0=0.25)
    frame = sweep.to_pandas()
    assert len(frame) == 6 and list(frame.columns[:2]) == ["eta", "beta"]
    here = frame[(frame.eta == 0.1) & (frame.beta == 1)]
    assert here.p_end.item() == sweep["p_end"][1, 1]


@needs("xarray")
def test_xarray(modes, network):
    data = modes.to_xarray()
    assert data.p.dims == ("t", "mode") and data.p.shape == (201, 3)
    data = network.to_xarray()
    assert data.W.shape == (21, 4, 6) and data.F.shape == (21, 4, 4)
    data = ssldyn.sweep(axes={"eta": [0.05, 0.3], "seed": [1, 2, 3]}, n1=6, n2=3, t_end=20,
                        average="seed").to_xarray()
    assert data["rank"].shape == (2, 3)
    sweep = ssldyn.sweep(axes={"eta": [0.02, 0.1, 0.3], "beta": [0.1, 1]}, p0=0.5, s0=0.25)
    data = sweep.to_xarray()
    assert data.p_end.sel(eta=0.1, beta=1).item() == sweep["p_end"][1, 1]


@needs("torch")
def test_tensors():
    import torch

    W = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    ours, theirs = ssldyn.flow(W=W, t_end=2), ssldyn.flow(W=W.detach().numpy(), t_end=2)
    numpy.testing.assert_array_equal(ours.table.rows, theirs.table.rows)
    f = torch.randn(50, 4).bfloat16()
    a = ssldyn.align(Wp=torch.eye(4), features=f)
    assert a.cosine == ssldyn.align(Wp=numpy.eye(4), features=f.double().numpy()).cosine


@needs("torch")
def test_the_same_numbers_with_another_blas_loaded(network):
    program = ("import torch, ssldyn; torch.eye(9) @ torch.eye(9); "
               "print(ssldyn.flow(n1=6, n2=4, eta=0.04, t_end=30, samples=20).table.rows.tobytes()"
               ".hex())")
    said = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True,
                          encoding="utf-8",
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}).stdout
    assert said.strip() == network.table.rows.tobytes().hex()


def test_sobol():
    sweep = ssldyn.sweep(axes={"eta": "0:0.3", "p0": "0:0.5"}, sobol=32, s0=0.25)
    assert sweep.fate.shape == (32,) and all(len(axis) == 32 for axis in sweep.axes.values())


def test_progress(monkeypatch):
    from ssldyn import _progress

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(_progress, "_DELAY", 0)
    monkeypatch.setattr(_progress.Progress, "_open", staticmethod(lambda what, total: None))
    display = _progress.make(None)
    for done in range(3):
        display("flow", done, 4)
    display.close()
    assert "flow  50 %" in terminal.getvalue() and terminal.getvalue().endswith("\r")
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert _progress.make(None) is None


@needs("tqdm")
def test_progress_by_tqdm(capsys):
    from ssldyn import _progress

    display = _progress.make(True)
    display._began -= 10
    display("flow", 1, 4)
    display.close()
    assert "flow" in capsys.readouterr().err


def resident():
    """KiB that the process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def refused(call):
    with pytest.raises(ssldyn.InputError):
        call()


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="memory is read from /proc")
@pytest.mark.parametrize("call, count", [
    (lambda: ssldyn.theory(eta=0.04, sigma2=0.25).values, 10000),
    (lambda: ssldyn.flow(model="modes", p0=[0.02, 0.1, 0.5], t_end=1, samples=1).table.rows, 10000),
    (lambda: ssldyn.flow(W=numpy.eye(2), Wp=numpy.eye(2), t_end=0.01, samples=1).W, 10000),
    (lambda: refused(lambda: ssldyn.flow(etta=1)), 10000),
    (lambda: ssldyn.align(Wp=numpy.eye(3), F=numpy.eye(3)).table.rows, 3000),
    (lambda: ssldyn.sweep(axes={"eta": [0.1, 0.2]}, p0=0.5, early_stop=True).fate, 3000),
], ids=["theory", "modes", "matrices", "errors", "align", "sweep"])
def test_memory_stays(call, count):
    for _ in range(1000):  # until all that is kept for later is there
        call()
    gc.collect()
    before = resident()
    for _ in range(count):
        call()
    gc.collect()
    assert resident() - before < count // 5  # KiB: each call would leave 200 bytes
