"""Both machines are in the same state after every exchange, whatever is offered or refused."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from smtp.helpers import ALICE, CONTENT, GREETING, HEAD

from mailsim.message import Content, Envelope, Params, new_content
from mailsim.smtp import (
    ClientConfig,
    ClientConnection,
    Reply,
    ServerConfig,
    ServerConnection,
    State,
    Transaction,
)
from mailsim.smtp.replies import PERMITTED

EXTENSIONS = (
    "PIPELINING", "SIZE", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN",
    "DELIVERBY", "REQUIRETLS", "LIMITS", "CHUNKING",
)  # fmt: skip
ASKED = frozenset({"MAIL", "RCPT", "DATA", "CONTENT", "BDAT", "BDAT_LAST", "RSET", "STARTTLS"})
AUTH = frozenset({"AUTH", "AUTH_RESPONSE"})
OPTIONS = st.fixed_dictionaries(
    {
        "extension_names": st.lists(st.sampled_from(EXTENSIONS), unique=True).map(
            lambda names: tuple(names) + (("SMTPUTF8",) if "8BITMIME" in names else ())
            + (("BINARYMIME",) if {"8BITMIME", "CHUNKING"} <= set(names) else ())
        ),
        "max_message_size": st.sampled_from([0, 1000, 100_000]),
        "max_recipients": st.integers(1, 3),
        "max_transactions": st.integers(0, 2),
        "max_rcpt_domains": st.integers(0, 2),
        "tls": st.sampled_from(["none", "may", "encrypt", "implicit"]),
        "auth": st.sampled_from(["none", "optional", "required"]),
        "mechanisms": st.lists(
            st.sampled_from(["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"]),
            unique=True, min_size=1,
        ).map(tuple),
        "is_auth_tls_only": st.booleans(),
        "line_endings": st.sampled_from(["strict", "normalize", "legacy"]),
        "hard_error_limit": st.sampled_from([0, 4]),
    }
)  # fmt: skip
CLIENT_OPTIONS = st.fixed_dictionaries(
    {
        "tls": st.sampled_from(["none", "may", "encrypt"]),
        "credentials": st.sampled_from([None, None, ALICE]),
        "pipelining": st.booleans(),
        "chunking": st.booleans(),
        "chunk_bytes": st.sampled_from([0, 300]),
        "rset_between": st.booleans(),
    }
)
MAIL_PARAMS: st.SearchStrategy[Params] = st.lists(
    st.sampled_from(
        [("RET", "HDRS"), ("BY", "100;R"), ("BY", "5;NT"), ("REQUIRETLS", None), ("AUTH", "<>"),
         ("BODY", "BINARYMIME"), ("SMTPUTF8", None)]
    ), max_size=2, unique_by=lambda item: item[0],
).map(tuple)  # fmt: skip
RCPT_PARAMS = st.sampled_from([(), (("NOTIFY", "NEVER"),), (("ORCPT", "rfc822;x@y"),)])
RECIPIENTS = st.lists(
    st.tuples(st.sampled_from(["b@x", "c@x", "d@y", '"e f"@z', "ü@z"]), RCPT_PARAMS),
    min_size=1,
    max_size=4,
)
ENVELOPES = st.builds(
    lambda sender, pairs, params: Envelope(
        sender, tuple(to for to, _ in pairs), params, tuple(extra for _, extra in pairs)
    ),
    st.sampled_from(["", "a@example.org", "ä@example.org"]),
    RECIPIENTS,
    MAIL_PARAMS,
)
CONTENTS = st.sampled_from(
    [CONTENT, new_content(HEAD, b".\r\nx\r\n"), Content.from_bytes(b"\xe4\r\n"),
     Content(0, (), b"", b"")]
)  # fmt: skip
AGREES = st.integers(0, 3)


class BothEnds(RuleBasedStateMachine):
    """A client and a server, and a driver of each that does as it likes."""

    @initialize(
        options=OPTIONS, client_options=CLIENT_OPTIONS, is_lmtp=st.booleans(),
        greeting=st.sampled_from([220] * 8 + [554, 521, 421]),
    )  # fmt: skip
    def connect(
        self,
        options: dict[str, object],
        client_options: dict[str, object],
        is_lmtp: bool,
        greeting: int,
    ) -> None:
        config = ServerConfig(
            "mx", ask=ASKED | AUTH, is_lmtp=is_lmtp, soft_error_limit=0, **options  # type: ignore[arg-type]
        )  # fmt: skip
        if options["tls"] == "implicit":
            client_options = {**client_options, "tls": "implicit"}
        self.server = ServerConnection(config, "1.2")
        self.client = ClientConnection(ClientConfig("x", is_lmtp=is_lmtp, **client_options))  # type: ignore[arg-type]
        self.server.reply(GREETING if greeting == 220 else Reply(greeting, ("no",)))
        self.client.receive_data(self.server.data_to_send())
        self.transaction: Transaction | None = None
        self.is_quitting = False

    @precondition(lambda self: self.client.is_idle and not self.is_quitting)
    @rule(envelope=ENVELOPES, content=CONTENTS)
    def begin(self, envelope: Envelope, content: Content) -> None:
        self.transaction = self.client.begin(envelope, content)

    @rule(data=st.data())
    def exchange(self, data: st.DataObject) -> None:
        self.server.receive_data(self.client.data_to_send())
        while self.server.advance() is not None:
            self.server.reply(self.decision(data))
        self.client.receive_data(self.server.data_to_send())
        if self.server.state is State.TLS:
            assert self.client.state is State.TLS
            self.server.tls_done()
            self.client.tls_done()

    def decision(self, data: st.DataObject) -> Reply:
        session = self.server.session
        if session.awaited in AUTH:
            return Reply(data.draw(st.sampled_from([235, 235, 535, 454, 432, 534, 421])))
        if data.draw(AGREES):
            return session.default_reply()
        codes = {
            "RSET": [250, 500, 421],
            "STARTTLS": [220, 454, 502, 421],
            "DATA": [354, 451, 554, 421],
        }.get(session.awaited)
        return Reply(data.draw(st.sampled_from(codes or sorted(PERMITTED[session.awaited]))))

    @rule(may=AGREES)
    def quit(self, may: int) -> None:
        if may:  # not too often: it is the end
            return
        self.is_quitting = True
        self.client.quit()

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "client"):
            return
        if (self.client.state, self.server.state) != (State.CLOSED, State.REFUSED):  # after 521
            assert self.client.state == self.server.state
        assert self.client.session.owed == 0

    def teardown(self) -> None:
        """Any transaction comes to its end."""
        if getattr(self, "transaction", None) is None or self.transaction is None:
            return
        for _ in range(30):
            self.server.receive_data(self.client.data_to_send())
            while self.server.advance() is not None:
                self.server.reply(
                    Reply(235) if self.server.session.awaited in AUTH
                    else self.server.session.default_reply()
                )  # fmt: skip
            self.client.receive_data(self.server.data_to_send())
            if self.server.state is State.TLS:
                self.server.tls_done()
                self.client.tls_done()
            self.agree()
        assert self.transaction.final is not None
        for index in range(len(self.transaction.envelope.recipients)):
            assert self.transaction.reply_to(index).code >= 200


TestBothEnds = BothEnds.TestCase
_MANY = settings.default.max_examples * 3 // 2
TestBothEnds.settings = settings(max_examples=_MANY, stateful_step_count=25, deadline=None)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_a_message_arrives_as_it_was_sent(
    lengths: list[int], is_chunked: bool, is_lmtp: bool
) -> None:
    body = b"".join([b"." * (n % 3) + b"x" * n + b"\r\n" for n in lengths])
    content = Content.from_bytes(b"Subject: x\r\n\r\n" + body)
    arrived: list[Content] = []
    server = ServerConnection(ServerConfig("mx", is_lmtp=is_lmtp, line_endings="strict"))
    config = ClientConfig("x", tls="none", chunking=is_chunked, chunk_bytes=16, is_lmtp=is_lmtp)
    client = ClientConnection(config)
    transaction = client.begin(Envelope("a@b", ("c@d", "e@f")), content)
    server.reply(GREETING)
    client.receive_data(server.data_to_send())
    while data := client.data_to_send():
        for octet in data:
            server.receive_data(bytes([octet]))
            while server.advance() is not None:
                if server.session.content is not None:
                    arrived.append(server.session.content)
                server.reply(server.session.default_reply())
        client.receive_data(server.data_to_send())
    assert transaction.reply_to(1).code == 250
    assert [c.to_bytes() for c in arrived] == [content.to_bytes()] * (2 if is_lmtp else 1)
