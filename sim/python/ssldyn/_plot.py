"""Pictures of results: by matplotlib if it is installed, else by ``ssldyn plot`` (gnuplot)."""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import io
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

import numpy

from . import _progress
from ._errors import InputError, RunError
from ._library import program
from ._results import FATES, Alignment, Basin, Comparison, Moments, Result, Run, Sweep

# Colors of Okabe and Ito, which remain distinct for every kind of color vision.
_BLUE, _RED, _GREEN, _ORANGE, _PURPLE, _GRAY = ("#0072B2", "#D55E00", "#009E73", "#E69F00",
                                                "#CC79A7", "#8A8A8A")
_FATE_COLORS = ("#F3B58F", "#9CCBE6", "#7A3E9D", "#B0B0B0")  # in the order of FATES
_POINT_COLORS = (_RED, _BLUE, _PURPLE, _GRAY)
_SHOWN = 64  # modes whose curves are drawn, at most


class Picture:
    """A picture drawn by gnuplot: shows itself in a notebook, and is saved as a file."""

    def __init__(self, data: bytes) -> None:
        #: the bytes of a PNG
        self.data = data

    def _repr_png_(self) -> bytes:
        return self.data

    def save(self, file: "str | os.PathLike[str]") -> Path:
        """Writes the PNG; returns its path."""
        path = Path(file)
        path.write_bytes(self.data)
        return path

    def __repr__(self) -> str:
        return f"<picture, a PNG of {len(self.data)} bytes; .save(file) writes it>"


def plot(result: Result, file: "Optional[str | os.PathLike[str]]", backend: Optional[str],
         options: Dict[str, Any]) -> Any:
    """What Result.plot documents."""
    if backend not in (None, "matplotlib", "gnuplot"):
        raise InputError(f"backend: {backend!r} must be matplotlib or gnuplot")
    if backend is None:
        try:
            import matplotlib  # noqa: F401
            backend = "matplotlib"
        except ImportError:
            backend = "gnuplot"
    if backend == "gnuplot":
        return _by_gnuplot(result, file, options)
    figure = _by_matplotlib(result, options)
    if file is not None:
        figure.savefig(file)
    return figure


# ---- gnuplot

def _by_gnuplot(result: Result, file: "Optional[str | os.PathLike[str]]",
                options: Dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="ssldyn-") as folder:
        run = result.save(os.path.join(folder, "run"))
        path = os.path.join(folder, "plot.png") if file is None else os.path.abspath(file)
        command = [str(program()), "plot", str(run), "-o", path]
        for name, value in options.items():
            option = "--" + name.replace("_", "-")
            command += [option] if value is True else [option, str(value)]
        said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8", errors="replace", check=False)
        if said.returncode != 0:
            words = said.stderr.strip().replace("ssldyn plot: ", "")
            raise (InputError if said.returncode == 2 else RunError)(words)
        data = Path(path).read_bytes()
    if not data.startswith(b"\x89PNG"):
        return None  # another kind of file, written where it was asked for
    return Picture(data)


# ---- matplotlib

def _figure(options: Dict[str, Any], size: Tuple[float, float]) -> Any:
    """An empty figure: one of pyplot's, so that plt.show() shows it, but in a notebook one by
    itself, which is shown once, as the value of its cell."""
    settings = {"figsize": size, "layout": "constrained", **options}
    if _progress._notebook():  # it shows itself, with or without matplotlib's notebook backend
        from matplotlib.figure import Figure

        return type("Figure", (Figure,), {"_repr_png_": _png})(**settings)
    from matplotlib import pyplot

    return pyplot.figure(**settings)


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _style(axes: Any, letter: str, title: str) -> None:
    axes.set_title(rf"$\bf{{{letter}}}$   {title}" if letter else title, fontsize=10)
    axes.grid(color="#E4E4E4", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _modes(axes: Any, t: numpy.ndarray, values: numpy.ndarray, dashed: Optional[numpy.ndarray],
           logarithmic: bool = False) -> None:
    """A curve for each mode, the first ones dark."""
    from matplotlib import colormaps

    count = values.shape[1]
    for j in range(min(count, _SHOWN)):
        color = colormaps["viridis"](0.92 * j / max(min(count, _SHOWN) - 1, 1))
        style = "--" if dashed is not None and dashed[j] else "-"
        axes.plot(t, values[:, j], style, color=color, linewidth=1.4)
    if logarithmic:
        finite = values[numpy.isfinite(values) & (values > 0)]
        if finite.size:
            axes.set_yscale("log")
            axes.set_ylim(max(finite.min(), 1e-6 * finite.max()) / 2, finite.max() * 2)


def _time(axes: Any, t: numpy.ndarray) -> None:
    axes.set_xlabel("flow time  $t$")
    if len(t) > 2 and t[1] > 0 and t[-1] / t[1] > 10 * len(t):  # rows evenly in log(t)
        axes.set_xscale("log")
        axes.set_xlim(t[1], t[-1])
    elif len(t) > 1 and t[-1] > t[0]:
        axes.set_xlim(t[0], t[-1])


def _draw_run(run: Run, options: Dict[str, Any]) -> Any:
    if "norm_w" in run.table:
        return _draw_matrices(run, options)
    panels = [(stem, words) for stem, words in (
        ("p", "predictor  $p_j$"), ("s", "correlation  $s_j$"),
        ("tau", r"ratio of target to online network  $\tau_j$"), ("k", "rate of alignment  $K_j$"))
        if run.table._stem(stem) and numpy.isfinite(run.table[stem]).any()]
    if not panels:
        raise InputError("this run has no per-mode columns to draw")
    figure = _figure(options, (9.0, 3.1 * ((len(panels) + 1) // 2)))
    gone = run.fates == "collapsed" if "fate" in run.arrays else None
    for number, (stem, words) in enumerate(panels):
        axes = figure.add_subplot((len(panels) + 1) // 2, min(2, len(panels)), number + 1)
        values = run.table[stem]
        _style(axes, "abcd"[number], words)
        _modes(axes, run.t, values, gone if gone is not None and len(gone) == values.shape[1]
               else None)
        _time(axes, run.t)
    if run._headline():
        figure.suptitle(run._headline() + ("   (dashed: collapsed)" if gone is not None and
                                           gone.any() else ""), fontsize=10)
    return figure


def _draw_matrices(run: Result, options: Dict[str, Any], time: str = "t") -> Any:
    table = run.table
    t = table[time]
    figure = _figure(options, (10.0, 6.2))
    panels = [("s", "eigenvalues of the correlation  $F$", True),
              ("p", r"predictor  $u_j^T W_p\,u_j$", False),
              ("cos", "alignment,  $\\cos(W_p u_j, u_j)$", False)]
    for number, (stem, words, logarithmic) in enumerate(panels):
        axes = figure.add_subplot(2, 2, number + 1)
        _style(axes, "abc"[number], words)
        values = table[stem]
        if stem == "cos":  # that of vanished directions is rounding
            s = table["s"]
            values = numpy.where(s > 1e-14 * numpy.nanmax(s), values, numpy.nan)
        _modes(axes, t, values, None, logarithmic)
        _time(axes, t)
    axes = figure.add_subplot(2, 2, 4)
    _style(axes, "d", "asymmetry, commutator, and balance")
    for name, words, color in (("asymmetry", "asymmetry of $W_p$", _RED),
                                ("commutator", "commutator  |[$F, W_p$]|", _BLUE),
                                ("balance", "drift of the balance (Thm 1)", _GREEN)):
        if name in table and (table[name] > 0).any():
            axes.plot(t, numpy.where(table[name] > 0, table[name], numpy.nan), color=color,
                      linewidth=1.4, label=words)
            axes.set_yscale("log")
    if axes.lines:
        axes.legend(frameon=False, fontsize=9)
    _time(axes, t)
    if run._headline():
        figure.suptitle(run._headline(), fontsize=10)
    return figure


def _is_geometric(values: numpy.ndarray) -> bool:
    """Whether an axis is one of even steps in the logarithm."""
    if len(values) < 3 or (values <= 0).any():
        return False
    steps = numpy.diff(numpy.log(values))
    return bool(numpy.ptp(steps) < 1e-6 * abs(steps).max())


def _edges(values: numpy.ndarray) -> numpy.ndarray:
    """The borders of the cells around values."""
    if len(values) == 1:
        return numpy.array([values[0] - 0.5, values[0] + 0.5])
    scaled = numpy.log(values) if _is_geometric(values) else values
    middle = 0.5 * (scaled[1:] + scaled[:-1])
    borders = numpy.concatenate(([2 * scaled[0] - middle[0]], middle, [2 * scaled[-1] - middle[-1]]))
    return numpy.exp(borders) if _is_geometric(values) else borders


def _draw_sweep(sweep: Result, options: Dict[str, Any]) -> Any:
    column = options.pop("column", None)
    axes = sweep._axes()
    if "fate" not in sweep.arrays or not axes:
        raise InputError("this result has no map of fates to draw")
    if column is not None and column not in sweep.arrays:
        kept = ", ".join(name for name in sweep.arrays if not name.startswith("axis_"))
        raise InputError(f"column: {column} was not kept; the columns are {kept}")
    grid = sweep._is_grid()
    if len(axes) > 2 or (not grid and len(axes) != 2):
        raise InputError(f"{len(axes)} axes: matplotlib draws one or two; backend=\"gnuplot\" "
                         "draws more")
    figure = _figure(options, (7.2, 5.2))
    panel = figure.add_subplot()
    names = list(axes)
    if len(axes) == 1:
        _draw_line(panel, sweep, names[0], axes[names[0]], column or "p_end")
    elif grid:
        _draw_map(figure, panel, sweep, axes, column)
    else:
        for fate, word in enumerate(FATES):
            here = sweep.arrays["fate"].ravel() == fate
            if here.any():
                panel.plot(axes[names[0]][here], axes[names[1]][here], ".", markersize=4,
                           color=_POINT_COLORS[fate], label=word)
        panel.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4)
    panel.set_xlabel(names[0])
    if len(axes) == 2:
        panel.set_ylabel(names[1])
    for set_scale, name in zip((panel.set_xscale, panel.set_yscale), names):
        if _is_geometric(axes[name]):
            set_scale("log")
    return figure


def _draw_line(panel: Any, sweep: Result, name: str, values: numpy.ndarray, column: str) -> None:
    if column not in sweep.arrays:
        column = "fate"
    for fate, word in enumerate(FATES):
        here = sweep.arrays["fate"] == fate
        if here.any():
            panel.plot(values[here], sweep.arrays[column][here], "o", markersize=3,
                       color=_POINT_COLORS[fate], label=word)
    _style(panel, "", "")
    panel.set_ylabel(column)
    panel.legend(frameon=False)


def _draw_map(figure: Any, panel: Any, sweep: Result, axes: Dict[str, numpy.ndarray],
              column: Optional[str]) -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    values = sweep.arrays[column or "fate"].T
    borders = [_edges(axis) for axis in axes.values()]
    if column is None or column == "fate":
        panel.pcolormesh(*borders, values, cmap=ListedColormap(_FATE_COLORS), vmin=-0.5, vmax=3.5,
                         rasterized=True)
        there = [fate for fate in range(len(FATES)) if (values == fate).any()]
        panel.legend(handles=[Patch(color=_FATE_COLORS[fate], label=FATES[fate])
                              for fate in there], frameon=False, loc="lower center",
                     bbox_to_anchor=(0.5, 1), ncols=4)
    else:
        drawn = panel.pcolormesh(*borders, values, cmap="viridis", rasterized=True)
        figure.colorbar(drawn, label=column)


def _draw_alignment(alignment: Alignment, options: Dict[str, Any]) -> Any:
    table = alignment.table
    time = next((name for name in ("t", "epoch", "step") if name in table), None)
    if len(table.rows) > 1 and time and table._stem("cos"):
        return _draw_matrices(alignment, options, time)
    figure = _figure(options, (10.0, 3.6))
    s, p = table["s"][-1], table["p" if table._stem("p") else "wpe"][-1]
    spectrum = figure.add_subplot(1, 3, 1)
    _style(spectrum, "a", "eigenvalues of the correlation  $F$")
    spectrum.semilogy(numpy.arange(1, len(s) + 1), numpy.where(s > 0, s, numpy.nan), "o",
                      markersize=3.5, color=_BLUE)
    spectrum.set_xlabel("mode  $j$")
    relation = figure.add_subplot(1, 3, 2)
    _style(relation, "b", "predictor against correlation")
    there = (s > 0) & (p > 0)
    relation.loglog(s[there], p[there], "o", markersize=3.5, color=_BLUE)
    if there.any():
        ends = numpy.array([s[there].min(), s[there].max()])
        scale = numpy.exp(numpy.mean(numpy.log(p[there]) - 0.5 * numpy.log(s[there])))
        relation.loglog(ends, scale * numpy.sqrt(ends), "--", color=_GRAY, linewidth=1.2,
                        label=r"$p \propto \sqrt{s}$")
        relation.legend(frameon=False)
    relation.set_xlabel("$s_j$")
    relation.set_ylabel("$p_j$")
    cosines = figure.add_subplot(1, 3, 3)
    _style(cosines, "c", r"alignment,  $\cos(W_p u_j, u_j)$")
    if table._stem("cos"):
        cosines.plot(numpy.arange(1, len(s) + 1), table["cos"][-1], "o", markersize=3.5,
                     color=_BLUE)
    cosines.set_ylim(-1.05, 1.05)
    cosines.set_xlabel("mode  $j$")
    figure.suptitle(alignment._headline(), fontsize=10)
    return figure


def _draw_basin(basin: Basin, options: Dict[str, Any]) -> Any:
    if "fate" in basin.arrays:
        return _draw_sweep(basin, options)
    if "p" not in basin.table or "s" not in basin.table:
        raise InputError("matplotlib draws the separatrix and maps of basin(); backend=\"gnuplot\" "
                         "draws tables of thresholds")
    figure = _figure(options, (6.0, 4.6))
    axes = figure.add_subplot()
    _style(axes, "", "separatrix: below it modes collapse")
    axes.plot(basin.table["p"], basin.table["s"], color=_BLUE, linewidth=1.6)
    axes.plot(basin.values["p_saddle"], basin.values["s_saddle"], "s", color=_RED, markersize=5)
    axes.set_xlabel("$p$")
    axes.set_ylabel("$s$")
    return figure


def _draw_moments(moments: Moments, options: Dict[str, Any]) -> Any:
    figure = _figure(options, (6.4, 4.4))
    axes = figure.add_subplot()
    _style(axes, "", "eigenvalues of the data and of the augmentation")
    for name, words, color in (("lambda_x", "$X$", _BLUE), ("lambda_xprime", "$X'$", _RED)):
        spectrum, error = moments.table[name], moments.table["se_" + name]
        there = spectrum > 1e-12 * numpy.nanmax(spectrum)
        axes.errorbar(moments.table["j"][there], spectrum[there],
                      error[there] if numpy.isfinite(error).all() else None, fmt=".", color=color,
                      linewidth=1, label=words)
    axes.set_yscale("log")
    axes.set_xlabel("direction  $j$")
    axes.legend(frameon=False)
    return figure


def _draw_comparison(comparison: Comparison, options: Dict[str, Any]) -> Any:
    table = comparison.table
    gaps = [name for name in ("loss", "norm_w", "norm_wp", "s", "p", "tau", "cos")
            if name + "_gap" in table]
    if "t" not in table or not gaps:
        raise InputError("matplotlib draws comparisons of two runs only; "
                         "backend=\"gnuplot\" draws others")
    figure = _figure(options, (7.2, 4.6))
    axes = figure.add_subplot()
    _style(axes, "", comparison.verdict)
    for name, color in zip(gaps, (_GRAY, _BLUE, _RED, _GREEN, _ORANGE, _PURPLE, "#000000")):
        gap = abs(table[name + "_gap"])
        if (gap > 0).any():
            axes.semilogy(table["t"], numpy.where(gap > 0, gap, numpy.nan), color=color,
                          linewidth=1.3, label=name)
    _time(axes, table["t"])
    axes.set_ylabel("gap between the runs")
    if axes.lines:
        axes.legend(frameon=False, fontsize=8, ncols=2)
    return figure


_drawers: List[Tuple[Type[Result], Callable[..., Any]]] = [
    (Run, _draw_run), (Sweep, _draw_sweep), (Alignment, _draw_alignment), (Basin, _draw_basin),
    (Moments, _draw_moments), (Comparison, _draw_comparison)]


def _by_matplotlib(result: Result, options: Dict[str, Any]) -> Any:
    for kind, draw in _drawers:
        if isinstance(result, kind):
            return draw(result, options)
    raise InputError(f"a {result._kind} has no picture; plot a flow with the same rates instead")
