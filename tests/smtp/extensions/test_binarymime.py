"""BINARYMIME (RFC 3030 section 3)."""

from __future__ import annotations

import pytest
from smtp.helpers import DATA, EHLO, RCPT, client_in_ready, codes, delivered, greeted, said

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp import Chunk, Command, ServerConfig
from mailsim.smtp.server_config import DEFAULT_EXTENSIONS

pytestmark = pytest.mark.row("X-CHUNKING")
OFFERED: dict[str, object] = {"extension_names": (*DEFAULT_EXTENSIONS, "BINARYMIME")}
MAIL = Command("MAIL", "a@b", (("BODY", "BINARYMIME"),))
BINARY = Content.from_bytes(b"\x00\n\r\xff.\n")
ENVELOPE = Envelope("a@b", ("c@d",), (("BODY", "BINARYMIME"),))


def test_it_needs_chunking() -> None:
    with pytest.raises(LocalProtocolError, match="BINARYMIME cannot be offered without CHUNKING"):
        ServerConfig("mx", extension_names=("BINARYMIME",))
    assert "BINARYMIME" in said(greeted(**OFFERED), EHLO)[0].lines


@pytest.mark.parametrize("line_endings", ["strict", "normalize"])
def test_octets_arrive_untouched_by_bdat_only(line_endings: str) -> None:
    server = greeted(**OFFERED, line_endings=line_endings)
    assert codes(server, EHLO, MAIL, RCPT, DATA) == [250, 250, 250, 503]
    assert server.receive(Chunk(BINARY, is_last=True)) is None
    assert server.content == BINARY


def test_where_it_is_not_offered() -> None:
    assert codes(greeted(), EHLO, MAIL) == [250, 501]


def test_a_client_sends_binary_by_bdat_even_if_it_prefers_data() -> None:
    transaction, verbs, _ = delivered(
        envelope=ENVELOPE, content=BINARY, server_options={**OFFERED, "tls": "none"}
    )
    assert transaction.reply_to(0).code == 250
    assert verbs == ["EHLO", "MAIL", "RCPT", "Chunk"]


@pytest.mark.parametrize("offers", [(), ("CHUNKING", "8BITMIME"), ("BINARYMIME", "8BITMIME")])
def test_a_client_sends_binary_to_no_other_server(offers: tuple[str, ...]) -> None:
    client = client_in_ready(*offers)
    transaction = client.begin(ENVELOPE, BINARY)
    assert client.flight() == ()
    assert str(transaction.reply_to(0))[:9] == "554 5.6.3"
