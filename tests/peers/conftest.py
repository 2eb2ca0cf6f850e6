"""Fixtures of the peer tests, and what becomes of a peer that is not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from peers.aiosmtpd_server import aiosmtpd
from peers.exim import exim
from peers.mailsim_commands import Served, mailsim_serve
from peers.needed import MissingPeerError
from peers.opensmtpd import opensmtpd
from peers.postfix import postfix, smtp_sink
from peers.server import Certificate, Server, make_certificate


def _skip_or_fail(missing: MissingPeerError) -> None:
    """Skip the test, unless this is CI: there every peer must be present."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs every peer: {missing}", pytrace=False)
    pytest.skip(str(missing))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    try:
        return (yield)
    except MissingPeerError as missing:
        _skip_or_fail(missing)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    try:
        return (yield)
    except MissingPeerError as missing:
        _skip_or_fail(missing)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Return a certificate for 127.0.0.1, which clients can be told to trust."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[Served]:
    """Run one ``mailsim serve`` for a whole file of tests; its tables must balance at the end."""
    with mailsim_serve(tmp_path_factory.mktemp("served"), certificate) as running:
        yield running
        assert running.stop() == 0
        running.check_balance()


SERVERS: dict[str, Callable[[Path, Certificate], AbstractContextManager[Server]]] = {
    "postfix": postfix,
    "smtp-sink": lambda root, _: smtp_sink(root),
    "aiosmtpd": lambda _, certificate: aiosmtpd(certificate),
    "exim": exim,
    "opensmtpd": lambda root, _: opensmtpd(root),
}


@pytest.fixture(scope="session", params=SERVERS)
def peer(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[Server]:
    """Run each server in turn."""
    # Its own user must get there; pytest closes its directories to all others.
    with tempfile.TemporaryDirectory(prefix=f"mailsim-{request.param}-") as place:
        root = Path(place)
        root.chmod(0o755)
        with SERVERS[request.param](root, certificate) as server:
            yield server
