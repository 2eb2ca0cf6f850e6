"""A host signs mail of the authors that it has keys for."""

from __future__ import annotations

from mailsim.message import Head, new_content
from mailsim.mta.auth.dkim import signatures_of
from mailsim.mta.auth.signer import Signer


def test_it_signs_for_the_domains_it_has_keys_of() -> None:
    signer = Signer({"Example.org": "s1"})
    ours = new_content(Head(1, "mx", "a@example.ORG", "b@y", "hello", 0), 100)
    theirs = new_content(Head(1, "mx", "a@www.example.org", "b@y", "hello", 0), 100)
    (signature,) = signatures_of(signer.signed(ours))
    assert signature[:2] == ("example.org", "s1")
    assert signer.signed(theirs) == theirs
