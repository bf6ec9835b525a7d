"""The frozen snapshot of one renewal: what the row stores, what a step reads, what a replay rebuilds."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from .effects import AnyEffect
from .lease import Bill, Lease
from .money import Fen
from .offer import CounterOffer, Offer, Proposal
from .policy import Policy
from .states import FINAL, LossReason, Milestone, State

FLOW = 1
"""Version of the table; pinned to each renewal when its window opens."""


class Owner(msgspec.Struct, frozen=True):
    """Who owns the thread: nobody (the machine) or a person. The epoch grows with every change of hands."""

    person: str | None = None
    epoch: int = 0


class Budget(msgspec.Struct, frozen=True):
    """Custom messages left until the window closes (WeChat: 5 in 48 h, 3 in 1 min after a menu click)."""

    left: int = 0
    closes_at: datetime | None = None


class Payment(msgspec.Struct, frozen=True):
    """The attempts on the first bill; ``tried`` numbers them, ``open`` is the live order."""

    tried: int = 0
    open: str | None = None
    paid: str | None = None
    refused: int = 0
    refunding: tuple[str, ...] = ()
    """Payments that came on top of the first one: each is given back once."""
    refunded: tuple[str, ...] = ()
    """Refund keys the provider confirmed."""
    mandate: str = ""
    """The mandate by which the open order is taken; empty: the tenant confirms it."""
    opens: datetime | None = None
    closes: datetime | None = None
    """When the open order may be taken, once it was announced."""
    by_hand: bool = False
    """A deduction was refused: whatever follows on this bill is confirmed by the tenant."""
    way: str = ""
    """With whom the open order stands (``wechatpay``, ``alipay`` …); empty: not heard yet."""
    wanted: str = ""
    """The way the tenant asked for instead: the open order is being closed first."""


class Reaching(msgspec.Struct, frozen=True):
    """The newest message that we began, while nobody has reacted to it: one at a time climbs the rungs."""

    key: str
    message: str
    params: dict[str, str | int] = {}
    tier: str = ""
    day: date = date.min
    """The day it counts on against the caps."""
    tried: tuple[str, ...] = ()
    more: bool = False
    """Was another rung open when it left last?"""
    sent_at: datetime | None = None
    delivered: bool = False


class Renewal(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that a step may know. ``policy`` and the store's ``id`` come beside it: see ``machine.step``."""

    lease: Lease
    state: State = State.OPENED
    flow: int = FLOW
    policy_version: int = 1
    opened_on: date = date.min
    owner: Owner = Owner()
    opted_out: bool = False
    reachable: bool = True
    stranger: bool = False
    """Whoever answers says they are not the tenant: nothing goes there, and nothing they say counts."""
    tier: str = ""
    """The newest reminder tier sent, or empty; tiers only go forward."""
    sent_on: tuple[date, ...] = ()
    """Days of the last automatic messages (caps: 1 a day, 3 a week)."""
    reaching: Reaching | None = None
    heard: int = 0
    """How often the tenant was heard, on any channel: a queued reminder from before that is moot."""
    page_trouble: bool = False
    """The page's script broke on this tenant's phone, and people know."""
    answered: bool = False
    """Did the tenant react since the window opened?"""
    offer: Offer | None = None
    next_offer: int = 1
    chosen: str | None = None
    accepted: Proposal | None = None
    counter: CounterOffer | None = None
    resume: State | None = None
    """Where to return from a side state (dispute, hold, negotiation)."""
    misunderstood: int = 0
    pictured: datetime | None = None
    """When the last picture came: more of them soon after are one storm."""
    invited: bool = False
    """Was the tenant invited to name their own terms?"""
    hesitations: int = 0
    budget: Budget = Budget()
    check: int = 0
    bills: tuple[Bill, ...] = ()
    waived: bool = False
    deposit_held: Fen | None = None
    envelope: str | None = None
    envelopes: int = 0
    withdrawn: str | None = None
    """The envelope last asked back; should it come back signed after all, the signature wins."""
    signed_by: tuple[str, ...] = ()
    clauses_read: tuple[str, ...] = ()
    """Key clauses of the accepted terms that the tenant has confirmed."""
    bill: Bill | None = None
    payment: Payment = Payment()
    mandate: str | None = None
    """The standing mandate as heard in this renewal, empty once it ended; None: what the lease says."""
    access_until: date | None = None
    """Last day the door was read back as open for, beyond the old lease."""
    access_tries: int = 0
    """How many extensions were wished: numbers their keys."""
    access_delays: int = 0
    """Refusals of the lock in a row; a read-back clears it."""
    relet: bool = False
    milestone: Milestone = Milestone.IN_WINDOW
    marks: dict[str, datetime] = {}
    """Instant each milestone was first reached, by its lower-case name."""
    loss: LossReason | None = None
    said: int = 0
    """How many messages were wished: numbers their keys."""
    rung: int = 0

    @property
    def standing_mandate(self) -> str:
        """``<provider>:<our number>`` of the mandate that holds now, or empty."""
        return self.lease.mandate if self.mandate is None else self.mandate

    @property
    def final(self) -> bool:
        return self.state in FINAL


class Timer(msgspec.Struct, frozen=True):
    """A row that will ring: ``kind`` is the class name of the event it becomes; unique with ``tag`` per renewal."""

    kind: str
    due_at: datetime
    tag: str = ""
    """Tier name or offer version: the event's one argument, or empty."""


class Silence(msgspec.Struct, frozen=True):
    """Deliberate: nothing is said, and why (``owned``, ``opted_out``, ``late``, ``duplicate``, ``quiet`` …)."""

    reason: str


class Decision(msgspec.Struct, frozen=True):
    """What one event came to. ``timers`` replace rows of the same (kind, tag); ``drop`` removes rows of these kinds."""

    renewal: Renewal
    effects: tuple[AnyEffect, ...] = ()
    timers: tuple[Timer, ...] = ()
    drop: tuple[str, ...] = ()
    silences: tuple[Silence, ...] = ()
    row: str = ""
    """The table row that spoke, for the event log: ``offered --chose--> confirming``."""


class Subject(msgspec.Struct, frozen=True):
    """A renewal with what belongs to it but not in its row: the store's id and the policy of its version."""

    id: int
    renewal: Renewal
    policy: Policy
