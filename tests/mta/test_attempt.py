"""One attempt: who is settled, and who goes on to the next server."""

from __future__ import annotations

import pytest

from mailsim.message import Content
from mailsim.mta.attempt import Attempt, as_temporary
from mailsim.mta.queue import Entry
from mailsim.mta.queued import QueuedMessage
from mailsim.smtp import Reply

OK, LATER, NEVER = Reply(250), Reply(450), Reply(550)
OURS = Reply(550, ("REQUIRETLS support required",), "5.7.30", is_ours=True)


def attempt(*recipients: str) -> Attempt[str]:
    message = QueuedMessage("1", "a@x", recipients, Content(0, (), b"", b""), 0)
    return Attempt(Entry(message, "y", recipients, 0))


def test_one_recipient_taken_is_all() -> None:
    made = attempt("1@y")
    made.take(("1@y",), [OK], "mx1", 5)
    assert made.left == ()
    assert not made.goes_on
    assert [(o.reply, o.via, o.at_ns) for o in made.outcomes] == [(OK, "mx1", 5)]


def test_who_is_put_off_goes_on_until_the_last_server() -> None:
    made = attempt("1@y", "2@y", "3@y")
    made.take(("1@y", "2@y", "3@y"), [OK, LATER, NEVER], "mx1", 5)
    made.n_sessions = 1
    assert made.left == ("2@y",)
    assert made.goes_on
    made.take(("2@y",), [LATER], "mx2", 9)
    made.n_sessions = 2
    assert not made.goes_on
    assert [o.reply for o in made.outcomes] == [OK, LATER, NEVER]
    assert [o.via for o in made.outcomes] == ["mx1", "mx2", "mx1"]


def test_what_we_refuse_ourselves_another_server_may_allow() -> None:
    made = attempt("1@y")
    made.take(("1@y",), [OURS], "mx1", 5)
    assert made.left == ("1@y",)


@pytest.mark.parametrize(("reply", "left"), [(LATER, ("2@y",)), (OURS, ())])
def test_where_no_server_is_left_the_rest_get_one_reply(
    reply: Reply, left: tuple[str, ...]
) -> None:
    made = attempt("1@y", "2@y")
    made.take(("1@y",), [OK], "mx1", 5)
    assert made.left == ("2@y",)
    made.end(reply, 7)
    assert made.outcomes[1] == (reply, None, 7)
    assert made.left == left


def test_what_a_refusal_before_mail_amounts_to() -> None:
    gone = Reply(554, ("go away",), "5.7.1")
    text = "host mx[1] refused to talk to me: 554 5.7.1 go away"
    assert as_temporary(gone, "mx[1]") == Reply(450, (text,), "4.7.1")
    busy = as_temporary(Reply(421, ("busy",)), "mx[1]")
    assert (busy.code, busy.enhanced) == (421, "4.3.0")
    assert as_temporary(OURS, "mx[1]") is OURS
    for code in ("4.4.2", "4.7.5"):
        own = Reply(450, ("no",), code, is_ours=True)
        assert as_temporary(own, "mx[1]") is own
    assert as_temporary(Reply(450, ("no",), "4.7.5"), "mx[1]").text.startswith("4.7.5 host mx[1]")
