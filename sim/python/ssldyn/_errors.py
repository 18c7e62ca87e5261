"""Exceptions."""
# SPDX-License-Identifier: MIT
from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._results import Result


class InputError(ValueError):
    """An argument, a file or its content is not acceptable. Nothing was computed or written."""


class RunError(RuntimeError):
    """A run that failed: an integrator that cannot continue, a disk that is full.

    ``result`` has what was computed before, or is None if nothing was.
    """

    result: "Optional[Result]" = None


class Remark(UserWarning):
    """A remark that the command line prints during a run, such as how an array was read."""
