"""What is wrong with the zones of a scenario, each at its line of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario

SCENARIO = """\
mailsim: 1
duration: 1min
zones:
  example.org: |
    @    3600 IN MX 10 mx
    mx   3600 IN A 192.0.2.25
{zones}
hosts:
  mx.example.org: {{mailboxes: ["user*"], dns: {origins}}}
  office.example.org: {{clients: {{submit_to: mx.example.org, port: 25}}}}
network: {{topology: star, center: ix}}
traffic:
  test: {{from: a@example.org, to: {to}, arrivals: {{every: 10s}}}}
"""


def load(tmp_path: Path, zones: str, *origins: str, to: str = "example.org") -> ms.Experiment:
    path = tmp_path / "s.yaml"
    text = SCENARIO.format(zones=zones, origins=["example.org", *origins], to=to)
    path.write_text(text, encoding="utf-8")
    return ms.Experiment(load_scenario(path))


def errors(tmp_path: Path, zones: str, *origins: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, zones, *origins)
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    return [line for line in lines if line.startswith("s.yaml")]


def test_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    zones = "  example.net: |\n    ; ours\n    www A 192.0.2.1\n    mx A 192.0.2\n"
    (found,) = errors(tmp_path, zones, "example.net")
    assert found.startswith("s.yaml:10:5: zone example.net, line 3: ")


@pytest.mark.parametrize("text", ['"www A 192.0.2.1\\nmx A 192.0.2\\n"', "'mx A 192.0.2'"])
def test_a_zone_in_quotes_stands_where_it_begins(tmp_path: Path, text: str) -> None:
    (found,) = errors(tmp_path, f"  example.net: {text}", "example.net")
    line = text.count("\\n") or 1
    assert found.startswith(f"s.yaml:7:16: zone example.net, line {line}: ")


def test_an_alias_in_circles(tmp_path: Path) -> None:
    zones = (
        "  a.example: |\n    www A 192.0.2.1\n    x CNAME y.b.example.\n"
        "  b.example: |\n    y CNAME x.a.example.\n"
    )
    assert errors(tmp_path, zones, "a.example", "b.example") == [
        "s.yaml:9:5: CNAME loop: x.a.example -> y.b.example -> x.a.example"
    ]


@pytest.mark.row("D-12")
def test_delegations_in_circles(tmp_path: Path) -> None:
    zones = (
        '  ".": |\n    org NS ns.org.\n    ns.org A 192.0.2.1\n'
        "    a.example NS ns.b.example.\n    b.example NS ns.a.example.\n"
    )
    found = errors(tmp_path, zones, ".")
    assert [line.split(": ")[:2] for line in found] == [
        ["s.yaml:10:5", "delegation loop"],
        ["s.yaml:11:5", "delegation loop"],
    ]


@pytest.mark.row("R-02")
def test_an_exchanger_must_not_be_an_alias(tmp_path: Path) -> None:
    zones = "  example.net: |\n    @ MX 10 mail\n    mail CNAME mx.example.org.\n"
    (found,) = errors(tmp_path, zones, "example.net")
    assert found == (
        "s.yaml:8:5: the MX of example.net points to mail.example.net, which is an alias; expected "
        "the name of a host (RFC 2181 section 10.3); did you mean 'mx.example.org'?"
    )


def test_a_null_mx_stands_alone(tmp_path: Path) -> None:
    zones = "  example.net: |\n    @ MX 10 mx.example.org.\n    @ MX 0 .\n    no MX 0 .\n"
    (found,) = errors(tmp_path, zones, "example.net")
    assert found == (
        "s.yaml:9:5: example.net has a null MX, which says that it takes no mail, and another MX; "
        "expected either (RFC 7505 section 3)"
    )


def test_an_unknown_exchanger_is_found_at_its_own_line(tmp_path: Path) -> None:
    zones = "  example.net: |\n    @ MX 10 mx.example.org.\n      MX (\n      20 mail )\n"
    (found,) = errors(tmp_path, zones, "example.net")
    assert found.startswith("s.yaml:9:7: the MX of example.net points to mail.example.net")


def test_an_alias_of_a_mail_domain_is_one(tmp_path: Path) -> None:
    """RFC 5321 section 5.1: the MX lookup follows a CNAME."""
    zones = "  example.net: |\n    news CNAME example.org.\n"
    scenario = load(tmp_path, zones, "example.net", to="news.example.net").scenario
    directory = scenario.directory
    assert directory.final_domains("mx.example.org") == ("example.org", "news.example.net")
    assert directory.canonical("news.example.net") == "example.org"


def test_the_root_may_be_there(tmp_path: Path) -> None:
    zones = '  ".": "org NS mx.example.org.\\nmx.example.org A 192.0.2.25"\n'
    directory = load(tmp_path, zones, ".").scenario.directory
    assert directory.addresses["mx.example.org"] == ["192.0.2.25"], "glue is no second address"


def test_an_exchanger_with_an_ipv6_address_only(tmp_path: Path) -> None:
    zones = (
        "  example.net: |\n    @ MX 10 six\n    six AAAA 2001:db8::25\n"
        "  mx.example.org: |\n    @ A 192.0.2.25\n    @ AAAA 2001:db8::25\n"
    )
    directory = load(tmp_path, zones, "example.net", "mx.example.org").scenario.directory
    assert directory.is_mail_domain("six.example.net"), "an implicit MX"
    assert directory.host_of("six.example.net") == "mx.example.org"
    assert directory.all_addresses("six.example.net") == ["2001:db8::25"]
