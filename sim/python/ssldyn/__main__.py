"""``python -m ssldyn ...`` is the command line that belongs to this package."""
# SPDX-License-Identifier: MIT
import os
import sys

from ._library import program

path = str(program())
os.execv(path, [path, *sys.argv[1:]])
