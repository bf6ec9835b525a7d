"""THE table: in this state, when this happens and the guard says yes, go there and wish that. Nothing else decides."""

from __future__ import annotations

from . import events as ev
from . import guards as g
from .actions import choosing, clearing, door, ladder, leaving, offering, paying, people, signing, talk
from .arrows import REST, SAME, Row
from .states import FINAL, State

FLOW = 1
"""Version of this table; a renewal keeps the one it began with (``Renewal.flow``)."""

OPENED, HAND_PRICING, REMINDED, OFFERED = State.OPENED, State.HAND_PRICING, State.REMINDED, State.OFFERED
HESITATING, NEGOTIATING, CONFIRMING = State.HESITATING, State.NEGOTIATING, State.CONFIRMING
CHECKING, GATED, DISPUTED, MONEY_TROUBLE = State.CHECKING, State.GATED, State.DISPUTED, State.MONEY_TROUBLE
AWAITING, BILLING, PAYING, EXTENDING = State.AWAITING_SIGNATURE, State.BILLING, State.PAYING, State.EXTENDING
UNREACHABLE, ON_HOLD, MOVING_OUT, LAPSED = State.UNREACHABLE, State.ON_HOLD, State.MOVING_OUT, State.LAPSED
HOLDOVER, RENEWED, MOVED_OUT = State.HOLDOVER, State.RENEWED, State.MOVED_OUT

LIVE = tuple(state for state in State if state not in FINAL)
ASKED = (REMINDED, OFFERED)
ASKABLE = (REMINDED, OFFERED, HESITATING)
CHOOSING = (REMINDED, OFFERED, HESITATING, CONFIRMING)
CLEARING = (CHECKING, GATED, DISPUTED)
WILLING = (NEGOTIATING, CONFIRMING, CHECKING, GATED, DISPUTED, MONEY_TROUBLE, AWAITING)
UNSIGNED = (OPENED, HAND_PRICING, REMINDED, OFFERED, HESITATING, *WILLING, UNREACHABLE)
SIGNED = (BILLING, PAYING, EXTENDING)
GONE_QUIET = (MOVING_OUT, LAPSED)

TABLE: tuple[Row, ...] = (
    # --- the window opens, offers are made
    Row(OPENED, ev.TierDue, g.needs_a_person, HAND_PRICING, offering.price_by_hand),
    Row(OPENED, ev.TierDue, None, SAME, offering.first_tier),
    Row(ASKED, ev.TierDue, g.tier_is_past, SAME, ladder.late),
    Row(ASKED, ev.TierDue, g.is_only_for_the_silent, SAME, ladder.skip),
    Row(ASKED, ev.TierDue, None, SAME, ladder.remind),
    Row((HAND_PRICING, HESITATING, *WILLING, UNREACHABLE, ON_HOLD), ev.TierDue, None, SAME, ladder.skip),
    Row(REST, ev.TierDue, None, SAME, talk.late),
    Row(OPENED, ev.OfferPrepared, g.priced_by_nobody, HAND_PRICING, offering.price_by_hand),
    Row(OPENED, ev.OfferPrepared, g.answered, OFFERED, offering.offer_and_answer),
    Row(OPENED, ev.OfferPrepared, None, REMINDED, offering.offer_and_remind),
    Row(HAND_PRICING, ev.OfferPrepared, g.priced_by_nobody, SAME, offering.prepared_in_vain),
    Row(HAND_PRICING, ev.OfferPrepared, None, REMINDED, offering.offer_and_remind),
    Row(ASKABLE, ev.OfferPrepared, g.offer_stands, SAME, offering.prepared_in_vain),
    Row(ASKABLE, ev.OfferPrepared, g.priced_by_nobody, HAND_PRICING, offering.price_by_hand),
    Row(ASKED, ev.OfferPrepared, None, SAME, offering.replace_offer),
    Row(HESITATING, ev.OfferPrepared, None, SAME, offering.replace_offer_quietly),
    Row(REST, ev.OfferPrepared, None, SAME, offering.prepared_in_vain),
    Row(OPENED, ev.PricingDue, None, HAND_PRICING, offering.price_by_hand),
    Row(ASKED, ev.PricingDue, g.offer_stands, SAME, talk.late),
    Row(ASKED, ev.PricingDue, None, HAND_PRICING, offering.price_by_hand),
    Row(HAND_PRICING, ev.PricingDue, None, SAME, offering.pricing_overdue),
    Row(REST, ev.PricingDue, None, SAME, talk.late),
    Row(ASKED, ev.OfferExpired, g.another_offer, SAME, talk.late),
    Row(ASKED, ev.OfferExpired, g.offer_stands, SAME, talk.late),
    Row(ASKED, ev.OfferExpired, g.term_is_over, LAPSED, leaving.lapse),
    Row(ASKED, ev.OfferExpired, g.made_by_hand, HAND_PRICING, offering.price_by_hand),
    Row(ASKED, ev.OfferExpired, None, SAME, offering.prepare_quietly),
    Row(REST, ev.OfferExpired, None, SAME, talk.late),
    Row((*UNSIGNED, *GONE_QUIET), ev.StaffOffered, g.unlawful_offer, SAME, offering.refuse_staff_offer),
    Row((OPENED, HAND_PRICING), ev.StaffOffered, None, REMINDED, offering.first_staff_offer),
    Row(MOVING_OUT, ev.StaffOffered, g.relet, SAME, offering.refuse_staff_offer),
    Row((*ASKABLE, *WILLING, *GONE_QUIET), ev.StaffOffered, None, OFFERED, offering.staff_offer),
    Row((UNREACHABLE, ON_HOLD), ev.StaffOffered, None, SAME, offering.keep_staff_offer),
    Row(REST, ev.StaffOffered, None, SAME, talk.late),
    # --- the tenant looks and chooses; whoever speaks can be reached
    Row(UNREACHABLE, ev.Heard, None, REMINDED, people.back_in_touch),
    Row(OPENED, ev.PageOpened, g.needs_a_person, HAND_PRICING, offering.price_by_hand),
    Row(OPENED, ev.PageOpened, None, SAME, offering.prepare_quietly),
    Row(REMINDED, ev.PageOpened, g.offer_stands, OFFERED, offering.page_opened),
    Row(REMINDED, ev.PageOpened, None, SAME, offering.page_waits),
    Row((OFFERED, HESITATING, NEGOTIATING, CONFIRMING), ev.PageOpened, None, SAME, offering.page_opened),
    Row(REST, ev.PageOpened, None, SAME, offering.page_seen),
    Row(OPENED, (ev.OffersAsked, ev.Chose, ev.CounterOffered), g.needs_a_person, HAND_PRICING, offering.price_by_hand_and_tell),
    Row(OPENED, (ev.OffersAsked, ev.Chose, ev.CounterOffered), None, SAME, offering.prepare_and_tell),
    Row(HAND_PRICING, (ev.OffersAsked, ev.Chose), None, SAME, offering.being_made),
    Row(CHOOSING, ev.OffersAsked, g.offer_stands, OFFERED, offering.show),
    Row(CHOOSING, ev.OffersAsked, None, OFFERED, offering.make_fresh),
    Row(CHOOSING, ev.Chose, g.valid_choice, CONFIRMING, choosing.ask_confirmation),
    Row(CHOOSING, ev.Chose, g.unknown_option, SAME, offering.unknown_option),
    Row(CHOOSING, ev.Chose, g.never_shown, OFFERED, offering.show),
    Row(CHOOSING, ev.Chose, g.offer_stands, OFFERED, offering.show_fresh),
    Row(CHOOSING, ev.Chose, None, OFFERED, offering.stale),
    Row(NEGOTIATING, ev.Chose, g.valid_choice, CONFIRMING, choosing.ask_confirmation),
    Row(MONEY_TROUBLE, ev.Chose, g.fits_before_choice, CONFIRMING, choosing.ask_confirmation),
    Row((*CLEARING, MONEY_TROUBLE, AWAITING), ev.Chose, g.wants_another, SAME, people.hand_off),
    Row(GONE_QUIET, (ev.Chose, ev.CounterOffered), None, SAME, people.hand_off),
    Row(CONFIRMING, ev.Confirmed, g.valid_confirmation, CHECKING, choosing.accept),
    Row(CHOOSING, ev.Confirmed, g.offer_stands, OFFERED, offering.show_fresh),
    Row(CHOOSING, ev.Confirmed, None, OFFERED, offering.stale),
    Row(CONFIRMING, ev.Denied, None, OFFERED, choosing.deny),
    Row(CONFIRMING, ev.ConfirmationDue, None, OFFERED, choosing.ask_again),
    Row((*CHOOSING, NEGOTIATING), ev.Hesitated, None, HESITATING, choosing.hesitate),
    Row((*CHOOSING, NEGOTIATING), ev.Deferred, None, HESITATING, choosing.defer),
    Row(HESITATING, ev.DecisionDue, None, OFFERED, choosing.ask_again),
    Row(CHOOSING, ev.CounterOffered, g.within_band, CONFIRMING, choosing.agree_and_ask),
    Row((*CHOOSING, NEGOTIATING), ev.CounterOffered, None, NEGOTIATING, choosing.negotiate),
    Row((HAND_PRICING, *CLEARING, MONEY_TROUBLE, AWAITING, *SIGNED), ev.CounterOffered, None, SAME, people.hand_off),
    Row(NEGOTIATING, ev.ApprovalDue, None, SAME, choosing.approval_overdue),
    Row(NEGOTIATING, ev.CounterRejected, None, OFFERED, choosing.reject_counter),
    # --- receivables and deposit
    Row(CHECKING, ev.VerdictReached, g.stale_verdict, SAME, talk.late),
    Row(CHECKING, ev.VerdictReached, g.no_verdict_yet, SAME, clearing.wait_for_verdict),
    Row(CHECKING, ev.VerdictReached, g.may_sign, AWAITING, clearing.clear),
    Row(CHECKING, ev.VerdictReached, g.is_disputed, DISPUTED, clearing.freeze),
    Row(CHECKING, ev.VerdictReached, None, GATED, clearing.gate),
    Row(CHECKING, ev.VerdictDue, None, SAME, clearing.ask_again),
    Row(GATED, ev.GateDue, None, CHECKING, clearing.recheck_after_gate),
    Row(CLEARING, ev.ArrearsPaid, None, CHECKING, clearing.recheck),
    Row(MONEY_TROUBLE, ev.ArrearsPaid, g.accepted, CHECKING, clearing.recheck),
    Row(CLEARING, ev.BillPosted, None, CHECKING, clearing.recheck_after_bill),
    Row(AWAITING, ev.BillPosted, None, CHECKING, clearing.reopen_check),
    Row(CLEARING, ev.WaiverGranted, None, CHECKING, clearing.waive),
    Row(MONEY_TROUBLE, ev.WaiverGranted, g.accepted, CHECKING, clearing.waive),
    Row(MONEY_TROUBLE, ev.WaiverGranted, None, OFFERED, clearing.go_on_without_plan),
    Row(CLEARING, ev.InstalmentsAgreed, None, CHECKING, clearing.agree_plan),
    Row(MONEY_TROUBLE, ev.InstalmentsAgreed, g.accepted, CHECKING, clearing.agree_plan),
    Row(MONEY_TROUBLE, ev.InstalmentsAgreed, None, OFFERED, clearing.agree_plan_before_choice),
    Row(PAYING, ev.InstalmentsAgreed, None, SAME, paying.move_due_day),
    Row((CHECKING, GATED), ev.BillDisputed, None, DISPUTED, clearing.dispute),
    Row(MONEY_TROUBLE, ev.BillDisputed, g.accepted, DISPUTED, clearing.dispute),
    Row(REST, ev.BillDisputed, None, SAME, clearing.dispute),
    Row(DISPUTED, ev.DisputeDue, None, SAME, clearing.dispute_overdue),
    Row(DISPUTED, ev.DisputeSettled, None, CHECKING, clearing.settle_dispute),
    Row((*CHOOSING, NEGOTIATING, *CLEARING, AWAITING), ev.MoneyTroubled, None, MONEY_TROUBLE, clearing.plan),
    Row(MONEY_TROUBLE, ev.MoneyTroubled, None, SAME, clearing.ask_for_plan),
    Row(SIGNED, ev.MoneyTroubled, None, SAME, clearing.ask_for_plan),
    Row(REST, ev.MoneyTroubled, None, SAME, people.hand_off),
    Row(MONEY_TROUBLE, ev.MoneyPlanDue, None, SAME, clearing.plan_overdue),
    # --- signatures, up to the pivot
    Row(AWAITING, ev.EnvelopeOpened, g.same_envelope, SAME, talk.duplicate),
    Row(AWAITING, ev.EnvelopeOpened, g.envelope_is_awaited, SAME, signing.adopt),
    Row((*SIGNED, *FINAL, ON_HOLD), ev.EnvelopeOpened, g.same_envelope, SAME, talk.duplicate),
    Row(REST, ev.EnvelopeOpened, None, SAME, signing.withdraw_stray),
    Row(AWAITING, ev.PartySigned, g.signed_before, SAME, talk.duplicate),
    Row(AWAITING, ev.PartySigned, g.others_missing, SAME, signing.wait_for_others),
    Row(AWAITING, ev.PartySigned, None, SAME, signing.note_signature),
    Row(AWAITING, ev.EnvelopeSigned, g.our_envelope, BILLING, signing.pivot),
    Row((*CLEARING, MONEY_TROUBLE, AWAITING, LAPSED), ev.EnvelopeSigned, g.signed_after_all, BILLING, signing.pivot),
    Row(ON_HOLD, ev.EnvelopeSigned, g.signed_after_all, SAME, signing.pivot_on_hold),
    Row(LIVE, ev.EnvelopeSigned, g.known_signature, SAME, talk.duplicate),
    Row(REST, ev.EnvelopeSigned, g.known_signature, SAME, talk.duplicate),
    Row(REST, ev.EnvelopeSigned, None, SAME, signing.signed_unwanted),
)
