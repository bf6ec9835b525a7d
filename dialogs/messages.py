"""The catalogue: every message we may send a tenant, the parameters it needs, and whether it is a notice."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    NOTICE = "notice"
    """服务通知: about this contract, no word of marketing; may be sent first (template message)."""
    ANSWER = "answer"
    """Only ever an answer inside a conversation."""
    MARKETING = "marketing"
    """营销: only with the tenant's consent."""


class Message(msgspec.Struct, frozen=True):
    """``params`` are the names the template may use beside the facts of the lease itself (see ``bot.rendering``)."""

    key: str
    kind: Kind
    params: tuple[str, ...] = ()


def _notice(key: str, *params: str) -> Message:
    return Message(key, Kind.NOTICE, params)


def _answer(key: str, *params: str) -> Message:
    return Message(key, Kind.ANSWER, params)


_ALL = (
    # reminders, in three tones
    _notice("remind_warm", "days_left"),
    _notice("remind_formal", "days_left"),
    _notice("remind_urgent", "days_left"),
    # offers and choice
    _answer("offers"),
    _answer("offers_being_made"),
    _answer("confirm_choice", "number", "rent", "months"),
    _answer("choice_denied"),
    _answer("stale_card"),
    _answer("unknown_option"),
    _notice("offer_updated"),
    _notice("offer_expiring", "expires_on"),
    _answer("hesitate_ok", "until"),
    _answer("hesitate_with_person"),
    _answer("deferred_ok", "until"),
    _notice("follow_up"),
    _answer("counter_invited"),
    _answer("counter_received"),
    _notice("counter_rejected"),
    # the gate
    _answer("checking"),
    _notice("pay_first", "arrears", "deposit_short"),
    _notice("pay_first_nudge", "arrears", "deposit_short"),
    _answer("dispute_noted"),
    _notice("dispute_settled"),
    _answer("plan_noted", "parts", "until"),
    _notice("plan_agreed", "until"),
    # signing
    _notice("sign_ready", "sign_by"),
    _notice("sign_nudge", "sign_by"),
    _notice("sign_waiting_others"),
    _notice("sign_expired"),
    _answer("sign_withdrawn"),
    _notice("esign_delayed", "sign_by"),
    # money
    _notice("pay_ready", "amount", "due"),
    _notice("pay_nudge", "amount", "due"),
    _notice("pay_refused", "amount", "due"),
    _notice("deduction_announced", "amount", "due"),
    _notice("mandate_closed", "amount", "due"),
    _notice("refund_made", "amount"),
    # the door
    _notice("paid_door_pending"),
    _notice("access_delayed"),
    _notice("renewed", "new_end"),
    # leaving
    _answer("decline_ok", "move_out", "refund_days"),
    _notice("operator_declined", "move_out"),
    _answer("reopened"),
    _answer("relet_sorry"),
    _notice("move_out_reminder", "move_out"),
    _notice("lapsed"),
    _notice("holdover"),
    # people
    _answer("handoff"),
    _notice("person_will_contact"),
    _notice("released"),
    _answer("offers_again"),
    _answer("opted_out_ok"),
    _answer("repair_noted", "by"),
    _answer("tech_help"),
    _answer("change_noted"),
    _answer("complaint_noted"),
    _answer("wrong_person"),
    # small talk and questions
    _answer("greeting"),
    _answer("welcome"),
    _answer("thanks"),
    _answer("acknowledged"),
    _answer("not_understood"),
    _answer("answer_terms"),
    _answer("answer_process"),
    _answer("answer_deposit"),
    _answer("answer_lock"),
    _answer("answer_invoice"),
    _answer("answer_price"),
    _answer("answer_cycle"),
    _answer("answer_leaving"),
    _answer("answer_living"),
    _answer("answer_charges"),
    _answer("answer_papers"),
    _answer("answer_dates"),
    _answer("answer_signing"),
    _answer("answer_paying"),
    _answer("answer_gift"),
    _answer("where_we_stand"),
    _answer("media_received"),
    # people we cannot place
    _answer("stranger"),
    _answer("several_leases", "homes"),
    _answer("lease_in_focus"),
)

CATALOGUE: dict[str, Message] = {message.key: message for message in _ALL}
