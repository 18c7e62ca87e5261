"""The C library: where it lies, and its functions (ssldyn.h) as ctypes sees them.

Calls release Python's global lock, so that other threads run meanwhile.
"""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import ctypes
import os
import shutil
import sys
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_bool, c_char, c_char_p, c_double, c_int,
                    c_size_t, c_void_p)
from pathlib import Path
from typing import Iterator, Optional

OK, EINPUT, EDOMAIN, EDIVERGED, EFAILED, EIO, ENOMEM, EINTERRUPTED = range(8)
DIMENSIONS = 8  # of an array, at most

_PACKAGE = Path(__file__).resolve().parent
_NATIVE = _PACKAGE / "_native"  # what the wheel brings: lib/, bin/, share/


def _tree() -> Optional[Path]:
    """The project's own folder where this package lies in it, as sim/python/ssldyn."""
    root = _PACKAGE.parents[2]
    return root if (root / "theory" / "status.h").is_file() else None


def _candidates() -> Iterator[Path]:
    named = os.environ.get("SSLDYN_LIBRARY")
    if named:
        yield Path(named)
        return
    suffix = "dylib" if sys.platform == "darwin" else "so"
    folders = [_NATIVE / "lib"]
    tree = _tree()
    if tree:
        folders.append(tree / "build" / "release")
    for folder in folders:
        yield from sorted(folder.glob(f"libssldyn*.{suffix}*"))


def _load() -> ctypes.CDLL:
    tried = []
    # The library's own BLAS comes before one that another package has made known to the whole
    # process (PyTorch's of conda does): the last digits are the program's.
    mode = os.RTLD_NOW | os.RTLD_LOCAL | getattr(os, "RTLD_DEEPBIND", 0)
    for path in _candidates():
        try:
            return ctypes.CDLL(str(path), mode=mode)
        except OSError as error:
            tried.append(str(error))
    raise ImportError("the library of ssldyn cannot be loaded: " +
                      ("; ".join(tried) or f"there is none in {_NATIVE / 'lib'}; install the "
                       "package with: pip install ./sim/python"))


def program() -> Path:
    """The command line that belongs to this package.

    Raises FileNotFoundError where there is none.
    """
    tree = _tree()
    for path in (_NATIVE / "bin" / "ssldyn", tree and tree / "build" / "release" / "ssldyn"):
        if path and path.is_file():
            return path
    found = shutil.which("ssldyn")
    if found:
        return Path(found)
    raise FileNotFoundError("the program ssldyn is neither in this package nor in $PATH")


class Error(Structure):
    """struct ssldyn_error"""
    _fields_ = [("status", c_int), ("message", c_char * 512)]


WATCH = CFUNCTYPE(c_int, c_void_p, c_char_p, c_double, c_double)

_ERROR = POINTER(Error)
_PROTOTYPES = {
    "ssldyn_version": (c_char_p, []),
    "ssldyn_init": (None, []),
    "ssldyn_request_create": (c_int, [c_char_p, POINTER(c_void_p), _ERROR]),
    "ssldyn_request_text": (c_int, [c_void_p, c_char_p, c_char_p, _ERROR]),
    "ssldyn_request_number": (c_int, [c_void_p, c_char_p, c_double, _ERROR]),
    "ssldyn_request_numbers": (c_int, [c_void_p, c_char_p, c_size_t, c_void_p, _ERROR]),
    "ssldyn_request_flag": (c_int, [c_void_p, c_char_p, c_bool, _ERROR]),
    "ssldyn_request_array": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(c_size_t), c_void_p,
                                     _ERROR]),
    "ssldyn_request_axis": (c_int, [c_void_p, c_char_p, c_size_t, c_void_p, _ERROR]),
    "ssldyn_request_operand": (c_int, [c_void_p, c_char_p, _ERROR]),
    "ssldyn_request_read": (c_int, [c_void_p, c_char_p, _ERROR]),
    "ssldyn_request_watch": (None, [c_void_p, WATCH, c_void_p]),
    "ssldyn_request_run": (c_int, [c_void_p, POINTER(c_void_p), _ERROR]),
    "ssldyn_request_free": (None, [c_void_p]),
    "ssldyn_result_value_count": (c_size_t, [c_void_p]),
    "ssldyn_result_value_name": (c_char_p, [c_void_p, c_size_t]),
    "ssldyn_result_value": (c_double, [c_void_p, c_char_p]),
    "ssldyn_result_word": (c_char_p, [c_void_p, c_char_p]),
    "ssldyn_result_row_count": (c_size_t, [c_void_p]),
    "ssldyn_result_column_count": (c_size_t, [c_void_p]),
    "ssldyn_result_column_name": (c_char_p, [c_void_p, c_size_t]),
    "ssldyn_result_rows": (c_void_p, [c_void_p]),
    "ssldyn_result_array_count": (c_size_t, [c_void_p]),
    "ssldyn_result_array_name": (c_char_p, [c_void_p, c_size_t]),
    "ssldyn_result_array": (c_void_p, [c_void_p, c_char_p, POINTER(c_size_t),
                                       POINTER(c_size_t)]),
    "ssldyn_result_text": (c_char_p, [c_void_p, c_char_p]),
    "ssldyn_result_save": (c_int, [c_void_p, c_char_p, _ERROR]),
    "ssldyn_result_open": (c_int, [c_char_p, POINTER(c_void_p), _ERROR]),
    "ssldyn_result_free": (None, [c_void_p]),
}


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


lib = _declare(_load())
lib.ssldyn_init()  # OpenBLAS, where it is this library's, works in one thread: results repeat

__all__ = ["DIMENSIONS", "EDIVERGED", "EDOMAIN", "EFAILED", "EINPUT", "EINTERRUPTED", "EIO",
           "ENOMEM", "Error", "OK", "WATCH", "byref", "lib", "program"]
