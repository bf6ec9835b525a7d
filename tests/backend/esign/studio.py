"""One application at the sandbox over loopback HTTP: the adapter, the provider and our own callback door."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from backend.esign.fadada import Fadada
from backend.esign.fadada_calls import Calls
from backend.esign.fadada_wire import Account
from backend.esign.port import Envelope, Notice, Signer
from backend.sandbox.fadada import FadadaSandbox

ACCOUNT = Account("00000001", "synthetic-app-secret", "corp0001", business_id="scene0001")
PAPER = "<!doctype html><p>出租方：寓居生活</p>".encode()
TENANT = Signer("T1", "张演示", "13800000001", "110101199001010000")
FRIEND = Signer("T2", "李演示", "13800000002")


class StillClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Ear:
    """Whoever listens behind the callback door; raises what stands in ``deaf`` first, one for each call."""

    heard: list[Notice] = field(default_factory=list)
    deaf: list[Exception] = field(default_factory=list)

    async def hear(self, notice: Notice) -> None:
        if self.deaf:
            raise self.deaf.pop(0)
        self.heard.append(notice)

    @property
    def events(self) -> list[str]:
        return [notice.event for notice in self.heard]


@dataclass
class Studio:
    clock: StillClock
    sandbox: FadadaSandbox
    esign: Fadada
    session: aiohttp.ClientSession
    origin: str
    door: str
    ear: Ear

    async def opened(self, key: str = "R1E1", *signers: Signer) -> Envelope:
        return await self.esign.open(key, "续租协议 L-001", PAPER, signers or (TENANT,), self.expires())

    def expires(self) -> datetime:
        return self.clock() + timedelta(days=7)

    async def plays(self, ref: str, party: str, outcome: str = "sign") -> int:
        """A signer opens their link and presses a button: the HTTP status they saw."""
        link = await self.esign.sign_link(ref, party)
        async with self.session.get(link) as page:
            assert page.status == 200
        async with self.session.post(link, data={"outcome": outcome}) as answer:
            return answer.status

    def another(self, seconds: float = 10, api: str = "", **changes: Any) -> Fadada:
        """The adapter once more: with another account, at another address, or with less patience."""
        patience = aiohttp.ClientTimeout(total=seconds)
        account = replace(ACCOUNT, **changes)
        return Fadada(Calls(account, self.session, self.clock, api=api or self.api, timeout=patience), self.door)

    @property
    def api(self) -> str:
        return f"{self.origin}/api/v5"

    def envelopes(self, key: str) -> int:
        """How many tasks there really are under this key."""
        return sum(task.key == key for task in self.sandbox.book.tasks.values())
