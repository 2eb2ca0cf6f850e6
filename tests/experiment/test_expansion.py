"""Aliases, lists and rewritten senders that cannot be meant: errors with positions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import routed
import yaml

from mailsim.experiment.check import load_scenario

MX1 = "mx1.example.net"
SRS = {"domain": "example.net", "secret": "x"}


def virtual(**maps: Any) -> dict[str, Any]:
    return {"postfix": {"virtual_alias_maps": maps}}


def aliases(**maps: Any) -> dict[str, Any]:
    return {"postfix": {"alias_maps": maps}}


def one(**keys: Any) -> dict[str, Any]:
    return {"lists": {"news@example.net": {"members": ["bob@example.com"], **keys}}}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (
            aliases(a="b", b="c, a", c="c, carol@example.com"),
            "b | alias a expands to itself: a@example.net -> b@example.net -> a@example.net",
        ),
        (aliases(a=[]), "[] | alias a: expected addresses, got none"),
        (
            aliases(**{"a@example.net": "bob"}),
            (
                "a@example.net: bob | expected a local part as alias, got "
                "'a@example.net': addresses "
                "are for virtual_alias_maps"
            ),
        ),
        (
            virtual(**{"a@b@c": "bob"}),
            "a@b@c: bob | expected an address, @domain or a local part as alias, got 'a@b@c'",
        ),
        (aliases(a="b<c>"), "b<c> | 'b<c>' is no mail address"),
        (
            aliases(a="bob@exampel.com"),
            (
                "bob@exampel.com | members of the unknown domain 'exampel.com': no "
                "zone has its MX; did "
                "you mean 'example.com'?"
            ),
        ),
        (
            {"lists": {"news@example.net": {"members": []}}},
            "[] | expected members: addresses, or how many of each domain, got []",
        ),
        (
            {"lists": {"news@example.net": {}}},
            "news@example.net: {} | the key 'members' is missing",
        ),
        (
            {"lists": {"news": {"members": ["bob@example.com"]}}},
            "news: | expected the address of a list, got 'news'",
        ),
        (
            {"lists": {"news@example.com": {"members": ["bob@example.com"]}}},
            (
                "news@example.com: | list news@example.com: mail for example.com does not end at "
                "mx1.example.net; did you mean 'example.net'?"
            ),
        ),
        (
            one(members={"exampel.com": 3}),
            (
                "exampel.com: 3 | members of the unknown domain 'exampel.com': no zone "
                "has its MX; did "
                "you mean 'example.com'?"
            ),
        ),
        (one(members=["bob"]), "bob | 'bob' is no mail address"),
        (one(sender="news"), "news | 'news' is no mail address"),
        (
            one(verp="ezmlm", sender="news@example.net"),
            "news@example.net | contradicts verp: ezmlm makes its own senders, news-return-NUMBER",
        ),
        (
            one(verp="a="),
            "a= | expected yes, no, ezmlm or two delimiters out of -=+, got 'a='",
        ),
        (
            one(verp="-=") | {"postfix": {"recipient_delimiter": "+"}},
            (
                "-= | delimiters -= contradict recipient_delimiter +: at this host '-' "
                "does not part a "
                "local part from its extension"
            ),
        ),
        (
            {"postfix": {"default_verp_delimiters": "+"}},
            "+ | expected two delimiters out of -=+, such as +=, got '+'",
        ),
        (
            one() | aliases(news="bob"),
            "news@example.net: | news@example.net is an alias, too; expected one of them",
        ),
        (
            {"srs": SRS | {"domain": "example.com"}},
            (
                "example.com | mail for 'example.com' does not end at mx1.example.net: "
                "no bounce would "
                "come back; did you mean 'example.net'?"
            ),
        ),
        (
            {"postfix": {"alias_maps": {"all": ["bob"], "All": ["carol"]}}},
            "All: | All is the same as all before; expected one of them",
        ),
        ({"srs": SRS | {"secret": ""}}, "'' | expected a secret, got ''"),
        ({"srs": {"domain": "example.net"}}, "srs: | the key 'secret' is missing"),
        (
            {"postfix": {"virtual_alias_map": {}}},
            (
                "virtual_alias_map: {} | unknown key 'virtual_alias_map'; did you mean "
                "'virtual_alias_maps'?"
            ),
        ),
    ],
)
def test_errors(tmp_path: Path, host: dict[str, Any], expected: str) -> None:
    assert routed.errors(tmp_path, {MX1: host}) == [expected]


def test_a_copy_for_oneself_is_no_circle(tmp_path: Path) -> None:
    host = aliases(bob="bob, carol@example.com", **{"owner-bob": "bob"}, carol="carol")
    load_scenario(routed.write(tmp_path, {MX1: host}))


def test_an_address_kept_out_of_a_catch_all_is_no_circle(tmp_path: Path) -> None:
    """virtual(5): who leads to himself is final, and so is who the catch-all leads to."""
    names = ("bob@example.net", "dave@example.net", "rest@example.net")
    host = virtual(**{"bob@example.net": "bob@example.net", "@example.net": "rest@example.net"})
    result = routed.run(tmp_path, {MX1: host}, traffic=routed.to(*names))
    assert routed.fates(result) == {
        "bob@example.net": ("delivered", MX1, 2),
        "dave@example.net": ("expanded", MX1, 2),
        "rest@example.net": ("delivered", MX1, 2),
    }


def test_lists_and_senders_of_all_kinds(tmp_path: Path) -> None:
    kinds: list[dict[str, Any]] = [
        {"verp": False}, {"verp": "no"}, {"verp": True}, {"verp": "yes"}, {"verp": "ezmlm"},
        {"verp": "-="}, {"sender": "owner@example.com"}, {"members": "bob@example.com"},
    ]  # fmt: skip
    lists = {f"l{i}@example.net": {"members": ["a@example.com"]} | k for i, k in enumerate(kinds)}
    scenario = load_scenario(routed.write(tmp_path, {MX1: {"lists": lists, "srs": SRS}}))
    verps = [one.verp for one in scenario.hosts[MX1].lists.values()]
    assert verps == ["no", "no", "yes", "yes", "ezmlm", "-=", "no", "no"]


def test_what_is_resolved_reads_the_same_again(tmp_path: Path) -> None:
    postfix = {
        "transport_maps": {".example.net": ":"}, "relay_domains": "example.com",
        "alias_maps": {"a": "bob, carol@example.com"}, "default_verp_delimiters": "-+",
    }  # fmt: skip
    host = one(members={"example.com": 3}, verp=True) | {"postfix": postfix, "srs": SRS}
    first = load_scenario(routed.write(tmp_path, {MX1: host}))
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(first.resolved()), encoding="utf-8")
    assert load_scenario(path).resolved() == first.resolved()
