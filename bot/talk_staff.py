"""What people of the operator do in a played conversation: take the thread, agree, refuse, plan, call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from bot.talk import Conversation
from bot.talk_partners import STAFF
from dialogs import events as ev
from dialogs.approvals import agreed
from dialogs.offer import CounterOffer, Offer, Proposal, RentStep
from dialogs.proposals import cheapest, expiry, term_end
from dialogs.states import State

OUTCOMES = ("reached", "no_answer", "wrong_number", "refused")


def claim(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.Claimed(actor=STAFF))


def release(talk: Conversation, words: Sequence[str]) -> None:
    """Raises ValueError for a state that is none."""
    talk.deliver(ev.Released(actor=STAFF, resume=State(words[0]) if words else None))


def approve(talk: Conversation, _: Sequence[str]) -> None:
    """What was asked for becomes an offer of its own. Raises ValueError where nothing was asked for."""
    renewal = talk.renewal
    if renewal.offer is None or renewal.counter is None:
        raise ValueError("nothing to agree to")
    terms = _terms(renewal.counter, renewal.offer, talk)
    offer = Offer(renewal.next_offer, (terms,), expiry(renewal.lease, talk.policy, talk.now))
    talk.deliver(ev.StaffOffered(actor=STAFF, offer=offer))


def _terms(asked: CounterOffer, offer: Offer, talk: Conversation) -> Proposal:
    lease = talk.renewal.lease
    months = asked.months or cheapest(offer).months
    terms = agreed(asked, offer, lease)
    steps = (RentStep(months, terms.first_rent),)
    return msgspec.structs.replace(terms, number=1, steps=steps, end=term_end(lease.end, months))


def reject(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.CounterRejected(actor=STAFF))


def plan(talk: Conversation, words: Sequence[str]) -> None:
    """Raises ValueError for a day that is none."""
    talk.deliver(ev.InstalmentsAgreed(actor=STAFF, until=date.fromisoformat(words[0])))


def waive(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.WaiverGranted(actor=STAFF))


def settle(talk: Conversation, _: Sequence[str]) -> None:
    """The disputed bills were wrong: they are taken back."""
    talk.partners.owed.clear()
    talk.deliver(ev.DisputeSettled(actor=STAFF))


def call(talk: Conversation, words: Sequence[str]) -> None:
    """Raises ValueError for an outcome that is none."""
    if words[0] not in OUTCOMES:
        raise ValueError(words[0])
    talk.deliver(ev.CallEnded(actor=STAFF, outcome=words[0]))


def relet(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.UnitRelet(actor=STAFF))


def mend(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.ContactRepaired(actor=STAFF))
