"""What can happen to a renewal: past facts. No free text stands here; ``message`` names a sealed row."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from .lease import Bill, Comps, Lease
from .money import Fen
from .offer import CounterOffer, Offer
from .paper import KeyClause
from .states import LossReason, State


class Event(msgspec.Struct, frozen=True, tag_field="event", tag=True, kw_only=True, omit_defaults=True):
    """Base of all events; the tag in JSON is the class name."""


class Heard(Event, frozen=True, kw_only=True):
    """Base of what a tenant said or tapped. ``via`` is ``wechat | sms | page``: where the answer goes."""

    via: str = "wechat"
    message: str = ""
    clicked: bool = False
    """A menu item was tapped, nothing was written: WeChat then allows 3 messages in one minute, not 5 in 48 hours."""


# --- time: a timer rang -------------------------------------------------------------------------------------------
class TierDue(Event, frozen=True):
    tier: str


class OfferExpired(Event, frozen=True):
    offer: int


class ConfirmationDue(Event, frozen=True): ...


class DecisionDue(Event, frozen=True):
    """A hesitating tenant's own day, or ours, has come."""


class ApprovalDue(Event, frozen=True): ...


class VerdictDue(Event, frozen=True):
    """The receivables check has not answered, or must be asked again."""


class GateDue(Event, frozen=True): ...


class DisputeDue(Event, frozen=True): ...


class MoneyPlanDue(Event, frozen=True): ...


class SignatureNudgeDue(Event, frozen=True):
    """``nudge`` 1 reminds the tenant, 2 asks a person."""

    nudge: int = 1


class SignatureDue(Event, frozen=True): ...


class BillDue(Event, frozen=True):
    """The bill has not been made yet."""


class PaymentDue(Event, frozen=True): ...


class AccessDue(Event, frozen=True):
    """The door has not been extended yet."""


class RungDue(Event, frozen=True):
    """The message under way has no receipt, or was not opened, for as long as its rung and tier allow."""


class ContactCheckDue(Event, frozen=True):
    """T-20: by now a way to the tenant is proven, or a person mends the contact."""


class ContactDue(Event, frozen=True):
    """Somebody should have found a way to reach the tenant by now."""


class PricingDue(Event, frozen=True): ...


class HoldDue(Event, frozen=True): ...


class TermEnded(Event, frozen=True):
    """The day after the lease's last day has begun."""


class HoldoverDue(Event, frozen=True):
    """T+n after a lapsed term: nobody has said whether the tenant stays."""


class MoveOutDue(Event, frozen=True):
    """The last day of a tenant who leaves has passed."""


# --- the tenant ----------------------------------------------------------------------------------------------------
class PageOpened(Heard, frozen=True):
    """The tenant, proven by link and binding, has the offer before their eyes."""


class OffersAsked(Heard, frozen=True): ...


class Chose(Heard, frozen=True):
    """A pick: by number in the chat, or by proposal with offer version and terms hash on the page."""

    number: int | None = None
    proposal: str | None = None
    offer: int | None = None
    terms_hash: str | None = None


class Confirmed(Heard, frozen=True):
    """A clear yes to the pending question; the page repeats what it was about."""

    proposal: str | None = None
    offer: int | None = None
    terms_hash: str | None = None


class Denied(Heard, frozen=True): ...


class Hesitated(Heard, frozen=True): ...


class Deferred(Heard, frozen=True):
    until: datetime


class CounterOffered(Heard, frozen=True):
    terms: CounterOffer = CounterOffer()


class Declined(Heard, frozen=True):
    reason: LossReason = LossReason.UNKNOWN


class MindChanged(Heard, frozen=True):
    """Gave notice, now wants to stay."""


class HumanAsked(Heard, frozen=True): ...


class MoneyTroubled(Heard, frozen=True):
    instalments: int | None = None


class BillDisputed(Heard, frozen=True):
    bill: str | None = None


class OptedOut(Heard, frozen=True): ...


class RepairReported(Heard, frozen=True): ...


class Complained(Heard, frozen=True): ...


class PictureSent(Heard, frozen=True):
    """A picture, voice or video: only a person can make something of it."""


class TechTrouble(Heard, frozen=True):
    """A link, page, code or payment does not work for the tenant."""


class ChangeAsked(Heard, frozen=True):
    """Something the offers do not hold and terms cannot express: another room, person, start or payment cycle."""


class Asked(Heard, frozen=True):
    """A question with an answer grounded in this lease: ``terms``, ``process``, or one of ``talk.ANSWERS``."""

    topic: str = "process"


class ClauseRead(Heard, frozen=True):
    """The tenant confirms one key clause of the terms they accepted; the log keeps when.

    ``seconds``: how long the page was before them, as its own script measured; 0: not measured.
    """

    clause: KeyClause
    terms_hash: str
    seconds: int = 0


class PayWayChosen(Heard, frozen=True):
    """The tenant wants to pay this bill elsewhere: ``wechatpay``, ``alipay`` …"""

    way: str


class Greeted(Heard, frozen=True): ...


class Thanked(Heard, frozen=True): ...


class Acknowledged(Heard, frozen=True):
    """好的, 嗯, 收到 where no question waits: heard, and nothing follows from it."""


class WrongPerson(Heard, frozen=True): ...


class NotUnderstood(Heard, frozen=True): ...


# --- channels ------------------------------------------------------------------------------------------------------
class Unreach(StrEnum):
    """Why a message cannot arrive (channels, section 4)."""

    UNREACHABLE = "unreachable"
    OPTED_OUT = "opted_out"
    BAD_NUMBER = "bad_number"


class MessageSent(Event, frozen=True):
    """A provider took the message ``key`` over ``rung``; ``more``: another rung was open when it left."""

    key: str
    rung: str
    more: bool = False


class AttemptFailed(Event, frozen=True):
    """A receipt says that what was taken did not arrive; the next rung is tried."""

    key: str
    kind: Unreach


class MessageDelivered(Event, frozen=True):
    """A receipt says the message is on the tenant's device."""

    key: str


class MessageFailed(Event, frozen=True):
    """No rung is left for this message: nothing we send by itself arrives."""

    key: str
    kind: Unreach


class PageNoted(Event, frozen=True):
    """What the page's script reports of itself: ``touched | tried | script_error``; no keystroke, no place."""

    kind: str
    option: str = ""
    agent: str = ""


class WayBarred(Event, frozen=True):
    """Our own account's blacklist keeps messages from this tenant: only people take them off it (channels, 1.9)."""


class Followed(Event, frozen=True): ...


class Unfollowed(Event, frozen=True): ...


# --- receivables ----------------------------------------------------------------------------------------------------
class Verdict(StrEnum):
    CLEAR = "clear"
    OWING = "owing"
    DISPUTED = "disputed"
    PENDING = "pending"
    UNAVAILABLE = "unavailable"


class OfferPrepared(Event, frozen=True):
    """Comparable rents were gathered; the price rule can speak."""

    comps: Comps


class VerdictReached(Event, frozen=True):
    verdict: Verdict
    bills: tuple[Bill, ...] = ()
    deposit_held: Fen | None = None
    evidence: str = ""
    check: int = 0
    """Which check this answers; an older one is late and ignored."""


class ArrearsPaid(Event, frozen=True):
    """The ledger booked a payment: ask the verdict again."""


class BillPosted(Event, frozen=True):
    """A new receivable after the check: the check no longer holds."""

    bill: Bill


# --- people ---------------------------------------------------------------------------------------------------------
class Staffed(Event, frozen=True, kw_only=True):
    """Base of what staff did; ``actor`` is a user id, never a name."""

    actor: str


class Claimed(Staffed, frozen=True): ...


class Released(Staffed, frozen=True):
    """The person lets go; ``resume`` says where the conversation goes on."""

    resume: State | None = None


class StaffOffered(Staffed, frozen=True):
    """A person made or approved terms: they become the next offer version."""

    offer: Offer


class CounterRejected(Staffed, frozen=True): ...


class WaiverGranted(Staffed, frozen=True):
    """Finance lets the signing go on although something is owed."""


class InstalmentsAgreed(Staffed, frozen=True):
    """A payment plan stands: signing (before the pivot) or the later due date (after it) goes ahead."""

    until: date


class DisputeSettled(Staffed, frozen=True):
    """Finance decided; the bills, right or corrected, are in the ledger."""


class ContactRepaired(Staffed, frozen=True): ...


class CallEnded(Staffed, frozen=True):
    """A call task's mandatory outcome: ``reached | no_answer | wrong_number | refused``."""

    outcome: str


class PutOnHold(Staffed, frozen=True): ...


class Resumed(Staffed, frozen=True):
    """Taken off hold."""


class StayObserved(Staffed, frozen=True):
    """After the term's end: the tenant stays, or has gone."""

    stays: bool


class MoveOutDone(Staffed, frozen=True): ...


class UnitRelet(Staffed, frozen=True):
    """The flat has a next tenant: a changed mind comes too late."""


class DeclinedByOperator(Staffed, frozen=True): ...


class LeaseCorrected(Event, frozen=True):
    """The ledger changed a fact of this lease."""

    lease: Lease


# --- e-sign ---------------------------------------------------------------------------------------------------------
class EnvelopeOpened(Event, frozen=True):
    """``key`` is that of the wish; one opened under an older wish is withdrawn, its terms may be others."""

    ref: str
    key: str = ""


class PartySigned(Event, frozen=True):
    ref: str
    party: str


class EnvelopeSigned(Event, frozen=True):
    """All signatures are there, confirmed by query: the pivot."""

    ref: str
    sha256: str = ""


class EnvelopeRefused(Event, frozen=True):
    ref: str


class EnvelopeExpired(Event, frozen=True):
    ref: str


class EnvelopeFailed(Event, frozen=True):
    """The provider will not open it at all (not a time-out): people look."""

    reason: str


class EnvelopeDelayed(Event, frozen=True):
    """The provider is down: the tenant loses no day by it."""


# --- bills and money ------------------------------------------------------------------------------------------------
class BillCreated(Event, frozen=True):
    bill: Bill


class PaymentRequested(Event, frozen=True):
    """An order stands at the payer; the tenant has a way to pay it."""

    key: str
    bill: str
    way: str = ""
    """The provider with whom it stands."""


class ChargeAccepted(Event, frozen=True):
    """A deduction is announced or accepted; it is not money yet (WeChat: day D, charge from D+2)."""

    key: str
    opens: datetime | None = None
    """First instant (UTC) at which it may be tried; None: at once."""
    closes: datetime | None = None
    """Instant (UTC) from which on it may no longer be tried; None: no end."""


class PaymentSucceeded(Event, frozen=True):
    key: str
    bill: str
    amount: Fen
    channel: str


class Refusal(StrEnum):
    """Why money did not move (providers, section 8)."""

    TENANT_CAN_FIX = "tenant_can_fix"
    MANDATE_DEAD = "mandate_dead"
    LIMIT = "limit"
    WINDOW = "window"
    CONFIG = "config"
    FINAL = "final"
    REPLACED = "replaced"
    """We closed it unpaid: the tenant asked for another way."""


class PaymentRefused(Event, frozen=True):
    key: str
    reason: Refusal


class MandateSigned(Event, frozen=True):
    """The tenant allows that later bills are taken by deduction; ``mandate`` is ``<provider>:<our number>``."""

    mandate: str


class MandateClosed(Event, frozen=True):
    """The tenant ended the entrusted deduction."""


class RefundMade(Event, frozen=True):
    key: str


# --- the door -------------------------------------------------------------------------------------------------------
class AccessExtended(Event, frozen=True):
    """Read back from the lock: credentials hold until this day's end."""

    until: date


class AccessDelayed(Event, frozen=True):
    """The lock is asleep or its gateway is away."""

    reason: str


AnyEvent = (
    TierDue | OfferExpired | ConfirmationDue | DecisionDue | ApprovalDue | VerdictDue | GateDue | DisputeDue
    | MoneyPlanDue | SignatureNudgeDue | SignatureDue | BillDue | PaymentDue | AccessDue | RungDue | ContactCheckDue
    | ContactDue | PricingDue | HoldDue | TermEnded | HoldoverDue | MoveOutDue
    | PageOpened | OffersAsked | Chose | Confirmed | Denied | Hesitated | Deferred | CounterOffered | Declined
    | MindChanged | HumanAsked | MoneyTroubled | BillDisputed | OptedOut | RepairReported | Complained | Asked
    | ClauseRead | PayWayChosen
    | Greeted | Thanked | Acknowledged | WrongPerson | NotUnderstood | PictureSent | TechTrouble | ChangeAsked
    | MessageSent | AttemptFailed | MessageDelivered | MessageFailed | PageNoted | WayBarred | Followed | Unfollowed
    | OfferPrepared | VerdictReached | ArrearsPaid | BillPosted
    | Claimed | Released | StaffOffered | CounterRejected | WaiverGranted | InstalmentsAgreed | DisputeSettled
    | ContactRepaired | CallEnded | PutOnHold | Resumed | StayObserved | MoveOutDone | UnitRelet
    | DeclinedByOperator | LeaseCorrected
    | EnvelopeOpened | PartySigned | EnvelopeSigned | EnvelopeRefused | EnvelopeExpired | EnvelopeFailed
    | EnvelopeDelayed
    | BillCreated | PaymentRequested | ChargeAccepted | PaymentSucceeded | PaymentRefused | MandateSigned
    | MandateClosed | RefundMade
    | AccessExtended | AccessDelayed
)  # fmt: skip
