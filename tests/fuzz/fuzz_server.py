"""Feed mutated transcripts to a server and a client, and see that nothing but SMTP comes out.

Run ``python tests/fuzz/fuzz_server.py [seconds] [seed]``: events or RemoteProtocolError, never
else; and the same however the octets are cut.  What fails is shown as octets, with the seed.
"""

from __future__ import annotations

import random
import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

from mailsim.errors import RemoteProtocolError
from mailsim.message import Envelope, Head, new_content
from mailsim.smtp import (
    ClientConfig,
    ClientConnection,
    Credentials,
    FromClient,
    Reply,
    ServerConfig,
    ServerConnection,
    State,
)
from mailsim.smtp.server_config import DEFAULT_EXTENSIONS
from mailsim.smtp.transcript import wire_lines

GOLDEN = Path(__file__).parents[1] / "golden"
_said = re.compile(r"^[ \d.]*([CS]): ?(.*)$")
BUILT_IN = {
    "C": [
        b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\na\r\n..b\r\n.\r\nQUIT\r\n",
        b"EHLO x\r\nMAIL FROM:<a@b> SIZE=3\r\nRCPT TO:<c@d>\r\nBDAT 3\r\nabcBDAT 2 LAST\r\n\r\n",
        b"LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\nx\n.\r\n.\r\n",
        b"EHLO x\r\nAUTH LOGIN\r\nYWxpY2U=\r\neA==\r\nAUTH CRAM-MD5\r\n*\r\nSTARTTLS\r\nRSET\r\n",
    ],
    "S": [
        b"220 mx\r\n250-mx\r\n250-PIPELINING\r\n250 SIZE 5\r\n250 ok\r\n250 ok\r\n354 go\r\n",
        b"220 mx\r\n250-mx\r\n250 AUTH LOGIN\r\n334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 in\r\n",
        b"220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n",
        b"220 mx\r\n502 no\r\n250 mx\r\n250 ok\r\n550 no\r\n421 bye\r\n",
    ],
}
PARTS = [
    b"\r\n", b"\r", b"\n", b".\r\n", b"\r\n.\n", b"\x00", b"\xff", b"<", b">", b"@", b" ", b"\t",
    b"BDAT 4\r\n", b"BDAT 0 LAST\r\n", b"=", b"250-", b"x" * 3000, "\u0663\u017f".encode(),
]  # fmt: skip


def corpus(role: str) -> list[bytes]:
    """Return what clients (C) or servers (S) say in the golden transcripts, and a few of ours."""
    texts = list(BUILT_IN[role])
    for path in sorted(GOLDEN.rglob("*.txt")):
        matches = [_said.match(line) for line in path.read_text("utf-8", "replace").splitlines()]
        lines = [match[2] for match in matches if match is not None and match[1] == role]
        if lines:
            texts.append("".join([line + "\r\n" for line in lines]).encode())
    return texts


def mutated(rng: random.Random, texts: list[bytes]) -> bytes:
    """Return one text with some octets changed, cut out, doubled or put in."""
    data = rng.choice(texts)
    for _ in range(rng.randrange(6)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.randrange(1, 20))
        new = rng.choice(
            [
                b"",
                data[start:end] * 2,
                rng.randbytes(rng.randrange(1, 5)),
                rng.choice(PARTS),
                rng.choice(texts)[start:end],
                data[start:end].swapcase(),
            ]
        )
        data = data[:start] + new + data[end:]
    return data


class Outcome(NamedTuple):
    """What came of some octets."""

    seen: list[FromClient | Reply]
    state: State
    error: bool


def serve(pieces: list[bytes], config: ServerConfig) -> Outcome:
    """Feed a server, up to a TLS handshake; any exception is a bug."""
    server = ServerConnection(config, "1", is_noted=True)
    server.reply(Reply(220, ("mx",)))
    for piece in pieces:
        if server.state is State.TLS:
            break
        server.receive_data(piece)
        while server.advance() is not None:
            server.reply(server.session.default_reply())
        server.data_to_send()
    for said in server.said:  # whatever it is, a transcript can show it
        assert sum(n for _, _, n in wire_lines(said)) > 0
    return Outcome(server.said, server.state, error=False)


def ask(pieces: list[bytes], config: ClientConfig) -> Outcome:
    """Feed a client, up to a TLS handshake; any exception but RemoteProtocolError is a bug."""
    seen: list[FromClient | Reply] = []
    client = ClientConnection(config, seen.append)
    head = Head(1, "x", "a@b", "c@d", "s", 0)
    client.begin(Envelope("a@b", ("c@d", "e@f")), new_content(head, 100))
    for piece in pieces:
        if client.state in (State.TLS, State.CLOSED):
            break
        try:
            client.receive_data(piece)
        except RemoteProtocolError:
            return Outcome(seen, client.state, error=True)
        client.data_to_send()
    return Outcome(seen, client.state, error=False)


def cut(rng: random.Random, data: bytes) -> list[bytes]:
    """Return the octets in pieces."""
    if rng.randrange(3) == 0:
        return [data[i : i + 1] for i in range(len(data))]
    places = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(5)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def try_once(rng: random.Random, clients: list[bytes], servers: list[bytes]) -> bytes | None:
    """Try one mutation of each role; return the octets that did not do the same when cut."""
    config = ServerConfig(
        "mx",
        max_message_size=rng.choice([0, 100]),
        line_endings=rng.choice(["strict", "normalize", "legacy"]),
        is_lmtp=rng.random() < 0.3,
        auth=rng.choice(["none", "optional", "required"]),
        mechanisms=("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"),
        tls=rng.choice(["none", "may", "encrypt", "implicit"]),
        extension_names=(*DEFAULT_EXTENSIONS, "BINARYMIME", "DELIVERBY", "REQUIRETLS", "LIMITS"),
        soft_error_limit=0,
        hard_error_limit=rng.choice([0, 3]),
    )
    data = mutated(rng, clients)
    if serve([data], config) != serve(cut(rng, data), config):
        return data
    client = ClientConfig(
        "x",
        tls=rng.choice(["none", "may", "encrypt"]),
        credentials=rng.choice([None, Credentials("alice", "x")]),
        chunking=rng.random() < 0.3,
        chunk_bytes=rng.choice([0, 50]),
        is_lmtp=rng.random() < 0.3,
    )
    # A server waits for its client's next command: each line comes on its own.
    lines = mutated(rng, servers).splitlines(keepends=True)
    once = ask(lines, client)
    again = ask([line[i : i + 1] for line in lines for i in range(len(line))], client)
    return None if once == again or once.error or again.error else b"".join(lines)


def run(seconds: float, seed: int) -> tuple[int, bytes | None]:
    """Fuzz for some seconds; return the number of tries and the octets that failed, if any."""
    rng = random.Random(seed)
    clients, servers = corpus("C"), corpus("S")
    end = time.monotonic() + seconds
    n = 0
    while time.monotonic() < end:
        n += 1
        failed = try_once(rng, clients, servers)
        if failed is not None:
            return n, failed
    return n, None


def main(words: list[str]) -> int:
    """Run from the command line."""
    seconds = float(words[0]) if words else 60.0
    seed = int(words[1]) if len(words) > 1 else random.randrange(2**32)
    n, failed = run(seconds, seed)
    sys.stdout.write(f"seed {seed}: {n} tries, {'all well' if failed is None else repr(failed)}\n")
    return 0 if failed is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
