"""What the tenant saw is what is signed: the hash moves with every term, and the sums are the steps' own."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec import json
from msgspec.structs import fields, replace

from dialogs.money import yuan
from dialogs.offer import Offer, Proposal, RentStep
from tests.stories.story import MORNING

LADDER = Proposal(
    id="ladder",
    number=3,
    steps=(RentStep(12, yuan(3000)), RentStep(12, yuan(3060)), RentStep(12, yuan(3120))),
    start=date(2026, 10, 17),
    end=date(2029, 10, 16),
    deposit=yuan(3000),
    break_after_months=12,
    reason="price_ladder",
)
CHANGES = {
    "id": "keep",
    "number": 1,
    "steps": (RentStep(36, yuan(3000)),),
    "start": date(2026, 10, 18),
    "end": date(2029, 10, 15),
    "deposit": yuan(3001),
    "pay_cycle_months": 3,
    "gift": "gift_service",
    "gift_value": yuan(600),
    "break_after_months": None,
    "reason": "price_kept",
}


def test_every_term_is_changed_below() -> None:
    assert set(CHANGES) == {one.name for one in fields(Proposal)}


@pytest.mark.parametrize("term", CHANGES)
def test_the_hash_moves_with_every_term(term: str) -> None:
    assert replace(LADDER, **{term: CHANGES[term]}).terms_hash != LADDER.terms_hash


def test_the_hash_is_sixteen_digits_and_survives_being_stored() -> None:
    stored = json.decode(json.encode(LADDER), type=Proposal)
    assert stored.terms_hash == LADDER.terms_hash
    assert len(LADDER.terms_hash) == 16
    assert int(LADDER.terms_hash, 16) >= 0


def test_the_sums_are_those_of_the_steps() -> None:
    assert (LADDER.months, LADDER.first_rent) == (36, yuan(3000))
    assert LADDER.total == yuan(12 * (3000 + 3060 + 3120))
    assert LADDER.net_monthly == yuan(3060)
    assert replace(LADDER, gift_value=yuan(720)).net_monthly == yuan(3040)


def test_a_proposal_is_found_by_its_name_or_by_the_number_that_was_shown() -> None:
    offer = Offer(1, (LADDER,), MORNING)
    assert offer.find("ladder") is offer.numbered(3) is LADDER
    assert offer.find("keep") is offer.numbered(1) is None
