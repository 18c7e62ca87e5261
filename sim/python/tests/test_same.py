"""Every function against the command line: the same numbers to the bit, the same files."""
# SPDX-License-Identifier: MIT
import numpy
import pytest

import ssldyn
from conftest import read_table, same_directory, same_table, same_values

MODES = {"model": "modes", "p0": [0.02, 0.1, 0.5], "s0": 0.05, "eta": 0.04}
MODES_CLI = ["--model", "modes", "--p0", "0.02,0.1,0.5", "--s0", "0.05", "--eta", "0.04"]


def test_flow_of_modes(cli, tmp_path):
    cli.run("flow", *MODES_CLI, "-o", "run")
    run = ssldyn.flow(**MODES)
    same_table(run.table, cli.folder / "run" / "trace.tsv")
    assert list(run.fates) == ["survives"] * 3
    assert (cli.folder / "run" / "report.txt").read_text().endswith(run.report)
    assert run.spec == (cli.folder / "run" / "spec.conf").read_text()
    same_directory(run.save(tmp_path / "run"), cli.folder / "run")


def test_flow_of_matrices(cli, tmp_path):
    values = cli.values("flow", "-q", "--n1", 6, "--n2", 4, "--eta", 0.04, "--t-end", 20,
                        "--samples", 10, "-o", "run")
    run = ssldyn.flow(n1=6, n2=4, eta=0.04, t_end=20, samples=10)
    same_values(run.values, values)
    same_table(run.table, cli.folder / "run" / "trace.tsv")
    assert run.W.shape == (11, 4, 6) and run.Wa.shape == (11, 4, 6)
    assert run.Wp.shape == run.F.shape == (11, 4, 4)
    for name in ("t", "W", "Wp", "Wa", "F"):
        numpy.testing.assert_array_equal(run[name] if name == "t" else getattr(run, name),
                                         numpy.load(cli.folder / "run" / f"{name}.npy"))
    same_directory(run.save(tmp_path / "run"), cli.folder / "run")


def test_flow_from_arrays(cli):
    random = numpy.random.default_rng(3)
    W, Wp = random.normal(size=(4, 6)) / 2, random.normal(size=(4, 4)) / 2
    half = random.normal(size=(6, 6))
    X, Xprime = half @ half.T / 6, 0.2 * numpy.eye(6)
    for name, array in (("w", W), ("wp", Wp), ("x", X), ("xprime", Xprime)):
        numpy.save(cli.folder / f"{name}.npy", array)
    cli.run("flow", "-q", "--init-w", "w.npy", "--init-wp", "wp.npy", "--x", "x.npy", "--xprime",
            "xprime.npy", "--t-end", 10, "--samples", 5, "-o", "run")
    options = dict(X=X, Xprime=Xprime, t_end=10, samples=5)
    run = ssldyn.flow(W=W, Wp=Wp, **options)
    same_table(run.table, cli.folder / "run" / "trace.tsv")
    # other layouts and types of the same numbers; the long names; files
    for other in (ssldyn.flow(W=numpy.asfortranarray(W), Wp=Wp.tolist(), **options),
                  ssldyn.flow(init_w=W, init_wp=Wp, **options),
                  ssldyn.flow(W=str(cli.folder / "w.npy"), Wp=cli.folder / "wp.npy", **options)):
        numpy.testing.assert_array_equal(other.table.rows, run.table.rows)


def test_a_run_from_arrays_is_repeated_by_its_directory(cli, tmp_path):
    W = numpy.random.default_rng(4).normal(size=(3, 5))
    run = ssldyn.flow(W=W, X=numpy.eye(5), Xprime=0.1 * numpy.eye(5), t_end=4, samples=4)
    run.save(tmp_path / "run")
    cli.run("flow", "-q", tmp_path / "run" / "spec.conf", "-o", "again")
    same_table(run.table, cli.folder / "again" / "trace.tsv")
    again = ssldyn.flow(tmp_path / "run")  # a directory stands for its spec.conf
    numpy.testing.assert_array_equal(again.table.rows, run.table.rows)


def test_flow_of_an_experiment_file(cli, tmp_path):
    ssldyn.flow(**MODES).save(tmp_path / "run")
    cli.run("flow", tmp_path / "run" / "spec.conf", "--eta", 0.25, "-o", "run")
    run = ssldyn.flow(tmp_path / "run" / "spec.conf", eta=0.25)
    same_table(run.table, cli.folder / "run" / "trace.tsv")
    assert list(run.fates) == ["collapsed"] * 3


def test_starts_say_which_model():
    assert ssldyn.flow(p0=0.1, s0=0.05, t_end=1).table.stems()[:2] == ["p", "s"]
    assert "wp_1" in ssldyn.flow(wp0=0.1, w0=0.3, t_end=1)


def test_sgd(cli, tmp_path):
    options = {"n1": 6, "n2": 4, "eta": 0.04, "lr": 0.05, "batch": 16, "t_end": 5, "samples": 10}
    words = [word for name, value in options.items()
             for word in ("--" + name.replace("_", "-"), value)]
    cli.run("sgd", *words, "-o", "run")
    run = ssldyn.sgd(**options)
    same_table(run.table, cli.folder / "run" / "trace.tsv")
    same_directory(run.save(tmp_path / "run"), cli.folder / "run")


@pytest.mark.parametrize("words, options", [
    (["--eta", "0.04", "--sigma2", "0.25"], {"eta": 0.04, "sigma2": 0.25}),
    (["--tau", "1", "--eta", "0.02", "--p0", "0.1", "--p-end", "0.7"],
     {"tau": 1, "eta": 0.02, "p0": 0.1, "p_end": 0.7}),
    (["--no-ema", "--eta", "0.1", "--lambda-s", "2,1.3,1.1", "--lambda-d", "1,0.8,0.3"],
     {"no_ema": True, "eta": 0.1, "lambda_s": numpy.array([2, 1.3, 1.1]),
      "lambda_d": (1, 0.8, 0.3)}),
    (["--train-lr", "0.05", "--train-momentum", "0.9", "--train-weight-decay", "5e-4",
      "--train-ema", "0.996"],
     {"train_lr": 0.05, "train_momentum": 0.9, "train_weight_decay": 5e-4, "train_ema": 0.996}),
    (["--loss", "cosine", "--lambda-s", "1", "--lambda-d", "1", "--wp0", "1,0.7,2.2", "--w0",
      "0.8,0.6,0.3"],
     {"loss": "cosine", "lambda_s": 1, "lambda_d": 1, "wp0": [1, 0.7, 2.2], "w0": [0.8, 0.6, 0.3]}),
    (["--depth", "3", "--eta", "0.01", "--lambda-s", "2,1.3,1.1", "--lambda-d", "1,0.8,0.3"],
     {"depth": numpy.int64(3), "eta": numpy.float64(0.01), "lambda_s": [2, 1.3, 1.1],
      "lambda_d": [1, 0.8, 0.3]}),
])
def test_theory(cli, words, options):
    same_values(ssldyn.theory(**options).values, cli.values("theory", *words))


def test_theory_of_data(cli):
    X = numpy.diag([2.0, 1.0, 0.5]) + 0.1
    numpy.save(cli.folder / "x.npy", X)
    numpy.save(cli.folder / "xprime.npy", 0.3 * numpy.eye(3))
    same_values(ssldyn.theory(X=X, Xprime=0.3 * numpy.eye(3), eta=0.1).values,
                cli.values("theory", "--x", "x.npy", "--xprime", "xprime.npy", "--eta", 0.1))


def test_theory_table(cli):
    said = cli.run("theory", "--table", "velocity", "--p0", "-0.2:1.2:15", "--eta", "0.1").stdout
    (cli.folder / "table.tsv").write_text(said)
    names, rows = read_table(cli.folder / "table.tsv")
    table = ssldyn.theory(table="velocity", p0="-0.2:1.2:15", eta=0.1)
    assert table.columns == names
    numpy.testing.assert_array_equal(table.table.rows, rows)


def test_basin_threshold(cli):
    options = {"threshold": "eta", "lo": 0, "hi": 0.3, "p0": 0.5, "s0": 0.25, "tau0": 1,
               "sigma2": 0.0009}
    words = [word for name, value in options.items() for word in ("--" + name, value)]
    basin = ssldyn.basin(**options)
    same_values(basin.values, cli.values("basin", "--model", "modes", *words))
    assert 0.2497 < basin.threshold < 0.2498


def test_basin_separatrix(cli, tmp_path):
    values = cli.values("basin", "-q", "--model", "modes", "--no-ema", "--eta", 0.1, "-o", "edge")
    basin = ssldyn.basin(no_ema=True, eta=0.1)
    same_values(basin.values, values)
    same_table(basin.table, cli.folder / "edge" / "separatrix.tsv")
    same_directory(basin.save(tmp_path / "edge"), cli.folder / "edge")


def test_basin_margins(cli):
    values = cli.values("basin", "-q", "--model", "modes", "--p0", 0.3, "--s0", 0.1, "--margins",
                        "-o", "margins")
    same_values(ssldyn.basin(p0=0.3, s0=0.1, margins=True).values, values)


def test_sweep(cli, tmp_path):
    values = cli.values("sweep", "-q", "--model", "modes", "--axis.eta", "0:0.3:7", "--axis.beta",
                        "log:0.01:10:5", "--p0", 0.5, "--s0", 0.25, "-o", "map")
    sweep = ssldyn.sweep(axes={"eta": "0:0.3:7", "beta": "log:0.01:10:5"}, p0=0.5, s0=0.25)
    same_values(sweep.values, values)
    assert list(sweep.axes) == ["eta", "beta"]
    assert sweep.fate.shape == sweep["p_end"].shape == (7, 5)
    for name in ("fate", "p_end", "s_end", "tau_end", "t_end"):
        numpy.testing.assert_array_equal(sweep[name], numpy.load(cli.folder / "map" /
                                                                 f"{name}.npy"))
    for name in ("eta", "beta"):
        numpy.testing.assert_array_equal(sweep.axes[name],
                                         numpy.load(cli.folder / "map" / f"{name}.npy"))
    same_directory(sweep.save(tmp_path / "map"), cli.folder / "map")
    assert ssldyn.open(tmp_path / "map")._headline() == sweep._headline()


def test_sweep_of_numbers(cli):
    axes = {"eta": numpy.linspace(0, 0.3, 7), "beta": [0.01, 0.3, 4]}
    cli.run("sweep", "-q", "--model", "modes", "--axis.eta",
            "list:" + ",".join(map(repr, axes["eta"].tolist())), "--axis.beta", "list:0.01,0.3,4",
            "--p0", 0.5, "--s0", 0.25, "-o", "map")
    sweep = ssldyn.sweep(axes=axes, p0=0.5, s0=0.25, columns=["fate", "p_end"])
    numpy.testing.assert_array_equal(sweep.axes["eta"], axes["eta"])
    numpy.testing.assert_array_equal(sweep["p_end"], numpy.load(cli.folder / "map" / "p_end.npy"))
    assert "s_end" not in sweep


def test_sweep_of_words():
    sweep = ssldyn.sweep(axes={"predictor": ["gradient", "directset"], "eta": [0.02, 0.3]}, n1=6,
                         n2=3, t_end=20)
    assert sweep.fate.shape == (2, 2)


def test_sweep_of_matrices(cli):
    cli.run("sweep", "-q", "--model", "population", "--n1", 6, "--n2", 3, "--axis.eta",
            "list:0.02,0.3", "--axis.seed", "1:3:3", "--t-end", 20, "-o", "map")
    sweep = ssldyn.sweep(axes={"eta": [0.02, 0.3], "seed": [1, 2, 3]}, n1=6, n2=3, t_end=20)
    numpy.testing.assert_array_equal(sweep["loss"], numpy.load(cli.folder / "map" / "loss.npy"))


def test_align_of_matrices(cli, tmp_path):
    random = numpy.random.default_rng(5)
    features = random.normal(size=(300, 8)) * numpy.linspace(1, 0.2, 8)
    Wp = features.T @ features / 300 + 0.02 * random.normal(size=(8, 8))
    numpy.save(cli.folder / "features.npy", features)
    numpy.save(cli.folder / "wp.npy", Wp)
    values = cli.values("align", "--wp", "wp.npy", "--features", "features.npy", "-o", "out")
    a = ssldyn.align(Wp=Wp, features=features)
    same_values(a.values, values)
    same_table(a.table, cli.folder / "out" / "trace.tsv")
    assert (a.collapse, a.cosine, a.effective_rank) == (
        values["collapse"], values["cosine"], values["effective_rank"])
    assert a.verdict in (cli.folder / "out" / "verdict.txt").read_text()


def test_align_of_stacks(cli):
    random = numpy.random.default_rng(6)
    half = random.normal(size=(3, 5, 9))
    F, Wp = half @ half.transpose(0, 2, 1), random.normal(size=(3, 5, 5))
    numpy.save(cli.folder / "f.npy", F)
    numpy.save(cli.folder / "wp.npy", Wp)
    cli.run("align", "--wp", "wp.npy", "--f", "f.npy", "-o", "out")
    a = ssldyn.align(Wp=Wp, F=F)
    assert a.snapshots == 3 and a.table["cos"].shape == (3, 5)
    same_table(a.table, cli.folder / "out" / "trace.tsv")


def test_align_of_outputs(cli):
    random = numpy.random.default_rng(7)
    features = random.normal(size=(500, 6)) * numpy.linspace(1, 0.3, 6)
    outputs = numpy.tanh(features @ random.normal(size=(6, 6)))
    numpy.save(cli.folder / "features.npy", features)
    numpy.save(cli.folder / "outputs.npy", outputs)
    values = cli.values("align", "--features", "features.npy", "--outputs", "outputs.npy", "-o",
                        "out")
    same_values(ssldyn.align(features=features, outputs=outputs).values, values)


def test_align_of_spectra(cli):
    s, wpe = numpy.array([[2.0, 1.0, 0.5], [2.5, 1.0, 0.1]]), numpy.array([[1.4, 1.0, 0.7],
                                                                         [1.6, 1.0, 0.3]])
    (cli.folder / "spectra.tsv").write_text(
        "s_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n2\t1\t0.5\t1.4\t1\t0.7\n2.5\t1\t0.1\t1.6\t1\t0.3\n")
    values = cli.values("align", "--spectra", "spectra.tsv", "-o", "out")
    same_values(ssldyn.align(spectra=cli.folder / "spectra.tsv").values, values)
    same_values(ssldyn.align(spectra={"s": s, "wpe": wpe}).values, values)


def test_align_of_a_run(cli, network, tmp_path):
    network.save(tmp_path / "run")
    values = cli.values("align", tmp_path / "run", "-o", "out")
    same_values(ssldyn.align(tmp_path / "run").values, values)
    same_values(ssldyn.align(network).values, values)


def test_compare(cli, network, tmp_path):
    other = ssldyn.flow(n1=6, n2=4, eta=0.05, t_end=30, samples=20)
    network.save(tmp_path / "a")
    other.save(tmp_path / "b")
    values = cli.values("compare", tmp_path / "a", tmp_path / "b")
    same_values(ssldyn.compare(tmp_path / "a", tmp_path / "b").values, values)
    same_values(ssldyn.compare(network, other).values, values)


def test_moments(cli, tmp_path):
    images = numpy.random.default_rng(8).integers(0, 256, size=(60, 8, 8, 3), dtype=numpy.uint8)
    numpy.save(cli.folder / "images.npy", images)
    values = cli.values("moments", "images.npy", "--augmentation", "weak", "--pool", 2, "--pairs",
                        600, "-o", "out")
    for given in (cli.folder / "images.npy", images):
        m = ssldyn.moments(given, augmentation="weak", pool=2, pairs=600)
        same_values(m.values, values)
        numpy.testing.assert_array_equal(m.X, numpy.load(cli.folder / "out" / "x.npy"))
        numpy.testing.assert_array_equal(m.Xprime, numpy.load(cli.folder / "out" / "xprime.npy"))
    rank = ssldyn.theory(X=m.X, Xprime=m.Xprime, tau=1, eta=0.02).rank
    assert rank == cli.values("theory", "--x", "out/x.npy", "--xprime", "out/xprime.npy", "--tau",
                              1, "--eta", 0.02)["rank"]


@pytest.mark.parametrize("words", [
    ["flow", "-q", "--n1", "5", "--n2", "3", "--t-end", "5", "--samples", "5"],
    ["flow", "-q", "--model", "modes", "--t-end", "5"],
    ["sweep", "-q", "--model", "modes", "--axis.eta", "0:0.3:4", "--t-end", "20"],
])
def test_open(cli, words):
    cli.run(*words, "-o", "out")
    result = ssldyn.open(cli.folder / "out")
    table = cli.folder / "out" / ("trace.tsv" if words[0] == "flow" else "table.tsv")
    names, rows = read_table(table)
    if words[0] == "flow":
        assert isinstance(result, ssldyn.Run)
        same_table(result.table, table)
        assert result.spec == (cli.folder / "out" / "spec.conf").read_text()
    else:
        assert isinstance(result, ssldyn.Sweep)
        for k, name in enumerate(names):
            numpy.testing.assert_array_equal(result[name].ravel(), rows[:, k])


def test_open_of_an_alignment(tmp_path, network):
    a = ssldyn.align(network)
    b = ssldyn.open(a.save(tmp_path / "out"))
    assert isinstance(b, ssldyn.Alignment) and b.verdict == a.verdict
    assert (b.cosine, b.effective_rank) == (a.cosine, a.effective_rank)
    same_table(b.table, tmp_path / "out" / "trace.tsv")
    with pytest.raises(AttributeError, match="words"):
        b.collapse


def test_pairs(cli):
    """The covariances of a pair as arrays are those of files."""
    numbers = numpy.random.default_rng(3)
    factor = numbers.normal(size=(6, 6))
    S = factor @ factor.T
    names = {"sxx": S[:3, :3], "syx": S[3:, :3], "syy": S[3:, 3:]}
    for name, array in names.items():
        numpy.save(cli.folder / f"{name}.npy", array)
    cli.run("flow", "-q", "--sxx", "sxx.npy", "--syx", "syx.npy", "--syy", "syy.npy", "--n2", 2,
            "--t-end", 5, "--samples", 5, "-o", "pair")
    run = ssldyn.flow(Sxx=names["sxx"], Syx=names["syx"], Syy=names["syy"], n2=2, t_end=5, samples=5)
    numpy.testing.assert_array_equal(run.W, numpy.load(cli.folder / "pair" / "W.npy"))
    assert numpy.isfinite(run["loss"]).all()
