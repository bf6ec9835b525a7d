"""What a renewal owes whoever speaks: the rules of choosing, leaving and handing over, told a second time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dialogs import events as ev
from dialogs.effects import PrepareOffer, Task
from dialogs.events import Unreach
from dialogs.offer import CounterOffer, Offer, Proposal
from dialogs.states import FINAL, LossReason, State
from tests.dialogs import duties_of_reach as reach
from tests.dialogs.duty import Duty, must
from tests.dialogs.exploring import Edge
from tests.dialogs.promises_in_talk import rings, says

CHOOSING = frozenset({State.REMINDED, State.OFFERED, State.HESITATING, State.CONFIRMING})
ASKABLE = CHOOSING - {State.CONFIRMING}
SIGNED = frozenset({State.BILLING, State.PAYING, State.EXTENDING})


def heard(edge: Edge) -> bool:
    """Do the words count: from the tenant, and not while a person chats with them?"""
    before, event = edge.before.renewal, edge.event
    if before.stranger:
        return isinstance(event, ev.WrongPerson)
    mine = before.owner.person is None or getattr(event, "via", "page") == "page"
    return mine or isinstance(event, ev.OptedOut | ev.WrongPerson)


def stands(edge: Edge) -> bool:
    offer = edge.before.renewal.offer
    return offer is not None and edge.at < offer.expires_at


def told(edge: Edge, message: str) -> bool:
    """Was it said, or was silence right (the page answers, people only)?"""
    said = [one.message for one in says(edge)]
    return message in said or not said


def on_choice(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.Chose)
    if before.state not in CHOOSING:
        return
    offer = before.offer
    if offer is None or not stands(edge):
        yield from must(after.state is State.OFFERED and told(edge, "stale_card"), "an old card is explained")
        yield from must(any(isinstance(one, PrepareOffer) for one in edge.decision.effects), "a fresh offer is made")
        return
    terms, seen = _named(offer, event), offer.shown or (event.via == "page" and event.terms_hash is not None)
    current = event.offer in (None, offer.version)
    if seen and current and terms is None:
        yield from must(after.state is before.state and told(edge, "unknown_option"), "no such option")
    elif seen and current and terms is not None and event.terms_hash in (None, terms.terms_hash):
        yield from must(after.state is State.CONFIRMING and after.chosen == terms.id, "the choice is asked back")
    else:
        message = "stale_card" if seen else "offers"
        yield from must(after.state is State.OFFERED and after.chosen is None, "an odd card picks nothing")
        fresh = any(isinstance(one, PrepareOffer) for one in edge.decision.effects)
        yield from must(told(edge, message) and not fresh, f"{message} is said, and the offer stays")


def _named(offer: Offer, event: ev.Chose) -> Proposal | None:
    if event.proposal is not None:
        return next((one for one in offer.proposals if one.id == event.proposal), None)
    return next((one for one in offer.proposals if one.number == event.number), None)


def on_choice_elsewhere(edge: Edge) -> Iterator[str]:
    """Beside the counter-offer the old proposals hold; after the yes other terms are for people."""
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.Chose)
    terms = _named(before.offer, event) if before.offer is not None else None
    valid = stands(edge) and before.offer is not None and before.offer.shown and terms is not None
    exact = valid and terms is not None and event.offer is None and event.terms_hash is None
    if before.state is State.NEGOTIATING or (before.state is State.MONEY_TROUBLE and before.accepted is None):
        yield from must(not exact or after.state is State.CONFIRMING, "a valid choice is asked back")
    elif before.accepted is not None and before.state in (State.CHECKING, State.GATED, State.AWAITING_SIGNATURE):
        other = event.proposal not in (None, before.accepted.id) or event.number not in (None, before.accepted.number)
        yield from must((Task.HANDOFF in rings(edge)) is other, "other terms than accepted are for people")


def on_yes(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.Confirmed)
    terms = before.offer.find(before.chosen) if before.offer is not None and before.chosen else None
    if before.state is State.CONFIRMING and event.via == "sms":
        yield from must(after.state is State.CONFIRMING and told(edge, "confirm_choice"), "no yes where no terms stand")
        return
    if before.state is not State.CONFIRMING:
        if before.state in ASKABLE:
            yield from must(told(edge, "offers" if stands(edge) else "offers_being_made"), "a yes to nothing is asked")
        return
    meant = event.proposal in (None, before.chosen) and before.offer is not None
    same = meant and before.offer is not None and event.offer in (None, before.offer.version)
    good = same and terms is not None and event.terms_hash in (None, terms.terms_hash) and stands(edge)
    yield from must((after.state is State.CHECKING) is good, "the yes counts when it is clear")
    if not good:
        preparing = any(isinstance(one, PrepareOffer) for one in edge.decision.effects)
        yield from must(preparing is not stands(edge), "fresh terms are made when none stand")


def on_asking(edge: Edge) -> Iterator[str]:
    if edge.before.renewal.state in CHOOSING:
        yield from must(told(edge, "offers" if stands(edge) else "offers_being_made"), "the offers are shown or made")


def on_counter(edge: Edge) -> Iterator[str]:
    """At least the cheapest rent, same term, on terms the rule made and the tenant saw: agreed; else people decide."""
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.CounterOffered)
    if before.state not in CHOOSING:
        return
    if event.terms == CounterOffer() and not before.invited and stands(edge):
        stays = State.OFFERED if before.state is State.CONFIRMING else before.state
        yield from must(after.state is stays and told(edge, "counter_invited"), "too dear? they may say more")
        yield from must(after.invited and after.chosen is None and not rings(edge), "once, and nothing is picked")
        return
    priced = before.offer is not None and stands(edge) and not before.lease.unit.custom
    by_rule = priced and before.offer is not None and all(one.id != "special" for one in before.offer.proposals)
    enough = before.offer is not None and (event.terms.rent or 0) >= min(o.first_rent for o in before.offer.proposals)
    seen = event.via != "sms" or (before.offer is not None and before.offer.shown)
    agreed = by_rule and enough and seen and before.lease.no != "L-3"
    yield from must(after.state is (State.CONFIRMING if agreed else State.NEGOTIATING), "the counter-offer is weighed")


def on_picture(edge: Edge) -> Iterator[str]:
    """One answer and one task for a storm; a picture is no misunderstanding."""
    before, after = edge.before.renewal, edge.after.renewal
    stormy = before.pictured is not None and edge.at - before.pictured < timedelta(minutes=10)
    if before.final:
        return
    yield from must((Task.LOOK in rings(edge)) is not stormy, "a person looks at the first picture of a storm")
    yield from must(not (stormy and says(edge)) and (stormy or told(edge, "media_received")), "one answer for a storm")
    yield from must(after.pictured == edge.at and after.misunderstood <= before.misunderstood, "a picture is no riddle")


def on_tech(edge: Edge) -> Iterator[str]:
    yield from must(Task.HANDOFF in rings(edge) and told(edge, "tech_help"), "a person looks; there is a link")


def on_change(edge: Edge) -> Iterator[str]:
    yield from must(Task.HANDOFF in rings(edge) and told(edge, "change_noted"), "what no offer holds is for people")


def on_nod(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    found = before.state is State.UNREACHABLE
    yield from must((found or after.state is before.state) and not rings(edge), "a nod changes nothing")
    yield from must(after.chosen == before.chosen and after.accepted == before.accepted, "a nod is no yes")


def on_decline(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state in FINAL | {State.MOVING_OUT}:
        return
    for_people = before.state in SIGNED | {State.ON_HOLD} or bool(before.signed_by)
    yield from must((after.state is not State.MOVING_OUT) is for_people, "a no is a no before anybody signed")
    yield from must((Task.HANDOFF in rings(edge)) is for_people, "a no after a signature is for people")


def on_change_of_mind(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.state is not State.MOVING_OUT:
        return
    over = edge.at.date() > before.lease.end
    closed = before.relet or before.loss is LossReason.OPERATOR or over
    yield from must((after.state is State.MOVING_OUT) is closed, "whoever changes their mind comes back if they can")
    yield from must((Task.HANDOFF in rings(edge)) is (closed and not before.relet), "a person looks where one may")
    if not closed:
        by_hand = before.lease.unit.custom or before.lease.no == "L-3"
        to = State.OFFERED if stands(edge) else State.HAND_PRICING if by_hand else State.OPENED
        yield from must(after.state is to, f"it goes on in {to}")


def on_nonsense(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    second = before.misunderstood >= 1
    waited = second and before.state is State.CONFIRMING
    yield from must(not waited or after.state is State.OFFERED, "what waited for a yes waits no more")
    yield from must((Task.HANDOFF in rings(edge)) is second, "the second time nobody understands, a person does")


def on_opt_out(edge: Edge) -> Iterator[str]:
    first = not edge.before.renewal.opted_out
    yield from must((Task.HANDOFF in rings(edge)) is first, "a person takes over from the first no on")


def on_failure(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.MessageFailed)
    if before.final:
        return
    live = before.reaching
    if live is not None and live.key == event.key and live.tried:
        called = before.owner.person is not None or Task.CALL in rings(edge)
        yield from must(called and after.state is before.state, "whom nothing reached is called")
        return
    if before.state is State.UNREACHABLE:
        return
    hard = event.kind is not Unreach.OPTED_OUT
    lost = State.UNREACHABLE if hard and before.state in ASKABLE else before.state
    yield from must(after.state is lost, f"it rests in {lost}")
    yield from must((Task.REPAIR_CONTACT in rings(edge)) is hard, "a person mends the contact")
    refused = not hard and not before.opted_out
    yield from must((Task.HANDOFF in rings(edge)) is refused and after.opted_out >= (not hard), "a refusal is heard")


def on_call(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.CallEnded)
    if before.final:
        return
    if event.outcome == "reached":
        yield from must(after.answered and after.state is not State.UNREACHABLE, "a call that reached somebody counts")
    else:
        yield from must(after.answered == before.answered, "a call that did not, does not")
        lost = event.outcome == "wrong_number" and before.state in ASKABLE
        yield from must((after.state is not before.state) is lost, "a wrong number is no contact")


def on_follow(edge: Edge) -> Iterator[str]:
    found = edge.before.renewal.state is State.UNREACHABLE and not edge.before.renewal.stranger
    yield from must((edge.after.renewal.state is not edge.before.renewal.state) is found, "a follower is found")


def on_claim(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.Claimed)
    wanted = before.owner.person if before.final else event.actor
    yield from must(after.owner.person == wanted, "whoever claims owns")


def on_release(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.Released)
    if before.final or before.owner.person != event.actor:
        yield from must(after.owner == before.owner, "only the owner lets go")
        yield from must(not edge.decision.effects and after.state is before.state, "nothing to let go")
        return
    yield from must(after.owner.person is None, "whoever releases owns no more")
    open_ = {State.REMINDED, State.OFFERED, State.HESITATING, State.NEGOTIATING, State.CONFIRMING}
    to = event.resume if before.state in open_ and event.resume is not None else before.state
    yield from must(after.state is to, f"it goes on in {to}")


WORDS: dict[type[ev.Event], tuple[Duty, ...]] = {
    ev.Chose: (on_choice, on_choice_elsewhere),
    ev.Confirmed: (on_yes,),
    ev.OffersAsked: (on_asking,),
    ev.CounterOffered: (on_counter,),
    ev.Declined: (on_decline,),
    ev.MindChanged: (on_change_of_mind,),
    ev.NotUnderstood: (on_nonsense,),
    ev.PictureSent: (on_picture,),
    ev.TechTrouble: (on_tech,),
    ev.ChangeAsked: (on_change,),
    ev.Acknowledged: (on_nod,),
    ev.OptedOut: (on_opt_out,),
}
"""Owed when the words are heard."""

PEOPLE: dict[type[ev.Event], tuple[Duty, ...]] = {
    ev.MessageFailed: (on_failure,),
    ev.MessageSent: (reach.on_sent,),
    ev.MessageDelivered: (reach.on_delivered,),
    ev.AttemptFailed: (reach.on_attempt_failed,),
    ev.RungDue: (reach.on_rung_due,),
    ev.ContactCheckDue: (reach.on_contact_check,),
    ev.PageNoted: (reach.on_page_note,),
    ev.WayBarred: (reach.on_barred,),
    ev.CallEnded: (on_call,),
    ev.Followed: (on_follow,),
    ev.Claimed: (on_claim,),
    ev.Released: (on_release,),
}
