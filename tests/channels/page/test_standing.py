"""What a renewal looks like to its tenant, in every state."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from channels.page.standing import Doors, page_view
from channels.page.view import Stage, mask_name, mask_room
from dialogs.lease import Unit
from dialogs.money import yuan
from dialogs.renewal import Owner
from dialogs.states import State
from tests.journeys.samples import BILL, NAME, TODAY, lease, renewal


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_page_that_names_nobody(state: State) -> None:
    view = page_view(renewal(state), NAME, TODAY)
    everything = msgspec.json.encode(view).decode()
    assert NAME not in everything
    assert "1201" not in everything
    assert "YJ-2025-0812" not in everything
    assert view.days_left == 30


def test_masks_keep_enough_to_know_ones_own() -> None:
    assert (mask_name(NAME), mask_name("A"), mask_name("")) == ("陈*", "A*", "")
    assert (mask_room("1201"), mask_room("A"), mask_room("12-301")) == ("12**", "*", "12-***")


def test_cards_carry_hash_and_deposit_due() -> None:
    view = page_view(renewal(), NAME, TODAY)
    assert [card.proposal.number for card in view.cards] == [1, 2, 3]
    assert all(card.terms_hash == card.proposal.terms_hash for card in view.cards)
    assert all(card.deposit_today == yuan(200) for card in view.cards)
    assert [card.changing for card in view.cards] == [False, False, True]


def test_the_checked_deposit_counts_more_than_the_ledgers() -> None:
    checked = renewal(State.GATED, deposit_held=yuan(1000), bills=(BILL,))
    view = page_view(checked, NAME, TODAY)
    assert (view.stage, view.deposit_short, view.owed) == (Stage.PAY_FIRST, yuan(2200), (BILL,))


def test_more_deposit_than_needed_is_not_owed_backwards() -> None:
    rich = renewal(lease=lease(deposit_held=yuan(5000)))
    assert page_view(rich, NAME, TODAY).cards[0].deposit_today == 0


def test_after_the_pivot_the_top_up_is_in_the_bill() -> None:
    view = page_view(renewal(State.PAYING, bill=BILL), NAME, TODAY)
    assert view.chosen is not None
    assert view.chosen.deposit_today == 0


def test_the_picked_proposal_is_asked_about_and_the_accepted_one_stays() -> None:
    picked = page_view(renewal(State.CONFIRMING), NAME, TODAY).chosen
    signed = page_view(renewal(State.RENEWED, offer=None), NAME, TODAY).chosen
    assert picked is not None
    assert signed is not None
    assert picked.proposal == signed.proposal


def test_without_an_offer_there_is_nothing_to_choose() -> None:
    view = page_view(renewal(State.REMINDED, offer=None), NAME, TODAY)
    assert (view.stage, view.cards, view.seen) == (Stage.PREPARING, (), True)


def test_a_shown_offer_is_seen() -> None:
    before = renewal()
    assert before.offer is not None
    shown = renewal(offer=msgspec.structs.replace(before.offer, shown=True))
    assert (page_view(before, NAME, TODAY).seen, page_view(shown, NAME, TODAY).seen) == (False, True)


def test_a_person_in_the_thread_is_said_so() -> None:
    assert page_view(renewal(owner=Owner("h-1", 3)), NAME, TODAY).owned


def test_doors_are_passed_on() -> None:
    doors = Doors("https://sign.test/1", date(2026, 9, 20), "https://pay.test/1", {"package": "prepay_id=1"})
    view = page_view(renewal(State.AWAITING_SIGNATURE), NAME, TODAY, doors, "管家小林")
    assert (view.sign_link, view.sign_by) == (doors.sign_link, doors.sign_by)
    assert (view.pay_link, view.pay_sheet, view.housekeeper) == (doors.pay_link, doors.pay_sheet, "管家小林")


def test_a_short_room_is_hidden_whole() -> None:
    tiny = renewal(lease=lease(unit=Unit("里弄", "", "7", "开间")))
    assert page_view(tiny, NAME, TODAY).room == "*"
