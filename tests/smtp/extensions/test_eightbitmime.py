"""8BITMIME (RFC 6152)."""

from __future__ import annotations

import pytest
from smtp.helpers import greeted, said

from mailsim.smtp import Command


@pytest.mark.parametrize(
    ("value", "code"), [("8BITMIME", 250), ("7bit", 250), ("BINARYMIME", 501), (None, 501)]
)
def test_body(value: str | None, code: int) -> None:
    server = greeted()
    mail = Command("MAIL", "a@example.org", (("BODY", value),))
    replies = said(server, Command("EHLO", "office.example.org"), mail)
    assert "8BITMIME" in replies[0].lines
    assert replies[1].code == code
