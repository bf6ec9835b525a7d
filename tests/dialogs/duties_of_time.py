"""What a renewal owes when a day comes: reminders, deadlines, the end of the term and of a hold, told a second time."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs import events as ev
from dialogs.effects import PrepareOffer, Task
from dialogs.reminders import newest_due
from dialogs.states import Milestone, State
from dialogs.workdays import SHANGHAI
from tests.dialogs import duties_of_contract as contract
from tests.dialogs import duties_of_talk as talk
from tests.dialogs.duties_of_contract import wished
from tests.dialogs.duties_of_talk import SIGNED, stands
from tests.dialogs.duty import Duty, must
from tests.dialogs.exploring import Edge
from tests.dialogs.promises_in_talk import LADDER, rings, says
from tests.dialogs.units import POLICY

WILLING = frozenset({
    State.NEGOTIATING, State.CONFIRMING, State.CHECKING, State.GATED, State.DISPUTED, State.MONEY_TROUBLE,
    State.AWAITING_SIGNATURE,
})  # fmt: skip
ASKED = frozenset({State.REMINDED, State.OFFERED})


def over(edge: Edge) -> int:
    """Days since the lease's last day, as clocks in Shanghai show it."""
    day = edge.at.astimezone(SHANGHAI).date()
    return (day - edge.before.renewal.lease.end).days


def by_hand(edge: Edge) -> bool:
    return edge.before.renewal.lease.unit.custom or edge.before.renewal.lease.no == "L-3"


def on_tier(edge: Edge) -> Iterator[str]:
    """The newest tier that is due is sent, once; T-15 only to who has not reacted."""
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.TierDue)
    if before.state is State.OPENED:
        hand = by_hand(edge)
        yield from must(after.state is (State.HAND_PRICING if hand else State.OPENED), "a person prices what is odd")
        yield from must(wished(edge, PrepareOffer) is not hand, "the rule gathers comparable rents")
    if before.state not in ASKED or event.tier not in LADDER:
        return
    newest = newest_due(before.lease.end, POLICY, edge.at)
    name = newest.name if newest is not None else ""
    newer = LADDER.index(name) > LADDER.index(before.tier) and LADDER.index(event.tier) > LADDER.index(before.tier)
    yield from must(after.tier == (name if newer else before.tier), "the newest tier counts as sent")
    silent = before.opted_out or before.owner.person is not None or before.stranger
    due = newer and not (before.answered and name == "T-15") and not silent
    reasons = {one.reason for one in edge.decision.silences}
    spoken = any(one.tier for one in says(edge)) or "caps" in reasons
    yield from must(spoken is due, f"{name} is sent" if due else "nothing is sent")


def on_offer_expiry(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.OfferExpired)
    if before.state not in ASKED or before.offer is None:
        return
    current = event.offer == before.offer.version and not stands(edge)
    special = any(one.id == "special" for one in before.offer.proposals)
    if not current:
        to = before.state
    elif over(edge) > 0:
        to = State.LAPSED
    else:
        to = State.HAND_PRICING if special or by_hand(edge) else before.state
    yield from must(after.state is to, f"an offer that ran out leads to {to}")
    yield from must(wished(edge, PrepareOffer) is (current and to is before.state), "another offer is made")


def on_pricing(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state in ASKED:
        to = before.state if stands(edge) else State.HAND_PRICING
        yield from must(after.state is to, "an offer that does not come is made by a person")


def on_page(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state is State.OPENED:
        to = State.HAND_PRICING if by_hand(edge) else State.OPENED
        yield from must(after.state is to, "whoever looks too early finds their offer in the making")
    if before.state is State.REMINDED:
        seen = stands(edge)
        yield from must(after.state is (State.OFFERED if seen else State.REMINDED), "what is seen is offered")
        yield from must((after.milestone >= Milestone.OPENED) >= seen, "a page that was opened counts")


def on_first_words(edge: Edge) -> Iterator[str]:
    if edge.before.renewal.state is State.OPENED:
        to = State.HAND_PRICING if by_hand(edge) else State.OPENED
        yield from must(edge.after.renewal.state is to, "whoever asks too early has their offer made")


def on_signing_clock(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state is not State.AWAITING_SIGNATURE:
        return
    if isinstance(edge.event, ev.SignatureDue):
        to = State.CHECKING if before.envelopes < POLICY.sign_attempts else State.OFFERED
        yield from must(after.state is to, f"not signed in time leads to {to}")
        return
    assert isinstance(edge.event, ev.SignatureNudgeDue)
    asked = before.envelope is not None and edge.event.nudge == 2
    nudges = {one.tag for one in edge.decision.timers if one.kind == "SignatureNudgeDue"}
    yield from must((Task.CHASE_SIGNATURE in rings(edge)) is asked, "the second nudge is a person's")
    first = "1" if before.envelope is None else "2"
    yield from must(nudges == (set() if asked else {first}), "a nudge is followed by the next")


def on_term_end(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    state, late = before.state, over(edge)
    if before.final or state in (State.LAPSED, State.MOVING_OUT) or state in SIGNED | {State.ON_HOLD}:
        to = state
    else:
        stays = late <= 0 or (state in WILLING and late <= POLICY.lapse_days)
        to = state if stays else State.LAPSED
    yield from must(after.state is to, f"the end of the term leads to {to}")
    early = late <= 0 and not before.final and state not in (State.LAPSED, State.MOVING_OUT)
    yield from must(not early or "TermEnded" in {one.kind for one in edge.decision.timers}, "it rings again on its day")
    yield from must(early is False or not rings(edge), "nobody is troubled while the term runs")


def on_stay(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.StayObserved)
    to = before.state
    if before.state is State.LAPSED:
        to = State.HOLDOVER if event.stays else State.MOVED_OUT
    if before.state is State.MOVING_OUT:
        staying = State.LAPSED if over(edge) > 0 else State.MOVING_OUT
        to = staying if event.stays else State.MOVED_OUT
    yield from must(after.state is to, f"what was seen leads to {to}")


def on_last_day(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state is State.MOVING_OUT:
        to = State.MOVED_OUT if over(edge) > 0 else State.MOVING_OUT
        yield from must(after.state is to, "whoever gave notice leaves after the last day, not before")


def on_moved(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if not before.final:
        signed = before.milestone >= Milestone.SIGNED
        yield from must((after.state is State.MOVED_OUT) is not signed, "out is out, unless a new term is signed")


def on_resume(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state is State.ON_HOLD:
        to = before.resume if before.resume is not None else State.OPENED
        yield from must(after.state is to, f"it goes on in {to}")


TIMES: dict[type[ev.Event], tuple[Duty, ...]] = {
    ev.TierDue: (on_tier,),
    ev.OfferExpired: (on_offer_expiry,),
    ev.PricingDue: (on_pricing,),
    ev.SignatureDue: (on_signing_clock,),
    ev.SignatureNudgeDue: (on_signing_clock,),
    ev.TermEnded: (on_term_end,),
    ev.StayObserved: (on_stay,),
    ev.MoveOutDue: (on_last_day,),
    ev.MoveOutDone: (on_moved,),
    ev.Resumed: (on_resume,),
}
LOOKS: dict[type[ev.Event], tuple[Duty, ...]] = {ev.PageOpened: (on_page,)}


def owed(edge: Edge) -> Iterator[str]:
    """Whatever this event obliges to, and was not done; words only oblige where they are heard."""
    kind = type(edge.event)
    for duty in (*talk.PEOPLE.get(kind, ()), *contract.PARTNERS.get(kind, ()), *TIMES.get(kind, ())):
        yield from duty(edge)
    if isinstance(edge.event, ev.Heard) and talk.heard(edge):
        early = (on_first_words,) if isinstance(edge.event, ev.OffersAsked | ev.Chose | ev.CounterOffered) else ()
        words = talk.WORDS.get(kind, ()), contract.WORDS.get(kind, ()), LOOKS.get(kind, ()), early
        for duty in (one for some in words for one in some):
            yield from duty(edge)
