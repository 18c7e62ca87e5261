"""What the tests share: the program, and its answers in the terms of the package."""
# SPDX-License-Identifier: MIT
import filecmp
import os
import subprocess
from pathlib import Path

import numpy
import pytest

import ssldyn
from ssldyn._library import program


class Program:
    """The command line, run in a separate folder."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments, status=0):
        environment = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run([str(program()), *map(str, arguments)], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              env=environment, check=False)
        assert done.returncode == status, done.stderr
        return done

    def values(self, *arguments):
        """The lines "name = value" that it prints."""
        lines = [line.split(" = ", 1) for line in self.run(*arguments).stdout.splitlines()]
        return {name: number(value) for name, value in lines}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def same_values(ours, theirs):
    """Whether two dictionaries have the same names, in order, and the same numbers to the bit."""
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        if isinstance(value, float):
            assert numpy.float64(ours[name]).tobytes() == numpy.float64(value).tobytes() or (
                numpy.isnan(value) and numpy.isnan(ours[name])), name
        else:
            assert ours[name] == value, name


def read_table(path):
    """Columns of a file of tab-separated numbers."""
    lines = [line for line in Path(path).read_text().splitlines() if not line.startswith("#")]
    rows = numpy.array([[float(cell) for cell in line.split("\t")] for line in lines[1:]])
    return lines[0].split("\t"), rows


def same_table(ours, path):
    """Whether a result's table is that of a file, to the bit."""
    names, rows = read_table(path)
    assert ours.columns == names
    numpy.testing.assert_array_equal(ours.rows, rows)


def same_directory(ours, theirs):
    """Whether two directories hold the same files with the same bytes."""
    names = sorted(path.relative_to(theirs) for path in Path(theirs).rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(ours) for path in Path(ours).rglob("*")
                           if path.is_file())
    for name in names:
        assert filecmp.cmp(Path(ours) / name, Path(theirs) / name, shallow=False), name


@pytest.fixture
def cli(tmp_path):
    folder = tmp_path / "cli"
    folder.mkdir()
    return Program(folder)


@pytest.fixture(scope="session")
def network():
    """A small run of matrices."""
    return ssldyn.flow(n1=6, n2=4, eta=0.04, t_end=30, samples=20)
