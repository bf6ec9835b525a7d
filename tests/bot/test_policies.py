"""Policies: a renewal keeps the version it began with; a version nobody published is refused."""

from __future__ import annotations

import pytest

from bot.policies import Policies
from dialogs.policy import Policy

PUBLISHED = Policies({("yuju", 2): Policy(version=2, window_days=60), ("yuju", 3): Policy(version=3, window_days=30)})


def test_an_operator_without_a_policy_of_its_own_has_the_default() -> None:
    assert Policies().current("anybody") == Policy()
    assert Policies().get("anybody", Policy().version) == Policy()


def test_the_newest_counts_for_new_renewals_and_the_old_ones_keep_theirs() -> None:
    assert PUBLISHED.current("yuju").version == 3
    assert PUBLISHED.get("yuju", 2).window_days == 60
    assert PUBLISHED.get("yuju", 1) == Policy(), "a renewal from before the first publication"


def test_an_operator_never_gets_anothers() -> None:
    assert PUBLISHED.current("other") == Policy()
    with pytest.raises(LookupError, match=r"operator 'other' has no policy version 2"):
        PUBLISHED.get("other", 2)


def test_a_version_nobody_published_is_refused() -> None:
    with pytest.raises(LookupError, match="no policy version 9"):
        PUBLISHED.get("yuju", 9)
