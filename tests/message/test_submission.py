"""What a submission server adds (RFC 6409 section 8)."""

from __future__ import annotations

import pytest

from mailsim.message import Content, Head, new_content
from mailsim.message.submission import completed

pytestmark = pytest.mark.row("X-SUBMISSION")
DATE = b"Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
ID = b"Message-ID: <0000000007.0@mx>\r\n"


@pytest.mark.parametrize(
    ("data", "added"),
    [
        (b"Subject: x\r\n\r\nhi\r\n", b"From: <a@b>\r\n" + DATE + ID),
        (b"from: me\r\nDATE : x\r\n\r\nhi\r\n", ID),
        (b"From: me\r\nDate: x\r\nMessage-Id: <1@x>\r\n\r\n", b""),
        (b"just text\r\n", b"From: <a@b>\r\n" + DATE + ID + b"\r\n"),
        (b"just text\r\n\r\nFrom: x\r\n", b"From: <a@b>\r\n" + DATE + ID + b"\r\n"),
    ],
)
def test_only_what_is_missing(data: bytes, added: bytes) -> None:
    content = completed(Content.from_bytes(data), "a@b", "mx", 7, 0)
    assert content.to_bytes() == added + data
    assert content.size == len(added + data)


def test_the_null_path_is_nobody() -> None:
    content = completed(Content.from_bytes(b"Subject: x\r\n\r\n"), "", "mx", 7, 0)
    assert content.to_bytes() == DATE + ID + b"Subject: x\r\n\r\n"


@pytest.mark.row("R-12")
def test_our_own_header_has_them_all() -> None:
    content = new_content(Head(1, "h", "a@b", "c@d", "s", 0), 10)
    assert completed(content, "a@b", "mx", 7, 0) is content
