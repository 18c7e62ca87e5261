"""Results of commands: values, columns, arrays and strings, each accessible by name.

Arrays are views of the library's memory, read-only and without a copy; they keep it alive.
"""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import difflib
import html
import math
import os
import re
import textwrap
from ctypes import c_size_t
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple, Type, Union

import numpy

from ._library import DIMENSIONS, OK, Error, byref, lib
from ._request import Handle, _encode, failure

Value = Union[float, str]

#: The fates of modes and networks; a number in an array ``fate`` is a place in this tuple.
FATES = ("collapsed", "survives", "diverged", "undecided")

_DOUBLE = numpy.dtype(numpy.float64).str


class _Memory:
    """Numbers of the library's, for numpy.asarray; an array of them keeps their owner alive."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, owner: Handle, address: int, shape: Tuple[int, ...]) -> None:
        self.owner = owner
        self.__array_interface__ = {"version": 3, "typestr": _DOUBLE, "shape": shape,
                                    "data": (address, True)}


def _view(owner: Handle, address: Optional[int], shape: Tuple[int, ...]) -> numpy.ndarray:
    if not address or 0 in shape:
        empty = numpy.zeros(shape)
        empty.flags.writeable = False
        return empty
    return numpy.asarray(_Memory(owner, address, shape))


def _text(value: Optional[bytes]) -> Optional[str]:
    return None if value is None else value.decode("utf-8", "surrogateescape")


class Table(Mapping[str, numpy.ndarray]):
    """Columns by name, each an array with one number per row. For columns p_1, p_2, ...
    ``table["p"]`` is all of them, rows x modes."""

    def __init__(self, names: List[str], rows: numpy.ndarray) -> None:
        #: names of the columns, in order
        self.columns = names
        #: all numbers, rows x columns
        self.rows = rows
        self._place = {name: k for k, name in enumerate(names)}

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self._place

    def _stem(self, stem: str) -> List[int]:
        places: List[int] = []
        while f"{stem}_{len(places) + 1}" in self._place:
            places.append(self._place[f"{stem}_{len(places) + 1}"])
        return places

    def __getitem__(self, name: str) -> numpy.ndarray:
        place = self._place.get(name)
        if place is not None:
            return self.rows[:, place]
        places = self._stem(name) if isinstance(name, str) else []
        if not places:
            raise KeyError(_unknown(name, self.columns))
        step = places[1] - places[0] if len(places) > 1 else 1
        return self.rows[:, places[0]:places[-1] + 1:step]

    def stems(self) -> List[str]:
        """Names of the columns of modes, without the number: p, s, ..."""
        return [name[:-2] for name in self.columns if name.endswith("_1")]

    def to_pandas(self) -> Any:
        """A pandas DataFrame with these columns."""
        import pandas

        return pandas.DataFrame(self.rows, columns=self.columns)

    def __repr__(self) -> str:
        return f"<table, {len(self.rows)} rows: {_shortened(self.columns)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns[:16])
        shown = list(range(len(self.rows))) if len(self.rows) <= 10 else [
            *range(5), *range(len(self.rows) - 5, len(self.rows))]
        lines = ["".join(f"<td>{self.rows[i, k]:.6g}</td>" for k in range(min(16, len(self))))
                 for i in shown]
        return (f"<table><tr>{head}</tr>" + "".join(f"<tr>{line}</tr>" for line in lines) +
                f"</table><p>{len(self.rows)} rows, {len(self)} columns</p>")


def _shortened(names: List[str]) -> str:
    return " ".join(names[:12]) + (f" ... ({len(names)} in all)" if len(names) > 12 else "")


def _unknown(name: object, names: List[str]) -> str:
    near = difflib.get_close_matches(str(name), names, n=3)
    hint = (f"; did you mean {' or '.join(near)}?" if near else
            f"; there are {_shortened(names)}" if names else "")
    return f"{name}: there is none of that name{hint}"


class Result:
    """The result of a command.

    ``result[name]`` is a column (one number per row), an array, or a value that the command line
    prints (a float or a word). Values are attributes as well (``theory(...).eta_fold``).
    """

    _kind = "result"

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._values: Optional[Dict[str, Value]] = None
        self._table: Optional[Table] = None
        self._arrays: Optional[Dict[str, numpy.ndarray]] = None

    # ---- what there is

    def text(self, name: str) -> Optional[str]:
        """A text by its name: "report", "spec" (spec.conf), "verdict"; None: there is none."""
        return _text(lib.ssldyn_result_text(self._handle.pointer, name.encode()))

    @property
    def values(self) -> Dict[str, Value]:
        """The lines ``name = value`` of the command line, in their order: floats and words."""
        if self._values is None:
            pointer = self._handle.pointer
            values: Dict[str, Value] = {}
            for i in range(lib.ssldyn_result_value_count(pointer)):
                name = lib.ssldyn_result_value_name(pointer, i)
                word = lib.ssldyn_result_word(pointer, name)
                values[name.decode()] = (lib.ssldyn_result_value(pointer, name)
                                         if word is None else _text(word) or "")
            self._values = values
        return self._values

    @property
    def table(self) -> Table:
        """The rows: columns by name, in the order of the file that the command line writes."""
        if self._table is None:
            pointer = self._handle.pointer
            count = lib.ssldyn_result_column_count(pointer)
            names = [lib.ssldyn_result_column_name(pointer, i).decode() for i in range(count)]
            shape = (lib.ssldyn_result_row_count(pointer), count)
            self._table = Table(names, _view(self._handle, lib.ssldyn_result_rows(pointer), shape))
        return self._table

    @property
    def columns(self) -> List[str]:
        """The names of the columns, in order."""
        return self.table.columns

    @property
    def arrays(self) -> Dict[str, numpy.ndarray]:
        """The arrays by name, such as the snapshots W, Wp, Wa, F of a run (T x n2 x ...)."""
        if self._arrays is None:
            pointer = self._handle.pointer
            self._arrays = {}
            for i in range(lib.ssldyn_result_array_count(pointer)):
                name = lib.ssldyn_result_array_name(pointer, i)
                dimensions = c_size_t()
                shape = (c_size_t * DIMENSIONS)()
                address = lib.ssldyn_result_array(pointer, name, byref(dimensions), shape)
                self._arrays[name.decode()] = _view(self._handle, address,
                                                    tuple(shape[:dimensions.value]))
        return self._arrays

    @property
    def report(self) -> str:
        """The closing report of the command line; "" if the command has none."""
        return self.text("report") or ""

    @property
    def spec(self) -> str:
        """All settings, in the format of spec.conf."""
        return self.text("spec") or ""

    @property
    def verdict(self) -> str:
        """The verdict of align or compare in words."""
        return (self.text("verdict") or str(self.values.get("verdict", ""))).strip()

    def __getitem__(self, name: str) -> Any:
        if name in self.table:
            return self.table[name]
        if name in self.arrays:
            return self.arrays[name]
        if isinstance(name, str):
            value = self._value(name)
            if value is not None:
                return value
        try:
            return self.table[name]
        except KeyError:
            raise KeyError(_unknown(name, self._names())) from None

    def __contains__(self, name: object) -> bool:
        return name in self.table or name in self.arrays or name in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def _names(self) -> List[str]:
        return list(dict.fromkeys([*self.columns, *self.arrays, *self.values]))

    def _value(self, name: str) -> Optional[Value]:
        """One value, without converting the others if possible; None if there is none."""
        if self._values is None:
            value: float = lib.ssldyn_result_value(self._handle.pointer, name.encode())
            if value == value:
                return value
        return self.values.get(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if hasattr(type(self), name):  # a property, which said why it has nothing
            return getattr(type(self), name).fget(self)
        value = self._value(name)
        if value is not None:
            return value
        if name in self.arrays:
            return self.arrays[name]
        raise AttributeError(_unknown(name, [*self.values, *self.arrays]))

    def __dir__(self) -> List[str]:
        return [*super().__dir__(), *self.values, *self.arrays]

    # ---- maps of fates, of sweep() and basin()

    def _axes(self) -> Dict[str, numpy.ndarray]:
        stem = "axis_"
        return {name[len(stem):]: values for name, values in self.arrays.items()
                if name.startswith(stem)}

    def _is_grid(self) -> bool:
        return self.arrays["fate"].shape == tuple(len(axis) for axis in self._axes().values())

    # ---- where it goes

    def save(self, directory: "str | os.PathLike[str]") -> Path:
        """Writes the directory that the command line would have written; returns its path.

        Raises RunError if it cannot be written, and InputError if it contains other files or the
        command writes no files.
        """
        error = Error()
        if lib.ssldyn_result_save(self._handle.pointer, _encode("directory", os.fspath(directory)),
                                  byref(error)) != OK:
            raise failure(error)
        return Path(directory)

    def to_pandas(self) -> Any:
        """The columns as a pandas DataFrame; without columns the values as a Series."""
        import pandas

        if self.columns:
            return self.table.to_pandas()
        return pandas.Series(self.values)

    def to_xarray(self) -> Any:
        """An xarray Dataset: columns over row, those of modes over (row, mode), and the values."""
        import xarray

        data: Dict[str, Any] = {}
        stems = self.table.stems()
        single = re.compile("|".join(re.escape(stem) + r"_[0-9]+" for stem in stems) or "$^")
        dimension = "t" if "t" in self.table else "row"
        for name in self.columns:
            if not single.fullmatch(name) and name != dimension:
                data[name] = (dimension, self.table[name])
        for stem in stems:
            data[stem] = ((dimension, "mode"), self.table[stem])
        coordinates = {"t": self.table["t"]} if dimension == "t" else {}
        return xarray.Dataset(data, coords=coordinates, attrs=dict(self.values))

    def plot(self, file: "Optional[str | os.PathLike[str]]" = None, *,
             backend: Optional[str] = None, **options: Any) -> Any:
        """Draws the result with matplotlib if it is installed, else with gnuplot.

        file: also write the picture there (.png, .svg, .pdf, ...). backend: "matplotlib" or
        "gnuplot". options: those of matplotlib's figure() (figsize=, dpi=), or of ``ssldyn plot``
        (width="3.25in", font_size=8).

        Returns matplotlib's Figure, or a Picture with the bytes of a PNG.
        """
        from . import _plot

        return _plot.plot(self, file, backend, options)

    # ---- how it shows itself

    def _headline(self) -> str:
        """One line: the verdict."""
        for line in [*self.verdict.splitlines(), *self.report.splitlines()]:
            if line.startswith("fates:") or (self.verdict and line.strip()):
                return line.strip()
        return ""

    def _size(self) -> str:
        if self.columns:
            return f"{len(self.table.rows)} rows of {_shortened(self.columns)}"
        return ""

    def __repr__(self) -> str:
        head = ": ".join(part for part in (self._kind, self._headline()) if part)
        lines = [f"<{head}>" if not self._size() else f"<{head}\n {self._size()}>"]
        lines += [f"{name} = {value}" for name, value in self.values.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        verdict = self.verdict or self._headline()
        cells = "".join(f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
                        for name, value in self.values.items())
        return (f"<p><b>{html.escape(self._kind)}</b> " +
                html.escape(verdict).replace("\n", "<br>") + "</p>" +
                (f"<table>{cells}</table>" if cells else "") +
                (f"<p>{html.escape(self._size())}</p>" if self._size() else ""))


class Run(Result):
    """A run of flow() or sgd(): rows over time, and for matrices the snapshots."""

    _kind = "run"

    @property
    def t(self) -> numpy.ndarray:
        """Times of the rows (T), in units of 1/lr steps."""
        return self.table["t"]

    @property
    def fates(self) -> numpy.ndarray:
        """The certified fate of each mode, a word of FATES (modes)."""
        fates = self.arrays.get("fate")
        if fates is None:
            raise AttributeError("this run has no fates of modes")
        return numpy.array([FATES[int(fate)] for fate in fates.ravel()])

    def _snapshot(self, name: str) -> numpy.ndarray:
        if name not in self.arrays:
            raise AttributeError(f"{name}: this run has no snapshots of matrices" +
                                 (f"; its arrays are {', '.join(self.arrays)}" if self.arrays
                                  else ""))
        return self.arrays[name]

    @property
    def W(self) -> numpy.ndarray:
        """The online network at each time of ``t`` (T, n2, n1); matrices only."""
        return self._snapshot("W")

    @property
    def Wp(self) -> numpy.ndarray:
        """The predictor at each time (T, n2, n2); matrices only."""
        return self._snapshot("Wp")

    @property
    def Wa(self) -> numpy.ndarray:
        """The target network at each time (T, n2, n1); matrices only."""
        return self._snapshot("Wa")

    @property
    def F(self) -> numpy.ndarray:
        """The correlation of the predictor's input at each time (T, n2, n2); matrices only."""
        return self._snapshot("F")

    def to_xarray(self) -> Any:
        """An xarray Dataset over t and mode, with the snapshots over (t, n2, n1) or (t, n2, n2_)."""
        data = super().to_xarray()
        for name, dimensions in (("W", ("t", "n2", "n1")), ("Wa", ("t", "n2", "n1")),
                                 ("Wp", ("t", "n2", "n2_")), ("F", ("t", "n2", "n2_"))):
            if name in self.arrays and len(self.arrays[name]) == len(self.t):
                data[name] = (dimensions, self.arrays[name])
        return data


class Sweep(Result):
    """A sweep: arrays shaped like its grid, axes in the order in which they were given."""

    _kind = "sweep"

    @property
    def axes(self) -> Dict[str, numpy.ndarray]:
        """The values of each axis, by name, in order."""
        return self._axes()

    @property
    def fate(self) -> numpy.ndarray:
        """The certified fate of every point, shaped like the grid: 0 collapsed, 1 survives,
        2 diverged, 3 undecided (indices into FATES)."""
        return self.arrays["fate"].astype(numpy.int8)

    def __getitem__(self, name: str) -> Any:
        if name in self.axes:
            return self.axes[name]
        if name in self.arrays:
            return self.arrays[name]
        return super().__getitem__(name)

    def _outcomes(self) -> List[str]:
        """The columns of the points, without averages over axes, which have another shape."""
        shape = self.arrays["fate"].shape
        return [name for name, values in self.arrays.items()
                if values.shape == shape and not name.startswith(("axis_", "average_"))]

    def to_pandas(self) -> Any:
        """A DataFrame with a row for each point: its values on the axes, then its columns."""
        import pandas

        axes = self.axes
        places = (numpy.meshgrid(*axes.values(), indexing="ij") if self._is_grid()
                  else list(axes.values()))
        data = {name: place.ravel() for name, place in zip(axes, places)}
        data.update({name: self.arrays[name].ravel() for name in self._outcomes()})
        return pandas.DataFrame(data)

    def to_xarray(self) -> Any:
        """A Dataset whose dimensions are the axes; for a Sobol sample, a Dataset over its points."""
        import xarray

        axes = self.axes
        if self._is_grid():
            grid = {name: (tuple(axes), self.arrays[name]) for name in self._outcomes()}
            return xarray.Dataset(grid, coords=dict(axes))
        data = {name: ("point", self.arrays[name].ravel()) for name in self._outcomes()}
        return xarray.Dataset(data, coords={name: ("point", axis) for name, axis in axes.items()})

    def _headline(self) -> str:
        fates = self.arrays.get("fate", numpy.zeros(0))
        counts = {word: int((fates == number).sum()) for number, word in enumerate(FATES)}
        said = ", ".join(f"{count} {word.replace('survives', 'survive')}"
                         for word, count in counts.items() if count)
        shape = " x ".join(f"{len(values)} {name}" for name, values in self.axes.items())
        return f"{shape}: {said}"


class Alignment(Result):
    """The result of align(): ``verdict`` in words, the last snapshot's values, and
    ``table`` with a row for each snapshot."""

    _kind = "alignment"

    def _last(self, name: str) -> float:
        """A value, or where it was read from a directory its column at the last snapshot."""
        if name in self.values:
            return float(self.values[name])
        return float(self.table[name][-1]) if name in self.table else math.nan

    def _word(self, name: str) -> str:
        if name not in self.values:
            raise AttributeError(f"{name}: an alignment that was read from a directory has "
                                 "the verdict in words only")
        return str(self.values[name])

    @property
    def collapse(self) -> str:
        """Collapse of the representation: "none", "partial", "full", "collapsing" or "unknown"."""
        return self._word("collapse")

    @property
    def cosine(self) -> float:
        """Mean |cos| of the angle between each leading eigenvector u_j of F and Wp u_j at the last
        snapshot; 1 if the predictor is aligned, nan if it is unknown."""
        return self._last("cosine")

    @property
    def effective_rank(self) -> float:
        """Effective rank of the predictor's inputs (their covariance) at the last snapshot, or nan."""
        return self._last("effective_rank")

    @property
    def aligned(self) -> str:
        """Whether the predictor is aligned: "yes", "partly", "no" or "unknown"."""
        return self._word("aligned")

    def _headline(self) -> str:
        return ", ".join(f"{name}: {self.values[name]}" for name in ("collapse", "aligned")
                         if name in self.values)

    def __repr__(self) -> str:
        words = "\n".join(textwrap.fill(line, 100) for line in self.verdict.splitlines())
        head = ": ".join(part for part in (self._kind, self._headline()) if part)
        return f"<{head}>\n{words}"


class Comparison(Result):
    """Gaps between two runs, values such as ``norm_w.relative``; or a table of several runs."""

    _kind = "comparison"


class Theory(Result):
    """Closed-form results: values, or the columns of a table."""

    _kind = "theory"


class Basin(Result):
    """The edge of the collapse basin: thresholds, a curve, a table of thresholds, or a map."""

    _kind = "basin"


class Moments(Result):
    """X and X' of a set of images."""

    _kind = "moments"

    @property
    def X(self) -> numpy.ndarray:
        """The second-moment matrix of the augmentation-averaged data (n1, n1)."""
        return self.arrays["x"]

    @property
    def Xprime(self) -> numpy.ndarray:
        """The mean covariance of the augmentation (n1, n1)."""
        return self.arrays["xprime"]


COMMANDS: Dict[str, Type[Result]] = {
    "flow": Run, "sgd": Run, "sweep": Sweep, "align": Alignment, "compare": Comparison,
    "theory": Theory, "basin": Basin, "moments": Moments}


def wrap(handle: Handle) -> Any:
    """A result as an object of the class of its command."""
    command = _text(lib.ssldyn_result_text(handle.pointer, b"command"))
    return COMMANDS.get(command or "", Result)(handle)
