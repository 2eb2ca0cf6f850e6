"""Compiles the busiest modules with mypyc while the package is built, where that is possible.

A wheel gets them beside their sources.  For a checkout (``pip install --editable``) they go to
``build/compiled``, where :mod:`mailsim.compiled` finds them as long as no source is newer.
``MAILSIM_COMPILE=0`` leaves it out; ``MAILSIM_COMPILE=1`` fails where it cannot be done.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A few libraries, so that two compilers can work at once; calls within one are the fastest.
GROUPS = {
    "mailsim_sim": ("sim/*.py",),  # the largest first
    "mailsim_smtp": ("message/*.py", "smtp/*.py"),
    "mailsim_mta": ("mta/*.py", "record/log.py"),
    "mailsim_live": (
        "live/book.py",
        "live/connection.py",
        "live/host.py",
        "live/linger.py",
        "live/outcomes.py",
        "live/server.py",
        "live/shared.py",
        "live/tls.py",
        "live/witness.py",
        "record/said.py",
    ),
}
# What these modules know of others' types makes them no faster, and takes long to read.
SETTINGS = """\
[mypy]
follow_imports = silent
ignore_missing_imports = True
[mypy-IPython.*,distributed.*,matplotlib.*,networkx.*,numpy.*,pandas.*,pyarrow.*,pydantic.*,rich.*,\
scipy.*,typer.*]
follow_imports = skip
follow_imports_for_stubs = True
"""
INTERPRETED = (
    "__init__.py",
    "clock.py",  # chooses a property in the body of its class
    "settings.py",  # its docstring describes the keys of a scenario
)


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it builds a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say what to put into the wheel."""
        wish = os.environ.get("MAILSIM_COMPILE", "")
        if wish == "0":
            return
        lack = _lack()
        if lack:
            if wish == "1":
                raise SystemExit(f"mailsim cannot be compiled: {lack}")
            self.app.display_warning(f"mailsim is not compiled, so half as fast: {lack}")
            return
        target = Path(self.root, "build", "compiled")
        shutil.rmtree(target, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, __file__, str(target)], cwd=self.root, capture_output=True, text=True
        )
        if made.returncode:
            if wish == "1":
                raise SystemExit(f"{made.stdout}{made.stderr}\nmailsim could not be compiled")
            self.app.display_warning("mailsim could not be compiled, so it is half as fast")
            return
        if version == "editable":
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for library in target.rglob(f"*{sysconfig.get_config_var('EXT_SUFFIX')}"):
            build_data["force_include"][str(library)] = str(library.relative_to(target))


def _lack() -> str:
    """Say what is missing to compile; empty if nothing is."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's headers are missing (Debian: python3-dev)"
    return ""


def _sources(patterns: tuple[str, ...]) -> list[str]:
    found = {path for pattern in patterns for path in Path("mailsim").glob(pattern)}
    return sorted(str(p) for p in found if p.name not in INTERPRETED)


def compile_into(target: Path) -> None:
    """Compile the groups of modules; the stamp is written when all are there."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    began_ns = _newest_ns()
    groups = {name: _sources(patterns) for name, patterns in GROUPS.items()}
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "mypy.ini").write_text(SETTINGS)
        options = [f"--config-file={scratch}/mypy.ini", f"--cache-dir={scratch}/mypy"]
        extensions = mypycify(
            [*options, *[file for files in groups.values() for file in files]],
            opt_level="1",
            debug_level="0",
            separate=[(files, name) for name, files in groups.items()],
            target_dir=f"{scratch}/c",
        )
        command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = f"{scratch}/lib", f"{scratch}/o"
        command.parallel = os.cpu_count()
        command.ensure_finalized()
        command.run()
        shutil.copytree(f"{scratch}/lib", target)
    (target / "stamp").write_text(f"{began_ns}\n")


def _newest_ns() -> int:
    return max(path.stat().st_mtime_ns for path in Path("mailsim").rglob("*.py"))


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]))
