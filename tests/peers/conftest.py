"""Fixtures of the peer tests, and what becomes of a peer that is not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from peers.aiosmtpd_server import AIOSMTPD_CAN, aiosmtpd
from peers.exim import EXIM_CAN, exim
from peers.mailsim_commands import Served, mailsim_serve
from peers.needed import MissingPeerError
from peers.opensmtpd import OPENSMTPD_CAN, opensmtpd
from peers.postfix import POSTFIX_CAN, SINK_CAN, postfix, smtp_sink
from peers.server import Certificate, Server, make_certificate


def _skip_or_fail(missing: MissingPeerError) -> None:
    """Skip the test, unless this is CI: there every peer must be present."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs every peer: {missing}", pytrace=False)
    pytest.skip(str(missing))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    try:
        yield
    except MissingPeerError as missing:
        _skip_or_fail(missing)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    try:
        yield
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


Start = Callable[[Path, Certificate], AbstractContextManager[Server]]
SERVERS: dict[str, tuple[Start, frozenset[str]]] = {
    "postfix": (postfix, POSTFIX_CAN),
    "smtp-sink": (lambda root, _: smtp_sink(root), SINK_CAN),
    "aiosmtpd": (lambda _, certificate: aiosmtpd(certificate), AIOSMTPD_CAN),
    "exim": (exim, EXIM_CAN),
    "opensmtpd": (lambda root, _: opensmtpd(root), OPENSMTPD_CAN),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a server cannot do: a skipped test is for a peer that is not installed."""
    out = []
    for item in items:
        needs = {word for mark in item.iter_markers("needs") for word in mark.args}
        if needs and not needs <= SERVERS[item.callspec.params["peer"]][1]:  # type: ignore[attr-defined]
            out.append(item)
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session", params=SERVERS)
def peer(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[Server]:
    """Run each server in turn."""
    # Its own user must get there; pytest closes its directories to all others.
    with tempfile.TemporaryDirectory(prefix=f"mailsim-{request.param}-") as place:
        root = Path(place)
        root.chmod(0o755)
        start, _ = SERVERS[request.param]
        with start(root, certificate) as server:
            yield server
