"""A test as a conversation: what a renewal hears, what it wants then, and where it rests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from dialogs.effects import AnyEffect, ExtendAccess, OpenEnvelope, RequestPayment, Ring, Say, Task
from dialogs.events import (
    AccessExtended,
    AnyEvent,
    BillCreated,
    Chose,
    Confirmed,
    EnvelopeOpened,
    EnvelopeSigned,
    OfferPrepared,
    OffersAsked,
    PartySigned,
    PaymentRequested,
    PaymentSucceeded,
    TierDue,
    Verdict,
    VerdictReached,
)
from dialogs.lease import Bill, Comps, Lease, Party, Role, Unit
from dialogs.machine import opening, step
from dialogs.money import Fen, yuan
from dialogs.policy import Policy
from dialogs.renewal import Decision, Subject
from dialogs.states import State
from dialogs.workdays import SHANGHAI

COMPS = Comps(6, yuan(3300), yuan(3000), yuan(3600))
LEASE = Lease(
    "L-1", "寓居", Unit("江畔", "1", "101", "开间"), (Party("p1", Role.TENANT),),
    start=date(2025, 10, 17), end=date(2026, 10, 16), rent=yuan(3000), deposit_due=yuan(3000), deposit_held=yuan(3000),
    housekeeper="h1", lock="700001",
)  # fmt: skip
SHARED = replace(LEASE, parties=(*LEASE.parties, Party("p2", Role.CO_TENANT), Party("p3", Role.GUARANTOR)))
MORNING = datetime(2026, 9, 16, 9, 30, tzinfo=SHANGHAI)
"""T-30 of the lease above, at the hour reminders go out."""
ENVELOPE = "envelope-1"


class Story:
    """``hears`` is one step; the other words look at what came of it."""

    def __init__(self, lease: Lease = LEASE, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.renewal = opening(lease, opened_on=date(2026, 9, 1))
        self.now = MORNING
        self.last = Decision(self.renewal)

    def hears(self, event: AnyEvent, *, after: timedelta = timedelta()) -> Story:
        self.now += after
        self.last = step(Subject(7, self.renewal, self.policy), event, self.now)
        self.renewal = self.last.renewal
        return self

    def on(self, day: date, hour: int = 10) -> Story:
        """Time passes until this Shanghai day."""
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
        return self

    def rests_in(self, state: State) -> Story:
        assert self.renewal.state is state, f"rests in {self.renewal.state}: {self.last.row}"
        return self

    def says(self, message: str, **params: object) -> Story:
        said = [one for one in self.last.effects if isinstance(one, Say)]
        assert [one.message for one in said] == [message], (said, self.last.silences)
        assert params.items() <= said[0].params.items()
        return self

    def is_silent(self, *reasons: str) -> Story:
        assert not [one for one in self.last.effects if isinstance(one, Say)]
        assert [one.reason for one in self.last.silences] == list(reasons)
        return self

    def asks(self, task: Task, desk: str = "housekeeper") -> Story:
        rung = {(one.task, one.desk) for one in self.last.effects if isinstance(one, Ring)}
        assert (task, desk) in rung, rung
        return self

    def wants(self, kind: type[AnyEffect], **fields: object) -> Story:
        """Exactly one effect of this kind, with these fields."""
        wish = self.wish(kind)
        found = {name: getattr(wish, name) for name in fields}
        assert found == fields
        return self

    def wants_no(self, kind: type[AnyEffect]) -> Story:
        assert not [one for one in self.last.effects if isinstance(one, kind)]
        return self

    def wish(self, kind: type[AnyEffect]) -> Any:
        found = [one for one in self.last.effects if isinstance(one, kind)]
        assert len(found) == 1, self.last.effects
        return found[0]

    def will_ring(self, kind: str) -> Story:
        assert kind in {one.kind for one in self.last.timers}, self.last.timers
        return self


def reminded(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    return Story(lease, policy).hears(TierDue("T-30")).hears(OfferPrepared(COMPS))


def offered(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    return reminded(lease, policy).hears(OffersAsked(via="wechat"), after=timedelta(hours=1))


def confirming(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    return offered(lease, policy).hears(Chose(number=1, via="wechat"), after=timedelta(minutes=1))


def checking(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    return confirming(lease, policy).hears(Confirmed(via="wechat"), after=timedelta(minutes=1))


def clear(story: Story, held: Fen | None = None) -> Story:
    due = story.renewal.lease.deposit_due if held is None else held
    verdict = VerdictReached(Verdict.CLEAR, (), due, "ledger", story.renewal.check)
    return story.hears(verdict)


def owing(story: Story, *bills: Bill) -> Story:
    verdict = VerdictReached(Verdict.OWING, bills, story.renewal.lease.deposit_due, "ledger", story.renewal.check)
    return story.hears(verdict)


def signing(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    story = clear(checking(lease, policy))
    return story.hears(EnvelopeOpened(ENVELOPE, story.wish(OpenEnvelope).key))


def signed(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    story = signing(lease, policy)
    for party in lease.parties:
        story.hears(PartySigned(ENVELOPE, party.id), after=timedelta(minutes=1))
    return story.hears(EnvelopeSigned(ENVELOPE, "5a" * 32))


def paying(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    story = signed(lease, policy)
    story.hears(BillCreated(Bill("B1", date(2026, 9, 21), yuan(3000))))
    wish = story.wish(RequestPayment)
    return story.hears(PaymentRequested(wish.key, "B1"))


def deducting(*events: AnyEvent, limit: Fen | None = None) -> Story:
    """Signed, and the first bill just made for a tenant whose mandate stands; ``events`` happen before the bill."""
    allowed = yuan(5000) if limit is None else limit
    story = signed(replace(LEASE, mandate="entrust:M7"), Policy(deduct_limit=allowed))
    for event in events:
        story.hears(event)
    return story.hears(BillCreated(Bill("B1", date(2026, 9, 21), yuan(3000))))


def paid(lease: Lease = LEASE, policy: Policy | None = None) -> Story:
    story = paying(lease, policy)
    return story.hears(pays(story), after=timedelta(hours=1))


def pays(story: Story) -> PaymentSucceeded:
    """The tenant pays the open order."""
    bill, key = story.renewal.bill, story.renewal.payment.open
    assert bill is not None
    assert key is not None
    return PaymentSucceeded(key, bill.no, bill.amount, "wechatpay")


def read_back(story: Story) -> AccessExtended:
    """The lock took what was last wished."""
    until: date = story.wish(ExtendAccess).until
    return AccessExtended(until)
