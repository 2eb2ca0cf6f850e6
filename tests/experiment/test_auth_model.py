"""Keys, certificates and policies that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"
MX = "hosts.mx.example.net"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{MX}.dkim={{example net: s1}}", "expected a domain, got 'example net'"),
        (f"{MX}.dkim={{example.net: s_1}}", "expected a DKIM selector such as s2026, got 's_1'"),
        (f"{MX}.certificate={{tlsa: [3 1 1]}}", "expected a TLSA record such as"),
        (f"{MX}.certificate={{names: [a b]}}", "expected a name such as"),
        (f"{MX}.mta_sts={{a b: {{mode: none, max_age: 1d}}}}", "expected a domain, got 'a b'"),
        (f"{MX}.mta_sts={{a.b: {{mode: enforce, max_age: 1d}}}}", "needs the names of exchangers"),
        (f"{MX}.mta_sts={{a.b: {{mode: none, max_age: 400d}}}}", "expected at most 31557600 s"),
        (
            f"{MX}.mta_sts={{a.b: {{mode: testing, mx: ['*.*'], max_age: 1d}}}}",
            "expected a name such as mx1.example.org or *.example.org, got '*.*'",
        ),
        (f"{MX}.postfix.smtp_tls_policy_maps={{a b: may}}", "expected a domain, .domain for"),
        (f"{MX}.postfix.smtp_tls_policy_maps={{a.b: dane_only}}", "dane-only"),
        ("dns.signed=[example.com]", "unknown zone 'example.com'"),
    ],
)
def test_bad_input(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(FIRST, [text])
    assert message in str(caught.value)


def test_a_signed_zone_below_one_that_is_not_cannot_be_validated(tmp_path: Path) -> None:
    text = FIRST.read_text(encoding="utf-8").replace("zones:", "zones:\n  org: ''")
    text = text.replace("dns: [", "dns: [org, ")
    path = tmp_path / "signed.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"the zone above it, org, is not signed"):
        load_scenario(path, ["dns.signed=[example.org]"])
    load_scenario(path, ["dns.signed=[Example.ORG., org]"])
