"""Before anybody signs: what is owed, who may let it pass, and what an answer that never came is worth (nothing)."""

from __future__ import annotations

from datetime import date, timedelta

from dialogs.effects import AskVerdict, CreateBill, OpenEnvelope, Task, WithdrawEnvelope
from dialogs.events import (
    ArrearsPaid,
    BillPosted,
    EnvelopeExpired,
    EnvelopeFailed,
    EnvelopeOpened,
    EnvelopeRefused,
    GateDue,
    InstalmentsAgreed,
    PartySigned,
    SignatureDue,
    SignatureNudgeDue,
    Verdict,
    VerdictDue,
    VerdictReached,
    WaiverGranted,
)
from dialogs.lease import Bill
from dialogs.money import yuan
from dialogs.states import State

from .story import ENVELOPE, Story, checking, clear, owing, paying, signing

OWED = Bill("B0", date(2026, 9, 5), yuan(120))


def gated() -> Story:
    return owing(checking(), OWED).rests_in(State.GATED)


def answers(story: Story, verdict: Verdict) -> Story:
    """The ledger's answer to the newest check, without a figure in it."""
    return story.hears(VerdictReached(verdict, (), None, "ledger", story.renewal.check))


def test_whoever_pays_what_they_owe_signs_next() -> None:
    story = gated().hears(ArrearsPaid()).wants(AskVerdict, check=2).wants_no(OpenEnvelope).rests_in(State.CHECKING)
    clear(story).wants(OpenEnvelope, key="E7N1").rests_in(State.AWAITING_SIGNATURE)


def test_an_answer_to_an_older_check_opens_nothing() -> None:
    story = gated().hears(ArrearsPaid())
    held = story.renewal.lease.deposit_due
    story.hears(VerdictReached(Verdict.CLEAR, (), held, "ledger", 1)).is_silent("late").wants_no(OpenEnvelope)
    story.rests_in(State.CHECKING)


def test_a_ledger_that_does_not_answer_is_asked_again_and_never_taken_for_a_yes() -> None:
    story = checking()
    for verdict in (Verdict.PENDING, Verdict.UNAVAILABLE):
        answers(story, verdict).wants_no(OpenEnvelope).will_ring("VerdictDue").rests_in(State.CHECKING)
    story.hears(VerdictDue()).wants(AskVerdict, check=2)
    story.hears(VerdictDue()).wants(AskVerdict, check=3).asks(Task.LOOK, "finance")


def test_a_waiver_lets_the_debt_pass_but_not_the_ledgers_silence() -> None:
    story = gated().hears(WaiverGranted(actor="finance")).rests_in(State.CHECKING)
    answers(story, Verdict.UNAVAILABLE).wants_no(OpenEnvelope).rests_in(State.CHECKING)
    owing(story, OWED).wants(OpenEnvelope).rests_in(State.AWAITING_SIGNATURE)


def test_instalments_let_the_signing_go_on() -> None:
    story = gated().hears(InstalmentsAgreed(actor="finance", until=date(2026, 10, 31)))
    story.says("plan_agreed", until="2026-10-31").rests_in(State.CHECKING)
    owing(story, OWED).wants(OpenEnvelope)


def test_who_does_not_pay_is_asked_by_a_person_and_nudged_once() -> None:
    story = gated().hears(GateDue(), after=timedelta(days=5)).asks(Task.CHASE_PAYMENT, "finance")
    owing(story, OWED).says("pay_first_nudge", arrears=yuan(120)).rests_in(State.GATED)


def test_a_bill_posted_while_signing_brings_the_envelope_back() -> None:
    story = signing().hears(BillPosted(OWED)).wants(WithdrawEnvelope, ref=ENVELOPE).says("sign_withdrawn")
    story.wants(AskVerdict, check=2).rests_in(State.CHECKING)
    clear(story).wants(OpenEnvelope, key="E7N2")


def test_a_bill_posted_after_the_signatures_changes_nothing() -> None:
    story = paying()
    before = story.renewal
    story.hears(BillPosted(OWED)).wants_no(WithdrawEnvelope).rests_in(State.PAYING)
    assert story.renewal == before


def test_an_envelope_opened_under_an_older_wish_is_asked_back() -> None:
    story = clear(signing().hears(BillPosted(OWED)))
    story.hears(EnvelopeOpened("envelope-0", "E7N1")).wants(WithdrawEnvelope, ref="envelope-0")
    assert story.renewal.envelope is None


def test_a_signature_is_nudged_once_then_a_person_asks() -> None:
    story = signing().hears(SignatureNudgeDue(1), after=timedelta(days=1)).says("sign_nudge")
    story.hears(SignatureNudgeDue(2), after=timedelta(days=1)).asks(Task.CHASE_SIGNATURE).is_silent("a person asks")


def test_an_envelope_nobody_signed_in_time_goes_out_once_more_after_a_fresh_check() -> None:
    story = signing().hears(SignatureDue(), after=timedelta(days=6)).says("sign_expired").rests_in(State.CHECKING)
    clear(story).wants(OpenEnvelope, key="E7N2").hears(EnvelopeOpened("envelope-2", "E7N2")).says("sign_ready")
    story.hears(EnvelopeExpired(ENVELOPE)).is_silent("late").rests_in(State.AWAITING_SIGNATURE)
    story.hears(SignatureDue(), after=timedelta(days=6)).asks(Task.CHASE_SIGNATURE).rests_in(State.OFFERED)
    assert story.renewal.accepted is None, "the next yes starts a new check"


def test_who_refuses_to_sign_is_asked_why_by_a_person() -> None:
    story = signing().hears(EnvelopeRefused(ENVELOPE)).asks(Task.CHASE_SIGNATURE).rests_in(State.OFFERED)
    story.wants_no(CreateBill)


def test_a_provider_that_will_not_open_the_envelope_is_told_to_people_and_tried_again() -> None:
    story = clear(checking()).hears(EnvelopeFailed("rejected")).asks(Task.LOOK, "legal").says("person_will_contact")
    story.will_ring("SignatureDue").rests_in(State.AWAITING_SIGNATURE)


def test_the_same_signature_heard_twice_counts_once() -> None:
    story = signing()
    story.hears(PartySigned(ENVELOPE, "p1")).hears(PartySigned(ENVELOPE, "p1")).is_silent("duplicate")
    assert story.renewal.signed_by == ("p1",)
