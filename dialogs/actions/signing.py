"""From the envelope to the pivot: everybody signs, or it comes back and a person asks why."""

from __future__ import annotations

from datetime import timedelta

from .. import receivables
from ..effects import CreateBill, Task, WithdrawEnvelope
from ..events import ClauseRead, EnvelopeOpened, EnvelopeSigned, PartySigned, SignatureDue
from ..states import Milestone, State
from ..timers import sign_by
from ..workdays import day_of
from . import door, envelopes
from .choosing import ask_verdict
from .turn import Turn


def adopt(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, EnvelopeOpened)
    turn.change(envelope=event.ref)
    turn.say("sign_ready", sign_by=day_of(sign_by(turn.policy, turn.now)).isoformat())


def withdraw_stray(turn: Turn) -> None:
    """Opened after we no longer wanted it: asked back at once, nobody has heard of it."""
    event = turn.event
    assert isinstance(event, EnvelopeOpened)
    key = f"withdraw:{turn.id}:{event.ref}"
    turn.wish(WithdrawEnvelope(key=key, ref=event.ref, reason="no longer wanted"))
    turn.stay_silent("a stray envelope")


def note_signature(turn: Turn) -> None:
    _note_party(turn)
    turn.stay_silent("others signed")


def wait_for_others(turn: Turn) -> None:
    _note_party(turn)
    turn.say("sign_waiting_others")


def _note_party(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, PartySigned)
    turn.change(envelope=event.ref, signed_by=(*turn.r.signed_by, event.party))


def pivot(turn: Turn) -> None:
    """All have signed: from here only forward. The first bill, once; the door is bridged until it is paid."""
    event, accepted = turn.event, turn.r.accepted
    assert isinstance(event, EnvelopeSigned)
    assert accepted is not None, "only accepted terms are signed"
    _drop_other_envelope(turn, event.ref)
    everybody = tuple(party.id for party in turn.r.lease.parties)
    turn.change(envelope=event.ref, signed_by=everybody, withdrawn=None, loss=None)
    turn.reach(Milestone.SIGNED)
    turn.drop_timers("TierDue", "OfferExpired")
    turn.drop_tasks(Task.CHASE_SIGNATURE, Task.CHASE_PAYMENT, Task.AGREE_PLAN)
    amount = receivables.first_bill(accepted, turn.r.lease, turn.r.deposit_held)
    due = receivables.first_due(turn.today, turn.policy)
    turn.wish(CreateBill(key=f"bill:{turn.id}", amount=amount, due=due))
    door.bridge(turn)
    turn.stay_silent("the bill follows")


def pivot_on_hold(turn: Turn) -> None:
    """Signed before the envelope could be asked back: the bill is made, nobody is charged until people let it go on."""
    pivot(turn)
    turn.change(resume=State.BILLING)


def _drop_other_envelope(turn: Turn, ref: str) -> None:
    if turn.r.envelope is not None and turn.r.envelope != ref:
        envelopes.withdraw(turn, "an earlier envelope was signed")


def signed_unwanted(turn: Turn) -> None:
    """A signed contract nobody expected is for people: it may bind."""
    turn.ring(Task.LOOK, "an envelope that was given up came back signed", "legal")
    turn.stay_silent("people look")


def refused(turn: Turn) -> None:
    """Somebody said no at the signing: the offers lie open again, a person asks why."""
    _give_up_envelope(turn)
    turn.ring(Task.CHASE_SIGNATURE, "somebody refused to sign")
    turn.stay_silent("a person asks why")


def expired(turn: Turn) -> None:
    """Not signed in time: checked afresh, and another envelope goes out."""
    envelopes.withdraw(turn, "not signed in time")
    turn.ring(Task.CHASE_SIGNATURE, "not signed in time: a new envelope is on its way")
    ask_verdict(turn)
    turn.say("sign_expired")


def expired_for_good(turn: Turn) -> None:
    _give_up_envelope(turn)
    turn.ring(Task.CHASE_SIGNATURE, "not signed in time again: find out what stands in the way")
    turn.say("person_will_contact")


def _give_up_envelope(turn: Turn) -> None:
    """The accepted terms go with it: the next yes starts a new check."""
    envelopes.withdraw(turn, "not signed")
    turn.change(accepted=None, chosen=None, envelope=None, signed_by=())


def note_clause(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, ClauseRead)
    turn.change(clauses_read=(*turn.r.clauses_read, event.clause.value))
    turn.stay_silent("the page shows the next clause")


def nudge(turn: Turn) -> None:
    """Whoever has signed is told whom we wait for, not to sign."""
    envelopes.set_nudge(turn, 2)
    if turn.r.lease.tenant.id in turn.r.signed_by:
        turn.say("sign_waiting_others")
        return
    turn.say("sign_nudge", sign_by=day_of(sign_by(turn.policy, turn.now)).isoformat())


def nothing_to_nudge(turn: Turn) -> None:
    """The provider has not opened it yet: the tenant is not to blame."""
    envelopes.set_nudge(turn, 1)
    turn.stay_silent("no envelope yet")


def chase(turn: Turn) -> None:
    missing = len(turn.r.lease.parties) - len(turn.r.signed_by)
    turn.ring(Task.CHASE_SIGNATURE, f"{missing} signatures missing")
    turn.stay_silent("a person asks")


def delayed(turn: Turn) -> None:
    """The provider is down: the deadline moves, the door is bridged, and both are said."""
    envelopes.set_clocks(turn)
    door.bridge(turn)
    turn.say("esign_delayed", sign_by=day_of(sign_by(turn.policy, turn.now)).isoformat())


def failed(turn: Turn) -> None:
    """The provider will not open it: people look now, and after a day it is tried afresh."""
    turn.ring(Task.LOOK, "the e-sign provider refuses to open the envelope", "legal")
    turn.drop_timers("SignatureNudgeDue")
    turn.set_timer(SignatureDue(), turn.now + timedelta(days=1))
    turn.say("person_will_contact")
