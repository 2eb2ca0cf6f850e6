"""The command without a process of its own: what it does is the same, its start takes no second."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from mailsim.cli import main

__all__ = ["Done", "mailsim_here"]


class Done(NamedTuple):
    """What a command has come to."""

    code: int
    out: str
    err: str


def mailsim_here(*words: str | Path, cwd: Path) -> Done:
    """Do what ``python -m mailsim`` would in a directory, modules in there included."""
    out, err = io.StringIO(), io.StringIO()
    before = set(sys.modules)
    sys.path.insert(0, str(cwd))
    try:
        with (
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as end,
        ):
            main([str(word) for word in words])
    finally:
        sys.path.remove(str(cwd))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(cwd)):
                del sys.modules[name]
    code = end.value.code
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())
