"""ssldyn: the learning dynamics of non-contrastive self-supervised learning.

    import ssldyn
    run = ssldyn.flow(model="modes", p0=[0.02, 0.1, 0.5], s0=0.05, eta=0.04)
    run.t, run["p_1"], run.fates
    run.plot("modes.png")

Each function is a command of the program ``ssldyn`` and gives the same numbers, to the bit:
flow, sgd, theory, basin, sweep, compare, align, moments; ``open`` reads their directories. Results
can be used in any thread, and other Python threads run while the library works.
"""
# SPDX-License-Identifier: MIT
from ._commands import (align, basin, compare, flow, moments, open, options, sgd, sweep,
                        theory)
from ._errors import InputError, Remark, RunError
from ._library import lib as _lib
from ._results import (FATES, Alignment, Basin, Comparison, Moments, Result, Run, Sweep, Table,
                       Theory)

__version__: str = _lib.ssldyn_version().decode()

__all__ = ["FATES", "Alignment", "Basin", "Comparison", "InputError", "Moments", "Remark", "Result",
           "Run", "RunError", "Sweep", "Table", "Theory", "__version__", "align", "basin", "compare",
           "flow", "moments", "open", "options", "sgd", "sweep", "theory"]
