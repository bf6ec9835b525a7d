"""Where the machine steps back: people, silence, doubt, haggling, and whoever cannot be reached."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from dialogs.effects import OpenEnvelope, PrepareOffer, Ring, Route, Say, Task
from dialogs.events import (
    CallEnded,
    Chose,
    Claimed,
    Complained,
    Confirmed,
    ContactRepaired,
    CounterOffered,
    CounterRejected,
    DecisionDue,
    Declined,
    DeclinedByOperator,
    Deferred,
    Followed,
    HumanAsked,
    InstalmentsAgreed,
    MessageFailed,
    MoneyTroubled,
    MoveOutDone,
    NotUnderstood,
    OfferExpired,
    OfferPrepared,
    OffersAsked,
    OptedOut,
    Released,
    RepairReported,
    StaffOffered,
    Thanked,
    TierDue,
    Unreach,
    WrongPerson,
)
from dialogs.machine import Moot, Wait, still_wanted
from dialogs.money import yuan
from dialogs.offer import CounterOffer, Offer, Proposal, RentStep
from dialogs.renewal import Subject
from dialogs.states import LossReason, State
from dialogs.workdays import SHANGHAI

from .story import COMPS, LEASE, Story, clear, confirming, offered, owing, paying, reminded, signing


def by_hand(story: Story) -> StaffOffered:
    """Twelve months at 2,900, made by finance."""
    terms = Proposal(
        "special", 1, (RentStep(12, yuan(2900)),), date(2026, 10, 17), date(2027, 10, 16), LEASE.deposit_due
    )
    return StaffOffered(actor="finance", offer=Offer(1, (terms,), story.now + timedelta(days=7)))


def test_a_villa_goes_to_a_person_at_once_and_is_never_priced_by_rule() -> None:
    villa = replace(LEASE, unit=replace(LEASE.unit, custom=True))
    story = Story(villa).hears(TierDue("T-30")).asks(Task.PRICE_BY_HAND).wants_no(PrepareOffer)
    story.rests_in(State.HAND_PRICING)
    story.hears(by_hand(story)).says("remind_warm").rests_in(State.REMINDED)


def test_understood_too_little_twice_hands_over() -> None:
    story = offered().hears(NotUnderstood(via="wechat", message="m1")).says("not_understood")
    story.hears(NotUnderstood(via="wechat", message="m2")).says("handoff").asks(Task.HANDOFF)
    assert story.wish(Ring).message == "m2", "the person sees which words were not understood"


def test_something_understood_in_between_starts_the_count_anew() -> None:
    story = offered().hears(NotUnderstood(via="wechat")).hears(Thanked(via="wechat"))
    story.hears(NotUnderstood(via="wechat")).says("not_understood")


def test_while_a_person_owns_the_thread_the_machine_is_silent() -> None:
    story = offered().hears(HumanAsked(via="wechat")).says("handoff").asks(Task.HANDOFF)
    story.hears(Claimed(actor="h1"))
    story.hears(Chose(number=1, via="wechat")).is_silent("owned").rests_in(State.OFFERED)
    story.hears(TierDue("T-15")).wants_no(Say)


def test_a_colleague_who_took_over_is_not_released_by_the_one_before() -> None:
    story = offered().hears(Claimed(actor="h1")).hears(Claimed(actor="h2"))
    story.hears(Released(actor="h1")).is_silent("owned")
    assert story.renewal.owner.person == "h2"
    story.hears(Released(actor="h2")).says("offers_again")


def test_what_was_queued_before_a_person_took_over_is_not_said_any_more() -> None:
    story = reminded()
    queued = story.wish(Say)
    story.hears(Claimed(actor="h1")).hears(Released(actor="h1"))
    verdict = still_wanted(Subject(7, story.renewal, story.policy), queued, story.now)
    assert verdict == Moot("owned"), "the epoch moved on"


def test_a_reminder_waits_for_the_end_of_the_quiet_hours() -> None:
    story = reminded()
    queued = story.wish(Say)
    late = datetime(2026, 9, 16, 21, 0, tzinfo=SHANGHAI)
    morning = datetime(2026, 9, 17, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
    assert still_wanted(Subject(7, story.renewal, story.policy), queued, late) == Wait(morning)


def test_a_reminder_overtaken_by_a_choice_is_moot() -> None:
    story = reminded()
    queued = story.wish(Say)
    story.hears(OffersAsked(via="wechat")).hears(Chose(number=1, via="wechat"))
    verdict = still_wanted(Subject(7, story.renewal, story.policy), queued, story.now)
    assert isinstance(verdict, Moot)


def test_the_answer_to_whoever_just_wrote_rides_on_the_reply_and_is_one() -> None:
    story = offered().hears(Thanked(via="wechat"))
    (say,) = [one for one in story.last.effects if isinstance(one, Say)]
    assert (say.route, say.proactive) == (Route.REPLY, False)


def test_time_to_think_is_given_and_remembered() -> None:
    until = datetime(2026, 9, 20, 2, 0, tzinfo=UTC)
    story = offered().hears(Deferred(via="wechat", until=until)).says("deferred_ok").rests_in(State.HESITATING)
    story.will_ring("DecisionDue")
    story.on(date(2026, 9, 20)).hears(DecisionDue()).rests_in(State.OFFERED)


def test_haggling_below_the_band_goes_to_finance_and_the_answer_is_kind_either_way() -> None:
    story = offered().hears(CounterOffered(via="page", terms=CounterOffer(rent=yuan(2700))))
    story.asks(Task.APPROVE_COUNTER, "finance").rests_in(State.NEGOTIATING)
    story.hears(CounterRejected(actor="finance")).says("counter_rejected").rests_in(State.OFFERED)


def test_approved_terms_are_a_new_offer_and_need_a_yes_of_their_own() -> None:
    story = offered().hears(CounterOffered(via="wechat", terms=CounterOffer(rent=yuan(2700))))
    story.hears(by_hand(story)).says("offers").rests_in(State.OFFERED)
    assert story.renewal.accepted is None


def test_approved_terms_come_as_a_notice_once_the_chat_is_closed() -> None:
    story = offered().hears(CounterOffered(via="wechat", terms=CounterOffer(rent=yuan(2700))))
    story.hears(by_hand(story), after=timedelta(days=3)).says("offer_updated").rests_in(State.OFFERED)


def test_a_promise_that_is_not_lawful_is_refused_even_from_staff() -> None:
    story = offered()
    before = story.renewal.offer
    strange = by_hand(story).offer.proposals[0]
    early = replace(strange, start=date(2026, 10, 1))
    story.hears(StaffOffered(actor="h1", offer=Offer(1, (early,), story.now + timedelta(days=7))))
    assert story.renewal.offer == before


def test_stop_means_stop_and_a_person_takes_over() -> None:
    story = offered().hears(OptedOut(via="wechat")).says("opted_out_ok")
    assert story.renewal.opted_out
    story.on(date(2026, 10, 1), 9).hears(TierDue("T-15")).wants_no(Say)


def test_a_complaint_and_a_repair_go_to_people_and_are_answered() -> None:
    offered().hears(Complained(via="wechat")).says("complaint_noted").asks(Task.HANDOFF)
    offered().hears(RepairReported(via="wechat")).says("repair_noted").asks(Task.WORK_ORDER)


def test_whoever_says_they_are_somebody_else_is_left_alone() -> None:
    story = reminded().hears(WrongPerson(via="wechat")).says("wrong_person").rests_in(State.UNREACHABLE)
    story.asks(Task.REPAIR_CONTACT)
    story.hears(Chose(number=1, via="wechat")).is_silent("stranger")
    assert story.renewal.chosen is None


def test_a_dead_number_becomes_a_task_and_a_repaired_one_goes_on() -> None:
    story = reminded().hears(MessageFailed("say:7:1", Unreach.UNREACHABLE)).asks(Task.REPAIR_CONTACT)
    story.rests_in(State.UNREACHABLE).hears(ContactRepaired(actor="h1")).rests_in(State.REMINDED)


def test_following_again_brings_the_tenant_back() -> None:
    story = reminded().hears(MessageFailed("say:7:1", Unreach.UNREACHABLE)).hears(Followed())
    story.rests_in(State.REMINDED)


def test_a_call_that_reached_somebody_counts_as_contact() -> None:
    story = reminded().hears(CallEnded(actor="h1", outcome="reached"))
    story.rests_in(State.REMINDED)


def test_short_of_cash_before_signing_gets_a_plan_from_people() -> None:
    story = confirming().hears(MoneyTroubled(via="wechat")).says("plan_noted").asks(Task.AGREE_PLAN, "finance")
    story.rests_in(State.MONEY_TROUBLE).will_ring("MoneyPlanDue")
    story.hears(InstalmentsAgreed(actor="finance", until=date(2026, 9, 30))).rests_in(State.OFFERED)


def test_a_plan_after_the_pivot_moves_the_due_day_and_nothing_else() -> None:
    story = paying().hears(InstalmentsAgreed(actor="finance", until=date(2026, 10, 5))).says("plan_agreed")
    assert story.renewal.bill is not None
    assert story.renewal.bill.due == date(2026, 10, 5)
    story.rests_in(State.PAYING)


def test_a_short_deposit_is_asked_for_before_the_signature() -> None:
    story = clear(confirming().hears(Confirmed(via="wechat")), yuan(1500))
    story.says("pay_first", arrears=0, deposit_short=yuan(1500)).rests_in(State.GATED).wants_no(OpenEnvelope)


def test_a_no_gets_a_kind_answer_and_one_reason() -> None:
    story = offered().hears(Declined(LossReason.JOB, via="wechat")).says("decline_ok").rests_in(State.MOVING_OUT)
    story.on(date(2026, 10, 17)).hears(MoveOutDone(actor="h1")).rests_in(State.MOVED_OUT)
    assert story.renewal.loss is LossReason.JOB


def test_the_operator_may_end_it_too_and_that_is_no_tenants_reason() -> None:
    story = offered().hears(DeclinedByOperator(actor="legal")).says("operator_declined")
    assert story.renewal.loss is LossReason.OPERATOR


def test_a_no_during_signing_asks_the_envelope_back() -> None:
    story = signing().hears(Declined(LossReason.PRICE, via="wechat")).rests_in(State.MOVING_OUT)
    assert any(type(one).__name__ == "WithdrawEnvelope" for one in story.last.effects)


def test_after_a_release_the_options_are_announced_anew() -> None:
    story = offered().hears(HumanAsked(via="wechat")).hears(Claimed(actor="h1")).hears(Released(actor="h1"))
    story.says("offers_again").rests_in(State.OFFERED)


def test_after_a_release_days_later_a_notice_leads_to_the_options() -> None:
    story = offered().hears(HumanAsked(via="wechat")).hears(Claimed(actor="h1"))
    story.hears(Released(actor="h1"), after=timedelta(days=3)).says("released").rests_in(State.OFFERED)


def test_an_expired_offer_is_made_anew_before_anybody_can_take_it() -> None:
    story = offered()
    offer = story.renewal.offer
    assert offer is not None
    story.now = offer.expires_at + timedelta(minutes=1)
    story.hears(OfferExpired(offer.version)).wants(PrepareOffer)
    story.hears(OfferPrepared(COMPS))
    fresh = story.renewal.offer
    assert fresh is not None
    assert fresh.version > offer.version


def test_owing_nothing_but_a_disputed_bill_never_signs_by_itself() -> None:
    story = owing(confirming().hears(Confirmed(via="wechat")))
    story.wants_no(OpenEnvelope)
