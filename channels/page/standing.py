"""Where a renewal stands, as its tenant sees it: the row and a few doors of partners become one page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from dialogs.money import ZERO, Fen
from dialogs.offer import Proposal
from dialogs.paper import KeyClause
from dialogs.renewal import Renewal
from dialogs.states import AFTER_PIVOT, State
from dialogs.workdays import day_of

from .view import Card, Deduction, PageView, Stage, mask_name, mask_room

_STAGES: dict[State, Stage] = {
    State.OPENED: Stage.PREPARING,
    State.HAND_PRICING: Stage.PREPARING,
    State.REMINDED: Stage.OFFERS,
    State.OFFERED: Stage.OFFERS,
    State.HESITATING: Stage.OFFERS,
    State.UNREACHABLE: Stage.OFFERS,
    State.NEGOTIATING: Stage.OFFERS,
    State.CONFIRMING: Stage.CONFIRM,
    State.CHECKING: Stage.CHECKING,
    State.GATED: Stage.PAY_FIRST,
    State.DISPUTED: Stage.TALKING,
    State.MONEY_TROUBLE: Stage.TALKING,
    State.AWAITING_SIGNATURE: Stage.SIGN,
    State.BILLING: Stage.DOOR,
    State.PAYING: Stage.PAY,
    State.EXTENDING: Stage.DOOR,
    State.ON_HOLD: Stage.TALKING,
    State.MOVING_OUT: Stage.LEAVING,
    State.LAPSED: Stage.TALKING,
    State.HOLDOVER: Stage.ENDED,
    State.RENEWED: Stage.DONE,
    State.MOVED_OUT: Stage.ENDED,
}


class Doors(msgspec.Struct, frozen=True):
    """Where this tenant can sign and pay right now; empty where there is nothing to do."""

    sign_link: str = ""
    sign_by: date | None = None
    way: str = ""
    """Who takes the open order."""
    other_ways: tuple[str, ...] = ()
    changing_to: str = ""
    pay_link: str = ""
    pay_sheet: Mapping[str, str] = {}
    mandate_links: Mapping[str, str] = {}


def page_view(renewal: Renewal, name: str, today: date, doors: Doors | None = None, housekeeper: str = "") -> PageView:
    """``name`` in clear (it is masked here), ``today`` the Shanghai date."""
    lease, offer, doors = renewal.lease, renewal.offer, doors or Doors()
    chosen = _chosen(renewal)
    return PageView(
        stage=_stage(renewal),
        state=renewal.state,
        name=mask_name(name),
        community=lease.unit.community,
        room=lease.unit.building + mask_room(lease.unit.room),
        rent=lease.rent,
        end=lease.end,
        days_left=(lease.end - today).days,
        housekeeper=housekeeper,
        owned=renewal.owner.person is not None,
        seen=offer is None or offer.shown,
        offer=offer.version if offer else 0,
        expires_at=offer.expires_at if offer else None,
        cards=tuple(_card(renewal, one) for one in offer.proposals) if offer else (),
        chosen=_card(renewal, chosen) if chosen else None,
        owed=renewal.bills,
        deposit_short=_deposit_short(renewal, chosen.deposit if chosen else lease.deposit_due),
        clauses=tuple((one, one.value in renewal.clauses_read) for one in KeyClause),
        cycle=lease.pay_cycle_months,
        held=_held(renewal),
        sign_link=doors.sign_link,
        sign_by=doors.sign_by,
        signed=len(renewal.signed_by),
        signers=len(lease.parties),
        bill=renewal.bill,
        way=doors.way,
        other_ways=doors.other_ways,
        changing_to=doors.changing_to,
        pay_link=doors.pay_link,
        pay_sheet=doors.pay_sheet,
        mandate_links=doors.mandate_links,
        deduction=_deduction(renewal),
        relet=renewal.relet,
    )


def _deduction(renewal: Renewal) -> Deduction | None:
    payment = renewal.payment
    if renewal.state is not State.PAYING or not payment.mandate or payment.open is None:
        return None
    return Deduction(None if payment.opens is None else day_of(payment.opens))


def _stage(renewal: Renewal) -> Stage:
    stage = _STAGES[renewal.state]
    return Stage.PREPARING if stage is Stage.OFFERS and renewal.offer is None else stage


def _chosen(renewal: Renewal) -> Proposal | None:
    if renewal.accepted is not None:
        return renewal.accepted
    return renewal.offer.find(renewal.chosen) if renewal.offer and renewal.chosen else None


def _card(renewal: Renewal, proposal: Proposal) -> Card:
    """After the pivot the top-up is part of the first bill, so nothing is owed beside it."""
    short = ZERO if renewal.state in AFTER_PIVOT else _deposit_short(renewal, proposal.deposit)
    return Card(proposal, proposal.terms_hash, short)


def all_read(renewal: Renewal) -> bool:
    """Has the tenant confirmed each key clause? Only then the way to sign opens."""
    return set(KeyClause) <= set(renewal.clauses_read)


def _held(renewal: Renewal) -> Fen:
    return renewal.lease.deposit_held if renewal.deposit_held is None else renewal.deposit_held


def _deposit_short(renewal: Renewal, due: Fen) -> Fen:
    return Fen(max(0, due - _held(renewal)))
