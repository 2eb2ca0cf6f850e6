"""A served host that pushes back: the same replies, in real time."""

from __future__ import annotations

from pathlib import Path

from live.hosting import MAIL, dial, hosted, read_all, talk

NUMBERS = "{ip_rate: 1/h, ip_burst: 2, connections_per_ip: 1}"


def test_rates_and_connections_on_a_socket(tmp_path: Path) -> None:
    gmail = f"hosts.mx.example.net.receiver={{gmail-2026-11: {NUMBERS}}}"
    with hosted(tmp_path, "--set", gmail) as server:
        with dial(server.port) as first:
            assert first.recv(1000).startswith(b"220 ")
            with dial(server.port) as second:
                assert read_all(second).startswith(b"421 Try again later")
        assert server.serves(), "the first has gone"
        said = talk(server.port, *MAIL, *MAIL)
        assert said.count(b"Ok: queued") == 1
        assert b"421 4.7.28 from your IP address [127.0.0.1]" in said
        server.stop()
