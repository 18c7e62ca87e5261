"""Pictures, by matplotlib and by gnuplot."""
# SPDX-License-Identifier: MIT
import importlib.util
import shutil

import numpy
import pytest

import ssldyn

BACKENDS = [pytest.param("matplotlib", marks=pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")),
    pytest.param("gnuplot", marks=pytest.mark.skipif(
        shutil.which("gnuplot") is None, reason="gnuplot is not installed"))]

RESULTS = {
    "modes": lambda: ssldyn.flow(p0=[0.02, 0.1, 0.5], s0=0.05, eta=0.04, t_end=60),
    "matrices": lambda: ssldyn.flow(n1=8, n2=5, eta=0.04, t_end=40),
    "log_time": lambda: ssldyn.flow(p0=0.1, s0=0.05, log_time=True),
    "map": lambda: ssldyn.sweep(axes={"eta": numpy.linspace(0, .3, 21),
                                      "beta": numpy.geomspace(.01, 10, 21)}, p0=.5, s0=.25),
    "line": lambda: ssldyn.sweep(axes={"eta": numpy.linspace(0, .3, 31)}, p0=.5, s0=.25),
    "sample": lambda: ssldyn.sweep(axes={"eta": "0:0.3", "p0": "0:0.5"}, sobol=64, s0=0.25),
    "alignment": lambda: ssldyn.align(Wp=numpy.diag([1, .8, .5]), F=numpy.diag([1, .7, .2])),
    "course": lambda: ssldyn.align(ssldyn.flow(n1=8, n2=5, eta=0.04, t_end=40, samples=30)),
    "separatrix": lambda: ssldyn.basin(no_ema=True, eta=0.1),
    "comparison": lambda: ssldyn.compare(ssldyn.flow(n1=8, n2=5, eta=0.04, t_end=40),
                                         ssldyn.flow(n1=8, n2=5, eta=0.05, t_end=40)),
    "basin_map": lambda: ssldyn.basin(axes={"p0": numpy.linspace(0, 1, 15),
                                            "s0": numpy.linspace(0, 1, 15)}, eta=0.1),
    "moments": lambda: ssldyn.moments(numpy.random.default_rng(1).random((40, 6, 6)), pairs=400,
                                      augmentation="none", noise=0.3),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", RESULTS)
def test_picture(name, backend, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    result = RESULTS[name]()
    shown = result.plot(backend=backend)
    result.plot(tmp_path / "plot.png", backend=backend)
    data = (tmp_path / "plot.png").read_bytes()
    assert data.startswith(b"\x89PNG") and len(data) > 5000
    if backend == "gnuplot":
        assert shown._repr_png_().startswith(b"\x89PNG")
        assert shown.save(tmp_path / "again.png").read_bytes() == shown.data
    else:
        from matplotlib import pyplot
        assert shown.axes
        pyplot.close("all")


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_has_no_picture(backend):
    with pytest.raises((ssldyn.InputError, ssldyn.RunError)):
        ssldyn.theory(eta=0.04, sigma2=0.25).plot(backend=backend)


def test_unknown_backend(network):
    with pytest.raises(ssldyn.InputError, match="matplotlib"):
        network.plot(backend="crayons")
