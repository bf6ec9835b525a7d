"""How long a door must open, and how long it may."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from dialogs import access
from dialogs.lease import Bill
from dialogs.money import yuan
from dialogs.policy import Policy
from dialogs.states import State
from tests.stories.story import LEASE, checking, paid, paying, reminded

POLICY = Policy()
END = LEASE.end


def test_what_the_lock_holds_is_the_old_term_until_a_read_back_says_more() -> None:
    renewal = reminded().renewal
    assert access.held_until(renewal, POLICY) == END
    later = replace(renewal, access_until=END + timedelta(days=9))
    assert access.held_until(later, POLICY) == END + timedelta(days=9)
    earlier = replace(renewal, access_until=END - timedelta(days=9))
    assert access.held_until(earlier, POLICY) == END


def test_a_new_term_opens_to_its_end_and_the_buffer() -> None:
    assert access.full_right(paid().renewal, POLICY) == date(2027, 10, 18)


def test_a_bridge_reaches_the_bills_due_day_and_its_grace() -> None:
    renewal = paying().renewal
    late_bill = replace(renewal, bill=Bill("B1", date(2026, 11, 2), yuan(3000)))
    assert access.bridge_until(late_bill, POLICY, date(2026, 9, 20)) == date(2026, 11, 9)
    assert access.bridge_until(renewal, POLICY, date(2026, 9, 20)) == END + timedelta(days=7)


def test_a_bridge_is_needed_from_three_days_before_the_end_on() -> None:
    renewal = replace(checking().renewal, access_until=END + timedelta(days=3))
    assert not access.bridge_needed(renewal, POLICY, END)
    assert access.bridge_needed(renewal, POLICY, END + timedelta(days=1))


def test_nobody_gets_more_than_their_right() -> None:
    undecided = reminded().renewal
    assert access.rightful_until(undecided, POLICY, date(2026, 10, 1)) == END + timedelta(days=7)
    assert access.rightful_until(paid().renewal, POLICY, date(2026, 10, 1)) == date(2027, 10, 18)
    gone = replace(undecided, state=State.MOVED_OUT)
    assert access.rightful_until(gone, POLICY, date(2026, 10, 20)) == END


def test_a_door_about_to_fall_shut_is_seen_a_day_before() -> None:
    renewal = reminded().renewal
    assert not access.falls_shut(renewal, POLICY, END - timedelta(days=2))
    assert access.falls_shut(renewal, POLICY, END - timedelta(days=1))
