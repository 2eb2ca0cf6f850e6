"""Make docs/conformance.md: ``make docs``.

From docs/conformance.toml (the rows), the markers ``row`` and ``trap`` of the tests (read, not
imported) and the first lines of the golden transcripts.  The section "Differences" of the page is
written by hand and stays as it is.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "conformance.md"
DATA = ROOT / "docs" / "conformance.toml"
GOLDEN = ROOT / "tests" / "golden" / "smtp"
BY_HAND = "## Differences"
INTRODUCTION = """\
# Conformance

What the RFCs demand, where it is done, and the tests that hold it; both roles, where both have
one. `make docs` makes this page from `docs/conformance.toml`, the tests' markers and the golden
transcripts; only the section [Differences](#differences) is written by hand. A test of the page
finds rows without a test and code places that are gone.

SMTP is RFC 5321 here; its successor was not out when this was written.
"""


class Marked(NamedTuple):
    """A marker of a test: ``row`` or ``trap``, its argument, and which test has it."""

    kind: str
    name: str
    file: str
    test: str  # empty: all of the file


def _marker(node: ast.expr) -> tuple[str, str] | None:
    """Return kind and argument of ``pytest.mark.row("...")`` or ``pytest.mark.trap("...")``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    mark, kind = node.func.value, node.func.attr
    if kind not in ("row", "trap") or not isinstance(mark, ast.Attribute) or mark.attr != "mark":
        return None
    argument = node.args[0]
    assert isinstance(argument, ast.Constant), ast.dump(node)
    return kind, str(argument.value)


def _in_file(path: Path) -> Iterator[Marked]:
    file = path.relative_to(ROOT).as_posix()
    n_found, tree = 0, ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            test, marks = node.name, node.decorator_list
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            value = node.value
            test, marks = "", value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        else:
            continue
        for found in filter(None, map(_marker, marks)):
            n_found += 1
            yield Marked(*found, file, test)
    n_written = sum(isinstance(node, ast.expr) and _marker(node) is not None
                    for node in ast.walk(tree))  # fmt: skip
    assert n_written == n_found, f"{file}: a marker that is neither a decorator nor pytestmark"


def markers() -> list[Marked]:
    """Return all markers of all tests, in the order of files and lines."""
    return [one for path in sorted((ROOT / "tests").rglob("test_*.py")) for one in _in_file(path)]


def sections() -> dict[str, Any]:
    """Return the data file: sections, each with a title and rows by id."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def headers() -> dict[str, str]:
    """Return what each golden transcript says of itself, by file name."""
    return {
        path.name: path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        for path in sorted(GOLDEN.glob("*.txt"))
    }


def _tests(found: list[Marked]) -> str:
    """Return the tests of a row: file by file, with the names of those that bear the marker."""
    by_file: dict[str, list[str]] = {}
    for one in found:
        names = by_file.setdefault(one.file, [])
        if one.test not in names:
            names.append(one.test)
    cells = []
    for file, names in by_file.items():
        said = "all" if "" in names else ", ".join(f"`{name.removeprefix('test_')}`"
                                                   for name in names)  # fmt: skip
        cells.append(f"`{file.removeprefix('tests/')}`: {said}")
    return "<br>".join(cells)


def _rows(title: str, rows: dict[str, Any], found: list[Marked]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| RFC, section | row | what holds | code | tests |"
    yield "|---|---|---|---|---|"
    for name, row in rows.items():
        code = "<br>".join(f"`{place.removeprefix('mailsim/')}`" for place in row["code"])
        tests = _tests([one for one in found if (one.kind, one.name) == ("row", name)])
        yield f"| {row['rfc'].replace(' ', ', ')} | {name} | {row['rule']} | {code} | {tests} |"
    yield ""


def _traps(found: list[Marked]) -> Iterator[str]:
    yield "## Mistakes that published machines make\n"
    yield "| mistake | tests |"
    yield "|---|---|"
    for name in sorted({one.name for one in found if one.kind == "trap"}, key=str.lower):
        of_it = [one for one in found if (one.kind, one.name) == ("trap", name)]
        yield f"| {name} | {_tests(of_it)} |"
    yield ""


def _subject(header: str) -> tuple[int, str]:
    """Return what a transcript is about, as a heading, and where that comes."""
    rfc = re.match(r"RFC (\d+)", header)
    if rfc:
        return int(rfc[1]), f"RFC {rfc[1]}"
    cve = header.startswith("CVE") or "bare_newline" in header
    return 100_000 + cve, "Smuggling" if cve else "Error limits of Postfix"


def _transcripts() -> Iterator[str]:
    yield "## Golden transcripts\n"
    yield "In `tests/golden/smtp/`. Each is replayed whole, octet by octet, and with octets behind"
    yield "it, through the machine of its role.\n"
    by_subject: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for file, header in headers().items():
        by_subject.setdefault(_subject(header), []).append((file, header))
    for (_, subject), files in sorted(by_subject.items()):
        yield f"### {subject}\n"
        for file, header in files:
            said = header.removeprefix(subject).strip()
            yield f"- `{file}`: {said}"
        yield ""


def generated() -> str:
    """Return the page down to the section that is written by hand."""
    found = markers()
    lines = [INTRODUCTION]
    for section in sections().values():
        lines += _rows(section["title"], section["rows"], found)
    lines += _traps(found)
    lines += _transcripts()
    return "\n".join(lines)


def page(before: str) -> str:
    """Return the whole page, given the one that is there."""
    _, heading, text = before.partition(f"{BY_HAND}\n")
    return f"{generated()}\n{heading or BY_HAND + chr(10)}{text}"


if __name__ == "__main__":
    was = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(was), encoding="utf-8")
