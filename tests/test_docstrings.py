"""The examples in docstrings give what they say."""

from __future__ import annotations

import ast
import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [path for path in sorted(ROOT.glob("mailsim/**/*.py")) if ">>> " in path.read_text("utf-8")]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_examples(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    module = vars(importlib.import_module(name.removesuffix(".__init__")))
    runner, n = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE), 0
    # Of the source: a compiled class has no docstring at run time.
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
        examples = doctest.DocTestParser().get_doctest(text or "", dict(module), name, None, 0)
        n += runner.run(examples).attempted
    assert n > 0
    assert runner.summarize().failed == 0
