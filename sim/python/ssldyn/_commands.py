"""The commands of ssldyn as functions.

Every option of the command line is an argument, with underscores in place of dashes
(``t_end=200``). The library checks names, types and ranges, and an InputError says what is wrong and
what is allowed. Where the command line takes a file of numbers, an argument can be an array, a list
or a tensor. ``options(command)`` lists all arguments.
"""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import (Any, Callable, ContextManager, Dict, List, Mapping, Optional, Sequence, Type,
                    TypeVar, Union)

import numpy

from . import _progress
from ._errors import InputError, Remark, RunError
from ._library import program
from ._request import Request, open_directory
from ._results import (COMMANDS, Alignment, Basin, Comparison, Moments, Result, Run, Sweep, Theory, wrap)

#: what may stand for a matrix or vectors: numbers in memory, or the path of a file
Array = Any
Path_ = Union[str, "os.PathLike[str]"]
#: True, False, None (on a terminal or in a notebook), or a function of (what, done, total), called
#: up to ten times a second, which stops the run by raising or by returning something true
Progress = Union[None, bool, Callable[[str, float, float], Any]]

# Matrices have short names, as in the theory; the option that each stands for.
_OF_DYNAMICS = {"W": "init_w", "Wp": "init_wp", "Wa": "init_wa", "F": "init_f", "X": "x",
                "Xprime": "xprime", "Sxx": "sxx", "Syx": "syx", "Syy": "syy"}
_OF_ALIGN = {"W": "w", "Wp": "wp", "Wa": "wa", "F": "f", "X": "x", "Xprime": "xprime"}

# Starts say which model they are of.
_STARTS = (("modes", ("p0", "s0", "tau0")), ("lowdim", ("wp0", "w0", "wa0")))


def _folder(needed: bool) -> ContextManager[str]:
    """A temporary folder, or "" if none is needed."""
    return tempfile.TemporaryDirectory(prefix="ssldyn-") if needed else contextlib.nullcontext("")


def _with_model(options: Dict[str, Any], axes: Sequence[str] = ()) -> Dict[str, Any]:
    """The same with the model, where it is not given and the start says which."""
    if options.get("model") is None and "model" not in axes:
        for model, starts in _STARTS:
            if any(options.get(start) is not None or start in axes for start in starts):
                return {"model": model, **options}
    return options


def _fill(request: Request, names: Mapping[str, str], options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        target = names.get(name, name)
        if target != name and value is not None and options.get(target) is not None:
            raise InputError(f"{name} and {target}: are the same argument; give only one")
        request.put(target, value, name)


_R = TypeVar("_R", bound=Result)


def _finish(request: Request, kind: Type[_R], progress: Progress, level: int = 3) -> _R:
    """Runs a request, and returns its result, or raises what stopped it with that in .result.
    level: how many functions up the user's call is, which warnings name."""
    display = progress if callable(progress) else _progress.make(progress)
    try:
        handle, error = request.run(display)
    finally:
        if isinstance(display, _progress.Progress):
            display.close()
    if error is not None:
        if handle is not None:
            error.result = kind(handle)  # type: ignore[attr-defined]
        raise error
    assert handle is not None
    result = kind(handle)
    for line in (result.text("remarks") or "").splitlines():
        warnings.warn(line, Remark, stacklevel=level)
    return result


def _run(command: str, kind: Type[_R], file: Optional[Path_], options: Mapping[str, Any],
         progress: Progress = False, axes: Optional[Mapping[str, Any]] = None) -> _R:
    with Request(command) as request:
        if file is not None:
            request.read(file)
        _fill(request, _OF_DYNAMICS, options)
        for name, values in (axes or {}).items():
            request.axis(name, values)
        return _finish(request, kind, progress, 4)


def flow(file: Optional[Path_] = None, /, *, W: Array = None, Wp: Array = None, Wa: Array = None,
         F: Array = None, X: Array = None, Xprime: Array = None, progress: Progress = None,
         **options: Any) -> Run:
    """Integrates a flow of the theory from a start.

    file: an experiment file (FILE.conf, or spec.conf of a run); arguments override it.

    Matrices, as arrays or files: the start W (n2, n1), Wp (n2, n2), Wa (n2, n1) (also "zero",
    "copy" or "random"), F (n2, n2) of the reduced model; the data X and Xprime (n1, n1), or the
    covariances Sxx, Syx and Syy of inputs x and targets y with different distributions. Matrices of
    the start that are not given are random; ``seed`` sets the random numbers.

    The most common of the other arguments (``options("flow")`` lists all): model="population",
    "reduced", "modes", "parabola" or "lowdim" (default: "population"; "modes" if p0, s0 or tau0
    is given, "lowdim" if wp0, w0 or wa0 is); p0, s0, tau0: the start of modes, one number for all or
    one for each; eta: weight decay; beta: rate of the target's moving average; tau: constant ratio of
    target and network, instead of the average; alpha_p: learning rate of the predictor divided by
    that of the network; sigma2: variance of the augmentation; loss="l2" or "cosine"; t_end: flow
    time at the end, in units of 1/lr steps; samples: number of rows after the first; train_lr,
    train_momentum, train_weight_decay, train_ema, train_steps: the settings of a training script,
    instead of the rates above.

    >>> run = ssldyn.flow(model="modes", p0=[0.02, 0.1, 0.5], s0=0.05, eta=0.04)
    >>> run.fates, run["p_1"][-1]

    Raises InputError if an argument is not acceptable, and RunError, with ``.result``, if the
    solution diverges or cannot be continued. Ctrl-C raises KeyboardInterrupt, whose ``.result`` is
    the run up to that time.
    """
    options = {"W": W, "Wp": Wp, "Wa": Wa, "F": F, "X": X, "Xprime": Xprime, **options}
    if file is None:
        options = _with_model(options)
    return _run("flow", Run, file, options, progress)


def sgd(file: Optional[Path_] = None, /, *, W: Array = None, Wp: Array = None, Wa: Array = None,
        X: Array = None, Xprime: Array = None, progress: Progress = None, **options: Any) -> Run:
    """Runs stochastic gradient descent, the process whose limit the flow of matrices is.

    Takes the arguments of flow() for matrices, and: lr: learning rate, which is also the flow time
    of a step; batch: pairs of views per step; steps, or t_end; momentum; precision="double" or
    "float"; data: images (a path), or vectors (N, n1); moments: a directory of moments(); ensemble:
    number of runs, over which the columns are then means, deviations and quantiles; and others
    (``options("sgd")``).

    >>> run = ssldyn.sgd(n1=32, n2=16, eta=0.04, lr=0.01, batch=128, t_end=120)
    >>> run["norm_w"], run.F.shape

    Raises as flow() does.
    """
    options = {"W": W, "Wp": Wp, "Wa": Wa, "X": X, "Xprime": Xprime, **options}
    return _run("sgd", Run, file, options, progress)


def theory(file: Optional[Path_] = None, /, *, W: Array = None, Wp: Array = None, X: Array = None,
           Xprime: Array = None, **options: Any) -> Theory:
    """Closed-form results: fixed points, the fold, escape times, the rank that survives.

    Takes the rates of flow(), and: lambda_s, lambda_d: eigenvalues of the data; X, Xprime (n1, n1):
    matrices of the data, which need not commute; p0 with p_end (for the time between them) or t_end;
    depth: number of layers; table="fixedpoints", "velocity", "field" or "nullclines": columns
    instead of values (``options("theory")``).

    >>> ssldyn.theory(eta=0.04, sigma2=0.25).eta_fold
    0.2

    Raises InputError if an argument is not acceptable.
    """
    return _run("theory", Theory, file,
                {"W": W, "Wp": Wp, "X": X, "Xprime": Xprime, **options})


def basin(file: Optional[Path_] = None, /, *, axes: Optional[Mapping[str, Any]] = None,
          progress: Progress = None, **options: Any) -> Basin:
    """The values at which a fate flips, and maps of fates.

    With threshold="eta", lo and hi: the values of that argument between lo and hi at which the
    fate of a mode flips, and the cause of each flip. With axes as well: a table of thresholds over
    their grid. With axes alone: a map of fates. With margins=True: the factor by which each knob
    alone must change for the fate to flip. Otherwise, at constant tau: the separatrix (columns p, s,
    ln_s). Starts and rates are given as in flow(), axes as in sweep() (``options("basin")``).

    >>> ssldyn.basin(threshold="eta", lo=0, hi=0.3, p0=0.5, s0=0.25).threshold

    Raises InputError, RunError.
    """
    if file is None and options.get("model") is None:
        options = {"model": "modes", **_with_model(options, tuple(axes or ()))}
    return _run("basin", Basin, file, options, progress, axes)


def sweep(file: Optional[Path_] = None, /, *, axes: Optional[Mapping[str, Any]] = None,
          W: Array = None, Wp: Array = None, Wa: Array = None, F: Array = None, X: Array = None,
          Xprime: Array = None, progress: Progress = None, **options: Any) -> Sweep:
    """The fate and the final values at every point of a grid, computed on all processors.

    axes: a dict from the name of an argument to its values: numbers, words, or a text such as
    "log:0.01:10:61"; the last axis varies fastest. sobol: number of points of a Sobol sample, whose
    axes are ranges ("0:0.5"). columns: what to keep of each point, a list of names or "fate,p_end";
    early_stop: stop at each point as soon as its fate is certain; average: axes that stand for random
    starts; process="sgd" sweeps SGD. The other arguments are those of flow()
    (``options("sweep")``).

    >>> sweep = ssldyn.sweep(axes={"eta": numpy.linspace(0, .3, 61),
    ...                            "beta": numpy.geomspace(.01, 10, 61)}, p0=.5, s0=.25)
    >>> sweep.fate.shape, sweep["p_end"], sweep.axes["eta"]

    Raises InputError or RunError, and KeyboardInterrupt on Ctrl-C; no results are kept then.
    """
    options = {"W": W, "Wp": Wp, "Wa": Wa, "F": F, "X": X, "Xprime": Xprime, **options}
    if file is None:
        options = _with_model(options, tuple(axes or ()))
    return _run("sweep", Sweep, file, options, progress, axes)


def _spectra_file(folder: str, spectra: Any) -> str:
    """Writes columns as a file of spectra that align reads: s_1 ..., wpe_1 ..., and others."""
    columns: Dict[str, numpy.ndarray] = {}
    for name in spectra:
        values = numpy.asarray(spectra[name], dtype=numpy.float64)
        if values.ndim == 2 or (values.ndim == 1 and name in ("s", "wpe", "cos")):
            values = numpy.atleast_2d(values)
            columns.update({f"{name}_{j + 1}": values[:, j] for j in range(values.shape[1])})
        elif values.ndim < 2:
            columns[str(name)] = numpy.atleast_1d(values)
        else:
            raise InputError(f"spectra: {name} has {values.ndim} dimensions; must have two, "
                             "snapshots x modes")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise InputError("spectra: the columns must have the same length" if columns
                         else "spectra: there are no columns")
    path = os.path.join(folder, "spectra.tsv")
    lines = ["\t".join(columns)]
    lines += ["\t".join(repr(float(value)) for value in row) for row in zip(*columns.values())]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _directory(run: "Path_ | Result", folder: str, name: str) -> Path_:
    """The directory of a run; a run in memory is saved first."""
    return run.save(os.path.join(folder, name)) if isinstance(run, Result) else run


def align(run: "Union[None, Path_, Run]" = None, /, *, Wp: Array = None, F: Array = None,
          W: Array = None, Wa: Array = None, X: Array = None, Xprime: Array = None,
          features: Array = None, outputs: Array = None, mean: Array = None, spectra: Any = None,
          progress: Progress = None, **options: Any) -> Alignment:
    """Measures whether a predictor aligns with the correlation F of its input, and whether the
    representation collapses.

    For a run, give its directory or the object. For a network, give Wp (n2, n2) with one of F
    (n2, n2), W (n2, n1) (then F = W X W^T, where X defaults to the identity) or features (N, n2), the
    inputs of the predictor, whose second moment is F; or, for a predictor of any kind, features and
    its outputs (N, n2), row by row: then the effective linear part of the predictor is judged.
    Wa (n2, n1): weights of the target. mean (n2): mean of the inputs, if F was not centered;
    centered=True if it was. Stacks of snapshots have one more dimension, the first. Each is an array,
    a tensor, or a file as on the command line ("model.pt:predictor", "epoch_%d.npy"). spectra: if
    only eigenvalues were kept, a file, or a dict of columns: s and wpe (snapshots, modes), and cos,
    asymmetry and epoch if they were kept.

    loss: judge the network under "l2" or "cosine" only; rates (eta, ... or train_lr, ...): report
    margins to the fold; predict: forecast by the flow from that snapshot (``options("align")``).

    >>> a = ssldyn.align(Wp=Wp, features=f)
    >>> a.verdict, a.collapse, a.cosine, a.effective_rank, a.table["cos"]

    Raises InputError if the matrices do not fit together or have entries that are not finite
    (skip_bad=True leaves such snapshots out), and RunError.
    """
    options = {"Wp": Wp, "F": F, "W": W, "Wa": Wa, "X": X, "Xprime": Xprime, "features": features,
               "outputs": outputs, "mean": mean, **options}
    columns = hasattr(spectra, "keys")
    with _folder(columns or isinstance(run, Result)) as folder, Request("align") as request:
        if run is not None:
            request.operand(_directory(run, folder, "run"))
        if columns:
            spectra = _spectra_file(folder, spectra)
        _fill(request, _OF_ALIGN, {"spectra": spectra, **options})
        return _finish(request, Alignment, progress)


def compare(*runs: "Union[Path_, Run]", ladder: Optional[Path_] = None,
            progress: Progress = None, **options: Any) -> Comparison:
    """The gaps between two runs on a common time axis, or a table of several runs.

    runs: directories, results of flow() and sgd(), or one folder of runs. ladder: an experiment
    file of sgd, which is run under each model of the theory to measure the cost of each
    assumption.

    >>> ssldyn.compare("network", "noisy")["norm_w.relative"]

    Raises InputError if something is not a run.
    """
    in_memory = any(isinstance(run, Result) for run in runs)
    with _folder(in_memory) as folder, Request("compare") as request:
        for number, run in enumerate(runs, 1):
            request.operand(_directory(run, folder, f"run-{number}"))
        _fill(request, {}, {"ladder": ladder, **options})
        return _finish(request, Comparison, progress)


def moments(images: Any, /, *, progress: Progress = None, **options: Any) -> Moments:
    """X and X' of images under an augmentation.

    images: the path of a set (CIFAR-10 and -100, MNIST, STL-10, .npy, .npz, ...), or an array:
    (N, height, width), (N, height, width, channels), (N, channels, height, width) or vectors
    (N, d), of bytes, or of fractions in [0, 1].

    augmentation="cifar", "weak", "stl" or "none", and its parts one by one (crop_scale, flip,
    jitter, noise, ...); pool, patch, pca: how views become vectors; pairs: total number of pairs of
    views; scale="mean", "top" or "none": what X and X' are divided by (``options("moments")``).

    >>> m = ssldyn.moments("cifar-10-batches-bin", augmentation="weak", pool=4, scale="none")
    >>> ssldyn.theory(X=m.X, Xprime=m.Xprime, tau=1, eta=0.2).rank

    Raises InputError if the images cannot be read.
    """
    in_memory = not isinstance(images, (str, os.PathLike))
    with _folder(in_memory) as folder, Request("moments") as request:
        request.operand(_images_file(folder, images) if in_memory else images)
        _fill(request, {}, options)
        return _finish(request, Moments, progress)


def _images_file(folder: str, images: Any) -> str:
    """Writes images to a file of the same type, which determines the range of pixels."""
    if hasattr(images, "detach"):
        images = images.detach().cpu().numpy()
    path = os.path.join(folder, "images.npy")
    try:
        numpy.save(path, numpy.asarray(images), allow_pickle=False)
    except ValueError as error:
        raise InputError(f"images: must be an array of numbers ({error})") from None
    return path


def open(directory: Path_) -> Any:
    """Reads a directory of results: the same object that flow(), sgd(), sweep(), align() or
    moments() gave.

    Raises InputError if there is none.
    """
    return wrap(open_directory(directory))


def options(command: str) -> str:
    """All arguments of a command ("flow"), with their units, ranges and defaults, as text."""
    if command not in COMMANDS:
        raise InputError(f"{command}: must be one of {', '.join(COMMANDS)}")
    said = subprocess.run([str(program()), command, "--help"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", check=False)
    if said.returncode != 0:
        raise RunError(said.stderr.strip())
    return re.sub(r"--([a-z][a-z0-9-]*)", lambda name: name.group(1).replace("-", "_"), said.stdout)


__all__: List[str] = ["align", "basin", "compare", "flow", "moments", "open", "options", "sgd",
                      "sweep", "theory"]
