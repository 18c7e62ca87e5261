"""What goes wrong, as exceptions."""
# SPDX-License-Identifier: MIT
from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._results import Result


class InputError(ValueError):
    """An argument, a file or its content is not acceptable. Nothing was computed or written."""


class RunError(RuntimeError):
    """A run that failed: an integrator that cannot continue, a disk that is full.

    ``result`` has what was computed until then, or is None where nothing was.
    """

    result: "Optional[Result]" = None


class Remark(UserWarning):
    """What the command line says on the way, such as how an array was read."""
