"""Whom recipients lead to: aliases, lists, senders that change, and that it always ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import Content, Envelope
from mailsim.mta.accepted import Accepted
from mailsim.mta.expansion import Copy, Expanded, Expansion
from mailsim.mta.lists import MailingList
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.queue import QueueManager
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.mta.settings import Settings
from mailsim.mta.srs import Srs
from mailsim.mta.verp import VerpMessage, verp_sender
from mailsim.smtp import Reply

BOXES = Mailboxes(["here.example"], ["bob", "carol"])
SENDER = "alice@there.example"
NOW = 1_577_836_860


def expansion(virtual: Any = None, aliases: Any = None, **more: Any) -> Expansion:
    return Expansion(BOXES, virtual or {}, aliases or {}, **more)


def expanded(made: Expansion, *recipients: str) -> dict[str, tuple[str, ...]]:
    """Return the recipients of each copy by its sender."""
    copies, _ = made.expand(Envelope(SENDER, recipients), NOW)
    return {copy.envelope.sender: copy.envelope.recipients for copy in copies}


@pytest.mark.parametrize(
    ("recipient", "found"),
    [
        ("Info@here.example", ("bob@here.example", "dan@far.example")),
        ("sales@here.example", ("carol@here.example",)),
        ("x@all.example", ("bob@here.example",)),
        ("x@moved.example", ("x@far.example",)),
        ("root@here.example", ("bob@here.example",)),
        ("nobody@here.example", ("nobody@here.example",)),
        ("sales@other.example", ("sales@other.example",)),
        ("keeps@here.example", ("keeps@here.example", "dan@far.example")),
        ("postmaster", ("bob@here.example",)),
    ],
)
def test_in_the_order_of_virtual_and_aliases(recipient: str, found: tuple[str, ...]) -> None:
    made = expansion(
        {
            "info@here.example": ["bob@here.example", "dan@far.example"],
            "sales": ["carol"],
            "@all.example": ["bob@here.example"],
            "@moved.example": ["@far.example"],
            "keeps@here.example": ["keeps@here.example", "dan@far.example"],
        },
        {"root": ["bob"], "info": ["nobody"], "postmaster": ["root"]},
    )
    assert expanded(made, recipient) == {SENDER: found}


def test_what_is_not_expanded_stays_as_it_was() -> None:
    envelope = Envelope(
        SENDER, ("bob@here.example",), (("RET", "HDRS"),), ((("NOTIFY", "NEVER"),),)
    )
    copies, others = expansion({"info": ["bob"]}).expand(envelope, NOW)
    assert copies == [Copy(envelope, "")]
    assert others == []


def test_duplicates_within_an_expansion_and_across() -> None:
    """A mailbox here gets a copy for each original recipient; elsewhere there is one for all."""
    aliases = {"a": ["bob", "b", "dan@far.example"], "b": ["bob", "dan@far.example"]}
    to = ("a@here.example", "b@here.example")
    far, bob = "dan@far.example", "bob@here.example"
    assert expanded(expansion({}, aliases), *to) == {SENDER: (bob, far, bob)}
    assert expanded(expansion({}, aliases, by_original=False), *to) == {SENDER: (bob, far)}
    _, others = expansion({}, aliases).expand(Envelope(SENDER, to), NOW)
    assert others == [
        Expanded(to[0], ((bob, SENDER), (far, SENDER))),
        Expanded(to[1], ((bob, SENDER),)),
    ]


def test_an_owner_gets_what_bounces() -> None:
    made = expansion({}, {"team": ["bob", "dan@far.example"], "owner-team": ["carol"]})
    owner = "owner-team@here.example"
    assert expanded(made, "team@here.example") == {owner: ("bob@here.example", "dan@far.example")}
    assert expanded(made, owner) == {SENDER: ("carol@here.example",)}


def test_a_list_replaces_the_sender_and_what_the_sender_asked_for() -> None:
    one = MailingList("news@here.example", ("bob@here.example", "dan@far.example"))
    asked = (("ENVID", "7"), ("RET", "FULL"), ("SMTPUTF8", None))
    notify = ((("NOTIFY", "SUCCESS"),), (("NOTIFY", "SUCCESS,DELAY"),), (("NOTIFY", "SUCCESS"),))
    to = ("news@here.example", "one@here.example", "two@here.example")
    made = expansion({"one": ["dan@far.example"], "two": ["eve@far.example"]}, lists=[one])
    copies, _ = made.expand(Envelope(SENDER, to, asked, notify), NOW)
    assert copies[0] == Copy(
        Envelope("news-bounces@here.example", one.members, (("SMTPUTF8", None),)), ""
    )
    passed = ((("NOTIFY", "DELAY"),), (("NOTIFY", "NEVER"),))
    assert copies[1].envelope == Envelope(
        SENDER, ("dan@far.example", "eve@far.example"), asked, passed
    )


def test_forwarding_rewrites_the_sender_and_takes_bounces_back() -> None:
    srs = Srs("here.example", "secret")
    made = expansion({"fwd": ["dan@far.example"], "in": ["bob"]}, srs=srs)
    rewritten = srs.forward(SENDER, NOW)
    to = ("fwd@here.example", "in@here.example", "eve@far.example")
    asked = Envelope(SENDER, to[:1], (("ENVID", "7"),), ((("ORCPT", "rfc822;x"),),))
    forwarded, _ = made.expand(asked, NOW)
    assert forwarded[0].envelope == asked._replace(
        sender=rewritten, recipients=("dan@far.example",)
    )
    assert expanded(made, *to) == {
        rewritten: ("dan@far.example",),
        SENDER: ("bob@here.example", "eve@far.example"),
    }
    copies, others = made.expand(Envelope("", (rewritten,)), NOW)
    assert copies == [Copy(Envelope("", (SENDER,)), "")]
    assert others == [Expanded(rewritten, ((SENDER, ""),))]
    late, unknown = made.expand(Envelope("", (rewritten,)), NOW + 30 * 86_400)
    assert (late, unknown) == ([], [Expanded(rewritten, (), is_known=False)])
    own, _ = made.expand(Envelope("bob@here.example", ("fwd@here.example",)), NOW)
    assert own[0].envelope.sender == "bob@here.example", "it is of this domain already"
    bounce, _ = made.expand(Envelope("", ("fwd@here.example",)), NOW)
    assert bounce[0].envelope.sender == ""


def test_a_domain_of_its_own_for_rewritten_senders_is_not_rewritten_again() -> None:
    srs = Srs("srs.example", "secret")
    made = Expansion(Mailboxes(["here.example"]), {"fwd": ["dan@far.example"]}, {}, srs=srs)
    assert expanded(made, "fwd@here.example") == {srs.forward(SENDER, NOW): ("dan@far.example",)}
    own = srs.forward(SENDER, NOW)
    copies, _ = made.expand(Envelope(own, ("fwd@here.example",)), NOW)
    assert copies[0].envelope.sender == own


def test_who_is_accepted() -> None:
    srs = Srs("here.example", "secret")
    one = MailingList("news@here.example", ("bob@here.example",))
    accepted = Accepted(BOXES, [], expansion({"info": ["bob"]}, lists=[one], srs=srs))
    good, forged = srs.forward(SENDER, NOW), "SRS0=xxxx=2W=there.example=alice@here.example"
    known = {
        "bob@here.example": True, "info@here.example": True, "NEWS@here.example": True,
        "nobody@here.example": False, good: True, forged: False,
    }  # fmt: skip
    assert {address: accepted.exists(address) for address in known} == known


@pytest.mark.parametrize(
    ("one", "senders", "patterns"),
    [
        (
            MailingList("news@here.example", ("a@b",)),
            ["news-bounces@here.example"] * 2,
            ("news-bounces",),
        ),
        (
            MailingList("news@here.example", ("a@b",), "owner@here.example", "+="),
            ["owner@here.example"] * 2,
            ("owner", "owner+*"),
        ),
        (
            MailingList("news@here.example", ("a@b",), is_ezmlm=True),
            ["news-return-1@here.example", "news-return-2@here.example"],
            ("news-return-*",),
        ),
        (
            MailingList("news@here.example", ("a@b",), "owner@far.example", "+="),
            ["owner@far.example"] * 2,
            (),
        ),
    ],
)
def test_where_bounces_of_a_list_go(
    one: MailingList, senders: list[str], patterns: tuple[str, ...]
) -> None:
    assert [one.next_sender(), one.next_sender()] == senders
    assert one.bounce_patterns == patterns
    assert one.delimiters == ("-=" if "return" in senders[0] else one.delimiters)


def test_return_paths_that_name_the_recipient() -> None:
    assert verp_sender("list@a.example", "bob@b.example", "+=") == "list+bob=b.example@a.example"
    ezmlm = verp_sender("list-return-7@a.example", "bob@b.example", "-=")
    assert ezmlm == "list-return-7-bob=b.example@a.example"


def test_each_recipient_has_a_delivery_and_a_report_of_its_own() -> None:
    queue = QueueManager(Settings(), Routing({}), Fifo(Settings()))
    recipients = ("a@x", "b@x")
    message = VerpMessage("1", "list@h", recipients, Content(1, (), b"", b""), 0, "+=")
    queue.add(message, 0)
    entries = [queue.scheduler.pick(0), queue.scheduler.pick(0)]
    assert [entry.recipients for entry in entries if entry is not None] == [("a@x",), ("b@x",)]
    assert message.envelope(("b@x",), 0) == Envelope("list+b=x@h", ("b@x",))
    told = [Told(to, "", Reply(550)) for to in recipients]
    parts = message.by_sender(told)
    assert [part.sender for part, _ in parts] == ["list+a=x@h", "list+b=x@h"]
    assert [about for _, about in parts] == [[told[0]], [told[1]]]
    plain = QueuedMessage("1", "list@h", recipients, Content(1, (), b"", b""), 0)
    assert plain.by_sender(told) == [(plain, told)]


@pytest.mark.parametrize(
    ("recipient", "found"),
    [
        ("Info+News@here.example", "bob+News@here.example"),
        ("info+x@here.example", "dan@far.example"),
        ("sales-eu+x@here.example", "carol-eu+x@here.example"),
        ("full+x@here.example", "dan@far.example"),
        ("hand+x@here.example", "short@far.example"),
        ("x+y@moved.example", "x+y@far.example"),
        ("x+y@all.example", "bob@here.example"),
        ("root+cron@here.example", "bob@here.example"),
        ("+info@here.example", "+info@here.example"),
        ("postmaster+x@here.example", "bob@here.example"),
        ("owner-all@here.example", "eve@far.example"),
        ("all-request@here.example", "all-request@here.example"),
        ("all-x@here.example", "dan-x@far.example"),
        ("double-bounce@here.example", "double-bounce@here.example"),
    ],
)
def test_extensions_are_looked_up_and_then_handed_on(recipient: str, found: str) -> None:
    """The order of virtual(5), and ``propagate_unmatched_extensions = canonical, virtual``."""
    virtual = {
        "info@here.example": ["bob@here.example"],
        "info+x@here.example": ["dan@far.example"],
        "sales": ["carol"],
        "full+x": ["dan@far.example"],
        "full": ["eve@far.example"],
        "hand+x@here.example": ["short@far.example"],
        "@moved.example": ["@far.example"],
        "@all.example": ["bob@here.example"],
        "all@here.example": ["dan@far.example"],
        "owner@here.example": ["dan@far.example"],
        "double@here.example": ["dan@far.example"],
        "owner-all": ["eve@far.example"],
    }
    aliases = {"root": ["bob"], "postmaster": ["bob"]}
    made = expansion(virtual, aliases, delimiter="+-")
    assert expanded(made, recipient) == {SENDER: (found,)}


def test_the_owner_of_an_alias_with_an_extension() -> None:
    aliases = {"all": ["bob"], "owner-all": ["carol"]}
    made = expansion(aliases=aliases, delimiter="+")
    assert expanded(made, "all+x@here.example") == {"owner-all@here.example": ("bob@here.example",)}


def test_an_extension_is_the_users_own_business() -> None:
    boxes = Mailboxes(["here.example"], ["bob", "user*"], "+-")
    names = ("bob+x", "bob-", "bob", "postmaster+x", "user7+a+b", "bo+x", "+bob")
    found = [boxes.exists(f"{name}@here.example") for name in names]
    assert found == [True, True, True, True, True, False, False]
    assert not Mailboxes(["here.example"], ["bob"]).exists("bob+x@here.example")


names = st.sampled_from([f"n{i}" for i in range(6)] + ["dan@far.example"])
maps = st.dictionaries(names.filter(lambda n: "@" not in n), st.lists(names, max_size=4))


@given(maps, maps, st.lists(names, min_size=1, unique=True))
def test_expansion_ends_and_loses_nobody(virtual: Any, aliases: Any, to: list[str]) -> None:
    """Whatever the maps: it ends, no address comes twice from one sender for one recipient."""
    made = expansion(virtual, aliases)
    recipients = tuple(n if "@" in n else f"{n}@here.example" for n in to)
    copies, others = made.expand(Envelope(SENDER, recipients), NOW)
    delivered = {address for copy in copies for address in copy.envelope.recipients}
    replaced = {one.recipient for one in others}
    assert set(recipients) <= delivered | replaced
    assert {address for one in others for address, _ in one.members} <= delivered
    for one in others:
        assert len(set(one.members)) == len(one.members)
