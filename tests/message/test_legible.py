"""Octets as lines to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.message.legible import joined_lines, lines_of

PIECES = st.sampled_from(
    [b"a", b"250 Ok", b"\r", b"\n", b"\r\n", b"\xff", "ü".encode(), b"\x0b", b""]
)
OCTETS = st.lists(PIECES, max_size=12).map(lambda pieces: b"".join(pieces) + b"\r\n")


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        (b"\r\n", [("", 2)]),
        (b"250-a\r\n250 b\r\n", [("250-a", 7), ("250 b", 7)]),
        ("ü\r\n".encode(), [("ü", 4)]),
        (b"\xff\r\n", [("\ufffd", 3)]),
        (b"a\nb\rc\r\n", [("a␊b␍c", 7)]),
        (b"\r\r\n\n\r\n", [("␍", 3), ("␊", 3)]),
        (b"a\x0bb\x1c\r\n", [("a\x0bb\x1c", 6)]),
        ("a\u2028b\r\n".encode(), [("a\u2028b", 7)]),
    ],
)
def test_lines(octets: bytes, lines: list[tuple[str, int]]) -> None:
    assert lines_of(octets) == lines


@given(OCTETS)
def test_each_octet_belongs_to_a_line_and_no_text_breaks(octets: bytes) -> None:
    lines = lines_of(octets)
    assert len(lines) == octets.count(b"\r\n")
    assert sum(n for _, n in lines) == len(octets)
    assert not [text for text, _ in lines if "\r" in text or "\n" in text]


@given(OCTETS)
def test_lines_are_joined_only_if_they_show_as_they_are(octets: bytes) -> None:
    shown = "".join([text for text, _ in lines_of(octets)]).encode()
    joined = joined_lines(octets)
    is_as_it_is = shown == octets.replace(b"\r\n", b"")
    assert joined == (shown if is_as_it_is else None)


@pytest.mark.parametrize(
    ("octets", "joined"),
    [
        (b"250-a\r\n250 b\r\n", b"250-a250 b"),
        ("ü\r\n".encode(), "ü".encode()),
        (b"\xff\r\n", None),
        (b"\xc3\r\n\xbc\r\n", None),
        (b"a\nb\r\n", None),
        (b"a\rb\r\n", None),
        (b"", b""),
    ],
)
def test_joined_lines(octets: bytes, joined: bytes | None) -> None:
    assert joined_lines(octets) == joined
