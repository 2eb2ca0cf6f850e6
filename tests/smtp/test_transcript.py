"""What goes over the wire as lines to read."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT

from mailsim.message import Content, Received
from mailsim.smtp import AuthLine, Chunk, Command, FromClient, Garbage, Reply, encode
from mailsim.smtp.transcript import wire_lines

HOP = Received("x", "x", "192.0.2.1", "mx", "ESMTP", "1", "", 0)


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (Reply(250, ("a", "b"), "2.0.0"), [("S", "250-2.0.0 a", 13), ("S", "250 2.0.0 b", 13)]),
        (Command("NOOP"), [("C", "NOOP", 6)]),
        (AuthLine(""), [("C", "", 2)]),
        (Garbage("\udcff", "", Reply(500)), [("C", "\ufffd", 3)]),
        (Content(0, (), b"", b""), [("C", ".", 3)]),
        (
            Content.from_bytes(b"A: x\r\n\r\nbody\r\n"),
            [("C", "A: x", 6), ("C", "", 2), ("C", "[6 octets of text]", 6), ("C", ".", 3)],
        ),
        (Content.from_bytes(b"body\r\n"), [("C", "[6 octets of text]", 6), ("C", ".", 3)]),
        (
            Chunk(Content.from_bytes(b"12345"), is_last=False),
            [("C", "BDAT 5", 8), ("C", "[5 octets of text]", 5)],
        ),
        (
            Content.from_bytes(b"A: x\ny\x0bz\r\n\r\nbody\r\n").with_received(HOP),
            [
                ("C", "Received: from x (x [192.0.2.1])", 34),
                ("C", "\tby mx with ESMTP id 1; Thu, 01 Jan 1970 00:00:00 +0000", 57),
                ("C", "A: x␊y\x0bz", 10),
                ("C", "", 2),
                ("C", "[6 octets of text]", 6),
                ("C", ".", 3),
            ],
        ),
        (Chunk(Content(0, (), b"", b""), is_last=True), [("C", "BDAT 0 LAST", 13)]),
    ],
)
def test_lines(said: FromClient | Reply, lines: list[tuple[str, str, int]]) -> None:
    assert list(wire_lines(said)) == lines


def test_the_header_of_our_own_content_line_by_line() -> None:
    lines = [text for _, text, _ in wire_lines(CONTENT.with_received(HOP))]
    assert [line.split()[0] for line in lines if line] == [
        "Received:", "by", "From:", "To:", "Subject:", "Date:", "Message-ID:", "[1000", ".",
    ]  # fmt: skip
    assert sum(n for _, _, n in wire_lines(CONTENT)) == len(encode(CONTENT))


@pytest.mark.parametrize(
    ("header", "n_lines"),
    [
        (b"A: x\r\n" * 17_066, 17_066),  # 102 396 octets, and two of the empty line
        (b"A: x\r\n" * 17_067, 17_066),
        (b"A: x\r\n" * 100_000, 17_066),
        (b"A: " + b"x" * 200_000 + b"\r\n", 0),
    ],
)
def test_of_an_endless_header_the_start(header: bytes, n_lines: int) -> None:
    lines = wire_lines(Content.from_bytes(header + b"\r\nbody\r\n"))
    assert [text for _, text, _ in lines].count("A: x") == n_lines
    assert sum(n for _, _, n in lines) == len(header) + len(b"\r\nbody\r\n.\r\n")
    assert lines[-2][1].endswith(" octets of text]")


def test_the_same_reply_has_the_same_lines_again() -> None:
    reply = Reply(250, ("said twice",), "2.0.0")
    first = list(wire_lines(reply))
    assert first == [("S", "250 2.0.0 said twice", 22)]
    assert list(wire_lines(Reply(250, ("said twice",), "2.0.0"))) == first
