"""One lease in Hangzhou, a clock that is set by hand, and the shell's core around a real store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from backend.db.port import ClaimedEffect, LeaseRow, LedgerBill, Person, Store, Stored, Window
from bot.app import TEMPLATES
from bot.clock import shanghai_day
from bot.policies import Policies
from bot.speaker import Speaker
from bot.turn import Turns
from channels.page.links import Links
from channels.port import Inbound, InboundKind
from dialogs.effects import Lane
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
    PaymentRequested,
    PaymentSucceeded,
    TierDue,
    Verdict,
    VerdictReached,
)
from dialogs.lease import Bill, Comps, Lease, Party, Role, Unit
from dialogs.money import Fen, yuan
from dialogs.policy import Policy
from dialogs.reminders import first_due
from dialogs.states import State

OPERATOR = "yuju"
NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
"""Ten in the morning in Hangzhou, thirty days before the lease ends."""
END = date(2026, 10, 2)
OPENID = "o-tenant-1"
PUBLIC = "http://127.0.0.1:9"
LINK_KEY = "k" * 32


POLICY = Policy(deduct_limit=yuan(5000))

LINKS = Links({"1": LINK_KEY.encode()}, "1")


class StageClock:
    """Stands still until it is moved; the shell asks ``now()``, the sandboxes call it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


def lease(number: int = 1, **changes: Any) -> Lease:
    plain = Lease(
        no=f"YJ-{number:04d}",
        operator=OPERATOR,
        unit=Unit("云栖公寓", "3幢", f"120{number}", "开间"),
        parties=(Party(f"p-{number}", Role.TENANT),),
        start=date(2025, 10, 3),
        end=END,
        rent=yuan(3200),
        deposit_due=yuan(3200),
        deposit_held=yuan(3200),
        housekeeper="hk-lin",
        lock=str(1000 + number),
    )
    return msgspec.structs.replace(plain, **changes)


def row(number: int = 1, *, bills: tuple[LedgerBill, ...] = (), openid: str | None = None, **changes: Any) -> LeaseRow:
    """``openid`` None: the tenant's own; empty: no WeChat."""
    made = lease(number, **changes)
    people = tuple(
        Person(party.id, f"租客{number}号", f"1380000{number:04d}", "110101199001010000") for party in made.parties
    )
    return LeaseRow(made, people, bills, openid=f"o-tenant-{number}" if openid is None else openid)


async def imported(store: Store, clock: StageClock, *rows: LeaseRow) -> None:
    await store.import_leases(OPERATOR, rows, "0" * 64, clock.now())


async def opened(store: Store, clock: StageClock, *rows: LeaseRow) -> Stored:
    """The first of these leases (or the plain one) with its window just opened, its tenant bound."""
    await imported(store, clock, *(rows or (row(),)))
    today = shanghai_day(clock.now())
    policy = Policy()
    dues = {today + timedelta(days=day): first_due(today + timedelta(days=day), policy, today) for day in range(46)}
    await store.open_window(OPERATOR, Window(today, 45, dues, "T-30", policy.version), clock.now())
    found = await store.renewals(OPERATOR)
    return min(found, key=lambda one: one.id)


PATH: tuple[tuple[State, Callable[[Stored], AnyEvent]], ...] = (
    (State.OPENED, lambda _: TierDue("T-30")),
    (State.OPENED, lambda _: OfferPrepared(Comps())),
    (State.REMINDED, lambda _: OffersAsked()),
    (State.OFFERED, lambda _: Chose(number=1)),
    (State.CONFIRMING, lambda _: Confirmed()),
    (State.CHECKING, lambda one: VerdictReached(Verdict.CLEAR, (), yuan(3200), "test", one.renewal.check)),
    (State.AWAITING_SIGNATURE, lambda one: EnvelopeOpened(f"ref-{one.id}", f"E{one.id}N{one.renewal.envelopes}")),
    (State.AWAITING_SIGNATURE, lambda one: EnvelopeSigned(f"ref-{one.id}", "ab" * 32)),
    (State.BILLING, lambda _: BillCreated(Bill("B-1", date(2026, 10, 3), yuan(3200)))),
    (State.PAYING, lambda one: PaymentRequested(one.renewal.payment.open or "", "B-1")),
    (State.PAYING, lambda one: PaymentSucceeded(one.renewal.payment.open or "", "B-1", yuan(3200), "wechatpay")),
    (State.EXTENDING, lambda one: AccessExtended(date(2028, 1, 1))),
)
"""One event after the other, each with the state it finds: the shortest way through a renewal."""


@cache
def speaker_at(clock: StageClock) -> Speaker:
    """One for all processes that live by this clock: reading the templates takes longer than most tests."""
    return Speaker(TEMPLATES, LINKS, PUBLIC, clock)


@dataclass
class Stage:
    store: Store
    clock: StageClock
    woken: list[set[Lane]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.turns = Turns(self.store, Policies(default=POLICY), self.clock, self.woken.append)
        self.links = LINKS

    @property
    def speaker(self) -> Speaker:
        return speaker_at(self.clock)

    async def opened(self, *rows: LeaseRow) -> Stored:
        return await opened(self.store, self.clock, *rows)

    async def again(self, stored: Stored) -> Stored:
        found = await self.store.load(stored.id)
        assert found is not None
        return found

    async def unmoved(self, stored: Stored) -> bool:
        """Does the row stand as it was then?"""
        found = await self.again(stored)
        return (found.version, found.renewal) == (stored.version, stored.renewal)

    async def tell(self, stored: Stored, event: AnyEvent) -> Stored:
        return (await self.turns.deliver(stored.id, event)).stored

    async def brought(self, stored: Stored, to: State) -> Stored:
        """Along the shortest way until it has just come to this state; what was wished meanwhile is settled unseen."""
        for state, event in PATH:
            if stored.renewal.state is to:
                break
            assert stored.renewal.state is state
            await self.settle_all()
            stored = await self.tell(stored, event(stored))
        assert stored.renewal.state is to
        return stored

    async def claim(self, lane: Lane, limit: int = 100) -> list[ClaimedEffect]:
        return await self.store.claim_effects(lane, limit, self.clock.now(), 60, "stage")

    async def settle_all(self) -> None:
        """As if every hand had done its work without a word."""
        for lane in Lane:
            for _ in range(20):
                claims = await self.claim(lane)
                for claim in claims:
                    await self.store.settle(claim, self.clock.now())
                if not claims:
                    break

    async def wished(self, stored: Stored, kind: type[Any]) -> list[Any]:
        """Effects of this kind that wait or waited, oldest first."""
        return [one.effect for one in await self.store.outbox(stored.id) if isinstance(one.effect, kind)]

    async def status(self, stored: Stored, key: str) -> tuple[str, int, str | None]:
        """(status, attempts, what the record says) of one effect."""
        one = next(one for one in await self.store.outbox(stored.id) if one.effect.key == key)
        return one.status, one.attempts, one.error


def heard(text: str, key: str, *, openid: str = OPENID, kind: InboundKind = InboundKind.TEXT, **more: Any) -> Inbound:
    """One message of a tenant as the channel hands it over."""
    return Inbound(kind, key, openid, NOW, text, **more)


def bill(no: str = "B-OLD", amount: int = 1200, number: int = 1) -> LedgerBill:
    """An open bill; ``amount`` in yuan."""
    return LedgerBill(no, f"YJ-{number:04d}", date(2026, 8, 28), Fen(amount * 100))
