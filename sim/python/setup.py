"""Builds the C library and the program with the project's Makefile, and puts them into the wheel.

The project's folder is two above this one; a source distribution carries its sources along, as
source/. CC, CFLAGS, LDFLAGS, MPI and other variables of the Makefile are taken from the
environment.
"""
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
# What the Makefile needs to build and install.
SOURCES = ("Makefile", "flags.mk", "LICENSE", ".ci/packages", "theory/*.[ch]", "theory/*.inc",
           "sim/ssldyn.h", "sim/*/*.[ch]", "sim/*/*.inc", "sim/explore/embed", "sim/explore/page/*",
           "plots/*.gp", "plots/*.txt", "plots/*.mk",
           "experiments/*.conf", "experiments/figures/*.conf", "tests/*.mk", "tests/*/*.mk")


def project() -> Path:
    """The folder of the Makefile."""
    for root in (HERE / "source", HERE.parents[1]):
        if (root / "Makefile").is_file() and (root / "theory" / "status.h").is_file():
            return root
    sys.exit("ssldyn: there are no C sources around sim/python: install from the project's folder "
             "(with pip 21.3 or later: pip install --upgrade pip) or from a source distribution")


def version() -> str:
    """The project's version, of its Makefile."""
    return re.search(r"^VERSION := (\S+)", (project() / "Makefile").read_text(), re.M).group(1)


def make(*arguments: str) -> None:
    jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    command = [shutil.which("gmake") or "make", "-C", str(project()), f"-j{jobs}", *arguments]
    # A make that runs pip must not hand its own flags on.
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    try:
        subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"ssldyn: the C library cannot be built ({error}). It needs a C compiler, make, "
                 "pkg-config, and the headers of GSL, OpenBLAS, LAPACKE, libzip, zlib, jansson and "
                 f"Random123; \"sh {project()}/.ci/packages build\" says what is missing, and "
                 "installs it on Debian where it may")


class BuildPy(build_py):
    """The Python files, and next to them _native/: lib, bin, share."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the package finds the build of the tree it lies in
            make("program", "library")
            return
        prefix = Path(self.get_finalized_command("build").build_temp).resolve() / "installed"
        shutil.rmtree(prefix, ignore_errors=True)
        # The prefix stays what it is, so that what make has built is not built again.
        make("install", f"DESTDIR={prefix}", "PREFIX=/usr/local")
        installed = prefix / "usr" / "local"
        native = Path(self.build_lib) / "ssldyn" / "_native"
        shutil.rmtree(native, ignore_errors=True)
        (native / "lib").mkdir(parents=True)
        shared = sorted(path for path in (installed / "lib").iterdir()
                        if re.search(r"\.(so|dylib)(\.|$)", path.name) and not path.is_symlink())
        for path in shared:
            shutil.copy2(path, native / "lib" / path.name)
        shutil.copytree(installed / "bin", native / "bin")
        shutil.copytree(installed / "share" / "ssldyn", native / "share" / "ssldyn")
        strip = shutil.which("strip")
        if strip and sysconfig.get_platform().startswith("linux"):
            for path in (*(native / "lib").iterdir(), native / "bin" / "ssldyn"):
                subprocess.run([strip, "--strip-unneeded", str(path)], check=False)


class SourceDistribution(sdist):
    """The package, and the sources of the library as source/."""

    def make_release_tree(self, base_dir: str, files: list) -> None:
        super().make_release_tree(base_dir, files)
        root = project()
        target = Path(base_dir) / "source"
        shutil.rmtree(target, ignore_errors=True)
        for pattern in SOURCES:
            for path in sorted(root.glob(pattern)):
                if path.relative_to(root).parts[:2] != ("sim", "python"):
                    copy = target / path.relative_to(root)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, copy)


class Wheel(bdist_wheel):
    """A wheel of this kind of machine, for every Python 3."""

    def get_tag(self) -> tuple:
        return "py3", "none", super().get_tag()[2]


class Native(Distribution):
    """Has machine code, though none that Python's headers were needed for."""

    def has_ext_modules(self) -> bool:
        return True


setup(version=version(), distclass=Native,
      cmdclass={"build_py": BuildPy, "sdist": SourceDistribution, "bdist_wheel": Wheel})
