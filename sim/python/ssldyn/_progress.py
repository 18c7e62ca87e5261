"""How far a run is: a bar of tqdm where that is installed, else a quiet line on a terminal."""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import sys
import time
from typing import Any, Optional

_DELAY = 0.5  # seconds; shorter runs show nothing


def _notebook() -> bool:
    """Whether this runs in a notebook's kernel."""
    shell = sys.modules.get("IPython")
    instance = shell.get_ipython() if shell else None
    return instance is not None and hasattr(instance, "kernel")


def _terminal() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except (AttributeError, ValueError):  # replaced, closed
        return False


class Progress:
    """Shows the progress of a run, after the first half second; clears it at the end."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bar: Any = None
        self._width = 0

    def __call__(self, what: str, done: float, total: float) -> None:
        if not total > 0 or time.monotonic() - self._began < _DELAY:
            return
        if self._bar is None and self._width == 0:
            self._bar = self._open(what, total)
        if self._bar is None:
            self._line(f"{what} {100 * done / total:3.0f} %")
            return
        self._bar.desc = what
        self._bar.total = total
        self._bar.n = done
        self._bar.refresh()

    @staticmethod
    def _open(what: str, total: float) -> Any:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return None
        return tqdm(total=total, desc=what, leave=False,
                    bar_format="{desc} {percentage:3.0f} %|{bar}| {elapsed} < {remaining}")

    def _line(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def close(self) -> None:
        """Takes the bar or the line away."""
        if self._bar is not None:
            self._bar.close()
        elif self._width:
            self._line("")
            sys.stderr.write("\r")
            sys.stderr.flush()


def make(asked: Optional[bool]) -> Optional[Progress]:
    """A display, where one is asked for; not asked for (None): on a terminal or in a notebook."""
    shown = _terminal() or _notebook() if asked is None else asked
    return Progress() if shown else None
