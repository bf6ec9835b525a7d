"""Every code of the sheet means one thing, and dates mean what they say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.locks.port import CredentialKind
from backend.locks.ttlock_shapes import EKey, Passcode, instant, millis, refusal


@pytest.mark.parametrize("errcode", [1, -2012, -3002, -3003, -3035, -3036, -3037, 30006, 90000])
def test_asleep(errcode: int) -> None:
    assert refusal(errcode).asleep


@pytest.mark.parametrize(
    "errcode", [-1003, -2009, -2018, -2023, -2025, -3, -3007, -3008, -4043, 10007, 20002, 30007, 30008]
)
def test_a_person_s_business(errcode: int) -> None:
    assert not refusal(errcode).asleep


def test_dates_are_milliseconds_and_zero_is_none() -> None:
    at = datetime(2027, 9, 30, 15, 59, 59, tzinfo=UTC)
    assert (instant(millis(at)), instant(0)) == (at, None)


def test_what_is_permanent() -> None:
    code = Passcode(1, 2, 1_700_000_000_000, 1_800_000_000_000).credential()
    assert (code.kind, code.end) == (CredentialKind.PASSCODE, None)
    assert EKey(2, 0, 0).credential().end is None
    assert Passcode(1, 3, 0, 1_800_000_000_000).credential().end == instant(1_800_000_000_000)
