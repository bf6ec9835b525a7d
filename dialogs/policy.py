"""What an operator may set: one value with a version, so that a renewal in flight keeps the rules it began with."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum

import msgspec

from .money import Fen
from .rungs import Rung


class Tone(StrEnum):
    WARM = "温馨"
    FORMAL = "正式"
    URGENT = "紧急"


class Tier(msgspec.Struct, frozen=True):
    """One reminder step: so many days before the lease ends, in this tone."""

    name: str
    days_before: int
    tone: Tone
    call_task: bool = False
    """Ask the housekeeper to call when the tenant has not answered by then (seed S25)."""
    tell_housekeeper: bool = False
    """Send the housekeeper the countdown too (seed S26)."""
    unopened_hours: int = 24
    """A message that was not opened for so long is repeated on the next rung; after the last a person calls."""


DEFAULT_TIERS = (
    Tier("T-30", 30, Tone.WARM, unopened_hours=48),
    Tier("T-15", 15, Tone.FORMAL, call_task=True),
    Tier("T-7", 7, Tone.URGENT, tell_housekeeper=True, unopened_hours=6),
)


RECEIPT_MINUTES = {"template": 30, "subscribed": 30, "sms": 360}


class PriceRule(msgspec.Struct, frozen=True):
    """Percent of the gap to comparable rents that a renewal closes, with floor and cap (requirements 5.1)."""

    close_up: Decimal = Decimal("0.4")
    close_down: Decimal = Decimal("0.8")
    floor_percent: Decimal = Decimal(-8)
    cap_percent: Decimal = Decimal(5)
    affordable_cap_percent: Decimal = Decimal(5)
    round_to: Fen = Fen(1000)
    min_comps: int = 3
    falling_below_percent: Decimal = Decimal(-3)
    small_rise_percent: Decimal = Decimal(2)
    gift_value: Fen = Fen(60000)
    ladder_step_percent: Decimal = Decimal(2)
    public_rents: dict[str, Fen] = {}
    """City's published rent a month by layout, where there is one: the median is drawn towards it, n against 8."""


class Haggling(StrEnum):
    """What becomes of a tenant who finds it too dear and names no terms."""

    FORM = "form"
    """They are invited to name theirs, once; then a person."""
    PERSON = "person"


class Policy(msgspec.Struct, frozen=True):
    version: int = 1
    window_days: int = 45
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    quiet_from: time = time(20, 0)
    quiet_until: time = time(9, 0)
    send_at: time = time(9, 30)
    automatic_per_day: int = 1
    automatic_per_week: int = 3
    rungs: tuple[Rung, ...] = tuple(Rung)
    """Ways by which we begin, in the order in which they are tried."""
    receipt_minutes: dict[str, int] = msgspec.field(default_factory=RECEIPT_MINUTES.copy)
    """Without a receipt for so long, nobody knows whether it arrived: the next rung is tried."""
    sms_unopened_hours: int = 24
    """The last rung has no more patience than this, whatever the tier says."""
    sms_per_day: int = 3
    """SMS to one number in a day, answers to its own texts included."""
    contact_check_days: int = 20
    """Days before the end at which a way to the tenant must be proven, or a person mends the contact."""
    call_hours: int = 8
    """Working hours in which a person calls whom no message reached."""
    price: PriceRule = PriceRule()
    offer_days: int = 14
    confirm_hours: int = 48
    hesitate_days: int = 3
    approval_hours: int = 24
    gate_days: int = 5
    dispute_days: int = 2
    money_days: int = 7
    sign_nudge_days: int = 1
    sign_days: int = 5
    pay_days: int = 3
    charge_attempts: int = 3
    deduct_limit: Fen = Fen(0)
    """A bill up to this is taken by deduction where a mandate stands; 0: never. Anything else the tenant confirms."""
    access_buffer_days: int = 2
    """Days after the new term's last day that the door still opens."""
    grace_days: int = 7
    """Days after a bill's due date that access goes on although money is missing (requirements 3.2)."""
    access_retry_hours: int = 6
    lapse_days: int = 3
    hold_days: int = 14
    reach_days: int = 2
    misunderstood_limit: int = 2
    picture_minutes: int = 10
    """Pictures that follow each other within so many minutes are one storm and get one answer."""
    repair_days: int = 2
    """Days, ending on a working day, in which somebody comes about a repair; promised to the tenant."""
    plan_parts: int = 3
    """In at most so many parts may be paid what is owed."""
    plan_later_days: int = 14
    """At most so many days later."""
    haggling: Haggling = Haggling.FORM
    hesitations_before_person: int = 2
    """The how many-th hesitation hands the tenant to their housekeeper; 0: none does."""
    auto_accept_percent: Decimal = Decimal(0)
    """A counter-offer at most this far below the cheapest proposal is accepted without a person."""
    waiver_limit: Fen = Fen(0)
    """Owing no more than this never holds up a signature."""
    ledger_hours: int = 2
    """How long the ledger may take over a verdict or a bill before it is asked again."""
    sign_attempts: int = 2
    """Envelopes sent before a person takes over."""
    access_attempts: int = 3
    """Refusals of the lock in a row before a person goes to the door."""
    holdover_days: int = 30
    """How far the door is opened ahead when a lease goes on without a term (notice templates: 30 days)."""
    refund_days: int = 3
    """Working days after the return of the flat in which the deposit is paid back (requirements 4)."""
    filing_days: int = 30
    """Within so many days a renewed contract is filed with the city (备案); it never holds up a key."""
    days_off: tuple[date, ...] = ()
    days_on: tuple[date, ...] = ()
    """The operator's word over the public holiday calendar, for days it has wrong or does not know yet."""
