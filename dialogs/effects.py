"""What we may wish: imperatives, carried out after the commit, each under a key that never changes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from .money import Fen
from .offer import Proposal


class Lane(StrEnum):
    """Where an effect waits; each lane has its own concurrency and its own trouble."""

    CHAT = "chat"
    DESK = "desk"
    LEDGER = "ledger"
    ESIGN = "esign"
    PAY = "pay"
    LOCK = "lock"


class Route(StrEnum):
    """How words reach the tenant."""

    REPLY = "reply"
    """The answer to what they just wrote: passive reply, costs nothing."""
    CUSTOM = "custom"
    """Inside the 48-hour window: costs one of five."""
    NOTICE = "notice"
    """Nobody wrote first: over the first rung that is open (``dialogs.rungs``)."""
    ANSWER = "answer"
    """The answer to an SMS: one standard text by SMS, in the same hour."""


class Effect(msgspec.Struct, frozen=True, tag_field="effect", tag=True, kw_only=True, omit_defaults=True):
    """Base of all effects; the tag in JSON is the class name. ``key`` is stable: the same wish twice is one row."""

    key: str
    not_before: datetime | None = None


class Say(Effect, frozen=True):
    """Tell the tenant one catalogue message. ``proactive`` = nobody asked: quiet hours, caps and opt-out bind it."""

    message: str
    params: dict[str, str | int] = {}
    """Days and instants stand as ISO text: JSON has no other way to keep them apart from words."""
    route: Route = Route.NOTICE
    proactive: bool = True
    epoch: int = 0
    """Owner epoch when wished; while a person owns the thread, or the epoch moved on, it is moot."""
    tier: str = ""
    tried: tuple[str, ...] = ()
    """Rungs on which this message went out before, without a sign of being seen."""
    heard: int = 0
    """How often the tenant had been heard when this was wished: what only urges is moot once they are heard again."""


class Task(StrEnum):
    """What a person is asked to do (handoff inbox)."""

    HANDOFF = "handoff"
    CALL = "call"
    REPAIR_CONTACT = "repair_contact"
    PRICE_BY_HAND = "price_by_hand"
    APPROVE_COUNTER = "approve_counter"
    SETTLE_DISPUTE = "settle_dispute"
    AGREE_PLAN = "agree_plan"
    CHASE_SIGNATURE = "chase_signature"
    CHASE_PAYMENT = "chase_payment"
    RENEW_MANDATE = "renew_mandate"
    OPEN_DOOR = "open_door"
    CHECK_MOVE_OUT = "check_move_out"
    CHECK_STAY = "check_stay"
    HOLDOVER_NOTICE = "holdover_notice"
    WORK_ORDER = "work_order"
    COUNTDOWN = "countdown"
    FILE_CONTRACT = "file_contract"
    LOOK = "look"
    """Something a machine cannot judge: the reason says what."""


class Ring(Effect, frozen=True):
    """Ask a person. ``desk`` is ``housekeeper | finance | legal``."""

    task: Task
    reason: str
    desk: str = "housekeeper"
    due: datetime | None = None
    message: str = ""


class DropTasks(Effect, frozen=True):
    """The tenant or a colleague settled it: open tasks of these kinds are no longer needed."""

    tasks: tuple[Task, ...]


class PrepareOffer(Effect, frozen=True):
    """Gather comparable rents → ``OfferPrepared``."""


class AskVerdict(Effect, frozen=True):
    """Receivables and deposit → ``VerdictReached``."""

    check: int


class OpenEnvelope(Effect, frozen=True):
    """Make document and envelope → ``EnvelopeOpened | EnvelopeFailed | EnvelopeDelayed``."""

    proposal: Proposal
    expires_at: datetime


class WithdrawEnvelope(Effect, frozen=True):
    ref: str
    reason: str


class CreateBill(Effect, frozen=True):
    """First rent and deposit top-up, once per (lease, period) → ``BillCreated``."""

    amount: Fen
    due: date


class RequestPayment(Effect, frozen=True):
    """A way to pay → ``PaymentRequested | ChargeAccepted | PaymentRefused``. ``key``: the order number ``R…A<n>``."""

    bill: str
    amount: Fen
    mandate: str = ""
    """Taken by this mandate, after the notice it needs; empty: an order the tenant confirms."""
    way: str = ""
    """The provider the tenant asked for; empty: the first through whom they can pay."""


class CloseOrder(Effect, frozen=True):
    """End an open order before another is placed → ``PaymentRefused`` (closed) or ``PaymentSucceeded`` (too late)."""

    order: str
    way: str


class Refund(Effect, frozen=True):
    """Give back one payment in full, once → ``RefundMade``."""

    payment: str
    amount: Fen
    channel: str = ""
    """Where it was paid; empty: where orders are placed."""


class ExtendAccess(Effect, frozen=True):
    """All credentials of all lawful occupants, to the end of this day → ``AccessExtended | AccessDelayed``."""

    until: date


class RecordRenewal(Effect, frozen=True):
    """Write the new term into the ledger: ERP export, deposit carry-over, 备案 task pack."""

    proposal: Proposal
    deposit_carry: Fen


class CloseLease(Effect, frozen=True):
    """Write the ending into the ledger: moved out, or 不定期."""

    holdover: bool


AnyEffect = (
    Say | Ring | DropTasks | PrepareOffer | AskVerdict | OpenEnvelope | WithdrawEnvelope | CreateBill | RequestPayment
    | CloseOrder | Refund | ExtendAccess | RecordRenewal | CloseLease
)  # fmt: skip

LANES: dict[type[Effect], Lane] = {
    Say: Lane.CHAT,
    Ring: Lane.DESK,
    DropTasks: Lane.DESK,
    PrepareOffer: Lane.LEDGER,
    AskVerdict: Lane.LEDGER,
    OpenEnvelope: Lane.ESIGN,
    WithdrawEnvelope: Lane.ESIGN,
    CreateBill: Lane.LEDGER,
    RequestPayment: Lane.PAY,
    CloseOrder: Lane.PAY,
    Refund: Lane.PAY,
    ExtendAccess: Lane.LOCK,
    RecordRenewal: Lane.LEDGER,
    CloseLease: Lane.LEDGER,
}
