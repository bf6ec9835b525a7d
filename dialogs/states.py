"""Where a renewal can stand: each state names what we wait for."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class State(StrEnum):
    OPENED = "opened"
    """The window is open; nobody has been written to."""
    HAND_PRICING = "hand_pricing"
    """A customised unit, or one the rule cannot price: a person makes the offer."""
    REMINDED = "reminded"
    """A reminder went out; the offer waits unseen."""
    OFFERED = "offered"
    """Three proposals lie before the tenant."""
    HESITATING = "hesitating"
    """The tenant wants time, or named a day."""
    NEGOTIATING = "negotiating"
    """A counter-offer is under approval."""
    CONFIRMING = "confirming"
    """The tenant picked one proposal; we asked whether that is meant."""
    CHECKING = "checking"
    """Receivables and deposit are being verified."""
    GATED = "gated"
    """Something is owed: pay first, in instalments, dispute, or a waiver."""
    DISPUTED = "disputed"
    """The tenant disputes a bill; finance decides."""
    MONEY_TROUBLE = "money_trouble"
    """The tenant is short of cash; a plan is being agreed with a person."""
    AWAITING_SIGNATURE = "awaiting_signature"
    """The envelope is out: tenant, co-tenants, guarantor."""
    BILLING = "billing"
    """Signed, which is the pivot: the first bill is being made."""
    PAYING = "paying"
    """The first bill is due."""
    EXTENDING = "extending"
    """Paid: the door's credentials are being extended."""
    UNREACHABLE = "unreachable"
    """No channel reaches the tenant; a person looks for a contact."""
    ON_HOLD = "on_hold"
    """People only (a death, a court, a police matter): the machine waits."""
    MOVING_OUT = "moving_out"
    """Not renewing: notice acknowledged, the flat is handed back on the last day."""
    LAPSED = "lapsed"
    """The term ended with no choice; legal and housekeeper find out whether the tenant stays."""
    HOLDOVER = "holdover"
    """不定期: the lease goes on without a term (Civil Code 734)."""
    RENEWED = "renewed"
    MOVED_OUT = "moved_out"


FINAL = frozenset({State.HOLDOVER, State.RENEWED, State.MOVED_OUT})
AFTER_PIVOT = frozenset({State.BILLING, State.PAYING, State.EXTENDING, State.RENEWED})


class Milestone(IntEnum):
    """The funnel's steps, in order; a renewal keeps the furthest it reached."""

    IN_WINDOW = 0
    REACHED = 1
    OPENED = 2
    CHOSEN = 3
    CLEARED = 4
    SIGNED = 5
    PAID = 6
    SECURED = 7


class LossReason(StrEnum):
    """Why a lease did not renew: exactly one each. The first nine are the tenant's own (label guide, ``decline``)."""

    PRICE = "price"
    JOB = "job"
    BOUGHT_HOME = "bought_home"
    LEAVING_CITY = "leaving_city"
    QUALITY = "quality"
    LOCATION = "location"
    ROOMMATE = "roommate"
    FAMILY = "family"
    OTHER = "other"
    UNKNOWN = "unknown"
    MONEY = "money"
    NOT_REACHED = "not_reached"
    NO_ANSWER = "no_answer"
    UNDECIDED = "undecided"
    SIGNATURE_MISSING = "signature_missing"
    OPERATOR = "operator"
    """The operator did not renew; shown beside the rate, not in it."""
