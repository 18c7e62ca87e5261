"""A request to the library: Python values become arguments, and its run is watched for Ctrl-C."""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import itertools
import os
import re
import signal
import threading
from ctypes import c_size_t, c_void_p
from types import MappingProxyType
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import numpy

from ._errors import InputError, RunError
from ._library import EDOMAIN, EINPUT, ENOMEM, OK, WATCH, Error, byref, lib

# Watches a run: (what is being done, how much of it is done, how much it is in all); true stops it.
Watch = Callable[[str, float, float], Any]

# Arguments that are matrices or vectors as a whole. Sequences of numbers for any other argument are
# lists: one value for each mode.
_ARRAYS = frozenset(("w", "wp", "wa", "f", "x", "xprime", "sxx", "syx", "syy", "features", "outputs",
                     "mean", "times", "data", "init_w", "init_wp", "init_wa", "init_f"))
_REPEATED = frozenset(("wp",))  # given several times, its texts are layers


class Handle:
    """A struct ssldyn_result of the library, freed with the last object that refers to it."""

    __slots__ = ("pointer", "__weakref__")

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer

    def __del__(self, free: Callable[[int], None] = lib.ssldyn_result_free) -> None:
        free(self.pointer)

    def __reduce__(self) -> Any:
        raise TypeError("results cannot be pickled; save() them, and open() the directory")

    def __copy__(self) -> "Handle":
        return self

    def __deepcopy__(self, memo: Any) -> "Handle":
        return self


def _encode(name: str, text: str) -> bytes:
    data = os.fsencode(text)
    if b"\0" in data:
        raise InputError(f"{name}: contains a NUL character")
    return data


def _numbers(name: str, value: Any) -> numpy.ndarray:
    """A row-major array of doubles of what may be a tensor, a list, a series."""
    if hasattr(value, "detach"):  # PyTorch, on any device and of any precision
        value = value.detach().cpu().double().numpy()
    try:
        array = numpy.asarray(value)
        if array.dtype.kind not in "buif":
            raise TypeError(f"{array.dtype} must be a type of real numbers")
        return numpy.ascontiguousarray(array, dtype=numpy.float64).reshape(array.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name}: must be an array of numbers ({error})") from None


def _renamed(message: str, names: Mapping[str, str]) -> str:
    """A message in the caller's words: init_w is called W where that was given."""
    for name, given in names.items():
        where = "" if len(name) > 2 else r"(?= \(array\)| =|:)"  # not the x of "3 x 3"
        message = re.sub(rf"(?<![\w.]){name}\b{where}", given, message)
    return message


def failure(error: Error, names: Mapping[str, str] = MappingProxyType({})) -> Exception:
    """The exception that a status of the library becomes. names: what arguments were given as."""
    message = _renamed(error.message.decode("utf-8", "replace"), names)
    if error.status in (EINPUT, EDOMAIN):
        return InputError(message)
    return MemoryError(message) if error.status == ENOMEM else RunError(message)


class _Watched:
    """What belongs to one run while the library is at work on it."""

    __slots__ = ("show", "exception", "previous")

    def __init__(self, show: Optional[Watch]) -> None:
        self.show = show
        self.exception: Optional[BaseException] = None  # to be raised when the run has stopped
        self.previous: Any = None

    # An exception that a signal's handler raises within a callback of C would be lost. While the
    # library is at work the handler's exception is kept, and the callback stops the run.
    def on_signal(self, number: int, frame: Any) -> None:
        try:
            self.previous(number, frame)
        except BaseException as error:
            self.exception = error.with_traceback(None)

    def catch(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        previous = signal.getsignal(signal.SIGINT)
        if callable(previous):
            self.previous = previous
            try:
                signal.signal(signal.SIGINT, self.on_signal)
            except ValueError:  # not of the main interpreter
                self.previous = None

    def release(self) -> None:
        if self.previous is not None:
            signal.signal(signal.SIGINT, self.previous)


_watched: Dict[int, _Watched] = {}
_keys = itertools.count(1)


def _on_watch(key: int, what: bytes, done: float, total: float) -> int:
    watched = _watched[key]
    try:
        if watched.show is not None and watched.exception is None:
            if watched.show(what.decode("utf-8", "replace") if what else "", done, total):
                return 1
    except BaseException as error:
        watched.exception = error
    return 1 if watched.exception is not None else 0


_WATCH = WATCH(_on_watch)


class Request:
    """A command and its arguments; belongs to one thread. Use it in a ``with``."""

    __slots__ = ("_pointer", "_kept", "_error", "_given")

    def __init__(self, command: str) -> None:
        pointer = c_void_p()
        self._pointer: Any = None
        self._error = Error()
        self._kept: List[numpy.ndarray] = []  # arrays are borrowed until the request is freed
        self._given: Dict[str, str] = {}
        self._check(lib.ssldyn_request_create(command.encode(), byref(pointer), byref(self._error)))
        self._pointer = pointer

    def __enter__(self) -> "Request":
        return self

    def __exit__(self, *unused: Any) -> None:
        lib.ssldyn_request_free(self._pointer)
        self._pointer = None

    def _check(self, status: int) -> None:
        if status != OK:
            raise failure(self._error, self._given)

    def read(self, path: "str | os.PathLike[str]") -> None:
        """Takes the settings of an experiment file."""
        self._check(lib.ssldyn_request_read(self._pointer, _encode("file", os.fspath(path)),
                                            byref(self._error)))

    def operand(self, path: "str | os.PathLike[str]") -> None:
        """Adds a directory or a file that the command works on."""
        self._check(lib.ssldyn_request_operand(self._pointer, _encode("path", os.fspath(path)),
                                               byref(self._error)))

    def text(self, name: str, value: str) -> None:
        """Sets an argument as the command line would be given it."""
        self._check(lib.ssldyn_request_text(self._pointer, _encode("argument", name),
                                            _encode(name, value), byref(self._error)))

    def array(self, name: str, value: Any) -> None:
        """Passes an array instead of a file, also for an operand."""
        numbers = _numbers(self._given.get(name, name), value)
        if numbers.ndim == 0:
            raise InputError(f"{self._given.get(name, name)}: is one number, but must be a "
                             "matrix or vectors")
        shape = (c_size_t * numbers.ndim)(*numbers.shape)
        self._kept.append(numbers)
        self._check(lib.ssldyn_request_array(self._pointer, _encode("argument", name), numbers.ndim,
                                             shape, numbers.ctypes.data, byref(self._error)))

    def _list(self, name: str, value: Any, put: Any) -> None:
        numbers = _numbers(name, value)
        if numbers.ndim != 1:
            raise InputError(f"{name}: must be a list of numbers, not an array of {numbers.ndim} "
                             "dimensions")
        self._check(put(self._pointer, _encode("argument", name), numbers.size, numbers.ctypes.data,
                        byref(self._error)))

    def axis(self, name: str, values: Any) -> None:
        """One axis of a sweep: numbers, words, or a text such as "log:0.01:10:64"."""
        if isinstance(values, str):
            self.text("axis." + name, values)
        elif len(values) > 0 and all(isinstance(value, str) for value in values):
            self.text("axis." + name, "list:" + ",".join(values))
        else:
            self._list(name, values, lib.ssldyn_request_axis)

    def put(self, name: str, value: Any, given: Optional[str] = None) -> None:
        """Sets an argument from a Python value; None leaves it out. given: the caller's name for
        it, where that is another."""
        if value is None:
            return
        if given is not None and given != name:
            self._given[name] = given
        if name in _ARRAYS and not isinstance(value, (str, os.PathLike, list, tuple)):
            self.array(name, value)
        elif isinstance(value, (float, numpy.floating)):
            self._check(lib.ssldyn_request_number(self._pointer, _encode("argument", name),
                                                  float(value), byref(self._error)))
        elif isinstance(value, (bool, numpy.bool_)):
            self._check(lib.ssldyn_request_flag(self._pointer, _encode("argument", name),
                                                bool(value), byref(self._error)))
        elif isinstance(value, (int, numpy.integer)):
            self.text(name, str(int(value)))  # beyond 2**53 no double is one
        elif isinstance(value, (str, os.PathLike)):
            self.text(name, os.fspath(value))
        else:
            self._put_many(name, value)

    def _put_many(self, name: str, value: Any) -> None:
        if isinstance(value, (list, tuple)) and value and \
                all(isinstance(part, (str, os.PathLike)) for part in value):
            if name in _REPEATED:
                for part in value:
                    self.text(name, os.fspath(part))
            else:
                self.text(name, ",".join(os.fspath(part) for part in value))
        elif name in _ARRAYS:
            self.array(name, value)
        elif numpy.ndim(value) == 0:
            self.put(name, numpy.asarray(value).item())
        else:
            self._list(name, value, lib.ssldyn_request_numbers)

    def run(self, show: Optional[Watch]) -> "Tuple[Optional[Handle], Optional[BaseException]]":
        """Runs it: its result, and the exception to raise with that, if any."""
        pointer = c_void_p()
        watched = _Watched(show)
        key = next(_keys)
        _watched[key] = watched
        lib.ssldyn_request_watch(self._pointer, _WATCH, key)
        watched.catch()
        try:
            status = lib.ssldyn_request_run(self._pointer, byref(pointer), byref(self._error))
        finally:
            watched.release()
            del _watched[key]
        handle = Handle(pointer.value) if pointer.value else None
        if watched.exception is not None:
            return handle, watched.exception
        return handle, failure(self._error, self._given) if status != OK else None


def open_directory(path: "str | os.PathLike[str]") -> Handle:
    """The results that lie in a directory."""
    pointer = c_void_p()
    error = Error()
    if lib.ssldyn_result_open(_encode("path", os.fspath(path)), byref(pointer),
                              byref(error)) != OK:
        raise failure(error)
    return Handle(pointer.value or 0)


__all__ = ["Handle", "Request", "Watch", "failure", "open_directory"]
