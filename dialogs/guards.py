"""Questions with yes or no, asked of one turn; each stands beside a row of the table and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hmac import compare_digest
from typing import TypeVar

from msgspec.structs import replace

from . import approvals, proposals, reach, reminders, timers
from . import events as ev
from .actions.turn import Turn
from .events import Event
from .offer import CounterOffer, Proposal
from .policy import Haggling
from .states import LossReason, Milestone, State

_E = TypeVar("_E", bound=Event)


# --- pricing and the ladder ------------------------------------------------------------------------------------------
def needs_a_person(turn: Turn) -> bool:
    """Has the rule no price for this lease (customised unit, head lease ends too soon)?"""
    return not proposals.price(turn.r.lease, turn.policy)


def priced_by_nobody(turn: Turn) -> bool:
    """With the comparables just gathered, has the rule still no price?"""
    lease = replace(turn.r.lease, comps=event_of(turn, ev.OfferPrepared).comps)
    return not proposals.price(lease, turn.policy)


def made_by_hand(turn: Turn) -> bool:
    """Did a person make the current terms, so that the rule must not replace them?"""
    return needs_a_person(turn) or any(one.id == "special" for one in _proposals(turn))


def tier_is_past(turn: Turn) -> bool:
    """Is the tier that rang no newer than the one sent last?"""
    event = event_of(turn, ev.TierDue)
    return not reminders.is_newer(event.tier, turn.r.tier, turn.policy)


def answered(turn: Turn) -> bool:
    return turn.r.answered


def is_only_for_the_silent(turn: Turn) -> bool:
    """Has the tenant reacted, and is the newest tier the one that chases people who have not (seed S25)?"""
    tier = reminders.newest_due(turn.r.lease.end, turn.policy, turn.now)
    return turn.r.answered and tier is not None and tier.call_task


def another_offer(turn: Turn) -> bool:
    """Does the timer speak of an offer that has been replaced?"""
    return turn.r.offer is None or event_of(turn, ev.OfferExpired).offer != turn.r.offer.version


# --- the tenant's choice ---------------------------------------------------------------------------------------------
def offer_stands(turn: Turn) -> bool:
    return turn.r.offer is not None and turn.now < turn.r.offer.expires_at


def never_shown(turn: Turn) -> bool:
    """Does an offer stand that this tenant has not seen, nor proves to have seen by its hash?"""
    return offer_stands(turn) and not _seen(turn, event_of(turn, ev.Chose))


def valid_choice(turn: Turn) -> bool:
    """A proposal of the current offer, unexpired, before this tenant's eyes, on the terms they saw."""
    event = event_of(turn, ev.Chose)
    return offer_stands(turn) and _seen(turn, event) and _same_terms(turn, event, picked(turn))


def unknown_option(turn: Turn) -> bool:
    """The current offer is meant, but it has no such proposal."""
    event = event_of(turn, ev.Chose)
    return offer_stands(turn) and _seen(turn, event) and _same_version(turn, event) and picked(turn) is None


def valid_confirmation(turn: Turn) -> bool:
    """A yes to the proposal that was picked, still on the table and on the same terms."""
    event = event_of(turn, ev.Confirmed)
    chosen = _chosen(turn)
    named = event.proposal in (None, turn.r.chosen)
    return offer_stands(turn) and named and _same_terms(turn, event, chosen)


def fits_before_choice(turn: Turn) -> bool:
    """Nothing is accepted yet, and this choice is valid."""
    return turn.r.accepted is None and valid_choice(turn)


def wants_another(turn: Turn) -> bool:
    """After the choice was confirmed, does the tenant now name other terms?"""
    event = event_of(turn, ev.Chose)
    accepted = turn.r.accepted
    if accepted is None:
        return False
    by_name = event.proposal not in (None, accepted.id)
    return by_name or event.number not in (None, accepted.number)


def picked(turn: Turn) -> Proposal | None:
    """The proposal a ``Chose`` names, by id or by number."""
    event = event_of(turn, ev.Chose)
    if turn.r.offer is None:
        return None
    if event.proposal is not None:
        return turn.r.offer.find(event.proposal)
    return None if event.number is None else turn.r.offer.numbered(event.number)


def within_band(turn: Turn) -> bool:
    """May the rule agree to this counter-offer by itself? Not by SMS to an offer that was never seen."""
    event, offer = event_of(turn, ev.CounterOffered), turn.r.offer
    if offer is None or not offer_stands(turn) or made_by_hand(turn):
        return False
    if event.via == "sms" and not offer.shown:
        return False
    return approvals.within_band(event.terms, offer, turn.policy)


def names_no_terms(turn: Turn) -> bool:
    """Too dear, and not a word of what would do: may they be invited to name it?"""
    if turn.r.invited or turn.policy.haggling is not Haggling.FORM or not offer_stands(turn):
        return False
    return event_of(turn, ev.CounterOffered).terms == CounterOffer()


def one_of_a_storm(turn: Turn) -> bool:
    """Did another picture come a few minutes ago?"""
    return turn.r.pictured is not None and turn.now - turn.r.pictured < timedelta(minutes=turn.policy.picture_minutes)


def unlawful_offer(turn: Turn) -> bool:
    """Terms no member of staff may make."""
    offered = event_of(turn, ev.StaffOffered).offer
    return not approvals.lawful(offered, turn.r.lease, turn.policy, turn.today)


# --- leaving, time and people ----------------------------------------------------------------------------------------
def term_runs(turn: Turn) -> bool:
    return not timers.term_over(turn.r, turn.now)


def term_is_over(turn: Turn) -> bool:
    return timers.term_over(turn.r, turn.now)


def within_grace(turn: Turn) -> bool:
    """Is a willing tenant's passage still in the days the policy gives it beyond the term?"""
    return (turn.today - turn.r.lease.end).days <= turn.policy.lapse_days


def relet(turn: Turn) -> bool:
    return turn.r.relet


def only_people_can_reopen(turn: Turn) -> bool:
    """The operator ended it, or the term is over."""
    return turn.r.loss is LossReason.OPERATOR or term_is_over(turn)


def nothing_signed(turn: Turn) -> bool:
    return turn.r.milestone < Milestone.SIGNED


def known_person(turn: Turn) -> bool:
    return not turn.r.stranger


def stays_after_term(turn: Turn) -> bool:
    return stays(turn) and term_is_over(turn)


def stays(turn: Turn) -> bool:
    return event_of(turn, ev.StayObserved).stays


def understood_too_little(turn: Turn) -> bool:
    return turn.r.misunderstood + 1 >= turn.policy.misunderstood_limit


def owned_by_actor(turn: Turn) -> bool:
    return turn.r.owner.person == event_of(turn, ev.Claimed).actor


def not_the_owner(turn: Turn) -> bool:
    """Was the thread let go already, or has a colleague taken it over from whoever lets it go now?"""
    return turn.r.owner.person != event_of(turn, ev.Released).actor


def goes_on_with_offers(turn: Turn) -> bool:
    return event_of(turn, ev.Released).resume is State.OFFERED


def goes_on_hesitating(turn: Turn) -> bool:
    return event_of(turn, ev.Released).resume is State.HESITATING


def came_from(state: State) -> Callable[[Turn], bool]:
    """The question whether the hold interrupted just this state."""

    def asked(turn: Turn) -> bool:
        return turn.r.resume is state

    asked.__name__ = f"came_from_{state.value}"
    return asked


def already_out(turn: Turn) -> bool:
    return turn.r.opted_out


def is_under_way(turn: Turn) -> bool:
    """Is the message this event speaks of the newest one, and nobody has reacted to it?"""
    key: str = getattr(turn.event, "key", "")
    return turn.r.reaching is not None and turn.r.reaching.key == key


def may_climb(turn: Turn) -> bool:
    """Did the newest message fail, and was another rung open when it left?"""
    return is_under_way(turn) and turn.r.reaching is not None and turn.r.reaching.more


def was_sent_before(turn: Turn) -> bool:
    """Did the message that finds no rung any more leave on an earlier one?"""
    return is_under_way(turn) and turn.r.reaching is not None and bool(turn.r.reaching.tried)


def nothing_under_way(turn: Turn) -> bool:
    return turn.r.reaching is None


def only_news(turn: Turn) -> bool:
    """Delivered, and nothing that must be seen soon?"""
    live = turn.r.reaching
    return live is not None and live.delivered and live.message not in reach.PUSHES


def nobody_reached(turn: Turn) -> bool:
    """By T-20: no receipt, no word, no call? Whoever owns the thread has not reached the tenant either."""
    return turn.r.milestone < Milestone.REACHED


def page_broke_first(turn: Turn) -> bool:
    return event_of(turn, ev.PageNoted).kind == "script_error" and not turn.r.page_trouble


def by_sms(turn: Turn) -> bool:
    """Said where no terms can be shown (no price in an SMS), so that a yes cannot be to them?"""
    return event_of(turn, ev.Confirmed).via == "sms"


def hard_failure(turn: Turn) -> bool:
    """Can nothing arrive (no binding, bad number), as against a refusal of our messages?"""
    return event_of(turn, ev.MessageFailed).kind is not ev.Unreach.OPTED_OUT


def reached_by_call(turn: Turn) -> bool:
    return event_of(turn, ev.CallEnded).outcome == "reached"


def wrong_number(turn: Turn) -> bool:
    return event_of(turn, ev.CallEnded).outcome == "wrong_number"


def facts_stand(turn: Turn) -> bool:
    """Is the corrected lease the same in every fact that the offer or its documents rest on?"""
    old, new = turn.r.lease, event_of(turn, ev.LeaseCorrected).lease
    facts = ("unit", "parties", "end", "rent", "deposit_due", "pay_cycle_months", "head_lease_end")
    return all(getattr(old, fact) == getattr(new, fact) for fact in facts)


def event_of(turn: Turn, kind: type[_E]) -> _E:
    """The turn's event as the kind its row promises."""
    assert isinstance(turn.event, kind), f"{type(turn.event).__name__} stands in a row of {kind.__name__}"
    return turn.event


def _proposals(turn: Turn) -> tuple[Proposal, ...]:
    return turn.r.offer.proposals if turn.r.offer is not None else ()


def _chosen(turn: Turn) -> Proposal | None:
    offer, chosen = turn.r.offer, turn.r.chosen
    return None if offer is None or chosen is None else offer.find(chosen)


def _seen(turn: Turn, event: ev.Chose) -> bool:
    """Shown before, or the page itself carries the hash of what it showed."""
    offer = turn.r.offer
    return offer is not None and (offer.shown or (event.via == "page" and event.terms_hash is not None))


def _same_version(turn: Turn, event: ev.Chose | ev.Confirmed) -> bool:
    return turn.r.offer is not None and event.offer in (None, turn.r.offer.version)


def _same_terms(turn: Turn, event: ev.Chose | ev.Confirmed, terms: Proposal | None) -> bool:
    if terms is None or not _same_version(turn, event):
        return False
    return event.terms_hash is None or compare_digest(event.terms_hash.encode(), terms.terms_hash.encode())
