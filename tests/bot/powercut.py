"""A process that dies after its n-th answer from outside, and a tenant who goes on as if nothing had happened."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, cast

import msgspec

from backend.db.connect import connect
from backend.db.port import Stored
from backend.sealing import Sealer
from bot.adapters import Adapters
from dialogs.lease import Unit
from dialogs.machine import replay
from dialogs.policy import Policy
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell
from tests.bot.stage import NOW, OPERATOR, Stage, opened, row

T = TypeVar("T")
STEPS = 80
"""Bound on the steps of one passage."""
LINK = re.compile(r"/r/v1\.[\w.-]+")
MENU = re.compile(r"msgmenuid=\d+\.")
SAYS = {State.REMINDED: "续租有哪些方案？", State.OFFERED: "1", State.CONFIRMING: "确认"}


class PowerCut(BaseException):
    """No ``except Exception`` of the shell may survive it."""


READS = frozenset(
    {"addresses", "comps", "credentials", "fetch_signed", "find", "lease", "load", "locate", "open_bills"}
)
READS |= {"person", "renewals", "state", "tasks"}
"""Dying after one of these leaves the world as dying before it did: they are not numbered. Nor is an idle look."""


class Fuse:
    """Numbers answers from store and partners; after number ``at`` nothing comes back or goes out any more."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.names: list[str] = []
        self.blown = False

    async def carry(self, owner: str, name: str, call: Callable[[], Awaitable[T]]) -> T:
        if self.blown:
            raise PowerCut(name)
        found = await call()
        if name not in READS and not (name.startswith("claim_") and not found):
            self.names.append(f"{owner}.{name}")
        if len(self.names) == self._at:
            self.blown = True
            raise PowerCut(name)
        return found


class Wired:
    """Everything awaited of ``inner`` goes through the fuse."""

    def __init__(self, inner: object, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def through(*args: Any, **more: Any) -> Any:
            return await self._fuse.carry(type(self._inner).__name__, name, lambda: found(*args, **more))

        return through


def wired(adapters: Adapters, fuse: Fuse) -> Adapters:
    made = copy(adapters)
    for name in ("wechat", "esign", "locks"):
        setattr(made, name, Wired(getattr(adapters, name), fuse))
    made.payments = {name: cast("Any", Wired(one, fuse)) for name, one in adapters.payments.items()}
    return made


class Outcome(msgspec.Struct, frozen=True):
    """What the tenant, the partners and the books have in the end; ids and links are taken out."""

    notices: Counter[str]
    chat: Counter[str]
    charges: int
    envelopes: int
    refunds: int
    door: set[str]
    tasks: list[str]
    state: State
    bill_paid: bool
    stuck: list[str]


@dataclass
class Passage:
    """One lease from the first reminder to the lock; the process dies once on the way, and is started again."""

    across: Across
    url: str
    sealer: Sealer
    number: int
    fuse: Fuse
    away: timedelta = timedelta(seconds=61)
    """How long the process is down; effects a dead worker had in hand are free again after a minute."""
    restarts: int = 0
    shell: Shell = field(init=False)

    async def begin(self) -> None:
        self.across.clock.at = NOW
        self.shell = await self._process(self.fuse)
        unit = Unit("云栖公寓", "3幢", "1201", "开间")
        made = row(self.number, unit=unit)
        same = tuple(msgspec.structs.replace(person, name="租客") for person in made.people)
        await opened(self._plain, self.across.clock, msgspec.structs.replace(made, people=same))
        self.across.welcome(made.openid)
        self.across.fit(made.lease)
        self.openid, self.lock = made.openid, int(made.lease.lock)
        doors = self.across.doors
        doors.hear = lambda heard: self._answered(lambda: self.shell.intake.hear(heard))
        doors.envelope_moved = lambda notice: self._answered(lambda: self.shell.partners.envelope_moved(notice))
        doors.payment_moved = lambda notice, name: self._answered(
            lambda: self.shell.partners.payment_moved(notice, name)
        )

    async def _process(self, fuse: Fuse) -> Shell:
        self._plain = await connect(self.url, self.sealer)
        stage = Stage(cast("Any", Wired(self._plain, fuse)), self.across.clock)
        return Shell(stage, wired(self.across.adapters, fuse))

    async def _restart(self) -> None:
        """The supervisor starts it again."""
        self.restarts += 1
        await self._plain.close()
        self.across.clock.at += self.away
        self.shell = await self._process(Fuse())

    async def _answered(self, act: Callable[[], Awaitable[T]]) -> T:
        """A door of a process that dies: whoever knocked sees the connection break, and knocks again."""
        try:
            return await act()
        except PowerCut:
            await self._restart()
            raise ConnectionResetError("the process died") from None

    async def play(self) -> None:
        for _ in range(STEPS):
            try:
                moved = await self._work()
            except PowerCut:
                await self._restart()
                continue
            if moved or await self.across.pump() or await self._tenant():
                continue
            if (await self.stored()).renewal.final:
                return
            await self._wait()
        raise AssertionError(f"it never ended: {(await self.stored()).renewal.state}")

    async def _work(self) -> int:
        return await self.shell.ticker.ring() + await self.shell.carry_out()

    async def _wait(self) -> None:
        """Nothing to do now: on to the next moment, and the poller looks when it is due."""
        moments = [one for one in (await self._plain.next_due(), self.across.next_due()) if one is not None]
        self.across.clock.at = max(min(moments), self.across.clock.at)
        if self.shell.poller.busy:
            await self.shell.poller.round()

    async def _tenant(self) -> bool:
        """What the tenant does once all is quiet; False: nothing to do for them."""
        renewal = (await self.stored()).renewal
        if renewal.state in SAYS:
            await self.across.wechat.tenant_says(self.openid, SAYS[renewal.state])
        elif renewal.state is State.AWAITING_SIGNATURE and renewal.envelope:
            return await self.across.signs() > 0
        elif renewal.state is State.PAYING and renewal.payment.open in self.across.pay.book.orders:
            return (await self.across.pay.payer_pays(renewal.payment.open or "")).value == "paid"
        else:
            return False
        return True

    async def stored(self) -> Stored:
        found = [one for one in await self._plain.renewals(OPERATOR) if one.renewal.lease.lock == str(self.lock)]
        return found[0]

    async def outcome(self) -> Outcome:
        stored = await self.stored()
        renewal, shown = stored.renewal, self.across.wechat.inbox(self.openid)
        words = [MENU.sub("MENU.", LINK.sub("LINK", one.text)).replace(renewal.lease.no, "NO") for one in shown]
        mine = [one for one in self.across.charges() if str(one["number"]).startswith(f"R{stored.id}P")]
        tasks = await self._plain.tasks(OPERATOR, renewal_id=stored.id, open_only=False)
        return Outcome(
            notices=Counter(text for text, one in zip(words, shown, strict=True) if one.kind == "template"),
            chat=Counter(text for text, one in zip(words, shown, strict=True) if one.kind != "template"),
            charges=len(mine),
            envelopes=sum(key.startswith(f"E{stored.id}N") for key in self._envelope_keys()),
            refunds=sum(int(str(one["refunded"])) for one in mine),
            door={str(end) for end in self.across.locks.ends()[self.lock].values()},
            tasks=sorted(task.kind for task in tasks),
            state=renewal.state,
            bill_paid=await self._bill_paid(stored),
            stuck=[one.effect.key for one in await self._plain.outbox(stored.id) if one.status != "done"],
        )

    def _envelope_keys(self) -> list[str]:
        return [task.key for task in self.across.esign.book.tasks.values()]

    async def _bill_paid(self, stored: Stored) -> bool:
        accepted, bill = stored.renewal.accepted, stored.renewal.bill
        assert accepted is not None
        assert bill is not None
        no = stored.renewal.lease.no
        made = await self._plain.create_bill(
            OPERATOR, no, accepted.start, bill.amount, bill.due, self.across.clock.now()
        )
        return made.paid

    async def replays(self) -> bool:
        """The log gives the row."""
        stored = await self.stored()
        start = await self._plain.opening(stored.id)
        assert start is not None
        history = [(stored.id, line.event, line.at) for line in await self._plain.log(stored.id)]
        return replay(start, history, Policy()) == stored.renewal

    async def end(self) -> None:
        await self._plain.close()
