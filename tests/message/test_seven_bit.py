"""8-bit contents for 7-bit servers (RFC 6152 section 3)."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from mailsim.message import Content, Head, Received, new_content, to_seven_bit

pytestmark = [pytest.mark.row("X-8BITMIME"), pytest.mark.row("F-14")]
TEXT = (
    b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xbcn = gut \r\n.\r\n"
)
SIGNED = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n"
    b"--b\r\n\r\n\xe4\r\n--b--\r\n"
)
HOP = Received("h", "h", "192.0.2.1", "mx", "ESMTP", "1", "", 0)


def converted(data: bytes) -> Content:
    content = to_seven_bit(Content.from_bytes(data))
    assert content is not None
    assert content.is_seven_bit
    assert content.size == len(content.to_bytes())
    return content


def test_text_becomes_quoted_printable() -> None:
    data = converted(TEXT).to_bytes()
    assert b"Content-Transfer-Encoding: quoted-printable" in data
    assert b"gr=C3=BCn =3D gut=20\r\n" in data
    before, after = message_from_bytes(TEXT), message_from_bytes(data)
    as_lines = after.get_payload(decode=True)
    assert isinstance(as_lines, bytes)
    assert as_lines.replace(b"\r\n", b"\n") == b"gr\xc3\xbcn = gut \n.\n"
    assert after["Subject"] == before["Subject"]


def test_everything_else_becomes_base64_part_by_part() -> None:
    data = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
        b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n"
        b"--b--\r\n"
    )
    message = message_from_bytes(converted(data).to_bytes())
    assert message["Content-Transfer-Encoding"] == "7bit"
    image, plain, encoded = message.get_payload()  # type: ignore[misc]
    assert image["Content-Transfer-Encoding"] == "base64"  # type: ignore[index]
    assert image.get_payload(decode=True) == b"\x89PNG"  # type: ignore[union-attr]
    assert plain["Content-Transfer-Encoding"] is None  # type: ignore[index]
    assert encoded["Content-Transfer-Encoding"] == "base64"  # type: ignore[index]


def test_a_multipart_that_declares_nothing() -> None:
    data = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\n\xe4\r\n--b--\r\n"
    )
    message = message_from_bytes(converted(data).to_bytes())
    assert message["Content-Transfer-Encoding"] is None


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: x\r\n\r\nno MIME: \xe4\r\n",
        b"Subject: \xe4\r\nMIME-Version: 1.0\r\n\r\nx\r\n",
        SIGNED,
        SIGNED.replace(b"signed", b"mixed")
        .replace(b"\xe4", b"x")
        .replace(b"--b", b"\xe4\r\n--b", 1),
    ],
)
def test_what_cannot_be_converted(data: bytes) -> None:
    assert to_seven_bit(Content.from_bytes(data)) is None


def test_what_need_not_be() -> None:
    content = Content.from_bytes(b"Subject: x\r\n\r\nx\r\n")
    assert to_seven_bit(content) is content


def test_our_own_header_and_received_lines_are_kept() -> None:
    mime = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    head = Head(7, "h", "a@b", "c@d", "s", 0, mime)
    content = new_content(head, "grün\r\n".encode()).with_received(HOP)
    assert not content.is_seven_bit
    result = to_seven_bit(content)
    assert result is not None
    assert (result.trace, result.number) == ((HOP,), 7)
    assert result.size == len(result.to_bytes())
