"""Making offers and putting them before the tenant: prepared, reminded of, shown, replaced."""

from __future__ import annotations

import msgspec

from .. import approvals, proposals
from ..effects import PrepareOffer, Task
from ..events import Heard, LeaseCorrected, OfferExpired, OfferPrepared, PricingDue, StaffOffered, TermEnded
from ..offer import Offer
from ..reach import awake, is_open, spare
from ..reminders import is_newer, newest_due
from ..states import Milestone, State
from ..timers import term_ends, term_over
from . import door, ladder, reaching
from .envelopes import withdraw
from .turn import Turn

_replace = msgspec.structs.replace


# --- before an offer is there ---------------------------------------------------------------------------------------
def prepare(turn: Turn) -> None:
    """Gather comparable rents for the next version; asked twice for one version, it is one wish."""
    turn.wish(PrepareOffer(key=f"prepare:{turn.id}:{turn.r.next_offer}"))
    turn.set_timer(PricingDue(), approvals.due(turn.now, turn.policy.approval_hours, turn.policy))


def prepare_quietly(turn: Turn) -> None:
    prepare(turn)
    turn.stay_silent("the offer is being made")


def prepare_and_tell(turn: Turn) -> None:
    prepare(turn)
    turn.say("offers_being_made")


def being_made(turn: Turn) -> None:
    turn.say("offers_being_made")


def first_tier(turn: Turn) -> None:
    """The ladder begins: comparable rents first, the words follow with the offer."""
    prepare_quietly(turn)
    ladder.set_next(turn)


def price_by_hand(turn: Turn) -> None:
    """A person at once, never a rule (seed S51)."""
    due = approvals.due(turn.now, turn.policy.approval_hours, turn.policy)
    turn.ring(Task.PRICE_BY_HAND, "the rule has no price for this lease", due=due)
    turn.stay_silent("a person makes the offer")
    ladder.set_next(turn)


def price_by_hand_and_tell(turn: Turn) -> None:
    due = approvals.due(turn.now, turn.policy.approval_hours, turn.policy)
    turn.ring(Task.PRICE_BY_HAND, "the tenant asks; the rule has no price for this lease", due=due)
    turn.say("offers_being_made")
    ladder.set_next(turn)


def pricing_overdue(turn: Turn) -> None:
    turn.ring(Task.PRICE_BY_HAND, "no offer yet: overdue", due=turn.now)
    turn.stay_silent("a person makes the offer")


# --- an offer is there ----------------------------------------------------------------------------------------------
def offer_and_remind(turn: Turn) -> None:
    _price(turn)
    _drop_pricing(turn)
    _tell(turn)


def offer_and_answer(turn: Turn) -> None:
    """The tenant asked before the first reminder: the chat while its window is open, else a notice."""
    _price(turn)
    if not (is_open(turn.r.budget, turn.now) and turn.say("offers")):
        turn.say("offer_updated")
        return
    mark_shown(turn)


def replace_offer(turn: Turn) -> None:
    """The old offer ran out: another version, told only to who had seen the old one."""
    seen = turn.r.offer is not None and turn.r.offer.shown
    _price(turn)
    if seen:
        turn.say("offer_updated")
    else:
        turn.stay_silent("the tenant had not seen the old offer either")


def replace_offer_quietly(turn: Turn) -> None:
    _price(turn)
    turn.stay_silent("the tenant is thinking")


def prepared_in_vain(turn: Turn) -> None:
    """Nobody waits for it now; the next wish must not be taken for this one."""
    turn.change(next_offer=turn.r.next_offer + 1)
    turn.stay_silent("late")


def staff_offer(turn: Turn) -> None:
    """A person's terms become the next version. After the term's end they get days of their own."""
    _take_staff_offer(turn)
    ladder.set_next(turn)
    door.look_again(turn)
    if spare(turn.r.budget, awake(turn.policy, turn.now)):
        turn.say("offers")
        mark_shown(turn)
    else:
        turn.say("offer_updated")


def first_staff_offer(turn: Turn) -> None:
    _take_staff_offer(turn)
    _tell(turn)


def keep_staff_offer(turn: Turn) -> None:
    """Nothing reaches the tenant: the terms wait for whoever finds them."""
    _take_staff_offer(turn)
    turn.stay_silent("unreachable")


def staff_offer_on_hold(turn: Turn) -> None:
    """People only: the terms are noted, nothing is said, and they are what it goes on with."""
    _take_staff_offer(turn)
    turn.change(resume=State.REMINDED)
    turn.stay_silent("on_hold")


def refuse_staff_offer(turn: Turn) -> None:
    turn.ring(
        Task.LOOK, "an offer was refused: dates, head lease, cap, or proposals that cannot be told apart", "legal"
    )
    turn.stay_silent("unlawful offer")


def _take_staff_offer(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, StaffOffered)
    withdraw(turn, "new terms")
    agreed = tuple(_replace(one, reason="price_agreed") for one in event.offer.proposals)
    made = _replace(event.offer, proposals=agreed, version=turn.r.next_offer, shown=False)
    turn.change(accepted=None, counter=None, loss=None, withdrawn=None)
    _adopt(turn, made)
    turn.drop_tasks(Task.PRICE_BY_HAND, Task.APPROVE_COUNTER)
    if term_over(turn.r, turn.now):
        turn.set_timer(TermEnded(), made.expires_at)


def _price(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, OfferPrepared)
    lease = _replace(turn.r.lease, comps=event.comps)
    turn.change(lease=lease)
    _adopt(turn, proposals.make_offer(lease, turn.policy, turn.r.next_offer, turn.now))


def _adopt(turn: Turn, made: Offer) -> None:
    turn.change(offer=made, next_offer=made.version + 1, chosen=None)
    turn.drop_timers("OfferExpired", "PricingDue")
    if turn.state in (State.REMINDED, State.OFFERED):
        turn.set_timer(OfferExpired(made.version), made.expires_at)


def _tell(turn: Turn) -> None:
    """With the reminder that is due; between two tiers as plain news."""
    tier = newest_due(turn.r.lease.end, turn.policy, turn.now)
    if tier is not None and is_newer(tier.name, turn.r.tier, turn.policy):
        ladder.remind(turn)
        return
    ladder.set_next(turn)
    turn.say("offer_updated")


def _drop_pricing(turn: Turn) -> None:
    if turn.before.state is State.HAND_PRICING:
        turn.drop_tasks(Task.PRICE_BY_HAND)


# --- the tenant looks ------------------------------------------------------------------------------------------------
def mark_shown(turn: Turn) -> None:
    """An SMS holds no terms: whoever was answered there has still not seen them."""
    if isinstance(turn.event, Heard) and turn.event.via == "sms":
        return
    if turn.r.offer is not None and not turn.r.offer.shown:
        turn.change(offer=_replace(turn.r.offer, shown=True))
    turn.reach(Milestone.OPENED)


def page_opened(turn: Turn) -> None:
    mark_shown(turn)
    turn.stay_silent("page answers")


def page_seen(turn: Turn) -> None:
    turn.stay_silent("page answers")


def show(turn: Turn) -> None:
    """Lay the current proposals before the tenant; nothing is picked any more."""
    turn.change(chosen=None)
    if turn.say("offers"):
        mark_shown(turn)


def show_fresh(turn: Turn) -> None:
    """An old card was used: say so, with the proposals that count now."""
    turn.change(chosen=None)
    if turn.say("stale_card"):
        mark_shown(turn)


def stale(turn: Turn) -> None:
    """An old card was used and no offer stands: fresh ones are made."""
    turn.change(chosen=None)
    turn.say("stale_card")
    prepare(turn)


def make_fresh(turn: Turn) -> None:
    turn.change(chosen=None)
    prepare_and_tell(turn)


def unknown_option(turn: Turn) -> None:
    turn.say("unknown_option")


# --- the ledger moves ------------------------------------------------------------------------------------------------
def correct_lease(turn: Turn) -> None:
    """The offer rests on facts that were wrong: it is void at once, and another is made."""
    void_offer(turn)
    prepare(turn)


def void_offer(turn: Turn) -> None:
    """The terms no longer rest on the lease; whoever comes back to them meets fresh ones."""
    _take_lease(turn)
    if turn.r.offer is not None:
        turn.change(offer=_replace(turn.r.offer, expires_at=turn.now), chosen=None)
    ladder.set_anew(turn)
    turn.stay_silent("the offer is void")


def correct_before_offer(turn: Turn) -> None:
    _take_lease(turn)
    ladder.set_anew(turn)
    turn.stay_silent("nothing was offered yet")


def correct_quietly(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, LeaseCorrected)
    turn.change(lease=_replace(event.lease, comps=turn.r.lease.comps))
    turn.stay_silent("no fact the offer rests on")


def correct_with_people(turn: Turn) -> None:
    """Terms are being agreed or are signed: people change what they rest on; the rest are facts."""
    event = turn.event
    assert isinstance(event, LeaseCorrected)
    now = event.lease
    turn.change(
        lease=_replace(
            turn.r.lease, lock=now.lock, housekeeper=now.housekeeper, deposit_held=now.deposit_held, arrears=now.arrears
        )
    )
    turn.ring(Task.LOOK, "the ledger changed a fact of this lease after the tenant's choice", "legal")
    turn.stay_silent("people look")


def _take_lease(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, LeaseCorrected)
    turn.change(lease=_replace(event.lease, comps=turn.r.lease.comps))
    turn.drop_timers("TierDue")
    reaching.begin_watch(turn)
    turn.set_timer(TermEnded(), term_ends(turn.r))
    door.look_again(turn)
