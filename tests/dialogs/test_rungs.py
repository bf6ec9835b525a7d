"""Which ways are open: what closes each rung, and that only those the operator wants are taken, in that order."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dialogs.rungs import RECEIPTED, WECHAT, Contact, Rung, is_open, open_rungs

EVERY_WAY = Contact(wechat=True, followed=True, consents=1, phone=True)
ORDER = (Rung.TEMPLATE, Rung.SUBSCRIBED, Rung.WINDOW, Rung.SMS)


def test_with_every_way_open_all_rungs_are_there_in_the_operators_order() -> None:
    assert open_rungs(ORDER, EVERY_WAY, (), spare=1) == ORDER
    assert open_rungs(ORDER[::-1], EVERY_WAY, (), spare=1) == ORDER[::-1]
    assert open_rungs((Rung.SMS,), EVERY_WAY, (), spare=1) == (Rung.SMS,)


@pytest.mark.parametrize(
    ("change", "spare", "closed"),
    [
        ({"wechat": False}, 1, WECHAT),
        ({"refuses_wechat": True}, 1, WECHAT),
        ({"followed": False}, 1, {Rung.TEMPLATE}),
        ({"consents": 0}, 1, {Rung.SUBSCRIBED}),
        ({}, 0, {Rung.WINDOW}),
        ({"phone": False}, 1, {Rung.SMS}),
        ({"phone_dead": True}, 1, {Rung.SMS}),
        ({"refuses_sms": True}, 1, {Rung.SMS}),
    ],
)
def test_each_fact_closes_its_own_rungs(change: dict[str, object], spare: int, closed: set[Rung]) -> None:
    contact = replace(EVERY_WAY, **change)
    assert set(ORDER) - set(open_rungs(ORDER, contact, (), spare)) == closed
    assert {rung for rung in ORDER if not is_open(rung, contact, spare)} == closed


@pytest.mark.parametrize("tried", ORDER)
def test_no_rung_is_tried_twice_for_one_message(tried: Rung) -> None:
    assert tried not in open_rungs(ORDER, EVERY_WAY, (tried.value,), spare=1)


def test_an_openid_is_no_way_without_a_follow_a_consent_or_a_word() -> None:
    only_bound = Contact(wechat=True)
    assert not only_bound.reachable
    assert replace(only_bound, followed=True).reachable
    assert replace(only_bound, consents=1).reachable
    assert open_rungs(ORDER, only_bound, (), spare=2) == (Rung.WINDOW,)


def test_only_what_has_receipts_is_waited_for() -> None:
    assert Rung.WINDOW not in RECEIPTED
    assert set(ORDER) - RECEIPTED == {Rung.WINDOW}
