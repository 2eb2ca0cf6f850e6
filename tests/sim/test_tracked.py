"""Messages under way: found by number, in order, and gone when they end."""

from __future__ import annotations

import random

from mailsim.sim.tracked import Tracked, UnderWay


def tracked(*recipients: str) -> Tracked:
    return Tracked("a@x", recipients, "news", 100, 5, "h")


def test_it_is_what_a_dictionary_would_be() -> None:
    known, under_way, draw = dict[int, Tracked](), UnderWay(), random.Random(1)
    for number in range(1, 1000):
        if draw.random() < 0.9:
            known[number] = tracked("b@y")
            under_way.put(number, known[number])
        for gone in draw.sample(sorted(known), min(len(known), draw.randrange(3))):
            del known[gone]
            under_way.remove(gone)
    assert list(under_way) == sorted(known.items())
    assert [under_way.get(n) for n in range(1100)] == [known.get(n) for n in range(1100)]
    for number in known:
        under_way.remove(number)
    assert list(under_way) == []


def test_one_recipient_or_several() -> None:
    one = tracked("b@y")
    one.attempted("b@y")
    assert one.has("b@y")
    assert not one.has("c@y")
    assert one.take("c@y") == -1
    assert one.open() == {"b@y": 1}
    assert one.take("b@y") == 1
    assert one.take("b@y") == -1
    assert one.open() == {}
    several = tracked("b@y", "c@y")
    several.attempted("c@y")
    assert several.has("b@y")
    assert several.take("d@y") == -1
    assert several.take("b@y") == 0
    assert several.open() == {"c@y": 1}


def test_a_further_recipient_keeps_the_attempts_of_the_first() -> None:
    one = tracked("b@y")
    one.attempted("b@y")
    one.add("c@y")
    one.attempted("c@y")
    one.attempted("c@y")
    assert one.open() == {"b@y": 1, "c@y": 2}
    assert one.take("b@y") == 1
    last = tracked("b@y")
    last.take("b@y")
    last.add("c@y")
    assert last.open() == {"c@y": 0}
