"""A worker may pick a wish up much later than it was made: what it may still do then, whatever happened meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dialogs import effects as ef
from dialogs.effects import AnyEffect, Say
from dialogs.machine import Ready, still_wanted
from dialogs.reach import PUSHES
from dialogs.renewal import Renewal, Subject
from dialogs.states import State
from tests.dialogs.exploring import Place
from tests.dialogs.outside import ID
from tests.dialogs.promises_in_contract import right_to_enter
from tests.dialogs.promises_in_talk import UNDECIDED, URGING, quiet, still
from tests.dialogs.units import POLICY

AT_HOME: dict[str, State] = {
    "remind_warm": State.REMINDED,
    "follow_up": State.OFFERED,
    "pay_first_nudge": State.GATED,
    "sign_nudge": State.AWAITING_SIGNATURE,
    "pay_nudge": State.PAYING,
    "paid_door_pending": State.EXTENDING,
    "lapsed": State.LAPSED,
}
"""Words we begin with, and a state in which they are true: there they do go out by day."""


def late_workers_do_no_harm(place: Place) -> Iterator[str]:
    """Every wish of the path, picked up now and again tonight; and words of each kind, as if they had waited."""
    for at in (place.now, tonight(place.now)):
        for wish in (*place.outside.wished.values(), *_words(place.renewal)):
            ready = isinstance(still_wanted(Subject(ID, place.renewal, POLICY), wish, at), Ready)
            reason = _forbids(place, wish, at) if ready else ""
            if reason:
                yield f"{type(wish).__name__} {wish.key} is carried out although {reason}"


def words_in_place_go_out(place: Place) -> Iterator[str]:
    """Silence is not the answer to everything: what is true, allowed and by day is said."""
    renewal = place.renewal
    for say in _words(renewal):
        fits = AT_HOME[say.message] is renewal.state
        allowed = not still(renewal) and not renewal.stranger and not quiet(place.now)
        asked = still_wanted(Subject(ID, renewal, POLICY), say, place.now)
        if fits and allowed and not isinstance(asked, Ready):
            yield f"{say.message} is not said in {renewal.state}"


def tonight(now: datetime) -> datetime:
    return now.replace(hour=13, minute=30)


def _words(renewal: Renewal) -> Iterator[Say]:
    for message in AT_HOME:
        tier = renewal.tier if message.startswith("remind_") else ""
        yield Say(
            key=f"say:{ID}:x-{message}", message=message, epoch=renewal.owner.epoch, tier=tier, heard=renewal.heard
        )


def _forbids(place: Place, wish: AnyEffect, at: datetime) -> str:
    """Why this wish must not be carried out now; empty when it may."""
    renewal = place.renewal
    match wish:
        case Say():
            return _forbids_word(renewal, wish, at)
        case ef.RequestPayment() if wish.key != renewal.payment.open or renewal.payment.paid or renewal.bill is None:
            return "another order counts, or the bill is paid"
        case ef.OpenEnvelope() if wish.proposal != renewal.accepted or renewal.state is not State.AWAITING_SIGNATURE:
            return "nobody wants to sign that now"
        case ef.WithdrawEnvelope() if wish.ref == renewal.envelope:
            return "it is the contract, or the envelope that is out"
        case ef.ExtendAccess() if wish.until < (place.outside.door or date.min):
            return "the door holds longer"
        case ef.ExtendAccess() if wish.until != place.outside.door:
            right = right_to_enter(renewal, (at + timedelta(hours=8)).date())
            return "there is no right to enter so long" if wish.until > right else ""
    return ""


def _forbids_word(renewal: Renewal, say: Say, at: datetime) -> str:
    if renewal.owner.person is not None or say.epoch != renewal.owner.epoch:
        return "a person owns the thread, or owned it since"
    if renewal.stranger and say.message != "wrong_person":
        return "it would reach somebody else"
    if renewal.state is State.ON_HOLD:
        return "people only"
    if not say.proactive:
        return ""
    if renewal.opted_out or quiet(at):
        return "the tenant wants no words now"
    if say.message in URGING and (renewal.state not in UNDECIDED or renewal.accepted is not None or renewal.loss):
        return "the tenant has chosen or declined"
    if say.message in PUSHES and say.heard < renewal.heard:
        return "the tenant was heard since it was wished"
    return "a newer reminder went out" if say.tier and say.tier != renewal.tier else ""


AT_PLACES = (late_workers_do_no_harm, words_in_place_go_out)
