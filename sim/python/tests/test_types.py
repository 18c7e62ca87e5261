"""Type hints: mypy, where it is installed, finds nothing; every function has hints and words."""
# SPDX-License-Identifier: MIT
import importlib.util
import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ssldyn


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy(tmp_path):
    (tmp_path / "ssldyn").mkdir()  # what is installed is not looked into
    for path in Path(ssldyn.__file__).parent.glob("*.py"):
        if path.name != "torch.py":  # whose hints are PyTorch's
            shutil.copy(path, tmp_path / "ssldyn")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports",
                           "--cache-dir", str(tmp_path / "cache"), "ssldyn"],
                          stdout=subprocess.PIPE, encoding="utf-8", check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_documented():
    assert (Path(ssldyn.__file__).parent / "py.typed").is_file()
    for name in ssldyn.__all__:
        thing = getattr(ssldyn, name)
        if inspect.isfunction(thing):
            assert thing.__doc__ and "return" in thing.__annotations__, name
        if inspect.isclass(thing):
            assert thing.__doc__, name
            for member, value in vars(thing).items():
                if not member.startswith("_") and (inspect.isfunction(value) or
                                                   isinstance(value, property)):
                    assert value.__doc__, f"{name}.{member}"
