"""Options of policies."""

from __future__ import annotations

import pytest

from mailsim.mta.policies._options import count_of, flag_of


@pytest.mark.parametrize("wrong", [True, -1, 1.5, "1"])
def test_counts(wrong: object) -> None:
    assert count_of(0) == 0
    with pytest.raises(ValueError, match="whole number"):
        count_of(wrong)


def test_flags() -> None:
    assert flag_of(True) is True
    with pytest.raises(ValueError, match="true or false"):
        flag_of("yes")
