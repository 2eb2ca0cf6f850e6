"""Contents: values and octets are the same thing, and sizes are known beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import Content, Filler, Head, Received, new_content
from mailsim.message.trace import date_text, parse_date, parse_received

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-", min_size=1, max_size=20)
UNIX = st.integers(0, 4_000_000_000)
RECEIVED = st.builds(
    Received,
    WORD,
    WORD,
    WORD,
    WORD,
    st.sampled_from(["SMTP", "ESMTPSA"]),
    st.text("0123456789ABCDEF", min_size=1, max_size=10),
    st.one_of(st.just(""), st.builds("{}@{}".format, WORD, WORD)),
    UNIX,
)
HEAD = st.builds(
    Head,
    st.integers(0, 10**10 - 1),
    WORD,
    WORD,
    WORD,
    WORD,
    UNIX,
    st.sampled_from(["", "X: 1\r\n"]),
)
BODY = st.one_of(st.integers(2, 500), st.binary(max_size=40).map(lambda b: b + b"\r\n"))


@given(HEAD, BODY, st.lists(RECEIVED, max_size=4))
def test_octets_and_back(head: Head, body: int | bytes, hops: list[Received]) -> None:
    content = new_content(head, body)
    for hop in hops:
        content = content.with_received(hop)
    data = content.to_bytes()
    assert len(data) == content.size
    back = Content.from_bytes(data)
    assert back.to_bytes() == data
    if isinstance(body, int):
        assert back == content
    assert back.number == head.number
    assert [line.size for line in back.trace] == [len(line.text()) for line in reversed(hops)]


@given(st.binary(max_size=200))
def test_octets_from_elsewhere_are_kept(data: bytes) -> None:
    content = Content.from_bytes(data)
    assert content.to_bytes() == data
    assert content.size == len(data)
    assert content.number == 0


def test_a_date_that_is_none_makes_it_somebody_elses() -> None:
    head = Head(1, "h", "a@b", "c@d", "s", 0)
    data = new_content(head, 10).to_bytes().replace(b"Thu, 01 Jan 1970", b"Thu, 99 Jan 1970")
    assert Content.from_bytes(data).head == data
    line = Received("a", "b", "c", "d", "SMTP", "1", "", 0).text().replace("01 Jan", "99 Jan")
    assert parse_received(line + "rest") == ((), line + "rest")


def test_an_ipv6_address_bears_its_tag() -> None:
    line = Received("a", "b", "2001:db8::25", "d", "ESMTP", "1", "", 0)
    assert "(b [IPv6:2001:db8::25])" in line.text()
    assert line.size == len(line.text())
    assert parse_received(line.text() + "rest") == ((line,), "rest")
    for other in ("[IPv6:192.0.2.1]", "[2001:db8::25]"):
        text = line.text().replace("[IPv6:2001:db8::25]", other)
        assert parse_received(text) == ((), text), "not as we write it"


@pytest.mark.parametrize("size", range(2, 300))
def test_filler_is_whole_lines(size: int) -> None:
    data = Filler(size).to_bytes()
    assert len(data) == size
    assert data.endswith(b"\r\n")
    assert not data.startswith(b".")
    assert b"\n." not in data
    assert max(map(len, data.split(b"\r\n"))) < 998


def test_filler_has_room_for_its_line_end() -> None:
    with pytest.raises(ValueError, match="at least 2 octets, not 1"):
        Filler(1).to_bytes()


def test_dates() -> None:
    assert date_text(0) == "Thu, 01 Jan 1970 00:00:00 +0000"
    assert parse_date(date_text(1_800_000_000)) == 1_800_000_000


SUBJECT = new_content(Head(1, "h", "a@b", "c@d", "subject", 0), 10).to_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Thu, 01 Jan 1970", b"Fri, 01 Jan 1970"),
        (b"Thu, 01 Jan 1970", b"thu, 01 jan 1970"),
        (b"0000000001", "\u0660".encode() * 10),
        (b"subject", b"\xff"),
        (b"\r\n\r\n", b"\r\nX: a\nb\r\n\r\n"),
        (b"\r\n\r\n", b"\r\n.X: a\r\n\r\n"),
    ],
)
def test_a_header_that_we_would_write_otherwise_is_kept_as_octets(old: bytes, new: bytes) -> None:
    data = SUBJECT.replace(old, new, 1)
    content = Content.from_bytes(data)
    assert content.head == data
    assert content.to_bytes() == data


def test_further_header_lines_are_part_of_ours() -> None:
    data = SUBJECT.replace(b"\r\n\r\n", "\r\nX: ü\r\n\r\n".encode(), 1)
    content = Content.from_bytes(data)
    assert isinstance(content.head, Head)
    assert content.head.extra == "X: ü\r\n"
    assert content.to_bytes() == data
    assert not content.is_header_ascii


@given(st.sampled_from([SUBJECT]), st.integers(0, 150), st.binary(min_size=1, max_size=2))
def test_one_octet_off_is_kept_too(data: bytes, position: int, new: bytes) -> None:
    changed = data[:position] + new + data[position + 1 :]
    content = Content.from_bytes(changed)
    assert content.to_bytes() == changed
    assert content.size == len(changed)


@pytest.mark.parametrize(
    ("data", "is_seven_bit", "is_header_ascii"),
    [
        (b"A: x\r\n\r\nx\r\n", True, True),
        (b"A: x\r\n\r\n\xe4\r\n", False, True),
        (b"A: \xe4\r\n\r\nx\r\n", False, False),
        (b"\xe4", False, False),
    ],
)
def test_octets_above_127(data: bytes, is_seven_bit: bool, is_header_ascii: bool) -> None:
    content = Content.from_bytes(data)
    assert (content.is_seven_bit, content.is_header_ascii) == (is_seven_bit, is_header_ascii)


def test_octets_above_127_in_a_body_under_a_header_of_ours() -> None:
    head = Head(1, "h", "a@b", "c@d", "s", 0)
    assert not new_content(head, b"\xe4\r\n").is_seven_bit
    assert new_content(head, 10).is_seven_bit


@pytest.mark.row("R-07")
def test_received_lines_are_counted_whoever_wrote_them() -> None:
    line = Received("a", "b", "c", "d", "SMTP", "1", "", 0)
    ours = new_content(Head(1, "h", "a@b", "c@d", "s", 0), 10)
    assert ours.with_received(line).with_received(line).n_received == 2
    data = b"Received: by x\r\nSubject: received:\r\nRECEIVED: by y\r\n\r\nReceived: z\r\n"
    assert Content.from_bytes(data).with_received(line).n_received == 3


def test_one_more_header_line() -> None:
    """Ours stays ours; whatever else it is, the line goes on top."""
    ours = new_content(Head(1, "h.example", "a@x.example", "b@y.example", "Hello", 0), 100)
    tagged = ours.with_header("X-Spam-Flag: YES")
    assert tagged.size == ours.size + len("X-Spam-Flag: YES\r\n") == len(tagged.to_bytes())
    assert Content.from_bytes(tagged.to_bytes()) == tagged
    assert b"X-Spam-Flag: YES\r\n\r\n" in tagged.to_bytes()
    other = Content.from_bytes(b"Subject: x\r\n\r\nHello.\r\n").with_header("X-A: b")
    assert other.to_bytes().startswith(b"X-A: b\r\nSubject: x\r\n")
    assert other.size == len(other.to_bytes())


def test_bodies_of_one_size_are_one_as_long_as_sizes_are_few() -> None:
    head = Head(1, "h", "a@x", "b@y", "s", 0)
    kept = new_content(head, 10)
    assert new_content(head, 10).body is kept.body
    sizes = range(11, 2_000)
    assert [new_content(head, size).body for size in sizes] == [Filler(size) for size in sizes]
    assert new_content(head, 10).body == kept.body
