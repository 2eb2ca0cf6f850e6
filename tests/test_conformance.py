"""The table of what the RFCs demand has no hole, and docs/conformance.md shows it as it is."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
ROWS = {
    *(f"F-{n:02}" for n in range(1, 15)),
    *(f"Q-{n:02}" for n in range(1, 17)),
    "X-SIZE", "X-PIPELINING", "X-STARTTLS", "X-IMPLICIT-TLS", "X-AUTH", "X-SCRAM", "X-SUBMISSION",
    "X-ENHANCEDSTATUSCODES", "X-DSN", "X-DSN-NOTIFY", "X-DSN-RELAYED",
    "X-DSN-EXPANDED", "X-DSN-RET", "X-DSN-NULL", "X-DSN-FORMAT", "X-DSN-STATUS", "X-DSN-UTF8",
    "X-REPORT",
    "X-CHUNKING", "X-8BITMIME", "X-SMTPUTF8",
    "X-DELIVERBY", "X-REQUIRETLS", "X-LMTP", "X-LIMITS",
}  # fmt: skip
TRAPS = {
    "554 or 452 after final dot",
    "421 to any command",
    "`250\\r\\n` without text",
    "UTF-8 reply text",
    "EHLO refused with 502",
    "RSET before MAIL",
    "two commands in a group",
    "body not ending in newline",
    "address with CRLF",
    "bytes after STARTTLS 220",
    "AUTH LOGIN, standard challenges, own client vs aiosmtpd",
    "OAuth2 token cache",
    "aiosmtpd's smuggling tests",
    "plaintext kept after STARTTLS",
    "unsolicited server lines that shift replies",
    "421 in mid-pipeline",
    "all RCPT refused with DATA in the same group",
}


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """``docs/make_conformance.py``, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("make_conformance", ROOT / "docs" / (
        "make_conformance.py"))  # fmt: skip
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_script_makes_of_it(make: ModuleType) -> None:
    before = make.PAGE.read_text(encoding="utf-8")
    assert make.page(before) == before, "make docs"
    assert make.page(before.partition(make.BY_HAND)[0]).endswith(f"\n{make.BY_HAND}\n")


def test_the_differences_are_told(make: ModuleType) -> None:
    by_hand = make.PAGE.read_text(encoding="utf-8").partition(f"{make.BY_HAND}\n")[2]
    assert len(by_hand.splitlines()) > 10


def test_every_row_has_a_test_and_a_place_in_the_code(make: ModuleType) -> None:
    sections = make.sections().values()
    rows = {name: row for section in sections for name, row in section["rows"].items()}
    assert len(rows) == sum(len(section["rows"]) for section in sections), "an id is there twice"
    assert rows.keys() >= ROWS
    tested = {one.name for one in make.markers() if one.kind == "row"}
    assert tested == rows.keys()
    for name, row in rows.items():
        assert row["rule"].endswith("."), name
        assert row["code"], name
        for place in row["code"]:
            file, _, said = place.partition(":")
            assert _is_there(ROOT / file, said), f"{name}: {place}"


def _is_there(path: Path, name: str) -> bool:
    """Tell whether a file defines a name: ``function``, ``CONSTANT``, ``Class`` or ``Class.x``."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for part in name.split("."):
        for node in body:
            if isinstance(node, ast.Assign):
                names = {ast.unparse(target) for target in node.targets}
            elif isinstance(node, ast.AnnAssign):
                names = {ast.unparse(node.target)}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = {node.name}
            else:
                continue
            if part in names:
                body = getattr(node, "body", [])
                break
        else:
            return False
    return True


def test_every_trap_has_a_test(make: ModuleType) -> None:
    assert {one.name for one in make.markers() if one.kind == "trap"} == TRAPS


def test_every_golden_transcript_names_its_source(make: ModuleType) -> None:
    for file, header in make.headers().items():
        assert header.startswith(("RFC ", "CVE-", "Postfix ")), file
        number = file.partition("-")[0].removeprefix("rfc")
        assert not number.isdecimal() or header.startswith(f"RFC {number} "), file
