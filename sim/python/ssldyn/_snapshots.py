"""The parts of a Monitor that need no PyTorch: snapshots in a directory, the effective linear
predictor from moments, reports and logs."""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import contextlib
import inspect
import logging
import math
import os
import shutil
import tempfile
import weakref
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union

import numpy

from ._errors import InputError

Value = Union[float, int, str]

#: What ssldyn/collapse is in logs.
COLLAPSE = {"none": 0, "partial": 1, "collapsing": 2, "full": 3, "unknown": -1}


def effective(moments: Dict[str, Any], roundoff: float,
              single: bool) -> "Tuple[numpy.ndarray, Dict[str, Value]]":
    """The effective linear predictor A = E[q f^T] E[f f^T]^-1 on the directions in which f varies
    beyond its rounding, as align finds it from samples (sim/align/effective.h), and what moments
    tell of it: the share of the variance of q about its mean that A f explains, corrected for the
    directions that were fitted; and |A - E A|/|A| if what it leaves does not depend on f.

    moments: as of Monitor; roundoff: of f's type; single: products were in single precision.
    """
    F, C, mean, q, count = (moments[name] for name in ("F", "C", "mean", "q", "count"))
    n = len(F)
    s, U = numpy.linalg.eigh(F)
    s, U = s[::-1], U[:, ::-1]
    least = max(768.0 * roundoff ** 2 / 3.0 * float(F.diagonal().max()),
                10.0 * n * numpy.finfo(float).eps * s[0])
    if single:  # rounding of the products, which does not average out
        least = max(least, 100.0 * 2.0 ** -24 * s[0])
    living = int((s > least).sum())
    if living >= count:
        raise InputError(f"{count} samples span {living} directions, so that any outputs are a "
                         "linear function of the inputs: more samples between two steps are needed")
    V = U[:, :living]
    A = C @ V / s[:living] @ V.T
    # Residuals r = q - A f: E|r|^2 = E|q|^2 - 2 <A, C> + <A F, A>, less |E r|^2.
    residual = moments["qq"] - 2.0 * numpy.sum(A * C) + numpy.sum((A @ F) * A)
    residual = max(residual - numpy.sum((q - A @ mean) ** 2), 0.0)
    output = moments["qq"] - numpy.sum(q ** 2)
    freedom = count - 1 - living + numpy.sum((mean @ V) ** 2 / s[:living])
    values: Dict[str, Value] = {"effective_predictor_directions": living}
    size = float(numpy.sum(A ** 2))
    if output > 1e-14 * moments["qq"] and freedom > 0:
        rest = residual / freedom
        values["effective_predictor_share"] = float(1.0 - rest / (output / (count - 1)))
        if size > 0:
            values["effective_predictor_noise"] = float(
                math.sqrt(rest * numpy.sum(1.0 / s[:living]) / size))
    return A, values


# ----------------------------------------------------------------------------------- the directory


@contextlib.contextmanager
def replacing(path: str) -> Iterator[str]:
    """A name to write to; the file takes the place of path when it is whole."""
    fresh = f"{path}.new"
    try:
        yield fresh
        os.replace(fresh, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(fresh)


class _Stack:
    """A .npy file of doubles that grows by one array at a time, behind a header of fixed length."""

    HEADER = 128

    def __init__(self, path: str, shape: Tuple[int, ...]) -> None:
        self.path = path
        self.shape = shape
        self.bytes = 8 * int(numpy.prod(shape))
        if not os.path.exists(path):
            with open(path, "wb"):
                pass
            self.commit(0)
        self.count = len(self.read())

    def append(self, array: Any) -> None:
        """Writes an array behind those that commit() counted."""
        array = numpy.ascontiguousarray(array, dtype="<f8").reshape(self.shape)
        with open(self.path, "r+b") as file:
            file.seek(self.HEADER + self.bytes * self.count)
            file.write(array.tobytes())

    def commit(self, count: int) -> None:
        """From here on the file holds that many arrays."""
        entry = {"descr": "<f8", "fortran_order": False, "shape": (count, *self.shape)}
        text = repr(entry).encode("ascii").ljust(self.HEADER - 11) + b"\n"
        with open(self.path, "r+b") as file:
            file.write(b"\x93NUMPY\x01\x00" + (self.HEADER - 10).to_bytes(2, "little") + text)
            file.truncate(self.HEADER + self.bytes * count)
        self.count = count

    def read(self) -> numpy.ndarray:
        if os.path.getsize(self.path) == self.HEADER:
            return numpy.empty((0, *self.shape))
        return numpy.asarray(numpy.load(self.path, mmap_mode="r"))


class Record:
    """The snapshots, in a directory as ``ssldyn align DIR`` reads it."""

    def __init__(self, directory: Optional[str], resume: bool) -> None:
        self.directory = directory or tempfile.mkdtemp(prefix="ssldyn-")
        if directory is None:
            weakref.finalize(self, shutil.rmtree, self.directory, True)
        self.stacks: Dict[str, _Stack] = {}
        os.makedirs(self.directory, exist_ok=True)
        held = os.path.join(self.directory, "F.npy")
        if not os.path.exists(held):
            return
        if not resume:
            raise InputError(f"directory: {self.directory} holds snapshots already; choose another "
                             "one, or continue these with resume=True")
        self.open(numpy.load(held, mmap_mode="r").shape[-1])
        self.commit(min(stack.count for stack in self.stacks.values()))

    def open(self, size: int) -> None:
        shapes = {"F": (size, size), "Wp": (size, size), "mean": (size,), "count": (), "t": ()}
        self.stacks = {name: _Stack(os.path.join(self.directory, f"{name}.npy"), shape)
                       for name, shape in shapes.items()}

    def __len__(self) -> int:
        return self.stacks["t"].count if self.stacks else 0

    def append(self, **arrays: Any) -> None:
        if not self.stacks:
            self.open(len(arrays["mean"]))
        for name, stack in self.stacks.items():
            stack.append(arrays[name])
        self.commit(len(self) + 1)

    def commit(self, count: int) -> None:
        for stack in self.stacks.values():
            stack.commit(count)

    def copy(self, directory: str, which: Any) -> None:
        """Writes some of the snapshots to another directory."""
        for name, stack in self.stacks.items():
            with replacing(os.path.join(directory, f"{name}.npy")) as path:
                with open(path, "wb") as file:
                    numpy.save(file, stack.read()[which])


# --------------------------------------------------------------------------------------- the report


class Report:
    """The result of step(), the same on every rank.

    ``verdict`` in words; ``values`` by the names that ``ssldyn align`` prints (effective_rank,
    alive, cosine, ...), also as attributes; ``epoch``; ``warnings``, the texts of its warnings.
    """

    def __init__(self, epoch: float, values: Dict[str, Value], verdict: str) -> None:
        self.epoch = epoch
        self.values = values
        self.verdict = verdict
        self.warnings: List[str] = []

    @property
    def collapse(self) -> str:
        """"none", "partial", "collapsing", "full" or "unknown"."""
        return str(self.values.get("collapse", "unknown"))

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_") or name == "values" or name not in self.values:
            raise AttributeError(f"{name}: was not measured")
        return self.values[name]

    def scalars(self) -> Dict[str, float]:
        """The numbers as they are logged, "ssldyn/effective_rank" and so on; ssldyn/collapse is 0
        none, 1 partial, 2 collapsing, 3 full, -1 unknown."""
        scalars = {f"ssldyn/{name}": float(value) for name, value in self.values.items()
                   if not isinstance(value, str) and value == value and name != "t"}
        scalars["ssldyn/collapse"] = float(COLLAPSE[self.collapse])
        scalars["ssldyn/died"] = float(self.values.get("died", 0))
        return scalars

    def __repr__(self) -> str:
        return f"epoch {self.epoch:g}: {self.verdict}"


def _needed(function: Any) -> int:
    """How many arguments a function cannot do without; 2 where that is not known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return 2
    return sum(parameter.default is parameter.empty and parameter.kind in
               (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
               for parameter in parameters)


def log_report(log: Any, report: Report) -> None:
    """Passes the numbers to a log."""
    scalars = report.scalars()
    epoch = int(report.epoch) if report.epoch.is_integer() else report.epoch
    if hasattr(log, "add_scalar"):  # TensorBoard
        for name, value in scalars.items():
            log.add_scalar(name, value, epoch)
        if hasattr(log, "add_text"):
            log.add_text("ssldyn/verdict", report.verdict, epoch)
    elif isinstance(log, (logging.Logger, logging.LoggerAdapter)):
        log.info("ssldyn: epoch %g: %s", report.epoch, report.verdict)
    elif hasattr(log, "log"):  # Weights & Biases, whose own step is the caller's
        log.log({**scalars, "ssldyn/epoch": epoch})
    elif not callable(log):
        raise InputError(f"log: {type(log).__name__} has neither add_scalar nor log, and cannot be "
                         "called as log(scalars, epoch)")
    elif _needed(log) == 3:
        for name, value in scalars.items():
            log(name, value, epoch)
    elif _needed(log) == 1:
        log({**scalars, "ssldyn/epoch": epoch})
    else:
        log(scalars, epoch)
