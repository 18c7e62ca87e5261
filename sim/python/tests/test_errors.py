"""Errors name the arguments, are raised as exceptions, and leave nothing behind."""
# SPDX-License-Identifier: MIT
import numpy
import pytest

import ssldyn


@pytest.mark.parametrize("call, said", [
    (lambda: ssldyn.flow(model="modes", etta=0.1), "eta"),  # the hint
    (lambda: ssldyn.flow(model="mode"), "modes"),
    (lambda: ssldyn.flow(eta=-1), "eta"),
    (lambda: ssldyn.flow(eta="much"), "eta"),
    (lambda: ssldyn.flow(eta=numpy.nan), "eta"),
    (lambda: ssldyn.flow(n1=2.5), "n1"),
    (lambda: ssldyn.flow(model="modes", p0=[]), "p0"),
    (lambda: ssldyn.flow(model="modes", p0=[[0.1]]), "p0"),
    (lambda: ssldyn.flow(model="modes", p0=["a", "b"]), "p0"),
    (lambda: ssldyn.flow(model="modes", p0=[1j]), "p0"),
    (lambda: ssldyn.flow(model="modes", no_ema=True, beta=0.4), "beta"),
    (lambda: ssldyn.flow(model="modes\0"), "NUL"),
    (lambda: ssldyn.flow(**{"eta\0": 1}), "NUL"),
    (lambda: ssldyn.flow("no-such-file.conf"), "no-such-file.conf"),
    (lambda: ssldyn.flow(W=numpy.eye(3), Wp=numpy.eye(2)), "W (array): is 3 x 3 (n2 x n1), but Wp"),
    (lambda: ssldyn.flow(W=numpy.full((3, 3), numpy.inf)), "W: entry 0"),
    (lambda: ssldyn.flow(W=numpy.zeros((0, 3))), "W: "),
    (lambda: ssldyn.flow(W=3), "W: "),
    (lambda: ssldyn.flow(X=numpy.eye(3)), "Xprime|xprime"),
    (lambda: ssldyn.flow(W=numpy.eye(3), init_w=numpy.eye(3)), "init_w"),
    (lambda: ssldyn.flow(W=object()), "W"),
    (lambda: ssldyn.flow(W=[[1, 2], [3]]), "W: must be an array"),
    (lambda: ssldyn.flow(W="no-such-file.npy"), "no-such-file.npy"),
    (lambda: ssldyn.sweep(), "ax"),
    (lambda: ssldyn.sweep(axes={"etta": [0.1]}), "eta"),
    (lambda: ssldyn.sweep(axes={"eta": []}, p0=0.5), "eta"),
    (lambda: ssldyn.sweep(axes={"eta": [0.1, numpy.nan]}, p0=0.5), "eta"),
    (lambda: ssldyn.align(), "Wp|wp"),
    (lambda: ssldyn.align(Wp=numpy.eye(3)), "Wp|wp"),
    (lambda: ssldyn.align(Wp=numpy.eye(3), F=numpy.full((3, 3), numpy.nan)), "finite"),
    (lambda: ssldyn.align(Wp=numpy.eye(3), F=numpy.eye(4)), ""),
    (lambda: ssldyn.align(spectra={"s": [1.0, 0.5], "wpe": [[1.0, 0.5]] * 2}), "length"),
    (lambda: ssldyn.align("no-such-run"), "no-such-run"),
    (lambda: ssldyn.compare("no-such-run", "nor-this"), "no-such-run"),
    (lambda: ssldyn.moments("no-such-images"), "no-such-images"),
    (lambda: ssldyn.open("no-such-directory"), "no-such-directory"),
    (lambda: ssldyn.theory(p_end=0.7, t_end=3), ""),
    (lambda: ssldyn.options("dance"), "dance"),
])
def test_input(call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ssldyn.InputError) as caught:
        call()
    message = str(caught.value)
    assert message and "\n" not in message and "--" not in message, message
    assert any(word in message for word in said.split("|")), message
    assert isinstance(caught.value, ValueError)
    assert not list(tmp_path.iterdir())


def test_message_has_the_hint():
    with pytest.raises(ssldyn.InputError, match="train_weight_decay"):
        ssldyn.flow(train_weight_decays=1e-4)


def test_failed_run_has_what_was_computed():
    with pytest.raises(ssldyn.RunError) as caught:
        ssldyn.sgd(n1=4, n2=4, lr=2, batch=4, t_end=1e4, samples=5000)
    result = caught.value.result
    assert isinstance(result, ssldyn.Run)
    assert 0 < len(result.t) and numpy.isfinite(result.t).all()


def test_save_refuses_what_is_not_its_own(tmp_path, network):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "trace.tsv").write_text("mine\n")
    (tmp_path / "file").write_text("mine\n")
    for place in ("file", "file/run"):
        with pytest.raises((ssldyn.InputError, ssldyn.RunError)):
            network.save(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine\n"
    with pytest.raises(ssldyn.InputError, match="NUL"):
        network.save("a\0b")
