"""The store as the shell sees it: one promise on PostgreSQL and on SQLite. A turn is one transaction or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from dialogs.effects import AnyEffect, Lane
from dialogs.events import AnyEvent
from dialogs.lease import Comps, Lease
from dialogs.renewal import Decision, Renewal

from .deposit_port import DepositStore
from .reach_port import ReachStore
from .reconciling_port import ReconcilingStore


class Stored(msgspec.Struct, frozen=True):
    """A renewal row. ``pending`` = words to the tenant still wait in the outbox: an answer queues behind."""

    id: int
    operator: str
    tenant: str
    version: int
    renewal: Renewal
    name: str = ""
    """The tenant's name, opened from its sealed row: for rendering only."""
    pending: bool = False


class Found(msgspec.Struct, frozen=True):
    """Who wrote: nobody we know (``tenant`` None), or a tenant with their open renewals (several leases: several)."""

    tenant: str | None = None
    renewals: tuple[Stored, ...] = ()
    seen: bool = False
    """This provider message id has been applied already …"""
    reply: str | None = None
    """… and was answered with this text (None: deliberately with nothing)."""


class Inbound(msgspec.Struct, frozen=True):
    """The dedupe row of record: the provider's message id and the answer it got."""

    key: str
    reply: str | None = None


class Words(msgspec.Struct, frozen=True):
    """One entry of the thread; the text is sealed at rest. ``author`` is ``tenant``, ``bot`` or a staff user id."""

    id: str
    author: str
    channel: str
    text: str
    message: str = ""
    """Catalogue key, where the text was rendered from one."""


class ClaimedEffect(msgspec.Struct, frozen=True):
    """``fence`` grows with each claim; a worker that slept through its lease can no longer settle.

    ``unsure`` = an earlier attempt started and nobody knows how it ended: ask the provider before sending again.
    """

    id: int
    renewal_id: int
    operator: str
    tenant: str
    effect: AnyEffect
    attempts: int
    fence: int
    unsure: bool


class ClaimedTimer(msgspec.Struct, frozen=True):
    id: int
    renewal_id: int
    kind: str
    tag: str
    due_at: datetime
    fence: int


class Write(msgspec.Struct, frozen=True):
    """One turn to be written. ``version`` is the one that was read; the row moves to ``version + 1``.

    ``effect`` / ``timer``: the claim this turn settles, in the same transaction (renewal first, then the claim).
    """

    renewal_id: int
    version: int
    event: AnyEvent
    decision: Decision
    now: datetime
    inbound: Inbound | None = None
    words: tuple[Words, ...] = ()
    effect: ClaimedEffect | None = None
    timer: ClaimedTimer | None = None


class Written(StrEnum):
    SAVED = "saved"
    STALE = "stale"
    """Somebody moved the row since it was read: read again."""
    DUPLICATE = "duplicate"
    """The inbound key is known: nothing was changed."""
    LOST = "lost"
    """The claim is no longer ours: nothing was changed."""


class Person(msgspec.Struct, frozen=True):
    """A tenant, co-tenant or guarantor, opened from its sealed row: only for rendering and for providers."""

    id: str
    name: str
    phone: str
    id_number: str = ""


class Logged(msgspec.Struct, frozen=True):
    """One line of the event log."""

    seq: int
    at: datetime
    event: AnyEvent
    row: str
    silences: tuple[str, ...] = ()


class OpenEffect(msgspec.Struct, frozen=True):
    id: int
    effect: AnyEffect
    status: str
    attempts: int
    run_at: datetime
    error: str | None = None


class Pulse(msgspec.Struct, frozen=True):
    """What is due right now (for health, tests and the demo's clock): all zero = everything that can happen has."""

    effects: int
    timers: int
    dead: int


class Window(msgspec.Struct, frozen=True):
    """``dues`` gives the first tier's instant for each end date in the window (holidays are Python's business)."""

    today: date
    days: int
    dues: dict[date, datetime]
    tier: str
    policy_version: int

    @property
    def last(self) -> date:
        return self.today + timedelta(days=self.days)


class Store(ReachStore, ReconcilingStore, DepositStore, Protocol):
    """All instants are aware UTC. Methods raise ``StoreDown`` when the database does not answer, and change nothing."""

    # --- the turn path: constant SQL, two round trips, never grows with the portfolio
    async def find(self, channel: str, address: str, inbound_key: str, now: datetime) -> Found: ...
    async def load(self, renewal_id: int) -> Stored | None:
        """``pending`` counts words here whose hour has not come, too: it knows no clock."""
        ...

    async def commit(self, writes: Sequence[Write]) -> list[Written]:
        """Each write is all or nothing; one bad write does not spoil its neighbours. Answers in the order given."""
        ...

    async def remember(self, inbound: Inbound, now: datetime, words: Words | None = None) -> bool:
        """Keep an inbound that concerns no renewal (stranger, several leases). False: known already."""
        ...

    # --- the outbox and the timers
    async def claim_effects(
        self, lane: Lane, limit: int, now: datetime, lease_seconds: int, worker: str
    ) -> list[ClaimedEffect]:
        """Oldest first, order kept per renewal and lane: nothing is claimed while an earlier one is due or failing."""
        ...

    async def settle(self, claim: ClaimedEffect, now: datetime, words: tuple[Words, ...] = (), note: str = "") -> bool:
        """Done without a result event. False: the claim was lost."""
        ...

    async def postpone(
        self,
        claim: ClaimedEffect,
        run_at: datetime,
        error: str,
        *,
        unsure: bool,
        dead: bool = False,
        waits: bool = False,
    ) -> bool:
        """Try again at ``run_at``; ``dead``: a person must look (dead letter).

        ``waits``: the rules put it off to its hour, nothing failed; until then later ones of its renewal may pass.
        """
        ...

    async def claim_timers(self, limit: int, now: datetime, lease_seconds: int) -> list[ClaimedTimer]: ...

    # --- the daily scan, set-based
    async def open_window(self, operator: str, window: Window, now: datetime) -> int:
        """Open a renewal, with its first ``TierDue`` timer, for each live lease that ends within the window.

        Idempotent: one renewal per (lease, end date). Returns how many were opened.
        """
        ...

    # --- people, bindings, leases
    async def bind(self, channel: str, address: str, tenant: str, now: datetime, follows: bool = True) -> None:
        """``follows``: may the tenant be written to there by template; an openid alone does not mean that."""
        ...

    async def unbind(self, channel: str, address: str) -> None: ...
    async def addresses(self, tenant: str) -> dict[str, str]:
        """Channel name → address, for every live binding of a tenant."""
        ...

    async def person(self, person_id: str) -> Person | None: ...
    async def person_by_phone(self, operator: str, phone: str) -> Person | None: ...
    async def import_leases(
        self, operator: str, rows: Sequence[LeaseRow], source_sha256: str, now: datetime
    ) -> Imported: ...
    async def imported_before(self, operator: str, source_sha256: str) -> bool: ...
    async def comps(self, operator: str, lease: Lease, today: date) -> Comps: ...
    async def record_renewal(self, renewal_id: int, lease: Lease, now: datetime) -> None:
        """Close the old lease's row and write the next term's; idempotent by renewal."""
        ...

    async def close_lease(self, renewal_id: int, holdover: bool, now: datetime) -> None: ...
    async def renewed_leases(self, operator: str) -> list[RenewedLease]: ...

    # --- receivables and bills (built-in ledger, fed by import)
    async def lease(self, operator: str, lease_no: str) -> Lease | None:
        """The lease as the ledger has it now (a renewal keeps the one it opened with)."""
        ...

    async def open_bills(self, operator: str, lease_no: str) -> list[LedgerBill]: ...
    async def create_bill(
        self, operator: str, lease_no: str, period: date, amount: int, due: date, now: datetime
    ) -> LedgerBill:
        """Bill once per (lease, period): a second call returns the first bill unchanged."""
        ...

    async def pay_bill(self, operator: str, bill_no: str, payment_key: str, now: datetime) -> bool: ...

    # --- the staff's tasks
    async def add_task(self, task: DeskTask) -> None: ...
    async def drop_tasks(self, renewal_id: int, kinds: Sequence[str], now: datetime) -> int: ...
    async def finish_task(self, task_id: int, actor: str, outcome: str, now: datetime) -> bool: ...
    async def tasks(
        self, operator: str, *, renewal_id: int | None = None, open_only: bool = True
    ) -> list[DeskTask]: ...

    # --- payments and envelopes know their renewal by our key
    async def locate(self, kind: str, ref: str) -> int | None:
        """The renewal an outside reference belongs to: ``kind`` is ``envelope | payment | message | bill | lock``."""
        ...

    async def note_ref(self, kind: str, ref: str, renewal_id: int) -> None: ...

    # --- looking (desk, replay, reports); not on the turn path
    async def renewals(
        self, operator: str, *, state: str | None = None, limit: int = 200, after: int = 0
    ) -> list[Stored]: ...
    async def count_by_state(self, operator: str) -> dict[str, int]: ...
    async def funnel(self, operator: str) -> FunnelRows: ...
    async def log(self, renewal_id: int) -> list[Logged]: ...
    async def opening(self, renewal_id: int) -> Renewal | None:
        """The renewal as it was when its window opened: where a replay begins."""
        ...

    async def thread(self, renewal_id: int) -> list[tuple[datetime, Words]]: ...
    async def timers(self, renewal_id: int) -> list[ClaimedTimer]: ...
    async def outbox(self, renewal_id: int) -> list[OpenEffect]: ...
    async def pulse(self, now: datetime) -> Pulse: ...
    async def next_due(self) -> datetime | None:
        """The earliest instant at which a timer or a waiting effect falls due."""
        ...

    async def live_flows(self) -> set[tuple[int, str]]:
        """(flow version, state) pairs of open renewals: what a new table must still know."""
        ...

    async def close(self) -> None: ...


class StoreDown(Exception):
    """The database did not answer; try again. Nothing was changed, or, where the answer to a commit was lost on its
    way, all of it was: then version, inbound key and fence see to it that nothing is done twice."""


class SchemaBehind(RuntimeError):
    """The database has another schema than this version knows: run ``xuzu migrate``."""


class LeaseRow(msgspec.Struct, frozen=True):
    """One row of a ledger, checked: the lease, its people in clear (sealed by the store), and its open bills."""

    lease: Lease
    people: tuple[Person, ...]
    bills: tuple[LedgerBill, ...] = ()
    custom_file: str = ""
    openid: str = ""
    """The tenant's WeChat address, where the ledger has it: bound in the same transaction."""


class LedgerBill(msgspec.Struct, frozen=True):
    no: str
    lease_no: str
    due: date
    amount: int
    paid: bool = False
    disputed: bool = False


class Imported(msgspec.Struct, frozen=True):
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    corrected: tuple[int, ...] = ()
    """Ids of open renewals whose lease changed: the shell delivers ``LeaseCorrected`` to each."""


class RenewedLease(msgspec.Struct, frozen=True):
    """One line of the ERP export."""

    lease_no: str
    next_lease_no: str
    operator: str
    community: str
    room: str
    start: date
    end: date
    rent: int
    deposit: int
    signed_at: datetime
    contract_sha256: str
    envelope: str


class DeskTask(msgspec.Struct, frozen=True):
    renewal_id: int
    key: str
    kind: str
    desk: str
    reason: str
    assignee: str
    created_at: datetime
    due: datetime | None = None
    message: str = ""
    id: int = 0
    done_at: datetime | None = None
    outcome: str = ""


class FunnelRows(msgspec.Struct, frozen=True):
    """Unique leases: ``reached[m]`` = how many got to milestone ``m``; losses by the step they stopped at."""

    reached: dict[int, int]
    lost: dict[int, dict[str, int]]
    open: dict[int, dict[str, int]]
    """Still on the way, by furthest milestone and state."""
